"""Documents for printers, as PDF."""
