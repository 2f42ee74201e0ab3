"""The languages' managers on what the real ones printed, in Debian bookworm and trixie."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from tests.unit.advised import advice_of

from sandbox.core.programs import program
from sandbox.errors import UnknownPackage, UsageError
from sandbox.managers.apt import driver as apt
from sandbox.managers.languages.cargo import driver as cargo
from sandbox.managers.languages.gem import driver as gem
from sandbox.managers.languages.go import driver as go
from sandbox.managers.languages.luarocks import driver as luarocks
from sandbox.managers.languages.npm import driver as npm
from sandbox.managers.languages.pip import driver as pip
from sandbox.managers.protocol import Failure, PackageRef
from sandbox.managers.registry import LANGUAGES, language_of, parse_reference, runtime_packages

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.errors import StepFailed
    from sandbox.managers.languages.base import LanguageManager

RECORDED: list[tuple[LanguageManager, str, str, str]] = [
    (
        pip,
        "unknown-package",
        "no-such-thing",
        (
            "ERROR: Could not find a version that satisfies the requirement no-such-thing (from versions: none)\n"
            "ERROR: No matching distribution found for no-such-thing\n"
        ),
    ),
    (
        pip,
        "unknown-version",
        "httpie",
        (
            "ERROR: Could not find a version that satisfies the requirement httpie==99.9 (from versions: 0.1, 3.2.4)\n"
            "ERROR: No matching distribution found for httpie==99.9\n"
        ),
    ),
    (
        pip,
        "network",
        "Python's package index",
        (
            "WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError('<H>: Failed to"
            " establish a new connection: [Errno -2] Name or service not known')': /simple/cowsay/\n"
            "ERROR: Could not find a version that satisfies the requirement cowsay (from versions: none)\n"
            "ERROR: No matching distribution found for cowsay\n"
        ),
    ),
    (
        pip,
        "signature",
        "certificate",
        (
            "Could not fetch URL https://pypi.org/simple/cowsay/: There was a problem confirming the ssl certificate: "
            "HTTPSConnectionPool(): Max retries exceeded with url: /simple/cowsay/ (Caused by "
            "SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: "
            "self-signed certificate in chain (_ssl.c:1029)'))) - skipping\n"
            "ERROR: Could not find a version that satisfies the requirement cowsay (from versions: none)\n"
        ),
    ),
    (pip, "conflict", "http", "ln: failed to create symbolic link '/usr/local/bin/http': File exists\n"),
    (
        npm,
        "unknown-package",
        "@no-such-scope/thing",
        (
            "npm ERR! code E404\nnpm ERR! 404 Not Found - GET https://registry.npmjs.org/@no-such-scope%2fthing\n"
            "npm ERR! 404 \nnpm ERR! 404  '@no-such-scope/thing@*' is not in this registry.\n"
        ),
    ),
    (
        npm,
        "unknown-version",
        "@angular/cli",
        "npm ERR! code ETARGET\nnpm ERR! notarget No matching version found for @angular/cli@0.0.1.\n",
    ),
    (
        npm,
        "network",
        "npm's registry",
        "npm ERR! code ENOTFOUND\nnpm ERR! syscall getaddrinfo\nnpm ERR! errno ENOTFOUND\n",
    ),
    (npm, "network", "npm's registry", "npm error code ECONNREFUSED\nnpm error syscall connect\n"),
    (npm, "signature", "certificate", "npm ERR! code SELF_SIGNED_CERT_IN_CHAIN\n"),
    (npm, "conflict", "conflict", "npm ERR! code EEXIST\nnpm ERR! path /usr/local/bin/cowsay\n"),
    (
        cargo,
        "network",
        "crates.io",
        (
            "    Updating crates.io index\nwarning: spurious network error (1 tries remaining): [6] Couldn't resolve "
            "host name (Could not resolve host: github.com); class=Net (12)\n"
            "error: could not find `ripgrep` in registry `crates-io` with version `=14.1.1`\n"
        ),
    ),
    (
        cargo,
        "unknown-version",
        "ripgrep",
        "error: could not find `ripgrep` in registry `crates-io` with version `=99.0.0`\n",
    ),
    (cargo, "unknown-package", "rpgrep", "error: could not find `rpgrep` in registry `crates-io` with version `*`\n"),
    (
        cargo,
        "conflict",
        "too old",
        (
            "error: failed to parse lock file at: /root/.cargo/registry/src/-983efdf4/lab-tool-1.2.0/Cargo.lock\n\n"
            "Caused by:\n  lock file version `4` was found, but this version of Cargo does not understand this lock"
            " file, perhaps Cargo needs to be updated?\n"
        ),
    ),
    (
        cargo,
        "unknown-package",
        "library",
        (
            "  Downloaded lab-lib v1.1.0 (registry `lab`)\nerror: there is nothing to install in `lab-lib v1.1.0`, "
            "because it has no binaries\n"
        ),
    ),
    (
        gem,
        "conflict",
        "another gem-tool",
        (
            'ERROR:  Error installing lab-rival:\n\t"gem-tool" from lab-rival conflicts with installed executable from '
            "lab-tool\n"
        ),
    ),
    (
        gem,
        "conflict",
        "newer Ruby",
        (
            "ERROR:  Error installing rails:\n\tThe last version of rails (>= 0) to support your Ruby & RubyGems was"
            " 7.1. Try installing it with `gem install rails -v 7.1`\n"
        ),
    ),
    (go, "conflict", "another tool", "go: /usr/local/bin/tool exists already, and is not of example.com/tool\n"),
    (
        gem,
        "network",
        "rubygems.org",
        (
            "ERROR:  Could not find a valid gem 'lolcat' (>= 0), here is why:\n          Unable to download data from "
            "https://rubygems.org/ - SocketError: Failed to open TCP connection to rubygems.org:443 (getaddrinfo: Name "
            "or service not known) (https://rubygems.org/specs.4.8.gz)\n"
        ),
    ),
    (gem, "unknown-package", "lolcta", "ERROR:  Could not find a valid gem 'lolcta' (>= 0) in any repository\n"),
    (gem, "unknown-version", "lolcat", "ERROR:  Could not find a valid gem 'lolcat' (= 999) in any repository\n"),
    (
        luarocks,
        "network",
        "luarocks.org",
        (
            "Warning: Failed searching manifest: Failed downloading https://luarocks.org/manifest-5.1 - \n\nError: No "
            "results matching query were found for Lua 5.1.\nluarocks: there is no lab-tol, but:\n"
        ),
    ),
    (
        luarocks,
        "unknown-package",
        "lab-tol",
        (
            "Error: No results matching query were found for Lua 5.1.\nluarocks: there is no lab-tol, but: lab-broken "
            "lab-lib lab-rival lab-tool\n"
        ),
    ),
    (
        luarocks,
        "unknown-version",
        "lab-tool",
        (
            "Error: No results matching query were found for Lua 5.1.\nluarocks: there is no such version of lab-tool, "
            "but: 1.2.0-1 1.0.0-1\n"
        ),
    ),
    (
        luarocks,
        "script",
        "lab-broken",
        "\nError: Build error: Failed compiling object broken.o\nluarocks: lab-broken was not installed\n",
    ),
    (
        luarocks,
        "conflict",
        "another gem-tool",
        "luarocks: /usr/local/bin/gem-tool exists already, and is of no rock\n",
    ),
    (
        go,
        "network",
        "module proxy",
        (
            "go: github.com/junegunn/fzf@latest: module github.com/junegunn/fzf: Get "
            '"https://proxy.golang.org/x/@v/list": dial tcp: lookup proxy.golang.org: no such host\n'
        ),
    ),
    (
        go,
        "unknown-version",
        "example.com/tool",
        (
            "go: example.com/tool@v9.9.9: example.com/tool@v9.9.9: reading file:///tmp/proxy/example.com/tool/@v/"
            "v9.9.9.info: no such file or directory\n"
        ),
    ),
    (
        go,
        "unknown-package",
        "example.com/nothing",
        (
            "go: example.com/nothing@latest: module example.com/nothing: reading file:///tmp/proxy/example.com/nothing/@v/"
            "list: no such file or directory\n"
        ),
    ),
    (
        go,
        "unknown-package",
        "example.com/tool/cmd/x",
        (
            "go: example.com/tool/cmd/x@latest: module example.com/tool@latest found (v1.2.3), but does not contain "
            "package example.com/tool/cmd/x\n"
        ),
    ),
    (go, "unknown-package", "example.com/tool/lib", "package example.com/tool/lib is not a main package\n"),
    (
        go,
        "script",
        "example.com/tool/bad",
        "# example.com/tool/bad\n/root/go/pkg/mod/example.com/tool@v1.2.3/bad/main.go:2:21: undefined: hi\n",
    ),
]


@pytest.mark.parametrize(
    ("language", "cause", "named", "output"),
    RECORDED,
    ids=[f"{row[0].name}-{row[1]}-{row[2][:12]}" for row in RECORDED],
)
def test_what_it_says_is_told_with_its_cause(language: LanguageManager, cause: str, named: str, output: str) -> None:
    failure = Failure(argv=("x",), status=1, output=output)
    error = language.explain(failure, [PackageRef(name="x", source=language.name)], distro="debian bookworm")
    assert error is not None
    assert error.cause == cause
    assert named in error.brief
    assert advice_of(error)
    assert error.details[0][0] == f"{language.name} said"


def test_an_unknown_package_is_named_and_where_to_look_for_it() -> None:
    output = RECORDED[0][3]
    found: StepFailed | None = pip.explain(Failure(argv=("x",), status=1, output=output), [], distro="debian sid")
    assert isinstance(found, UnknownPackage)
    assert found.package == "no-such-thing"
    assert "https://pypi.org/search/?q=no-such-thing" in advice_of(found)[0]


@pytest.mark.parametrize(
    ("text", "name", "version"),
    [
        ("pip:HTTPie", "httpie", None),
        ("pip:ruamel.yaml==0.18", "ruamel-yaml", "0.18"),
        ("pip:zope_interface=1!2.0.post1+local", "zope-interface", "1!2.0.post1+local"),
        ("npm:@scope/name=1.0.2", "@scope/name", "1.0.2"),
        ("npm:@scope/name@1.0.0-rc.1", "@scope/name", "1.0.0-rc.1"),
        ("npm:JSONStream", "JSONStream", None),
        ("cargo:fd-find@10.2.0", "fd-find", "10.2.0"),
        ("gem:lolcat:100.0.1", "lolcat", "100.0.1"),
        ("luarocks:LuaSocket@3.1.0", "luasocket", "3.1.0"),
        ("go:github.com/x/y@v1", "github.com/x/y", "v1"),
        ("go:github.com/x/y/v2/cmd/z@latest", "github.com/x/y/v2/cmd/z", None),
    ],
)
def test_a_reference_is_read_in_its_languages_own_writing_too(text: str, name: str, version: str | None) -> None:
    found = parse_reference(text, apt)
    assert (found.name, found.version) == (name, version)
    assert found.source == text.partition(":")[0]


def test_what_has_no_languages_prefix_is_the_distros() -> None:
    assert parse_reference("libc6:i386", apt) == PackageRef(name="libc6:i386")
    with pytest.raises(UsageError, match=r"has a prefix that is not known|is no architecture"):
        parse_reference("pear:x!", apt)


def test_what_is_asked_for_is_not_brought_again() -> None:
    found = runtime_packages([pip, npm], apt, [PackageRef(name="python3")])
    assert [ref.name for ref in found] == ["python3-venv", "ca-certificates", "npm"]


PIP_LISTING = """\
47092\t/opt/pip/httpie
/opt/pip/httpie/lib/python3.11/site-packages/Pygments-2.21.0.dist-info
/opt/pip/httpie/lib/python3.11/site-packages/httpie-3.2.2.dist-info
/opt/pip/httpie/lib/python3.11/site-packages/pip-23.0.1.dist-info
1000\t/root/.local/share/pipx/venvs/ruamel-yaml
/root/.local/share/pipx/venvs/ruamel-yaml/lib/python3.11/site-packages/ruamel.yaml-0.18.6.dist-info
/usr/local/lib/python3.11/dist-packages/cowsay-6.1.dist-info REQUESTED
/usr/local/lib/python3.11/dist-packages/six-1.16.0.dist-info
/root/.local/lib/python3.9/site-packages/old_thing-1.0-py3.9.egg-info
/opt/pip/*/lib/python3*/site-packages/*-info
"""


def test_pips_packages_are_found_wherever_they_were_put() -> None:
    found = {(row.name, row.version): row.explicit for row in pip.parse_packages(PIP_LISTING)}
    assert found == {
        ("pygments", "2.21.0"): False,
        ("httpie", "3.2.2"): True,
        ("pip", "23.0.1"): False,
        ("ruamel-yaml", "0.18.6"): True,
        ("cowsay", "6.1"): True,
        ("six", "1.16.0"): False,
        ("old-thing", "1.0"): False,
    }
    assert sum(row.size for row in pip.parse_packages(PIP_LISTING)) == (47092 + 1000) * 1024


NPM_LISTING = """\
2444\t/usr/local/lib/node_modules/cowsay
{  "name": "cowsay",  "version": "1.6.0", "bin": {"cowsay": "./cli.js"}}
80\t/usr/local/lib/node_modules/@angular/cli
{"name":"@angular/cli","version":"22.2.7"}
7\t/usr/local/lib/node_modules/hostile
{"name":"../x","version":"1"}
{"version":"1"}
[]
"""


def test_npms_packages_have_their_folders_size() -> None:
    found = [(row.name, row.version, row.size, row.explicit) for row in npm.parse_packages(NPM_LISTING)]
    assert found == [("cowsay", "1.6.0", 2444 * 1024, True), ("@angular/cli", "22.2.7", 80 * 1024, True)]


def test_a_gem_that_another_needs_was_not_asked_for() -> None:
    listing = (
        "8\t/var/lib/gems/3.1.0/gems/hand-dep-0.1.2\n"
        "gem /var/lib/gems/3.1.0/specifications/hand-dep-0.1.2.gemspec\n"
        "gem /var/lib/gems/3.1.0/specifications/hand-top-0.1.2.gemspec\nneeds hand-dep\n"
        "gem /var/lib/gems/3.1.0/specifications/nokogiri-1.16.0-x86_64-linux.gemspec\n"
    )
    found = [(row.name, row.version, row.explicit) for row in gem.parse_packages(listing)]
    assert found == [("hand-dep", "0.1.2", False), ("hand-top", "0.1.2", True), ("nokogiri", "1.16.0", True)]
    assert [row.size for row in gem.parse_packages(listing)] == [8192, 0, 0], "of those whose folder is there"


def test_a_rock_that_another_needs_was_not_asked_for_and_has_its_files_elsewhere() -> None:
    tree = "/usr/local/lib/luarocks/rocks-5.1"
    listing = (
        f"rock {tree}/lab-lib/1.1.0-1\n8\t{tree}/lab-lib/1.1.0-1\n4\t/usr/local/share/lua/5.1/lab-lib.lua\n"
        '>package = "lab-lib"\n>version = "1.1.0-1"\n\n'
        f"rock {tree}/lab-tool/1.2.0-1\n12\t{tree}/lab-tool/1.2.0-1\n"
        '>package = "lab-tool"\n>version = "1.2.0-1"\n>dependencies = { "lua >= 5.1", "lab-lib >= 1.0, < 2" }\n\n'
    )
    found = [(row.name, row.version, row.size, row.explicit) for row in luarocks.parse_packages(listing)]
    assert found == [("lab-lib", "1.1.0-1", 12288, False), ("lab-tool", "1.2.0-1", 12288, True)]


def test_an_unknown_rock_is_answered_with_the_nearest() -> None:
    said = "luarocks: there is no lab-tol, but: lab-broken lab-lib lab-rival lab-tool\n"
    failure = Failure(argv=("luarocks",), status=1, output=said)
    error = luarocks.explain(failure, [PackageRef(name="lab-tol", source="luarocks")], distro="debian trixie")
    assert error is not None
    assert ("nearest", "lab-tool") in [(key, str(value).partition(",")[0]) for key, value in error.details]
    assert "luarocks:lab-tool" in error.hints[0].argv


def test_cargos_own_file_says_what_it_installed() -> None:
    listing = (
        "4000\t/usr/local/bin/rg\n7\t/usr/local/bin/other\n"
        '[v1]\n"ripgrep 14.1.1 (registry+https://github.com/rust-lang/crates.io-index)" = ["rg"]\n'
        '"hand-made 0.1.2 (path+file:///tmp/c)" = ["hand-made"]\n'
    )
    assert [(row.name, row.version, row.size) for row in cargo.parse_packages(listing)] == [
        ("ripgrep", "14.1.1", 4000 * 1024),
        ("hand-made", "0.1.2", 0),
    ]


GO_LISTING = """\
1600\t/usr/local/bin/other
12\t/usr/local/bin/local
/usr/local/bin/other: go1.19.8
\tpath\texample.com/tool/cmd/other
\tmod\texample.com/tool\tv1.2.3\th1:pvJrwF=
\tdep\tgolang.org/x/sys\tv0.1.0\th1:abc=
\tdep\texample.com/theirs\tv1.0.0
\t=>\texample.com/ours\tv2.0.0\th1:def=
\tbuild\t-compiler=gc
/usr/local/bin/local: go1.19.8
\tpath\tcommand-line-arguments
"""


def test_a_program_of_go_says_where_it_is_from() -> None:
    program, module, other = go.parse_packages(GO_LISTING)
    assert (program.name, program.version, program.size) == ("example.com/tool/cmd/other", "v1.2.3", 1600 * 1024)
    assert (program.explicit, program.needs) == (True, ("golang.org/x/sys", "example.com/ours"))
    assert (module.name, module.version, module.explicit) == ("golang.org/x/sys", "v0.1.0", False)
    assert (other.name, other.version) == ("example.com/ours", "v2.0.0"), "what took another one's place"


@pytest.mark.parametrize(
    ("package", "command"),
    [
        ("github.com/x/y", "y"),
        ("github.com/x/y/v2", "y"),
        ("github.com/x/y/v2/cmd/z", "z"),
        ("golang.org/x/vgo", "vgo"),
        ("github.com/x/v1", "v1"),
        ("github.com/x/y/v10", "y"),
    ],
)
def test_a_program_of_go_is_called_after_its_path(package: str, command: str) -> None:
    assert go.command_of(package) == command


@pytest.mark.parametrize(
    ("language", "line", "said"),
    [
        (pip, "Collecting httpie==3.2.2", "Collecting httpie==3.2.2"),
        (pip, "  Downloading httpie-3.2.2-py3-none-any.whl (127 kB)", "Downloading httpie-3.2.2-py3-none-any.whl"),
        (npm, "added 41 packages in 2s", "added 41 packages"),
        (cargo, "   Compiling regex v1.10.0", "Compiling regex"),
        (gem, "Fetching paint-2.3.0.gem", "Fetching paint-2.3.0.gem"),
        (gem, "Building native extensions. This could take a while...", "Building native extensions"),
        (go, "go: downloading example.com/tool v1.2.3", "downloading example.com/tool"),
        (luarocks, "Installing https://luarocks.org/lab-tool-1.2.0-1.all.rock", "Installing lab-tool-1.2.0-1"),
        (luarocks, "Installing https://luarocks.org/lua-cjson-2.1.0-1.src.rock", "Installing lua-cjson-2.1.0-1"),
        (luarocks, "Installing https://luarocks.org/say-1.4.1-3.rockspec", "Installing say-1.4.1-3"),
    ],
)
def test_progress_is_short(language: LanguageManager, line: str, said: str) -> None:
    assert language.progress(line) == said


PYTHON3 = """#!/bin/sh
mkdir -p "$3/bin" && cat >"$3/bin/python" <<'X' && chmod 755 "$3/bin/python"
#!/bin/sh
case $3 in
    install) echo "$4" >>"$LOG"; [ "$4" != fails ] ;;
    show) printf 'Name: x\\nFiles:\\n  ../../../bin/http\\n  ../../../bin/__pycache__/x.pyc\\n  x/__init__.py\\n' ;;
esac
X
"""


def pip_install(folder: Path, *packages: str) -> subprocess.CompletedProcess[str]:
    (folder / "bin").mkdir(exist_ok=True)
    (folder / "python3").write_text(PYTHON3)
    (folder / "python3").chmod(0o755)
    text = (
        program("sandbox.managers.languages.pip", "install.sh")
        .replace("/opt/pip", f"{folder}/pip")
        .replace("/usr/local/bin", f"{folder}/bin")
    )
    env = {"PATH": f"{folder}:/usr/bin:/bin", "LOG": f"{folder}/log"}
    return subprocess.run(["sh", "-c", text, "sh", *packages], env=env, capture_output=True, text=True, check=False)


def test_a_packages_own_commands_are_linked_and_a_second_run_changes_nothing(tmp_path: Path) -> None:
    for _ in range(2):
        done = pip_install(tmp_path, "httpie==3.2.2")
        assert done.returncode == 0, done.stderr
        assert [path.name for path in (tmp_path / "bin").iterdir()] == ["http"]
        assert (tmp_path / "bin" / "http").readlink() == tmp_path / "pip" / "httpie" / "bin" / "http"


def test_a_command_that_is_there_already_is_left_alone_and_told(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "http").write_text("mine")
    done = pip_install(tmp_path, "httpie")
    assert done.returncode != 0
    assert "File exists" in done.stderr
    assert (tmp_path / "bin" / "http").read_text() == "mine"


def test_a_package_that_fails_ends_the_install(tmp_path: Path) -> None:
    assert pip_install(tmp_path, "fails", "httpie").returncode != 0
    assert (tmp_path / "log").read_text() == "fails\n"


def test_of_a_package_that_fails_no_environment_stays_but_one_that_was_there_does(tmp_path: Path) -> None:
    assert pip_install(tmp_path, "fails").returncode == 1
    assert not (tmp_path / "pip").exists()
    assert pip_install(tmp_path, "httpie", "fails").returncode == 1
    assert [path.name for path in (tmp_path / "pip").iterdir()] == ["httpie"]
    (tmp_path / "pip" / "fails").mkdir()
    assert pip_install(tmp_path, "fails").returncode == 1
    assert (tmp_path / "pip" / "fails" / "bin" / "python").exists()


def test_what_cargo_does_meanwhile_is_no_evidence() -> None:
    output = (
        "    Updating `lab` index\n  Downloaded lab-broken v1.0.0 (registry `lab`)\n  Installing lab-broken v1.0.0\n"
        "error: expected one of `!`, found `not`\n --> /root/.cargo/src/main.rs:2:10\n  |\n2 |     does not\n"
        'error: could not compile `lab-broken` (bin "broken") due to 1 previous error\n'
    )
    error = cargo.explain(Failure(argv=("x",), status=101, output=output), [], distro="debian trixie")
    assert error is not None
    assert [text.partition(" ")[0] for _, text in error.details] == ["error:", "-->", "error:"]


GO = """#!/bin/sh
case $1 in
    version) sed -n '2s/^# //p' "$3" | { read -r path; printf '\\tpath\\t%s\\n' "$path"; } ;;
    install) printf '#!/bin/sh\\n# %s\\n' "${2%@*}" >"BIN/$(echo "${2%@*}" | sed 's#/v2$##; s#.*/##')" ;;
