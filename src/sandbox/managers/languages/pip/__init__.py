"""Python's packages, by pip."""
