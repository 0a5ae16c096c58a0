"""The OpenAPI document: what FastAPI derives from the routes, with the one schema of problems."""

from typing import Any

from fastapi import FastAPI

from app.problems import ProblemBody

_REFERENCE = "#/components/schemas/{model}"


def document_problems(app: FastAPI) -> None:
    """Add the schema of problems, to which every problem answer refers, to the document."""
    derived = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            schemas = derived()["components"]["schemas"]
            problem = ProblemBody.model_json_schema(ref_template=_REFERENCE)
            schemas.update(problem.pop("$defs"))
            schemas["Problem"] = problem | {"title": "Problem"}
        return app.openapi_schema or derived()

    app.openapi = openapi
