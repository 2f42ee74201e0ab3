"""JavaScript's packages, by npm."""
