"""When scheduled work comes: pure, so that no page can disagree with the scheduler."""
