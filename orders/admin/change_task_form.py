"""The forms of tasks that change what an order is: one entry in its history each."""

from orders.admin.task_form import TaskForm
from orders.changes.order_change import change_order


class ChangeTaskForm(TaskForm):
    """A task that makes one change of an order, once for each key."""

    change = change_order
    records = staticmethod(lambda order, key: order.orderchanges.filter(idempotency_key=key))
