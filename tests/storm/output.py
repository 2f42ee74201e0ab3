"""What a command may print: very much, rubbish, and lines without an end."""

from __future__ import annotations

import hashlib
import os
import select
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.storm.stage import Row, Stage

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator

MEMORY_LIMIT: Final = 60_000_000
LINE: Final = 10_000


def output(stage: Stage, megabytes: int) -> tuple[Row, ...]:
    """Read `megabytes` of each kind through the client and watch its memory (VmHWM of proc(5))."""
    total = megabytes * 1_000_000
    line = f"head -c {LINE} /dev/zero | tr '\\0' x"
    kinds = (
        ("zeros through a command", ("--", "sh", "-c", f"head -c {total} /dev/zero"), hashlib.sha256(bytes(total))),
        ("binary rubbish through a command", ("--", "sh", "-c", f"head -c {total // 4} /dev/urandom"), None),
        (
            "lines of 10 000 columns in a setup step",
            ("--setup", f"l=$({line}); yes $l | head -c {total // 8}", "-v", "--", "true"),
            None,
        ),
        (
            "one line without an end in a setup step",
            ("--setup", f"{line.replace(str(LINE), str(total // 8))}", "--", "true"),
            None,
        ),
    )
    return tuple(_row(stage, *kind) for kind in kinds)


def _row(stage: Stage, storm: str, words: tuple[str, ...], wanted: hashlib._Hash | None) -> Row:
    process = stage.program("output").start("try", "--distro", "debian", *words)
    assert process.stdin is not None
    process.stdin.close()
    start, seen, peak, size = time.monotonic(), hashlib.sha256(), 0, 0
    for is_output, data in _pieces(process):
        peak = max(peak, _peak(process.pid))
        size += len(data)
        if is_output:
            seen.update(data)
    status = process.wait(60)
    for pipe in (process.stdout, process.stderr):
        if pipe is not None:
            pipe.close()
    failures = [f"{storm}: status {status}"] if status else []
    failures += [f"{storm}: {peak} bytes of memory"] if peak > MEMORY_LIMIT else []
    failures += [f"{storm}: other bytes came out"] if wanted and seen.digest() != wanted.digest() else []
    return Row(
        storm=f"output: {storm}",
        count=1,
        reached=f"{size / 1e6:.0f} MB came out; memory of the client {peak / 1e6:.0f} MB",
        timed="in all",
        worst=time.monotonic() - start,
        failures=tuple(failures),
    )


def _pieces(process: subprocess.Popen[bytes]) -> Iterator[tuple[bool, bytes]]:
    """Yield what comes out, and whether it is standard output."""
    pipes = {pipe.fileno(): pipe is process.stdout for pipe in (process.stdout, process.stderr) if pipe}
    while pipes:
        for number in select.select(list(pipes), [], [])[0]:
            data = os.read(number, 1 << 20)
            if not data:
                del pipes[number]
                continue
            yield pipes[number], data


def _peak(pid: int) -> int:
    """Return the most memory that a process has had, in bytes; 0 once it has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM")), 0)
