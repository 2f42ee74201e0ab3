"""Try a package in a throwaway distro, leave nothing behind, keep what you liked as an install script."""

__version__ = "0.1.0"
