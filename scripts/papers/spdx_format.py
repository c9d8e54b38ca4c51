"""A bill of materials in SPDX 2.3, JSON."""

from __future__ import annotations

import json
import re
from datetime import datetime

from license_expression import get_spdx_licensing
from spdx_tools.spdx.jsonschema.document_converter import DocumentConverter
from spdx_tools.spdx.model.actor import Actor, ActorType
from spdx_tools.spdx.model.checksum import Checksum, ChecksumAlgorithm
from spdx_tools.spdx.model.document import CreationInfo, Document
from spdx_tools.spdx.model.package import (
    ExternalPackageRef,
    ExternalPackageRefCategory,
    Package,
    PackagePurpose,
)
from spdx_tools.spdx.model.relationship import Relationship, RelationshipType
from spdx_tools.spdx.model.spdx_no_assertion import SpdxNoAssertion
from spdx_tools.spdx.parser.jsonlikedict.json_like_dict_parser import JsonLikeDictParser
from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document

from .bill import Bill, BillError, Part

DOCUMENT = "SPDXRef-DOCUMENT"
PACKAGE = "SPDXRef-Package"
#: What SPDX names for documents of those who publish none at an address of their own.
NAMESPACE = "https://spdx.org/spdxdocs"


def write(bill: Bill, date: datetime) -> str:
    """Return the document; `date` is when the package was made.

    Raises:
        BillError: SPDX does not allow it.

    Source: the SPDX specification 2.3 (ISO/IEC 5962).
    """
    name, address = bill.supplier
    supplier = Actor(ActorType.ORGANIZATION, name, address or None)
    creation = CreationInfo(
        spdx_version="SPDX-2.3",
        spdx_id=DOCUMENT,
        name=bill.file,
        document_namespace=f"{NAMESPACE}/{bill.file}-{bill.serial()}",
        creators=[supplier, Actor(ActorType.TOOL, f"edgeweb scripts/sbom-{bill.version}")],
        created=date,
    )
    package = Package(
        spdx_id=PACKAGE,
        name=bill.name,
        version=bill.version,
        file_name=bill.file,
        supplier=supplier,
        download_location=SpdxNoAssertion(),
        files_analyzed=False,
        checksums=[_checksum(bill.sha256)],
        license_declared=get_spdx_licensing().parse(bill.licence),
        copyright_text=SpdxNoAssertion(),
        license_concluded=SpdxNoAssertion(),
        summary=bill.description,
        external_references=[_reference(bill.purl)],
        primary_package_purpose=PackagePurpose.APPLICATION,
    )
    described = Relationship(DOCUMENT, RelationshipType.DESCRIBES, PACKAGE)
    document = Document(
        creation_info=creation,
        packages=[package, *map(_package, bill.parts)],
        relationships=[described, *map(_relationship, bill.parts)],
    )
    text = json.dumps(DocumentConverter().convert(document), indent=2, ensure_ascii=False) + "\n"
    check(text)
    return text


def check(text: str) -> None:
    """Check a document by the rules of SPDX.

    Raises:
        BillError: it does not fit.
    """
    document = JsonLikeDictParser().parse(json.loads(text))
    if faults := [fault.validation_message for fault in validate_full_spdx_document(document)]:
        raise BillError(f"SPDX does not allow this document: {'; '.join(faults)}")


def _identifier(part: Part) -> str:
    kind = part.purl.removeprefix("pkg:").partition("/")[0]
    return f"SPDXRef-{kind}-{re.sub('[^A-Za-z0-9.-]', '-', part.name)}"


def _package(part: Part) -> Package:
    one_file = len(part.sha256) == 1
    comments = []
    if part.range:
        comments.append(f"Range: {part.range}")
    if len(part.sha256) > 1:
        # A package has one checksum of an algorithm.
        comments.append(f"SHA-256 of its files, one for each Python and processor: {', '.join(part.sha256)}")
    return Package(
        spdx_id=_identifier(part),
        name=part.name,
        version=part.version or None,
        supplier=SpdxNoAssertion(),
        download_location=SpdxNoAssertion(),
        files_analyzed=False,
        checksums=[_checksum(part.sha256[0])] if one_file else [],
        license_declared=get_spdx_licensing().parse(part.licence) if part.licence else SpdxNoAssertion(),
        license_concluded=SpdxNoAssertion(),
        copyright_text=SpdxNoAssertion(),
        comment="\n".join(comments) or None,
        external_references=[_reference(part.purl)],
        primary_package_purpose=PackagePurpose.LIBRARY,
    )


def _relationship(part: Part) -> Relationship:
    if part.relation == "optional":
        return Relationship(_identifier(part), RelationshipType.OPTIONAL_DEPENDENCY_OF, PACKAGE)
    kinds = {"requires": RelationshipType.DEPENDS_ON, "contains": RelationshipType.CONTAINS}
    return Relationship(PACKAGE, kinds[part.relation], _identifier(part))


def _checksum(digest: str) -> Checksum:
    return Checksum(ChecksumAlgorithm.SHA256, digest)


def _reference(purl: str) -> ExternalPackageRef:
    return ExternalPackageRef(ExternalPackageRefCategory.PACKAGE_MANAGER, "purl", purl)
