from collections.abc import Callable
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])

def action(**described: Any) -> Callable[[F], F]: ...
def display(**described: Any) -> Callable[[F], F]: ...
