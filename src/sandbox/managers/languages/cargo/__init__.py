"""Rust's programs, by cargo."""
