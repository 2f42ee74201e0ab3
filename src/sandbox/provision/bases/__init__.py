"""Base images that are built or imported on this machine."""
