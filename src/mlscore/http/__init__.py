"""What every page and route shares: keys, problems, limits."""
