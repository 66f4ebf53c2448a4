"""E-mails to customers: queued in the transaction that causes them, written and sent later."""
