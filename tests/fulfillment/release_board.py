"""The release board as tests open and read it, the runs it tells of, and who looks."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from fulfillment.models import ReleaseRun

NOW = datetime(2026, 4, 15, 14, 20, tzinfo=UTC)
BOARD = "admin:fulfillment_release_board"


def run(**values: Any) -> ReleaseRun:
    return ReleaseRun.objects.create(
        **{
            "trigger": "SCHEDULE",
            "state": "COMPLETED",
            "created_at": NOW - timedelta(minutes=3),
            "started_at": NOW - timedelta(minutes=3),
            "finished_at": NOW - timedelta(minutes=2),
            "heartbeat_at": NOW - timedelta(minutes=2),
            **values,
        }
    )


def board(client: Client) -> Any:
    response = client.get(reverse(BOARD))
    assert response.status_code == 200
    return response


def problems(client: Client) -> list[str]:
    return [problem.title for problem in board(client).context["problems"]]


def member(client: Client, role: str) -> User:
    user = User.objects.create(username=role, is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client.force_login(user)
    return user
