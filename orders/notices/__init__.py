"""E-mails to customers: queued in the transaction that causes them, sent later."""
