"""Team work on leads: who works a base together, in which of the three variants, and when it is reviewed."""
