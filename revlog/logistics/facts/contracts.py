"""What can be said of contracts with carriers."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from revlog.custody.facts import Fact


class ContractKept(
    Fact, kind="logistics.contract_kept", staff=_("Contract {number} with {carrier!c} is kept as it is now.")
):
    number: str
    carrier: str
    currency: str
    hubs: tuple[str, ...]
    begins: str
    ends: str | None = None
    active: bool = True


class RatesPublished(
    Fact, kind="logistics.rates_published", staff=_("Rates of {number}, version {card}, hold from {valid_from!d}.")
):
    """``digest`` is of the card as it was published."""

    number: str
    card: int
    valid_from: str
    lines: int
    digest: str
