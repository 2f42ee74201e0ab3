"""The kinds of values in a spec (package, size, port and so on), for YAML and the command line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal

from sandbox.core.paths import IN_MEMORY, place_in
from sandbox.specs.kinds import (
    SCALAR_TYPES,
    InvalidValue,
    Kind,
    boolean,
    choice,
    decimal,
    duration,
    integer,
    matching,
    quote,
    size,
    text_kind,
)
from sandbox.specs.model import Copy, Mount, Port
from sandbox.specs.places import LONGEST, is_place

if TYPE_CHECKING:
    from sandbox.specs.model import Network

NETWORKS: Final[dict[str, Network]] = {"default": "default", "offline": "offline", "none": "none", "host": "host"}
ACCESS: Final = {"ro": True, "rw": False}
LABELS: Final[dict[str, Literal["z", "Z"]]] = {"z": "z", "Z": "Z"}
LAST_ID: Final = 2**32 - 2
"""The kernel's number for no user is above it (chown(2))."""
LAST_PORT: Final = 65535
COLON: Final = 'a ":" in a target needs a spec with target:'
KEPT: Final = ("/proc", "/dev/sandbox")
"""What runc lets nobody mount over, and what is ours."""

_PORT: Final = (
    r"(?:(?:(?P<host>\[[0-9a-fA-F:.]+\]|[0-9.]+|localhost):)?(?P<published>[0-9]{1,5}):)?"
    r"(?P<container>[0-9]{1,5})(?:/(?P<protocol>tcp|udp))?"
)
_PORT_SCHEMA: Final = (
    r"^((\[[0-9a-fA-F:.]+\]|[0-9.]+|localhost):)?([0-9]{1,5}:)?[0-9]{1,5}(/(tcp|udp))?$"  # no named groups
)

_ACCOUNT: Final = "([0-9]{1,10}|[A-Za-z_][A-Za-z0-9_.-]{0,31})"
_WHO: Final = f"{_ACCOUNT}(:{_ACCOUNT})?"


def _container_path(text: str) -> str:
    if not text.startswith("/") or len(text) > 1000:  # noqa: PLR2004
        raise ValueError
    if ".." in text.split("/"):
        raise InvalidValue(f'expected an absolute path without "..", got {quote(text)}')
    if "\n" in text or "\t" in text or not text.isprintable():
        raise InvalidValue(f"expected a path without control characters, got {quote(text)}")
    path = "/" + "/".join(part for part in text.split("/") if part not in {"", "."})
    if path == "/":
        raise InvalidValue("expected a path below /, got /")
    return path


def _package(text: str) -> str:
    if is_place(text):
        if len(text) > LONGEST:
            raise InvalidValue(f"expected a package's file, got {len(text)} characters")
        if not text.isprintable():
            raise InvalidValue(f"expected a package's file, got {quote(text)}, whose name has control characters")
        return text
    if not text or re.search(r"\s", text) or not text.isprintable():
        raise ValueError
    if text.startswith("-"):
        raise InvalidValue(f"expected a package name, got {quote(text)}, which looks like an option")
    if len(text) > 200:  # noqa: PLR2004 - the managers have the same bound
        raise InvalidValue(f"expected a package name, got {len(text)} characters")
    return text


def _file_path(text: str) -> str:
    if text.endswith("/"):
        raise InvalidValue(f"expected the path of a file, got {quote(text)}")
    return _container_path(text)


def _port(text: str) -> Port:
    found = re.fullmatch(_PORT, text)
    if not found:
        raise ValueError
    container, published = int(found["container"]), int(found["published"] or found["container"])
    if not 1 <= container <= LAST_PORT or published > LAST_PORT:
        raise InvalidValue(f"expected ports from 1 to {LAST_PORT}, got {quote(text)}")
    protocol: Literal["tcp", "udp"] = "udp" if found["protocol"] == "udp" else "tcp"
    return Port(container=container, published=published, host=_address(found["host"]), protocol=protocol)


def _address(host: str | None) -> str:
    if host in {None, "localhost"}:
        return "127.0.0.1"
    import ipaddress

    text = str(host).strip("[]")
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        raise InvalidValue(f"expected an IP address before the ports, got {quote(text)}") from None


def _mount(text: str) -> Mount:
    source, target, said = _pair(text)
    words = said.replace(",", ":").split(":") if said else []
    access, labels = [word for word in words if word in ACCESS], [word for word in words if word in LABELS]
    if len(access) > 1 or len(labels) > 1 or "" in words:
        raise ValueError
    if other := [word for word in words if word not in access + labels]:
        raise InvalidValue(f"expected ro, rw, z or Z after {quote(target)}, got {quote(other[0])}; {COLON}")
    return Mount(
        source=HOST_PATH.parse(source),
        target=_mount_target(target),
        read_only=all(ACCESS[word] for word in access),
        relabel=LABELS[labels[0]] if labels else "",
    )


