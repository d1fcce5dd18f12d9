"""How many may be inside at once, and how long a connection may say nothing."""
