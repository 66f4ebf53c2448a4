"""Changes of placed orders, each with its preview."""
