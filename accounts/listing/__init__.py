"""The list of accounts: columns of all slices, sorted, filtered and paged in one statement."""
