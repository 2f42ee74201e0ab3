from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.advised import advice_of

from sandbox.errors import StepFailed, UnknownPackage, UsageError
from sandbox.managers.nix import driver as nix
from sandbox.managers.nix import names as nix_names
from sandbox.managers.nix import queries
from sandbox.managers.protocol import LISTING, MAX_REFERENCE, Failure, PackageRef

RECORDED = Path(__file__).parent / "recorded" / "nix"
DISTRO = "nixos unstable"
HASH = "sb939g3fyj6s0jwaplz2gfpmscg119xk"


def said(case: str) -> str:
    return (RECORDED / f"{case}.txt").read_text()


def explain(output: str, *names: str) -> StepFailed:
    failure = Failure(argv=("nix-env",), status=1, output=output)
    error = nix.explain(failure, [PackageRef(name=name) for name in names], distro=DISTRO)
    assert error is not None
    return error


@pytest.mark.parametrize(
    ("text", "name", "version"),
    [
        ("htop", "htop", None),
        ("python3Packages.httpie", "python3Packages.httpie", None),
        ("nodejs_22", "nodejs_22", None),
        ("7zz", "7zz", None),
        ("_7zz", "_7zz", None),
        ("fd=10.2.0", "fd", "10.2.0"),
        ("xorg.xeyes=1.3.0", "xorg.xeyes", "1.3.0"),
        ("foo=0-unstable-2024-05-01", "foo", "0-unstable-2024-05-01"),
    ],
)
def test_attributes_and_versions_are_taken(text: str, name: str, version: str | None) -> None:
    assert nix.parse_reference(text) == PackageRef(name=name, version=version)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "has no package name"),
        ("=1", "has no package name"),
        ("-e", "looks like an option"),
        ("nixpkgs.htop", "names its channel"),
        ("nixpkgs#htop", "names its channel"),
        ("a..b", "has an empty part between dots"),
        (".a", "has an empty part between dots"),
        ("htop;id", "invalid character ';'"),
        ('a"b', "invalid character '\"'"),
        ("a${b}", "invalid character '$'"),
        ("h\u0442op", "invalid character '\\u0442'"),
        ("htop=", "no valid version"),
        ('htop=1"', "no valid version"),
        ("htop=${x}", "no valid version"),
    ],
)
def test_what_is_no_package_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(UsageError) as caught:
        nix.parse_reference(text)
    assert reason in caught.value.brief
    assert caught.value.brief.isprintable()


@pytest.mark.parametrize("text", ["nixpkgs.htop=3.3", "nixos.htop=3.3", "nixpkgs#htop=3.3"])
def test_a_channels_name_is_answered_with_the_command_that_was_meant(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        nix.parse_reference(text)
    assert advice_of(caught.value) == ("sandbox try htop=3.3",)


@given(st.text(max_size=MAX_REFERENCE + 20))
def test_whatever_is_taken_ends_no_string_of_nix(text: str) -> None:
    try:
        reference = nix.parse_reference(text)
    except UsageError:
        return
    assert not {'"', "\\", "$", "'", "\n"} & set(text)
    assert nix_names.pinned_reference(reference).count('"') % 2 == 0


def test_install_asks_by_attribute_and_looks_at_versions_only_where_one_is_pinned() -> None:
    htop, jq = PackageRef(name="htop"), PackageRef(name="jq", version="1.7")
    assert nix.install([htop]) == ("nix-env", "-f", "<nixpkgs>", "-iA", "htop")
    argv = nix.install([htop, jq])
    assert argv[3] == "-iE"
    assert '."htop"' in argv[4]
    assert '== "1.7"' in argv[5]


def test_only_a_purge_empties_the_store() -> None:
    assert len(nix.remove([PackageRef(name="htop")])) == 1
    assert nix.remove([PackageRef(name="htop")], purge=True)[1][0] == "nix-collect-garbage"


def test_a_mirror_takes_the_place_of_the_official_one_and_of_no_other(tmp_path: Path) -> None:
    channels = tmp_path / ".nix-channels"
    channels.write_text("https://official/channels/nixpkgs-unstable nixpkgs\nhttps://official-not/x other\n")
    argv = nix.use_mirror("https://official/channels", "https://m/$(id)\nx")
    subprocess.run(argv, env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}, check=True)
    assert channels.read_text() == "https://m/$(id)/nixpkgs-unstable nixpkgs\nhttps://official-not/x other\n"


