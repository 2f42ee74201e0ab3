"""The docker command for both comparisons of make truth, and their images, each with the archive's lists of today."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
import time

LABEL = f"sandbox-truth={os.getpid()}"
HOURS = 6
"""How long the lists of an image are good: the archive of a stable release changes four times a day."""
LONGEST = 1200
"""Seconds of one command: an install that waits for an answer ends nothing but itself."""


def docker(*words: str, check: bool = True) -> str:
    """Return what the docker command prints; SystemExit with its words where it failed."""
    try:
        done = subprocess.run(["docker", *words], capture_output=True, text=True, check=False, timeout=LONGEST)
    except subprocess.TimeoutExpired:
        sys.exit(f"docker {' '.join(words)[:200]} did not end in {LONGEST} seconds")
    if check and done.returncode:
        sys.exit(f"docker {' '.join(words)[:200]} failed: {done.stderr.strip()}")
    return done.stdout


def make_image(image: str, base: str, text: str) -> None:
    """Make an image by a shell script in another one, where it is not there."""
    if docker("image", "ls", "-q", image):
        return
    name = f"{image.replace(':', '-')}-{os.getpid()}"
    docker("run", "--name", name, "--label", LABEL, base, "sh", "-c", text)
    docker("commit", "--change", "LABEL org.sandbox-try.kind=truth", name, image)
    docker("rm", name)


@functools.cache
def with_lists(base: str) -> str:
    """Return the image that has the archive's lists of today beside what another has; made where it is too old.

    One update for all packages instead of one a package: apt reads and sorts 60 MB of text each time.
    """
    image = f"sandbox-truth:lists-{base.rpartition(':')[2]}"
    oldest = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(time.time() - 3600 * HOURS))
    row = docker("image", "inspect", "--format", "{{.Created}} {{.Parent}}", image, check=False).split()
    parent = docker("image", "inspect", "--format", "{{.Id}}", base).strip()
    if not row or row[0] < oldest or row[1] != parent:
        docker("rmi", "--no-prune", image, check=False)
        make_image(image, base, "apt-get update -qq && apt-cache policy >/dev/null")
    return image
