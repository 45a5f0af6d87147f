"""Empty shelves found in millions of days, beside what one would write by hand."""
