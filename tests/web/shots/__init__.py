"""Pictures of every page, to look at."""
