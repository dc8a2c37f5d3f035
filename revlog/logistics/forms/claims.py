"""The form of a claim to a carrier."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from revlog.logistics.forms.freight import day_field
from revlog.logistics.models import ClaimKind


class ClaimForm(forms.Form):
    kind = forms.ChoiceField(label=_("What happened"), choices=ClaimKind.choices)
    apparent = forms.BooleanField(label=_("It could be seen when we took it over"), required=False, initial=True)
    since = day_field(_("Taken over, or expected, on"))
    grams = forms.IntegerField(
        label=_("Weight of what is damaged or lost, g"),
        min_value=1,
        max_value=99_999_999,
        help_text=_("The carrier is liable by weight."),
    )
    value = forms.DecimalField(label=_("What it was worth"), max_digits=12, decimal_places=2)
    text = forms.CharField(
        label=_("What happened, as the carrier reads it"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("No names of persons."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        value: Any = self.fields["value"]
        value.widget.attrs["inputmode"] = "decimal"
