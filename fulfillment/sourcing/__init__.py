"""Which sources serve an order or a shipment: eligibility, order of choice, assignment; PURE."""
