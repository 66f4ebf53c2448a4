"""What people and customers do to shipments; one move a file."""
