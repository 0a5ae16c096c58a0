"""The page that documents the API: Swagger UI, served whole from the installation."""

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles

PAGE = "/docs"
FILES = PAGE + "/files"
_SWAGGER_UI = ("fastapi_swagger", "resources")
"""The package, and its folder with Swagger UI."""


def install(app: FastAPI) -> None:
    """Add the page and its files to the application; who comes without a path is sent there."""

    async def show() -> HTMLResponse:
        return get_swagger_ui_html(
            openapi_url=app.openapi_url or "",
            title=app.title,
            swagger_js_url=FILES + "/swagger-ui-bundle.js",
            swagger_css_url=FILES + "/swagger-ui.css",
            swagger_favicon_url=FILES + "/favicon-32x32.png",
        )

    app.add_api_route(PAGE, show, include_in_schema=False)
    app.add_api_route("/", _to_the_page, include_in_schema=False)
    app.mount(FILES, StaticFiles(packages=[_SWAGGER_UI]))


async def _to_the_page() -> RedirectResponse:
    return RedirectResponse(PAGE)
