"""The SDK in a process that others use it in, too: what they find is as without us."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from docker.auth import load_config
from docker.utils import config

from sandbox.engine.docker import without_configuration

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

LOGIN = '{"auths": {"registry.example": {"auth": "bWU6c2VjcmV0"}}}'


def test_other_code_of_the_process_has_the_users_logins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config.json").write_text(LOGIN)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    with without_configuration():
        assert config.find_config_file() is None
        assert load_config().is_empty
    assert config.find_config_file() == str(tmp_path / "config.json")
    assert load_config().resolve_authconfig("registry.example")["username"] == "me"


def test_other_code_of_the_process_can_guess_encodings() -> None:
    code = "import sandbox.engine.docker.client, requests.compat; print(requests.compat.chardet is not None)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "True\n"


def test_the_command_line_does_not_load_what_guesses_them() -> None:
    code = "import sandbox.cli.main, sandbox.engine.docker.client, sys; print('charset_normalizer' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
