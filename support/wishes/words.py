"""Whether a text asks for a person, in English or French. Pure.

A list of words and not a model: whoever sees the flag can see the words behind it. Something counts as a wish when it
asks (speak to someone, a real person please, passez-moi un conseiller) or when it says little else ("Representative!").
A representative who is only spoken of, a refusal ("no need to call anyone") and what is quoted do not count.
"""

from __future__ import annotations

import re

from accounts.inbox.plain import own_words

LONGEST = 20_000
SHORT = 5  # words: a text that says so little means what it names

_REAL = (
    r"(?:(?:real|live|actual|human|physical|proper|customer|support|service|sales|senior|different|other|your) ){0,2}"
)
_PERSON = (
    r"(?:human(?: being)?s?|persons?|people|someone|somebody|anyone|anybody|representatives?|reps?|agents?|"
    r"advis[eo]rs?|operators?|managers?|supervisors?|consultants?|team ?members?|staff|"
    r"member of (?:the |your )?(?:staff|team))"
)
_WHOM = rf"(?:an? |the |one of |some |any |my )?(?:your |the )?{_REAL}{_PERSON}"
_REACH = (
    r"(?:speak|talk|chat|connect me|transfer me|put me (?:through|on)|get (?:me )?through|"
    r"escalate(?: me)?|pass me|hand me over|(?:be|get) (?:connected|transferred|put through))"
)
_ENGLISH = (
    rf"{_REACH} (?:directly )?(?:to|with|on to) {_WHOM}",
    rf"(?:reach|contact|get(?: hold of)?|connect me with|find|give me|get me) {_WHOM} "
    r"(?:on the phone|to (?:call|help)|please)",
    r"(?:i )?(?:need|want|demand|would like|'d like|wish for|prefer|request) (?:to have )?(?:an? |some )?"
    r"(?:real |live |actual |human )(?:person|human|agent|representative|being|rep|advis[eo]r|someone)",
    r"(?:i )?(?:need|want|demand|would like|'d like) (?:an? )(?:human|representative|rep|live agent|person)\b",
    r"(?:can|could|may) (?:someone|somebody|anyone|a (?:person|human|representative|rep|manager|supervisor)) "
    r"(?:please )?(?:call|phone|ring|speak|talk)",
    r"(?:have|get|ask) (?:someone|somebody|a (?:person|human|representative|rep|manager|supervisor)) (?:please )?"
    r"(?:to )?(?:call|phone|ring) (?:me|us)",
    r"is there (?:an? )?(?:real |live |actual )(?:person|human|agent|someone)",
    r"(?:no|not an?|stop with the|sick of the|tired of the) (?:more )?(?:bots?|chat ?bots?|robots?|machines?)\b",
)
_QUI = (
    r"(?:quelqu'un|une? (?:vraie? |autre )?(?:personne|humaine?|être humain|conseill(?:er|ère)|responsable|agent|"
    r"représentante?|interlocut(?:eur|rice)|opérat(?:eur|rice)|technicienn?e?|commercial|chargée? de clientèle|"
    r"manager|supérieure?|vrai humain)|"
    r"(?:votre|le|la|mon) (?:responsable|conseill(?:er|ère)|manager|supérieure?|interlocut(?:eur|rice)|service client))"
)
_FRENCH = (
    rf"(?:parler|discuter|échanger|m'entretenir|dialoguer|avoir affaire) (?:directement )?(?:à|avec) {_QUI}",
    rf"(?:mettez|mettre|passez|transférez|transférer|orientez)[- ](?:moi |nous )?"
    rf"(?:en (?:relation|contact|ligne) avec |(?:à|vers) )?{_QUI}",
    rf"(?:être|soit) (?:mis(?:e)? en (?:relation|contact|ligne) avec|transférée? (?:à|vers)|rappelée? par|"
    rf"contactée? par) {_QUI}",
    rf"(?:joindre|contacter|avoir) {_QUI} (?:au téléphone|de vive voix|en ligne|s'il vous plaît|svp)",
    r"(?:je (?:veux|voudrais|souhaite|souhaiterais|demande|désire|préfère)|j'aimerais|il me faut|j'ai besoin d')"
    r"(?: avoir)? ?une? (?:vraie? )?(?:personne|humaine?|être humain|conseill(?:er|ère)|interlocut(?:eur|rice)|agent|"
    r"représentante?)",
    rf"{_QUI} (?:peut|pourrait|peut-il|peut-elle|pourrait-il|pourrait-elle) (?:me|m'|nous) ?(?:appeler|rappeler|"
    r"téléphoner|contacter)",
    r"(?:pouvez|pourriez)[- ]vous (?:me|nous) (?:faire )?(?:appeler|rappeler|téléphoner)",
    r"(?:rappelez|appelez|téléphonez)[- ](?:moi|nous)\b",
    r"(?:plus de|assez (?:des|de|du)|pas (?:à |avec )?un) (?:robots?|bots?|chatbots?|machines?)\b",
)
_WISH = re.compile("|".join(rf"(?:{one})" for one in (*_ENGLISH, *_FRENCH)))
_NAMED = re.compile(
    r"\b(?:representative|human(?: being)?|real person|live agent|operator|(?:an? |the )?agent|"
    r"conseill(?:er|ère)|être humain|humain|interlocut(?:eur|rice)|représentant|quelqu'un)\b"
)
_REFUSED = re.compile(
    r"(?:no need|not? (?:want|need|wish|have)|n't (?:want|need|wish|have|require)|never (?:want|need)|"
    r"without (?:having)?|rather not|do (?:i|we) (?:have|need)|"
    r"instead of|unable to|used to|able to|(?:did|was|were|got|been|after) (?:able )?|"
    r"pas (?:besoin|envie|la peine)|inutile|ne (?:veux|souhaite|voudrais) pas|sans (?:avoir à )?|au lieu de|"
    r"plutôt que de)"
    r"(?: (?:to|having to|de|d'|a|à))*\s*$"
)
_SPACES = re.compile(r"\s+")


def wish_in(text: str) -> str | None:
    """The words that ask for a person, as they were written in small letters; ``None``: it does not ask."""
    said = _SPACES.sub(" ", own_words(text[:LONGEST]).lower().replace("’", "'")).strip()
    for found in _WISH.finditer(said):
        if not _REFUSED.search(said[max(0, found.start() - 40) : found.start()]):
            return found[0].strip()[:120]
    if 0 < len(said.split()) <= SHORT and (named := _NAMED.search(said)) and not said.startswith(("no ", "pas ")):
        return named[0]
    return None
