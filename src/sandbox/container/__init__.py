"""Operations on a running container: run commands, attach, take snapshots, compare."""
