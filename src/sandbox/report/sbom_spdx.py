"""A bill of materials as SPDX 2.3 JSON (https://spdx.github.io/spdx-spec/v2.3/).

Written here: spdx-tools 0.8.5, the one Python library for SPDX 2, turns an own `LicenseRef-Apache` into Apache-2.0, and
brings rdflib and nine others; spdx-python-model is for SPDX 3. The tests read the result back with spdx-tools.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from msgspec.json import encode, format  # noqa: A004 - of JSON

from sandbox.inspect.bill import slug
from sandbox.inspect.licences import names_in
from sandbox.report.sbom_purl import purl
from sandbox.report.sbom_supplier import supplier_of
from sandbox.report.sbom_time import identity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sandbox.inspect.bill import Bill, Item
    from sandbox.inspect.licences import Licence
    from sandbox.report.sbom_time import Stamp

    Json = Mapping[str, object]

UNKNOWN: Final = "NOASSERTION"
_ROOT: Final = "SPDXRef-asked"


def spdx_json(bill: Bill, stamp: Stamp) -> str:
    """Return the document, the same for the same bill and time."""
    return f"{format(encode(_document(bill, stamp)), indent=2).decode()}\n"


def _document(bill: Bill, stamp: Stamp) -> Json:
    ids = [_id(purl(item, bill)) for item in bill.items]
    own = {ref: name for item in bill.items for ref, name in _own_licences(item.licences)}
    return {
        "SPDXID": "SPDXRef-DOCUMENT",
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "name": bill.title,
        "documentNamespace": f"https://spdx.org/spdxdocs/sandbox-{identity(bill)}",
        "creationInfo": {
            "created": stamp.time.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "creators": [f"Tool: sandbox-{bill.tool}"],
            "comment": f"The time is that of {stamp.of}.",
        },
        "documentDescribes": [_ROOT],
        "packages": [_root(bill), _system(bill), *(_package(item, bill) for item in bill.items)],
        "relationships": [*_relationships(bill, ids)],
        **({"hasExtractedLicensingInfos": [_text_of(ref, name) for ref, name in sorted(own.items())]} if own else {}),
    }


def _root(bill: Bill) -> Json:
    rows = {"base": bill.base, "platform": bill.platform, "as of": bill.day, "no archive hashes": bill.no_hashes}
    return {
        "SPDXID": _ROOT,
        "name": bill.title,
        **_UNKNOWNS,
        "primaryPackagePurpose": "INSTALL",
        "comment": "; ".join(f"{name}: {value}" for name, value in rows.items() if value),
    }


def _system(bill: Bill) -> Json:
    return {
        "SPDXID": "SPDXRef-distro",
        "name": bill.distro,
        "versionInfo": bill.release,
        **_UNKNOWNS,
        "primaryPackagePurpose": "OPERATING_SYSTEM",  # so in the schema; the text (7.24) has a hyphen
    }


_UNKNOWNS: Final = {
    "downloadLocation": UNKNOWN,
    "filesAnalyzed": False,
    "licenseConcluded": UNKNOWN,
    "licenseDeclared": UNKNOWN,
    "copyrightText": UNKNOWN,
}


def _package(item: Item, bill: Bill) -> Json:
    url = purl(item, bill)
    sizes = {
        "architecture": item.architecture,
        "archive bytes": " ".join(str(one.size) for one in item.archives),
        "installed bytes": str(item.size or ""),
    }
    comment = "; ".join(f"{name}: {value}" for name, value in sizes.items() if value)
    return {
        "SPDXID": _id(url),
        "name": item.name,
        **({"versionInfo": item.version} if item.version else {}),
        "supplier": _supplier(item.supplier),
        **_UNKNOWNS,
        "licenseDeclared": _expression(item.licences),
        "primaryPackagePurpose": "LIBRARY",
        **(
            {
                "checksums": [
                    {"algorithm": one.algorithm.replace("-", ""), "checksumValue": one.digest} for one in item.archives
                ]
            }
            if item.archives
            else {}
        ),
        "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": url}],
        **({"comment": comment} if comment else {}),
    }


def _relationships(bill: Bill, ids: list[str]) -> Iterator[Json]:
    yield _relationship("SPDXRef-DOCUMENT", "DESCRIBES", _ROOT)
    yield _relationship(_ROOT, "DEPENDS_ON", "SPDXRef-distro")
    for item, ident in zip(bill.items, ids, strict=True):
        if item.is_asked:
            yield _relationship(_ROOT, "DEPENDS_ON", ident)
    for item, ident in zip(bill.items, ids, strict=True):
        for number in item.needs:
            yield _relationship(ident, "DEPENDS_ON", ids[number])


def _relationship(first: str, kind: str, second: str) -> Json:
    return {"spdxElementId": first, "relationshipType": kind, "relatedSpdxElement": second}


def _supplier(text: str) -> str:
    found = supplier_of(text)
    if found is None:
        return UNKNOWN
    kind = "Organization" if found.is_group else "Person"
    return f"{kind}: {found.name} ({found.email})" if found.email else f"{kind}: {found.name}"


def _expression(licences: tuple[Licence, ...]) -> str:
    """Return what is declared; a licence that has no certain meaning stands there by a reference of this document."""
    if not licences:
        return UNKNOWN
    parts = [one.expression or _reference(one.name) for one in licences]
    if len(parts) == 1:
        return parts[0]
    return " AND ".join(f"({part})" if " OR " in part else part for part in parts)


def _own_licences(licences: tuple[Licence, ...]) -> Iterator[tuple[str, str]]:
    """Yield the references that an expression has of its own, each with the name that it stands for."""
    for one in licences:
        if one.expression:
            yield from ((ref, ref.removeprefix("LicenseRef-")) for ref in names_in(one.expression))
        else:
            yield _reference(one.name), one.name


def _reference(name: str) -> str:
    plain = slug(name)
    return f"LicenseRef-sandbox-{plain if plain == name else f'{plain[:60]}-{_short_hash(name)}'}"


def _text_of(ref: str, name: str) -> Json:
    return {
        "licenseId": ref,
        "name": name,
        "extractedText": f"The package names its licence so: {name}. Its text is among the package's own files.",
    }


def _id(url: str) -> str:
    """Return the identifier of a package: readable, and another one for another purl."""
    return f"SPDXRef-{slug(url.partition('?')[0].removeprefix('pkg:'))[:80]}-{_short_hash(url)}"


def _short_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:10]
