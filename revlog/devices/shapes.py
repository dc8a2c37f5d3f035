"""A unit as the API writes and reads it."""

from __future__ import annotations

import functools
from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from typing_extensions import override

from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub, Organization
from revlog.common.shapes import LARGEST, Columns, Input, MoneyField, Output, Presence
from revlog.devices import classes, queries
from revlog.devices.models import DecontaminationMethod, Device, HoldKind
from revlog.devices.models.device import DATA, DISPOSITIONS, GRADES, STATES, Tracking, WaitingFor

WHY = ("return", "itad", "vendor_return", "undeliverable", "found", "stock")
"""What brings a unit here, as ``Visit.why`` has it."""


class IdentifierOut(Output):
    scheme = serializers.CharField(help_text="tag, serial, imei, mac, asset_tag ...")
    printed = serializers.CharField(help_text="As it stands on the thing.")


class MediumOut(Output):
    id = serializers.UUIDField()
    type = serializers.CharField(help_text="hdd, ssd, nvme, emmc, ufs ... or unknown.")
    model = serializers.CharField()
    serial = serializers.CharField()
    capacity_bytes = serializers.IntegerField(allow_null=True)
    soldered = serializers.BooleanField()
    state = serializers.CharField(help_text="UNKNOWN, PRESENT, SANITIZED, DESTROYED, REMOVED or MISSING.")
    level = serializers.CharField(help_text="What was achieved: clear, purge or destroy; empty until then.")
    proof = serializers.CharField(help_text="Digest of the entry that proves it.")


class DeviceOut(Output):
    id = serializers.UUIDField()
    tag = serializers.CharField(help_text="What its label says, such as `RL-7K3M-9QXA`.")
    device_class = serializers.CharField(help_text="laptop, phone, storage ...")
    tracking = serializers.CharField(help_text="serialized, counted or weighed.")
    manufacturer = serializers.CharField()
    model = serializers.CharField()
    serial = serializers.CharField(help_text="As printed; empty when it is unknown or a placeholder.")
    memory_bytes = serializers.IntegerField(allow_null=True)
    quantity = serializers.IntegerField()
    grams = serializers.IntegerField(allow_null=True)
    lot = serializers.CharField()
    state = serializers.CharField(help_text="Where it is on its journey: the queue it waits in, or an end.")
    state_since = serializers.DateTimeField()
    data = serializers.CharField(  # type: ignore[assignment]
        help_text="UNKNOWN (counts as present), NONE, PRESENT, SANITIZED or DESTROYED."
    )
    grade = serializers.CharField()
    disposition = serializers.CharField(help_text="What was decided for it; empty until then.")
    holds = serializers.ListField(child=serializers.CharField(), help_text="Kinds of the open holds.")
    owner = serializers.CharField(source="owner.code", help_text="Code of the organization whose it is.")
    hub = serializers.CharField(
        source="hub.code",
        read_only=True,
        allow_null=True,
        help_text="Code of the site where it is, null before it arrived.",
    )
    location = serializers.CharField(
        source="location.code",
        read_only=True,
        allow_null=True,
        help_text="Code of its place there, null when it has none.",
    )
    waiting_for = serializers.CharField(help_text="Whose clock runs; empty when it is ours.")
    waiting_since = serializers.DateTimeField(allow_null=True)
    waiting_due = serializers.DateTimeField(allow_null=True)
    authorized = Presence(
        source="authority", read_only=True, help_text="Whether what can't be undone is allowed on this visit."
    )
    created_at = serializers.DateTimeField()


LISTED = Columns(DeviceOut)


@functools.cache
def _writer() -> DeviceOut:
    """One for all requests: it keeps nothing of what it shows, and making its fields anew costs more than showing."""
    return DeviceOut()


def shown(device: Device) -> dict[str, Any]:
    told: dict[str, Any] = _writer().to_representation(device)
    return told


class DecontaminationOut(Output):
    done_by = serializers.CharField(help_text="Who decontaminated it, as its paper says.")
    done_on = serializers.DateField()
    method = serializers.ChoiceField(choices=DecontaminationMethod.values)
    paper = serializers.CharField(help_text="Number of the paper.")
    recorded_at = serializers.DateTimeField()


class DecontaminationIn(Input):
    done_by = serializers.CharField(max_length=120, help_text="Who decontaminated it, as its paper says.")
    done_on = serializers.DateField(help_text="On which day; at most a year ago.")
    method = serializers.ChoiceField(choices=DecontaminationMethod.values)
    paper = serializers.CharField(max_length=120, help_text="Number of the paper. It stands in the ledger.")


class DeviceDetail(DeviceOut):
    identifiers = IdentifierOut(many=True)
    media = MediumOut(many=True)
    expected_value = MoneyField(help_text="What it is expected to bring; only for those who may see money.")
    decontamination = serializers.SerializerMethodField(
        help_text="Of a medical device on this stay; null while nobody may open it, and for other things."
    )

    @extend_schema_field(DecontaminationOut(allow_null=True))
    def get_decontamination(self, device: Device) -> dict[str, Any] | None:
        row = device.decontaminations.filter(visit=device.visit_id).first() if device.decontaminated else None
        return None if row is None else dict(DecontaminationOut(row).data)

    @override
    def to_representation(self, instance: Device) -> dict[str, Any]:
        shown: dict[str, Any] = super().to_representation(instance)
        actor = self.context.get("actor")
        if not isinstance(actor, Actor) or not actor.may("money.view"):
            shown["expected_value"] = None
        return shown


