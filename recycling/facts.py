"""What recycling says: of a unit on the unit's chain, of a batch on the batch's."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from revlog.custody.facts import Fact


class BatchOpened(Fact, kind="recycling.batch_opened", staff=_("Batch {number} opened: {stream!w} at {hub!h}.")):
    number: str
    stream: str
    hub: str
    opening_grams: int
    carried_from: str | None = None


class Batched(
    Fact,
    kind="recycling.batched",
    staff=_("Put into batch {batch}, {grams} g."),
    customer=_("It will be recycled."),
    client=_("Put into recycling batch {batch}, {grams} g."),
):
    batch: str
    batch_chain: str
    grams: int
    weighed: bool


class TakenOut(
    Fact,
    kind="recycling.taken_out",
    staff=_("Taken out of batch {batch}: {reason}."),
    client=_("Taken out of recycling batch {batch}: {reason}."),
):
    batch: str
    reason: str


class WeighedIn(
    Fact,
    kind="recycling.weighed_in",
    staff=_("Weighed in: {grams} g ({certainty!w}), {units:unit|units}."),
    client=_("Weighed in: {grams} g ({certainty!w})."),
):
    grams: int
    final: bool
    certainty: str
    """provisional or final_weight."""
    units: int
    units_root: str | None = None
    """RFC 6962 root over the heads of the units' chains in it, in the order of their tags; given with the final weight."""
    scale: str | None = None


class WeightCorrectionAsked(
    Fact,
    kind="recycling.weight_correction_asked",
    staff=_("Corrected weight proposed: {grams} g instead of {before} g, {reason}."),
):
    grams: int
    before: int
    reason: str


class WeightCorrected(
    Fact,
    kind="recycling.weight_corrected",
    staff=_("Weight corrected from {before} g to {grams} g: {reason}."),
    client=_("Weight corrected from {before} g to {grams} g: {reason}."),
):
    grams: int
    before: int
    reason: str
    corrects: str
    """Digest of the entry that asked for it."""


class WeightCorrectionRefused(
    Fact, kind="recycling.weight_correction_refused", staff=_("Corrected weight of {grams} g refused.")
):
    grams: int
    corrects: str


class FractionOut(
    Fact,
    kind="recycling.fraction_out",
    staff=_("Out: {grams} g {stream!w} to {vendor}, {code}."),
    client=_("Out: {grams} g {stream!w}, {code}."),
):
    stream: str
    grams: int
    code: str
    """R or D code of Directive 2008/98/EC."""
    waste_code: str
    vendor: str
    load: str | None = None
    amount: str
    currency: str


class Recycled(
    Fact,
    kind="recycling.recycled",
    staff=_("Recycled in batch {batch}, {grams} g."),
    customer=_("It was recycled."),
    client=_("Recycled in batch {batch}, {grams} g."),
):
    batch: str
    batch_chain: str
    grams: int


class BatchClosed(
    Fact,
    kind="recycling.batch_closed",
    staff=_(
        "Batch closed: {opening_grams} + {received_grams} g in, {out_grams} g out, {loss_grams} g loss, "
        "{closing_grams} g left ({variance} % not explained)."
    ),
    client=_("Batch closed: {received_grams} g in, {out_grams} g out, {loss_grams} g loss."),
):
    number: str
    opening_grams: int
    received_grams: int
    out_grams: int
    loss_grams: int
    closing_grams: int
    difference_grams: int
    variance: str
    reason: str | None = None
    units: int
    units_root: str
    """RFC 6962 root over the digests of the units' *recycled* entries, in the order of their tags."""
