"""Void's xbps."""
