"""What to keep of a sandbox, and how it is verified."""
