"""The forms of the pages that belong to no stage."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub, Organization
from revlog.devices.models import Location, LocationKind, Purpose
from revlog.devices.services.places import Arrangement


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
