"""Whether what a distro's own configuration fetches its package index by can be trusted for longer than one sandbox.

An index that nobody has signed is only as good as the way on which it came: by plain http, whoever is between could
put another one into all later sandboxes of the base. Sources: sources.list(5), apt.conf(5), apt-secure(8),
dnf.conf(5), zypper(8) and zypp.conf, pacman.conf(5).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

HTTPS: Final = "https://"
_NO: Final = ("0", "no", "false", "off")
_INSECURE: Final = re.compile(
    r"allow-?(?:insecure|weak|downgrade|unauthenticated)\w*|verify-(?:peer|host)", re.IGNORECASE
)
_TRUSTED: Final = re.compile(r"\[[^\]]*\b(?:trusted|allow-[a-z-]+)\s*=|^(?:trusted|allow-[a-z-]+)\s*:", re.IGNORECASE)


def is_vouched_for_apt(files: Mapping[str, bytes]) -> bool:
    """Return whether apt checks the signature of each of its indexes, as it does where it is not told otherwise."""
    texts = {path: _text(content) for path, content in files.items()}
    settings = [text for path, text in texts.items() if path.startswith("/etc/apt/apt.conf")]
    if any(
        _INSECURE.search(line) for text in settings for line in text.splitlines() if not line.startswith(("//", "#"))
    ):
        return False
    sources = [text for path, text in texts.items() if path.startswith("/etc/apt/sources.list")]
    lines = [line.strip() for text in sources for line in text.splitlines()]
    used = [line for line in lines if line and not line.startswith("#")]
    return bool(used) and not any(map(_TRUSTED.search, used))


def is_vouched_for_apk(_files: Mapping[str, bytes]) -> bool:
    """Return whether apk checks the signature of each index: it takes no other, and its refresh fails there."""
    return True


def is_vouched_for_dnf(files: Mapping[str, bytes]) -> bool:
    """Return whether each index is signed, or comes by https: itself, or the metalink that has its checksum."""
    settings = _sections({path: content for path, content in files.items() if not path.endswith(".repo")})
    repositories = _sections({path: content for path, content in files.items() if path.endswith(".repo")})
    if settings is None or repositories is None:
        return False
    main = settings.pop("main", {})
    rows = [{**main, **row, **settings.get(name, {})} for name, row in repositories.items()]
    used = [row for row in rows if row.get("enabled", "1").lower() not in _NO]
    return bool(used) and all(
        row.get("sslverify", "1").lower() not in _NO and (_is_on(row.get("repo_gpgcheck", "0")) or _is_by_https(row))
        for row in used
    )


def is_vouched_for_zypper(files: Mapping[str, bytes]) -> bool:
    """Return whether zypper checks the signature of each index, as it does by default, or it comes by https."""
    settings = _sections({path: content for path, content in files.items() if path.endswith("zypp.conf")})
    repositories = _sections({path: content for path, content in files.items() if path.endswith(".repo")})
    if settings is None or repositories is None:
        return False
    main = settings.get("main", {})
    usual = main.get("repo_gpgcheck", main.get("gpgcheck", "1"))
    used = [row for row in repositories.values() if row.get("enabled", "1").lower() not in _NO]
    return bool(used) and all(
        _is_on(row.get("repo_gpgcheck", row.get("gpgcheck", usual))) or _is_by_https(row) for row in used
    )


def is_vouched_for_pacman(files: Mapping[str, bytes]) -> bool:
    """Return whether each database has to be signed, or comes by https alone."""
    texts = {path: _text(content) for path, content in files.items()}
    rows, levels, servers = dict[str, list[str]](), list[str](), dict[str, list[str]]()
    name = ""
    for line in _lines(texts.get("/etc/pacman.conf", "")):
        if line.startswith("["):
            name = line.strip("[]")
            if name != "options":
                rows[name], servers[name] = list(levels), []
            continue
        key, _, value = (part.strip() for part in line.partition("="))
        match key.lower(), name:
            case "siglevel", "options":
                levels += value.split()
            case "siglevel", _:
                rows[name] += value.split()
            case "server" | "cacheserver", _:
                servers.setdefault(name, []).append(value)
            case "include", _:
                # a file that is not here, or one that holds more than servers, has no https
                included = _lines(texts.get(value, "Include = unknown"))
                servers.setdefault(name, []).extend(_server(one) for one in included)
            case _:
                pass
    return bool(rows) and all(
        _is_database_signed(rows[name]) or (bool(servers[name]) and all(url.startswith(HTTPS) for url in servers[name]))
        for name in rows
    )


def _server(line: str) -> str:
    key, _, value = (part.strip() for part in line.partition("="))
    return value if key.lower() == "server" else ""


def _is_database_signed(levels: Sequence[str]) -> bool:
    is_required = is_trusted_only = False
    for level in levels:
        if level.startswith("Package"):
            continue
        match level.removeprefix("Database"):
            case "Required":
                is_required = True
            case "Optional" | "Never":
                is_required = False
            case "TrustedOnly":
                is_trusted_only = True
            case "TrustAll":
                is_trusted_only = False
            case _:
                return False
        if level == "Required":
            is_trusted_only = True  # the default of pacman itself, where nothing else is said
    return is_required and is_trusted_only


def _is_on(text: str) -> bool:
    return text.lower() in ("1", "yes", "true", "on")


def _is_by_https(row: Mapping[str, str]) -> bool:
    addresses = [word for key in ("baseurl", "metalink") for word in re.split(r"[\s,]+", row.get(key, "")) if word]
    return bool(addresses) and not row.get("mirrorlist") and all(word.startswith(HTTPS) for word in addresses)


def _sections(files: Mapping[str, bytes]) -> dict[str, dict[str, str]] | None:
    """Return the sections of files, of which a later one adds to its namesake; None for what can't be read."""
    from configparser import ConfigParser
    from configparser import Error as ConfigError

    found: dict[str, dict[str, str]] = {}
    for content in files.values():
        parser = ConfigParser(interpolation=None, strict=False, default_section="", allow_no_value=True)
        try:
            parser.read_string(_text(content))
        except ConfigError:
            return None
        for name in parser.sections():
            found.setdefault(name, {}).update({key: value or "" for key, value in parser.items(name)})
    return found


def _lines(text: str) -> Iterator[str]:
    for line in text.splitlines():
        if plain := line.partition("#")[0].strip():
            yield plain


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace")
