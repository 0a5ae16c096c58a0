"""Every code with which a rule may say no, in words: one module for each part of the trade."""

from domain.refusals.agreements import AGREEMENTS
from domain.refusals.clients import CLIENTS
from domain.refusals.firm import FIRM
from domain.refusals.goods import GOODS
from domain.refusals.money import MONEY
from domain.refusals.papers import PAPERS
from domain.refusals.selling import SELLING
from domain.refusals.team_work import TEAM_WORK
from domain.refusals.words import Refusal
from domain.refusals.working import WORKING

REFUSALS: dict[str, Refusal] = CLIENTS | WORKING | SELLING | AGREEMENTS | GOODS | PAPERS | MONEY | FIRM | TEAM_WORK
"""The words of each refusal by its code."""
