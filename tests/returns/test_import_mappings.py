"""Mappings: those that come with Revlog can be used, and a mistake in one is named with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from returns import reasons
from returns.imports import mapping as mappings
from returns.imports import refusals
from returns.imports.mapping import UnusableMapping

LEAST = """
[file]
dates = ["%Y-%m-%d"]
currency = "EUR"
[columns]
document = "Nr"
sku = "SKU"
quantity = "Qty"
price = "Price"
ordered = "Day"
[returns]
told_by = "sign"
"""


def wrong(text: str) -> list[str]:
    with pytest.raises(UnusableMapping) as refusal:
        mappings.parse(text.encode(), name="mine")
    return [reason.sentence for reason in refusal.value.reasons]


@pytest.mark.parametrize("name", mappings.shipped())
def test_a_mapping_that_comes_with_revlog_can_be_used(name: str) -> None:
    found = mappings.named(name)

    assert found.name == name
    assert set(found.reasons.values()) <= set(reasons.CODES)


def test_the_least_mapping_needs_five_columns_and_says_how_dates_and_money_are_written() -> None:
    found = mappings.parse(LEAST.encode(), name="mine")

    assert (found.currency, found.told_by, found.seller, str(found.zone)) == ("EUR", "sign", None, "UTC")


def test_a_mapping_is_named_by_a_path_or_by_its_name(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(LEAST)

    assert mappings.named(str(file)).name == "mine"
    assert mappings.named("uci-online-retail.toml").digest == mappings.named("uci-online-retail").digest
    with pytest.raises(UnusableMapping, match="or one of ecommerce-returns-synthetic, uci-online-retail"):
        mappings.named("../models/__init__.py")


def test_comments_and_order_do_not_make_it_another_mapping() -> None:
    one, two = mappings.parse(LEAST.encode(), name="a"), mappings.parse(f"# changed\n{LEAST}".encode(), name="b")

    assert one.digest == two.digest


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a = ", "Mapping mine is no TOML"),
        (LEAST.replace('sku = "SKU"', ""), "columns.sku: Name the column that holds it."),
        (LEAST.replace("sku", "skew"), "columns.skew: Nothing reads this"),
        (LEAST.replace('"EUR"', '"euro"'), "file.currency: A currency is written in three letters"),
        (LEAST.replace('"EUR"', "7"), "file.currency: This is a text."),
        (LEAST.replace('["%Y-%m-%d"]', "[]"), "file.dates: Say how dates are written"),
        (LEAST.replace("%Y-%m-%d", "%Y-%m"), "leaves out the day"),
        (LEAST.replace('"sign"', '"date"'), "columns.returned: Returns are told by their date"),
        (LEAST.replace('"sign"', '"luck"'), "“luck” is none of prefix, sign, date"),
        (LEAST.replace("[columns]", 'zone = "Rotterdam"\n[columns]'), "“Rotterdam” is no time zone"),
        (LEAST.replace("[columns]", 'encodings = ["utf-99"]\n[columns]'), "“utf-99” is no encoding"),
        (LEAST + '[reasons]\nBroken = "BROKEN"', "“BROKEN” is no reason that we know"),
        (LEAST + '[[refuse]]\nreason = "write_off"', "refuse 1: Without a condition it would refuse every row."),
        (LEAST + '[[refuse]]\nreason = "mood"\nprice = "zero"', "“mood” is none of"),
        (LEAST + '[[refuse]]\nreason = "write_off"\nprice = "cheap"', "“cheap” is none of"),
        (LEAST + '[seller]\ncode = "My Shop"', "A code has small letters"),
        (LEAST + '[countries]\nEIRE = "Ireland"', "A country is written in two letters"),
        (LEAST + '[categories]\n"A B" = ["X"]', "A category is one word"),
        (LEAST + "[orders]\ndelivered_after_days = -1", "a number of days from 0 to 365"),
        (LEAST + '[orders]\nclass = "gift"', "“gift” is none of"),
        ("columns = 1", "columns: This is a table."),
        ("x" * 70_000, "at most 64 KB"),
    ],
)
def test_a_mistake_is_named_with_its_place(text: str, says: str) -> None:
    assert any(says in sentence for sentence in wrong(text)), wrong(text)


def test_all_mistakes_are_told_at_once() -> None:
    assert len(wrong('[file]\ncurrency = "x"\nzone = "y"')) >= 7


def test_every_reason_has_a_sentence_and_only_told_in_it() -> None:
    for code in [*refusals.REFUSED, *refusals.UNMATCHED]:
        assert "%" not in refusals.sentence(code, "what was told"), code
    assert set(refusals.REFUSED) >= refusals.OF_MAPPINGS
