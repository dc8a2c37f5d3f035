"""What people enter: the portal's questions and the desk's short forms. Rules are not here: verbs judge, forms only read."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from returns import reasons
from returns.imports import mapping as mappings
from returns.models import Outcome
from revlog.accounts.actors import Actor
from revlog.accounts.models import Organization, OrganizationKind
from revlog.terms.models import OrderLine

OUTCOMES = [
    (Outcome.REFUND.value, _("My money back")),
    (Outcome.EXCHANGE.value, _("The same again")),
    (Outcome.REPAIR.value, _("Have it repaired")),
]


class FindForm(forms.Form):
    """A guest proves themselves by two things that only they have beside each other."""

    order = forms.CharField(
        label=_("Order number"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        help_text=_("It is in the mail that confirmed your order."),
    )
    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text=_("The one you ordered with."),
    )


class LinkForm(forms.Form):
    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text=_("The one you ordered with."),
    )


class WhyForm(forms.Form):
    """Why one thing comes back and what for; ``left`` is how many of it can."""

    quantity = forms.IntegerField(label=_("How many?"), min_value=1, initial=1)
    reason = forms.ChoiceField(label=_("Why?"))
    wanted = forms.ChoiceField(
        label=_("What would you like?"), choices=OUTCOMES, widget=forms.RadioSelect, initial=Outcome.REFUND.value
    )
    note = forms.CharField(
        label=_("In your words"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )
    photo = forms.FileField(
        label=_("Photo"),
        required=False,
        help_text=_("Shows us a damage before it arrives."),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp", "capture": "environment"}),
    )

    def __init__(self, *args: Any, line: OrderLine, left: int, url: str = "", **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.line, self.left = line, left
        choices: list[Any] = [("", _("Choose a reason"))]
        choices += [(group, codes) for group, codes in reasons.asked(line.device_class)]
        reason = self.fields["reason"]
        if isinstance(reason, forms.ChoiceField):
            reason.choices = choices
        if url:
            # What can be had depends on the reason: the answer replaces the choices and the money below.
            reason.widget.attrs |= {
                "hx-post": url,
                "hx-trigger": "change",
                "hx-target": f"#outcomes-{self.prefix}",
                "hx-swap": "innerHTML",
            }
        quantity = self.fields["quantity"]
        if left == 1:
            quantity.widget = forms.HiddenInput()
        elif isinstance(quantity, forms.IntegerField):
            quantity.max_value = left
            quantity.widget.attrs |= {"max": left, "inputmode": "numeric"}


class ReasonForm(forms.Form):
    """One sentence that somebody else reads: why something is refused, settled, put right."""

    reason = forms.CharField(label=_("Reason"), max_length=300, required=False)


class AcceptForm(forms.Form):
    deduction = forms.DecimalField(
        label=_("Deduct"), max_digits=12, decimal_places=2, min_value=Decimal(0), required=False, initial=Decimal(0)
    )
    why = forms.CharField(label=_("Why, as the customer reads it"), max_length=300, required=False)


class SendBackForm(forms.Form):
    tracking = forms.CharField(label=_("Tracking number"), max_length=60, required=False)


class RestockForm(forms.Form):
    place = forms.CharField(label=_("Shelf"), max_length=60, required=False)


class PastOrdersForm(forms.Form):
    """A file of past orders and returns, whose they are, and how it is read."""

    seller = forms.ModelChoiceField(label=_("Seller"), queryset=Organization.objects.none(), to_field_name="code")
    mapping = forms.ChoiceField(label=_("How it is written"), required=False)
    own = forms.FileField(
        label=_("Or a mapping of your own"),
        required=False,
        help_text=_("A TOML file of at most 64 KB; it counts when one is given."),
        widget=forms.FileInput(attrs={"accept": ".toml"}),
    )
    file = forms.FileField(
        label=_("File"),
        help_text=_(".csv or .csv.gz, at most 25 MB. Larger ones are imported on the command line."),
        widget=forms.FileInput(attrs={"accept": ".csv,.gz,text/csv"}),
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        sellers = Organization.objects.visible_to(actor).filter(active=True)
        if not actor.is_operator:
            sellers = sellers.filter(pk__in=[actor.organization_id])
        else:
            kinds = [OrganizationKind.OPERATOR, OrganizationKind.RETAILER, OrganizationKind.CLIENT]
            sellers = sellers.filter(kind__in=kinds)
        seller, mapping = self.fields["seller"], self.fields["mapping"]
        if isinstance(seller, forms.ModelChoiceField):
            seller.queryset = sellers
            seller.initial = sellers.first()
        if isinstance(mapping, forms.ChoiceField):
            mapping.choices = [(name, name) for name in mappings.shipped()]

    @override
    def clean(self) -> dict[str, Any]:
        told = super().clean() or self.cleaned_data
        if not told.get("own") and not told.get("mapping") and "mapping" not in self.errors:
            self.add_error("mapping", _("Say how the file is written."))
        return told
