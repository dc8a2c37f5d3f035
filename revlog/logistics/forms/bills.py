"""Forms of carriers' bills: what came, how its file is read, a line by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from revlog.logistics.forms.freight import day_field
from revlog.logistics.freight import billing
from revlog.logistics.freight.billing import Columns, Read
from revlog.logistics.models import BillColumns, Contract

DATE_WORDS = [
    ("%Y-%m-%d", "2026-03-31"),
    ("%d.%m.%Y", "31.03.2026"),
    ("%d/%m/%Y", "31/03/2026"),
    ("%m/%d/%Y", "03/31/2026"),
]


class BillForm(forms.Form):
    contract = forms.ModelChoiceField(
        Contract.objects.none(), label=_("Contract"), to_field_name="number", empty_label=None
    )
    theirs = forms.CharField(label=_("Number of the bill"), max_length=60)
    dated = day_field(_("Date of the bill"))
    total = forms.DecimalField(
        label=_("Net sum on it"),
        max_digits=12,
        decimal_places=2,
        required=False,
        help_text=_("Its lines have to add up to it."),
    )
    file = forms.FileField(
        label=_("Its lines (CSV)"), required=False, help_text=_("Without a file, its lines are entered by hand.")
    )

    def __init__(self, *args: Any, contracts: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        field: Any = self.fields["contract"]
        field.queryset = contracts
        field.label_from_instance = lambda one: f"{one.carrier.name}: {one.name} ({one.number})"


class ColumnsForm(forms.Form):
    """Which column says what; the carrier's next file is read by the same."""

    tracking = forms.ChoiceField(label=_("Parcel number"), required=False)
    reference = forms.ChoiceField(label=_("Our reference"), required=False)
    shipped_on = forms.ChoiceField(label=_("Day"), required=False)
    weight = forms.ChoiceField(label=_("Weight"), required=False)
    charge = forms.ChoiceField(label=_("What is charged"), required=False)
    text = forms.ChoiceField(label=_("Text"), required=False)
    amount = forms.ChoiceField(label=_("Net amount"))
    grams = forms.BooleanField(label=_("Weights are in grams"), required=False)
    dates = forms.ChoiceField(label=_("Days are written like"), choices=DATE_WORDS)
    words = forms.CharField(
        label=_("The carrier's words for charges"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip

    def __init__(self, *args: Any, heads: Sequence[str], kept: BillColumns | None, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        guessed = billing.guess(heads)
        for name in billing.FIELDS:
            field: Any = self.fields[name]
            field.choices = [*([("", "—")] if not field.required else []), *((head, head) for head in heads)]
            told = kept.columns.get(name, "") if kept is not None else ""
            self.initial[name] = told if told in heads else guessed[name]
        if kept is not None:
            self.initial.update(grams=kept.grams, dates=kept.dates)
            self.initial["words"] = "\n".join(f"{theirs} = {ours}" for theirs, ours in kept.words.items())

    def columns(self) -> Columns:
        told = self.cleaned_data
        pairs = [line.partition("=") for line in told["words"].splitlines() if "=" in line]
        return Columns(
            {name: told[name] for name in billing.FIELDS}, told["grams"], told["dates"],
            {" ".join(theirs.lower().split()): ours.strip().lower() for theirs, _is, ours in pairs},
        )  # fmt: skip


class BillLineForm(forms.Form):
    tracking = forms.CharField(label=_("Parcel number"), max_length=60, required=False)
    reference = forms.CharField(label=_("Our reference"), max_length=60, required=False)
    shipped_on = day_field(_("Day"), required=False)
    grams = forms.IntegerField(label=_("Weight, g"), min_value=0, max_value=100_000_000, required=False)
    charge = forms.CharField(
        label=_("What is charged"), max_length=40, required=False, help_text=_("Empty for the carriage itself.")
    )
    amount = forms.DecimalField(label=_("Net amount"), max_digits=12, decimal_places=2)

    def line(self) -> Read:
        told = self.cleaned_data
        return Read(
            tracking="".join(told["tracking"].split()).upper(), reference=told["reference"].strip(),
            shipped_on=told["shipped_on"], grams=told["grams"], charge=billing.charge_of(told["charge"], {}),
            text=told["charge"], amount=told["amount"],
        )  # fmt: skip
