# What this code base uses of Celery.
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, ParamSpec, TypeVar

from celery import bootsteps as bootsteps
from kombu import Connection

P = ParamSpec("P")
R = TypeVar("R")

class Task(Generic[P, R]):
    name: str
    __header__: Callable[..., object]
    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R: ...
    def apply(
        self, args: Sequence[Any] | None = None, kwargs: Mapping[str, Any] | None = None
    ) -> Any: ...

class _Loader:
    def import_default_modules(self) -> None: ...

class Celery:
    conf: Any
    loader: _Loader
    steps: dict[str, set[type[bootsteps.StartStopStep]]]
    tasks: dict[str, Task[..., Any]]
    def __init__(self, main: str) -> None: ...
    def config_from_object(self, obj: str, *, namespace: str) -> None: ...
    def autodiscover_tasks(self) -> None: ...
    def connection_for_write(
        self,
        url: str | None = None,
        *,
        connect_timeout: float,
        transport_options: Mapping[str, Any],
    ) -> Connection: ...
    def send_task(
        self,
        name: str,
        args: Sequence[Any] | None = None,
        kwargs: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> Any: ...

current_app: Celery

def shared_task(*, name: str, **options: Any) -> Callable[[Callable[P, R]], Task[P, R]]: ...
