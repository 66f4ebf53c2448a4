"""How dates are written, by language; amounts and quantities are written by Babel."""
