"""What the warehouse prints: packing slips, pick lists."""
