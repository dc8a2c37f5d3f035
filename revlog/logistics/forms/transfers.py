"""Forms of transfers: where it goes with what, its legs, how a difference was settled, how many hours of grace."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub, Organization, OrganizationKind
from revlog.devices.models import Location
from revlog.logistics.models import Cargo, Carrier, Mode
from revlog.logistics.services.transfers import planning

MOST_CODES = 500
WHEN = "%Y-%m-%dT%H:%M"
NEEDED = ("begins_at", "ends_at", "planned_from", "planned_to")


class TransferForm(forms.Form):
    origin = forms.ModelChoiceField(Hub.objects.none(), label=_("From"), to_field_name="code", empty_label=None)
    destination = forms.ModelChoiceField(
        Hub.objects.none(), label=_("To our site"), to_field_name="code", required=False, empty_label="—"
    )
    receiver = forms.ModelChoiceField(
        Organization.objects.none(),
        label=_("Or to another organization"),
        to_field_name="code",
        required=False,
        empty_label="—",
    )
    address = forms.CharField(
        label=_("Its address"), required=False, max_length=400, widget=forms.Textarea(attrs={"rows": 3})
    )
    reason = forms.CharField(label=_("What for"), required=False, max_length=200)
    codes = forms.CharField(
        label=_("Containers and units"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 5, "class": "mono"}),
        help_text=_("Scan or paste numbers and tags, one a line. More can be added later."),
    )
    place = forms.CharField(
        label=_("And all units in place"), required=False, max_length=40, help_text=_("The code of a bin, say A-04.")
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        hubs = Hub.objects.filter(active=True)
        self.fields["origin"].queryset = hubs.worked_by(actor).filter(active=True)  # type: ignore[attr-defined]
        self.fields["destination"].queryset = hubs.filter(organization=actor.organization_id)  # type: ignore[attr-defined]
        self.fields["receiver"].queryset = (  # type: ignore[attr-defined]
            Organization.objects.visible_to(actor).filter(active=True).exclude(kind=OrganizationKind.OPERATOR)
        )

    @override
    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if bool(told.get("destination")) == bool(told.get("receiver")):
            self.add_error("destination", _("Choose a site of ours, or another organization."))
        told["lines"] = [line for line in (told.get("address") or "").splitlines() if line.strip()]
        told["numbers"] = (told.get("codes") or "").split()
        if len(told["numbers"]) > MOST_CODES:
            self.add_error("codes", _("At most 500 at once."))
        origin, code = told.get("origin"), (told.get("place") or "").strip()
        if code and origin is not None:
            told["location"] = Location.objects.filter(hub=origin, code__iexact=code).first()
            if told["location"] is None:
                self.add_error("place", _("There is no such place at that site."))
        return told


def _when() -> forms.DateTimeInput:
    return forms.DateTimeInput(attrs={"type": "datetime-local"}, format=WHEN)


class LegForm(forms.Form):
    carrier = forms.ModelChoiceField(
        Carrier.objects.filter(active=True), label=_("Carrier"), to_field_name="code", required=False, empty_label="—"
    )
    mode = forms.ChoiceField(label=_("How"), choices=Mode.choices, required=False)
    begins_at = forms.CharField(label=_("From"), max_length=120, required=False)
    ends_at = forms.CharField(label=_("To"), max_length=120, required=False)
    planned_from = forms.DateTimeField(label=_("Leaves"), widget=_when(), required=False, input_formats=[WHEN])
    planned_to = forms.DateTimeField(label=_("Comes"), widget=_when(), required=False, input_formats=[WHEN])
    reference = forms.CharField(label=_("Bill or waybill"), max_length=40, required=False)
    container = forms.CharField(label=_("Overseas container"), max_length=16, required=False)
    seals = forms.CharField(label=_("Seals on it"), max_length=120, required=False)
    vessel = forms.CharField(label=_("Vessel"), max_length=80, required=False)
    voyage = forms.CharField(label=_("Voyage"), max_length=20, required=False)

    @override
    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if told.get("carrier") is None:
            if "carrier" not in self.errors and (told.get("begins_at") or told.get("ends_at")):
                self.add_error("carrier", _("Say who carries it."))
            return told
        for name in NEEDED:
            if not told.get(name) and name not in self.errors:
                self.add_error(name, _("This is needed."))
        return told

    @property
    def is_used(self) -> bool:
        return self.cleaned_data.get("carrier") is not None

    def stretch(self) -> planning.Stretch:
        told = self.cleaned_data
        return planning.Stretch(
            carrier=told["carrier"], mode=Mode(told["mode"] or Mode.ROAD), begins_at=told["begins_at"],
            ends_at=told["ends_at"], planned_from=told["planned_from"], planned_to=told["planned_to"],
            reference=told["reference"], container=told["container"],
            seals=[one for one in told["seals"].replace(";", ",").split(",") if one.strip()], vessel=told["vessel"],
            voyage=told["voyage"],
        )  # fmt: skip


class BackForm(forms.Form):
    """What comes back from another organization, to which of our sites."""

    origin = forms.ModelChoiceField(Hub.objects.none(), label=_("To our site"), to_field_name="code", empty_label=None)
    address = forms.CharField(label=_("Where it is fetched"), max_length=400, widget=forms.Textarea(attrs={"rows": 3}))
    reason = forms.CharField(label=_("What for"), required=False, max_length=200)
    things = forms.MultipleChoiceField(label=_("What comes back"), required=False, widget=forms.CheckboxSelectMultiple)
    codes = forms.CharField(
        label=_("And single units"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 3, "class": "mono"}),
        help_text=_("Tags of units that come back without the container that they went in, one a line."),
    )

    def __init__(self, *args: Any, actor: Actor, there: Sequence[Cargo], **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.fields["origin"].queryset = Hub.objects.worked_by(actor).filter(active=True)  # type: ignore[attr-defined]
        self.fields["things"].choices = [(one.code, _told(one)) for one in there]  # type: ignore[attr-defined]
        if not there:
            del self.fields["things"]

    @override
    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        told["numbers"] = list(dict.fromkeys([*told.get("things", []), *(told.get("codes") or "").split()]))
        told["lines"] = [line for line in (told.get("address") or "").splitlines() if line.strip()]
        if not told["numbers"]:
            self.add_error("codes", _("Choose what comes back."))
        if len(told["numbers"]) > MOST_CODES:
            self.add_error("codes", _("At most 500 at once."))
        return told


def _told(one: Cargo) -> str:
    """As it is chosen: its number, what it is, and with which transfer it went."""
    what = one.device.face if one.device is not None else ngettext("%s unit", "%s units", one.units) % one.units
    return gettext("%(code)s, %(what)s, went with %(number)s") % {
        "code": one.code, "what": what, "number": one.transfer.number,
    }  # fmt: skip


class BaseLegs(forms.BaseFormSet):  # type: ignore[type-arg]  # not generic as it runs
    """Every way has a first leg."""

    @override
    def add_fields(self, form: LegForm, index: int | None) -> None:
        super().add_fields(form, index)
        if index == 0:
            for name in ("carrier", "mode", *NEEDED):
                form.fields[name].required = True


BackLegs = forms.formset_factory(
    LegForm, formset=BaseLegs, extra=0, min_num=1, max_num=planning.MOST_LEGS, validate_max=True
)
LegFormSet = forms.formset_factory(
    LegForm, formset=BaseLegs, extra=0, min_num=3, max_num=planning.MOST_LEGS, validate_max=True
)


class GraceForm(forms.Form):
    hub = forms.ModelChoiceField(
        Hub.objects.none(), label=_("Site"), to_field_name="code", required=False, empty_label=_("all sites")
    )
    carrier = forms.ModelChoiceField(
        Carrier.objects.filter(active=True),
        label=_("Carrier"),
        to_field_name="code",
        required=False,
        empty_label=_("all carriers"),
    )
    hours = forms.IntegerField(label=_("Hours"), min_value=0, max_value=720)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.fields["hub"].queryset = Hub.objects.worked_by(actor).filter(active=True)  # type: ignore[attr-defined]
