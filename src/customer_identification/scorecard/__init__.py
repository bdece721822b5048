"""Scorecards: points for what is known of a party, that add up to a score."""
