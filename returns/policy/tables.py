"""What stands beside return rules, and the rows of the law, in the words of a form."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from returns.policy import statutes
from revlog.terms import wording
from revlog.terms.wording import Table, Vocabulary, Word

_EACH_YEAR = _("Like 2026-11-15, or 11-15 for each year")
SEASONS = Table(
    "seasons",
    _("Seasons"),
    {
        "name": Word(_("Name")),
        "from": Word(_("Bought from"), "day", help=_EACH_YEAR),
        "to": Word(_("Bought until"), "day", help=_EACH_YEAR),
        "until": Word(_("May come back until"), "day", help=_EACH_YEAR),
    },
    help=_("What was bought from a day to a day may come back until a day, whatever the windows of the rules say."),
    heading=("name", "from", "to", "until"),
)
REGIONS = Table(
    "regions",
    _("Regions"),
    {
        "name": Word(_("Name")),
        "countries": Word(_("Countries"), "countries", help=_("Two letters each, like DE; FR; NL")),
    },
    help=_("Rules compare a region by its name. A country is in the first region that names it."),
    heading=("name", "countries"),
    named_by="name",
    value="countries",
)
SITES = Table(
    "sites",
    _("What sites take"),
    {
        "name": Word(_("Site"), help=_("Its code")),
        "classes": Word(_("Classes of thing"), "list", help=_("Several with ; between them")),
    },
    help=_("Where the nearest site is looked for: a site that isn't named here takes everything."),
    heading=("name", "classes"),
    named_by="name",
    value="classes",
)
ANCHORS = {"delivery": _("the delivery"), "shipment": _("the shipment"), "order": _("the order")}
ROWS = Table(
    "rows",
    _("Rights"),
    {
        "id": Word(_("Name")),
        "right": Word(_("Right"), "choice", choices={"withdrawal": _("withdrawal"), "guarantee": _("guarantee")}),
        "jurisdiction": Word(_("Law of"), help=_("A short name, like eu")),
        "countries": Word(_("Countries"), "countries", help=_("Two letters each, like DE; FR; NL")),
        "from": Word(_("Orders from"), "date"),
        "to": Word(_("Orders until"), "date", help=_("Empty while it is in force")),
        "days": Word(_("Days to withdraw"), "days"),
        "counted_from": Word(_("Counted from"), "choice", choices=ANCHORS),
        "exempt": Word(_("Categories without it"), "list", help=_("Several with ; between them")),
        "refund_days": Word(_("Days to pay back"), "days"),
        "refund_counted_from": Word(
            _("Paid back, counted from"),
            "choice",
            choices={"withdrawal": _("the withdrawal"), "receipt_or_proof": _("receipt, or proof that it was sent")},
        ),
        "may_withhold_until": Word(
            _("Money may be kept until"),
            "choice",
            choices={"receipt_or_proof": _("receipt, or proof that it was sent")},
        ),
        "months": Word(_("Months of guarantee"), "number"),
        "second_hand_months": Word(_("Months for second-hand things"), "number"),
        "burden_months": Word(_("Months in which the seller proves"), "number"),
        "reject_days": Word(_("Days to have the money back at once"), "days"),
        "source": Word(_("Text it stands in")),
        "certainty": Word(_("How certain we are of it")),
    },
    help=_("The day of the order says which row holds. Check a row with a lawyer before you rely on it."),
    heading=("id", "from", "to", "source"),
    open=("to",),
)
wording.register(statutes.KIND, Vocabulary({}, {}, {}, tables=(ROWS,)))
