"""What a program's output has turned on at a terminal, and what turns exactly that off again.

Nothing else is sent: to leave an alternate screen that is not shown moves xterm's cursor, and a full reset (RIS) clears
what was scrolled away. Sources: xterm's ctlseqs, the keyboard protocol of kitty, ECMA-48.
"""

from __future__ import annotations

import re
from typing import Final

LONGEST: Final = 65536
"""Bytes of a sequence that has not ended: what is longer is given up."""

ALTERNATE: Final = (b"47", b"1047", b"1049")
"""Private modes that show the alternate screen."""
OFF: Final = (
    *(b"1", b"5", b"6", b"66", b"69"),  # cursor keys, reverse video, origin, keypad, left and right margins
    *(b"9", b"1000", b"1001", b"1002", b"1003", b"1004", b"1005", b"1006", b"1015", b"1016"),  # mouse, and focus
    *(b"2004", b"2026", b"2031", b"2048", b"9001"),  # paste, output on hold, reports of colours, sizes and keys
    *ALTERNATE,
)
"""Private modes that are off at a terminal's start."""
ON: Final = (b"7", b"25")
"""Private modes that are on then: lines that wrap, and the cursor."""
COLOURS: Final = {b"4": b"104", b"10": b"110", b"11": b"111", b"12": b"112"}
"""The commands that set colours of the terminal, and those that set them back."""

_SEQUENCE: Final = re.compile(
    rb"\x1b\[(?P<mark>[<-?!]?)(?P<numbers>[0-9;:]*)(?P<middle>[ -/]*)(?P<end>[@-~])"
    rb"|\x1b\](?P<command>[0-9]*)(?:;(?P<value>[^\x07\x1b]*))?(?:\x07|\x1b\\)"
    rb"|\x1b[PX^_][^\x07\x1b]*(?:\x07|\x1b\\)"
    rb"|\x1b\((?P<letters>[0-~])"
    rb"|\x1b(?P<plain>[=>c])"
    rb"|(?P<shift>[\x0e\x0f])"
)
_OPEN: Final = re.compile(rb"\x1b(?:\[[<-?!]?[0-9;:]*[ -/]*|[\]PX^_][^\x07\x1b]*(?:\x1b)?|\(|)\Z")


class TerminalModes:
    """Reads output in pieces of any size, and knows what it left on."""

    def __init__(self) -> None:
        self._rest = b""
        self._on: dict[bytes, bytes] = {}
        self._keys = 0

    def feed(self, data: bytes) -> None:
        """Read a piece of output."""
        if not self._rest and b"\x1b" not in data and b"\x0e" not in data and b"\x0f" not in data:
            return
        text = self._rest + data
        for found in _SEQUENCE.finditer(text):
            self._take(found)
        end = _OPEN.search(text, max(0, len(text) - LONGEST))
        self._rest = end.group() if end else b""

    def reset(self) -> bytes:
        """Return what turns off all that is on, empty where nothing is; and forget it."""
        keys = b"\x1b[<%du" % self._keys if self._keys else b""
        on, self._on, self._keys, self._rest = self._on, {}, 0, b""
        screens = b"".join(on.pop(mode, b"") for mode in ALTERNATE)
        return keys + screens + b"".join(on.values()) + (b"\r" if screens else b"")

    def _set(self, what: bytes, undo: bytes, *, is_on: bool) -> None:
        if is_on:
            self._on[what] = undo
        else:
            self._on.pop(what, None)

    def _take(self, found: re.Match[bytes]) -> None:
        if found["end"]:
            self._control(found["mark"], found["numbers"], found["middle"] + found["end"])
        elif found["command"]:
            self._command(found["command"], found["value"] or b"")
        elif found["letters"]:
            self._set(b"letters", b"\x1b(B", is_on=found["letters"] != b"B")
        elif found["shift"]:
            self._set(b"shift", b"\x0f", is_on=found["shift"] == b"\x0e")
        elif found["plain"] == b"c":
            self._on.clear()
            self._keys = 0
        elif found["plain"]:
            self._set(b"keypad", b"\x1b>", is_on=found["plain"] == b"=")

    def _control(self, mark: bytes, numbers: bytes, end: bytes) -> None:  # noqa: C901 - a table, as a match
        words = re.split(rb"[;:]", numbers)
        match mark, end:
            case b"?", b"h" | b"l":
                for mode in words:
                    self._mode(mode, is_set=end == b"h")
            case b"", b"m":
                self._set(b"style", b"\x1b[m", is_on=_is_style(numbers))
            case b"", b"r":  # as it is set back, the cursor goes home
                self._set(b"margins", b"\x1b7\x1b[r\x1b8", is_on=bool(numbers))
            case b"", b"h" | b"l":
                for mode in {b"4", b"20"}.intersection(words):
                    self._set(b"mode " + mode, b"\x1b[%sl" % mode, is_on=end == b"h")
            case b"", b" q":
                self._set(b"cursor", b"\x1b[0 q", is_on=numbers not in (b"", b"0"))
            case b">", b"m" if words[0] == b"4":
                self._set(b"other keys", b"\x1b[>4m", is_on=words[1:] not in ([], [b""], [b"0"]))
            case b">" | b"<" | b"=", b"u":
                self._keyboard(mark, words)
            case b"!", b"p":
                for what in (b"1", b"6", b"66", b"25", b"7", b"style", b"margins", b"mode 4", b"letters", b"shift"):
                    self._on.pop(what, None)
            case _:
                pass

    def _mode(self, mode: bytes, *, is_set: bool) -> None:
        if mode in OFF:
            self._set(mode, b"\x1b[?%sl" % mode, is_on=is_set)
        elif mode in ON:
            self._set(mode, b"\x1b[?%sh" % mode, is_on=not is_set)

    def _keyboard(self, mark: bytes, words: list[bytes]) -> None:
        """Note kitty's protocol: `>` puts flags on a stack, `<` takes as many off as it says, `=` changes them."""
        if mark == b">":
            self._keys += 1
        elif mark == b"<":
            self._keys = max(0, self._keys - int(words[0][:4] or b"1"))
        else:
            self._set(b"key flags", b"\x1b[=0;1u", is_on=words[0] not in (b"", b"0"))

    def _command(self, command: bytes, value: bytes) -> None:
        if command == b"8":
            self._set(b"link", b"\x1b]8;;\x1b\\", is_on=value not in (b"", b";"))
        elif command in COLOURS and not value.endswith(b"?"):
            self._set(b"colour " + command, b"\x1b]%s\x1b\\" % COLOURS[command], is_on=True)
        elif (back := {undo: command for command, undo in COLOURS.items()}.get(command)) is not None:
            self._on.pop(b"colour " + back, None)


def _is_style(numbers: bytes) -> bool:
    """Return whether numbers of SGR leave a style: the last of them is no reset, nor are those of a colour."""
    words, style = iter(numbers.split(b";")), False
    for word in words:
        style = word.strip(b"0") != b""
        if word in (b"38", b"48", b"58"):
            for _ in range({b"5": 1, b"2": 3}.get(next(words, b""), 0)):
                next(words, None)
    return style
