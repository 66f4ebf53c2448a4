from typing import Any

EMPTY_VALUES: tuple[Any, ...]
