from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.errors import StepFailed, UnknownPackage, UsageError
from sandbox.managers.pacman import driver as pacman
from sandbox.managers.pacman import queries
from sandbox.managers.protocol import LISTING, MAX_REFERENCE, AvailableVersion, Candidate, Change, Failure, PackageRef

RECORDED = Path(__file__).parent / "recorded" / "pacman"


def recorded(name: str) -> str:
    return (RECORDED / f"7.0-{name}.txt").read_text(encoding="utf-8")


def explain(output: str, *packages: str) -> StepFailed:
    failure = Failure(argv=pacman.refresh(), status=1, output=output)
    error = pacman.explain(failure, [pacman.parse_reference(text) for text in packages], distro="arch latest")
    assert error is not None
    return error


@pytest.mark.parametrize(
    ("text", "name", "version"),
    [
        ("htop", "htop", None),
        ("gtk2+extra", "gtk2+extra", None),
        ("lib32-gcc-libs", "lib32-gcc-libs", None),
        ("jq=1.7.1-2", "jq", "1.7.1-2"),
        ("vim=2:9.1.0-1.1", "vim", "2:9.1.0-1.1"),
        ("jq=1.7.1", "jq", "1.7.1"),
    ],
)
def test_names_and_versions_of_arch_are_taken(text: str, name: str, version: str | None) -> None:
    assert pacman.parse_reference(text) == PackageRef(name=name, version=version)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("=1.0", "has no package name"),
        ("-Rns", "looks like an option"),
        (".hidden", "is not a valid package name"),
        ("core/jq", "names its repository"),
        ("jq>1", "a range of versions"),
        ("https://evil", "has a slash"),
        ("jq=", "no valid version"),
        ("jq=1-2-3", "no valid version"),
        ("jq==1", "has == before its version"),
    ],
)
def test_what_is_no_package_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(UsageError) as caught:
        pacman.parse_reference(text)
    assert reason in caught.value.brief


@given(st.text(max_size=MAX_REFERENCE + 20))
def test_whatever_is_taken_is_one_harmless_word(text: str) -> None:
    try:
        reference = pacman.parse_reference(text)
    except UsageError:
        return
    word = pacman.install([reference])[-1]
    assert word == text
    assert word[0] not in "-."
    assert not set(word) & set(" \t\n!<>;$`'\"\\/*")


def test_nothing_is_installed_without_an_upgrade_of_all_else() -> None:
    packages = [PackageRef(name="htop"), PackageRef(name="jq", version="1.7.1-2")]
    assert pacman.install(packages) == ("pacman", "-Su", "--needed", "--noconfirm", "htop", "jq=1.7.1-2")
    assert pacman.download(packages)[1] == "-Suw"
    assert "y" not in pacman.install(packages)[1]
    assert pacman.refresh() == ("pacman", "-Sy")


def test_a_purge_takes_configuration_too() -> None:
    packages = [PackageRef(name="htop", version="3")]
    assert pacman.remove(packages) == (("pacman", "-Rs", "--noconfirm", "htop"),)
    assert pacman.remove(packages, purge=True) == (("pacman", "-Rns", "--noconfirm", "htop"),)
    assert pacman.is_installed(packages[0]) == (("pacman", "-T", "htop=3"),)


def test_the_listing_prints_what_installed_reads(tmp_path: Path) -> None:
    for name in ("lab-lib-1.1-1", "lab-tool-2.0-1"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "desc").write_text((RECORDED / f"{name}.desc").read_text())
    text = pacman.listing.replace("/var/lib/pacman/local", str(tmp_path))
    listed = subprocess.run(["sh", "-c", text], capture_output=True, check=True).stdout
    tool, lib = reversed(pacman.parse_packages({LISTING: listed}))
    assert (tool.name, tool.version, tool.architecture, tool.size, tool.explicit) == (
        "lab-tool",
        "2.0-1",
        "any",
        29,
        True,
    )
    assert (lib.name, lib.version, lib.size, lib.explicit) == ("lab-lib", "1.1-1", 12, False)
    assert b"%DESC%" not in listed


