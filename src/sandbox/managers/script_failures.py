"""The output of a package's script before its failure, and the usual meaning of that in a container.

Each row rests on the words of the program that is named in its comment; all of them mean something else on a host.
"""

from __future__ import annotations

import re
from itertools import dropwhile, takewhile
from typing import TYPE_CHECKING, Final

from sandbox.errors import Advice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.errors import Row

BOOT: Final = Advice.again("--boot")
"""For distros that boot in a sandbox."""
ANSWERS: Final = Advice.sandbox("schema", "--doc", "answers")
"""For debconf, which apt's distros have."""
LINES: Final = 8
"""Lines of a script that an error shows: its last ones."""

MEANINGS: Final[tuple[tuple[str, str] | tuple[str, str, Advice], ...]] = (
    # dash, bash and busybox: a command that is absent; systemd's own words where it is there and not PID 1
    (
        r"systemctl: (?:command )?not found|systemctl: No such file|line \d+: systemctl",
        "a container has no systemd, and the script calls systemctl without checking that",
        BOOT,
    ),
    (
        (
            r"System has not been booted with systemd|Failed to connect to (?:system (?:scope )?)?bus|Host is down"
            r"|Failed to get D-Bus connection|/run/systemd/\S*: No such file|Can't operate\."
        ),
        "a container has no systemd; the script works on a host that runs it",
        BOOT,
    ),
    (
        r"(?:/etc/)?(?:resolv\.conf|hosts|hostname)\b.*(?:[Dd]evice or resource busy|cannot move|cross-device)",
        "the engine mounts this file into every container, so it can't be replaced; on a host it can",
    ),
    (
        r"modprobe: |insmod: |depmod: |/lib/modules/\S*.*(?:[Nn]ot found|No such file)",
        "the script loads or builds a kernel module, which a container can't",
    ),
    (
        r"sysctl: |/proc/sys/\S*.*(?:[Rr]ead-only|[Pp]ermission denied)|/sys/\S*.*[Rr]ead-only file system",
        "in a container, the kernel's settings are those of the host, and read-only",
    ),
    (
        r"grub-(?:probe|install)|update-grub|cannot find a device for /|mkinitcpio|update-initramfs|dracut",
        "the script sets up booting, but a container has no boot disk and no kernel of its own",
    ),
    (
        r"mknod: .*Operation not permitted",
        "by default sandbox gives no program the capability MKNOD, which is needed to make device files",
        Advice.again("--cap-add", "MKNOD"),
    ),
    (
        r"udevadm|(?:/dev/\S+: (?:No such|cannot open))|mknod: |losetup: ",
        "the script needs a device that the container does not have",
    ),
    (
        (
            r"mount: |umount: |unshare: |setcap|[Ff]ailed to set capabilities|chroot: |iptables|nft: "
            r"|Operation not permitted"
        ),
        "the script needs a privilege that the engine does not give a container",
    ),
    (
        (
            r"[Cc]ould ?n[o']t resolve|Could not resolve|Temporary failure in name resolution|Network is unreachable"
            r"|unable to resolve host|Connection (?:refused|timed out)"
        ),
        "the script downloads something itself, and the server did not answer",
        Advice.sandbox("doctor"),
    ),
    (
        r"\bKilled\b|[Cc]annot allocate memory|[Oo]ut of memory",
        "the sandbox's memory limit may be too small",
        Advice.again("--memory", "4G"),
    ),
    (
        r"/dev/tty|not a tty|inappropriate ioctl|debconf: .*(?:Teletype|Readline)",
        "the script asks a question, which nobody can answer during an install in a sandbox",
        ANSWERS,
    ),
    (
        r"(?:^|[\s:/])[\w.+-]+: (?:command )?not found$",
        "the script calls a command that most hosts have, but this base does not",
    ),
)
"""What a script's words mean in a container, and what to do then, the more special first."""


def lines_before(output: str, frame: re.Pattern[str], chatter: re.Pattern[str]) -> list[str]:
    """Return what stands before the manager's own line on a failure, back to another of its lines: a script's words.

    Where nothing does, it is what stands behind: a script's words and the manager's take two streams, and the one may
    overtake the other, also the line that announces the script.
    """
    lines = output.splitlines()
    place = next((number for number, line in enumerate(lines) if frame.search(line)), None)
    if place is None:
        return []
    told = lines[place]
    before = _words(list(reversed(lines[:place])), told, frame, chatter)
    return list(reversed(before)) or _words(lines[place + 1 :], told, frame, chatter)


def _words(lines: Sequence[str], told: str, frame: re.Pattern[str], chatter: re.Pattern[str]) -> list[str]:
    """Return the first lines that are a script's, past what announces the script of which a failure was `told`."""
    rest = dropwhile(lambda line: bool(chatter.match(line)) and _names_of(line, told), lines)
    words = takewhile(lambda line: bool(line.strip()) and not (chatter.match(line) or frame.search(line)), rest)
    return [line.rstrip() for line in words]


def _names_of(line: str, told: str) -> bool:
    """Return whether a line names the package of a failure."""
    return any(word in told for word in re.findall(r"[\w.+-]{3,}", line))


def script_rows(said: Sequence[str]) -> list[Row]:
    """Return a failed script's last lines, and their usual meaning in a container."""
    if not said:
        return []
    last = [line.strip() for line in said[-LINES:]]
    meaning = meaning_of("\n".join(last))
    return [("its script said", "\n".join(last)), *([("in a container", meaning)] if meaning else [])]


def script_hints(said: Sequence[str]) -> tuple[Advice, ...]:
    """Return what to do about a failed script, by the same lines."""
    return _row_of("\n".join(line.strip() for line in said[-LINES:]))[1]


def meaning_of(text: str) -> str:
    """Return the usual meaning of a failed script's output in a container, or empty if unknown."""
    return _row_of(text)[0]


def _row_of(text: str) -> tuple[str, tuple[Advice, ...]]:
    """Return what a script's words mean, and what to do then; an empty meaning if it is unknown."""
    for row in MEANINGS:
        if re.search(row[0], text, re.MULTILINE):
            return row[1], row[2:]
    return "", ()
