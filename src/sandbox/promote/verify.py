"""The proof of an install script in a fresh container of its distro: install, install again, compare, uninstall."""

from __future__ import annotations

import shlex
import time
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from sandbox.container.languages import language_packages
from sandbox.container.packages import probe
from sandbox.core.human import count, names
from sandbox.errors import Advice, StepFailed
from sandbox.lifecycle.proof import EVIDENCE, Proof, ProofCheck, evidence
from sandbox.lifecycle.scratch import SCRATCH
from sandbox.managers.local_files import files_among
from sandbox.managers.package_archives import FOLDER
from sandbox.managers.protocol import Failure, spellings
from sandbox.managers.registry import data_of, languages_among, manager_of
from sandbox.promote.formats import shell
from sandbox.promote.formats.header import language_prerequisites, reparse_packages
from sandbox.promote.verify_traces import Traces, look_text, stays, traces, unkept_purge, unkept_removal
from sandbox.provision.base_image import find_or_pull, find_present
from sandbox.provision.image import ResolvedImage
from sandbox.provision.launch import launched
from sandbox.provision.network import INSIDE
from sandbox.provision.plan import empty_plan
from sandbox.provision.preparation import certificates_text
from sandbox.provision.request import request_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sandbox.container.box import Outcome
    from sandbox.core.progress import Reporter
    from sandbox.engine.protocol import Argv, Engine
    from sandbox.lifecycle.proof import CheckName
    from sandbox.managers.protocol import Package
    from sandbox.promote.formats.base import PromotedPackage, Promotion
    from sandbox.provision.context import Context
    from sandbox.provision.launch import Launch
    from sandbox.provision.plan import Plan

SCRIPT: Final = f"{SCRATCH}/install.sh"
SAY: Final = """say() { printf '%s\\n' "$*"; }"""
"""The script's functions for the texts of its manager."""
BESIDE: Final = f"{FOLDER}/beside"
"""Where the files of a proof are, which a user has beside the script."""
WRITE: Final = ("sh", "-c", 'cat >"$1"', "sh")

Key = tuple[str, str, str]
"""A package as (source, name, architecture)."""


class Look(Struct, frozen=True, kw_only=True):
    """The state at one moment: versions by package, and the names marked as asked for."""

    versions: Mapping[Key, str]
    explicit: frozenset[str]

    @property
    def by_name(self) -> dict[str, set[str]]:
        """The versions by each name that a package has, for all architectures."""
        found: dict[str, set[str]] = {}
        for (source, name, architecture), version in self.versions.items():
            for known in (f"{source}:{name}",) if source else spellings(name, architecture):
                found.setdefault(known, set()).add(version)
        return found

    def other_explicit(self, before: Look, own: set[str]) -> list[str]:
        """Return the names newly marked as asked for, without `own`."""
        known = {
            name
            for source, name, architecture in self.versions
            if not (source or own.isdisjoint(spellings(name, architecture)))
        }
        return sorted(self.explicit - before.explicit - own - known)


