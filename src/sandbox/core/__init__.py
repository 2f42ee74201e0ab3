"""Text, paths, YAML, tar, threads and progress: knows nothing of containers or packages."""
