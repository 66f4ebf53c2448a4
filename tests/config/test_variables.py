"""The variables that the settings read, those of .env.example, and what compose.yaml hands on."""

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
READERS = {"choice", "currency", "host", "hosts", "issuer", "origins", "rate", "second_factor_for",
           "sender", "text", "time_zone", "web_address", "whole", "words", "yes_no"}  # fmt: skip
# What means nothing in a container: where local services live, what production refuses, and the
# demo's password.
LOCAL_ALONE = {"VAR_DIR", "DEBUG", "DEMO_PASSWORD", "DEMO_LOGINS"}
# What the demo reads beside the settings.
DEMO_ALONE = {"PORT"}
PASSWORDS = {"POSTGRES_PASSWORD", "DATABASE_PASSWORD", "REDIS_PASSWORD"}
COMPOSE_ALONE = {*PASSWORDS, "POSTGRES_SHARED_BUFFERS", "POSTGRES_MAX_WAL_SIZE",
                 "POSTGRES_MAX_CONNECTIONS", "WORKERS", "APP_MEMORY", "POSTGRES_MEMORY",
                 "REDIS_MEMORY", "REDIS_MAXMEMORY", "TMP_SIZE"}  # fmt: skip
# What compose.yaml says itself, whatever stands in .env.
SAID_BY_COMPOSE = {"ENVIRONMENT", "DATABASE_URL", "REDIS_URL", "CACHE_URL", "UNENCRYPTED_HOSTS"}
# To which of these compose.yaml adds what .env has.
ADDED_TO_BY_COMPOSE = {"UNENCRYPTED_HOSTS"}
# What the owner of the tables is, which the step of migrations alone is told.
OF_OWNER = {"OWNER_DATABASE_URL"}
PROCESSES = ("migrate", "web", "worker", "mail", "beat")
PRINT_SETTINGS = """
import django, json
from django.conf import settings
django.setup()
print(json.dumps({name: repr(getattr(settings, name)) for name in dir(settings)
                  if name.isupper() and name not in {"LOGGING", "UNFOLD"}}))
"""


def read_by(path: str) -> set[str]:
    """Return the names of the variables that a module reads."""
    return {
        ast.literal_eval(node.args[0])
        for node in ast.walk(ast.parse((ROOT / path).read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in READERS
        and ast.unparse(node.func.value) == "environment"
    }


def example() -> dict[str, str]:
    lines = (ROOT / ".env.example").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if re.match(r"[A-Z_]+=", line))


@pytest.fixture(scope="module")
def compose() -> Any:
    return yaml.safe_load((ROOT / "compose.yaml").read_text())


def test_the_example_names_every_variable_and_no_other() -> None:
    read = read_by("config/settings.py")

    assert len(read) > 20
    assert read_by("config/management/commands/up.py") - read == DEMO_ALONE
    assert set(example()) == read | DEMO_ALONE | COMPOSE_ALONE


def test_every_variable_of_the_example_is_explained() -> None:
    paragraphs = (ROOT / ".env.example").read_text().strip().split("\n\n")

    assert [text for text in paragraphs if not text.startswith("# ")] == []


@pytest.mark.parametrize("name", PROCESSES)
def test_every_variable_reaches_every_container(compose: Any, name: str) -> None:
    handed_on = compose["services"][name]["environment"]
    not_told = LOCAL_ALONE if name == "migrate" else LOCAL_ALONE | OF_OWNER

    assert set(handed_on) == read_by("config/settings.py") - not_told
    for variable in set(handed_on) - SAID_BY_COMPOSE - OF_OWNER:
        assert re.match(rf"\$\{{{variable}:[-?]", handed_on[variable]), variable


def test_compose_asks_for_nothing_that_the_example_does_not_name() -> None:
    asked = dict(re.findall(r"\$\{([A-Z_]+):?-?([^}?]*)", (ROOT / "compose.yaml").read_text()))

    fixed = SAID_BY_COMPOSE - ADDED_TO_BY_COMPOSE
    assert set(asked) == (set(example()) - LOCAL_ALONE - DEMO_ALONE - fixed - OF_OWNER)
    for name in COMPOSE_ALONE - PASSWORDS:
        assert asked[name] == example()[name]


def test_compose_has_no_defaults_of_its_own_for_what_the_settings_default(compose: Any) -> None:
    handed_on = compose["services"]["web"]["environment"]
    own = {name: text for name, text in handed_on.items() if not text.endswith(":-}")}

    assert set(own) - SAID_BY_COMPOSE == {"SECRET_KEY", "ALLOWED_HOSTS", "BEHIND_PROXY"}
    assert own["BEHIND_PROXY"] == "${BEHIND_PROXY:-yes}"


def test_a_copy_of_the_example_changes_nothing() -> None:
    given = {"SECRET_KEY": "0" * 50, "DATABASE_URL": os.environ["DATABASE_URL"],
             "REDIS_URL": os.environ["REDIS_URL"]}  # fmt: skip

    assert settings_with({**example(), **given}) == settings_with(given)


def settings_with(variables: dict[str, str]) -> dict[str, str]:
    kept = {name: text for name, text in os.environ.items() if name not in example()}
    printed = subprocess.run(
        [sys.executable, "-c", PRINT_SETTINGS],
        cwd=ROOT,
        # Sets are printed in one order.
        env={
            **kept,
            **variables,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "PYTHONHASHSEED": "0",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(json.loads(printed.stdout))


def test_compose_has_no_password_of_its_own() -> None:
    text = (ROOT / "compose.yaml").read_text()

    for name in PASSWORDS:
        assert set(re.findall(rf"\$\{{{name}[^}}]*\}}", text)) == {f"${{{name}:?set {name}}}"}
    assert re.findall(r"://[^$\n]*:[^$\n/@]+@", text) == []


def test_every_container_is_read_only_and_without_capabilities(compose: Any) -> None:
    for service in compose["services"].values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert "cap_add" not in service
        assert "privileged" not in service
