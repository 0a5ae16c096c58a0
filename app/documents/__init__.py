"""Documents on pages: laid out, put into PDF, and kept as they were sent."""
