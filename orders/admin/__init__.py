from orders.admin import changes, emails, notice_texts, orders, payments

__all__ = ["changes", "emails", "notice_texts", "orders", "payments"]
