"""A client of the HTTP API, as a test sees it."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import count
from typing import Any

from django.contrib.auth.models import Permission, User
from django.test import Client

from core.operations.api_keys import issue_key

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
_numbers = count(1)


class Api:
    """Sends JSON with a key, and returns status and body."""

    def __init__(self, secret: Any) -> None:
        self.secret = secret
        self.client = Client()
        self.headers: Mapping[str, str] = {}

    def get(self, path: Any, **headers: Any) -> tuple[Any, ...]:
        return self.send("GET", path, None, **headers)

    def post(self, path: str, body: Any = None, **headers: Any) -> tuple[Any, ...]:
        return self.send("POST", path, {} if body is None else body, **headers)

    def patch(self, path: str, body: dict[Any, Any], **headers: Any) -> tuple[Any, ...]:
        return self.send("PATCH", path, body, **headers)

    def delete(self, path: str, **headers: Any) -> tuple[Any, ...]:
        return self.send("DELETE", path, None, **headers)

    def send(
        self,
        method: Any,
        path: Any,
        body: Any,
        *,
        content_type: Any = "application/json",
        **headers: Any,
    ) -> tuple[Any, ...]:
        sent = {"Authorization": f"Bearer {self.secret}"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        content = body if isinstance(body, (str, bytes)) else json.dumps(body)
        response = self.client.generic(
            method,
            f"/api/v1/{path}",
            "" if body is None else content,
            content_type=content_type,
            headers=sent,
        )
        self.headers = response.headers
        if not response.content:
            return response.status_code, None
        return response.status_code, response.json()


def user_with(*permissions: str) -> User:
    user = User.objects.create(username=f"program-{next(_numbers)}")
    for name in permissions:
        label, codename = name.split(".")
        user.user_permissions.add(
            Permission.objects.get(content_type__app_label=label, codename=codename)
        )
    return user


def api_with(*permissions: str) -> Api:
    """Return a client whose user has exactly these permissions."""
    _key, secret = issue_key(user_with(*permissions).pk, name="test", now=NOW)
    return Api(secret)


def api_of_superuser() -> Api:
    """Return a client that may do everything."""
    user = User.objects.create(username=f"root-{next(_numbers)}", is_superuser=True)
    _key, secret = issue_key(user.pk, name="test", now=NOW)
    return Api(secret)


def codes(body: Any) -> tuple[str, list[tuple[Any, Any]]]:
    """Return what a problem says is wrong: its type, and (pointer, code) of each fault."""
    faults = [(fault["pointer"], fault["code"]) for fault in body["errors"]]
    return body["type"].removeprefix("urn:problem:"), faults
