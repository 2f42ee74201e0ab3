"""The rows of the table of verbs, by the groups of `--help`, and what several of them share."""
