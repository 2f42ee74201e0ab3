"""What a package's own service would start, as shell text, from its systemd unit or its init script; pure.

systemd itself is not run. Sources: systemd.service(5), systemd.exec(5), systemd.unit(5) for the keys, the prefixes of
ExecStart and the specifiers; LSB init scripts; openrc-run(8). What a unit asks beyond these keys is passed over.
"""

from __future__ import annotations

import re
import shlex
from posixpath import basename
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sandbox.core.programs import program

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

UNIT: Final = re.compile(r"/(?:(?:usr/)?lib|etc)/systemd/system/([^/@]+)\.service")
SCRIPT: Final = re.compile(r"/etc/(?:rc\.d/)?init\.d/([^/]+)")
SPECIFIERS: Final = {"%t": "/run", "%S": "/var/lib", "%C": "/var/cache", "%L": "/var/log", "%E": "/etc", "%%": "%"}
FOLDERS: Final = {
    "RuntimeDirectory": "/run",
    "StateDirectory": "/var/lib",
    "CacheDirectory": "/var/cache",
    "LogsDirectory": "/var/log",
}
HOLD: Final = "while :; do sleep 86400 & wait $!; done\n"
"""Keeps the script alive after a daemon that went into the background."""
_PREFIXES: Final = "-@:+!|"


class Service(Struct, frozen=True, kw_only=True):
    """A service: its name, the file that says how it is started, and the shell text that does.

    `lasts`: its unit says that it runs on; of a script that is not known.
    """

    name: str
    path: str
    script: str
    lasts: bool = False


def service_files(paths: Iterable[str], wanted: Sequence[str]) -> tuple[str, ...]:
    """Return the units and init scripts among a package's files, the likeliest first.

    A unit comes before a script, a namesake of a package that was asked for before others, a short name before a long.
    """
    found = [(path, UNIT.fullmatch(path) or SCRIPT.fullmatch(path)) for path in dict.fromkeys(paths)]
    rows = [(path, match[1]) for path, match in found if match]
    return tuple(path for path, name in sorted(rows, key=lambda row: _rank(row[0], row[1], wanted)))


def _rank(path: str, name: str, wanted: Sequence[str]) -> tuple[bool, bool, bool, int, str]:
    related = any(name.startswith(word) or word.startswith(name) for word in wanted)
    return name not in wanted, not related, not UNIT.fullmatch(path), len(name), path


def worth_starting(
    texts: Mapping[str, str], own: Collection[str], *, wanted: Sequence[str], at_boot: Collection[str]
) -> tuple[Service, ...]:
    """Return the services that packages would have run, one of a name, those that start at boot first.

    `texts`: their units and init scripts; of these `own` are of the packages that were asked for, all of which count.
    Of packages that came along those count that start `at_boot`; where there is none at all, the likeliest.
    """
    found = [(path, one) for path in service_files(texts, wanted) if (one := service_of(path, texts[path]))]
    along = [one for path, one in found if path not in own]
    chosen = [one for path, one in found if path in own] + [one for one in along if one.name in at_boot]
    first: dict[str, Service] = {}
    for one in sorted(chosen or along[:1], key=lambda one: one.name not in at_boot):
        first.setdefault(one.name, one)
    return tuple(first.values())


def service_of(path: str, text: str) -> Service | None:
    """Return the service in a unit or init script, or None if it starts nothing that keeps running."""
    if unit := UNIT.fullmatch(path):
        settings = unit_settings(text)
        script = _unit_script(unit[1], settings)
        lasts = _last(settings, "Type", "simple") != "oneshot" and not _remains(settings)
        return Service(name=unit[1], path=path, script=script, lasts=lasts) if script else None
    name = basename(path).removesuffix(".sh")  # as of its unit: systemd-sysv-generator(8)
    if "openrc-run" in text.partition("\n")[0]:
        command = f". {shlex.quote(path)}\nset -f\n$command $command_args\n"
        return Service(name=name, path=path, script=f"RC_SVCNAME={shlex.quote(name)}\n{command}{HOLD}")
    return Service(name=name, path=path, script=f"sh {shlex.quote(path)} start\n{HOLD}")


def unit_settings(text: str, wanted: str = "[Service]") -> dict[str, list[str]]:
    """Return the values of each key of a section, in order; an empty assignment forgets the earlier ones."""
    section, settings = "", dict[str, list[str]]()
    for line in re.sub(r"\\\n", " ", text).splitlines():
        stripped = line.strip()
        if stripped.startswith("["):
            section = stripped
        elif section == wanted and "=" in stripped and stripped[0] not in "#;":
            key, _, value = stripped.partition("=")
            values = settings.setdefault(key.strip(), [])
            values.append(value.strip()) if value.strip() else values.clear()
    return settings


