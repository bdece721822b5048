"""What every party is to us: their roles, what they are worth in them, and to whom."""
