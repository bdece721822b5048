"""Pseudonyms, redaction, counts that may be published, erasure, and consent."""
