"""The forms of the pages that belong to no stage."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub, Organization
from revlog.devices.models import Hazard, Location, LocationKind, Purpose
from revlog.devices.services.places import Arrangement, Protection


class ArrangeForm(forms.Form):
    """What a place is for and where it stands."""

    parent = forms.ModelChoiceField(
        label=_("In"), queryset=Location.objects.none(), required=False, empty_label=_("straight at the hub")
    )
    purpose = forms.ChoiceField(
        label=_("For"), required=False, choices=[("", _("whatever comes")), *Purpose.choices],
        help_text=_("Nothing else is put there."),
    )  # fmt: skip
    client = forms.ModelChoiceField(
        label=_("Kept for"), queryset=Organization.objects.none(), required=False, empty_label=_("everybody"),
        help_text=_("Only what belongs to this company is put there."),
    )  # fmt: skip
    capacity = forms.IntegerField(
        label=_("Units that fit"), required=False, min_value=1, help_text=_("Empty: as many as come.")
    )

    def __init__(self, *args: Any, actor: Actor, hub: Hub | None = None, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        hubs = [hub] if hub is not None else Hub.objects.worked_by(actor)
        holding = (LocationKind.ZONE, LocationKind.AISLE, LocationKind.BIN)
        rows = Location.objects.filter(hub__in=hubs, kind__in=holding, active=True).order_by("hub", "code")
        self.fields["parent"].queryset = rows  # type: ignore[attr-defined]
        self.fields["client"].queryset = Organization.objects.filter(active=True)  # type: ignore[attr-defined]

    def arrangement(self) -> Arrangement:
        told = self.cleaned_data
        return Arrangement(told["parent"], told["purpose"], told["client"], told["capacity"])


class ProtectForm(forms.Form):
    """Which dangerous goods may lie in a place, how much of them, and how far from what."""

    hazard = forms.ChoiceField(
        label=_("For dangerous goods"), required=False, choices=[("", _("none")), *Hazard.choices],
        help_text=_("This class at worst, and nothing harmless."),
    )  # fmt: skip
    most_units = forms.IntegerField(label=_("Dangerous units at most"), required=False, min_value=1)
    most_kilograms = forms.DecimalField(
        label=_("Kilograms of them at most"), required=False, max_digits=9, decimal_places=3
    )
    apart_from = forms.MultipleChoiceField(
        label=_("Kept apart from"), required=False, choices=Hazard.choices, widget=forms.CheckboxSelectMultiple,
        help_text=_("None of these may lie in another place of the same zone."),
    )  # fmt: skip
    metres = forms.DecimalField(
        label=_("Distance in metres"), required=False, max_digits=6, decimal_places=1,
        help_text=_("From what it is kept apart from, from what burns, and from where people work."),
    )  # fmt: skip
    insured = forms.DecimalField(label=_("Insured value"), required=False, max_digits=14, decimal_places=2)

    @classmethod
    def of(cls, told: Protection) -> dict[str, Any]:
        """What stands there now."""
        return {**vars(told), "apart_from": list(told.apart_from)}

    def protection(self) -> Protection:
        told = self.cleaned_data
        return Protection(**{**told, "apart_from": tuple(told["apart_from"])})


class PlaceForm(ArrangeForm):
    """New places at one of one's hubs: one, or a row of them."""

    hub = forms.ModelChoiceField(label=_("Hub"), queryset=Hub.objects.none(), empty_label=None)
    code = forms.CharField(
        label=_("Code"), max_length=2000,
        help_text=_("What stands on it and is scanned: A-04, CAGE-2. A row of them: A-01..A-20."),
        widget=forms.TextInput(attrs={"autocapitalize": "characters", "autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip
    kind = forms.ChoiceField(label=_("Kind"), choices=LocationKind.choices, initial=LocationKind.BIN)
    secured = forms.BooleanField(label=_("Secured: data may lie here"), required=False)
    field_order = ("hub", "code", "kind", "parent", "purpose", "client", "capacity", "secured")

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, actor=actor, **kwargs)
        field = self.fields["hub"]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = Hub.objects.worked_by(actor).filter(active=True)
        self.initial.setdefault("hub", actor.hub_id)
        if not actor.may("accounts.hubs"):
            del self.fields["secured"]
