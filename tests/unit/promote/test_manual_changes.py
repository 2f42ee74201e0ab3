"""What was done by hand in a shell: settings, services and files that differ, from a listing that may be hostile."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from sandbox.managers.registry import NAMES, data_of
from sandbox.promote.manual_changes import LISTED, PackageChanges, look_argv, manual_changes, parse, summary_lines

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.managers.registry import ManagerName

LIST = "/etc/apt/sources.list.d/foo.list"
SOURCES = "/etc/apt/sources.list"


def shown(*files: tuple[str, str, bytes], newer: tuple[str, ...] = ()) -> bytes:
    rows = b"".join(f"{word} {len(content)} {path}\0".encode() + content for word, path, content in files)
    return rows + b"files 0 \0" + "".join(f"{path}\0" for path in newer).encode("utf-8", "surrogateescape")


def test_a_new_repository_is_kept_whole_and_lines_are_kept_alone() -> None:
    output = shown(
        ("new", LIST, b"deb x\n"),
        ("was", SOURCES, b"deb a\n"),
        ("now", SOURCES, b"deb a\ndeb b\n"),
        newer=(LIST, SOURCES),
    )
    found = manual_changes(parse(output), "apt", PackageChanges())
    assert [(row.path, row.content, row.added) for row in found.settings] == [
        (LIST, b"deb x\n", False),
        (SOURCES, b"deb b\n", True),
    ]
    assert found.strays == ()


def test_what_can_not_be_written_elsewhere_is_listed_with_the_reason() -> None:
    output = shown(
        ("new", LIST, b"deb https://me:secret@x a b\n"),
        ("was", SOURCES, b"deb a\n"),
        ("now", SOURCES, b"deb b\n"),
        ("gone", "/etc/apt/preferences", b""),
    ).replace(b"files 0", b"new big /etc/apt/keyrings/k.gpg\0files 0")
    found = manual_changes(parse(output), "apt", PackageChanges())
    assert found.settings == ()
    assert found.strays == (
        "/etc/apt/preferences (removed)",
        f"{LIST} (it may hold a password)",
        f"{SOURCES} (changed)",
        "/etc/apt/keyrings/k.gpg (too large)",
    )


def test_what_a_package_brought_is_not_by_hand() -> None:
    output = shown(
        ("new", LIST, b"deb x\n"),
        newer=("/usr/bin/jq", "/etc/foo", "/etc/alternatives/x", "/var/lib/dpkg/status", "/etc/rc2.d/S01cron"),
    )
    since = PackageChanges(files=frozenset((LIST, "/usr/bin/jq", "/etc/init.d/cron")), came=True)
    found = manual_changes(parse(output), "apt", since)
    assert (found.settings, found.services, found.strays) == ((), (), ("/etc/foo",))


@pytest.mark.parametrize(
    ("script", "path"),
    [
        ("add-shell /usr/bin/tmux", "/etc/shells"),
        ("pam-auth-update --package", "/etc/pam.d/common-session"),
        ("update-locale LANG=C.UTF-8", "/etc/default/locale"),
        ("newaliases || true", "/etc/aliases.db"),
    ],
)
def test_what_a_program_writes_that_a_packages_script_calls_is_not_by_hand(script: str, path: str) -> None:
    output = shown(newer=(path, "/etc/foo"))
    assert manual_changes(parse(output), "apt", PackageChanges(came=True, scripts=script)).strays == ("/etc/foo",)
    assert path in manual_changes(parse(output), "apt", PackageChanges(came=True)).strays


def test_a_file_of_etc_that_a_packages_script_names_is_not_by_hand() -> None:
    output = shown(newer=("/etc/inputrc", "/etc/inputrc.d", "/etc/foo", "/opt/foo"))
    script = "[ -e /etc/inputrc ] || cp x /etc/inputrc\ncat > /etc/inputrc.d/x\nrm -rf /opt/foo /old/etc/foo\n"
    found = manual_changes(parse(output), "apt", PackageChanges(came=True, scripts=script))
    assert found.strays == ("/etc/foo", "/etc/inputrc.d", "/opt/foo")


def test_a_service_is_by_hand_unless_a_package_noted_it_as_its_own() -> None:
    wants = "/etc/systemd/system/multi-user.target.wants"
    record = "/var/lib/systemd/deb-systemd-helper-enabled/multi-user.target.wants/cron.service"
    newer = (f"{wants}/cron.service", record, f"{wants}/mine.service", f"{wants}/-rf", f"{wants}/a b")
    found = manual_changes(parse(shown(newer=newer)), "apt", PackageChanges())
    assert found.services == ("mine.service",)


def test_what_packages_have_made_by_the_systems_own_programs_is_not_by_hand() -> None:
    newer = ("/usr/bin/mail", "/usr/bin/other", "/etc/alternatives/mail", "/etc/rc0.d/K01exim4", "/etc/rc0.d/K01mine")
    came = PackageChanges(files=frozenset(("/etc/init.d/exim4",)), came=True)
    assert manual_changes(parse(shown(newer=newer)), "apt", came).strays == ("/etc/rc0.d/K01mine", "/usr/bin/other")


def test_a_service_whose_unit_was_made_by_hand_is_on_no_other_host() -> None:
    unit, wants = "/etc/systemd/system/mine.service", "/etc/systemd/system/multi-user.target.wants"
    newer = (unit, f"{wants}/mine.service", f"{wants}/cron.service", "/etc/init.d/old", "/etc/rc2.d/S01old")
    found = manual_changes(parse(shown(newer=newer)), "apt", PackageChanges())
    assert found.services == ("cron.service",)
    lines = tuple(f"{name} at boot (its unit file was written by hand)" for name in ("mine.service", "old"))
    assert found.strays == (*lines, "/etc/init.d/old", unit)


def test_a_hostile_name_is_one_line_of_text() -> None:
    found = manual_changes(parse(shown(newer=("/opt/a\nb", "/opt/\x1b[31m"))), "apt", PackageChanges())
    assert found.strays == ("/opt/\\x1b[31m", "/opt/a\\nb")


def test_a_folder_stands_for_many_files_and_the_list_is_bounded() -> None:
    many = [f"/opt/tool/lib/{number}/file{other}" for number in range(40) for other in range(9)]
    assert list(summary_lines([*many, "/etc/foo"])) == ["/etc/foo", "/opt/tool/lib/ (360 files)"]
    scattered = list(summary_lines(f"/srv{number}/x" for number in range(LISTED + 5)))
    assert len(scattered) == LISTED + 1
    assert scattered[-1] == "and 5 more"


def test_a_tree_of_many_small_folders_is_a_few_lines() -> None:
    site = "/opt/venv/lib/python3.11/site-packages"
    packages = [f"{site}/{name}/{part}/__init__.py" for name in "abcdefgh" for part in ("x", "y")]
    files = [*packages, *(f"{site}/pip/{number}/deep/er/and/er/file.py" for number in range(9)), "/opt/venv/pyvenv.cfg"]
    files += [f"/opt/venv/bin/{number}" for number in range(6)]
    assert list(summary_lines(files)) == ["/opt/venv/bin/ (6 files)", f"{site}/ (25 files)", "/opt/venv/pyvenv.cfg"]


def test_a_sandbox_without_find_says_so() -> None:
    found = manual_changes(parse(b"files 0 \0unknown\0"), "apt", PackageChanges())
    assert found.strays == ("other changed files: the sandbox has no find command",)


def test_what_stands_behind_the_list_of_paths_is_read_and_a_path_that_was_cut_is_none() -> None:
    rest = b"was-set 6 state\0hold\ta" + b"set 6 state\0hold\tb" + b"lost 0 /etc/gone\0"
    whole = parse(b"files 0 \0/etc/a\0/etc/b\0\0" + rest)
    assert (whole.files, whole.state_before, whole.state) == (("/etc/a", "/etc/b"), b"hold\ta", b"hold\tb")
    assert whole.lost == ("/etc/gone",)
    assert parse(b"files 0 \0\0" + rest) == replace(whole, files=())
    assert parse(b"files 0 \0/etc/a\0/etc/b").files == ("/etc/a",)


@given(st.binary(max_size=300))
def test_any_output_is_read(output: bytes) -> None:
    for text in (output, b"new 3 /etc/apt/sources.list\0" + output, b"files 0 \0" + output):
        found = manual_changes(parse(text), "apt", PackageChanges())
        assert all(line.isprintable() for line in found.strays)


STATE = b"hold\thtop\nalternative\tawk\t/usr/bin/mawk\ndiversion\t/bin/a\t/bin/a.mine\nsecret\tx\tx/password\n"


def test_what_a_command_set_is_a_step_and_no_stray() -> None:
    newer = ("/etc/alternatives/awk", "/usr/bin/awk", "/bin/a.mine", "/opt/mine")
    output = shown(
        ("was-set", "state", b""),
        ("set", "state", STATE),
        ("lost", "/bin/a", b""),
        ("lost", "/bin/b", b""),
        ("lost", "/etc/alternatives/awk.1.gz", b""),
        newer=newer,
    )
    found = manual_changes(parse(output), "apt", PackageChanges())
    assert [step.path for step in found.steps] == ["hold:htop", "diversion:/bin/a", "alternative:awk"]
    assert found.strays == ("answer to x/password (a password)", "/bin/b (removed)", "/opt/mine")


LINKS = b"""total 0
lrwxrwxrwx 1 root root 13 Nov 29 22:00 editor -> /usr/bin/vim
lrwxrwxrwx 1 root root 30 Nov 29 22:00 editor.1.gz -> /usr/share/man/man1/vim.1.gz
lrwxrwxrwx 1 root root 13 Nov 29 22:00 pager -> %s
"""


@pytest.mark.parametrize("manager", ["apt", "dnf5", "zypper"])
def test_an_alternative_that_leads_where_it_led_is_no_change(manager: str) -> None:
    """`update-alternatives --set editor`, then `--auto editor`: new links to the same programs (dpkg 1.21)."""
    name = next(name for name in NAMES if name == manager)
    names = ("etc/alternatives/editor", "usr/bin/editor", "etc/alternatives/editor.1.gz", "usr/share/man/editor.1.gz")
    newer = tuple(f"/{path}" for path in (*names, "etc/alternatives/pager", "usr/bin/pager", "opt/editor.mine"))
    output = shown(("was-set", "state", LINKS % b"/bin/more"), ("set", "state", LINKS % b"/usr/bin/less"), newer=newer)
    found = manual_changes(parse(output), name, PackageChanges())
    assert found.strays == ("/etc/alternatives/pager", "/opt/editor.mine", "/usr/bin/pager")
    back = shown(
        ("was-set", "state", b"alternative\teditor\t/usr/bin/vim\n" + LINKS % b"x"),
        ("set", "state", LINKS % b"x"),
        newer=newer[:4],
    )
    found = manual_changes(parse(back), name, PackageChanges())
    assert found.strays == ("alternative /usr/bin/vim for editor (taken back)",)


def test_a_file_that_was_diverted_and_is_back_is_no_change() -> None:
    """`dpkg-divert --rename --add /usr/bin/tree`, then `--remove`: only the times of its name are new (dpkg 1.21)."""
    paths = ("/usr/bin/tree", "/usr/bin/more")
    output = shown(("was-set", "state", b""), ("set", "state", b"moved-back\t/usr/bin/tree\n"), newer=paths)
    assert manual_changes(parse(output), "apt", PackageChanges()).strays == ("/usr/bin/more",)
    before = shown(*((kind, "state", b"moved-back\t/usr/bin/tree\n") for kind in ("was-set", "set")), newer=paths)
    assert manual_changes(parse(before), "apt", PackageChanges()).strays == ("/usr/bin/more", "/usr/bin/tree")


def test_a_manager_that_can_not_set_it_elsewhere_lists_it() -> None:
    output = shown(("was-set", "state", b""), ("set", "state", b"pin\thtop=3.2\n"))
    found = manual_changes(parse(output), "apk", PackageChanges())
    assert (found.steps, found.strays) == ((), ("pin htop=3.2",))


def test_what_packages_set_or_took_along_is_not_by_hand() -> None:
    output = shown(("was-set", "state", b""), ("set", "state", STATE), ("lost", "/bin/b", b""))
    since = PackageChanges(came=True, went=True, scripts="update-alternatives --set awk /usr/bin/mawk")
    found = manual_changes(parse(output), "apt", since)
    assert [step.kind for step in found.steps] == ["hold", "diversion"]
    assert "/bin/b (removed)" not in found.strays


def test_a_choice_that_a_package_only_offers_was_set_by_hand() -> None:
    output = shown(("was-set", "state", b""), ("set", "state", b"alternative\tawk\t/usr/bin/mawk\n"))
    for script, is_by_hand in (
        ("update-alternatives --install /usr/bin/awk awk /usr/bin/gawk 10", True),
        ("update-alternatives --set awk-like /usr/bin/x; echo awk", True),
        ('update-alternatives --set "awk" /usr/bin/gawk', False),
        ('for name in awk nawk; do update-alternatives --set "$name" /usr/bin/gawk; done', False),
    ):
        found = manual_changes(parse(output), "apt", PackageChanges(came=True, scripts=script))
        assert [step.kind for step in found.steps] == ["alternative"] * is_by_hand, script


def test_an_override_and_a_diversion_of_what_a_script_only_names_are_by_hand() -> None:
    state = b"override\troot\tmail\t2755\t/usr/bin/x\ndiversion\t/usr/bin/x\t/usr/bin/x.real\n"
    output = shown(("was-set", "state", b""), ("set", "state", state))
    for script, kinds in (
        ("/usr/bin/x --init", ["diversion", "override"]),
        ("dpkg-statoverride --update --add root mail 2755 /usr/bin/x", ["diversion"]),
        ("dpkg-divert --local --rename --divert /usr/bin/x.real --add /usr/bin/x", ["override"]),
    ):
        found = manual_changes(parse(output), "apt", PackageChanges(came=True, scripts=script))
        assert [step.kind for step in found.steps] == kinds, script


def test_a_diversion_for_a_package_is_by_hand_where_no_script_asks_for_one() -> None:
    output = shown(("was-set", "state", b""), ("set", "state", b"diversion\t/sbin/halt\t/sbin/halt.no\tx\n"))
    for script, strays in (
        ("true", ("diversion of /sbin/halt to /sbin/halt.no for x",)),
        ('dpkg-divert --package x --divert "/sbin/$name.no" --rename "/sbin/$name"', ()),
    ):
        found = manual_changes(parse(output), "apt", PackageChanges(came=True, scripts=script))
        assert (found.steps, found.strays) == ((), strays)


def test_an_answer_for_a_package_that_was_there_already_is_named_since_no_install_asks_again() -> None:
    state = b"answer\ttzdata\ttzdata/Areas\tselect\tAsia\nanswer\tlocales\tlocales/x\tselect\tde\n"
    output = shown(("was-set", "state", b""), ("set", "state", state))
    found = manual_changes(parse(output), "apt", PackageChanges(base=frozenset(("tzdata", "bash"))))
    assert [step.path for step in found.steps] == ["answer:locales/x"]
    assert found.strays == ('answer "Asia" to tzdata/Areas (tzdata was there already)',)


def test_what_is_not_known_of_before_is_no_step() -> None:
    found = manual_changes(parse(shown(("set", "state", STATE))), "apt", PackageChanges())
    assert (found.steps, found.strays) == ((), ())


@pytest.mark.parametrize("manager", NAMES)
def test_a_look_asks_the_manager_which_paths_its_packages_own(manager: ManagerName) -> None:
    assert look_argv(manager, "/notes")[7] == (data_of(manager).owned_files or ":")


FIND = """#!/bin/sh
echo "$0 $1" >>"$LOG"
if [ "$1" = / ]; then exit; fi
exec /usr/bin/find "$@"
"""
WALKED = """#!/bin/sh
until grep -q 'find /$' "$LOG" 2>/dev/null; do :; done
"""


def test_a_look_that_is_made_ready_walks_by_a_copy_of_find_whose_own_file_can_be_written(tmp_path: Path) -> None:
    """A program that runs can't be written to: who did that in a shell's first moments was told that it is busy."""
    notes, log = tmp_path / "notes", tmp_path / "log"
    notes.mkdir()
    for name, text in (("find", FIND), ("walked", WALKED)):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    argv = look_argv("apt", str(notes), "walked")
    env = {"PATH": f"{tmp_path}:/usr/bin:/bin", "LOG": str(log)}
    assert subprocess.run(argv, env=env, check=False).returncode == 3, "nothing is noted"
    assert {line.split()[0] for line in log.read_text().splitlines()} == {str(notes / "find")}
    assert list(notes.glob("find")) == []
