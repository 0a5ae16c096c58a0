"""Import of history from CSV files: leads, won deals and orders, on their own dates."""
