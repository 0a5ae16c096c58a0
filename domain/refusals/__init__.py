"""Every code with which a rule may say no, in words: one module for each part of the trade."""

from domain.refusals.agreements import AGREEMENTS
from domain.refusals.clients import CLIENTS
from domain.refusals.firm import FIRM
from domain.refusals.selling import SELLING
from domain.refusals.words import Refusal
from domain.refusals.working import WORKING

REFUSALS: dict[str, Refusal] = CLIENTS | WORKING | SELLING | AGREEMENTS | FIRM
"""The words of each refusal by its code."""
