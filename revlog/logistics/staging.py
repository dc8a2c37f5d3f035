"""Where a parcel goes from the dock, and why: what the stages know of what is in it, against the site's short table of rules.

Logistics knows a parcel and not what is in it. A stage that announced things in it says so by a function under ``@staging.knows``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from uuid import UUID

from django.utils.translation import gettext as _

from revlog.common.errors import BadInput, Reason
from revlog.common.words import word
from revlog.devices import classes
from revlog.devices.models import Location
from revlog.logistics.models import Parcel, StagingRule, StagingWhen


@dataclass(frozen=True, kw_only=True)
class Content:
    """What is announced in a parcel, as far as where it goes depends on it. ``battery`` is a damaged one; ``due`` when money is due."""

    classes: frozenset[str] = field(default_factory=frozenset)
    value: Decimal = Decimal(0)
    currency: str = ""
    battery: bool = False
    due: datetime | None = None
    client: str = ""

    @property
    def data(self) -> bool:
        return any(classes.of(one).holds != classes.Holds.NEVER for one in self.classes)


@dataclass(frozen=True)
class Way:
    """Where it goes, and the rule in words."""

    place: Location
    why: str

    @property
    def words(self) -> str:
        return f"{self.place.code} · {_('DATA CAGE')}" if self.place.secured else self.place.code


Knows = Callable[[Parcel, datetime], Content | None]
KNOWING: list[Knows] = []


def knows(tell: Knows) -> Knows:
    """Declare what a stage knows of a parcel's content; the first that knows anything is believed."""
    KNOWING.append(tell)
    return tell


def content_of(parcel: Parcel, *, at: datetime) -> Content | None:
    for tell in KNOWING:
        if (found := tell(parcel, at)) is not None:
            return found
    return None


def way(parcel: Parcel, *, damaged: bool = False, rules: Sequence[StagingRule], at: datetime) -> Way | None:
    """The place that the first fitting rule names; None where no rule fits."""
    if not rules:
        return None
    content = content_of(parcel, at=at)
    for rule in rules:
        if fits(rule, content, announced=parcel.announced and content is not None, damaged=damaged, at=at):
            return Way(rule.place, sentence(rule))
    return None


def rules_of(hub: UUID) -> list[StagingRule]:
    """The rules of a site, in their order."""
    rows = StagingRule.objects.filter(hub=hub, active=True, place__active=True)
    return list(rows.select_related("place").order_by("position"))


def fits(rule: StagingRule, content: Content | None, *, announced: bool, damaged: bool, at: datetime) -> bool:
    told = content or Content()
    match rule.when:
        case StagingWhen.ANY:
            return True
        case StagingWhen.DAMAGED:
            return damaged
        case StagingWhen.UNANNOUNCED:
            return not announced
        case StagingWhen.BATTERY:
            return told.battery
        case StagingWhen.DATA:
            return told.data
        case StagingWhen.VALUE:
            return content is not None and told.value >= Decimal(rule.value)
        case StagingWhen.DUE:
            return told.due is not None and told.due <= at + timedelta(hours=int(rule.value))
        case StagingWhen.CLIENT:
            return told.client == rule.value
        case _:
            return rule.value in told.classes


def sentence(rule: StagingRule) -> str:
    """Why, for whoever holds the parcel."""
    sentences: Mapping[str, str] = {
        StagingWhen.ANY: _("No other rule fits."),
        StagingWhen.DAMAGED: _("It is damaged."),
        StagingWhen.UNANNOUNCED: _("Nobody announced what is in it."),
        StagingWhen.BATTERY: _("A damaged battery is declared."),
        StagingWhen.DATA: _("It may hold data."),
        StagingWhen.VALUE: _("It is worth %(value)s or more."),
        StagingWhen.DUE: _("Money for it is due within %(value)s hours."),
        StagingWhen.CLIENT: _("It is for %(value)s."),
        StagingWhen.CLASS: _("It holds: %(value)s."),
    }
    value = str(classes.of(rule.value).label) if rule.when == StagingWhen.CLASS else rule.value
    return sentences[rule.when] % {"value": value}


def checked(when: str, value: str) -> str:
    """The value as a rule keeps it. Raises BadInput for one that its condition can't be asked with."""
    bare = value.strip()
    try:
        match when:
            case StagingWhen.VALUE:
                amount = Decimal(bare)
                if not amount.is_finite() or amount < 0:
                    raise ValueError
            case StagingWhen.DUE:
                if not 0 < int(bare) <= 24 * 60:
                    raise ValueError
            case StagingWhen.CLASS:
                if bare not in classes.CLASSES:
                    raise ValueError
            case StagingWhen.CLIENT:
                if not bare:
                    raise ValueError
            case _:
                return ""
    except (ValueError, InvalidOperation):
        raise BadInput(
            Reason("value", _("This rule needs a value: %(what)s.") % {"what": word(f"staging.{when}")}, "value")
        ) from None
    return bare[:40]
