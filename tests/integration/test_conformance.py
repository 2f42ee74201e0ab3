"""Every package manager as its real program, against the same claims, with the same few packages in a lab image.

What a family can't express stands in its row, so that a claim that is not checked is one that can be read.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeVar

import pytest
from tests.integration.boxes import NIX_PATH, PORTAGE_SETUP, LabManager, container_of, prepared
from tests.matrix import rows
from tests.unit.fakes import FakeReporter

from sandbox.container.box import Box, Outcome
from sandbox.container.packages import Probe, probe, stamps
from sandbox.container.shell import DEFAULT_PATH
from sandbox.errors import StepFailed, UnknownPackage
from sandbox.managers.protocol import PackageRef
from sandbox.managers.registry import manager_of, queries_of
from sandbox.provision.network import HostNetwork
from sandbox.provision.run import Provisioned, Provisioning
from sandbox.provision.site import InstallSite

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sandbox.engine.docker.client import DockerEngine
    from sandbox.engine.protocol import Argv
    from sandbox.managers.protocol import Manager, Query
    from sandbox.managers.queries import Queries

Found = TypeVar("Found")
MEGABYTE: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Family(LabManager):
    """A manager under the claims, and what of them its format can't express.

    `by_hand` is what a user types. `versions`: how many versions of lab-tool its index can hold. `no_such_version` is
    inside its grammar, and in no index.
    """

    by_hand: str
    versions: int = 2
    has_recommends: bool = True
    has_sizes: bool = True
    finds_commands: bool = True
    script_failure: bool = True
    removal_failure: bool = True
    no_such_version: str = "9.9.9-9"
    has_conflicts: bool = True
    environment: Mapping[str, str] = field(default_factory=dict)


FAMILIES: Final = (
    *(
        Family(
            manager="apt",
            image=f"sandbox-lab/apt-{suite}",
            by_hand="apt-get install -y lab-extra",
        )
        for suite in ("bullseye", "bookworm", "trixie", "sid")
    ),
    Family(
        manager="portage",
        image="sandbox-lab/portage",
        by_hand="emerge -q app-lab/lab-extra",
        prefix="app-lab/",
        has_recommends=False,
        has_sizes=False,
        finds_commands=False,
        removal_failure=False,
        no_such_version="9.9.9-r9",
        setup=PORTAGE_SETUP,
    ),
    Family(
        manager="nix",
        image="sandbox-lab/nix",
        by_hand="nix-env -iA nixpkgs.lab-extra",
        has_recommends=False,
        has_sizes=False,
        finds_commands=False,
        removal_failure=False,
        path=NIX_PATH,
    ),
    # for dnf 4 a script that fails after its package was installed is a warning, with status 0
    Family(manager="dnf4", image="sandbox-lab/dnf4", by_hand="dnf install -y lab-extra", script_failure=False),
    Family(manager="dnf5", image="sandbox-lab/dnf5", by_hand="dnf install -y lab-extra"),
    Family(manager="zypper", image="sandbox-lab/zypper", by_hand="zypper --non-interactive install lab-extra"),
    # apk removes a package whatever its script says
    Family(
        manager="apk",
        image="sandbox-lab/apk",
        by_hand="apk add lab-extra",
        has_recommends=False,
        removal_failure=False,
    ),
    # to pacman a script that fails is a warning; a repository holds one version
    Family(
        manager="pacman",
        image="sandbox-lab/pacman",
        by_hand="pacman -S --noconfirm lab-extra",
        versions=1,
        has_recommends=False,
        script_failure=False,
        removal_failure=False,
    ),
)


class FamilyBox:
    """One container of a family's image, with the manager's commands in it as the program runs them."""

    def __init__(self, engine: DockerEngine, container: str, family: Family) -> None:
        self.at = Box(engine, container)
        self.family = family
        self.manager: Manager = manager_of(family.manager)
        self.queries: Queries = queries_of(family.manager)

    def provision(self, *packages: str, recommends: bool = False) -> Provisioned:
        """Install as `sandbox try` does; raise what it would."""
        plan = self.family.plan(*packages, recommends=recommends)
        site = InstallSite(box=self.at, plan=plan, manager=self.manager, network=HostNetwork(), reporter=FakeReporter())
        return Provisioning(site).run(path=":".join((DEFAULT_PATH, *self.family.path)))

    def run(self, argv: Argv) -> Outcome:
        """Run one command as root, with the manager's environment."""
        return self.at.exec(argv, env=self.manager.environment)

    def ask(self, query: Query[Found]) -> tuple[Found, ...]:
        """Ask a question; its status must be one that is an answer."""
        outcome = self.run(query.argv)
        assert outcome.status in query.statuses, outcome.output
        return query.parse(outcome.stdout)

    def remove(self, *packages: str, purge: bool = True) -> Outcome:
        """Remove packages; return how the last command ended."""
        refs = [PackageRef(name=self.family.name(package)) for package in packages]
        outcomes = [self.run(argv) for argv in self.manager.remove(refs, purge=purge)]
        return next((outcome for outcome in outcomes if outcome.status), outcomes[-1])

    def probe(self) -> Probe:
        """Look at what is installed."""
        return probe(self.at, self.manager)

    def names(self) -> set[str]:
        """Return the names of what is installed, less the family's prefix."""
        return {package.name.removeprefix(self.family.prefix) for package in self.probe().packages}

    def has(self, package: str, version: str | None = None) -> bool:
        """Return what a promoted script would find of a package."""
        pipeline = self.manager.is_installed(PackageRef(name=self.family.name(package), version=version))
        text = " | ".join('"$@"' if number == 0 else _quoted(argv) for number, argv in enumerate(pipeline))
        return not self.run(("sh", "-c", text, "sh", *pipeline[0])).status


