"""Triage over the API: test reports, and plans of a day."""
