"""Who may come in, as what, and what they changed."""
