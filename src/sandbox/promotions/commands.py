"""A promotion's commands in their order, as they were proven in the sandbox, for the formats that run commands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from sandbox.managers import languages_among, manager_named
from sandbox.promotions.header import checked, needed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.managers.base import Argv, Manager, PackageRef
    from sandbox.managers.language import LanguageManager
    from sandbox.promotions.base import Promotion


class Command(Struct, frozen=True, kw_only=True):
    """One command: what it is for, its argv with `environment`, and the packages that it installs, if any."""

    kind: Literal["refresh", "upgrade", "install"]
    title: str
    argv: Argv
    manager: Manager | LanguageManager
    environment: Mapping[str, str]
    packages: tuple[PackageRef, ...] = ()

    @property
    def whole(self) -> Argv:
        """The argv behind env(1) and the environment, where it has one."""
        settings = [f"{key}={value}" for key, value in self.environment.items()]
        return ("env", *settings, *self.argv) if settings else self.argv


def commands(promotion: Promotion) -> tuple[Command, ...]:
    """Return the commands; raise UsageError where nothing is promoted or a package is outside its grammar."""
    packages, manager = checked(promotion), manager_named(promotion.target.manager)
    own = (*(ref for ref in packages if not ref.source), *needed(packages, manager))
    upgrade = promotion.target.distro.upgrade
    env = manager.environment
    rows = [
        Command(
            kind="refresh", title="fetch the package index", argv=manager.refresh(), manager=manager, environment=env
        )
    ]
    if upgrade:
        rows.append(
            Command(kind="upgrade", title="bring all up to date", argv=upgrade, manager=manager, environment=env)
        )
    if own:
        rows.append(_install(manager, own))
    languages = languages_among(package.source for package in packages)
    rows += [_install(language, [ref for ref in packages if ref.source == language.name]) for language in languages]
    return tuple(rows)


def _install(manager: Manager | LanguageManager, refs: tuple[PackageRef, ...] | list[PackageRef]) -> Command:
    title = f"install {', '.join(ref.full_name for ref in refs)}"
    return Command(
        kind="install",
        title=title,
        argv=manager.install(refs),
        manager=manager,
        environment=manager.environment,
        packages=tuple(refs),
    )
