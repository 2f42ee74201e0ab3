"""A bill of materials as CycloneDX 1.6 JSON, by cyclonedx-python-lib (https://cyclonedx.org/docs/1.6/json/).

Every component gets its purl as bom-ref: the library (11.12.0) makes random ones, another at each output. The licences
are set as they are read here, not by its LicenseFactory, which takes what license-expression makes of a text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.inspect.licences import whole_expression
from sandbox.report.sbom_purl import purl
from sandbox.report.sbom_supplier import supplier_of
from sandbox.report.sbom_time import identity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cyclonedx.model import HashType, Property
    from cyclonedx.model.bom import Bom
    from cyclonedx.model.component import Component
    from cyclonedx.model.contact import OrganizationalEntity
    from cyclonedx.model.license import License

    from sandbox.inspect.bill import ArchiveHash, Bill, Item
    from sandbox.inspect.licences import Licence
    from sandbox.report.sbom_time import Stamp

ROOT = "sandbox"
"""The bom-ref of what was asked for, as a whole."""


def cyclonedx_json(bill: Bill, stamp: Stamp) -> str:
    """Return the document, the same for the same bill and time."""
    from cyclonedx.output import make_outputter
    from cyclonedx.schema import OutputFormat, SchemaVersion

    writer = make_outputter(_bom(bill, stamp), OutputFormat.JSON, SchemaVersion.V1_6)
    return f"{writer.output_as_string(indent=2)}\n"


def _bom(bill: Bill, stamp: Stamp) -> Bom:
    from cyclonedx.model.bom import Bom, BomMetaData
    from cyclonedx.model.component import Component, ComponentType
    from cyclonedx.model.tool import ToolRepository

    tool = Component(type=ComponentType.APPLICATION, bom_ref="tool", name="sandbox", version=bill.tool)
    root = Component(type=ComponentType.APPLICATION, bom_ref=ROOT, name=bill.title)
    system = Component(type=ComponentType.OPERATING_SYSTEM, bom_ref="distro", name=bill.distro, version=bill.release)
    metadata = BomMetaData(
        tools=ToolRepository(components=[tool]),
        component=root,
        timestamp=stamp.time,
        properties=_properties(
            {
                "base": bill.base,
                "platform": bill.platform,
                "as-of": bill.day or "",
                "timestamp-of": stamp.of,
                "no-archive-hashes": bill.no_hashes,
            }
        ),
    )
    bom = Bom(serial_number=identity(bill), metadata=metadata)
    components = [_component(item, bill) for item in bill.items]
    for component in (system, *components):
        bom.components.add(component)
        bom.register_dependency(component)
    bom.register_dependency(
        root, [system, *(component for component, item in zip(components, bill.items, strict=True) if item.is_asked)]
    )
    for component, item in zip(components, bill.items, strict=True):
        bom.register_dependency(component, [components[number] for number in item.needs])
    return bom


def _component(item: Item, bill: Bill) -> Component:
    from cyclonedx.model.component import Component, ComponentType
    from packageurl import PackageURL

    url = purl(item, bill)
    group, _, name = item.name.rpartition("/") if item.manager == "npm" else ("", "", item.name)
    return Component(
        type=ComponentType.LIBRARY,
        bom_ref=url,
        group=group or None,
        name=name,
        version=item.version or None,
        purl=PackageURL.from_string(url),
        hashes=[_hash(one) for one in item.archives],
        supplier=_supplier(item.supplier),
        licenses=[*_licences(item.licences)],
        properties=_properties(
            {
                "architecture": item.architecture,
                "archive-size": " ".join(str(one.size) for one in item.archives),
                "installed-size": str(item.size or ""),
            }
        ),
    )


def _hash(one: ArchiveHash) -> HashType:
    from cyclonedx.model import HashAlgorithm, HashType

    return HashType(alg=HashAlgorithm(one.algorithm), content=one.digest)


def _properties(rows: dict[str, str]) -> Iterable[Property]:
    from cyclonedx.model import Property

    return [Property(name=f"sandbox:{name}", value=value) for name, value in rows.items() if value]


def _supplier(text: str) -> OrganizationalEntity | None:
    from cyclonedx.model.contact import OrganizationalContact, OrganizationalEntity

    found = supplier_of(text)
    if found is None:
        return None
    contacts = [OrganizationalContact(email=found.email)] if found.email else None
    return OrganizationalEntity(name=found.name, contacts=contacts)


def _licences(found: tuple[Licence, ...]) -> Iterator[License]:
    """Yield one expression for all, or else each licence: an identifier, or a name.

    The format takes no expression beside others (bom-1.6.schema.json, licenseChoice).
    """
    from cyclonedx.model.license import DisjunctiveLicense, LicenseAcknowledgement, LicenseExpression
    from cyclonedx.spdx import is_supported_id

    declared = LicenseAcknowledgement.DECLARED
    whole = whole_expression(found)
    if whole and not is_supported_id(whole):
        yield LicenseExpression(whole, acknowledgement=declared)
        return
    for one in found:
        if is_supported_id(one.expression):
            yield DisjunctiveLicense(id=one.expression, acknowledgement=declared)
        else:
            yield DisjunctiveLicense(name=one.expression or one.name, acknowledgement=declared)
