"""The docker CLI's own configuration: its folder, config.json and contexts, read where that CLI has them alone.

Nothing of the current folder is read, which may be somebody else's: what it held could name the engine, or its login.
Source: https://docs.docker.com/reference/cli/docker/ (configuration files), docker/cli, cli/context/store.
"""

from __future__ import annotations

import json
import os
import re
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from sandbox.core.digest import sha256
from sandbox.core.paths import home
from sandbox.errors import Advice, NoEngine, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

LIMIT: Final = 1_000_000
"""Most bytes of a configuration file."""
DEFAULT_HOST: Final = "unix:///var/run/docker.sock"


class Config(Struct, frozen=True, kw_only=True):
    """What config.json says, each part empty where it is not there or makes no sense; `problem` says what doesn't.

    `auths` are its entries by registry, `helpers` the names of programs that keep a registry's login, `store` the one
    for all others. `proxies` are by the engine's URL, or `default`. `plugins` are folders of the CLI's plugins.
    """

    path: str = ""
    context: str = ""
    auths: Mapping[str, object] = field(default_factory=dict)
    store: str = ""
    helpers: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    proxies: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    plugins: tuple[str, ...] = ()
    problem: str = ""


class Endpoint(Struct, frozen=True, kw_only=True):
    """The target of the context `name`: an engine's URL, and its certificate files by `ca`, `cert` and `key`."""

    host: str
    name: str = ""
    skip_verify: bool = False
    certificates: Mapping[str, str] = field(default_factory=dict)


def absolute(environ: Mapping[str, str], variable: str) -> Path | None:
    """Return the folder in a variable, or None. Raises UsageError for a relative path."""
    value = environ.get(variable, "")
    if value and not value.startswith("/"):
        message = f"{variable} is not an absolute path: {value[:80]}"
        raise UsageError(
            message,
            hints=[Advice.say(f'export {variable}="$PWD/{value[:80]}", if you mean that path')],
        )
    return Path(value) if value else None


def config_folder(environ: Mapping[str, str]) -> Path:
    """Return DOCKER_CONFIG or ~/.docker; it need not exist. Raises UsageError for a relative path."""
    return absolute(environ, "DOCKER_CONFIG") or home(environ) / ".docker"


def read_config(environ: Mapping[str, str]) -> Config:
    """Return config.json; an unreadable one is empty, with the problem. Raises what `config_folder` raises."""
    path = config_folder(environ) / "config.json"
    try:
        data = _read(path)
    except (FileNotFoundError, NotADirectoryError):
        return Config(path=str(path))
    except OSError as error:
        return Config(path=str(path), problem=f"can't be read: {(error.strerror or 'unknown error').lower()}")
    except ValueError as error:
        return Config(path=str(path), problem=str(error))
    odd = tuple(key for key, kind in KINDS.items() if data.get(key) and not isinstance(data[key], kind))
    return Config(
        path=str(path),
        context=_text(data.get("currentContext")),
        auths={str(name): entry for name, entry in _table(data.get("auths")).items()},
        store=_text(data.get("credsStore")),
        helpers=_texts(data.get("credHelpers")),
        headers={name: text for name, text in _texts(data.get("HttpHeaders")).items() if _is_header(name, text)},
        proxies={str(url): _texts(row) for url, row in _table(data.get("proxies")).items()},
        plugins=tuple(place for place in _list(data.get("cliPluginsExtraDirs")) if isinstance(place, str)),
        problem=f"has invalid values for {', '.join(odd)}" if odd else "",
    )


KINDS: Final[Mapping[str, type]] = {
    "currentContext": str,
    "auths": dict,
    "credsStore": str,
    "credHelpers": dict,
    "HttpHeaders": dict,
    "proxies": dict,
    "cliPluginsExtraDirs": list,
}


def endpoint(name: str, environ: Mapping[str, str]) -> Endpoint:
    """Return the target of a context. Raises NoEngine if it does not exist or is invalid."""
    if name == "default":
        return Endpoint(host=DEFAULT_HOST, name=name)
    # Not by the SDK: without a config.json docker 7.2.0 reads ./contexts (get_context_dir), so a foreign folder
    # could name the engine.
    contexts, ident = config_folder(environ) / "contexts", sha256(name.encode(errors="surrogateescape")).hexdigest()
    path = contexts / "meta" / ident / "meta.json"
    try:
        data = _read(path)
    except (FileNotFoundError, NotADirectoryError):
        raise NoEngine(f"docker has no context {name}", hints=[Advice.program("docker", "context", "ls")]) from None
    except (OSError, ValueError) as error:
        reason = f"({(error.strerror or '').lower()})" if isinstance(error, OSError) else str(error)
        message = f"the docker context {name} can't be read: {path} {reason}"
        raise NoEngine(message, hints=[Advice.program("docker", "context", "ls")]) from None
    found = _table(_table(data.get("Endpoints")).get("docker"))
    return Endpoint(
        host=_text(found.get("Host")) or DEFAULT_HOST,
        name=name,
        skip_verify=found.get("SkipTLSVerify") is True,
        certificates=_certificates(contexts / "tls" / ident / "docker"),
    )


def _certificates(folder: Path) -> dict[str, str]:
    files = {name: folder / f"{name}.pem" for name in ("ca", "cert", "key")}
    return {name: str(path) for name, path in files.items() if path.is_file()}


def _read(path: Path) -> dict[str, object]:
    """Return the JSON object in a regular file. Raises OSError or ValueError with the reason."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # O_NONBLOCK: a pipe would block us
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ValueError("is not a regular file")
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            text = file.read(LIMIT + 1)
    finally:
        os.close(descriptor)
    try:
        data: object = json.loads(text) if len(text) <= LIMIT else None
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict):
        raise ValueError("is not a JSON object")  # noqa: TRY004 - the value is the file's content
    return data


def _table(value: object) -> dict[object, object]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _is_header(name: str, text: str) -> bool:
    """Return whether the header is valid (RFC 9110, section 5): an invalid one would break every request."""
    return bool(re.fullmatch(r"[\w!#$%&'*+.^`|~-]+", name, re.ASCII)) and text.isascii() and text.isprintable()


def _texts(value: object) -> dict[str, str]:
    return {str(key): text for key, text in _table(value).items() if isinstance(text, str)}
