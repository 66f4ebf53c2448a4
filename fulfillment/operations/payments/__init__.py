"""What money does to shipments: holds, new authorizations, unpaid orders."""
