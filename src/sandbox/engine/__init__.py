"""What runs containers: the protocol, how an engine is found, Docker's API, SSH, the terminal."""
