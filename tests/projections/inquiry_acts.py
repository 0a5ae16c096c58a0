"""What may be done about a client's inquiries in a random history."""

from collections.abc import Callable

from domain.client.inquiries import AnswerInquiry, CloseInquiry, ClosingReason, ReceiveInquiry
from domain.client.state import Client
from domain.kernel import Command
from domain.types import Channel
from tests.projections.firm import choose, pick

ON_INQUIRIES: list[Callable[[Client, int], Command | None]] = [
    lambda _, choice: ReceiveInquiry(
        channel=choose(Channel, choice), text="how much?", subject=choose((None, "a"), choice)
    ),
    lambda client, choice: AnswerInquiry(inquiry_id=pick(client.inquiries.open, choice), text="920"),
    lambda client, choice: CloseInquiry(
        inquiry_id=pick(client.inquiries.open, choice), reason=choose(ClosingReason, choice)
    ),
]
