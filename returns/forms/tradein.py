"""What people enter who sell us something: what it is and how, and then who they are. Verbs judge, forms only read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from returns.forms import PHOTO_TYPES, PhotosField, PhotosInput
from returns.models import TradeInPayout
from returns.policy.questions import Question
from returns.policy.statutes import EEA_COUNTRIES, EU_COUNTRIES
from revlog.common import countries
from revlog.devices import classes
from revlog.devices.models import ProductModel

COUNTRIES = sorted({*EU_COUNTRIES, *EEA_COUNTRIES, "GB", "CH", "US"})
_PLAIN = {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}


class ThingForm(forms.Form):
    """What it is and how it is: the questions of its class, its number, photos."""

    what = forms.CharField(
        label=_("What is it?"), max_length=120, required=False, help_text=_("Maker and model, as it is written on it.")
    )
    device_class = forms.ChoiceField(label=_("What kind of thing?"), required=False)
    variant = forms.ChoiceField(label=_("Which version?"), required=False)
    serial = forms.CharField(
        label=_("IMEI or serial number"),
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs=_PLAIN),
        help_text=_("On a phone, dial *#06#. You may leave it empty."),
    )
    photos = PhotosField(
        label=_("Photos"),
        required=False,
        help_text=_("They help when there is a question later. At most 6."),
        widget=PhotosInput(attrs={"accept": PHOTO_TYPES}),
    )
    note = forms.CharField(
        label=_("Anything else?"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )
    name = forms.CharField(
        label=_("Your name"), max_length=200, required=False, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    email = forms.EmailField(
        label=_("Your e-mail"), max_length=254, required=False, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )

    def __init__(
        self,
        *args: Any,  # noqa: ANN401
        product: ProductModel | None,
        asked: Sequence[Question],
        photos: bool,
        reach: bool,
        **kwargs: Any,  # noqa: ANN401
    ) -> None:
        """``photos`` where some can be sent along; ``reach`` where a person has to answer, and needs to know whom."""
        super().__init__(*args, **kwargs)
        self.asked = asked
        variants = list(product.variants.order_by("name")) if product is not None else []
        if product is not None:
            del self.fields["what"], self.fields["device_class"]
        if len(variants) < 2:
            del self.fields["variant"]
        for name, wanted in (("photos", photos), ("name", reach), ("email", reach)):
            if not wanted:
                del self.fields[name]
        kinds, variant = self.fields.get("device_class"), self.fields.get("variant")
        if isinstance(kinds, forms.ChoiceField):
            kinds.choices = [("", _("Choose a kind")), *classes.CHOICES]
        if isinstance(variant, forms.ChoiceField):
            variant.choices = [(str(one.pk), one.name or one.sku) for one in variants]
        for question in asked:
            self.fields[question.field] = forms.ChoiceField(
                label=question.text,
                choices=list(question.choices),
                required=question.required,
                widget=forms.RadioSelect,
                error_messages={"required": _("Answer this: %s") % question.text},
            )

    @property
    def questions(self) -> list[forms.BoundField]:
        return [self[question.field] for question in self.asked]

    @property
    def others(self) -> list[forms.BoundField]:
        mine = {question.field for question in self.asked}
        return [field for field in self if field.name not in mine]

    def answers(self) -> dict[str, str]:
        return {one.id: self.cleaned_data.get(one.field, "") for one in self.asked if self.cleaned_data.get(one.field)}


class SellerForm(forms.Form):
    """Who sells, how they are paid, and what they declare."""

    name = forms.CharField(label=_("Your name"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    email = forms.EmailField(
        label=_("Your e-mail"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
    address = forms.CharField(
        label=_("Your address"),
        max_length=600,
        widget=forms.Textarea(attrs={"autocomplete": "street-address", "rows": 3}),
        help_text=_("It stands on the purchase document."),
    )
    country = forms.ChoiceField(label=_("Country"))
    business = forms.BooleanField(label=_("I sell it as a business"), required=False)
    payout = forms.ChoiceField(
        label=_("How do you want to be paid?"), widget=forms.RadioSelect, initial=TradeInPayout.BANK.value
    )
    iban = forms.CharField(
        label=_("IBAN, for a bank transfer"),
        max_length=42,
        required=False,
        widget=forms.TextInput(attrs=_PLAIN),
        help_text=_("Only for the transfer; we forget it afterwards."),
    )
    declared = forms.BooleanField(error_messages={"required": _("Confirm that it is yours to sell.")})

    def __init__(
        self,
        *args: Any,  # noqa: ANN401
        bank: str,
        credit: str,
        charities: Sequence[tuple[str, str]] = (),
        declaration: str,
        paid: bool,
        **kwargs: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(*args, **kwargs)
        country = self.fields["country"]
        if isinstance(country, forms.ChoiceField):
            named = sorted((countries.name(code), code) for code in COUNTRIES)
            country.choices = [(code, name) for name, code in named]
        if not paid:
            for name in ("payout", "iban", "business"):
                del self.fields[name]
        payout = self.fields.get("payout")
        if isinstance(payout, forms.ChoiceField):
            payout.choices = [(TradeInPayout.BANK.value, bank), (TradeInPayout.CREDIT.value, credit), *charities]
        self.fields["declared"].label = declaration
