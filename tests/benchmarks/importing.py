"""Import of made-up files with the columns that the shipped mappings know."""

import csv
import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from app.cli.session import open_services
from app.importer.mapping import Kind, find_mapping
from app.importer.run import run_import
from app.settings import Settings
from domain.employee import SYSTEM
from tests.benchmarks.table import Line

LEADS, DEALS_SHARE, ORDERS_PER_DEAL = 20_000, 5, 5
_Row = Sequence[object]


def _key(kind: str, number: int) -> str:
    return hashlib.md5(f"{kind}{number}".encode(), usedforsecurity=False).hexdigest()


def _leads() -> Iterator[_Row]:
    yield "mql_id", "first_contact_date", "landing_page_id", "origin"
    for number in range(LEADS):
        origin = ("social", "paid_search", "organic_search", "")[number % 4]
        yield _key("lead", number), f"2018-{1 + number % 5:02}-{1 + number % 28:02}", _key("page", number % 50), origin


def _deals() -> Iterator[_Row]:
    yield (
        "mql_id", "seller_id", "sdr_id", "sr_id", "won_date", "business_segment", "lead_type",
        "lead_behaviour_profile", "has_company", "has_gtin", "average_stock", "business_type",
        "declared_product_catalog_size", "declared_monthly_revenue",
    )  # fmt: skip
    for number in range(0, LEADS, DEALS_SHARE):
        people = _key("sdr", number % 30), _key("sr", number % 20)
        facts = "pet", "online_medium", "cat", "True", "", "5-20", "reseller", "100.0", "0.0"
        yield _key("lead", number), _key("seller", number), *people, "2018-06-05 17:27:23", *facts


def _orders() -> Iterator[_Row]:
    yield "order_id", "order_item_id", "product_id", "seller_id", "shipping_limit_date", "price", "freight_value"
    for number in range(0, LEADS, DEALS_SHARE):
        for nth in range(ORDERS_PER_DEAL):
            order, day = _key("order", number * 100 + nth), f"2018-07-{1 + nth:02} 08:15:00"
            yield order, 1, _key("article", nth), _key("seller", number), day, "28.90", "16.11"


_FILES: dict[Kind, Callable[[], Iterator[_Row]]] = {"leads": _leads, "deals": _deals, "orders": _orders}


async def measure(folder: Path) -> list[Line]:
    """Rows per second of each kind of file, in the order in which a firm imports them."""
    lines: list[Line] = []
    async with open_services(Settings(data_dir=folder)) as services:
        for kind, made in _FILES.items():
            rows = list(made())
            file = folder / f"{kind}.csv"
            with file.open("w", newline="", encoding="utf-8") as target:
                csv.writer(target).writerows(rows)
            started = time.perf_counter()
            report = await run_import(services, kind, file, find_mapping(f"olist_{kind}"), actor=SYSTEM)
            if report.errors:
                raise RuntimeError(f"rows were left out: {report}")
            rate = (len(rows) - 1) / (time.perf_counter() - started)
            lines.append(Line(f"import of {kind}, {len(rows) - 1:,} rows", f"{rate:,.0f} rows/s"))
    return lines
