"""Rows of distros, and how one is found: by name, on this host, on a day of the past."""
