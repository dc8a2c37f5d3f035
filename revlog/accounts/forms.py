"""The forms of the account pages: they read what was typed; what it means is decided by the services."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from revlog.accounts import permissions
from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub, Organization, OrganizationKind, Role
from revlog.accounts.services.engaging import SERVED
from revlog.common.errors import DomainError


def show(form: forms.Form, refusal: DomainError) -> None:
    """Put each reason of ``refusal`` at its field, or above the form."""
    for reason in refusal.reasons:
        form.add_error(reason.field if reason.field in form.fields else None, reason.sentence.rstrip(".") + ".")


class OrganizationChoice(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic in the stubs alone
    @override
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name} ({obj.get_kind_display()})"


class BadgeForm(forms.Form):
    badge = forms.CharField(
        label=_("Badge"),
        max_length=40,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "autocapitalize": "characters",
                "spellcheck": "false",
                "autofocus": True,
                "data-badge": True,
            }
        ),
    )
    pin = forms.CharField(
        label=_("PIN"),
        max_length=8,
        widget=forms.PasswordInput(attrs={"inputmode": "numeric", "autocomplete": "off", "data-pin": True}),
    )


class StationForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=100, help_text=_("As people call it: Dock 2, Bench 4."))
    hub = forms.ModelChoiceField(label=_("Hub"), queryset=Hub.objects.none(), empty_label=None)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        field = self.fields["hub"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - for the type checker
        field.queryset = Hub.objects.visible_to(actor).filter(active=True)
        self.initial.setdefault("hub", actor.hub_id)


class InvitationForm(forms.Form):
    email = forms.EmailField(label=_("E-mail"), widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    name = forms.CharField(label=_("Name"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    organization = OrganizationChoice(label=_("Organization"), queryset=Organization.objects.none(), empty_label=None)
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)
    hub = forms.ModelChoiceField(label=_("Hub"), queryset=Hub.objects.none(), required=False, empty_label=_("all hubs"))
    until = forms.DateField(
        label=_("Until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("An auditor needs a last day."),
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        for name, queryset in (
            ("organization", Organization.objects.visible_to(actor).filter(active=True)),
            ("hub", Hub.objects.visible_to(actor).filter(active=True)),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)  # noqa: S101
            field.queryset = queryset
        self.initial.setdefault("organization", actor.organization_id)


class ProviderForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"}))


class CompanyForm(forms.Form):
    street = forms.CharField(label=_("Street and number"), max_length=200, required=False)
    postcode = forms.CharField(label=_("Postal code"), max_length=12, required=False)
    town = forms.CharField(label=_("Town"), max_length=80, required=False)
    region = forms.CharField(label=_("Region, where the country asks for it"), max_length=80, required=False)
    country = forms.CharField(label=_("Country, in two letters"), max_length=2, required=False)
    vat_id = forms.CharField(label=_("VAT number"), max_length=24, required=False)


class EngageForm(forms.Form):
    provider = OrganizationChoice(label=_("Provider"), queryset=Organization.objects.none(), empty_label=None)
    client = OrganizationChoice(
        label=_("Whose customers it serves"), queryset=Organization.objects.none(), empty_label=None
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        known = Organization.objects.visible_to(actor).filter(active=True)
        for name, queryset in (
            ("provider", known.filter(kind=OrganizationKind.PROVIDER)),
            ("client", known.filter(kind__in=SERVED)),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)  # noqa: S101
            field.queryset = queryset


class KeyForm(forms.Form):
    name = forms.CharField(label=_("What is it for?"), max_length=100)
    organization = OrganizationChoice(label=_("Whose key"), queryset=Organization.objects.none(), empty_label=None)
    scopes = forms.MultipleChoiceField(label=_("Scopes"), choices=[], widget=forms.CheckboxSelectMultiple)
    expires_on = forms.DateField(label=_("Last day"), required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        owner, scopes = self.fields["organization"], self.fields["scopes"]
        assert isinstance(owner, forms.ModelChoiceField)  # noqa: S101
        assert isinstance(scopes, forms.MultipleChoiceField)  # noqa: S101
        owner.queryset = Organization.objects.visible_to(actor).filter(active=True)
        scopes.choices = [
            (permissions.ALL_SCOPES, _("all: every scope that the organization can have")),
            *((scope, f"{scope}: {permissions.sentence(scope)}") for scope in sorted(permissions.SCOPES)),
        ]


class PinForm(forms.Form):
    pin = forms.CharField(
        label=_("New PIN"),
        max_length=8,
        help_text=_("Four to eight digits."),
        widget=forms.PasswordInput(attrs={"inputmode": "numeric", "autocomplete": "new-password"}),
    )
