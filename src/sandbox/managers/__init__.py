"""Package managers: one folder for each family, one registry."""
