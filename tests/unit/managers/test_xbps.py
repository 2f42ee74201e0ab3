from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.errors import StepFailed, UnknownPackage, UsageError
from sandbox.managers.protocol import MAX_REFERENCE, AvailableVersion, Candidate, Change, Failure, PackageRef
from sandbox.managers.xbps import driver as xbps
from sandbox.managers.xbps import queries

RECORDED = Path(__file__).parent / "recorded" / "xbps"


def recorded(name: str) -> str:
    return (RECORDED / f"{name}.txt").read_text(encoding="utf-8")


def explain(output: str, *packages: str) -> StepFailed:
    failure = Failure(argv=xbps.refresh(), status=1, output=output)
    error = xbps.explain(failure, [xbps.parse_reference(text) for text in packages], distro="void latest")
    assert error is not None
    return error


@pytest.mark.parametrize(
    ("text", "name", "version"),
    [
        ("htop", "htop", None),
        ("NetworkManager", "NetworkManager", None),
        ("libstdc++", "libstdc++", None),
        ("jq=1.7.1_2", "jq", "1.7.1_2"),
    ],
)
def test_names_and_versions_of_void_are_taken(text: str, name: str, version: str | None) -> None:
    assert xbps.parse_reference(text) == PackageRef(name=name, version=version)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("=1.0", "has no package name"),
        ("-y", "looks like an option"),
        ("jq>=1", "a range of versions"),
        ("./x.xbps", "has a slash"),
        ("jq=", "no valid version"),
        ("jq=<2", "no valid version"),
    ],
)
def test_what_is_no_package_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(UsageError) as caught:
        xbps.parse_reference(text)
    assert reason in caught.value.brief


@given(st.text(max_size=MAX_REFERENCE + 20))
def test_whatever_is_taken_is_one_harmless_word(text: str) -> None:
    try:
        reference = xbps.parse_reference(text)
    except UsageError:
        return
    word = xbps.install([reference])[-1]
    assert word == text.replace("=", "-")
    assert word[0] not in "-."
    assert not set(word) & set(" \t\n!<>;$`'\"\\/*")


def test_a_version_is_written_behind_the_name() -> None:
    packages = [PackageRef(name="htop"), PackageRef(name="jq", version="1.7.1_2")]
    assert xbps.install(packages) == ("xbps-install", "-y", "htop", "jq-1.7.1_2")
    assert xbps.download(packages) == ("xbps-install", "-y", "-D", "htop", "jq-1.7.1_2")
    assert xbps.remove(packages) == (("xbps-remove", "-R", "-y", "htop", "jq"),)
    assert xbps.remove(packages, purge=True) == (("xbps-remove", "-R", "-y", "-f", "htop", "jq"),)
    assert xbps.is_installed(packages[1]) == (("xbps-query", "-p", "pkgver", "jq-1.7.1_2"),)


def test_a_recorded_database_gives_packages_with_sizes_reasons_and_origins() -> None:
    lib, tool = xbps.parse_packages({xbps.PKGDB: (RECORDED / "pkgdb.plist").read_bytes()})
    assert (lib.name, lib.version, lib.size, lib.explicit) == ("lab-lib", "1.1_1", 12, False)
    assert (tool.name, tool.version, tool.size, tool.explicit) == ("lab-tool", "2.0_1", 38, True)
    assert (tool.architecture, tool.origin) == ("noarch", "/srv/lab")


HOSTILE = """<?xml version="1.0"?>
<!DOCTYPE plist [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]>
<plist version="1.0">
<dict>
\t<key>_XBPS_ALTERNATIVES_</key>
\t<dict>
\t\t<key>sh</key>
\t\t<array>
\t\t\t<string>dash</string>
\t\t</array>
\t</dict>
\t<key>$(id)</key>
\t<dict>
\t\t<key>pkgver</key>
\t\t<string>$(id)-1_1</string>
\t</dict>
\t<key>jq</key>
\t<dict>
\t\t<key>installed_size</key>
\t\t<integer>-5</integer>
\t\t<key>pkgver</key>
\t\t<string>jq-1.7_1</string>
\t\t<key>short_desc</key>
\t\t<string>&b;&c;</string>
\t</dict>
\t<key>other</key>
\t<dict>
\t\t<key>pkgver</key>
\t\t<string>jq-9_1</string>
\t</dict>
</dict>
</plist>
"""


def test_entities_are_not_expanded_and_what_is_no_package_is_none() -> None:
    (package,) = xbps.parse_packages({xbps.PKGDB: HOSTILE.encode()})
    assert (package.name, package.version, package.size) == ("jq", "1.7_1", 0)


