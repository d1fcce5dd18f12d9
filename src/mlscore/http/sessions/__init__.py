"""What a browser shows to be known again, and what proves that a form was ours."""
