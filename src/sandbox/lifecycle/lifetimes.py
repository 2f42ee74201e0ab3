"""How long a sandbox lives: until its session ends, until it is removed by name, or as long as its own command."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Final, Literal, get_args

if TYPE_CHECKING:
    from collections.abc import Mapping

Life = Literal["session", "kept", "detached"]
"""session: throwaway, ends with its lifeline. kept: stays, stopped, when it is left. detached: runs a command."""
LIVES: Final[tuple[str, ...]] = get_args(Life)

HANDED_OVER: Final = "/.sandbox-start"
"""A file in a sandbox that stays: there once it is provisioned; what its PID 1 runs, where it is not empty."""

TIME_UP: Final = 138
"""The exit status of a PID 1 whose time was up: 128 + SIGUSR1."""

ENDS: Final = "trap 'exit 129' HUP; trap 'exit 130' INT; trap 'exit 143' TERM"
THROWAWAY: Final = f"{ENDS}; exec 3<&0 </dev/null; cat <&3 >/dev/null & exec 3<&-; wait $!"
"""PID 1 of a throwaway sandbox: ends with 0 when its stdin does (the lifeline), or at once by a signal, with 128 + it;
`wait` reaps orphans. `cat` alone ignores SIGTERM and reaps nothing."""

STAYING: Final = f"""
end() {{
  trap '' TERM INT HUP USR1
  if [ -n "$!" ]; then kill -TERM "$!" 2>/dev/null; wait "$!" 2>/dev/null; fi
  exit "$status"
}}
trap 'status=129; end' HUP; trap 'status=130; end' INT; trap 'status=143; end' TERM; trap 'status={TIME_UP}; end' USR1
exec 3<&0 </dev/null
if [ -n "$1" ]; then
  (exec 3<&-; left=$(($1 - $(date +%s))); if [ "$left" -gt 0 ]; then sleep "$left"; fi; kill -USR1 1) >/dev/null 2>&1 &
fi
if [ ! -f {HANDED_OVER} ]; then cat <&3 >/dev/null & exec 3<&-; wait "$!"; fi
exec 3<&-
if [ ! -f {HANDED_OVER} ]; then exit 0; fi
if [ -s {HANDED_OVER} ]; then sh {HANDED_OVER} & wait "$!"; exit; fi
while :; do sleep 86400 & wait "$!"; done
"""
"""PID 1 of a sandbox that stays: has the lifeline until it is handed over, so that one half made ends with its maker;
then runs what it was told, or waits. What it waits for is asked to end first, by `$!`: a variable of our own would be
empty where the signal comes right after the start. $1: the epoch at which it ends by itself, empty for never."""


def pid1_argv(life: Life, expires: int | None) -> tuple[str, ...]:
    """Return the argv of PID 1; `expires` is an epoch, or None for never."""
    if life == "session":
        return ("/bin/sh", "-c", THROWAWAY)
    return ("/bin/sh", "-c", STAYING, "sandbox", "" if expires is None else str(expires))


def start_script(argv: tuple[str, ...], env: Mapping[str, str]) -> str:
    """Return what HANDED_OVER holds for a command of the user's own."""
    settings = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in env.items())
    return f"{settings}exec {shlex.join(argv)}\n"
