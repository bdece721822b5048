"""Settings for every test: hypothesis draws the same examples on every run."""

from hypothesis import settings


settings.register_profile("ci", derandomize=True, deadline=None)
settings.load_profile("ci")

# The scripts that made the golden numbers need duckdb and the original data.
collect_ignore_glob = ["golden/*"]
