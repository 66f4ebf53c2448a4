from typing import Any, Generic, TypeVar

M = TypeVar("M")

class DjangoModelFactory(Generic[M]):
    def __new__(cls, **columns: Any) -> M: ...  # type: ignore[misc]
    @classmethod
    def build(cls, **columns: Any) -> M: ...
    @classmethod
    def create(cls, **columns: Any) -> M: ...
    @classmethod
    def create_batch(cls, size: int, **columns: Any) -> list[M]: ...
