from __future__ import annotations

import json
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from revlog.accounts.actors import Actor
from revlog.accounts.models import Organization, OrganizationKind
from revlog.devices.models import ProductModel, Variant
from revlog.devices.models.device import GRADES
from revlog.terms import ruling
from revlog.terms.models.lists import ListKind


class ImportForm(forms.Form):
    """A file of orders and whose they are."""

    seller = forms.ModelChoiceField(label=_("Seller"), queryset=Organization.objects.none(), to_field_name="code")
    file = forms.FileField(
        label=_("CSV file"),
        allow_empty_file=True,
        help_text=_("UTF-8, one row for each line of an order. At most 25 MB."),
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        sellers = Organization.objects.visible_to(actor).filter(active=True)
        if not actor.is_operator:
            sellers = sellers.filter(pk__in=[actor.organization_id])
        else:
            sellers = sellers.filter(
                kind__in=[OrganizationKind.OPERATOR, OrganizationKind.RETAILER, OrganizationKind.CLIENT]
            )
        field = self.fields["seller"]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = sellers
            field.initial = sellers.first()


class JsonField(forms.CharField):
    """JSON as people type it: a mistake is named with its line and column."""

    @override
    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        try:
            return json.loads(text)
        except json.JSONDecodeError as problem:
            raise forms.ValidationError(
                _("This is not JSON: line %(line)s, column %(column)s: %(why)s."),
                params={"line": problem.lineno, "column": problem.colno, "why": problem.msg},
                code="not_json",
            ) from None
        except RecursionError:
            raise forms.ValidationError(_("This is nested too deeply."), code="too_deep") from None


class DraftDetailsForm(forms.Form):
    """Whose rules a draft is to be, and what it is for."""

    organization = forms.ModelChoiceField(
        label=_("For"),
        queryset=Organization.objects.none(),
        to_field_name="code",
        required=False,
        empty_label=_("everybody"),
    )
    note = forms.CharField(label=_("What changes, and why"), max_length=300)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        field = self.fields["organization"]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = Organization.objects.visible_to(actor).filter(active=True)


class DraftForm(DraftDetailsForm):
    """New rules, for everybody or for one organization, as JSON."""

    body = JsonField(
        label=_("Rules"),
        max_length=ruling.MOST_BYTES,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 24, "class": "mono", "spellcheck": "false"}),
    )


class PublishForm(forms.Form):
    """From when a draft holds: the beginning of a day, or now."""

    valid_from = forms.DateField(
        label=_("From (empty: now)"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def starts(self, at: datetime) -> datetime:
        """The moment that was meant: today means now, since rules never hold backwards."""
        day: date | None = self.cleaned_data["valid_from"]
        if day is None or day == timezone.localdate(at):
            return at
        return timezone.make_aware(datetime.combine(day, time()))


class PriceForm(forms.Form):
    """One price by hand, from a day on."""

    grade = forms.ChoiceField(label=_("Grade"), choices=[row for row in GRADES if row[0] not in {"U", "NA"}])
    variant = forms.ModelChoiceField(
        label=_("Version"), queryset=Variant.objects.none(), required=False, empty_label=_("all versions")
    )
    channel = forms.CharField(
        label=_("Channel"), max_length=24, required=False, help_text=_("As sales call it. Left empty: any channel.")
    )
    amount = forms.DecimalField(label=_("Price"), max_digits=12, decimal_places=2, min_value=Decimal(0))
    currency = forms.RegexField("^[A-Za-z]{3}$", label=_("Currency"), initial="EUR")
    valid_from = forms.DateField(
        label=_("From (empty: now)"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(self, *args: Any, product: ProductModel, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        field = self.fields["variant"]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = product.variants.order_by("name")
        if not product.variants.exists():
            del self.fields["variant"]

    @override
    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        return {"variant": None} | told

    def starts(self, at: datetime) -> datetime:
        """The moment that was meant: today means now, or a price of this morning would go before it."""
        day: date | None = self.cleaned_data["valid_from"]
        if day is None or day == timezone.localdate(at):
            return at
        return timezone.make_aware(datetime.combine(day, time()))


class PriceListForm(forms.Form):
    """A list of prices, or of sales and offers to learn from."""

    kind = forms.ChoiceField(label=_("It holds"), choices=ListKind.choices)
    file = forms.FileField(
        label=_("CSV file"),
        help_text=_("UTF-8, at most 2 MB. It is looked through first; nothing changes before you say so."),
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
    )
    source = forms.CharField(label=_("Whose list it is"), max_length=60)
    currency = forms.RegexField("^[A-Za-z]{3}$", label=_("Currency of lines that name none"), initial="EUR")
