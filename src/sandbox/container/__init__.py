"""What can be done in a running container: run commands, attach, take snapshots, compare."""
