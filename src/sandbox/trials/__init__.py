"""Trials: the matrix, checks, the scheduler, and what runs them."""
