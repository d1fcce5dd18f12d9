"""Measures the service as a CRM meets it: over HTTP, from outside the process, beside what it is compared with."""
