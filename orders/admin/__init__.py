from orders.admin import changes, emails, notice_texts, orders, payments, returns

__all__ = ["changes", "emails", "notice_texts", "orders", "payments", "returns"]
