"""A terminal in a sandbox that lives on without it: what runs at it ends when its client dies of anything."""

from __future__ import annotations

import os
import select
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from sandbox.engine.protocol import ExecSpec
from sandbox.lifecycle.scratch import SCRATCH

if TYPE_CHECKING:
    from sandbox.engine.protocol import Engine, Exec

OVER_LIMIT: Final = 10.0
"""Seconds in which a watch has to end: it takes one at most, and an engine may hang."""
LEFT: Final = b"left\n"
NOTE: Final = 'echo "$$" >"$1"; shift; exec "$@"'
"""$1: the file that gets the pid of what the rest of the argv becomes, which leads a session of processes."""
WATCH: Final = """
note=$1 life=$2
: >"$note"
if read -r word; then rm -f "$note"; exit 0; fi
for second in 1 2 3 4 5; do if [ -s "$note" ]; then break; fi; sleep 1; done
leader=
read -r leader <"$note"
rm -f "$note"
for signal in HUP KILL; do
  for stat in /proc/[0-9]*/stat; do
    line= pid=${stat#/proc/} pid=${pid%/stat}
    { read -r line <"$stat"; } 2>/dev/null
    set -- ${line##*)}
    if [ -n "$leader" ] && [ "${4-}" = "$leader" ] && { [ "$signal" = HUP ] || [ "$pid" = "$leader" ]; }; then
      kill -"$signal" "$pid" 2>/dev/null
    fi
  done
  if [ "$signal" = HUP ]; then
    for part in 1 2 3 4 5; do if [ -d "/proc/$leader" ]; then sleep 0.2 2>/dev/null || sleep 1; fi; done
  fi
done
if [ "$life" = kept ]; then
  for other in "${note%-*}"-*; do if [ -e "$other" ]; then exit 0; fi; done
  kill -TERM 1
fi
"""
"""Waits for a word on stdin, or for its end without one: then the client of the command that $1 notes is dead.

Engines leave a command at a terminal alone when its client has gone (https://github.com/moby/moby/issues/14391), but
close the stdin of one without a terminal. As at a closed window all processes of the session get SIGHUP, and those
that ignore it live on, but for its leader. A sandbox whose life is `kept` ($2) stops with its last terminal. Fields of
stat: proc(5); the fourth behind the name is the session.
"""


class Watch:
    """Stands beside a command in a sandbox; `over` takes it away, the death of this process lets it act."""

    def __init__(self, engine: Engine, container: str, life: str) -> None:
        self._note = f"{SCRATCH}/terminal-{os.urandom(8).hex()}"
        argv = ("/bin/sh", "-c", WATCH, "sandbox", self._note, life)
        self._process: Exec = engine.open(container, ExecSpec(argv=argv, user="0", stdin=True))

    def exec_spec(self, spec: ExecSpec) -> ExecSpec:
        """Return the command with a note of its pid before it."""
        return replace(spec, argv=("/bin/sh", "-c", NOTE, "sandbox", self._note, *spec.argv))

    def over(self, *, left: bool) -> None:
        """Take it away, where the command was left as one leaves it; else let it act as if this process had died.

        Waits for its end, so that it does not count as one that uses the sandbox.
        """
        stream = self._process.stream
        with suppress(OSError):  # an engine that has gone took it along
            if left:
                stream.sendall(LEFT)
            stream.close_write()
            while select.select([stream], [], [], OVER_LIMIT)[0] and stream.recv(4096):
                pass
        stream.close()
