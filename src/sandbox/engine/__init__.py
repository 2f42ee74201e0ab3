"""What runs containers: the protocol, discovery, Docker's API, SSH, the terminal."""
