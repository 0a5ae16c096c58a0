"""The client's stream: one module per capability, each with its events, its part of the state and its commands."""
