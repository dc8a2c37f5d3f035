"""Our shortcuts through the SQL compiler give the very SQL that Django's own gives."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import connection
from django.db.backends.postgresql.compiler import SQLCompiler as Plain
from django.db.models import Count, F, Model, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Lower

from revlog.common.postgresql.compiler import SQLCompiler
from revlog.devices.models import Device
from revlog.terms.models import Order, RuleSet

pytestmark = pytest.mark.django_db
MODELS = [model for model in apps.get_models() if model._meta.managed]


def both(rows: QuerySet[Model]) -> tuple[object, object]:
    ours = rows.query.get_compiler(connection=connection)
    assert type(ours) is SQLCompiler
    return ours.as_sql(), Plain(rows.query.clone(), connection, None).as_sql()


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_a_row_and_its_like_in_their_order(model: type[Model]) -> None:
    rows = model._base_manager.all()
    related = [
        field.name
        for field in model._meta.concrete_fields
        if field.is_relation and field.related_model and field.related_model != model
    ]
    for asked in (
        rows,
        rows.order_by("-pk"),
        rows.filter(pk__isnull=False)[:5],
        rows.select_related(*related) if related else rows,
        rows.order_by(*related) if related else rows,
        rows.select_related(*related).order_by(F("pk").desc(nulls_last=True)) if related else rows,
        rows.values("pk").distinct().order_by("pk"),
    ):
        ours, plain = both(asked)
        assert ours == plain


@pytest.mark.parametrize(
    "rows",
    [
        Device.objects.annotate(face_length=Lower("model")).order_by("face_length", "-created_at"),
        Device.objects.values("state").annotate(count=Count("pk")).order_by("count"),
        Device.objects.values(s=F("state")).order_by("s"),
        Device.objects.alias(low=Lower("model")).order_by("low"),
        Device.objects.extra(select={"one": "1"}).order_by("one"),
        Device.objects.order_by("?"),
        Device.objects.order_by("owner__name", "-hub__code").select_related("hub"),
        Device.objects.filter(pk__in=Device.objects.filter(state="SOLD").values("pk")).order_by("state"),
        Device.objects.annotate(kin=Subquery(Device.objects.filter(pk=OuterRef("parent_id")).values("tag")[:1])),
        Order.objects.values_list("number").union(RuleSet.objects.values_list("kind")).order_by("number"),
        Device.objects.annotate(one=Value(1)).order_by("one", "tag").reverse(),
        Device.objects.order_by(Lower("model").desc(), "tag"),
    ],
    ids=range(12),
)
def test_what_is_reckoned_named_nested_or_joined(rows: QuerySet[Model]) -> None:
    ours, plain = both(rows)
    assert ours == plain