@pytest.mark.parametrize(
    ("name", "cause", "brief"),
    [
        ("no-version", "unknown-version", "void latest has no version 9.9.9_9 of lab-tool"),
        ("conflict", "conflict", "lab-conflict conflicts"),
        ("unmet", "conflict", "gone>=1 is missing"),
        ("script", "script", "the installation script of lab-broken failed"),
        ("not-root", "root", "needs root"),
        ("no-name-server", "network", "can't resolve nope.invalid"),
        ("refused", "network", "can't connect to 127.0.0.1:9"),
        ("not-found", "mirror", "the mirror 172.17.0.1:18765 has no package index"),
        ("unsigned", "signature", "verify a signature"),
        ("disk-full", "disk", "the disk is full"),
    ],
)
def test_what_xbps_says_has_a_cause(name: str, cause: str, brief: str) -> None:
    error = explain(recorded(name), "lab-tool=9.9.9_9", "lab-big")
    assert error.cause == cause
    assert brief in error.brief
    assert error.details


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        ("ERROR: jq-1.7_1: the RSA signature is not valid!", "signature"),
        ("Do you want to import this public key? [Y/n]", "signature"),
        ("WARNING: package database locked, waiting...", "lock"),
        ("ERROR: The 'xbps' package must be updated, please run `xbps-install -u xbps`", "other"),
        ("jq-1.7_1: broken, unresolvable shlib `libonig.so.5'", "conflict"),
        ("ERROR: Transaction aborted due to insufficient disk space (need 1MB, got 1KB free).", "disk"),
    ],
)
def test_words_of_its_sources_have_a_cause(line: str, cause: str) -> None:
    assert explain(line, "jq").cause == cause


def test_an_unknown_name_is_told() -> None:
    error = explain(recorded("unknown"), "nope1", "lab-big")
    assert isinstance(error, UnknownPackage)
    assert error.package == "nope1"


def test_progress_names_the_package_and_what_is_done_to_it() -> None:
    said = [step for line in recorded("install").splitlines() if (step := xbps.progress(line))]
    assert "verifying lab-lib-1.1_1" in said
    assert said[-1] == "configuring lab-tool-2.0_1"
    assert (
        xbps.progress("[*] Updating repository `https://a.example/current/x86_64-repodata' ...")
        == "Updating repository"
    )
    assert xbps.progress("Size required on disk:           50B") is None


def test_a_simulation_has_exact_sizes() -> None:
    changes = queries.simulate([PackageRef(name="lab-tool")]).parse(recorded("simulate"))
    assert [change.name for change in changes] == ["lab-lib", "lab-tool", "lab-big"]
    assert changes[1].version == "2.0_1"
    assert changes[2] == Change(
        action="install", name="lab-big", version="1.0_1", size=1048576, download=changes[2].download
    )
    assert changes[2].download > 1048576
    (update,) = queries.simulate([]).parse("jq-1.7_1 update x86_64 https://a.example/current 5 3\njq-1_1 hold - - 0 0")
    assert (update.action, update.size, update.download) == ("upgrade", 5, 3)


def test_an_offer_has_rounded_sizes_and_a_summary() -> None:
    assert queries.versions("lab-big").parse(recorded("show")) == (
        AvailableVersion(
            name="lab-big", version="1.0_1", size=1048576, download=1025 * 1024, summary="lab-big of the lab"
        ),
    )
    assert queries.versions("nope").parse("") == ()


def test_names_are_read_without_their_versions() -> None:
    names = queries.names().parse(recorded("names"))
    assert len(names) == 11
    assert {"lab-tool", "xbps", "needy"} < set(names)


def test_an_owner_is_one_of_the_very_path() -> None:
    assert queries.owner("/usr/bin/labtool").parse(recorded("owner")) == ("lab-tool",)
    assert queries.owner("/bin/labtool").parse(recorded("owner")) == ("lab-tool",)
    assert queries.owner("/usr/bin/labtoo?").parse(recorded("owner")) == ()
    assert queries.owner("/usr/bin/vi").parse("vim-9_1: /usr/bin/vi -> /usr/bin/vim (link)\n") == ("vim",)


def test_only_a_package_that_has_the_command_provides_it() -> None:
    output = "ripgrep\trg\nripgrep-all\trga\nripgrep-all\trga-fzf\nnoise"
    assert queries.provides("rg").parse(output) == ("ripgrep",)
    asked = queries.commands_of(["ripgrep"])
    assert asked is not None
    assert asked.parse(output)[1] == Candidate(name="ripgrep-all", commands=("rga", "rga-fzf"))


def test_files_are_without_what_links_point_to() -> None:
    query = xbps.files([PackageRef(name="vim")])
    assert query.parse("/usr/bin/vim\n/usr/bin/vi -> /usr/bin/vim\nnoise\n") == ("/usr/bin/vim", "/usr/bin/vi")


def test_documentation_comes_back_and_a_mirror_takes_the_place_of_the_official_one(tmp_path: Path) -> None:
    file = tmp_path / "void.conf"
    file.write_text("repository=https://a.example/current\nnoextract=/usr/share/man/*\n#noextract=x\n")
    subprocess.run(["sh", "-c", xbps.keep_docs.replace("/etc/xbps.d", str(tmp_path))], check=True)
    argv = xbps.use_mirror("https://a.example", "https://b.example/void")
    subprocess.run((*argv[:-1], str(file)), check=True)
    assert file.read_text() == "repository=https://b.example/void/current\n#noextract=x\n"
