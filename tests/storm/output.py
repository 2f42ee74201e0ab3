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
SHOWN_LIMIT: Final = 20_000_000
"""Bytes of an endless setup step that -v may show."""
TICKS: Final = os.sysconf("SC_CLK_TCK")
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
        ("lines of one letter in a setup step", ("--setup", f"yes | head -c {total}", "-v", "--", "true"), None),
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
    start, seen, peak, size, cpu = time.monotonic(), hashlib.sha256(), 0, 0, 0.0
    for is_output, data in _pieces(process):
        peak, cpu = max(peak, _peak(process.pid)), max(cpu, _cpu(process.pid))
        size += len(data)
        if is_output:
            seen.update(data)
    status = process.wait(60)
    for pipe in (process.stdout, process.stderr):
        if pipe is not None:
            pipe.close()
    failures = [f"{storm}: status {status}"] if status else []
    failures += [f"{storm}: {peak} bytes of memory"] if peak > MEMORY_LIMIT else []
    failures += [f"{storm}: {size} bytes were shown"] if "setup" in storm and size > SHOWN_LIMIT else []
    failures += [f"{storm}: other bytes came out"] if wanted and seen.digest() != wanted.digest() else []
    return Row(
        storm=f"output: {storm}",
        count=1,
        reached=f"{size / 1e6:.0f} MB came out; {peak / 1e6:.0f} MB of memory, {cpu:.1f} s of a core in the client",
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


def _cpu(pid: int) -> float:
    """Return the seconds of a core that a process has used so far (proc(5), utime and stime); 0 once it has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS
