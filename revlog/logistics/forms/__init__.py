"""Forms of the dock plan: an appointment, the list of a delivery, a rule of where parcels go."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from revlog.accounts.models import Hub
from revlog.devices.models import Location, LocationKind
from revlog.logistics.models import Carrier, StagingWhen

MOST_BYTES = 1_000_000
NAMES = ("tracking", "tracking number", "tracking_number", "parcel", "barcode", "number")


class AppointmentForm(forms.Form):
    carrier = forms.ModelChoiceField(
        Carrier.objects.filter(active=True), label=_("Carrier"), to_field_name="code", empty_label=None
    )
    door = forms.ModelChoiceField(
        Location.objects.none(), label=_("Door"), to_field_name="code", required=False, empty_label=_("any door")
    )
    begins = forms.TimeField(label=_("From"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    ends = forms.TimeField(label=_("To"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    parcels = forms.IntegerField(label=_("Parcels"), min_value=0, max_value=10_000, initial=0)
    pallets = forms.IntegerField(label=_("Pallets"), min_value=0, max_value=10_000, initial=0)
    reference = forms.CharField(
        label=_("Reference"), max_length=60, required=False, help_text=_("What the carrier calls it; no name.")
    )

    def __init__(self, *args: Any, hub: Hub, day: date, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.hub, self.day = hub, day
        doors = Location.objects.filter(hub=hub, kind=LocationKind.DOCK, active=True)
        self.fields["door"].queryset = doors.order_by("code")  # type: ignore[attr-defined]

    @override
    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        zone = self.hub.calendar.tz
        for name in ("begins", "ends"):
            if told.get(name) is not None:
                told[f"{name}_at"] = datetime.combine(self.day, told[name], zone)
        return told


class ListForm(forms.Form):
    """The carrier's own list as CSV, or the driver's count."""

    file = forms.FileField(
        label=_("The carrier's list (CSV)"),
        required=False,
        help_text=_("The column with the numbers is called tracking, or is the first one."),
    )
    count = forms.IntegerField(label=_("Or the driver's count"), required=False, min_value=0, max_value=5000)

    @override
    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        sent = told.get("file")
        if sent is not None and sent.size > MOST_BYTES:
            self.add_error("file", _("A list has at most 1 MB."))
        elif sent is not None:
            try:
                told["numbers"] = numbers(sent.read().decode("utf-8-sig"))
            except (UnicodeDecodeError, csv.Error):
                self.add_error("file", _("This file can't be read as CSV in UTF-8."))
        elif told.get("count") is None and not self.errors:
            self.add_error("count", _("Choose a list, or enter the count."))
        return told


def numbers(text: str) -> list[str]:
    """The parcel numbers of a list: the column that its header names so, else the first."""
    first = text.split("\n", 1)[0]
    mark = max((",", ";", "\t"), key=first.count)
    rows = [row for row in csv.reader(io.StringIO(text), delimiter=mark) if any(cell.strip() for cell in row)]
    if not rows:
        return []
    heads = [cell.strip().lower() for cell in rows[0]]
    place = next((heads.index(name) for name in NAMES if name in heads), None)
    body = rows if place is None else rows[1:]
    return [row[place or 0] for row in body if len(row) > (place or 0)]


class StagingForm(forms.Form):
    position = forms.IntegerField(label=_("Number"), min_value=1, max_value=99)
    when = forms.ChoiceField(label=_("When"), choices=StagingWhen.choices)
    value = forms.CharField(
        label=_("Value"), max_length=40, required=False, help_text=_("An amount, hours, a client's code, a class.")
    )
    place = forms.ModelChoiceField(Location.objects.none(), label=_("Goes to"), to_field_name="code", empty_label=None)
    active = forms.BooleanField(label=_("In use"), required=False, initial=True)

    def __init__(self, *args: Any, hub: Hub, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        places = Location.objects.filter(hub=hub, active=True).exclude(kind=LocationKind.DOCK)
        self.fields["place"].queryset = places.order_by("code")  # type: ignore[attr-defined]
