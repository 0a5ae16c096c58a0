"""What the service does when it is killed, loses its database, or cannot start: real processes, real load, kill -9.

Shown here: no acknowledged command is lost and none is recorded twice; every view equals a rebuild afterwards; long
work that was broken off is done by a second run; a service that cannot start says why in one line.
"""
