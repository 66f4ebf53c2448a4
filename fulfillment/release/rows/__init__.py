"""The rows of a release: read for its plan, written from its decisions."""
