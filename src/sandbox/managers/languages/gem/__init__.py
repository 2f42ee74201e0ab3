"""Ruby's gems."""
