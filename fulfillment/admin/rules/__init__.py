"""The pages of rules: the rules, what each would do now, and what they did."""
