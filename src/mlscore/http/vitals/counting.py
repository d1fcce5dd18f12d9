"""Where the workers of a service count together; apart, for prometheus_client reads it once, when imported."""

SHARED_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""The variable that names the folder."""
