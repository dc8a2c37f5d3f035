"""Agreements with suppliers: versions that are never edited, and every reason why goods may not go back under one."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from revlog.common.errors import BadInput, NotAllowed
from revlog.terms import agreeing
from revlog.terms import queries as terms
from revlog.terms.agreeing import Goods, VendorTerms
from revlog.terms.models import Agreement
from revlog.terms.services import agreements
from tests.cast import Cast
from tests.factories import vendors as make

ON = date(2026, 11, 2)
GOODS = Goods(
    device_class="accessory", model="USB-C cable", reason="overstock", sealed=False, grade="B",
    bought_on=date(2026, 5, 1), received_on=date(2026, 5, 4), has_papers=True,
)  # fmt: skip


@pytest.mark.parametrize(
    ("terms", "goods", "codes"),
    [
        ({}, {}, []),
        ({"allowed": False}, {}, ["not_agreed"]),
        ({"device_classes": ["laptop"]}, {}, ["category"]),
        ({"models": ["usb-c CABLE"]}, {}, []),
        ({"models": ["Hub"]}, {}, ["model"]),
        ({"reasons": ["expired"]}, {}, ["reason"]),
        ({"sealed_only": True}, {}, ["sealed"]),
        ({"sealed_only": True}, {"sealed": True}, []),
        ({"min_grade": "A"}, {}, ["grade"]),
        ({"min_grade": "B"}, {}, []),
        ({"min_grade": "C"}, {"grade": "U"}, ["grade"]),
        ({"needs_papers": True}, {"has_papers": False}, ["papers"]),
        ({"window_days": 182}, {}, []),
        ({"window_days": 181}, {}, ["too_late"]),
        ({"window_days": 184, "window_since": "purchase"}, {}, ["too_late"]),
        ({"window_days": 10}, {"bought_on": None, "received_on": None}, ["undated"]),
        ({"reasons": ["expired"], "sealed_only": True, "window_days": 9}, {}, ["reason", "sealed", "too_late"]),
    ],
)
def test_an_agreement_names_every_reason_against(
    terms: dict[str, object], goods: dict[str, object], codes: list[str]
) -> None:
    read, problems = agreeing.read({"allowed": True} | terms)
    assert read is not None, problems
    case = Goods(**({name: getattr(GOODS, name) for name in GOODS.__dataclass_fields__} | goods))  # type: ignore[arg-type]
    if read.window_days == 184:
        read = VendorTerms(allowed=True, window_days=184, window_since="purchase")
        assert [one.code for one in agreeing.reasons_against(read, case, on=ON)] == ["too_late"]
        return
    assert [one.code for one in agreeing.reasons_against(read, case, on=ON)] == codes


def test_what_a_supplier_credits_is_to_the_cent() -> None:
    terms = VendorTerms(allowed=True, credit_percent=Decimal(90), restocking_percent=Decimal("7.5"))
    assert terms.expected(Decimal("2.49"), 33) == Decimal("68.41")  # 82.17 * 0.9 * 0.925 = 68.4065...


@pytest.mark.parametrize(
    ("kind", "period", "limit", "left"),
    [
        ("none", "year", None, None),
        ("percent", "year", "50.00", "20.00"),
        ("amount", "quarter", "10", "0"),
        ("pieces", "month", "10", "6"),
    ],
)
def test_a_quota_is_a_share_an_amount_or_pieces_of_a_period(
    kind: str, period: str, limit: str | None, left: str | None
) -> None:
    terms = VendorTerms(allowed=True, quota_of=kind, quota=Decimal(10), quota_period=period)
    quota = agreeing.quota_of(terms, on=ON, bought=Decimal(500), amount=Decimal(30), pieces=4)
    assert (quota.limit, quota.left) == (limit and Decimal(limit), left and Decimal(left))


def test_periods_begin_and_end_with_the_calendar() -> None:
    assert agreeing.period_of("quarter", ON) == (date(2026, 10, 1), date(2026, 12, 31))
    assert agreeing.period_of("month", date(2026, 12, 9)) == (date(2026, 12, 1), date(2026, 12, 31))
    assert agreeing.period_of("year", ON) == (date(2026, 1, 1), date(2026, 12, 31))


def test_other_terms_are_another_version_and_the_day_says_which_counts(cast: Cast) -> None:
    first = make.agreed(cast, restocking_percent="10")
    same = make.agreed(cast, restocking_percent="10")
    second = make.agreed(cast, valid_from=date(2026, 12, 1), restocking_percent="15", note="dearer")
    assert (same.pk, first.version, second.version) == (first.pk, 1, 2)
    found = [terms.agreement_with(make.norden(), on=day) for day in (date(2025, 1, 1), ON, date(2026, 12, 1))]
    assert found == [None, first, second]
    assert agreeing.changes(first.terms, second.terms) == [("restocking_percent", "10", "15")]
    # A supplier's people see theirs, other people outside none.
    assert Agreement.objects.visible_to(cast.nils).count() == 2
    assert Agreement.objects.visible_to(cast.vera).count() == 0


def test_terms_that_can_t_be_are_refused_field_by_field(cast: Cast, at: object) -> None:
    with pytest.raises(BadInput) as told:
        make.agreed(cast, credit_percent="120", min_grade="Z", device_classes=["boat"], quota_of="percent", quota="150")
    assert {one.field for one in told.value.reasons} == {"credit_percent", "min_grade", "device_classes", "quota"}
    with pytest.raises(BadInput, match="a number of zero or more"):
        make.agreed(cast, quota="-1")
    with pytest.raises(BadInput, match="with suppliers"):
        agreements.agree(cast.vega, {}, valid_from=ON, by=cast.maria, at=make.AT)
    with pytest.raises(BadInput, match="after the first"):
        agreements.agree(make.norden(), {}, valid_from=ON, valid_to=date(2026, 1, 1), by=cast.maria, at=make.AT)
    with pytest.raises(NotAllowed):
        agreements.agree(make.norden(), {}, valid_from=ON, by=cast.henrik, at=make.AT)
    assert not Agreement.objects.exists()