def _unit_script(name: str, settings: Mapping[str, list[str]]) -> str | None:
    starts = settings.get("ExecStart", [])
    kind = _last(settings, "Type", "simple")
    remains = _remains(settings)
    # a template such as postfix@-.service is started by other units
    is_idle = all(text in ("/bin/true", "/usr/bin/true") for text in starts)
    if not starts or (kind == "oneshot" and (is_idle or not remains)):
        return None
    lines = [*_folders(settings), *_environment(settings, name)]
    lines += [f"{_command(text, settings, name)} || true" for text in settings.get("ExecStartPre", [])]
    lines += [_command(text, settings, name) for text in starts[:-1]]
    last = _command(starts[-1], settings, name)
    lasting = kind not in ("forking", "oneshot")
    return "\n".join([*lines, f"exec {last}\n" if lasting else f"{last}\n{HOLD}"])


def _remains(settings: Mapping[str, list[str]]) -> bool:
    """Return whether the unit counts as started after its processes have ended."""
    return _last(settings, "RemainAfterExit", "no") in ("yes", "true", "1", "on")


def _last(settings: Mapping[str, list[str]], key: str, default: str) -> str:
    return (settings.get(key) or [default])[-1]


def _folders(settings: Mapping[str, list[str]]) -> list[str]:
    """Return the commands that create the folders systemd would create, owned by the service's user."""
    user, group = _last(settings, "User", "root"), _last(settings, "Group", "")
    owner = shlex.quote(f"{user}:{group}")
    lines = []
    for key, place in FOLDERS.items():
        for folder in " ".join(settings.get(key, [])).split():
            path = shlex.quote(f"{place}/{folder.partition(':')[0]}")
            lines.append(f"mkdir -p {path} && chown {owner} {path}")
    if workdir := _last(settings, "WorkingDirectory", "").lstrip("-"):
        lines.append(f"cd {shlex.quote(workdir)} 2>/dev/null")
    return lines


def _environment(settings: Mapping[str, list[str]], name: str) -> list[str]:
    lines = []
    for text in settings.get("Environment", []):
        for word in _words(text):
            key, equals, value = word.partition("=")
            if equals and re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", key):
                lines.append(f"export {key}={shlex.quote(_expand_specifiers(value, name))}")
    for file in settings.get("EnvironmentFile", []):
        path = shlex.quote(_expand_specifiers(file.lstrip("-"), name))
        lines.append(f"if [ -r {path} ]; then set -a; . {path}; set +a; fi")
    return lines


def _command(text: str, settings: Mapping[str, list[str]], name: str) -> str:
    """Return an Exec line as shell text; `+` and `!` run as root, like a unit without User.

    Behind `@` the second word is only what the program is called; a shell can't call it so.
    """
    prefix = text[: len(text) - len(text.lstrip(_PREFIXES))]
    argv = _words(text[len(prefix) :])
    argv[1:2] = [] if "@" in prefix else argv[1:2]
    words = " ".join(_shell_word(_expand_specifiers(word, name)) for word in argv)
    user = _last(settings, "User", "root")
    if user in ("root", "0") or set(prefix) & set("+!"):
        return f"{words} || true" if "-" in prefix and not prefix.startswith("+") else words
    group = _last(settings, "Group", "")
    return shlex.join(["sh", "-c", program(__package__, "as_user.sh"), "sh", user, group, f"exec {words}"])


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()


def _expand_specifiers(word: str, name: str) -> str:
    """Return a word with its specifiers replaced; instance specifiers become empty."""
    known = {**SPECIFIERS, "%n": f"{name}.service", "%N": name, "%p": name}
    return re.sub(r"%.", lambda found: known.get(found[0], found[0]), word)


def _shell_word(word: str) -> str:
    """Return a word for sh: $NAME alone splits, ${NAME} inside a word does not, all else is literal."""
    if re.fullmatch(r"\$[A-Za-z_][A-Za-z0-9_]*", word):
        return word
    pieces = re.split(r"(\$\{[A-Za-z_][A-Za-z0-9_]*\})", word)  # odd parts are variables
    quoted = [f'"{piece}"' if number % 2 else shlex.quote(piece) for number, piece in enumerate(pieces) if piece]
    return "".join(quoted) or "''"
