"""The form by which a lead says what is to be counted."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub, User
from revlog.common.errors import DomainError
from revlog.devices.models import Location
from revlog.devices.services.places import spread
from revlog.storage.models.counts import CountWhy
from revlog.storage.queries.counts import MOST, Wanted
from revlog.storage.queries.people import able

CLASSES = (("A", _("A: the first 80 % of the worth")), ("B", _("B: the next 15 %")), ("C", _("C: the rest")))
ASKED = [(one.value, one.label) for one in CountWhy if one != CountWhy.OWN]


class CountsForm(forms.Form):
    """Which places, by whom and until when."""

    hub = forms.ModelChoiceField(label=_("Hub"), queryset=Hub.objects.none(), empty_label=None)
    why = forms.ChoiceField(label=_("Which places"), choices=ASKED, initial=CountWhy.STALE)
    codes = forms.CharField(
        label=_("Places"), required=False, max_length=2000,
        help_text=_("For chosen places: their codes, such as A-01, A-02 or A-01..A-20."),
    )  # fmt: skip
    zone = forms.ModelChoiceField(
        label=_("Only in"), queryset=Location.objects.none(), required=False, empty_label=_("everywhere")
    )
    days = forms.IntegerField(
        label=_("Not counted for so many days"), min_value=1, max_value=3650, initial=90, required=False
    )
    letter = forms.ChoiceField(label=_("Class of worth"), choices=CLASSES, initial="A", required=False)
    most = forms.IntegerField(label=_("At most"), min_value=1, max_value=MOST, initial=50)
    assignee = forms.ModelChoiceField(
        label=_("Who counts"), queryset=User.objects.none(), required=False, empty_label=_("whoever comes first")
    )
    due = forms.DateField(
        label=_("Until"), required=False, widget=forms.DateInput(attrs={"type": "date"}), help_text=_("Empty: no day.")
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        hubs = Hub.objects.worked_by(actor).filter(active=True)
        self.fields["hub"].queryset = hubs  # type: ignore[attr-defined]
        self.initial.setdefault("hub", actor.hub_id)
        zones = Location.objects.filter(hub__in=hubs, kind__in=("zone", "aisle"), active=True)
        self.fields["zone"].queryset = zones.order_by("hub", "code")  # type: ignore[attr-defined]
        self.fields["assignee"].queryset = people(actor)  # type: ignore[attr-defined]

    @override
    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        why, hub, zone = told.get("why"), told.get("hub"), told.get("zone")
        if why == CountWhy.PLACE and not told.get("codes", "").strip():
            self.add_error("codes", _("Name the places."))
        if why == CountWhy.ZONE and zone is None:
            self.add_error("zone", _("Choose the zone."))
        if zone is not None and hub is not None and zone.hub_id != hub.pk:
            self.add_error("zone", _("This zone is at another hub."))
        if why == CountWhy.PLACE:
            try:
                told["codes"] = [one for one in spread(told.get("codes", "").replace("\0", "")) if one]
            except DomainError as refusal:
                self.add_error("codes", refusal.sentence)
        return told

    def told(self) -> Wanted:
        data = self.cleaned_data
        return Wanted(
            CountWhy(data["why"]), codes=data["codes"] if data["why"] == CountWhy.PLACE else (), zone=data["zone"],
            days=data["days"] or 90, letter=data["letter"] or "A", most=data["most"],
        )  # fmt: skip

    def due_at(self) -> datetime | None:
        """The end of that day at the hub."""
        day, hub = self.cleaned_data["due"], self.cleaned_data["hub"]
        return datetime.combine(day, time(23, 59), tzinfo=hub.calendar.tz) if day is not None else None


def people(actor: Actor) -> QuerySet[User]:
    """Who may count at one's hub."""
    return able(actor, "devices.count")
