"""Options of the command line: the same values and refusals as a document's."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.errors import UsageError
from sandbox.specs.model import InlineFile, Limits, Mount, Port, RunCheck, Spec
from sandbox.specs.options import Options, override, spec_from_options

HERE = Path("/here")

WRONG = [
    (Options(packages=["htop; rm -rf /"]), 'package: expected a package name without spaces, got "htop; rm -rf /"'),
    (Options(packages=["--force"]), 'package: expected a package name, got "--force", which looks like an option'),
    (Options(packages=[""]), 'package: expected a package name without spaces, got ""'),
    (Options(packages=["x" * 10_000]), "package: expected a package name, got 10000 characters"),
    (Options(distro=""), '--distro: expected a distro such as debian or debian:trixie, got ""'),
    (Options(memory="lots"), '--memory: expected a size such as 512M or 2G, got "lots"'),
    (Options(cpus="many"), '--cpus: expected a number of cores such as 1.5, got "many"'),
    (Options(pids="0"), '--pids: expected a number of processes such as 200, got "0"'),
    (Options(ports=["x"]), '--port: expected a port such as 8080:80, 80 or 127.0.0.1:8080:80/udp, got "x"'),
    (Options(mounts=["x"]), '--mount: expected a mount such as ./data:/data or ./data:/data:rw, got "x"'),
    (
        Options(mounts=["./a:/x:rx"]),
        '--mount: expected ro, rw, z or Z after "/x", got "rx"; a ":" in a target needs a spec with target:',
    ),
    (
        Options(copies=["./a:/x:ro"]),
        '--copy: expected nothing after "/x", got "ro"; a ":" in a target needs a spec with target:',
    ),
    (Options(ports=["8099:80", "8099:81"]), '--port: "8099:81" conflicts with another --port'),
    (Options(mounts=["/a:/x", "/b:/x"]), '--mount: "/b:/x" conflicts with another --mount'),
    (
        Options(network="hosts"),
        '--network: expected one of default, offline, none, host, got "hosts"; did you mean host?',
    ),
    (Options(env=["1A=x"]), '--env: expected a variable name such as LANG, got "1A"'),
    (Options(env=["A"]), '--env: "A" is not set here; use A=VALUE'),
    (Options(mounts=["/a:/proc/sys"]), '--mount: nothing can be mounted over /proc, got "/proc/sys"'),
    (Options(copies=["/a:/dev/shm/x"]), '--copy: nothing can be copied to /dev, which is in memory, got "/dev/shm/x"'),
    (Options(mounts=["/a:/dev/sandbox"]), '--mount: nothing can be mounted over /dev/sandbox, got "/dev/sandbox"'),
    (
        Options(capabilities=["cap_net_admn"]),
        '--cap-add: expected a capability such as SYS_PTRACE, got "cap_net_admn"; did you mean NET_ADMIN?',
    ),
    (Options(capabilities=["ALL"]), '--cap-add: expected a capability such as SYS_PTRACE, got "ALL"'),
    (Options(command=["a\0"]), "-- CMD: character U+0000 is not allowed"),
    (Options(command=["a\udcff"]), "-- CMD: character U+DCFF is not allowed"),
]


@pytest.mark.parametrize(("options", "brief"), WRONG, ids=[row[1][:40] for row in WRONG])
def test_an_option_that_can_not_be_is_named(options: Options, brief: str) -> None:
    with pytest.raises(UsageError) as caught:
        spec_from_options(options, folder=HERE)
    assert caught.value.brief == brief
    assert caught.value.exit_code == 2


def test_several_problems_come_at_once() -> None:
    with pytest.raises(UsageError) as caught:
        spec_from_options(Options(packages=["-x"], memory="y"), folder=HERE)
    assert caught.value.brief == "the command line has 2 problems"
    assert [option for option, _ in caught.value.details] == ["package", "--memory"]


def test_no_options_are_an_empty_spec() -> None:
    assert spec_from_options(Options(), folder=HERE) == Spec()


def test_options_replace_scalars_add_to_lists_and_merge_into_mappings() -> None:
    spec = Spec(
        name="web",
        description="d",
        distro="alpine",
        packages=("a", "b"),
        env={"A": "1", "B": "1"},
        ports=(Port(container=80, published=8080),),
        files=(InlineFile(path="/f", content=""),),
        limits=Limits(memory=9_000_000, pids=5),
        checks=(RunCheck(run="x"),),
        network="none",
    )
    options = Options(
        distro="debian",
        packages=["b", "c"],
        env=["B=2=3", "C"],
        ports=["8080:81"],
        mounts=["./x:/x", "~/y:/y:rw"],
        cpus="0.5",
        command=["ls", ""],
        network="default",
    )
    found = override(spec, options, folder=HERE, home=Path("/home/me"), environ={"C": "c"})
    assert found == Spec(
        name="web",
        description="d",
        distro="debian",
        packages=("a", "b", "c"),
        env={"A": "1", "B": "2=3", "C": "c"},
        ports=(Port(container=81, published=8080),),
        files=(InlineFile(path="/f", content=""),),
        mounts=(Mount(source="/here/x", target="/x"), Mount(source="/home/me/y", target="/y", read_only=False)),
        limits=Limits(memory=9_000_000, cpus=0.5, pids=5, named=("cpus", "memory", "pids")),
        command=("ls", ""),
        checks=(RunCheck(run="x"),),
        network="default",
    )


def test_no_to_a_switch_wins_over_the_spec_and_silence_does_not() -> None:
    spec = Spec(recommends=True, docs=True, from_source=True)
    assert override(spec, Options(), folder=HERE) == spec
    refused = Options(recommends=False, docs=False, from_source=False)
    assert override(spec, refused, folder=HERE) == Spec(recommends=False)
    assert spec_from_options(Options(docs=True, from_source=True), folder=HERE) == Spec(docs=True, from_source=True)


def test_limits_of_the_settings_fill_up_those_of_the_options() -> None:
    found = spec_from_options(Options(memory="1G"), folder=HERE, defaults=Limits(cpus=8.0))
    assert found.limits == Limits(memory=1_000_000_000, cpus=8.0, named=("memory",))


def test_options_alone_import_no_yaml_and_no_table_of_fields() -> None:
    code = (
        "import sys; from pathlib import Path; from sandbox.specs.options import Options, spec_from_options;"
        "spec_from_options(Options(packages=['htop', 'htop'], ports=['80']), folder=Path('/'));"
        "print(*{'yaml', 'rapidfuzz', 'sandbox.specs.fields', 'sandbox.core.yamltext'} & set(sys.modules))"
    )
    path = str(Path(__file__).parents[3] / "src")
    found = subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": path}, capture_output=True, check=True)
    assert found.stdout == b"\n"


def test_a_package_said_twice_counts_once() -> None:
    found = spec_from_options(Options(packages=["b", "a", "b"], command=["x", "x"]), folder=HERE)
    assert (found.packages, found.command) == (("b", "a"), ("x", "x"))


def test_only_limits_that_a_spec_or_an_option_names_count_as_asked_for() -> None:
    spec = Spec(limits=Limits(memory=9_000_000, named=("memory",)))
    found = override(spec, Options(cpus="0.5"), folder=HERE, defaults=Limits(pids=7))
    assert found.limits == Limits(memory=9_000_000, cpus=0.5, pids=7, named=("cpus", "memory"))
    assert override(spec, Options(), folder=HERE).limits == spec.limits
    assert override(Spec(), Options(), folder=HERE, defaults=Limits(pids=7)).limits is None


@pytest.mark.parametrize(
    ("said", "read_only", "relabel"),
    [("", True, ""), (":z", True, "z"), (":rw:Z", False, "Z"), (":Z,rw", False, "Z"), (":ro,z", True, "z")],
)
def test_a_mount_is_labelled_on_request(said: str, read_only: bool, relabel: str) -> None:
    [mount] = spec_from_options(Options(mounts=[f"/a:/b{said}"]), folder=HERE).mounts
    assert (mount.read_only, mount.relabel) == (read_only, relabel)


@pytest.mark.parametrize(("said", "read_only"), [("/c:d:/x", True), ("/c:/d:/x:rw", False), ("/c:rw:/x", True)])
def test_the_source_of_a_mount_or_a_copy_can_have_a_colon(said: str, read_only: bool) -> None:
    [mount] = spec_from_options(Options(mounts=[said]), folder=HERE).mounts
    assert (mount.source, mount.target, mount.read_only) == (said.rpartition(":/x")[0], "/x", read_only)
    [copy] = spec_from_options(Options(copies=[said.removesuffix(":rw")]), folder=HERE).copies
    assert (copy.source, copy.target) == (mount.source, "/x")


@pytest.mark.parametrize("said", [":z:Z", ":ro:rw", ":y", ":ro:"])
def test_a_mount_has_one_label_and_one_access(said: str) -> None:
    with pytest.raises(UsageError, match=r"expected (a mount|ro, rw, z or Z)"):
        spec_from_options(Options(mounts=[f"/a:/b{said}"]), folder=HERE)
