"""Trials as jobs of a service that runs each cell as one container to its end: a swarm, Fargate."""
