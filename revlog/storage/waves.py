"""The form of a wave: which units a pick list takes in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub, Organization, User
from revlog.devices import classes
from revlog.devices.models import Location, LocationKind
from revlog.storage.models.picks import PickTarget
from revlog.storage.queries.people import able
from revlog.storage.queries.picks import MOST, Filter


class WaveForm(forms.Form):
    """What a wave takes in."""

    hub = forms.ModelChoiceField(label=_("Hub"), queryset=Hub.objects.none(), empty_label=None)
    target = forms.ChoiceField(label=_("What for"), choices=PickTarget.choices)
    zone = forms.ModelChoiceField(
        label=_("Only from"), queryset=Location.objects.none(), required=False, empty_label=_("everywhere")
    )
    device_class = forms.ChoiceField(label=_("Only of the kind"), required=False)
    owner = forms.ModelChoiceField(
        label=_("Only what belongs to"),
        queryset=Organization.objects.none(),
        required=False,
        empty_label=_("everybody"),
    )
    most = forms.IntegerField(label=_("At most"), min_value=1, max_value=MOST, initial=50)
    assignee = forms.ModelChoiceField(
        label=_("Who fetches"), queryset=User.objects.none(), required=False, empty_label=_("whoever comes first")
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        hubs = Hub.objects.worked_by(actor).filter(active=True)
        self.fields["hub"].queryset = hubs  # type: ignore[attr-defined]
        self.initial.setdefault("hub", actor.hub_id)
        kinds = (LocationKind.ZONE, LocationKind.AISLE)
        zones = Location.objects.filter(hub__in=hubs, kind__in=kinds, active=True)
        self.fields["zone"].queryset = zones.order_by("hub", "code")  # type: ignore[attr-defined]
        self.fields["device_class"].choices = [("", _("any kind")), *classes.CHOICES]  # type: ignore[attr-defined]
        self.fields["owner"].queryset = Organization.objects.filter(active=True)  # type: ignore[attr-defined]
        self.fields["assignee"].queryset = people(actor)  # type: ignore[attr-defined]

    def told(self) -> Filter:
        data = self.cleaned_data
        return Filter(PickTarget(data["target"]), data["zone"], data["device_class"], data["owner"], data["most"])


def people(actor: Actor) -> QuerySet[User]:
    """Who may fetch at one's hub."""
    return able(actor, "devices.locate")
