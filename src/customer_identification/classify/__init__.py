"""Strategies that give every customer a class, and what becomes of classes in time."""
