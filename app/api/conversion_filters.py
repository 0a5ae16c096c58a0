"""The filters that the reports of conversion and the lists behind their figures have in common."""

from typing import Annotated

from fastapi import Depends, Query, Request

from app.api.caller import services_of
from app.api.people import employee_types
from app.api.reports import dimension_filters
from projections.conversion_filters import Filters

Value = Annotated[str | None, Query(description="Only clients with this value; empty: those where it is not known")]


async def _filters(
    request: Request,
    origin: Value = None,
    industry: Value = None,
    region: Value = None,
    category: Value = None,
    personality_type: Value = None,
    search_assignment_id: Value = None,
    employee_id: Value = None,
    variant: Value = None,
    script: Value = None,
    employee_type: Value = None,
    client_type: Value = None,
) -> Filters:
    sent = {
        "origin": origin,
        "industry": industry,
        "region": region,
        "category": category,
        "personality_type": personality_type,
        "search_assignment": search_assignment_id,
        "variant": variant,
        "script": script,
        "employee_type": employee_type,
        "client_type": client_type,
    }
    return Filters(dimension_filters(sent, employee_id), employee_types(services_of(request)))


OfClients = Annotated[Filters, Depends(_filters)]
"""The clients asked for, by everything that the reports can be split by."""
