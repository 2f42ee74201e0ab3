"""A promotion's commands in order, as they were proven in the sandbox, for formats that run commands."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Final, Literal

from msgspec import Struct

from sandbox.managers.architectures import add_architecture, architectures
from sandbox.managers.local_files import with_files
from sandbox.managers.protocol import NOTHING
from sandbox.managers.registry import languages_among, manager_of
from sandbox.promote.formats.config_commands import (
    enable_services_argv,
    valid_settings,
    valid_steps,
    write_setting_argv,
)
from sandbox.promote.formats.header import language_prerequisites, reparse_packages
from sandbox.provision.preparation import certificates_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sandbox.managers.config_files import ConfigChange
    from sandbox.managers.languages.base import LanguageManager
    from sandbox.managers.protocol import Argv, Manager, PackageFile, PackageRef
    from sandbox.promote.formats.base import Promotion


class Command(Struct, frozen=True, kw_only=True):
    """One command: its purpose, its argv with `environment`, and what it installs or writes, if any.

    `check` ends with 0 where a step stands already.
    """

    kind: Literal["setting", "architecture", "answer", "refresh", "upgrade", "file", "install", "step", "service"]
    title: str
    argv: Argv
    manager: Manager | LanguageManager
    environment: Mapping[str, str]
    packages: tuple[PackageRef, ...] = ()
    setting: ConfigChange | None = None
    file: PackageFile | None = None
    services: tuple[str, ...] = ()
    check: Argv = ()

    @property
    def whole(self) -> Argv:
        """The argv, preceded by env(1) and the environment if there is one."""
        settings = [f"{key}={value}" for key, value in self.environment.items()]
        return ("env", *settings, *self.argv) if settings else self.argv


def commands(promotion: Promotion) -> tuple[Command, ...]:
    """Return the commands. Raises UsageError if nothing is promoted or a package's name is invalid."""
    packages, manager = reparse_packages(promotion), manager_of(promotion.target.manager)
    own = (*(ref for ref in packages if not ref.source), *language_prerequisites(packages, manager))
    return (
        *_certificates(promotion, manager),
        *(_setting_command(setting, manager) for setting in valid_settings(promotion)),
        *(_architecture_command(name, manager) for name in architectures(own, manager.name)),
        *_step_commands(promotion, manager, early=True),
        *_refresh(promotion, manager),
        *(_file_command(ref.file, manager) for ref in packages if ref.file),
        *_installs(manager, own, manager.install(own, recommends=promotion.recommends) if own else ()),
        *_step_commands(promotion, manager, early=False),
        *_language_installs(packages),
        *_services(promotion, manager),
    )


def _architecture_command(name: str, manager: Manager) -> Command:
    return Command(
        kind="architecture",
        title=f"know packages of {name}",
        argv=add_architecture(manager.name, name),
        manager=manager,
        environment=NOTHING,
    )


def _refresh(promotion: Promotion, manager: Manager) -> Iterator[Command]:
    """Yield what brings the index up to date, and the packages with it where a distro knows no other way."""
    env = manager.environment
    yield Command(
        kind="refresh", title="fetch the package index", argv=manager.refresh(), manager=manager, environment=env
    )
    if upgrade := promotion.target.distro.upgrade:
        yield Command(kind="upgrade", title="upgrade all packages", argv=upgrade, manager=manager, environment=env)


def _language_installs(packages: Sequence[PackageRef]) -> Iterator[Command]:
    """Yield the installs of the languages' packages, one for each language."""
    for language in languages_among(package.source for package in packages):
        refs = tuple(ref for ref in packages if ref.source == language.name)
        yield from _installs(language, refs, language.install(refs))


def _installs(manager: Manager | LanguageManager, refs: tuple[PackageRef, ...], argv: Argv) -> Iterator[Command]:
    """Yield the install of packages, nothing where there are none."""
    if refs:
        yield Command(
            kind="install",
            title=f"install {', '.join(ref.full_name for ref in refs)}",
            argv=with_files(manager, argv, refs),
            manager=manager,
            environment=manager.environment,
            packages=refs,
        )


def _services(promotion: Promotion, manager: Manager) -> Iterator[Command]:
    """Yield what starts the promoted services at boot."""
    if promotion.services:
        yield Command(
            kind="service",
            title=f"start at boot {', '.join(promotion.services)}",
            argv=enable_services_argv(promotion.services),
            manager=manager,
            environment=NOTHING,
            services=promotion.services,
        )


def _certificates(promotion: Promotion, manager: Manager) -> Iterator[Command]:
    """Yield the command that lets a small image trust servers of https; a host has certificates."""
    if text := certificates_text(promotion.target.manager, promotion.settings):
        yield Command(
            kind="answer",
            title="have certificates, for https",
            argv=("sh", "-c", text),
            manager=manager,
            environment=manager.environment,
            check=("test", "-e", "/etc/ssl/certs/ca-certificates.crt"),
        )


def _step_commands(promotion: Promotion, manager: Manager, *, early: bool) -> list[Command]:
    """Return the commands that take the steps which do not stand yet, before the packages are installed or behind."""
    found = []
    for step, row in valid_steps(promotion):
        if row.early == early:
            ready = f"! {{ {shlex.join(row.ready)}; }} || " if row.ready else ""
            text = f"{shlex.join(row.check)} >/dev/null 2>&1 || {ready}{shlex.join(row.do)}"
            kind: Literal["answer", "step"] = "answer" if early else "step"
            title = f"set the {step.name}"
            argv = ("sh", "-c", text)
            found.append(
                Command(kind=kind, title=title, argv=argv, manager=manager, environment=NOTHING, check=row.check)
            )
    return found


COPY_FILE: Final = 'mkdir -p "${3%/*}" && cp "$2" "$3" && echo "$1  $3" | sha256sum -c -'
"""Copies the file $2 to $3, and fails if its SHA-256 is not $1."""


def _file_command(file: PackageFile, manager: Manager) -> Command:
    return Command(
        kind="file",
        title=f"copy {file.source}",
        argv=("sh", "-c", COPY_FILE, "sh", file.sha256, file.source, file.path),
        manager=manager,
        environment=NOTHING,
        file=file,
    )


def _setting_command(setting: ConfigChange, manager: Manager) -> Command:
    return Command(
        kind="setting",
        title=f"write {setting.name}",
        argv=write_setting_argv(setting),
        manager=manager,
        environment=NOTHING,
        setting=setting,
    )