class Proving:
    """One proof in one container, which has the script and our preparation, but no package."""

    def __init__(self, promotion: Promotion, launch: Launch) -> None:
        self._promotion = promotion
        self._launch = launch
        self._box = launch.box
        self._manager = launch.manager
        self._reporter = launch.reporter
        self._network = launch.network
        self._languages = languages_among(row.ref.source for row in promotion.packages)
        self._env = {**self._network.env, "PATH": launch.path}
        if files_among([row.ref for row in promotion.packages]):
            self._env["SANDBOX_FILES"] = BESIDE
        self._checks: list[ProofCheck] = []

    def run(self) -> tuple[Proof, Promotion]:
        """Return the proof, and the promotion with its installed versions; a failed check ends it."""
        started = time.monotonic()
        before, first = self._look(), self._traces()
        after = self._install(before)
        if self._checks[-1].passed:
            self._again(after)
            removed = self._uninstall(before, after, first)
            self._purge(before, first, removed)
        proof = Proof(
            where=self._promotion.target.label,
            image_id=self._launch.image.id,
            date=time.strftime("%Y-%m-%d", time.gmtime()),
            seconds=round(time.monotonic() - started, 1),
            checks=tuple(self._checks),
        )
        return proof, replace(self._promotion, proof=proof, packages=self._seen_versions(after))

    def prepare(self) -> None:
        """Copy the script and prepare the container."""
        if self._network.bundle is not None:
            self._must((*WRITE, INSIDE), stdin=self._network.bundle)
        self._bring_files()
        # one command, since each costs 0.1 s
        steps = (
            f'cat >"{SCRIPT}"',
            *map(shlex.join, self._preparations()),
        )
        self._must(("sh", "-c", " && ".join(steps)), stdin=shell.render(self._promotion).encode())

    def _bring_files(self) -> None:
        """Copy the files that packages come from to where the script looks for them first.

        Raise UsageError or CheckFailed for one that is no longer what was tried.
        """
        files = [row.ref.file for row in self._promotion.packages if row.ref.file]
        if not files:
            return
        from sandbox.provision.local_packages import copy_beside

        names = {shell.name_beside(file): file for file in files}
        context = self._launch.context
        copy_beside(self._box, names, BESIDE, network=self._network, known=context.fetched)

    def _preparations(self) -> list[Argv]:
        """Return the commands that make the image like a host: the user's mirror, a keyring, caches, an old index."""
        target, manager = self._promotion.target, self._manager
        mirror = self._launch.context.settings.mirrors.get(target.distro.name)
        found: list[Argv] = []
        if mirror and target.distro.mirror:
            found.append(manager.use_mirror(target.distro.mirror, mirror))
        https = certificates_text(target.manager, self._promotion.settings)  # which a host has
        texts = [text for text in (manager.prepare, data_of(target.manager).host().settle, https) if text]
        if texts:
            found.append(("sh", "-c", " && ".join(f"(\n{text}\n)" for text in texts)))
        if target.options:
            refresh = manager.refresh()
            found.append((refresh[0], *target.options, *refresh[1:]))
        return found

    def _must(self, argv: Argv, stdin: bytes | None = None) -> None:
        outcome = self._run(argv, stdin=stdin)
        if outcome.status:
            message = f"the proof could not start: {argv[0]} ended with status {outcome.status}"
            said = "\n".join(outcome.output.splitlines()[-EVIDENCE:])
            raise StepFailed(message, details=[("it said", said)], hints=[Advice.sandbox("promote", "--no-verify")])

    def _run(self, argv: Argv, *, stdin: bytes | None = None) -> Outcome:
        env = {**self._env, **self._manager.environment}
        return self._box.exec(argv, env=env, stdin=stdin)

    def _script(self, *options: str) -> tuple[Outcome, list[str]]:
        """Run the script as a user would; return how it ended, and its problems."""
        outcome = self._box.exec(("sh", SCRIPT, *options), env=self._env)
        if not outcome.status:
            return outcome, []
        return outcome, [f"exit status {outcome.status}", *evidence(outcome.stderr, outcome.output)]

    def _look(self) -> Look:
        found: list[Package] = list(probe(self._box, self._manager).packages)
        found += language_packages(self._box, self._languages)
        return Look(
            versions={(row.source, row.name, row.architecture): row.version for row in found},
            explicit=frozenset(row.full_name for row in found if row.explicit),
        )

    def _traces(self) -> Traces:
        outcome = self._run(("sh", "-c", look_text(self._promotion.target.manager)))
        return traces(outcome.stdout, self._promotion.target.manager)

    def _install(self, before: Look) -> Look:
        with self._reporter.step("install", "as on a host") as step:
            started = time.monotonic()
            outcome, differences = self._script("-y")
            after = self._look()
            has_moved = self._has_moved(outcome, after)
            came = len([row for row in after.versions if row not in before.versions])
            differences += [] if differences else self._unequal(before, after)
            step.title(f"{count(came, 'package')}, {'unequal' if differences else 'equal'} to the sandbox")
            step.note(
                self._note(
                    "install",
                    f"{count(came, 'package')}, equal to the sandbox",
                    started,
                    differences,
                    has_moved=has_moved,
                )
            )
        return after

    def _has_moved(self, outcome: Outcome, after: Look) -> bool:
        """Return whether the index now has another version than the tried one."""
        found, refs = after.by_name, [row.ref for row in self._promotion.packages]
        others = [row for row in self._promotion.packages if row.version and found.get(row.ref.full_name)]
        if any(row.version not in found[row.ref.full_name] for row in others):
            return True
        failure = Failure(argv=("sh", SCRIPT), status=outcome.status, output=outcome.output)
        error = self._manager.explain(failure, refs, distro=self._promotion.target.label) if outcome.status else None
        return error is not None and error.cause == "unknown-version"

    def _unequal(self, before: Look, after: Look) -> list[str]:
        """Return how the requested packages differ from those of the sandbox."""
        found, wanted = after.by_name, reparse_packages(self._promotion)
        runtime = {ref.full_name for ref in language_prerequisites(wanted, self._manager)}
        differences = []
        for row in self._promotion.packages:
            versions = found.get(row.ref.full_name, set())
            if not versions:
                differences.append(f"{row.ref.full_name} is not installed")
            elif row.version and row.version not in versions:
                differences.append(f"{row.ref.full_name} is {names(tuple(sorted(versions)))}, but was {row.version}")
        own = {row.ref.full_name for row in self._promotion.packages} | runtime
        more = after.other_explicit(before, own)
        differences += [f"{name} is installed, but only as a dependency" for name in self._automatic()]
        return [*differences, *(f"{name} is marked as asked for too" for name in more)]

    def _automatic(self) -> list[str]:
        """Return the promoted packages that the manager's next clean-up may remove."""
        text = data_of(self._promotion.target.manager).host().automatic
        own = [row.ref.name for row in self._promotion.packages if not row.ref.source]
        if not (text and own):
            return []
        return self._run(("sh", "-c", f"{SAY}\n{text}", "sh", *own)).stdout.split()

    def _again(self, after: Look) -> None:
        with self._reporter.step("again", "nothing changed") as step:
            started = time.monotonic()
            _, differences = self._script("-y")
            differences += _differences(after.versions, self._look().versions)
            step.title("changed something" if differences else "nothing changed")
            step.note(self._note("again", "nothing changed", started, differences))

    def _uninstall(self, before: Look, after: Look, first: Traces) -> Traces:
        with self._reporter.step("uninstall", "as before") as step:
            started = time.monotonic()
            outcome, differences = self._script("--uninstall", "-y")
            last, removed = self._look(), self._traces()
            differences += _unequal_packages(before, last)
            differences += unkept_removal(first, removed, outcome.output)
            differences += [
                f"{row.ref.full_name} is still installed"
                for row in self._promotion.packages
                if row.ref.source and row.ref.full_name in last.by_name
            ]
            newer = [key for key, version in before.versions.items() if after.versions.get(key, version) != version]
            more = [f"{len(newer)} stay upgraded" if newer else "", stays(first, removed)]
            found = ", ".join(part for part in ("packages, marks and units as before", *more) if part)
            step.title("not the same as before" if differences else found)
            step.note(self._note("uninstall", found, started, differences))
        return removed

    def _purge(self, before: Look, first: Traces, removed: Traces) -> None:
        with self._reporter.step("purge", "settings go, data stays") as step:
            started = time.monotonic()
            outcome, differences = self._script("--purge", "-y")
            last = self._traces()
            differences += _unequal_packages(before, self._look())
            differences += unkept_purge(first, removed, last, outcome.output)
            found = stays(first, last) or "no file is left"
            step.title("not as announced" if differences else found)
            step.note(self._note("purge", found, started, differences))

    def _note(
        self, name: CheckName, found: str, started: float, differences: list[str], *, has_moved: bool = False
    ) -> str:
        """Record a check; return its mark."""
        self._checks.append(
            ProofCheck(
                name=name,
                passed=not differences,
                found=count(len(differences), "difference") if differences else found,
                seconds=round(time.monotonic() - started, 1),
                differences=tuple(differences[:20]),
                has_moved=has_moved and bool(differences),
            )
        )
        return "✗" if differences else "✓"

    def _seen_versions(self, after: Look) -> tuple[PromotedPackage, ...]:
        """Return the packages; those without a tried version get the installed one."""
        found = after.by_name
        return tuple(
            row if row.version else replace(row, version=min(found.get(row.ref.full_name, {""})))
            for row in self._promotion.packages
        )


