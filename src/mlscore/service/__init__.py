"""The stories, told once: score a deal, record its outcome, compare rules and model."""
