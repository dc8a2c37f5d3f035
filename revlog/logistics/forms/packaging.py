"""What came back with a truck, or goes out with a shipment."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from revlog.accounts.actors import Actor
from revlog.accounts.models import Organization, OrganizationKind
from revlog.storage.models import PackagingType

MOST = 100_000


class PackagingForm(forms.Form):
    """So many of one kind, of one partner."""

    type = forms.ModelChoiceField(
        label=_("Packaging"), queryset=PackagingType.objects.filter(active=True), empty_label=None
    )
    partner = forms.ModelChoiceField(label=_("Partner"), queryset=Organization.objects.none(), empty_label="—")
    whole = forms.IntegerField(label=_("How many"), min_value=0, max_value=MOST, initial=0)
    damaged = forms.IntegerField(label=_("Damaged ones besides"), min_value=0, max_value=MOST, initial=0)

    def __init__(self, *args: Any, actor: Actor, back: bool, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        rows = Organization.objects.visible_to(actor).filter(active=True).exclude(kind=OrganizationKind.OPERATOR)
        self.fields["partner"].queryset = rows.order_by("name")  # type: ignore[attr-defined]
        if not back:
            del self.fields["damaged"]
