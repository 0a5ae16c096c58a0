"""The sales conveyor as pure rules: events, commands and the states folded from them. No input or output."""
