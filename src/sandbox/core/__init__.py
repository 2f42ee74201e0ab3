"""Text, paths, YAML, tar, threads and progress: nothing about containers or packages."""
