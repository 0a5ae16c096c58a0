"""Every view of the service."""

from typing import Any

from projections.activity import ActivityView
from projections.agreements import AgreementsView
from projections.board import BoardView
from projections.book import BookView
from projections.card import CardView
from projections.catalogue import CatalogueView
from projections.clients import ClientsView
from projections.compatibility import CompatibilityView
from projections.conversion import ConversionView
from projections.deals import DealsView
from projections.debts import DebtsView
from projections.distributions import DistributionsView
from projections.duplicates import DuplicatesView
from projections.handoffs import HandoffsView
from projections.inquiries import InquiriesView
from projections.kernel import View
from projections.promises import PromisesView
from projections.proposals import ProposalsView
from projections.tasks import TasksView
from projections.team_leads import TeamLeadsView
from projections.value import ValueView
from projections.warehouse import WarehouseView

VIEWS: tuple[View[Any], ...] = (
    ClientsView(),
    CardView(),
    BoardView(),
    HandoffsView(),
    InquiriesView(),
    TasksView(),
    ConversionView(),
    ValueView(),
    DealsView(),
    ProposalsView(),
    ActivityView(),
    CompatibilityView(),
    DistributionsView(),
    DuplicatesView(),
    AgreementsView(),
    TeamLeadsView(),
    BookView(),
    CatalogueView(),
    WarehouseView(),
    PromisesView(),
    DebtsView(),
)
