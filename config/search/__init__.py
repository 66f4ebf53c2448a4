"""One search for everything: rows by what they are called, pages by what people call them."""
