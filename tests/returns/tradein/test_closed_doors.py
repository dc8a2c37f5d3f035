"""What somebody may not get out of a trade-in: money for what was never sold, another one's quote, our time for their pictures."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from returns.models import Refund
from returns.services import approval, opening
from returns.services.answering import UnableToOpen
from returns.services.opening import Wish
from returns.services.tradein import agreeing
from revlog.accounts.queries import guest
from revlog.devices.services import standing
from revlog.terms import queries as terms
from revlog.terms.services import warranties
from tests.cast import Cast
from tests.factories import devices
from tests.factories import terms as sales
from tests.factories.tradein import quoted, robin, seller


def test_a_called_off_trade_in_is_no_order_of_which_something_comes_back(cast: Cast, at: datetime) -> None:
    unit = devices.laptop(cast)
    real = sales.order(cast, "PS-1", sales.laptop_line(), at=at - timedelta(days=90))
    warranties.grant(order_line=real.lines.get(), months=24, starts_on=at.date(), by=cast.henrik, at=at)
    real.lines.get().warranties.update(transferable=False)
    row = quoted(cast, at, serial="PF1ABCDE")
    rma = agreeing.accept(row, seller(), by=robin(row), at=at)
    approval.cancel(rma, by=guest({f"rma:{rma.pk}"}), at=at)
    order = rma.order

    assert terms.guests_order(row.number, "robin@example.org") is None
    assert terms.recipients_order(row.number, "3011 AA") is None
    assert [line.order for line in terms.lines_with_serial("PF1ABCDE", cast.aisha)] == [real]
    [only] = opening.returnable(order, at=at)
    assert "offered to us, not bought" in only.blocked
    never = Wish(line=order.lines.get().pk, reason="NEVER_ARRIVED", wanted="refund")
    for who in (guest({f"order:{order.pk}"}), cast.aisha):
        with pytest.raises(UnableToOpen, match="offered to us, not bought"):
            opening.open_rma(order=order, wishes=[never], by=who, at=at)
    assert Refund.objects.count() == 0

    # It is still its owner's, with the warranty; once it is ours, the warranty that can't be passed on has ended.
    for owner, passed_on in ((cast.retailer, True), (cast.operator, False)):
        standing.pass_title(unit, owner, by=cast.aisha, at=at)
        unit.refresh_from_db()
        assert [one.passed_on for one in terms.entitlements(unit, at=at)] == [passed_on]