def test_a_name_outside_the_grammar_is_no_package() -> None:
    listed = b"%NAME%\n$(id)\n%VERSION%\n1-1\n%NAME%\nok\n%SIZE%\n-1\n%NAME%"
    assert [(package.name, package.size) for package in pacman.parse_packages({LISTING: listed})] == [("ok", 0)]


@pytest.mark.parametrize(
    ("name", "cause", "brief"),
    [
        ("no-index", "mirror", "arch latest has not downloaded the index of lab yet"),
        ("no-version", "unknown-version", "arch latest has no version 9.9.9-9 of lab-tool"),
        ("conflict", "conflict", "lab-conflict conflicts"),
        ("conflict-installed", "conflict", "lab-conflict conflicts"),
        ("overwrite", "conflict", "lab-extra contains a file that already exists"),
        ("unmet", "conflict", "needy lacks a dependency"),
        ("lock", "lock", "lock, or died"),
        ("not-root", "root", "needs root"),
        ("missing-signature", "signature", "verify a signature"),
        ("missing-database-signature", "signature", "verify a signature"),
        ("unknown-key", "signature", "verify a signature"),
        ("unknown-trust", "signature", "verify a signature"),
        ("no-name-server", "network", "can't resolve nope.invalid"),
        ("refused", "network", "can't connect to 127.0.0.1:9"),
        ("not-found", "mirror", "the mirror 172.17.0.1:18765 has no package index"),
        ("archive-gone", "mirror", "did not send lab-big-1.0-1-any.pkg.tar.zst"),
        ("damaged-archive", "mirror", "the mirror of arch latest sent a damaged file"),
        ("disk-full", "disk", "the disk is full"),
        ("disk-full-checked", "disk", "the disk is full"),
        ("script", "script", "the installation script of lab-broken failed"),
    ],
)
def test_what_pacman_says_has_a_cause(name: str, cause: str, brief: str) -> None:
    error = explain(recorded(name), "lab-tool=9.9.9-9", "lab-big")
    assert error.cause == cause
    assert brief in error.brief
    assert error.details


@pytest.mark.parametrize(
    "line",
    [
        'error: jq: signature from "A B <a@b.example>" is unknown trust',
        'error: jq: key "0123456789ABCDEF" is unknown',
        'error: key "0123456789ABCDEF" could not be looked up remotely',
        "error: failed to commit transaction (invalid or corrupted package (PGP signature))",
        'error: core: signature from "A B <a@b.example>" is invalid',
    ],
)
def test_a_keyring_that_is_older_than_the_packages_is_a_matter_of_signatures(line: str) -> None:
    assert explain(line, "jq").cause == "signature"


def test_all_that_is_missing_is_told_names_and_versions() -> None:
    error = explain(recorded("unknown-two") + recorded("no-version"), "nope1", "nope2", "lab-tool=9.9.9-9")
    assert isinstance(error, UnknownPackage)
    assert error.package == "nope1"
    assert error.brief == "arch latest has none of nope1, nope2; it does not have the version lab-tool=9.9.9-9"


def test_progress_names_what_is_under_way() -> None:
    said = [step for line in recorded("install").splitlines() if (step := pacman.progress(line))]
    assert said == [
        "resolving dependencies",
        "download lab-tool-2.0-1-any",
        "download lab-lib-1.1-1-any",
        "checking keyring",
        "checking package integrity",
        "loading package files",
        "installing lab-lib",
        "installing lab-tool",
    ]
    assert pacman.progress("(12/20) upgrading glibc   [####] 100%") == "upgrading glibc"


def test_a_simulation_tells_an_upgrade_from_what_is_new() -> None:
    output = f"{recorded('simulate')}+ lab-tool 2.0-1 710\n= lab-tool 1.0-1\n"
    assert queries.simulate([PackageRef(name="lab-big")]).parse(output) == (
        Change(action="install", name="lab-big", version="1.0-1", size=1024 * 1024, download=1051184),
        Change(action="upgrade", name="lab-tool", version="2.0-1", download=710),
    )


