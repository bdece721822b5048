"""Invoices: what every customer owes, how late they pay, as of a day."""
