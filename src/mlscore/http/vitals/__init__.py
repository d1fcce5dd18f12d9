"""How the service itself is: its database, its models, its workers, its traces."""
