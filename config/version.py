"""The version of the product; ``CHANGELOG.md`` says what is in it."""

VERSION = "1.0.0"
