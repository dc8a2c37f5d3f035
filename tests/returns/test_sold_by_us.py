"""What we sold ourselves comes back: it belongs to its buyer by then, and is the same unit on its next visit."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction

from resale.services import sales
from returns.models import RmaUnit
from returns.services import opening, receiving
from returns.services.opening import Wish
from returns.services.unloading import UnableToReceive
from revlog.accounts.queries import guest
from revlog.devices.models import Device
from revlog.devices.services import moves, standing
from tests.cast import Cast
from tests.factories import resale

pytestmark = pytest.mark.django_db


def announced(cast: Cast) -> tuple[Device, RmaUnit]:
    sale = resale.shipped(cast)
    sales.deliver(sale=sale, by=cast.luca, at=resale.AT + timedelta(days=2))
    order = sale.line.order
    rma = opening.open_rma(
        order=order,
        wishes=[Wish(line=sale.line_id, reason="CHANGED_MIND")],
        by=guest({f"order:{order.pk}"}),
        at=resale.AT + timedelta(days=5),
    )
    return sale.device, RmaUnit.objects.get(line__rma=rma)


def test_a_sold_unit_arrives_again_with_its_data_unknown(cast: Cast) -> None:
    sold, unit = announced(cast)

    taken = receiving.receive(
        unit, hub=cast.rotterdam, serial=sold.serial, by=cast.ines, at=resale.AT + timedelta(days=7)
    )

    device = Device.objects.get(pk=sold.pk)
    assert taken.device.pk == sold.pk
    assert (device.state, device.data, device.visits.count()) == ("RECEIVED", "UNKNOWN", 2)


def test_the_sold_unit_itself_is_announced_and_no_twin_of_it(cast: Cast) -> None:
    sold, unit = announced(cast)

    assert unit.device_id == sold.pk
    assert Device.objects.get(pk=sold.pk).state == "SOLD"
    assert not Device.objects.filter(state="EXPECTED").exists()


def test_a_unit_that_belongs_to_another_client_is_none_of_this_return(cast: Cast) -> None:
    sold, unit = announced(cast)
    with transaction.atomic():
        standing.pass_title(moves.take_one(sold.pk), cast.altair, by=cast.aisha, at=resale.AT + timedelta(days=3))

    with pytest.raises(UnableToReceive, match="another owner"):
        receiving.receive(unit, hub=cast.rotterdam, serial=sold.serial, by=cast.ines, at=resale.AT + timedelta(days=7))
