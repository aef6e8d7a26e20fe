"""Ticket histories out of files: what a file is is found out, chunks bring it in, twice is once, and it can be undone.

For a page or a command, in this order (``Chosen`` is what a person says; empty means: find it out):

``uploads.receive(session, viewer, file, name)`` → ``ImportRun``
    Keeps an upload and looks at it: a run in state PREVIEW. ``uploads.attach(session, viewer, run, file, name)`` adds a
    file of companies or contacts to it.
``uploads.seen_of(run)`` → ``looking.Seen``
    ``pack`` (the recognised shape: ``pack.title``, ``pack.source``; ``None``: any other file), ``form``, ``encoding``,
    ``delimiter``, ``order`` of day and month, ``must_say_order`` with an ``example`` where no row settles it,
    ``decimal``, ``zone``, ``rows``, ``repeated_headings``, ``columns`` (each ``title``, ``becomes``, ``samples``) and
    ``missing`` places. Places of a ticket and their words: ``titles.PLACE_TITLES``; sources: ``sources.SOURCES``.
``uploads.chosen_of(run)``, ``uploads.choose(session, viewer, run, chosen)`` → ``Seen``
    What a person changed: source, places of columns, order of dates, zone, key and title, whether companies are made.
``trying.try_out(database, seen, actor=…, spool_in=…)`` → ``trying.Preview``
    ``outcome.counts`` (rows, tickets, new, updated, unchanged, unmatched, rejected), ``outcome.problems`` (line,
    column, value, reason) and ``first``: the first tickets as they would become. Writes nothing.
``uploads.start(session, viewer, run)`` → job id
    Queues ``jobs.IMPORT_TICKETS``; progress and cancelling are the job's (``crm.jobs``), ``run.counts`` grow by chunks,
    rows that were left out are ``crm.csv_io.ImportProblem`` of the run.
``undoing.undo_of(session, run)``, ``undoing.start_undo(session, viewer, run)`` → job id
    For 7 days. ``undo_of`` says whether it is possible, running or done, and what it did.

``looking.look(path, chosen, along=…)`` is the same without uploads; ``running.import_tickets`` brings in.
"""
