"""A bill of materials in CycloneDX 1.6, JSON."""

from __future__ import annotations

from datetime import datetime

from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, Property, XsUri
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.model.contact import OrganizationalContact, OrganizationalEntity
from cyclonedx.model.license import LicenseExpression
from cyclonedx.model.tool import ToolRepository
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

from .bill import Bill, BillError, Part

_SCOPES = {
    "requires": ComponentScope.REQUIRED,
    "optional": ComponentScope.OPTIONAL,
    "contains": ComponentScope.REQUIRED,
}


def write(bill: Bill, date: datetime) -> str:
    """Return the document; `date` is when the package was made.

    Raises:
        BillError: the schema of CycloneDX does not allow it.

    Source: the CycloneDX specification 1.6 (ECMA-424).
    """
    name, address = bill.supplier
    contacts = [OrganizationalContact(name=name, email=address)] if address else []
    supplier = OrganizationalEntity(name=name, contacts=contacts)
    package = Component(
        name=bill.name,
        version=bill.version,
        type=ComponentType.APPLICATION,
        bom_ref=bill.purl,
        purl=PackageURL.from_string(bill.purl),
        description=bill.description,
        supplier=supplier,
        licenses=[LicenseExpression(bill.licence)],
        hashes=_hashes((bill.sha256,)),
        properties=[Property(name="edgeweb:file", value=bill.file)],
    )
    components = [_component(part) for part in bill.parts]
    tool = Component(name="edgeweb scripts/sbom", version=bill.version, type=ComponentType.APPLICATION)
    bom = Bom(
        serial_number=bill.serial(),
        components=components,
        metadata=BomMetaData(
            timestamp=date, component=package, supplier=supplier, tools=ToolRepository(components=[tool])
        ),
    )
    bom.register_dependency(package, components)
    text = JsonV1Dot6(bom).output_as_string(indent=2) + "\n"
    check(text)
    return text


def check(text: str) -> None:
    """Check a document against the official schema, which the library ships.

    Raises:
        BillError: it does not fit.
    """
    if fault := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text):
        raise BillError(f"CycloneDX does not allow this document: {fault}")


def _component(part: Part) -> Component:
    one_file = len(part.sha256) == 1
    return Component(
        name=part.name,
        version=part.version or None,
        type=ComponentType.LIBRARY,
        bom_ref=part.purl,
        purl=PackageURL.from_string(part.purl),
        scope=_SCOPES[part.relation],
        licenses=[LicenseExpression(part.licence)] if part.licence else [],
        # A component has one hash of an algorithm; where there are several files, each is a distribution.
        hashes=_hashes(part.sha256) if one_file else [],
        external_references=[] if one_file else _distributions(part),
        properties=[Property(name="edgeweb:range", value=part.range)] if part.range else [],
    )


def _distributions(part: Part) -> list[ExternalReference]:
    return [
        ExternalReference(
            type=ExternalReferenceType.DISTRIBUTION,
            url=XsUri(part.purl),
            comment="one of its files: there is one for each Python and processor",
            hashes=_hashes((digest,)),
        )
        for digest in part.sha256
    ]


def _hashes(digests: tuple[str, ...]) -> list[HashType]:
    return [HashType(alg=HashAlgorithm.SHA_256, content=digest) for digest in digests]
