"""The forms of the pages that belong to no stage."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub
from revlog.devices.models import LocationKind


class PlaceForm(forms.Form):
    """A new place at one of one's hubs."""

    hub = forms.ModelChoiceField(label=_("Hub"), queryset=Hub.objects.none(), empty_label=None)
    code = forms.CharField(
        label=_("Code"), max_length=40, help_text=_("What stands on it and is scanned: A-04, CAGE-2."),
        widget=forms.TextInput(attrs={"autocapitalize": "characters", "autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip
    kind = forms.ChoiceField(label=_("Kind"), choices=LocationKind.choices, initial=LocationKind.BIN)
    capacity = forms.IntegerField(
        label=_("Units that fit"), required=False, min_value=1, help_text=_("Empty: as many as come.")
    )
    secured = forms.BooleanField(label=_("Secured: data may lie here"), required=False)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        field = self.fields["hub"]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = Hub.objects.visible_to(actor).filter(active=True)
        self.initial.setdefault("hub", actor.hub_id)
        if not actor.may("accounts.hubs"):
            del self.fields["secured"]
