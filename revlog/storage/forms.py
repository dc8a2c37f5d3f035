"""Forms of the store."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub, Organization, OrganizationKind
from revlog.devices.models import Location, LocationKind
from revlog.storage.models import ContainerKind


class ContainersForm(forms.Form):
    """So many containers alike, at one of one's hubs."""

    hub = forms.ModelChoiceField(label=_("Hub"), queryset=Hub.objects.none(), empty_label=None)
    kind = forms.ChoiceField(label=_("Kind"), choices=ContainerKind.choices, initial=ContainerKind.TOTE)
    count = forms.IntegerField(label=_("How many"), min_value=1, max_value=200, initial=1)
    capacity = forms.IntegerField(
        label=_("Units that fit"), required=False, min_value=1, help_text=_("Empty: as many as come.")
    )
    tare_kilos = forms.DecimalField(
        label=_("Weight when empty, kg"), required=False, min_value=0, max_value=5000, decimal_places=3
    )
    labels = forms.CharField(
        label=_("Labels on them"), required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("GRAI or SSCC, one a line, where they have any. Without, print our own."),
    )  # fmt: skip
    client = forms.ModelChoiceField(
        label=_("Kept for"), queryset=Organization.objects.none(), required=False, empty_label=_("everybody"),
        help_text=_("Nothing that belongs to others goes into it."),
    )  # fmt: skip
    secured = forms.BooleanField(label=_("Can be locked: data may lie in it"), required=False)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.fields["hub"].queryset = Hub.objects.worked_by(actor).filter(active=True)  # type: ignore[attr-defined]
        clients = Organization.objects.filter(kind=OrganizationKind.CLIENT, active=True)
        self.fields["client"].queryset = clients.order_by("name")  # type: ignore[attr-defined]
        self.initial.setdefault("hub", actor.hub_id)


def places_to(hub: Hub) -> list[tuple[str, str]]:
    """Where a container can be put, as choices: places first, then open containers."""
    rows = Location.objects.filter(hub=hub, active=True).exclude(kind=LocationKind.CONTAINER)
    inside = Location.objects.filter(hub=hub, active=True, kind=LocationKind.CONTAINER, container__state="open")
    return [(code, code) for code in [*rows.order_by("code").values_list("code", flat=True), *_codes(inside)]]


def _codes(rows: Any) -> list[str]:  # noqa: ANN401
    return list(rows.order_by("code").values_list("code", flat=True)[:300])
