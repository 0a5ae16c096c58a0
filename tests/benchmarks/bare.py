"""The floor to compare with: a FastAPI endpoint that validates the same body and does nothing."""

import sys
from uuid import UUID

import uvicorn
from fastapi import FastAPI

from domain.client.contacts import RecordContact

app = FastAPI()


@app.post("/api/v1/clients/{client_id}/contacts")
async def record_contact(client_id: UUID, body: RecordContact) -> dict[str, str]:
    """Answer without doing anything."""
    return {"id": str(client_id)}


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", access_log=False)