class MoveOut(Output):
    entry = serializers.CharField(help_text="Digest of the entry that says so.")
    sequence = serializers.IntegerField()
    device = DeviceOut()


class NameIn(Input):
    scheme = serializers.ChoiceField(choices=["imei", "mac", "asset_tag", "serial"])
    value = serializers.CharField(max_length=120)


class DeviceIn(Input):
    arrived = serializers.BooleanField(
        default=False, help_text="True takes it in at once (the operator alone); else it is announced."
    )
    device_class = serializers.ChoiceField(choices=sorted(classes.CLASSES), default="other")
    tracking = serializers.ChoiceField(choices=Tracking.values, default=Tracking.SERIALIZED.value)
    manufacturer = serializers.CharField(max_length=120, required=False, allow_blank=True, default="")
    model = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    serial = serializers.CharField(max_length=120, required=False, allow_blank=True, default="")
    identifiers = NameIn(many=True, required=False, max_length=20)  # type: ignore[call-arg]
    quantity = serializers.IntegerField(min_value=1, max_value=2_000_000_000, default=1)
    grams = serializers.IntegerField(min_value=0, max_value=LARGEST, required=False, allow_null=True, default=None)
    lot = serializers.CharField(max_length=60, required=False, allow_blank=True, default="")
    owner = serializers.SlugField(
        required=False, max_length=40, help_text="Code of the organization whose it is; the key's own unless told."
    )
    hub = serializers.SlugField(
        required=False, max_length=40, help_text="Code of the site; needed when it has arrived."
    )
    why = serializers.ChoiceField(choices=WHY, default="return")
    reference = serializers.RegexField(
        r"^[A-Za-z0-9_.:/#-]*$", required=False, allow_blank=True, max_length=60, default="",
        help_text="Your own number for it: letters, digits and `_ . : / # -`. It stands in the ledger, so nothing personal.",
    )  # fmt: skip


class MoveIn(Input):
    move = serializers.ChoiceField(choices=["to_triage", "put", "hold", "release"])
    reason = serializers.CharField(
        max_length=300, required=False, allow_blank=True, default="", help_text="Needed by all but `put`."
    )
    location = serializers.CharField(max_length=40, required=False, help_text="Code of the place, for `put`.")
    hub = serializers.SlugField(max_length=40, required=False, help_text="Site of the place, when it isn't the unit's.")
    hold = serializers.ChoiceField(
        choices=[kind.value for kind in HoldKind.by_hand()],
        required=False,
        help_text="Kind of hold, for `hold` and `release`.",
    )


class ArrivalIn(Input):
    hub = serializers.SlugField(max_length=40, help_text="Code of the site where it stands.")
    why = serializers.ChoiceField(choices=WHY, default="return")
    owner = serializers.SlugField(required=False, max_length=40, help_text="Whose it is this time, when that changed.")


class DeviceFilter(django_filters.FilterSet):  # type: ignore[misc]
    state = django_filters.MultipleChoiceFilter(choices=STATES, distinct=False, help_text="Several may be named.")
    data = django_filters.MultipleChoiceFilter(choices=DATA, distinct=False)
    grade = django_filters.MultipleChoiceFilter(choices=GRADES, distinct=False)
    disposition = django_filters.MultipleChoiceFilter(choices=DISPOSITIONS, distinct=False)
    device_class = django_filters.MultipleChoiceFilter(choices=classes.CHOICES, distinct=False)
    waiting_for = django_filters.ChoiceFilter(choices=WaitingFor.choices)
    owner = django_filters.CharFilter(method="of_owner", max_length=40, help_text="Code of an organization.")
    hub = django_filters.CharFilter(method="at_hub", max_length=40, help_text="Code of a site.")
    hold = django_filters.ChoiceFilter(
        choices=HoldKind.choices, method="on_hold", help_text="On an open hold of this kind."
    )
    created_after = django_filters.IsoDateTimeFilter(
        field_name="created_at", lookup_expr="gt", help_text="Only what is later than this moment."
    )
    q = django_filters.CharFilter(
        method="found",
        max_length=120,
        help_text="A tag, serial, IMEI or MAC, a part of one, or maker and model; at most 200 units.",
    )

    # Codes are turned into keys first: the planner then reads one index instead of joining.
    def of_owner(self, rows: QuerySet[Device], name: str, code: str) -> QuerySet[Device]:
        return rows.filter(owner_id__in=list(Organization.objects.filter(code=code).values_list("pk", flat=True)))

    def at_hub(self, rows: QuerySet[Device], name: str, code: str) -> QuerySet[Device]:
        return rows.filter(hub_id__in=list(Hub.objects.filter(code=code).values_list("pk", flat=True)))

    def on_hold(self, rows: QuerySet[Device], name: str, kind: str) -> QuerySet[Device]:
        return rows.filter(holds__contains=[kind])

    def found(self, rows: QuerySet[Device], name: str, text: str) -> QuerySet[Device]:
        actor = getattr(self.request._request, "actor", None)
        if not isinstance(actor, Actor):
            return rows.none()
        return rows.filter(pk__in=[device.pk for device in queries.find(text, actor, most=200)])
