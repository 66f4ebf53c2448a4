"""Changes of placed orders: cancellations, refunds and captures, each with its preview."""
