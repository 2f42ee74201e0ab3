"""The logins that the docker CLI knows for registries: in its config.json, or kept by a program that it names.

One that can't be had is no end: the pull goes on without, as the CLI's does, and what is wrong can be said.
Source: https://github.com/docker/docker-credential-helpers (the protocol), docker/cli, cli/config/configfile.
"""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sandbox.core.plaintext import plain_line
from sandbox.engine.references import HUB, repository

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sandbox.engine.dockercli import Config

INDEX: Final = f"https://index.{HUB}/v1/"
"""The hub's name in a configuration."""
PREFIX: Final = "docker-credential-"
LIMIT: Final = 20.0
"""Seconds that a credential helper has to answer."""
TOKEN: Final = "<token>"  # noqa: S105 - the name that says that what comes with it is one
UNKNOWN: Final = re.compile(r"not found|no credentials|no matching", re.IGNORECASE)
"""What a helper says, with an error status, if it has no login for a registry."""


class Login(Struct, frozen=True, kw_only=True):
    """A registry's login for the engine (X-Registry-Auth of the Engine API), or why there is none."""

    given: Mapping[str, str] | None = None
    problem: str = ""


class Logins:
    """The logins of one configuration; each helper is called once for a registry."""

    def __init__(self, config: Config, environ: Mapping[str, str]) -> None:
        self._config = config
        self._path = environ.get("PATH", "")
        self._known: dict[str, Login] = {}

    def of(self, reference: str) -> Login:
        """Return the login for the registry of an image."""
        return self._of(repository(reference).partition("/")[0])

    def all(self) -> dict[str, Mapping[str, str]]:
        """Return every available login, by registry, as a build needs them."""
        return self._of_registries({_host(name) for name in (*self._config.auths, *self._config.helpers)})

    def of_images(self, references: Iterable[str]) -> dict[str, Mapping[str, str]]:
        """Return the logins for the registries of these images alone, by registry."""
        return self._of_registries({repository(reference).partition("/")[0] for reference in references})

    def _of_registries(self, names: Iterable[str]) -> dict[str, Mapping[str, str]]:
        found = {name: self._of(name).given for name in names}
        return {INDEX if name == HUB else name: login for name, login in found.items() if login}

    def _of(self, registry: str) -> Login:
        if registry not in self._known:
            self._known[registry] = self._find_login(registry)
        return self._known[registry]

    def _find_login(self, registry: str) -> Login:
        config, key = self._config, INDEX if registry == HUB else registry
        helpers = {_host(name): helper for name, helper in config.helpers.items()}
        helper = helpers.get(registry) or config.store
        entry = next((row for name, row in config.auths.items() if _host(name) == registry), None)
        asked = self._ask_helper(helper, key) if helper else Login()
        found = asked if asked.given else _login_of_entry(entry, key)
        if found.given:
            return found
        problem = asked.problem or found.problem or (config.problem and f"it {config.problem}")
        return Login(problem=f"{config.path}: {problem}" if problem else "")

    def _ask_helper(self, helper: str, key: str) -> Login:
        """Return a helper's answer for a registry; its messages are not shown."""
        name = plain_line(f"{PREFIX}{helper}", 80)
        path = shutil.which(f"{PREFIX}{helper}", path=self._path) if re.fullmatch(r"[\w.-]+", helper) else None
        if path is None or not path.startswith("/"):  # a program in the current folder may be somebody else's
            return Login(problem=f"{name} is not installed")
        try:
            done = subprocess.run([path, "get"], input=key.encode(), capture_output=True, timeout=LIMIT, check=False)
        except subprocess.TimeoutExpired:
            return Login(problem=f"{name} does not answer")
        except OSError as error:
            return Login(problem=f"{name} can't be run: {(error.strerror or 'unknown error').lower()}")
        if done.returncode:
            said = (done.stdout or done.stderr).decode(errors="replace")
            lines = said.strip().splitlines() or [f"exit status {done.returncode}"]
            return Login(problem="" if UNKNOWN.search(said) else f"{name}: {plain_line(lines[-1], 120)}")
        return _login_of_answer(done.stdout, key) or Login(problem=f"{name} gave an invalid answer")


def _login_of_answer(text: bytes, key: str) -> Login | None:
    """Return the login in a helper's answer, empty if it has none; None for an invalid answer."""
    try:
        data: dict[str, object] = json.loads(text)
        user, secret = data["Username"], data["Secret"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    if not isinstance(user, str) or not isinstance(secret, str):
        return None
    if not user and not secret:
        return Login()
    rest = {"identitytoken": secret} if user == TOKEN else {"username": user, "password": secret}
    return Login(given={"serveraddress": key, **rest})


def _login_of_entry(entry: object, key: str) -> Login:
    """Return the login in an entry of `auths`; it is empty if a helper keeps the login."""
    if entry is None or entry == {}:
        return Login()
    if isinstance(entry, dict):
        token, auth = entry.get("identitytoken"), entry.get("auth")
        if isinstance(token, str) and token:
            return Login(given={"serveraddress": key, "identitytoken": token})
        pair = _pair(auth) if auth and isinstance(auth, str) else (entry.get("username"), entry.get("password"))
        if pair and all(isinstance(part, str) for part in pair):
            return Login(given={"serveraddress": key, "username": str(pair[0]), "password": str(pair[1])})
        if not auth and pair == (None, None):
            return Login()
    return Login(problem=f"its login for {plain_line(key, 80)} is invalid")


def _pair(auth: str) -> tuple[str, str] | None:
    """Return user and password from base64 (RFC 7617, section 2)."""
    try:
        user, colon, password = base64.b64decode(auth, validate=True).decode().partition(":")
    except ValueError:
        return None
    return (user, password.rstrip("\0")) if colon else None


def _host(name: str) -> str:
    """Return the registry of a key in a configuration, which may be a URL with a path."""
    host = re.sub(r"^https?://", "", name).partition("/")[0]
    return HUB if host in (HUB, f"index.{HUB}") else host
