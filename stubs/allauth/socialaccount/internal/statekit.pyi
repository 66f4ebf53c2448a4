from typing import Any

from django.http import HttpRequest

def unstash_state(
    request: HttpRequest, *, state_id: str, provider_id: str
) -> dict[str, Any] | None: ...
