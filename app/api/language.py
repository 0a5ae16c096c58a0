"""In which language a request is answered, where an answer has words of the service's own."""

from typing import Annotated, Literal

from fastapi import Depends, Request

from app.errors import language_of


async def _language(request: Request) -> Literal["en", "ru"]:
    return "ru" if language_of(request.headers.get("accept-language", ""), request.app.state.language) == "ru" else "en"


Language = Annotated[Literal["en", "ru"], Depends(_language)]
"""`ru` or `en`, by Accept-Language; else that of the settings."""
