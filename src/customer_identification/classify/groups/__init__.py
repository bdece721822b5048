"""Groups of similar customers, found in their attributes, and how stable they are."""
