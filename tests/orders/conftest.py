from tests.orders.inbox import inbox

__all__ = ["inbox"]
