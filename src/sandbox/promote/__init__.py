"""What to keep of a sandbox, and its proof."""
