"""Documents for printers: PDF with text, tables and barcodes."""
