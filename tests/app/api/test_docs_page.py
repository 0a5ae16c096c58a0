"""The page that documents the API needs nothing but the service."""

import re

from tests.app.api.conftest import Api

ADDRESS = re.compile(r"""(?:src|href)=["']([^"']+)["']""")


async def test_the_root_leads_to_it(nobody: Api) -> None:
    assert (await nobody.http.get("/")).headers["Location"] == "/docs"


async def test_all_that_it_needs_comes_from_the_service(nobody: Api) -> None:
    page = await nobody.http.get("/docs")
    assert page.is_success
    addresses = [*ADDRESS.findall(page.text), "/openapi.json"]
    assert [address.rpartition(".")[2] for address in addresses] == ["css", "png", "js", "json"]
    for address in addresses:
        assert address.startswith("/"), address
        assert (await nobody.http.get(address)).is_success, address
    assert "http" not in page.text.replace("http-equiv", "")


async def test_files_that_did_not_change_are_not_sent_again(nobody: Api) -> None:
    first = await nobody.http.get("/docs/files/swagger-ui-bundle.js")
    assert "SwaggerUIBundle" in first.text
    again = await nobody.http.get("/docs/files/swagger-ui-bundle.js", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_there_is_no_other_page(nobody: Api) -> None:
    assert (await nobody.http.get("/redoc")).status_code == 404
    assert (await nobody.http.get("/docs/files/nope.js")).json()["code"] == "not_found"
