"""Troubleshooting trees: chosen, walked, and refused where a way leads nowhere."""

from __future__ import annotations

from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest

from returns import troubleshooting as trees
from returns.services import desk, troubleshooting
from returns.services.desk import UnableToServe
from revlog.accounts.actors import Actor
from revlog.common.errors import BadInput, NotAllowed
from revlog.terms import ruling
from revlog.terms.models import RuleSet
from revlog.terms.ruling import Ruling
from revlog.terms.services import rules
from tests.cast import Cast
from tests.factories import desk as desks
from tests.factories import terms
from tests.factories.desk import AT

SHIPPED = Ruling(trees.KIND, 0, trees.TREES.shipped)


def tiny(**nodes: Any) -> dict[str, Any]:
    """A tree of one question and one end, with ``nodes`` put over it."""
    plain: dict[str, Any] = {
        "ask": {"text": "Does it work?", "answers": [{"id": "yes", "text": "Yes", "to": "done"}]},
        "done": {"text": "Good.", "end": "fixed"},
    }
    return {"rules": [{"id": "t", "then": {"title": "T", "start": "ask", "nodes": plain | nodes}}]}


def codes(body: dict[str, Any]) -> set[str]:
    return {one.code for one in ruling.problems(body, trees.TREES)}


@pytest.mark.parametrize(
    ("device_class", "reason", "tree"),
    [
        ("phone", "POWER", "handheld_power"),
        ("tablet", "DISPLAY", "handheld_screen"),
        ("phone", "CONNECTIVITY", "handheld_network"),
        ("phone", "SOFTWARE", "handheld_software"),
        ("laptop", "BATTERY", "laptop_battery"),
        ("laptop", "DOA", "laptop_power"),
        ("accessory", "DOA", "accessory"),
        ("apparel", "BURN", "not_safe"),
    ],
)
def test_a_tree_is_chosen_by_the_thing_and_the_reason(device_class: str, reason: str, tree: str) -> None:
    found = trees.chosen(SHIPPED, trees.inputs(device_class=device_class, reason=reason))

    assert found is not None
    assert found.id == tree


def test_there_is_none_for_what_nobody_can_put_right_by_talking() -> None:
    assert trees.chosen(SHIPPED, trees.inputs(device_class="phone", reason="CHANGED_MIND")) is None
    assert trees.chosen(SHIPPED, trees.inputs(device_class="printer", reason="POWER")) is None


def test_every_way_through_every_shipped_tree_comes_to_an_end() -> None:
    ends: set[str] = set()
    for rule in SHIPPED.body["rules"]:
        tree = trees.read(rule["id"], rule["then"], version=0)
        todo: list[list[str]] = [[]]
        while todo:
            walk = tree.walk(todo.pop())
            assert len(walk.answers) < 12, rule["id"]
            if walk.is_over:
                ends.add(walk.here.end)
            todo += [[*walk.answers, option.id] for option in walk.here.options]
    assert ends == {"fixed", "return", "warranty", "safety"}


def test_what_holds_a_battery_is_asked_about_its_safety_first() -> None:
    for rule in SHIPPED.body["rules"]:
        tree = trees.read(rule["id"], rule["then"], version=0)
        first = tree.walk(["yes"])
        assert first.here.end == "safety", rule["id"]
        assert "Stop" in first.here.text


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"ask": {"text": "Does it work?", "answers": []}}, "dead_end"),
        ({"ask": {"text": "Does it work?"}}, "dead_end"),
        (
            {"ask": {"text": "Does it work?", "answers": [{"id": "no", "text": "No", "to": "nowhere"}]}},
            "unknown_target",
        ),
        ({"more": {"text": "More?", "answers": [{"id": "yes", "text": "Yes", "to": "done"}]}}, "unreachable"),
        ({"done": {"text": "Again?", "answers": [{"id": "yes", "text": "Yes", "to": "ask"}]}}, "no_way_out"),
        ({"done": {"text": "Come back.", "end": "return"}}, "reason"),
        ({"done": {"text": "Stop.", "end": "safety", "reason": "POWER"}}, "reason"),
        ({"done": {"text": "Bye.", "end": "over"}}, "end"),
        ({"done": {"text": " ", "end": "fixed"}}, "text"),
        ({"done": {"text": "Bye.", "end": "return", "reason": "POWER", "wanted": "gold"}}, "wanted"),
        ({"ask": {"text": "Well?", "answers": [{"id": "a", "text": "A", "to": "done"}] * 2}}, "answer"),
    ],
)
def test_a_body_is_refused_where_a_way_leads_nowhere(change: dict[str, Any], code: str) -> None:
    assert codes(tiny()) == set()
    assert code in codes(tiny(**change))


def test_a_round_with_a_way_out_is_allowed_and_a_start_that_is_not_there_is_not() -> None:
    again = {
        "text": "Works?",
        "answers": [{"id": "n", "text": "No", "to": "ask"}, {"id": "y", "text": "Yes", "to": "done"}],
    }
    body = tiny(ask=again)
    assert codes(body) == set()

    body["rules"][0]["then"]["start"] = "begin"
    assert "start" in codes(body)
    body["rules"][0]["when"] = {"fact": "weather", "op": "==", "value": "rain"}
    assert "fact" in codes(body)


