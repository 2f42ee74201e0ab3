"""What a script's --uninstall and --purge promised, held against what they left."""

from __future__ import annotations

from sandbox.promote.verify_traces import Traces, look_text, stays, traces, unkept_purge, unkept_removal

BEFORE = traces("link /etc/systemd/system/a\nuser root\nfile /usr/bin/a\nfile /etc/a\n", "apt")
SAID = "stays: the settings of perl unbound; --purge takes them off\nstays: the user unbound; 'userdel unbound'\n"


def test_what_stays_and_was_said_is_as_promised() -> None:
    last = traces(
        "settings perl\nlink /etc/systemd/system/a\nuser root\nuser unbound\nfile /usr/bin/a\nfile /etc/a\n", "apt"
    )
    assert unkept_removal(BEFORE, last, SAID) == []


def test_what_stays_in_silence_or_is_gone_is_a_difference() -> None:
    last = traces("settings ucf\nlink /etc/systemd/system/b\nuser eve\nfile /etc/a\nfile /var/lib/x/y\n", "apt")
    assert unkept_removal(BEFORE, last, SAID) == [
        "the settings of ucf stay, which the script did not announce",
        "the user eve stays, which the script did not announce",
        "the user root is gone",
        "/etc/systemd/system/b starts at boot",
        "/etc/systemd/system/a no longer starts at boot",
        "- /usr/bin/a",
    ]


def test_a_purge_that_takes_data_breaks_its_promise() -> None:
    removed = Traces(files=frozenset({"/var/lib/x/y", "/etc/x", "/home/z/w"}))
    last = Traces(files=frozenset({"/home/z/w"}))
    assert unkept_purge(Traces(), removed, last, "") == ["- /var/lib/x/y, data"]


def test_files_that_stay_are_counted_by_what_they_are() -> None:
    last = Traces(files=frozenset({"/etc/x", "/etc/y", "/var/lib/x", "/usr/share/x"}))
    assert stays(Traces(), last) == "2 files of settings, 1 file of data, 1 file of neither stay"
    assert stays(last, last) == ""


def test_the_managers_own_books_are_no_traces() -> None:
    assert not traces("file /var/lib/dpkg/status\nfile /nix/store/x\nfile /etc/passwd-\n", "nix").files - {
        "/var/lib/dpkg/status"
    }
    assert "config-files" in look_text("apt")
