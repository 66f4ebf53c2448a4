"""What belongs to running the product: monitoring, services, its parts."""
