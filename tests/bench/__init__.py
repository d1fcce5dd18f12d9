"""Measures the service as a CRM meets it: over HTTP, from outside its process, beside what it is compared with.

No part of the product: it may import every room, and nothing imports it. `python -m tests.bench` runs it.
"""
