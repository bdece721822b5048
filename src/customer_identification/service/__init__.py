"""Service: who gets which treatment, how much of a budget, and who comes first."""