def _mount_target(text: str) -> str:
    path = CONTAINER_PATH.parse(text)
    if kept := place_in(path, KEPT):
        raise InvalidValue(f"nothing can be mounted over {kept}, got {quote(text)}")
    return path


def _pair(text: str) -> tuple[str, str, str]:
    """Return source, target and what follows them after another `:`.

    The target begins at the last `:/`, so that a source can have a `:`. A target can't: a mistyped `:rx` would be one.
    """
    source, colon, rest = text.rpartition(":/")
    if not colon or not source:
        if relative := text.partition(":")[2]:
            CONTAINER_PATH.parse(relative)
        raise ValueError
    target, _, said = rest.partition(":")
    return source, f"/{target}", said


def _copy(text: str) -> Copy:
    source, target, said = _pair(text)
    if said:
        raise InvalidValue(f"expected nothing after {quote(target)}, got {quote(said)}; {COLON}")
    return Copy(source=HOST_PATH.parse(source), target=_copy_target(target))


def _copy_target(text: str) -> str:
    path = "/" if text == "/" else _container_path(text)
    if place := place_in(path, IN_MEMORY):
        raise InvalidValue(f"nothing can be copied to {place}, which is in memory, got {quote(text)}")
    return path


def _host_path(text: str) -> str:
    if not text.strip() or len(text) > 1000 or not text.isprintable():  # noqa: PLR2004
        raise ValueError
    if text.startswith("~") and text != "~" and not text.startswith("~/"):
        raise InvalidValue(f"expected ~/ for your own home, got {quote(text)}")
    return text


def _capability(text: str) -> str:
    from sandbox.specs.privileges import CAPABILITIES

    name = text.upper().removeprefix("CAP_")
    if name in CAPABILITIES:
        return name
    from sandbox.core.fuzzy import nearest_words

    near = nearest_words(name, [known.lower() for known in CAPABILITIES])
    meant = "".join(f"; did you mean {known.upper()}?" for known in near)
    raise InvalidValue(f"expected a capability such as SYS_PTRACE, got {quote(text)}{meant}")


def _who(text: str) -> str:
    """Return USER or USER:GROUP, each a number or a name, `host` for the caller, or `new` for a new user."""
    if not re.fullmatch(_WHO, text):
        raise ValueError
    parts = text.split(":")
    if len(parts) > 1 and parts[0] in ("host", "new"):
        raise InvalidValue(f"{parts[0]} can't have a group, got {quote(text)}")
    if any(part.isdecimal() and int(part) >= LAST_ID for part in parts):
        raise InvalidValue(f"expected numbers below {LAST_ID}, got {quote(text)}")
    return text


def _mode(text: str) -> int:
    if not re.fullmatch("(0o?)?[0-7]{3,4}", text):
        raise ValueError
    return int(text.removeprefix("0o"), 8)


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except (re.error, OverflowError, RecursionError) as error:
        raise InvalidValue(f"expected a regular expression, got {quote(text)}: {error}") from None
    return text


def _text_schema(longest: int, pattern: str) -> dict[str, object]:
    return {"type": SCALAR_TYPES, "minLength": 1, "maxLength": longest, "pattern": pattern}


