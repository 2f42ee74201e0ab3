"""The options --sbom and --sbom-format of inspect and lock: which bill of materials to write, and where."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from sandbox.cli.group import Group
from sandbox.core.human import count
from sandbox.errors import Advice, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.inspect.bill import Bill
    from sandbox.provision.installer import Installer

FORMATS: Final = ("cyclonedx", "spdx")


class Sbom(Group, frozen=True, kw_only=True):
    """The file of the bill of materials, and its format."""

    sbom: Path | None = None
    sbom_format: str | None = None


def check_sbom(asked: Sbom, environ: Mapping[str, str]) -> bool:
    """Return whether a bill is wanted. Raises UsageError, before anything starts, if it could not be written."""
    if asked.sbom_format not in (None, *FORMATS):
        message = f"--sbom-format {asked.sbom_format} is unknown"
        raise UsageError(message, details=[("expected", ", ".join(FORMATS))])
    if asked.sbom is None:
        if asked.sbom_format:
            message = "--sbom-format needs --sbom FILE"
            raise UsageError(message, hints=[Advice.again("--sbom", f"sbom.{asked.sbom_format}.json")])
        return False
    if str(asked.sbom) == "-":
        message = "--sbom needs a file: what is found goes to standard output"
        raise UsageError(message, hints=[Advice.mend(("-", "sbom.json"))])
    from sandbox.core.files import check_replaceable
    from sandbox.inspect.licences import check_extra
    from sandbox.report.sbom_time import EPOCH, check_epoch

    check_extra()
    check_replaceable(asked.sbom, "--sbom")
    if given := environ.get(EPOCH):
        check_epoch(given)
    return True


def check_bill_is_of_packages(asked: Sbom, installer: Installer | None) -> None:
    """Raise UsageError for a bill of what an installer brings."""
    if installer and asked.sbom is not None:
        message = "--sbom and --run can't be combined: a bill of materials lists packages"
        raise UsageError(message, hints=[Advice.without("--sbom", str(asked.sbom))])


def write_sbom(asked: Sbom, bill: Bill | None, environ: Mapping[str, str]) -> str:
    """Write the bill where one is wanted, and return what to say of it. Raises Unwritten."""
    if asked.sbom is None or bill is None:
        return ""
    from sandbox.core.files import write_file
    from sandbox.report.sbom_time import stamp_of

    stamp = stamp_of(bill, environ)
    if asked.sbom_format == "spdx":
        from sandbox.report.sbom_spdx import spdx_json as render
    else:
        from sandbox.report.sbom_cyclonedx import cyclonedx_json as render
    write_file(asked.sbom, render(bill, stamp))
    title = "SPDX 2.3" if asked.sbom_format == "spdx" else "CycloneDX 1.6"
    return f"{asked.sbom}: {title}, {count(len(bill.items), 'package')}"
