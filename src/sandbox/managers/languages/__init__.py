"""Package managers of languages: pip, npm, cargo, gem, go."""
