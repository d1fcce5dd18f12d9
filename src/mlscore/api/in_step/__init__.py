"""Routes for CRMs kept in step: what they tell us, and what they read."""
