"""What an administrator asks of a database: how it is, a copy, and the copy back."""
