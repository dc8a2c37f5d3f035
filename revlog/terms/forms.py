from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from revlog.accounts.actors import Actor
from revlog.accounts.models import Organization, OrganizationKind


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
