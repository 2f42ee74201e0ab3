"""The formats of `promote`: one module each."""
