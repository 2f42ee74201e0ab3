"""Trials on a Docker swarm."""
