"""Debian's and Ubuntu's apt."""
