"""Of what customer and desk write to each other; never what they wrote."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from revlog.custody.facts import Fact


class CustomerWrote(
    Fact,
    kind="returns.customer_wrote",
    staff=_("The customer wrote to us."),
    customer=_("You wrote to us."),
    client=_("The customer wrote to us."),
):
    """What was written is personal, so it stands in the message alone."""

    message: str
    photos: int


class DeskWrote(
    Fact,
    kind="returns.desk_wrote",
    staff=_("We wrote to the customer."),
    customer=_("We wrote to you."),
    client=_("We wrote to the customer."),
):
    message: str
    photos: int


class MessagesRead(
    Fact,
    kind="returns.messages_read",
    staff=_("Read what the customer wrote: {messages:message|messages}, no answer needed."),
):
    messages: int
