"""Forms of carriage: a contract, its rates, what something would cost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub
from revlog.common.words import word
from revlog.logistics.freight import cards
from revlog.logistics.freight.rating import EXTRAS, Basis, Load, Piece, Spot, Unit
from revlog.logistics.models import Book, Carrier, Contract, RateCard, Regime

DAY = {"type": "date"}


def day_field(label: Any, **told: Any) -> forms.DateField:  # noqa: ANN401
    return forms.DateField(label=label, widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d"), **told)


class ContractForm(forms.Form):
    carrier = forms.ModelChoiceField(
        Carrier.objects.filter(active=True), label=_("Carrier"), to_field_name="code", empty_label=None
    )
    name = forms.CharField(label=_("Name"), max_length=120, help_text=_("As people call it: Parcels 2026."))
    reference = forms.CharField(
        label=_("The carrier's number"),
        max_length=60,
        required=False,
        help_text=_("Of the contract, or ours as a customer."),
    )
    currency = forms.CharField(label=_("Currency"), min_length=3, max_length=3)
    begins_on = day_field(_("Begins on"))
    ends_on = day_field(_("Ends on"), required=False)
    hubs = forms.ModelMultipleChoiceField(
        Hub.objects.none(), label=_("Sites"), to_field_name="code", required=False,
        widget=forms.CheckboxSelectMultiple, help_text=_("For all sites when none is chosen."),
    )  # fmt: skip
    inbound = forms.BooleanField(label=_("We pay for what comes to us"), required=False, initial=True)
    outbound = forms.BooleanField(label=_("We pay for what goes from us"), required=False, initial=True)
    book = forms.ChoiceField(label=_("Whose cost it is"), choices=Book.choices)
    mail = forms.EmailField(label=_("The carrier's mailbox"), required=False, help_text=_("For disputes and claims."))
    active = forms.BooleanField(label=_("In use"), required=False, initial=True)

    def __init__(self, *args: Any, actor: Actor, contract: Contract | None = None, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        hubs = Hub.objects.worked_by(actor).filter(active=True)
        self.fields["hubs"].queryset = hubs.order_by("name")  # type: ignore[attr-defined]
        if contract is not None:
            del self.fields["carrier"]


class FiguresForm(forms.Form):
    """What a card says beside its prices."""

    fuel = forms.DecimalField(label=_("Fuel, percent of carriage"), max_digits=5, decimal_places=2)
    least = forms.DecimalField(label=_("Minimum a shipment"), max_digits=12, decimal_places=2)
    divisor = forms.IntegerField(
        label=_("Cubic centimetres a kilogram"),
        help_text=_("By road often 3000 to 5000, by air 6000; 0 where size doesn't count."),
    )
    step = forms.IntegerField(label=_("Weights are rounded up to grams"), help_text=_("0: not rounded."))
    assumed_grams = forms.IntegerField(label=_("Grams of a parcel that nobody weighed"))
    assumed_km = forms.IntegerField(label=_("Kilometres of a trip that nobody measured"))
    tolerance_percent = forms.DecimalField(label=_("A bill may be above it by percent"), max_digits=5, decimal_places=2)
    tolerance_amount = forms.DecimalField(label=_("Or by an amount"), max_digits=10, decimal_places=2)
    tolerance_weight = forms.DecimalField(label=_("Its weights may differ by percent"), max_digits=5, decimal_places=2)
    regime = forms.ChoiceField(
        label=_("The carrier is liable by"), choices=Regime.choices,
        help_text=_("Another choice brings its own limit and days."),
    )  # fmt: skip
    sdr_per_kg = forms.DecimalField(label=_("SDR a kilogram"), max_digits=7, decimal_places=2)
    sdr_rate = forms.DecimalField(
        label=_("One SDR is worth"), max_digits=10, decimal_places=6,
        help_text=_("In the contract's currency; the IMF publishes it each day."),
    )  # fmt: skip
    apparent_days = forms.IntegerField(label=_("Days to tell of damage that is seen"), help_text=_("0: at once."))
    hidden_days = forms.IntegerField(label=_("Days to tell of damage that isn't seen"))
    delay_days = forms.IntegerField(label=_("Days to tell of delay"))
    loss_days = forms.IntegerField(label=_("Days to claim a loss"))

    def __init__(self, *args: Any, card: RateCard, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.initial = {name: getattr(card, name) for name in self.fields}


class CardFileForm(forms.Form):
    file = forms.FileField(
        label=_("Rate card (CSV)"),
        help_text=_("It takes the place of all lines."),
    )

    @override
    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        sent = told.get("file")
        if sent is None:
            return told
        if sent.size > cards.MOST_BYTES:
            self.add_error("file", _("A rate card has at most 500 kB."))
            return told
        try:
            told["text"] = sent.read().decode("utf-8-sig")
        except UnicodeDecodeError:
            self.add_error("file", _("This file can't be read as CSV in UTF-8."))
        return told


class LineForm(forms.Form):
    service = forms.CharField(label=_("Service"), max_length=30, initial="standard")
    origin = forms.CharField(
        label=_("From"), max_length=12, initial="*", help_text=_("DE, DE-04, a zone, or * for everywhere.")
    )
    destination = forms.CharField(label=_("To"), max_length=12, initial="*")
    unit = forms.ChoiceField(label=_("Charged by"), choices=())
    over = forms.DecimalField(label=_("Over kg"), required=False, min_value=0, max_digits=8, decimal_places=3)
    upto = forms.DecimalField(label=_("Up to kg"), required=False, min_value=0, max_digits=8, decimal_places=3)
    price = forms.DecimalField(label=_("Price"), min_value=0, max_digits=12, decimal_places=4)
    least = forms.DecimalField(label=_("At least"), required=False, min_value=0, max_digits=12, decimal_places=2)

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.fields["unit"].choices = [(one.value, word(f"rate_unit.{one}")) for one in Unit]  # type: ignore[attr-defined]


class ExtraForm(forms.Form):
    code = forms.ChoiceField(label=_("What is charged"), choices=())
    basis = forms.ChoiceField(label=_("By what"), choices=())
    price = forms.DecimalField(label=_("Price, or percent"), min_value=0, max_digits=12, decimal_places=4)

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.fields["code"].choices = [(one, word(f"extra.{one}")) for one in EXTRAS]  # type: ignore[attr-defined]
        self.fields["basis"].choices = [(one.value, word(f"rate_basis.{one}")) for one in Basis]  # type: ignore[attr-defined]


class PublishForm(forms.Form):
    valid_from = day_field(_("Holds from"))


class CalculatorForm(forms.Form):
    """A load as people know it: so many parcels of so much, from here to there."""

    contract = forms.ModelChoiceField(
        Contract.objects.none(),
        label=_("Contract"),
        to_field_name="number",
        required=False,
        empty_label=_("all of them"),
    )
    day = day_field(_("On"))
    service = forms.CharField(label=_("Service"), max_length=30, initial="standard")
    from_country = forms.CharField(label=_("From country"), min_length=2, max_length=2)
    from_postcode = forms.CharField(label=_("From postal code"), max_length=12, required=False)
    to_country = forms.CharField(label=_("To country"), min_length=2, max_length=2)
    to_postcode = forms.CharField(label=_("To postal code"), max_length=12, required=False)
    parcels = forms.IntegerField(label=_("Parcels"), min_value=0, max_value=999, initial=1)
    kilos = forms.DecimalField(label=_("Kilograms each"), min_value=0, max_digits=8, decimal_places=3, required=False)
    length = forms.IntegerField(label=_("Length, cm"), min_value=1, max_value=1000, required=False)
    width = forms.IntegerField(label=_("Width, cm"), min_value=1, max_value=1000, required=False)
    height = forms.IntegerField(label=_("Height, cm"), min_value=1, max_value=1000, required=False)
    pallets = forms.IntegerField(label=_("Pallets"), min_value=0, max_value=99, required=False)
    km = forms.IntegerField(label=_("Kilometres"), min_value=0, max_value=20_000, required=False)

    def __init__(self, *args: Any, contracts: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.fields["contract"].queryset = contracts  # type: ignore[attr-defined]
        for code in EXTRAS:
            self.fields[f"extra_{code}"] = forms.DecimalField(
                label=word(f"extra.{code}").capitalize(), min_value=0, max_value=999, decimal_places=2, required=False
            )

    @property
    def main(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if not name.startswith("extra_")]

    @property
    def extras(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith("extra_")]

    @override
    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        sides = [told.get(name) for name in ("length", "width", "height")]
        if any(sides) and not all(sides):
            self.add_error("length", _("Say all three sides, or none."))
        if told.get("parcels") and not told.get("kilos"):
            self.add_error("kilos", _("Say what a parcel weighs."))
        return told

    def load(self) -> Load:
        told = self.cleaned_data
        return load_of(
            service=told["service"], origin=(told["from_country"], told["from_postcode"]),
            destination=(told["to_country"], told["to_postcode"]), parcels=told["parcels"] or 0,
            grams=int((told["kilos"] or Decimal(0)) * 1000),
            sides=[told[name] for name in ("length", "width", "height")] if told["length"] else None,
            pallets=told["pallets"] or 0, km=told["km"] or 0,
            extras={code: told[f"extra_{code}"] for code in EXTRAS if told.get(f"extra_{code}")},
        )  # fmt: skip


def load_of(
    *, service: str, origin: tuple[str, str], destination: tuple[str, str], parcels: int, grams: int,
    sides: Sequence[int] | None, pallets: int, km: int, extras: dict[str, Decimal],
) -> Load:  # fmt: skip
    """A load of so many equal parcels; sides in centimetres."""
    piece = Piece(grams, (sides[0] * 10, sides[1] * 10, sides[2] * 10) if sides else None)
    return Load(
        origin=Spot(origin[0].upper(), origin[1].strip().upper()), destination=Spot(destination[0].upper(), destination[1].strip().upper()),
        service=service.strip().lower(), pieces=(piece,) * parcels, pallets=pallets, km=km, extras=extras,
    )  # fmt: skip


def today_of(actor: Actor, at: datetime) -> date:
    """The day at the site where this person works."""
    hub = Hub.objects.worked_by(actor).filter(pk=actor.hub_id).first() if actor.hub_id else None
    return hub.calendar.local(at).date() if hub is not None else at.date()
