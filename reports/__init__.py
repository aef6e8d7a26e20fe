"""PDF reports: sections contributed by slices, one document, equal to the screen."""
