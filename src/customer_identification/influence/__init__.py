"""Who influences whom, what that is worth, what is at risk, and whom to treat."""
