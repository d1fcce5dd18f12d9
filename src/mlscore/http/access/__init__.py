"""Who may come in, by which door, and how often."""
