"""Rows of distros, and the search for one: by name, on this host, on an earlier day."""
