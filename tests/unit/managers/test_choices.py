"""Which version a manager chooses by itself, from its own words."""

from __future__ import annotations

from sandbox.managers.registry import queries_of

POLICY = """\
index: yes
cmake:
  Installed: 3.31.6-2~bpo12+1
  Candidate: 3.31.6-2~bpo12+1
  Version table:
 *** 3.31.6-2~bpo12+1 100
        100 http://mirror.example/debian bookworm-backports/main amd64 Packages
        100 /var/lib/dpkg/status
     3.25.1-1 500
        500 http://me:secret@mirror.example/debian bookworm/main amd64 Packages
zlib1g:i386:
  Installed: 1:1.2.13.dfsg-1
  Candidate: 1:1.2.13.dfsg-1
  Version table:
 *** 1:1.2.13.dfsg-1 500
        500 http://mirror.example/debian bookworm/main i386 Packages
        100 /var/lib/dpkg/status
lochello:
  Installed: 9.9-local
  Candidate: 9.9-local
  Version table:
 *** 9.9-local 100
        100 /var/lib/dpkg/status
"""
"""As apt 2.6 prints it (run in the lab)."""
TAGS = """\
index: yes
htop policy:
  3.4.1-r0:
    lib/apk/db/installed
    @edge http://dl-cdn.alpinelinux.org/alpine/edge/main
  3.3.0-r0:
    http://dl-cdn.alpinelinux.org/alpine/v3.20/main
  3.2.9-r1:
    http://dl-cdn.alpinelinux.org/alpine/v3.20/main
"""


def test_apt_chooses_the_highest_priority_not_what_is_installed() -> None:
    query = queries_of("apt").choices(["cmake"])
    assert query is not None
    cmake, zlib, local = query.parse(POLICY)
    assert cmake.chosen == "3.25.1-1"
    assert cmake.places["3.31.6-2~bpo12+1"] == ("http://mirror.example/debian bookworm-backports/main amd64",)
    assert (zlib.name, zlib.chosen) == ("zlib1g:i386", "1:1.2.13.dfsg-1")
    assert (local.chosen, dict(local.places)) == ("", {})
    assert "secret" not in str(cmake)


def test_without_an_index_nothing_is_known() -> None:
    query = queries_of("apt").choices(["cmake"])
    assert query is not None
    assert not any(row.is_known for row in query.parse(POLICY.removeprefix("index: yes\n")))


def test_apk_takes_nothing_of_a_repository_with_a_tag_by_itself() -> None:
    query = queries_of("apk").choices(["htop"])
    assert query is not None
    (htop,) = query.parse(TAGS)
    assert htop.chosen == "3.3.0-r0"
    assert htop.places["3.4.1-r0"][0].startswith("@edge ")
