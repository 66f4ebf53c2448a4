"""The version of the product; ``CHANGELOG.md`` says what is in it."""

VERSION = "0.9.0"
