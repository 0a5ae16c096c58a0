"""The regulation: the firm's rules, one stream for all of them. A module here is one kind of rule."""
