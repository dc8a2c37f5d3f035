"""The forms of the page on how things travel."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub, Organization, OrganizationKind

VENDORS = [
    ("any", _("nobody's: our own number on the label")),
    ("van", _("our own van")),
    ("easypost", _("EasyPost")),
]


class _AtHub(forms.Form):
    hub = forms.ModelChoiceField(label=_("Hub"), queryset=Hub.objects.none(), empty_label=None)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        field = self.fields["hub"]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = Hub.objects.visible_to(actor).filter(active=True)
        self.initial.setdefault("hub", actor.hub_id)


class DropOffForm(_AtHub):
    """A place where people bring things; the same code again changes it."""

    code = forms.CharField(label=_("Code"), max_length=40, help_text=_("The same code again changes the place."))
    name = forms.CharField(label=_("Name"), max_length=120)
    address = forms.CharField(label=_("Address"), widget=forms.Textarea(attrs={"rows": 3}), max_length=500)
    postcode = forms.CharField(label=_("Postal code"), max_length=12, required=False)
    city = forms.CharField(label=_("City"), max_length=80, required=False)
    country = forms.CharField(label=_("Country (two letters)"), max_length=2, required=False)
    takes_parcels = forms.BooleanField(label=_("Takes packed parcels"), required=False, initial=True)
    takes_unboxed = forms.BooleanField(label=_("Takes things without a box, and checks them"), required=False)
    active = forms.BooleanField(label=_("In use"), required=False, initial=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        for day, name in WEEKDAYS.items():
            self.fields[f"day_{day}"] = forms.CharField(
                label=name,
                required=False,
                max_length=13,
                widget=forms.TextInput(attrs={"placeholder": "10:00-18:00", "autocomplete": "off"}),
            )


class WindowForm(_AtHub):
    """When a van comes by; the same hub, day and beginning again changes it."""

    weekday = forms.TypedChoiceField(label=_("Day"), choices=list(WEEKDAYS.items()), coerce=int)
    begins = forms.TimeField(label=_("From"), widget=forms.TimeInput(attrs={"type": "time"}))
    ends = forms.TimeField(label=_("To"), widget=forms.TimeInput(attrs={"type": "time"}))
    capacity = forms.IntegerField(label=_("Addresses"), min_value=1, max_value=500)
    cutoff_hours = forms.IntegerField(
        label=_("Can be booked until so many hours before"), min_value=0, max_value=336, initial=18
    )
    postcodes = forms.CharField(
        label=_("Postal codes begin with"),
        required=False,
        max_length=1000,
        help_text=_("Several, separated by commas."),
    )
    driven_by = forms.ModelChoiceField(
        label=_("Whose drivers"),
        required=False,
        queryset=Organization.objects.filter(kind=OrganizationKind.CARRIER, active=True),
        empty_label=_("ours"),
    )
    active = forms.BooleanField(label=_("In use"), required=False, initial=True)


class CarrierForm(forms.Form):
    """A carrier and its account; the same code again changes it."""

    code = forms.CharField(label=_("Code"), max_length=40, help_text=_("The same code again changes the carrier."))
    name = forms.CharField(label=_("Name"), max_length=120)
    vendor = forms.ChoiceField(label=_("Interface"), choices=VENDORS)
    service = forms.CharField(label=_("Service"), max_length=60, required=False)
    carrier = forms.CharField(
        label=_("Its carrier"),
        max_length=60,
        required=False,
        help_text=_("Where the interface is of an agency for many."),
    )
    organization = forms.ModelChoiceField(
        label=_("Who has custody while it carries"),
        required=False,
        queryset=Organization.objects.filter(kind=OrganizationKind.CARRIER),
        empty_label=_("we ourselves"),
        help_text=_("The carrier's organization. Choose none for our own vans."),
    )
    grams = forms.IntegerField(label=_("Grams that a parcel weighs"), min_value=1, max_value=70000, required=False)
    for_returns = forms.BooleanField(label=_("Customers send returns with it"), required=False, initial=True)
    label_free = forms.BooleanField(label=_("Its counters print the label from a code"), required=False)
    dangerous = forms.BooleanField(label=_("Takes what may catch fire, by contract"), required=False)
    carries_data = forms.BooleanField(
        label=_("Approved for what may hold data and isn't in a sealed container"), required=False
    )
    active = forms.BooleanField(label=_("In use"), required=False, initial=True)
