"""How dates are written, by language; amounts are Babel's to write."""
