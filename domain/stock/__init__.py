"""Stock: what lies in each warehouse, what is expected there, and what of both is promised to orders."""
