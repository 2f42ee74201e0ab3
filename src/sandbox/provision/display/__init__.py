"""The display of a session: the base that it runs in, and the container beside the sandbox that it is."""
