"""Which rooms of src a file of tests is about: `make test ONLY=promote` runs the tests of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

ABOUT: Final[Mapping[str, str]] = {
    "contract/test_counterparts.py": "managers",
    "contract/test_distros.py": "distros",
    "contract/test_engine.py": "engine",
    "contract/test_formats.py": "promote",
    "contract/test_languages.py": "managers",
    "contract/test_manager_data.py": "managers",
    "contract/test_managers.py": "managers",
    "contract/test_promotions.py": "promote",
    "contract/test_types.py": "api",
    "contract/test_verbs.py": "cli commands",
    "integration/test_api.py": "api",
    "integration/test_bases.py": "provision",
    "integration/test_boot.py": "lifecycle provision inspect",
    "integration/test_buildkit.py": "engine provision",
    "integration/test_cache.py": "provision",
    "integration/test_captured.py": "promote",
    "integration/test_ci_examples.py": "trials",
    "integration/test_conformance.py": "managers",
    "integration/test_dist.py": "cli",
    "integration/test_distros.py": "distros",
    "integration/test_emulated.py": "provision engine",
    "integration/test_engine.py": "engine",
    "integration/test_examples.py": "commands",
    "integration/test_family_places.py": "inspect managers",
    "integration/test_faults.py": "provision managers",
    "integration/test_fargate.py": "trials",
    "integration/test_fargate_account.py": "trials",
    "integration/test_fargate_rig.py": "trials",
    "integration/test_filter.py": "cli container",
    "integration/test_hostile.py": "inspect",
    "integration/test_images.py": "provision",
    "integration/test_inspect.py": "inspect",
    "integration/test_installers.py": "inspect",
    "integration/test_keeping.py": "promote",
    "integration/test_lab.py": "managers",
    "integration/test_language_labs.py": "managers",
    "integration/test_languages.py": "managers",
    "integration/test_life.py": "lifecycle",
    "integration/test_kept_index.py": "provision managers",
    "integration/test_like_host.py": "provision inspect",
    "integration/test_like_hosts.py": "provision managers",
    "integration/test_living.py": "lifecycle commands",
    "integration/test_local_packages.py": "provision managers",
    "integration/test_locked_labs.py": "provision specs",
    "integration/test_locked_languages.py": "provision specs",
    "integration/test_page.py": "report",
    "integration/test_promoting.py": "promote",
    "integration/test_proof.py": "promote",
    "integration/test_pull.py": "engine provision",
    "integration/test_questions.py": "inspect",
    "integration/test_quirks.py": "managers",
    "integration/test_releases.py": "distros",
    "integration/test_reproducible.py": "provision specs",
    "integration/test_rpm_architectures.py": "managers",
    "integration/test_screens.py": "screens provision",
    "integration/test_script.py": "promote",
    "integration/test_search.py": "commands managers",
    "integration/test_services.py": "engine",
    "integration/test_spec_repositories.py": "specs provision",
    "integration/test_ssh.py": "engine",
    "integration/test_start.py": "cli lifecycle",
    "integration/test_storms.py": "lifecycle",
    "integration/test_fargate_try.py": "trials",
    "integration/test_swarm.py": "trials",
    "integration/test_terminal.py": "container engine",
    "integration/test_toolkits.py": "screens provision",
    "integration/test_trial.py": "trials",
    "integration/test_trust.py": "specs container",
    "integration/test_truth.py": "inspect",
    "integration/test_try.py": "commands provision",
    "unit/test_advice.py": "",
    "unit/test_bench.py": "",
    "unit/test_boots.py": "inspect",
    "unit/test_docs.py": "",
    "unit/test_fargate_stack.py": "trials",
    "unit/test_growth.py": "",
    "unit/test_kinds.py": "",
    "unit/test_matrix.py": "",
    "unit/test_mutants.py": "",
    "unit/test_rooms.py": "",
    "unit/test_side_by_side.py": "",
    "unit/test_storm.py": "",
    "unit/test_truth_boot.py": "",
    "unit/test_words.py": "",
}
"""Files outside of tests/unit's folders, which mirror src; `core`, `report` and the others have theirs there."""


def rooms_of(nodeid: str) -> frozenset[str]:
    """Return the rooms that a test is about, by its id: `tests/unit/promote/test_x.py::test_a` is about promote."""
    folder, _, rest = nodeid.partition("::")[0].removeprefix("tests/").partition("/")
    if folder == "unit" and "/" in rest:
        return frozenset((rest.partition("/")[0],))
    return frozenset(ABOUT.get(f"{folder}/{rest}", "").split())
