"""Keys under which other systems know a client: how a later file finds the client it is about.

Each key has a stream of its own, whose id is derived from the key, with one event that names the client.
"""

from uuid import UUID

from domain.kernel import Event


class ClientKeyLinked(Event, topic="client_keys.linked"):
    """The key that this stream's id is derived from belongs to the client."""

    client_id: UUID
