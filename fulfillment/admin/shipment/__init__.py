"""One shipment's page: all there is to know about it, and what may be done."""
