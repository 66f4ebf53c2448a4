"""The page of a release run: what it did, by which settings, and what it decided and why."""
