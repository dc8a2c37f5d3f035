"""Credited rows that weren't matched: tried again when a later file brings what they credit, once, to the cent."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db.models import Sum
from django.test import Client

from returns.models import ImportedMatch, ImportedRow, ImportRun, Rma, RmaLine
from returns.services import importing, rematching
from revlog.common import clock
from revlog.common.errors import NotAllowed
from revlog.custody.models import Entry
from revlog.custody.services import reactions
from tests.cast import Cast
from tests.factories import imports
from tests.factories.imports import AT, row, source
from tests.returns.test_importing import counted, matches

BACK = "2010-12-09 14:00:00"
CREDITS = [
    row("C536500", quantity=-4, at=BACK),
    row("C536500", "71053", -1, "3.39", at=BACK),
    row("C536501", quantity=-3, at="2010-12-10 08:00:00"),
    row("C536502", quantity=-1, customer="", at=BACK),
]
SALES = [
    row("536365", quantity=5),
    row("536400", "71053", 1, "3.39", at=BACK),  # of the very moment of its credit: not earlier
    row("536600", quantity=9, at="2010-12-20 08:00:00"),  # later than all credits
]


def settled(run: ImportRun) -> dict[int, tuple[str, int]]:
    return {one.line: (one.outcome, one.matched_quantity) for one in run.kept.all()}


def drain() -> None:
    reactions.drain(at=clock.now() + timedelta(minutes=10), queues=["jobs"])


def test_what_a_later_file_brings_is_matched_once_and_the_first_figures_stay(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rematching, "BATCH_ROWS", 1)  # what one batch took is gone in the next
    first = imports.imported(source(CREDITS), seller="retailer")
    drain()
    before = importing.figures(first)
    assert (before["matched"], before["unmatched"], Rma.objects.count()) == (0, 4, 0)

    second = imports.imported(source([*CREDITS, *SALES]), seller="retailer")
    assert second.unmatched == 4
    drain()

    first.refresh_from_db()
    assert importing.figures(first) == before
    # The earlier credit is served first; the later one gets what is left of the five.
    assert matches(first) == [(2, "536365", 1, 4), (4, "536365", 1, 1)]
    assert settled(first) == {2: ("matched", 4), 3: ("unmatched", 0), 4: ("unmatched", 1), 5: ("unmatched", 0)}
    assert settled(second) == settled(first)
    assert set(first.kept.filter(matched_quantity__gt=0).values_list("matched_by", flat=True)) == {second.pk}
    assert first.kept.get(line=4).reason == "bought_less"
    assert RmaLine.objects.aggregate(total=Sum("settled_amount"))["total"] == Decimal("12.75")
    told = Entry.objects.filter(chain_id=first.pk, kind="returns.import_matched_later").order_by("id")
    assert [(one.payload["rows"], one.payload["pieces"], one.payload["amount"]) for one in told] == [
        (1, 4, "10.20"),
        (0, 1, "2.55"),
    ]
    assert {one.payload["run"] for one in told} == {str(second.pk)}
    rma = Rma.objects.order_by("opened_at").first()
    assert rma is not None
    assert Entry.objects.get(chain_id=rma.pk).payload["run"] == str(first.pk)

    stands = counted()
    rematching.behind(second.pk, at=AT)
    imports.imported(source([*CREDITS, *SALES]), seller="retailer")
    drain()
    assert counted() == stands

    # A third file holds an older purchase: the rest of the partly matched row is taken from it.
    third = imports.imported(source([row("536300", quantity=2)]), seller="retailer")
    drain()
    assert matches(first)[1:] == [(4, "536365", 1, 1), (4, "536300", 1, 2)]
    assert settled(first)[4] == settled(second)[4] == ("matched", 3)
    assert first.kept.get(line=4).matched_by == third
    assert RmaLine.objects.aggregate(total=Sum("settled_amount"))["total"] == Decimal("17.85")


def test_a_killed_search_goes_on_where_it_was(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rematching, "BATCH_ROWS", 1)
    imports.imported(source(CREDITS), seller="retailer")
    second = imports.imported(source([row("536300", quantity=9)]), seller="retailer")
    whole = rematching._batch
    turns: list[int] = []

    def once(*told: object, **more: object) -> rematching.Again:
        if turns:
            raise KeyboardInterrupt
        turns.append(1)
        return whole(*told, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(rematching, "_batch", once)
    with pytest.raises(KeyboardInterrupt):
        rematching.behind(second.pk, at=AT)
    assert ImportedMatch.objects.count() == 1

    monkeypatch.setattr(rematching, "_batch", whole)
    rematching.behind(second.pk, at=AT)
    assert sorted(ImportedMatch.objects.values_list("rma_line__quantity", flat=True)) == [3, 4]


def test_a_row_that_names_its_order_waits_for_that_order_and_for_its_own_seller_alone(cast: Cast) -> None:
    first = imports.imported(source(CREDITS[:1]), seller="retailer")
    row_ = first.kept.get()
    ImportedRow.objects.filter(pk=row_.pk).update(original="536400")
    imports.imported(source([row("536365", quantity=9)]), seller="retailer")
    imports.imported(source([row("536400", quantity=9)]), seller="demo")
    drain()
    assert matches(first) == []

    imports.imported(source([row("536400", quantity=9, at=BACK)]), seller="retailer")
    drain()
    assert matches(first) == [(2, "536400", 1, 4)]


def test_somebody_looks_again_by_the_button_and_the_page_tells_old_from_new(cast: Cast, client: Client) -> None:
    first = imports.imported(source(CREDITS), seller="retailer")
    client.force_login(cast.user("henrik"))
    url = f"/orders/imports/{first.pk}/"
    assert "Look for their purchases again" in client.get(url).content.decode()
    nothing = client.post(f"{url}match-again", follow=True)
    assert "Nothing new was found" in nothing.content.decode()

    imports.imported(source([row("536300", quantity=9)]), seller="retailer")
    found = client.post(f"{url}match-again", follow=True).content.decode()
    assert "2 rows are matched now." in found
    assert "Of these, matched later" in found
    assert "Found later, when somebody looked again." in client.get(f"{url}?show=matched").content.decode()
    with pytest.raises(NotAllowed, match="needs the right"):
        rematching.match_again(cast.retailer, by=cast.ines, at=AT)
