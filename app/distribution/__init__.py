"""Distribution of leads: plans worked out by a solver, and carried out in the background."""
