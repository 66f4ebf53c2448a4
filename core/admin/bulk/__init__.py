"""The pages of bulk actions on a list: selection, preview, confirmation."""
