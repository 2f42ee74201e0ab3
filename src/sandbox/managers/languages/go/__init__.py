"""Go's programs."""
