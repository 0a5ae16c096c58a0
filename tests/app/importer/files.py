"""Files to import: small ones with the columns of the shipped mappings, and what came of them."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

LEAD_COLUMNS = ("mql_id", "first_contact_date", "landing_page_id", "origin")
DEAL_COLUMNS = (
    "mql_id", "seller_id", "sdr_id", "sr_id", "won_date", "business_segment", "lead_type", "lead_behaviour_profile",
    "has_company", "has_gtin", "average_stock", "business_type", "declared_product_catalog_size",
    "declared_monthly_revenue",
)  # fmt: skip
ORDER_COLUMNS = (
    "order_id", "order_item_id", "product_id", "seller_id", "shipping_limit_date", "price", "freight_value",
)  # fmt: skip

Cells = Mapping[str, str]
LEADS = """
kind = "leads"
source = "own"
keys = { lead = "id" }
lead = { registered_at = "date" }
card = { name = "name", origin = { constant = "tender" } }
"""
"""A mapping of leads."""


def lead(number: int = 1, **cells: str) -> Cells:
    """A lead of 1 March 2024 from a social network."""
    return {
        "mql_id": f"lead{number}", "first_contact_date": "2024-03-01", "landing_page_id": "page1", "origin": "social",
        **cells,
    }  # fmt: skip


def deal(number: int = 1, **cells: str) -> Cells:
    """Its deal, won on 5 April."""
    return {
        "mql_id": f"lead{number}", "seller_id": f"seller{number}", "sdr_id": "anna", "sr_id": "boris",
        "won_date": "2024-04-05 10:20:30", "business_segment": "pet", "lead_type": "online_big",
        "lead_behaviour_profile": "cat", "has_company": "True", "has_gtin": "", "average_stock": "",
        "business_type": "reseller", "declared_product_catalog_size": "100.0", "declared_monthly_revenue": "0.0",
        **cells,
    }  # fmt: skip


def order(number: int = 1, item: int = 1, **cells: str) -> Cells:
    """An item of the first seller's order of 1 May."""
    return {
        "order_id": f"order{number}", "order_item_id": str(item), "product_id": f"product{item}",
        "seller_id": "seller1", "shipping_limit_date": "2024-05-01 12:00:00", "price": "10.50", "freight_value": "3",
        **cells,
    }  # fmt: skip


def write(path: Path, columns: Sequence[str], rows: Sequence[Cells], encoding: str = "utf-8") -> Path:
    """A CSV file with these rows."""
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)
    return path
