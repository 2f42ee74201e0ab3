"""Gentoo's Portage."""
