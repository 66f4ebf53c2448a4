"""The software bill of materials has exactly what production installs."""

import json
from pathlib import Path
from typing import Any

import pytest

from deploy.software_bill import main
from docs.reference.licenses import LOCK


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    path = tmp_path_factory.mktemp("bill") / "var" / "sbom.json"
    main(str(path))
    read: dict[str, Any] = json.loads(path.read_text())
    return read


def test_every_package_of_the_lock_is_in_it_with_its_hashes(written: dict[str, Any]) -> None:
    lines = [line for line in LOCK.read_text().splitlines() if "==" in line]
    stated = {line.split(" ")[0].partition(" ;")[0] for line in lines}
    parts = written["components"]

    assert {f"{part['name']}=={part['version']}" for part in parts} == stated
    assert len(parts) > 50
    assert all(part["hashes"] for part in parts)
    assert sum(len(part["hashes"]) for part in parts) == LOCK.read_text().count("--hash=sha256:")


def test_it_is_of_the_form_that_other_programs_read(written: dict[str, Any]) -> None:
    assert (written["bomFormat"], written["specVersion"]) == ("CycloneDX", "1.6")
    assert Path(str(written["$schema"])).name == "bom-1.6.schema.json"
    assert written["metadata"]["component"]["name"] == "backorder-back-office"


def test_licenses_and_needs_are_those_of_the_packages(written: dict[str, Any]) -> None:
    (django,) = [part for part in written["components"] if part["name"] == "django"]
    needs = {each["ref"]: each.get("dependsOn", []) for each in written["dependencies"]}

    assert django["licenses"] == [{"license": {"name": "BSD-3-Clause"}}]
    assert [ref.split("/")[1].split("@")[0] for ref in needs[django["bom-ref"]]] == [
        "asgiref",
        "sqlparse",
    ]
    assert len(needs["product"]) == len(written["components"])
