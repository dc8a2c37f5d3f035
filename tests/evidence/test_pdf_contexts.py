"""A record that would certify what did not happen can't be built."""

from __future__ import annotations

from dataclasses import replace

import pytest

from revlog.evidence.pdf import contexts
from revlog.evidence.pdf.render import primitives
from tests.evidence import pdf_samples as samples


def certificate_for(**changes: object) -> contexts.CertificateOfSanitization:
    good = samples.of_sanitization()
    unit = contexts.SanitizedUnit(unit=samples.LAPTOP, media=(samples.sanitization(**changes),))
    return replace(good, units=(unit,))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"outcome": "failed"}, "did not complete without errors"),
        ({"errors": 1}, "did not complete without errors"),
        ({"level_achieved": "clear"}, "did not reach the level"),
        ({"level_achieved": "destroy"}, "another certificate"),
        ({"technique": "shred"}, "another certificate"),
        ({"verification_verdict": "not_done"}, "was not verified"),
        ({"verification_verdict": "failed"}, "was not verified"),
        ({"bytes_erased": 512_110_190_591}, "not all bytes"),
        ({"verified_by": samples.TOMAS}, "by the person who performed it"),
        ({"medium": contexts.Medium(kind="hdd", model="ST1000", serial="")}, "neither a serial number"),
    ],
)
def test_no_certificate_of_sanitization_without_a_sanitization(changes: dict[str, object], sentence: str) -> None:
    with pytest.raises(contexts.NothingToCertify, match=sentence):
        certificate_for(**changes)


def test_all_reasons_are_named_at_once() -> None:
    with pytest.raises(contexts.NothingToCertify) as refused:
        certificate_for(outcome="aborted", verification_verdict="not_done", level_achieved="clear")
    assert len(refused.value.reasons) == 3


def test_clear_is_enough_where_clear_is_required_and_purge_is_more_than_enough() -> None:
    for level in ("clear", "purge"):
        assert certificate_for(level_required="clear", level_achieved=level).units[0].media[0].level_achieved == level


def test_a_certificate_names_at_least_one_device_and_each_device_a_medium() -> None:
    with pytest.raises(contexts.NothingToCertify, match="names no device"):
        replace(samples.of_sanitization(), units=())
    with pytest.raises(contexts.NothingToCertify, match="RL-7K3M-9Q has no medium"):
        replace(samples.of_destruction(), units=(contexts.DestroyedUnit(unit=samples.LAPTOP, media=()),))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"technique": "overwrite"}, "not destroyed by this technique"),
        ({"witnessed_by": samples.TOMAS}, "witnessed by the person"),
    ],
)
def test_no_certificate_of_destruction_without_a_destruction(changes: dict[str, object], sentence: str) -> None:
    good = samples.of_destruction()
    drive = replace(good.units[0].media[0], **changes)  # type: ignore[arg-type]
    with pytest.raises(contexts.NothingToCertify, match=sentence):
        replace(good, units=(replace(good.units[0], media=(drive,)),))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"loss_grams": 1_545}, "opening and received don't equal"),
        ({"fractions_grams": 495_299, "loss_grams": 1_545}, "fractions don't add up"),
        ({"received_grams": 551_845, "loss_grams": 1_545}, "received don't add up"),
    ],
)
def test_no_certificate_of_recycling_with_a_balance_that_does_not_hold(changes: dict[str, int], sentence: str) -> None:
    good = samples.recycling()
    with pytest.raises(contexts.NothingToCertify, match=sentence):
        replace(good, balance=replace(good.balance, **changes))


def test_every_record_is_made_of_primitives_and_carries_its_version() -> None:
    for record in (
        samples.of_sanitization(),
        samples.of_destruction(),
        samples.custody(),
        samples.label(),
        samples.packing(),
        samples.recycling(),
        samples.memo(),
        samples.purchase(),
        samples.memo(contexts.DebitNote, corrects="CM-2026-000041"),
    ):
        assert primitives(contexts.context_of(record))["version"] == record.VERSION


def test_no_memo_whose_lines_do_not_add_up() -> None:
    with pytest.raises(contexts.NothingToCertify, match="add up"):
        replace(samples.memo(), total="1.00")
