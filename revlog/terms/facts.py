"""What can be said of orders, warranties and rules."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from revlog.custody.facts import Fact


class OrderPlaced(
    Fact,
    kind="terms.order_placed",
    staff=_("Order {number} of {seller!o}: {lines:line|lines} ({source!w})."),
    client=_("Order {number}: {lines:line|lines}."),
):
    number: str
    seller: str
    """Code of the organization that sold."""
    lines: int
    quantity: int
    source: str
    reference: str | None = None


class LineShipped(
    Fact,
    kind="terms.line_shipped",
    staff=_("Line {position} shipped, parcel {parcel}."),
    client=_("Line {position} shipped, parcel {parcel}."),
):
    line: str
    position: int
    parcel: str | None = None
    serials: list[str]


class LineDelivered(
    Fact,
    kind="terms.line_delivered",
    staff=_("Line {position} delivered."),
    client=_("Line {position} delivered."),
):
    line: str
    position: int


class WarrantyGranted(
    Fact,
    kind="terms.warranty_granted",
    staff=_("{warranty!w} for {months} months, until {until!d}."),
    customer=_("{warranty!w} until {until!d}."),
    client=_("{warranty!w} for {months} months, until {until!d}."),
):
    warranty: str
    months: int
    starts: str
    until: str
    line: str
    device: str | None = None


class WarrantyNoted(
    Fact,
    kind="terms.warranty_noted",
    staff=_("{warranty!w} noted: {months} months, until {until!d}[, by {provider!o}]."),
    customer=_("{warranty!w} until {until!d}."),
    client=_("{warranty!w} for {months} months, until {until!d}[, by {provider!o}]."),
):
    """On the unit's chain: what its maker or somebody else promises for it."""

    warranty: str
    months: int
    starts: str
    until: str
    provider: str | None = None
    proof: str | None = None
    """Digest of the document that shows it."""
    rule: str | None = None
    transferable: bool


class ContactErased(
    Fact, kind="terms.contact_erased", staff=_("The customer's name, address and e-mail were erased on request.")
):
    contact: str


class RulesDrafted(Fact, kind="terms.rules_drafted", staff=_("Rules drafted: {rules!w}.")):
    rules: str
    digest: str
    organization: str | None = None


class RulesPublished(
    Fact,
    kind="terms.rules_published",
    staff=_("Rules published: {rules!w}, version {number}, from {valid_from!d}; {changes:change|changes}."),
    client=_("Rules published: {rules!w}, version {number}, from {valid_from!d}."),
):
    rules: str
    number: int
    valid_from: str
    digest: str
    changes: int
    organization: str | None = None


class AgreementMade(
    Fact,
    kind="terms.agreement_made",
    staff=_("Agreement with {supplier!o}, version {edition}, from {valid_from!d}[, until {valid_to!d}]."),
    client=_("Agreement, version {edition}, from {valid_from!d}[, until {valid_to!d}]."),
):
    supplier: str
    edition: int
    valid_from: str
    valid_to: str | None = None
    digest: str
    changes: int


class PurchaseNoted(
    Fact,
    kind="terms.purchase_noted",
    staff=_(
        "Bought of {supplier!o} on {bought_on!d} for {price} {currency} a piece[, order {order}][, keeps until {expires_on!d}]."
    ),
):
    """On the unit's chain."""

    supplier: str
    order: str | None = None
    bought_on: str
    price: str
    currency: str
    quantity: int
    expires_on: str | None = None


class LifecycleSet(
    Fact,
    kind="terms.lifecycle_set",
    staff=_("Market life set[: out of date since {obsolete_since!d}][; season until {season_ends_on!d}]."),
):
    product: str
    obsolete_since: str | None = None
    successor: str | None = None
    season_ends_on: str | None = None


# Prices ---------------------------------------------------------------------------------------------------------------------------------


class PriceSet(
    Fact,
    kind="terms.price_set",
    staff=_("Price set: grade {grade}[ ({channel!w})], {amount!m} {currency} from {valid_from!d}."),
):
    """On the price's own chain."""

    product: str
    variant: str | None = None
    grade: str
    channel: str | None = None
    amount: str
    currency: str
    valid_from: str


class PriceListSent(
    Fact,
    kind="terms.price_list_sent",
    staff=_("List looked through: {lines:line|lines}, {refused} of them can't be taken ({what!w})."),
):
    """On the list's own chain."""

    what: str
    source: str
    lines: int
    refused: int
    digest: str


class PriceListTaken(
    Fact, kind="terms.price_list_taken", staff=_("List taken: {taken:line|lines} ({what!w}, {source}).")
):
    what: str
    source: str
    taken: int


class LearningAsked(Fact, kind="terms.learning_asked", staff=_("Prices are to be learned from what was observed.")):
    """On the run's own chain."""

    training: str


class PricesLearned(
    Fact,
    kind="terms.prices_learned",
    staff=_(
        "Price model {model} learned from {rows:observation|observations}: {verdict!w}. {written:price|prices} in the book."
    ),
):
    model: int
    digest: str
    """Of the bytes of the model."""
    rows: int
    verdict: str
    written: int
    ended: int


class NothingLearned(Fact, kind="terms.nothing_learned", staff=_("No prices were learned: {why!w}.")):
    why: str
    rows: int
    written: int


class PricesDrifted(
    Fact,
    kind="terms.prices_drifted",
    staff=_("The prices of model {model} miss the last {rows:sale|sales} by {percent} %; {expected} % were expected."),
):
    model: int
    rows: int
    percent: str
    expected: str


class DriftSettled(Fact, kind="terms.drift_settled", staff=_("The prices of model {model} are let stand for now.")):
    model: int
