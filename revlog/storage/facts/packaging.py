"""What can be said of returnable packaging: on the account with a partner, or on the stock of a site."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from revlog.custody.facts import Fact


class PackagingOpened(
    Fact, kind="storage.packaging_opened", staff=_("Account of {type!g} opened[ with {partner!o}][ at {hub!h}].")
):
    type: str
    partner: str | None = None
    hub: str | None = None


class PackagingAgreed(
    Fact,
    kind="storage.packaging_agreed",
    staff=_("Agreed: {deposit} deposit, {price} for a lost one, back in {days:day|days}."),
):
    type: str
    partner: str
    deposit: str
    price: str
    days: int


class PackagingMoved(
    Fact,
    kind="storage.packaging_moved",
    staff=_("{what!w}: {quantity} × {type!g}[, {reference}][; {balance} are with the partner]."),
):
    """``balance`` is what the partner has after it, ``ready`` what is ready at the site."""

    what: str
    type: str
    quantity: int
    hub: str
    partner: str | None = None
    balance: int | None = None
    grams: int | None = None
    reference: str | None = None