def _differences(before: Mapping[Key, str], after: Mapping[Key, str]) -> list[str]:
    """Return `+ NAME` and `- NAME`, and `NAME: OLD, now NEW`."""
    return [
        *(f"+ {key[1]} {version}".rstrip() for key, version in sorted(after.items()) if key not in before),
        *(f"- {key[1]} {version}".rstrip() for key, version in sorted(before.items()) if key not in after),
        *(
            f"{key[1]}: {version}, now {after[key]}"
            for key, version in sorted(before.items())
            if after.get(key, version) != version
        ),
    ]


def _unequal_packages(before: Look, last: Look) -> list[str]:
    """Return which of the distro's packages are only in one state, and which marks differ."""
    own, rest = ({key: "" for key in look.versions if not key[0]} for look in (before, last))
    return [*_differences(own, rest), *_marks(before, last)]


def _marks(before: Look, after: Look) -> list[str]:
    """Return the changed marks of packages in both states."""
    there = {name for source, name, _ in before.versions.keys() & after.versions.keys() if not source}
    return [
        *(f"{name} is now marked as asked for" for name in sorted((after.explicit - before.explicit) & there)),
        *(f"{name} is no longer marked as asked for" for name in sorted((before.explicit - after.explicit) & there)),
    ]


@contextmanager
def proving(promotion: Promotion, *, host: Context, engine: Engine, reporter: Reporter) -> Iterator[Proving]:
    """Yield the proof of a promotion, ready in a container of its own, which is gone afterwards.

    Raise EngineError or StepFailed where the proof can't be made at all.
    """
    plan = empty_plan(promotion.target, manager_of(promotion.target.manager), host.terms(promotion.target))
    resolve = partial(_resolve_image, promotion, plan, host=host, engine=engine, reporter=reporter)
    session, request = host.session(engine), request_for(plan)
    with launched(request, host, session=session, reporter=reporter, resolve=resolve, shows_start=False) as launch:
        work = Proving(promotion, launch)
        work.prepare()
        yield work


def _resolve_image(
    promotion: Promotion, plan: Plan, *, host: Context, engine: Engine, reporter: Reporter
) -> ResolvedImage:
    """Return the tried image if it still exists, else the distro's base, pulled if necessary."""
    own = tuple(text for text in (promotion.image_id, promotion.image) if text)
    found = find_present(engine, (*own, *plan.images)) or find_or_pull(
        plan.images,
        plan.sources,
        engine=engine,
        host=host,
        reporter=reporter,
        without=f"the engine's default registry has no image for {plan.target.label}",
    )
    return ResolvedImage(reference=found[0], image=found[1], plan=plan)


def prove(promotion: Promotion, *, host: Context, engine: Engine, reporter: Reporter) -> tuple[Proof, Promotion]:
    """Run the promotion's script in a container of its own; return the proof, and the promotion with it.

    Raise as `proving` does.
    """
    with proving(promotion, host=host, engine=engine, reporter=reporter) as work:
        return work.run()
