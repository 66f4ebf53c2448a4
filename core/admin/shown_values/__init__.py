"""What a page showed travels with its form, so that saving undoes nothing that others saved."""
