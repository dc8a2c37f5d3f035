"""What a return is talked over with its customer: looked at, offered, appealed against; by the same verbs that the product uses."""

from __future__ import annotations

from datetime import datetime

from returns.models import Rma
from revlog.accounts.actors import Actor
from revlog.accounts.queries import guest
from revlog.custody.services import reactions
from revlog.devices.models import Device
from revlog.evidence.services import artifacts
from revlog.pages.simulation import pictures
from tests.cast import Cast
from tests.factories import returns, terms
from triage.services import inspection
from triage.services.inspection import Finding

SCRATCHED = Finding(code="scratch", zone="lid", severity="major")


def kim(rma: Rma) -> Actor:
    """The customer of a return, as the portal knows them."""
    return guest({f"rma:{rma.pk}"})


def sold_as_new(rma: Rma) -> Rma:
    line = rma.lines.get().order_line
    line.tags = ["new"]
    line.save(update_fields=["tags"])
    return rma


def looked_at(
    cast: Cast,
    device: Device,
    *findings: Finding,
    at: datetime,
    photo: str = "",
    shown: bool = True,
    gone: tuple[str, ...] = (),
    works: str = "yes",
    by: Actor | None = None,
) -> None:
    """Ravi inspects it, with a photo that the customer may see; what follows is done."""
    photos = [artifacts.keep_photo(pictures.drawn(photo), at=at)] if photo else []
    inspection.record(
        device=device, findings=findings, works=works, photos=photos, shown=shown, gone=gone, by=by or cast.ravi, at=at
    )
    reactions.drain(at=at, queues=["fast"])


def worn(cast: Cast, at: datetime, *findings: Finding, photo: str = "", country: str = "US") -> Rma:
    """Kim's new laptop, sold outside the EU, came back visibly worn: a quarter is deducted by rule."""
    order = terms.order(cast, country=country, at=at)
    rma = sold_as_new(returns.rma(cast, order=order, at=at))
    device = returns.received(cast, rma, at=at).device
    looked_at(cast, device, *(findings or (SCRATCHED,)), at=at, photo=photo)
    return rma
