"""Licences: expressions where a distro's name has one meaning, and what --fail-on licence: makes of them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.unit.inspect.test_claims import calm

from sandbox.errors import UsageError
from sandbox.inspect.fail_on import fail_on_error, parse_fail_on
from sandbox.inspect.findings import InstalledPackage
from sandbox.inspect.licences import (
    can_be_avoided,
    check_extra,
    licences_of,
    parse_licence,
    verdict_on,
    whole_expression,
)
from sandbox.managers.licence_names import has_spdx_names, spdx
from sandbox.managers.registry import LANGUAGES, NAMES

if TYPE_CHECKING:
    from sandbox.inspect.findings import Inspection


@pytest.mark.parametrize(
    ("manager", "distro", "text", "expression"),
    [
        ("apt", "debian bookworm", "GPL-2+", "GPL-2.0-or-later"),
        ("apt", "debian bookworm", "gpl-2", "GPL-2.0-only"),
        ("apt", "debian bookworm", "GPL-2.0.0+", "GPL-2.0-or-later"),
        ("apt", "debian bookworm", "LGPL-2.1+", "LGPL-2.1-or-later"),
        ("apt", "debian bookworm", "GFDL-NIV-1.3+", "GFDL-1.3-no-invariants-or-later"),
        ("apt", "debian bookworm", "Expat", "MIT"),
        ("apt", "debian bookworm", "BSD-3-clause or Apache-2.0", "BSD-3-Clause OR Apache-2.0"),
        ("apt", "debian bookworm", "Apache-2", "Apache-2.0"),
        ("apt", "debian bookworm", "MPL-2", "MPL-2.0"),
        ("apt", "debian bookworm", "GPL-1+ or BSD-3-clause, and Zlib", "(GPL-1.0-or-later OR BSD-3-Clause) AND Zlib"),
        ("apt", "debian bookworm", "GPL-1+, or Expat and Zlib", "GPL-1.0-or-later OR (MIT AND Zlib)"),
        ("apt", "debian bookworm", "MIT", ""),
        ("apt", "debian bookworm", "X11", ""),
        ("apt", "debian bookworm", "BSD", ""),
        ("apt", "debian bookworm", "GPL", ""),
        ("apt", "debian bookworm", "GPL-1+ or Artistic", ""),
        ("apt", "debian bookworm", "Artistic-1.0", ""),
        ("apt", "debian bookworm", "GPL-2+ with OpenSSL exception", ""),
        ("apt", "debian bookworm", "GPL-2+ and/or Expat", ""),
        ("apt", "debian bookworm", "Expat, or Zlib, and ISC", ""),
        ("apt", "debian bookworm", "public-domain", ""),
        ("dnf5", "fedora 41", "LGPL-2.1-or-later AND (MIT OR ISC)", "LGPL-2.1-or-later AND (MIT OR ISC)"),
        ("dnf5", "fedora 41", "LicenseRef-Fedora-Public-Domain", "LicenseRef-Fedora-Public-Domain"),
        ("dnf5", "fedora 41", "GPLv2+", ""),
        ("dnf4", "rocky 9", "GPLv2+ and (ASL 2.0 or MPLv2.0)", "GPL-2.0-or-later AND (Apache-2.0 OR MPL-2.0)"),
        ("dnf4", "rocky 9", "MIT", ""),
        ("dnf4", "rocky 9", "LGPLv2+", ""),
        ("dnf4", "rocky 9", "GPLv3+ and GPLv3+ with exceptions", ""),
        ("zypper", "opensuse-leap 16.0", "MIT", "MIT"),
        ("apk", "alpine 3.23", "GPL-2.0", "GPL-2.0-only"),
        ("apk", "alpine 3.23", "GPL-2.0+ AND MIT", "GPL-2.0-or-later AND MIT"),
        ("apk", "alpine 3.23", "MIT Apache-2.0", ""),
        ("apk", "alpine 3.23", "custom", ""),
        ("pacman", "arch rolling", "gpl-2.0+ with llvm-exception", "GPL-2.0-or-later WITH LLVM-exception"),
        ("pacman", "arch rolling", "GPL", ""),
        ("pacman", "arch rolling", "custom:XFREE86", ""),
        ("xbps", "void rolling", "GPL-2.0-or-later, MIT", "GPL-2.0-or-later AND MIT"),
        ("xbps", "void rolling", "Public Domain", ""),
        ("portage", "gentoo rolling", "|| ( GPL-2+ MIT ) BSD", "(GPL-2.0-or-later OR MIT) AND BSD-3-Clause"),
        ("portage", "gentoo rolling", "|| ( ( GPL-2 MIT ) ZLIB )", "((GPL-2.0-only AND MIT) OR Zlib)"),
        ("portage", "gentoo rolling", "GPL-2 || ( (", ""),
        ("portage", "gentoo rolling", "public-domain", ""),
        ("cargo", "debian trixie", "MIT/Apache-2.0", "MIT OR Apache-2.0"),
        ("npm", "debian trixie", "(MIT OR GPL-3.0)", "(MIT OR GPL-3.0-only)"),
        ("npm", "debian trixie", "SEE LICENSE IN LICENSE.md", ""),
        ("npm", "debian trixie", "UNLICENSED", ""),
        ("pip", "debian trixie", "GNU General Public License v3 or later (GPLv3+)", "GPL-3.0-or-later"),
        ("pip", "debian trixie", "BSD License", ""),
        ("pip", "debian trixie", "Apache-2.0+", "Apache-2.0+"),
        ("gem", "debian trixie", "MIT, Apache-2.0", ""),
        ("luarocks", "debian trixie", "MIT/X11", ""),
        ("pip", "debian trixie", "MIT OR Apache-2.0 AND some other thing that is cut here, by its length…", ""),
    ],
)  # fmt: skip
def test_a_name_is_an_expression_where_its_meaning_is_certain(
    manager: str, distro: str, text: str, expression: str
) -> None:
    (found,) = licences_of((text,), manager=manager, distro=distro)
    assert (found.name, found.expression) == (text, expression)
    assert not expression or spdx(expression) == expression


@pytest.mark.parametrize("manager", [*NAMES, *LANGUAGES])
@settings(max_examples=25)
@given(text=st.text(alphabet="GPLMITandor ()|,;/+-.0123\x00é\\\"'", max_size=300))
def test_any_text_gives_an_expression_in_its_normal_form_or_none(manager: str, text: str) -> None:
    for distro in ("fedora 38", "debian sid"):
        for found in licences_of((text,), manager=manager, distro=distro):
            assert found.name == text
            assert not found.expression or spdx(found.expression) == found.expression
            assert verdict_on((found,), "GPL-3.0-only") in {(True, False), (False, True), (False, False)}


@pytest.mark.parametrize("text", ["(" * 300, "(" * 150 + "MIT" + ")" * 150, "MIT OR " * 42 + "MIT", "|| ( " * 60])
def test_a_deep_text_of_a_hostile_package_ends_nothing(text: str) -> None:
    for manager in (*NAMES, *LANGUAGES):
        verdict_on(licences_of((text,), manager=manager, distro="fedora 38"), "GPL-3.0-only")


def test_all_licences_of_a_package_apply() -> None:
    found = licences_of(("Expat", "GPL-2+ or ISC"), manager="apt", distro="debian bookworm")
    assert whole_expression(found) == "MIT AND (GPL-2.0-or-later OR ISC)"
    assert whole_expression(licences_of(("Expat", "own"), manager="apt", distro="debian bookworm")) == ""
    assert whole_expression(()) == ""


@pytest.mark.parametrize(
    ("distro", "has"),
    [
        ("fedora 40", False),
        ("fedora 41", True),
        ("fedora rawhide", True),
        ("rocky 9", False),
        ("almalinux 10.1", True),
        ("opensuse-leap 15.6", True),
        ("amazonlinux 2023", False),
    ],
)
def test_rpms_say_what_spdx_says_from_a_release_on(distro: str, has: bool) -> None:
    assert has_spdx_names(distro) is has


@pytest.mark.parametrize(
    ("expression", "avoidable"),
    [
        ("GPL-3.0-only", False),
        ("MIT OR GPL-3.0-only", True),
        ("MIT AND GPL-3.0-only", False),
        ("(MIT OR GPL-3.0-only) AND (ISC OR GPL-3.0-only)", True),
        ("GPL-3.0-only OR GPL-3.0-only WITH GCC-exception-3.1", False),
        ("MIT OR ISC AND GPL-3.0-only", True),
        ("(MIT OR ISC) AND GPL-3.0-only", False),
        ("GPL-3.0-or-later", True),
    ],
)
def test_a_licence_is_forbidden_where_no_choice_leaves_it_out(expression: str, avoidable: bool) -> None:
    assert can_be_avoided(expression, "GPL-3.0-only") is avoidable


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (("GPL-3",), (True, False)),
        (("GPL-3+",), (False, False)),
        (("Expat", "GPL-3"), (True, False)),
        (("GPL-1+ or Artistic",), (False, False)),
        (("GPL-3 with OpenSSL exception",), (False, True)),
        (("GPL-3 or own-words",), (False, True)),
        (("public-domain",), (False, False)),
        (("custom",), (False, True)),
        (("?",), (False, True)),
        ((), (False, True)),
    ],
)
def test_what_can_not_be_told_of_a_licence_is_no_all_clear(texts: tuple[str, ...], expected: tuple[bool, bool]) -> None:
    assert verdict_on(licences_of(texts, manager="apt", distro="debian sid"), "GPL-3.0-only") == expected


def test_a_parse_licence_is_one_identifier_of_spdx() -> None:
    assert parse_licence("gpl-3.0") == "GPL-3.0-only"
    assert parse_licence("GPL-3.0-only WITH GCC-exception-3.1") == "GPL-3.0-only WITH GCC-exception-3.1"
    for text in ("GPL", "MIT OR ISC", "", "Expat", "(MIT)"):
        with pytest.raises(UsageError, match="is not an SPDX licence identifier"):
            parse_licence(text)


def packages(*rows: tuple[str, tuple[str, ...]]) -> Inspection:
    found = calm()
    came = tuple(
        InstalledPackage(name=name, version="1", size=1, licence=" and ".join(said), licences=said)
        for name, said in rows
    )
    return replace(found, manager="apt", distro="debian bookworm", footprint=replace(found.footprint, packages=came))


def test_a_parse_licence_is_found_by_package_and_what_is_not_clear_is_said_to_be() -> None:
    wanted = parse_fail_on("license:gpl-3.0,licence:GPL-3.0-or-later")
    assert wanted == ("licence:GPL-3.0-only", "licence:GPL-3.0-or-later")
    error = fail_on_error({"": packages(("a", ("GPL-3",)), ("b", ("Expat",)), ("c", ()))}, wanted[:1])
    assert error is not None
    assert error.brief == "found what --fail-on forbids"
    assert error.details == (("licence:GPL-3.0-only", "a and perhaps c: says no licence"),)
    error = fail_on_error({"": packages(("c", ("GPL-3+ with own exception",)))}, wanted)
    assert error is not None
    assert error.brief == "could not tell whether these are present"
    assert fail_on_error({"": packages(("b", ("Expat",)), ("pip:x", ("GPL-3.0-only OR MIT",)))}, wanted) is None


def test_a_list_of_packages_that_could_not_be_read_is_no_all_clear_for_licences() -> None:
    found = replace(packages(("b", ("Expat",))), unknown=("packages",))
    error = fail_on_error({"": found}, parse_fail_on("licence:MIT,licence:ISC"))
    assert error is not None
    assert [row[0] for row in error.details] == ["licence:MIT", "licence:ISC"]
    assert "packages that could not be seen" in error.details[1][1]


@pytest.mark.parametrize("missing", ["packaging", "cyclonedx", "packageurl"])
def test_without_the_extra_the_error_names_the_line_that_installs_it(
    missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(UsageError, match=missing) as caught:
        check_extra()
    assert caught.value.hints[0].line.endswith("pip install cyclonedx-python-lib packageurl-python 'packaging>=26'")
    with pytest.raises(UsageError, match=missing):
        parse_fail_on("licence:MIT")
    assert parse_fail_on("setuid") == ("setuid",)
