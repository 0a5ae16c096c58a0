"""Every view of the service."""

from typing import Any

from projections.board import BoardView
from projections.card import CardView
from projections.clients import ClientsView
from projections.conversion import ConversionView
from projections.handoffs import HandoffsView
from projections.kernel import View
from projections.value import ValueView

VIEWS: tuple[View[Any], ...] = (
    ClientsView(),
    CardView(),
    BoardView(),
    HandoffsView(),
    ConversionView(),
    ValueView(),
)
