"""What the user wants, as frozen values: specs, lock files, settings, grants, privileges."""
