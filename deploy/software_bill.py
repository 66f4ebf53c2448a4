"""The software bill of materials: every package that production installs, in CycloneDX.

``python -m deploy.software_bill FILE`` writes it from the lock and from what is installed: the
version and hashes that the lock has, the license that the package names, what it depends on.
"""

import re
import sys
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.bom_ref import BomRef
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import DisjunctiveLicense
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from config.version import VERSION
from docs.reference.licenses import LOCK, license_of

ENTRY = re.compile(r"^(?P<name>[a-z0-9-]+)==(?P<version>\S+)(?P<rest>(?:.*\\\n)+.*)", re.MULTILINE)
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def bill() -> Bom:
    """Return the product with its packages, each with what it needs of the others."""
    parts = {part.name: part for part in map(_part, ENTRY.finditer(LOCK.read_text("utf-8")))}
    bom = Bom(components=parts.values())
    product = Component(name="backorder-back-office", version=VERSION,
                        type=ComponentType.APPLICATION, bom_ref="product")  # fmt: skip
    bom.metadata.component = product
    bom.register_dependency(product, parts.values())
    for name, part in parts.items():
        bom.register_dependency(part, [parts[needed] for needed in _needed(name) & set(parts)])
    return bom


def _part(entry: re.Match[str]) -> Component:
    name, version = entry["name"], entry["version"]
    url = PackageURL("pypi", name=name, version=version)
    try:
        licenses = [DisjunctiveLicense(name=license_of(name))]
    except PackageNotFoundError:
        # Installed on other platforms alone.
        licenses = []
    return Component(
        name=name,
        version=version,
        type=ComponentType.LIBRARY,
        purl=url,
        bom_ref=BomRef(str(url)),
        licenses=licenses,
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=text)
                for text in HASH.findall(entry["rest"])],
    )  # fmt: skip


def _needed(name: str) -> set[str]:
    """Return what a package needs here, leaving out its extras."""
    try:
        stated = [Requirement(text) for text in requires(name) or []]
    except PackageNotFoundError:
        return set()
    return {
        canonicalize_name(each.name)
        for each in stated
        if each.marker is None or each.marker.evaluate({"extra": ""})
    }


def main(path: str) -> None:
    """Write the bill to a file."""
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(JsonV1Dot6(bill()).output_as_string(indent=2), "utf-8")
    sys.stdout.write(f"{target}: {len(bill().components)} packages\n")


if __name__ == "__main__":
    main(sys.argv[1])
