"""Sets a portal up: looks at what it has, proposes a mapping, makes the score fields, writes the connection."""
