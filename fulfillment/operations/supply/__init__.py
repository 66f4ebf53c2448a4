"""What future supply does to the shipments that are promised some of it."""
