"""--image, --dockerfile, --platform and --distros, as far as no engine is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.cli.program import run

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CONFIG", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    monkeypatch.setenv("SANDBOX_ENGINE", "unix:///nonexistent.sock")
    monkeypatch.chdir(tmp_path)


def rows(text: str) -> dict[str, str]:
    return {line.partition("  ")[0]: line.partition("  ")[2].strip() for line in text.splitlines()}


def test_a_dry_run_of_an_image_asks_no_engine_and_says_where_the_distro_comes_from(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["try", "htop", "--image", "registry.example/x:1", "--platform", "linux/arm64", "--dry-run"]) == 0
    found = rows(capsys.readouterr().out)
    assert found["base"] == "registry.example/x:1"
    assert found["package"] == "htop"
    assert found["platform"] == "linux/arm64"
    assert "read from the image" in found["distro"]


def test_a_named_distro_makes_the_whole_plan_of_an_image(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["try", "htop", "--image", "x:1", "--distro", "debian:trixie", "--dry-run"]) == 0
    found = rows(capsys.readouterr().out)
    assert (found["distro"], found["base"]) == ("debian trixie (Debian)", "x:1")
    assert found["install"] == "htop"


def test_a_dockerfile_is_shown_by_its_whole_path(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "x/Dockerfile").touch()
    assert run(["try", "--dockerfile", "x/Dockerfile", "--cache", "--dry-run"]) == 0
    found = rows(capsys.readouterr().out)
    assert found["build"] == str(tmp_path / "x/Dockerfile")
    assert found["cache"] == "none"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--image", "Bad Name"], "--image: expected an image"),
        (["--image", "x", "--dockerfile", "y"], "--dockerfile: can't be combined with --image"),
        (["--platform", "arm64"], "--platform: expected a platform such as linux/arm64"),
        (["--distros", "none.yaml"], "none.yaml does not exist"),
    ],
)
def test_what_can_not_be_is_a_usage_error(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["try", *words]) == 2
    assert said in capsys.readouterr().err


def test_a_broken_file_of_rows_is_told_with_its_places_by_what_needs_rows(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "rows.yaml").write_text("debian: {imgae: x}\n")
    for verb in (["try"], ["distros"], ["base", "build", "debian"]):
        assert run([*verb, "--distros", "rows.yaml"]) == 2
        assert "rows.yaml:1:10" in capsys.readouterr().err
    assert run(["history", "--json"]) == 0


def test_a_row_of_the_users_own_file_is_tried_by_name(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "config/sandbox").mkdir(parents=True)
    (tmp_path / "config/sandbox/distros.yaml").write_text("mine: {like: debian, image: 'mine:{release}'}\n")
    assert run(["try", "--distro", "mine:13", "--dry-run"]) == 0
    assert rows(capsys.readouterr().out)["base"] == "mine:trixie else sandbox-base/mine:trixie"


def test_a_setting_names_registries_to_fall_back_on(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SANDBOX_REGISTRIES", "one.example/library, two.example:5000")
    assert run(["try", "--distro", "debian:12", "--dry-run"]) == 0
    expected = "debian:bookworm else sandbox-base/debian:bookworm else one.example/library/debian:bookworm"
    assert rows(capsys.readouterr().out)["base"].startswith(expected)


def test_distros_are_listed_without_an_engine(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["distros"]) == 0
    assert "debian:bullseye" in capsys.readouterr().out