esac
"""


def go_install(folder: Path, *packages: str) -> subprocess.CompletedProcess[str]:
    (folder / "bin").mkdir(exist_ok=True)
    (folder / "go").write_text(GO.replace("BIN", f"{folder}/bin"))
    (folder / "go").chmod(0o755)
    text = program("sandbox.managers.languages.go", "install.sh").replace("/usr/local/bin", f"{folder}/bin")
    env = {"PATH": f"{folder}:/usr/bin:/bin"}
    return subprocess.run(["sh", "-c", text, "sh", *packages], env=env, capture_output=True, text=True, check=False)


def test_go_overwrites_its_own_program_and_no_other(tmp_path: Path) -> None:
    for version in ("v1.0.0", "v2.0.0"):
        done = go_install(tmp_path, f"example.com/tool/v2@{version}")
        assert done.returncode == 0, done.stderr
    mine = tmp_path / "bin/mine"
    mine.write_text("#!/bin/sh\necho mine\n")
    for package in ("example.com/other/cmd/tool@latest", "example.com/mine@latest"):
        done = go_install(tmp_path, package)
        assert done.returncode == 1
        assert f"exists already, and is not of {package.partition('@')[0]}" in done.stderr
    assert "mine" in mine.read_text()
    assert "example.com/tool/v2" in (tmp_path / "bin/tool").read_text()


NPM_12 = """
added 3 packages in 6s
npm warn install-scripts 2 packages had install scripts blocked because they are not covered by allowScripts:
npm warn install-scripts   lab-script@1.0.0 (install: echo ran > ran.txt)
npm warn install-scripts   @lab/more@2.0.0-rc.1 (postinstall: node x.js)
npm warn install-scripts
npm warn install-scripts Run `npm install -g --allow-scripts=lab-script` to allow these scripts once, or `npm config set
"""
"""What npm 12.2.2 says, with status 0."""


def test_scripts_that_npm_does_not_run_are_said_and_how_they_are_run() -> None:
    error = npm.failed_script(Failure(argv=("npm", "install"), status=0, output=NPM_12), distro="debian sid")
    assert error is not None
    assert error.brief == (
        "npm ran no installation script of lab-script@1.0.0, @lab/more@2.0.0-rc.1: it may be incomplete"
    )
    assert error.hints[0].line == "npm rebuild --global --prefix /usr/local --dangerously-allow-all-scripts"
    quiet = Failure(argv=("npm", "install"), status=0, output="added 3 packages in 6s\n")
    assert npm.failed_script(quiet, distro="debian sid") is None
    assert all(row.failed_script(quiet, distro="debian sid") is None for row in map(language_of, LANGUAGES))
