"""The page on which customers see their order: public, by a signed link."""
