"""How long a connection may say nothing."""
