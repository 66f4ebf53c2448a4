"""When scheduled work comes: pure, so that the scheduler and the pages cannot disagree."""