DISTRO: Final = matching(
    r"[a-z0-9][a-z0-9._-]*(:[A-Za-z0-9][A-Za-z0-9._-]*)?", "a distro such as debian or debian:trixie", longest=100
)
PACKAGE: Final = Kind(
    expected="a package name without spaces",
    convert=_package,
    schema=_text_schema(LONGEST, r"^([^\s-]\S*|(\.{0,2}/|~/|https://).+)$"),
)
_SENTENCE: Final = text_kind("a description", longest=500)
DESCRIPTION: Final = Kind(
    expected=_SENTENCE.expected, convert=lambda text: " ".join(_SENTENCE.parse(text).split()), schema=_SENTENCE.schema
)
COMMAND: Final = text_kind("a shell command", longest=20_000)
ARGUMENT: Final = text_kind("an argument", longest=20_000, blank=True)
CONTENT: Final = text_kind("text", longest=64_000, blank=True, control=True)
ENV_NAME: Final = matching("[A-Za-z_][A-Za-z0-9_]*", "a variable name such as LANG")
ENV_VALUE: Final = text_kind("text", longest=32_000, blank=True, control=True)
WHO: Final = Kind(
    expected="a user such as 1000, www-data or 1000:100, host or new",
    convert=_who,
    schema=_text_schema(65, f"^{_WHO}$"),
)
SHM: Final = size(4096, "64M or 1G")
SHELL: Final = matching(
    r"/?[A-Za-z0-9_][A-Za-z0-9_.+-]*(/[A-Za-z0-9_][A-Za-z0-9_.+-]*)*", "a shell such as bash or /bin/zsh"
)
CONTAINER_PATH: Final = Kind(expected="an absolute path", convert=_container_path, schema=_text_schema(1000, "^/."))
FILE_PATH: Final = Kind(expected="an absolute path", convert=_file_path, schema=_text_schema(1000, "^/.*[^/]$"))
HOST_PATH: Final = Kind(expected="a path on this host", convert=_host_path, schema=_text_schema(1000, r"\S"))
MODE: Final = Kind(
    expected="permissions such as 0644",
    convert=_mode,
    schema={"anyOf": [{"type": "integer"}, {"type": "string", "pattern": "^(0o?)?[0-7]{3,4}$"}]},
)
PORT: Final = Kind(
    expected="a port such as 8080:80, 80 or 127.0.0.1:8080:80/udp",
    convert=_port,
    schema={
        "anyOf": [{"type": "integer", "minimum": 1, "maximum": LAST_PORT}, {"type": "string", "pattern": _PORT_SCHEMA}]
    },
)
MOUNT: Final = Kind(
    expected="a mount such as ./data:/data or ./data:/data:rw",
    convert=_mount,
    schema=_text_schema(2010, "^.+:/[^:]+(:((ro|rw)([:,][zZ])?|[zZ]([:,](ro|rw))?)?)?$"),
)
MOUNT_TARGET: Final = Kind(expected="an absolute path", convert=_mount_target, schema=_text_schema(1000, "^/."))
MOUNT_LABEL: Final = choice(LABELS)
COPY: Final = Kind(expected="a copy such as ./data:/data", convert=_copy, schema=_text_schema(2010, "^.+:/[^:]*$"))
COPY_TARGET: Final = Kind(expected="an absolute path", convert=_copy_target, schema=_text_schema(1000, "^/"))
MOUNT_ACCESS: Final = choice({"ro": True, "rw": False})
MEMORY: Final = size(6_000_000, "512M or 2G")
CPUS: Final = decimal(0.01, 1024, "a number of cores such as 1.5")
PIDS: Final = integer(1, 4_194_304, "a number of processes such as 200")
NETWORK: Final = choice(NETWORKS)
CAPABILITY: Final = Kind(
    expected="a capability such as SYS_PTRACE",
    convert=_capability,
    schema=_text_schema(40, "^[A-Za-z_]+$"),
)
DEVICE: Final = matching(r"/dev/[A-Za-z0-9_.+-]+(/[A-Za-z0-9_.+-]+)*", "a device such as /dev/fuse")
TRUTH: Final = boolean()
PROGRAM: Final = matching(r"[A-Za-z0-9_.+\[][A-Za-z0-9_.+:@\[-]*", "a command's name such as rg", longest=100)
EXIT: Final = integer(0, 255, "an exit status from 0 to 255")
TIMEOUT: Final = duration(0.1, 86_400)
USER: Final = matching(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,31}", "a user name")
OWNER: Final = matching(
    r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,31}(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,31})?", "an owner such as root or root:adm"
)
TCP_PORT: Final = integer(1, LAST_PORT, f"a port from 1 to {LAST_PORT}")
OUTPUT: Final = text_kind("text", longest=64_000, blank=True, control=True)
PATTERN: Final = Kind(expected="a regular expression", convert=_pattern, schema={"type": SCALAR_TYPES})
REFERENCE: Final = text_kind("the name or path of a spec", longest=1000)
PLATFORM: Final = matching(r"[a-z0-9]+/[a-z0-9_]+(/[a-z0-9]+)?", "a platform such as linux/arm64", longest=50)
_PART: Final = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
IMAGE_PATTERN: Final = (
    rf"(?:(?:[A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\])(?::[0-9]{{1,5}})?/)?{_PART}(?:/{_PART})*"
    r"(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@sha256:[0-9a-f]{64})?"
)
"""https://github.com/distribution/reference/blob/main/reference.go"""
IMAGE: Final = matching(IMAGE_PATTERN, "an image such as fedora:44 or registry.example/tools:1.2", longest=500)
