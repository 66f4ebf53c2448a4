"""The pages of rules: what each would do now, what it did."""
