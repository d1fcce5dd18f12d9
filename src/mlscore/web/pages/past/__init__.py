"""What closed deals say: where the money was, who was right, and whom to look for."""
