"""Headers of a request, read from the bytes as they came: commands ask for half a dozen, most of which are absent."""

from starlette.types import Scope


def header(scope: Scope, name: bytes) -> str | None:
    """The first header of this name, which is given in lower case; None where it was not sent."""
    for each, value in scope["headers"]:
        if each == name:
            return value.decode("latin-1")
    return None
