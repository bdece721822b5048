"""Segments: named by scores for recency, frequency and money, or by any attribute."""
