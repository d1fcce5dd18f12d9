"""The pages: one module each, which reads what it shows and leaves how it looks to its template."""