def _quoted(argv: Argv) -> str:
    import shlex

    return shlex.join(argv)


IN_TEST: Final = frozenset(f"sandbox-lab/{name}" for name in "apt-bookworm apk dnf5 pacman".split())
CASES: Final = rows(FAMILIES, lambda row: row.image in IN_TEST)


@pytest.fixture(scope="module", params=CASES, ids=lambda family: family.image.removeprefix("sandbox-lab/"))
def box(request: pytest.FixtureRequest, engine: DockerEngine) -> Iterator[FamilyBox]:
    """Give a container of the family; each test leaves no package of its own in it."""
    family: Family = request.param
    image = prepared(engine, family.image, family.setup)
    with container_of(engine, image.id, f"conformance-{family.image.rpartition('/')[2]}") as container:
        yield FamilyBox(engine, container, family)


def test_an_install_brings_what_is_needed_and_no_more(box: FamilyBox) -> None:
    before = box.probe()
    result = box.provision("lab-tool")
    after = box.probe()
    try:
        assert {package.name for package in result.asked} == {box.family.name("lab-tool")}
        assert result.dependencies == 1
        assert "labtool" in result.commands
        assert after.explicit - before.explicit == {box.family.name("lab-tool")}
        assert "lab-extra" not in box.names()
        assert after.stamps != before.stamps
        assert box.has("lab-tool")
        assert box.has("lab-tool", result.asked[0].version)
        assert not box.has("lab-tool", "99")
        assert not box.has("lab-extra")
        assert box.run(("sh", "-c", "labtool")).status == 0
    finally:
        assert box.remove("lab-tool").status == 0
    assert {row.name for row in box.probe().packages} == {row.name for row in before.packages}


def test_files_and_their_owner_are_known(box: FamilyBox) -> None:
    box.provision("lab-tool")
    try:
        files = box.ask(box.manager.files([PackageRef(name=box.family.name("lab-tool"))]))
        (path,) = [path for path in files if path.endswith("/labtool") and "/bin/" in path]
        assert path.startswith("/")
        assert box.ask(box.queries.owner(path)) == (box.family.name("lab-tool"),)
        assert box.ask(box.queries.owner("/no/such/file")) == ()
    finally:
        box.remove("lab-tool")


def test_a_simulation_tells_what_would_come_and_changes_nothing(box: FamilyBox) -> None:
    box.run(box.manager.refresh())
    asked = box.queries.simulate([PackageRef(name=box.family.name(name)) for name in ("lab-tool", "lab-big")])
    box.ask(asked)  # dnf 4 begins a history of its own at the first question
    before, stamped = box.names(), stamps(box.at, box.manager)
    changes = box.ask(asked)
    assert {change.name.removeprefix(box.family.prefix) for change in changes} == {"lab-tool", "lab-lib", "lab-big"}
    assert {change.action for change in changes} == {"install"}
    assert all(change.version for change in changes)
    if box.family.has_sizes:
        assert next(change for change in changes if change.name.endswith("lab-big")).size > MEGABYTE
    assert box.names() == before
    assert stamps(box.at, box.manager) == stamped


def test_recommended_packages_come_only_when_they_are_asked_for(box: FamilyBox) -> None:
    if not box.family.has_recommends:
        pytest.skip(f"{box.manager.name} knows no recommended packages")
    box.provision("lab-tool", recommends=True)
    try:
        assert "lab-extra" in box.names()
    finally:
        box.remove("lab-tool", "lab-extra")


def test_what_is_installed_by_hand_is_noticed(box: FamilyBox) -> None:
    provisioned = box.provision("lab-tool")
    try:
        assert box.run(("sh", "-c", box.family.by_hand)).status == 0
        last = box.probe()
        assert last.stamps != dict(provisioned.stamps)
        assert last.explicit - provisioned.explicit == {box.family.name("lab-extra")}
    finally:
        box.remove("lab-tool", "lab-extra")