def test_an_offer_has_sizes_in_bytes_and_a_summary() -> None:
    assert queries.versions("lab-big").parse(recorded("simulate")) == (
        AvailableVersion(
            name="lab-big",
            version="1.0-1",
            size=1048576,
            download=1051187,
            summary="lab-big of the lab",
            repository="lab",
        ),
    )


def test_only_a_file_in_a_folder_of_commands_provides_a_command() -> None:
    output = "extra\tjq\t1.7\tusr/bin/jq\nextra\tzsh\t5\tusr/share/zsh/functions/jq\nextra\tjq\t1.7\tusr/bin/jq\nbad\n"
    assert queries.provides("jq").parse(output) == ("jq",)


def test_names_owners_and_commands_are_read_line_by_line() -> None:
    assert queries.names().parse("jq\nhtop\njq\nerror: x\n") == ("jq", "htop")
    assert queries.owner("/usr/bin/jq").parse("jq\n") == ("jq",)
    asked = queries.commands_of(["ripgrep"])
    assert asked is not None
    assert asked.parse("ripgrep\trg\nnoise\n") == (Candidate(name="ripgrep", commands=("rg",)),)


def test_folders_are_no_files() -> None:
    assert pacman.files([PackageRef(name="jq")]).parse("/usr/\n/usr/bin/\n/usr/bin/jq\n") == ("/usr/bin/jq",)


def prepared(tmp_path: Path, text: str) -> None:
    """Run shell text of ours on a root of its own, with a pacman-key that leaves a note and a gpgconf."""
    for name, text_of in (("pacman-key", f'echo "$1" >>{tmp_path}/ran'), ("gpgconf", ":")):
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\n{text_of}\n")
        program.chmod(0o755)
    moved = text.replace("/etc/", f"{tmp_path}/etc/").replace("/usr/share/", f"{tmp_path}/usr/share/")
    subprocess.run(["sh", "-c", moved], env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, check=True)


def place(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)


def test_the_keyring_is_filled_only_where_the_distro_has_keys_that_are_missing(tmp_path: Path) -> None:
    prepared(tmp_path, pacman.prepare)
    assert not (tmp_path / "ran").exists()
    place(tmp_path / "usr/share/pacman/keyrings/archlinux.gpg", "k" * 1000)
    place(tmp_path / "etc/pacman.d/gnupg/pubring.gpg", "k" * 900)
    prepared(tmp_path, pacman.prepare)
    assert not (tmp_path / "ran").exists()
    place(tmp_path / "etc/pacman.d/gnupg/pubring.gpg", "k")
    prepared(tmp_path, pacman.prepare)
    assert (tmp_path / "ran").read_text() == "--init\n--populate\n"


def test_the_user_for_downloads_is_taken_out_and_documentation_comes_back(tmp_path: Path) -> None:
    conf = tmp_path / "etc/pacman.conf"
    place(conf, "[options]\nDownloadUser = alpm\nNoExtract = usr/share/man/*\n NoExtract = !usr/share/x\nColor\n")
    prepared(tmp_path, pacman.prepare)
    prepared(tmp_path, pacman.keep_docs)
    assert conf.read_text() == "[options]\n#DownloadUser = alpm\nColor\n"


def test_a_mirror_takes_the_place_of_the_official_one(tmp_path: Path) -> None:
    file = tmp_path / "mirrorlist"
    file.write_text("Server = https://a.example/$repo/os/$arch\n#Server = https://b.example/$repo\n")
    argv = pacman.use_mirror("https://a.example", "http://c.example/arch")
    subprocess.run((*argv[:-1], str(file)), check=True)
    assert file.read_text().splitlines()[0] == "Server = http://c.example/arch/$repo/os/$arch"
