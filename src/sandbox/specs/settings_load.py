"""The settings in force: config.yaml, SANDBOX_* variables above it, options above both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from sandbox.core.files import read_file
from sandbox.core.paths import config_folder, home
from sandbox.specs.settings import KEYS, Settings, option, variable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

LIMIT: Final = 1_000_000
"""Bytes to read of the file: one more than a document may have."""


def load_settings(
    environ: Mapping[str, str], *, path: Path | None = None, options: Mapping[str, object] | None = None
) -> Settings:
    """Return the settings in force; `options`, values by key as the command line has them, win over all.

    Without `path` the user's config.yaml is read where it exists. Raises SpecError with all problems of the file,
    UsageError for variables and options that can't be, for a file that can't be read and for a `path` that is absent.
    Imports nothing heavy where nothing is set: this is on the way to every prompt.
    """
    file = path or config_folder(environ) / "config.yaml"
    data = read_file(file, limit=LIMIT, needed=path is not None)
    variables = {key: text for key in KEYS if (text := environ.get(variable(key)))}
    settings = Settings()
    if data or variables:
        from sandbox.specs.settings_fields import parse_settings

        settings = parse_settings(data or b"", source=str(file), home=home(environ), variables=variables)
    if not options:
        return settings
    origins = {**settings.origins, **{key: option(key) for key in options}}
    return replace(settings, **{**options, "origins": origins})
