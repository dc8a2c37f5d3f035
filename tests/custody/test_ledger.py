"""Writing on the ledger: all of an entry or nothing of it, whoever's transaction it is."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

import pytest
from django.db import transaction

from revlog.custody.models import Entry
from revlog.custody.services import ledger
from revlog.devices import facts
from tests.cast import Cast
from tests.factories import devices as make


def stale(cast: Cast, at: datetime) -> Entry:
    """An entry drafted on a head that the chain never had: its row could be written, its chain can't be moved on."""
    device = make.laptop(cast)
    head = ledger.Head(id=device.id, kind="unit", sequence=40, digest="a" * 64)
    return ledger.draft(head, facts.SentToTriage(reason="late"), by=cast.ravi, at=at)


@pytest.mark.parametrize("many", [False, True])
def test_an_entry_that_does_not_fit_its_chain_is_refused_and_not_kept(cast: Cast, at: datetime, many: bool) -> None:
    entry = stale(cast, at)

    with pytest.raises(ledger.ChainMoved), transaction.atomic():
        ledger.write_many([entry]) if many else ledger.write(entry)

    assert not Entry.objects.filter(chain_id=entry.chain_id, sequence=41).exists()


@pytest.mark.parametrize("many", [False, True])
def test_who_goes_on_after_such_a_refusal_still_keeps_nothing_of_it(cast: Cast, at: datetime, many: bool) -> None:
    entry = stale(cast, at)

    with transaction.atomic(), suppress(ledger.ChainMoved):
        ledger.write_many([entry]) if many else ledger.write(entry)

    assert not Entry.objects.filter(chain_id=entry.chain_id, sequence=41).exists()


def test_chains_begun_together_stand_at_their_last_entries(cast: Cast, at: datetime) -> None:
    heads = [ledger.Head(id=each, kind="crate") for each in (cast.operator.id, cast.vega.id)]
    drafts = [
        ledger.draft(head, facts.SentToTriage(reason=reason), by=cast.ravi, at=at)
        for head in heads
        for reason in ("one", "two")
    ]

    written = ledger.write_many(drafts, opening="crate")

    assert [entry.sequence for entry in written] == [1, 2, 1, 2]
    for head in heads:
        again = ledger.head_of(head.id)
        assert (again.kind, again.sequence, again.digest) == ("crate", 2, head.digest)
    assert Entry.objects.get(pk=written[3].pk).digest == drafts[3].digest
