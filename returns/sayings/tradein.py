"""Where a trade-in stands, for who sells: its own words where those of a return would say something else."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _

from returns.models import Discrepancy, Kind, OfferStatus, Rma, RmaStatus, RmaUnit, UnitStatus
from returns.sayings import Saying
from returns.services.tradein import buying, correcting, truing


def of_trade(rma: Rma, show: Callable[..., str], nothing: str) -> Saying | None:
    """None for a return, and where the words of a return are right."""
    if rma.kind != Kind.TRADE:
        return None
    if rma.status in {RmaStatus.ARRIVED, RmaStatus.CLOSED} and correcting.missing_of(rma.trade_in) is not None:
        return Saying(
            _("Our payment to you came back."),
            _("Your bank didn't take it. Tell us another account on this page, and we pay it again."),
        )
    match rma.status:
        case RmaStatus.APPROVED if _for_nothing(rma):
            return Saying(
                _("You can hand it in now."),
                _(
                    "Send it with the label, or bring it to our counter with this number, by %s. We erase your data and recycle it."
                )
                % show(rma.hand_in_by),
            )
        case RmaStatus.APPROVED:
            return Saying(
                _("You can hand it in now."),
                _(
                    "Send it with the label, or bring it to our counter with this number, by %s. Until then the sum is promised."
                )
                % show(rma.hand_in_by),
            )
        case RmaStatus.CANCELLED:
            return Saying(_("You called the sale off."), _("Ask for a new quote when you like."), nothing)
        case RmaStatus.EXPIRED:
            return Saying(
                _("Nothing reached us in time, so the sum isn't promised any more."),
                _("Ask for a new quote. If you have sent it already, write to us."),
            )
        case RmaStatus.ARRIVED:
            return _here(rma, show, nothing)
        case _:
            return None


def _for_nothing(rma: Rma) -> bool:
    """Whether it is handed in to be recycled, and nothing is paid."""
    return all(not line.price for line in rma.lines.all())


def _here(rma: Rma, show: Callable[..., str], nothing: str) -> Saying | None:
    unit = RmaUnit.objects.filter(line__rma=rma).select_related("line__rma", "device").first()
    if unit is None or unit.device is None:
        return None
    if unit.status == UnitStatus.REFUSED:
        back = unit.offers.filter(status__in=[OfferStatus.DECLINED, OfferStatus.LAPSED]).exists()
        sentence = (
            _("We'll send it back to you as it is.") if back else _("We can't buy it, and will send it back to you.")
        )
        return Saying(sentence, _("We'll write when it is on its way."), nothing)
    if unit.status != UnitStatus.RECEIVED or Discrepancy.objects.filter(rma=rma, resolved_at=None).exists():
        return None
    row = truing.of_unit(unit)
    if row is not None and buying.needs_identity(row, at=row.accepted_at or rma.opened_at):
        return Saying(
            _("We have it, and need to see your identity card or passport."),
            _("The law asks for it before we pay. Come by our counter, or write to us how you can show it."),
        )
    if "fraud" in unit.device.holds:
        return Saying(_("We have it, and need to look closer."), _("We'll write to you."), nothing)
    if _for_nothing(rma):
        return Saying(_("We have it."), _("We erase your data and recycle it."), nothing)
    return Saying(_("We have it."), _("We'll check it by %s, and then pay you.") % show(rma.check_by), nothing)