def listed(direct: list[str], rows: list[tuple[str, int]]) -> dict[str, bytes]:
    parts = ("\n".join(direct), "\n".join(path for path, _ in rows), "\n".join(str(size) for _, size in rows))
    return {LISTING: "\n--\n".join(parts).encode()}


def test_installed_says_what_the_profile_holds_and_what_that_needs() -> None:
    packages = {package.name: package for package in nix.parse_packages({LISTING: (RECORDED / "listing").read_bytes()})}
    assert packages.keys() == {"lab-tool", "lab-lib"}
    assert (packages["lab-tool"].version, packages["lab-tool"].size, packages["lab-tool"].explicit) == (
        "2.0",
        600,
        True,
    )
    assert not packages["lab-lib"].explicit


def test_the_outputs_of_a_package_are_one() -> None:
    out, man = f"/nix/store/{HASH}-curl-8.9.1", f"/nix/store/{HASH}-curl-8.9.1-man"
    (package,) = nix.parse_packages(listed([f"bin={out}", f"man={man}"], [(out, 10), (man, 5)]))
    assert (package.name, package.version, package.size, package.explicit) == ("curl", "8.9.1", 15, True)


def test_of_two_versions_the_profiles_own_counts() -> None:
    mine, theirs = f"/nix/store/{HASH}-openssl-3.3", f"/nix/store/{HASH}-openssl-3.0"
    for rows in ([(mine, 1), (theirs, 2)], [(theirs, 2), (mine, 1)]):
        (package,) = nix.parse_packages(listed([mine], rows))
        assert (package.version, package.size, package.explicit) == ("3.3", 3, True)


def test_files_that_are_no_packages_are_passed_over() -> None:
    rows = [(f"/nix/store/{HASH}-{name}", 1) for name in ("user-environment", "env-manifest.nix", "die.patch")]
    assert nix.parse_packages(listed([], rows)) == ()


@given(st.binary(max_size=600))
def test_garbage_in_the_listing_is_passed_over(listing: bytes) -> None:
    assert isinstance(nix.parse_packages({LISTING: listing}), tuple)


@pytest.mark.parametrize(
    ("derivation", "name", "version"),
    [
        ("lab-tool-2.0", "lab-tool", "2.0"),
        ("python3.12-httpie-3.2.4", "python3.12-httpie", "3.2.4"),
        ("foo-0-unstable-2024-05-01", "foo", "0-unstable-2024-05-01"),
        ("die.patch", "die.patch", ""),
    ],
)
def test_a_version_begins_behind_the_first_dash_that_no_letter_follows(
    derivation: str, name: str, version: str
) -> None:
    assert nix_names.split(derivation) == (name, version)


@pytest.mark.parametrize(
    ("case", "cause", "brief"),
    [
        ("unknown", "unknown-package", "nixos unstable has no package lab-tol"),
        ("unknown-two", "unknown-package", "nixos unstable has no package nope"),
        ("unknown-pinned", "unknown-package", "nixos unstable has no package lab-tol"),
        ("unknown-inner-pinned", "unknown-package", "nixos unstable has no package nope.nope"),
        ("unknown-version", "unknown-version", "nixos unstable has no version 9.9 of lab-tool"),
        ("no-package", "unknown-package", "that name is not a package"),
        ("conflict", "conflict", "lab-tool-2.0 has a file that another one has too"),
        ("build", "script", "the build of lab-broken-1.0 failed"),
        ("refused", "network", "can't connect to http://127.0.0.1:9/x/channel"),
        ("no-name-server", "network", "can't resolve the host of http://nowhere.invalid/x"),
        ("gone", "mirror", "could not download file:///nowhere"),
        ("no-channel", "mirror", "nixos unstable has no channel nixpkgs"),
    ],
)
def test_each_recorded_failure_is_named_by_its_cause(case: str, cause: str, brief: str) -> None:
    error = explain(said(case))
    assert error.cause == cause
    assert brief in error.brief
    assert error.details


UNFREE = (
    "error: Package \u2018unrar-7.0.9\u2019 in /nix/store/x/package.nix:71 has an unfree license (\u2018unfree\u2019),"
    " refusing to evaluate."
)
INSECURE = "error: Package 'openssl-1.1.1w' in /x/1.1.nix:7 is marked as insecure, refusing to evaluate."


