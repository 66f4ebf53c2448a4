from orders.admin import changes, emails, orders, payments

__all__ = ["changes", "emails", "orders", "payments"]
