from collections.abc import Callable
from typing import TypeVar

F = TypeVar("F", bound=Callable[..., object])

class Signal:
    def connect(self, receiver: F) -> F: ...

beat_init: Signal
setup_logging: Signal
task_postrun: Signal
task_prerun: Signal
worker_process_init: Signal
