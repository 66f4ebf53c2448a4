"""Documents of the inventory for printers."""
