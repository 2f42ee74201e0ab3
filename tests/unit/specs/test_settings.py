"""Settings: defaults, the file, variables above it, options above both."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.errors import SpecError, UsageError
from sandbox.specs.model import Limits
from sandbox.specs.settings import KEYS, Settings, option, variable
from sandbox.specs.settings_fields import SETTINGS, parsers
from sandbox.specs.settings_load import load_settings

FILE = """\
distro: debian:trixie
distros: ~/rows.yaml
registries: [registry.example.com/library, "other.example:5000"]
engine: unix:///run/docker.sock
mirrors: {debian: 'http://deb.example/debian'}
cache: yes
cache_size: 10GiB
cache_days: 7
limits: {memory: 4G, cpus: 1}
promote: never
journal: no
ca: ~/ca.pem
recommends: true
"""


def write(tmp_path: Path, text: str) -> dict[str, str]:
    folder = tmp_path / ".config/sandbox"
    folder.mkdir(parents=True)
    (folder / "config.yaml").write_text(text)
    return {"HOME": str(tmp_path)}


def test_nothing_set_are_the_defaults(tmp_path: Path) -> None:
    for home in (str(tmp_path), "/nonexistent", "/dev/null", "relative"):
        assert load_settings({"HOME": home, "XDG_CONFIG_HOME": "also/relative"}) == Settings()


def test_the_file_sets_every_key_and_says_its_line(tmp_path: Path) -> None:
    environ = write(tmp_path, FILE)
    found = load_settings(environ)
    file = f"{tmp_path}/.config/sandbox/config.yaml"
    assert found == Settings(
        distro="debian:trixie",
        distros=f"{tmp_path}/rows.yaml",
        registries=("registry.example.com/library", "other.example:5000"),
        engine="unix:///run/docker.sock",
        mirrors={"debian": "http://deb.example/debian"},
        cache=True,
        cache_size=10_737_418_240,
        cache_days=7,
        limits=Limits(memory=4_000_000_000, cpus=1.0),
        promote="never",
        journal=False,
        ca=f"{tmp_path}/ca.pem",
        recommends=True,
        origins=found.origins,
    )
    assert found.origin("cache_days") == f"{file}:8"
    assert found.origin("limits.cpus") == f"{file}:9"
    assert found.origin("limits.pids") == "default"
    assert found.value("limits.cpus") == 1.0


def test_variables_win_over_the_file_and_options_over_both(tmp_path: Path) -> None:
    environ = write(tmp_path, "distro: alpine\ncache_days: 7\nlimits: {memory: 4G}\n")
    environ |= {"SANDBOX_DISTRO": "debian", "SANDBOX_MEMORY": "3G", "SANDBOX_CACHE": "1", "SANDBOX_JOURNAL": ""}
    environ |= {"SANDBOX_MIRRORS": "debian=http://a/,ubuntu=https://b", "SANDBOX_REQUIRE_ENGINE": "1"}
    found = load_settings(environ, options={"cache_days": 3})
    assert (found.distro, found.origin("distro")) == ("debian", "SANDBOX_DISTRO")
    assert (found.limits.memory, found.origin("limits.memory")) == (3_000_000_000, "SANDBOX_MEMORY")
    assert (found.cache_days, found.origin("cache_days")) == (3, "--cache-days")
    assert (found.cache, found.journal) == (True, True)
    assert found.mirrors == {"debian": "http://a/", "ubuntu": "https://b"}


def test_all_problems_of_the_file_come_at_once(tmp_path: Path) -> None:
    environ = write(tmp_path, "distr: x\ncache_size: big\npromote: nevr\nlimits: {memory: 1}\nengine: here\n")
    with pytest.raises(SpecError) as caught:
        load_settings(environ)
    assert [(at.line, at.path, at.message) for at in caught.value.problems] == [
        (1, "distr", "no such key; did you mean distro?"),
        (2, "cache_size", 'expected a size such as 500M or 5G, got "big"'),
        (3, "promote", 'expected ask or never, got "nevr"; did you mean never?'),
        (4, "limits.memory", 'expected at least 6000000 bytes, got "1"; did you mean 1M?'),
        (5, "engine", 'expected a URL such as unix:///var/run/docker.sock, got "here"'),
    ]


@pytest.mark.parametrize(
    ("name", "value", "brief"),
    [
        ("SANDBOX_CACHE", "maybe", 'SANDBOX_CACHE: expected true or false, got "maybe"'),
        ("SANDBOX_CACHE_DAYS", "0", 'SANDBOX_CACHE_DAYS: expected a number of days, got "0"'),
        ("SANDBOX_PIDS", "x", 'SANDBOX_PIDS: expected a number of processes such as 200, got "x"'),
        ("SANDBOX_CA", "ca.pem", 'SANDBOX_CA: expected an absolute path or one below ~/, got "ca.pem"'),
        ("SANDBOX_MIRRORS", "debian", 'SANDBOX_MIRRORS: expected a URL such as http://deb.example/debian, got ""'),
    ],
)
def test_a_wrong_variable_is_named(name: str, value: str, brief: str) -> None:
    with pytest.raises(UsageError) as caught:
        load_settings({"HOME": "/nonexistent", name: value})
    assert caught.value.brief == brief


def test_several_wrong_variables_are_all_named() -> None:
    with pytest.raises(UsageError) as caught:
        load_settings({"HOME": "/nonexistent", "SANDBOX_PIDS": "x", "SANDBOX_CPUS": "y"})
    assert [name for name, _ in caught.value.details] == ["SANDBOX_CPUS", "SANDBOX_PIDS"]


def test_an_empty_file_and_one_of_comments_set_nothing(tmp_path: Path) -> None:
    assert load_settings(write(tmp_path, "# distro: debian\n")) == Settings()


def test_a_file_that_can_not_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is a folder, not a file"):
        load_settings({}, path=tmp_path)
    with pytest.raises(UsageError, match="does not exist"):
        load_settings({}, path=tmp_path / "none.yaml")


def test_the_table_the_keys_and_the_fields_are_the_same_settings() -> None:
    assert tuple(parsers()) == KEYS
    assert [entry.key for entry in SETTINGS] == list(Settings.__struct_fields__)[:-1]
    assert variable("limits.memory") == "SANDBOX_MEMORY"
    assert option("cache_size") == "--cache-size"


def test_defaults_import_nothing_heavy() -> None:
    code = (
        "import sys; from sandbox.specs.settings_load import load_settings; load_settings({'HOME': '/nonexistent'});"
        "print(*{'yaml', 'rapidfuzz', 'sandbox.specs.kinds', 'sandbox.core.yamltext'} & set(sys.modules))"
    )
    path = str(Path(__file__).parents[3] / "src")
    found = subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": path}, capture_output=True, check=True)
    assert found.stdout == b"\n"
