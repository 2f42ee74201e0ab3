"""Arch's pacman."""