@pytest.mark.django_db
class TestWithACase:
    def test_it_is_walked_step_by_step_and_back(self, cast: Cast) -> None:
        case = desks.case(cast)

        assert troubleshooting.begin(case, reason="POWER", by=cast.sam, at=AT).here.id == "safe"
        assert troubleshooting.answer(case, node="safe", option="no", by=cast.sam, at=AT).here.id == "first"
        # A second press, or another tab: nothing more.
        assert troubleshooting.answer(case, node="safe", option="yes", by=cast.sam, at=AT).here.id == "first"
        with pytest.raises(UnableToServe, match="can't be answered"):
            troubleshooting.answer(case, node="first", option="perhaps", by=cast.sam, at=AT)
        assert troubleshooting.answer(case, node="first", option="yes", by=cast.sam, at=AT).here.id == "press"
        assert troubleshooting.back(case, by=cast.sam, at=AT).here.id == "first"
        case.refresh_from_db()
        assert case.walk == {
            "tree": "handheld_power", "version": 0, "organization": None, "reason": "POWER", "answers": ["no"], "end": "",
        }  # fmt: skip

    def test_a_walk_goes_on_in_the_version_in_which_it_began(self, cast: Cast) -> None:
        case = desks.case(cast)
        troubleshooting.begin(case, reason="POWER", by=cast.sam, at=AT)
        draft = rules.draft(kind=trees.KIND, body=tiny(), by=cast.admin, at=AT)
        done = rules.publish(draft, by=cast.maria, at=AT)
        assert "rules.handheld_power" in {change.where for change in done.changes}

        after = AT + timedelta(minutes=1)
        assert troubleshooting.answer(case, node="safe", option="no", by=cast.sam, at=after).tree.id == "handheld_power"
        other = desks.case(cast, terms.order(cast, "PS-2", desks.phone_line(serials=("PX2",)), at=AT), at=after)
        assert troubleshooting.begin(other, reason="POWER", by=cast.sam, at=after).tree.id == "t"
        # A seller's own come before everybody's.
        own = deepcopy(tiny())
        own["rules"][0]["id"] = "ours"
        row = rules.draft(kind=trees.KIND, body=own, organization=cast.retailer.pk, by=cast.admin, at=after)
        rules.publish(row, by=cast.maria, at=after)
        assert troubleshooting.begin(other, reason="POWER", by=cast.sam, at=after).tree.id == "ours"
        other.refresh_from_db()
        assert troubleshooting.of_case(other) is not None
        assert other.walk["organization"] == str(cast.retailer.pk)

    def test_a_bad_tree_is_not_even_drafted(self, cast: Cast) -> None:
        with pytest.raises(BadInput, match="no way leads to an end"):
            rules.draft(
                kind=trees.KIND,
                body=tiny(done={"text": "Again?", "answers": [{"id": "yes", "text": "Yes", "to": "ask"}]}),
                by=cast.admin,
                at=AT,
            )
        assert not RuleSet.objects.exists()

    def test_it_needs_a_thing_a_tree_and_the_right(self, cast: Cast) -> None:
        order = terms.order(cast, "PS-1", desks.phone_line(), at=AT)
        bare = desk.open_case(contact=order.contact, seller=order.seller, channel="call", by=cast.sam, at=AT)  # type: ignore[arg-type]
        with pytest.raises(UnableToServe, match="which thing"):
            troubleshooting.begin(bare, reason="POWER", by=cast.sam, at=AT)
        case = desks.case(cast, order)
        with pytest.raises(UnableToServe, match="no steps for that"):
            troubleshooting.begin(case, reason="CHANGED_MIND", by=cast.sam, at=AT)
        for stranger in (cast.ines, cast.remco, cast.vera):
            with pytest.raises(NotAllowed):
                troubleshooting.begin(case, reason="POWER", by=stranger, at=AT)
        with pytest.raises(UnableToServe, match="hasn't begun"):
            troubleshooting.back(case, by=cast.sam, at=AT)

    def test_a_shopper_may_try_for_themselves_and_nothing_is_kept(self, cast: Cast) -> None:
        line = terms.order(cast, "PS-1", desks.phone_line(), at=AT).lines.get()

        found = troubleshooting.walk(line, reason="POWER", answers=["no", "yes", "works"], at=AT)

        assert found is not None
        assert (found.here.end, found.answers) == ("fixed", ["no", "yes", "works"])
        assert troubleshooting.walk(line, reason="CHANGED_MIND", at=AT) is None
        assert troubleshooting.walk(line, reason="nonsense", at=AT) is None


def test_an_actor_of_the_cast_has_the_right(cast: Cast) -> None:
    sam: Actor = cast.sam
    assert sam.may("returns.desk")
    assert not cast.ines.may("returns.desk")