@pytest.mark.parametrize(
    ("output", "cause", "brief"),
    [
        (UNFREE, "withheld", "holds unrar-7.0.9 back: it has an unfree license"),
        (INSECURE, "withheld", "holds openssl-1.1.1w back: it is marked as insecure"),
        (
            "error: profile '/p' is incompatible with 'nix-env'; please use",
            "other",
            "nix profile changed the profile /p",
        ),
        ("error: writing to file: No space left on device", "disk", "disk is full"),
        ("error: path '/nix/store/x' lacks a signature by a trusted key", "signature", "can't be verified"),
        ("error: opening lock file '/nix/var/nix/db/big-lock': Permission denied", "root", "may not write"),
    ],
)
def test_failures_that_could_not_be_recorded_are_known_by_their_words(output: str, cause: str, brief: str) -> None:
    error = explain(output)
    assert error.cause == cause
    assert brief in error.brief


def test_what_is_unfree_comes_with_the_command_that_accepts_it_and_is_never_accepted_for_the_user() -> None:
    (hint,) = advice_of(explain(UNFREE, "unrar"))
    assert hint == (
        "sandbox try --distro nixos:unstable -- env NIXPKGS_ALLOW_UNFREE=1 nix-env -f '<nixpkgs>' -iA unrar"
    )
    assert "NIXPKGS_ALLOW_UNFREE" not in {**nix.environment, **nix.throwaway_environment}
    assert advice_of(explain(INSECURE, "openssl_1_1")) == ()


def test_an_unknown_package_is_named_as_it_was_asked_for() -> None:
    error = explain(said("unknown-pinned"))
    assert isinstance(error, UnknownPackage)
    assert error.package == "lab-tol"


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (f"copying path '/nix/store/{HASH}-htop-3.3.0' from 'https://cache'...", "Get htop-3.3.0"),
        (f"building '/nix/store/{HASH}-lab-tool-2.0.drv'...", "Building lab-tool-2.0"),
        ("unpacking 1 channels...", "unpacking 1 channels"),
        ("installing 'lab-tool-2.0'", "Installing lab-tool-2.0"),
        ("these 2 derivations will be built:", None),
        ("", None),
    ],
)
def test_progress_is_short_and_noise_is_none(line: str, shown: str | None) -> None:
    assert nix.progress(line) == shown


def test_a_simulation_names_what_was_asked_for_first() -> None:
    changes = queries.simulate([PackageRef(name="x")]).parse(said("simulate"))
    assert [change.name for change in changes][:2] == ["lab-tool", "lab-big"]
    assert {change.name for change in changes} == {"lab-tool", "lab-big", "lab-lib"}


def test_a_simulations_sum_is_the_first_packages() -> None:
    output = (
        "installing 'htop-3.3.0'\nthese 2 paths will be fetched (1.50 MiB download, 4.00 MiB unpacked):\n"
        f"  /nix/store/{HASH}-htop-3.3.0\n  /nix/store/{HASH}-ncurses-6.4\n"
    )
    first, second = queries.simulate([PackageRef(name="htop")]).parse(output)
    assert (first.name, first.size, first.download) == ("htop", 4 * 1024**2, 3 * 1024**2 // 2)
    assert (second.name, second.size) == ("ncurses", 0)


@pytest.mark.parametrize(("old", "action"), [("1.9", "upgrade"), ("1.11", "downgrade"), ("1.10", "install")])
def test_a_simulation_tells_up_from_down(old: str, action: str) -> None:
    (change,) = queries.simulate([PackageRef(name="x")]).parse(f"replacing old 'x-{old}'\ninstalling 'x-1.10'\n")
    assert change.action == action


def test_versions_come_newest_first_with_the_attributes_that_give_them() -> None:
    offers = queries.versions("lab-tool").parse(said("versions"))
    assert [(offer.name, offer.version) for offer in offers] == [("lab-tool", "2.0"), ("lab-tool_1", "1.0")]
    assert offers[0].summary == "lab-tool test package"


def test_names_are_attributes() -> None:
    assert {"lab-tool", "lab-tool_1", "lab-big"} <= set(queries.names().parse(said("names")))


def test_a_path_in_the_store_tells_its_owner() -> None:
    assert queries.owner("/x").parse(said("owner")) == ("lab-tool",)
    assert queries.owner("/x").parse("/usr/bin/env") == ()


def test_files_are_in_the_store() -> None:
    assert nix.files([]).parse(said("files")) == (f"/nix/store/{HASH}-lab-tool-2.0/bin/labtool",)


def test_a_line_that_is_no_version_hides_none_that_follow() -> None:
    first, *others = said("versions").splitlines()
    offers = queries.versions("lab-tool").parse("\n".join([first, "warning: unknown setting", *others]))
    assert [offer.name for offer in offers] == ["lab-tool", "lab-tool_1"]
