"""Views: what the service answers from. Each is a pure fold of events, so all of them can be rebuilt."""
