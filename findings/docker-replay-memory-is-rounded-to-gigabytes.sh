#!/bin/sh
# docker-replay 1.5 (Python): a container with 1300 MB has 1 GB when it is replayed.
# docker-replay generates the docker run command of a container from what docker inspect says. A
# limit of one gigabyte or more is written in whole gigabytes, rounded, and a half goes to the even
# number: 1.5 and 2.5 GB are both 2g. So a copy has less memory than its original, or more, and
# nothing says so. docker run takes 1536m (its documentation: a positive integer with the unit b, k,
# m or g), or the number of bytes, which docker inspect gives. Below one gigabyte the same is true
# of megabytes. --memory-swap=-1, no limit, becomes -1b, which docker run refuses (invalid size).
# The answer below is docker inspect's, without what does not matter.
# Seen 2026-11-29 with Python 3.11.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps docker-replay==1.5
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
--memory 512m: --memory 512m --memory-swap -1b
--memory 1300m: --memory 1g --memory-swap -1b
--memory 1536m: --memory 2g --memory-swap -1b
--memory 2560m: --memory 2g --memory-swap -1b
--memory 7680k: --memory 8m --memory-swap -1b
OUTPUT
"$folder/venv/bin/python" - <<'PROGRAM' >"$folder/seen"
import logging
from multiprocessing import get_context

logging.disable()


def options(asked: str) -> list[str]:
    from docker_replay.parser import ConfigParser

    limit = int(asked[:-1]) * {"k": 1024, "m": 1024**2}[asked[-1]]
    host = {"Memory": limit, "MemorySwap": -1, "NetworkMode": "default"}
    host["RestartPolicy"] = {"Name": "no", "MaximumRetryCount": 0}
    container = {"Name": "/web", "Config": {"Image": "nginx"}, "HostConfig": host}
    return [str(option) for option in ConfigParser(container).opts if "memory" in option.name]


# A process for each container, as of the command.
context = get_context("fork")
for asked in ("512m", "1300m", "1536m", "2560m", "7680k"):
    with context.Pool(1) as process:
        print(f"--memory {asked}:", *process.apply(options, (asked,)))
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}
