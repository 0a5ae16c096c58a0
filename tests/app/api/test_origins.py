"""Pages that are served from elsewhere call the service where the settings name their origin."""

from contextlib import nullcontext
from unittest.mock import sentinel

import httpx

from app.main import create_app
from app.settings import Settings

OURS, OTHERS = "http://localhost:5173", "https://elsewhere.example"
ALLOWED = "Access-Control-Allow-Origin"


async def test_only_the_origins_named_may_call() -> None:
    app = create_app(Settings(allowed_origins=("https://crm.example", OURS)), lambda _: nullcontext(sentinel.services))
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,if-match"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://conveyor.test") as client:
        answer = await client.options("/api/v1/clients", headers={"Origin": OURS, **asked})
        assert (answer.status_code, answer.headers[ALLOWED]) == (200, OURS)
        assert answer.headers["Access-Control-Allow-Methods"] == "GET, POST, DELETE"
        answer = await client.options("/api/v1/clients", headers={"Origin": OTHERS, **asked})
        assert (answer.status_code, ALLOWED in answer.headers) == (400, False)
        answer = await client.get("/openapi.json", headers={"Origin": OURS})
        assert answer.headers[ALLOWED] == OURS
        assert "ETag" in answer.headers["Access-Control-Expose-Headers"]
