"""What customers need: how much it matters, how well it is met, and what is not known."""
