"""Lua's rocks."""