def test_a_version_can_be_pinned(box: FamilyBox) -> None:
    box.run(box.manager.refresh())
    offers = box.ask(box.queries.versions(box.family.name("lab-tool")))
    assert len(offers) == box.family.versions
    oldest = offers[-1].version
    try:
        result = box.provision(f"lab-tool={oldest}")
        assert [package.version for package in result.asked] == [oldest]
        assert box.has("lab-tool", oldest)
    finally:
        box.remove("lab-tool")


def test_a_size_is_in_bytes(box: FamilyBox) -> None:
    box.provision("lab-big")
    try:
        size = next(row.size for row in box.probe().packages if row.name == box.family.name("lab-big"))
        assert MEGABYTE < size < 3 * MEGABYTE
    finally:
        box.remove("lab-big")


def test_an_unknown_name_is_one_and_leaves_nothing(box: FamilyBox) -> None:
    before = box.names()
    with pytest.raises(UnknownPackage) as caught:
        box.provision("lab-tol")
    assert "lab-tol" in caught.value.brief
    assert "lab-tool" in dict(caught.value.details)["nearest"]
    assert box.names() == before


def test_all_that_is_missing_of_a_list_is_told_and_the_list_is_mended(box: FamilyBox) -> None:
    before = box.names()
    with pytest.raises(UnknownPackage) as caught:
        box.provision("lab-extra", "lab-tol", "no-such-thing", "lab-bigg")
    missing = [box.family.name(name) for name in ("lab-tol", "no-such-thing", "lab-bigg")]
    assert [one.name for one in caught.value.missing] == missing
    assert all(name in caught.value.brief for name in missing)
    assert [hint.swaps for hint in caught.value.hints] == [
        tuple(zip(missing, (box.family.name("lab-tool"), "", box.family.name("lab-big")), strict=True))
    ]
    assert box.names() == before


def test_an_unknown_version_is_one_and_leaves_nothing(box: FamilyBox) -> None:
    before = box.names()
    with pytest.raises(StepFailed) as caught:
        box.provision(f"lab-tool={box.family.no_such_version}")
    assert caught.value.cause == "unknown-version", caught.value.details
    assert "lab-tool" in caught.value.brief
    assert box.names() == before


def test_packages_that_exclude_each_other_are_a_conflict(box: FamilyBox) -> None:
    if not box.family.has_conflicts:
        pytest.skip(f"{box.manager.name} has no packages that exclude each other")
    before = box.names()
    with pytest.raises(StepFailed) as caught:
        box.provision("lab-extra", "lab-conflict")
    assert caught.value.cause == "conflict", caught.value.details
    assert box.names() == before


def test_a_command_leads_to_its_package(box: FamilyBox) -> None:
    box.run(box.manager.refresh())
    query, none = box.queries.provides("labtool"), box.queries.provides("no-such-command")
    if box.family.finds_commands:
        assert box.ask(query) == (box.family.name("lab-tool"),)
        assert box.ask(none) == ()
    else:  # whether that is an answer or none, it is never a wrong one
        assert query.parse(box.run(query.argv).stdout) == ()
    assert box.family.name("lab-tool") in box.ask(box.queries.names())


def test_a_failing_script_is_the_packages_own_fault(box: FamilyBox) -> None:
    if not box.family.script_failure:
        [error] = box.provision("lab-broken", "lab-extra").failed
    else:
        with pytest.raises(StepFailed) as caught:
            box.provision("lab-broken", "lab-extra")
        error = caught.value
    there = box.names()
    box.run(("sh", "-c", "rm -f /var/lib/dpkg/info/lab-broken.p*"))
    box.remove("lab-broken")
    if "lab-extra" in there:
        box.remove("lab-extra")
    assert error.cause == "script", error.details
    assert "lab-broken" in error.brief, error.details
    details = dict(error.details)
    assert "lab-broken breaks here" in details["its script said"], error.details
    done = details.get("half done", "")
    assert not box.family.script_failure or ("lab-extra 1.0" in done) is ("lab-extra" in there), error.details


def test_a_question_is_not_waited_for(box: FamilyBox) -> None:
    box.provision("lab-question")
    assert "lab-question" in box.names()
    box.remove("lab-question")


def test_a_removal_that_fails_says_so(box: FamilyBox) -> None:
    box.provision("lab-stubborn")
    outcome = box.remove("lab-stubborn")
    assert bool(outcome.status) is box.family.removal_failure, outcome.output
    assert ("lab-stubborn" in box.names()) is box.family.removal_failure


def test_a_trap_is_installed_and_purged(box: FamilyBox) -> None:
    before = box.names()
    result = box.provision("lab-trap")
    assert "labtrap" in result.commands
    assert box.remove("lab-trap").status == 0
    assert box.names() == before
