"""Rules changed by a form, as people who don't write JSON do, and by file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client

from returns import policy
from returns.policy import shipped, statutes
from revlog.common.errors import BadInput
from revlog.terms import editing, grouping, ruling, tabling, wording
from revlog.terms.models import RuleSet
from tests.cast import Cast

HERE = f"/settings/rules/{policy.KIND}/edit/"
WORDS = wording.of(policy.KIND)


def act(client: Client, name: str, **told: Any) -> Any:
    return client.post(HERE, {"act": name} | told, follow=True)


def working(client: Client) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(client.get(f"/settings/rules/{policy.KIND}/rules.json?working=1").content)
    return found


def ids(client: Client) -> list[str]:
    return [rule["id"] for rule in working(client)["rules"]]


def group_form(group: dict[str, Any]) -> dict[str, str]:
    """The fields of a group of conditions with those of the groups in it, the empty ones included."""
    told = {f"group{group['place']}": group["kind"]}
    for row in group["rows"]:
        if "group" in row:
            told |= group_form(row["group"])
        else:
            told |= {f"{name}{row['place']}": row[name] for name in ("fact", "op", "value")}
    return told | (group_form(group["new"]) if group["new"] else {})


def as_form(rule: dict[str, Any]) -> dict[str, str]:
    """What the page's form of a rule sends when nothing in it is changed."""
    told = {"rule": rule["id"], "why": rule.get("why", "")}
    told |= group_form(grouping.fields(grouping.parts_of(rule.get("when"), WORDS), WORDS))
    for field in editing.outcome_fields(rule.get("then", {}), WORDS):
        told[field["name"]] = field["value"]
        if "anchor" in field:
            told[f"{field['name']}-from"] = field["anchor"]
    return told


@pytest.fixture
def admin(client: Client, cast: Cast) -> Client:
    client.force_login(cast.user("admin"))
    return client


def test_rules_are_shown_in_words_in_their_order(admin: Client) -> None:
    page = admin.get(HERE).content.decode()

    assert "Kind of reason is I don&#x27;t want it and Category is one of custom made" in page
    assert "Offers: money back, store credit, exchange" in page
    assert "Within: 30 days (Return window) from delivery" in page
    assert page.index("not sent yet") < page.index("in window") < page.index("too late")


@pytest.mark.parametrize("rule", shipped.POLICY["rules"], ids=lambda rule: rule["id"])
def test_a_rule_kept_as_it_stands_in_the_form_is_the_same_rule(admin: Client, rule: dict[str, Any]) -> None:
    answer = act(admin, "rule", **as_form(rule))

    assert answer.status_code == 200
    kept = next(one for one in working(admin)["rules"] if one["id"] == rule["id"])
    assert kept == rule


def test_rules_move_and_are_switched_off_and_taken_out(admin: Client) -> None:
    before = ids(admin)
    act(admin, "down", rule=before[0])
    act(admin, "up", rule=before[-1])
    act(admin, "switch", rule="not_safe")
    assert ids(admin)[-2:] == ["too_late", "guarantee"]
    act(admin, "remove", rule="guarantee")

    after = ids(admin)
    assert after[:2] == [before[1], before[0]]
    assert before[-3:] == ["in_window", "guarantee", "too_late"]
    assert after[-2:] == ["in_window", "too_late"]
    assert [one["id"] for one in working(admin)["rules"] if one.get("off")] == ["not_safe"]
    act(admin, "switch", rule="not_safe")
    assert not any("off" in one for one in working(admin)["rules"])


@pytest.mark.parametrize("template", WORDS.templates, ids=lambda one: one.id)
def test_a_rule_from_a_template_goes_on_top_and_can_be_drafted(admin: Client, template: wording.Template) -> None:
    act(admin, "add", template=template.id)
    act(admin, "add", template=template.id)

    assert ids(admin)[:2] == [f"{template.id}_2", template.id]
    answer = act(admin, "draft", note="One more rule", organization="")
    assert "Drafted. Another person publishes it." in answer.content.decode()
    row = RuleSet.objects.get()
    assert row.body["rules"][1] == template.rule
    assert ruling.problems(row.body, policy.POLICY) == []


def test_a_condition_row_is_changed_by_what_how_and_value(admin: Client) -> None:
    act(admin, "add", template="final_sale")
    page = admin.get(f"{HERE}?rule=final_sale").content.decode()
    assert "It matches when" in page
    assert "When Kind of reason is I don&#x27;t want it and Tags of order and line has final sale." in page
    told = {
        "rule": "final_sale",
        "why": "  No   way. ",
        "fact-0": "reason_group",
        "op-0": "in",
        "value-0": "I don't want it; fault",
        "fact-1": "price",
        "op-1": ">=",
        "value-1": "[keep_below]",
        "fact-2": "",
        "then-allow": "yes",
        "then-window": "45",
        "then-window-from": "the order",
        "then-outcomes": "exchange, the new one first; repair",
        "then-fee_percent": "7,5",
        "then-approval": "by two people, one after the other",
    }

    act(admin, "rule", **told)

    assert working(admin)["rules"][0] == {
        "id": "final_sale",
        "when": {
            "all": [
                {"fact": "reason_group", "op": "in", "value": ["remorse", "fault"]},
                {"fact": "price", "op": ">=", "value": {"param": "keep_below"}},
            ]
        },
        "then": {
            "allow": True,
            "window": {"days": 45, "from": "order"},
            "approval": "two",
            "outcomes": ["advance", "repair"],
            "fee_percent": "7.5",
        },
        "why": "No way.",
    }


def test_what_cannot_be_kept_is_said_and_stays_in_the_form(admin: Client) -> None:
    act(admin, "add", template="final_sale")
    before = working(admin)
    told = {
        "rule": "final_sale",
        "fact-0": "price",
        "op-0": "<",
        "value-0": "cheap",
        "fact-1": "sku",
        "op-1": "==",
        "value-1": "",
        "then-allow": "perhaps",
    }

    answer = act(admin, "rule", **told)

    page = answer.content.decode()
    assert answer.status_code == 422
    for sentence in (
        "Price of one piece is a number.",
        "Say what SKU is compared with.",
        "May come back is yes or no.",
    ):
        assert sentence in page
    assert 'value="cheap"' in page
    assert working(admin) == before


def test_groups_of_conditions_are_changed_and_put_into_one_another(admin: Client) -> None:
    page = admin.get(f"{HERE}?rule=guarantee").content.decode()
    assert 'name="fact-1-0"' in page
    assert "Add a group" in page
    told = as_form(next(rule for rule in policy.SHIPPED["rules"] if rule["id"] == "guarantee"))
    told |= {"group": "any", "group-1": "not_all", "group-1-3": "none", "fact-1-3-1": "sku", "value-1-3-1": "X; Y"}
    told |= {"op-1-3-1": "in", "fact-2": "gift", "op-2": "exists", "fact-1-0": ""}

    act(admin, "rule", **told)

    kept = next(rule for rule in working(admin)["rules"] if rule["id"] == "guarantee")
    within = {"fact": "days_since_delivery", "op": "<=", "value": {"param": "guarantee_days"}}
    assert kept["when"] == {
        "any": [
            {"fact": "reason_group", "op": "in", "value": ["fault", "mismatch"]},
            {"not": {"all": [within, {"not": {"fact": "sku", "op": "in", "value": ["X", "Y"]}}]}},
            {"fact": "gift", "op": "exists"},
        ]
    }
    refused = act(admin, "rule", **(told | {"value-1-3-1": ""})).content.decode()
    assert "Say what SKU is compared with." in refused
    assert 'value="Time since delivery"' not in refused
    assert refused.count("selected>SKU<") == 1, "what was typed stands in its group"


@pytest.mark.parametrize(
    "when",
    [
        {"not": {"fact": "sku", "op": "missing"}},
        {"not": {"not": {"any": [{"fact": "sku", "op": "missing"}, {"fact": "gift", "op": "exists"}]}}},
        {"not": {"all": [{"fact": "price", "op": "<", "value": "5.00"}, {"any": [{"fact": "sku", "op": "exists"}]}]}},
    ],
)
def test_every_condition_can_be_shown_in_groups_and_means_the_same(when: dict[str, Any]) -> None:
    told = group_form(grouping.fields(grouping.parts_of(when, WORDS), WORDS))

    made = grouping.condition_of(grouping.typed(told), WORDS)

    for inputs in ({"sku": "A"}, {"gift": True}, {"price": "1.00"}, {"price": "1.00", "sku": "A"}, {}):
        assert ruling.matches(made, inputs) == ruling.matches(when, inputs)


def test_seasons_and_regions_are_rows_of_a_form(admin: Client) -> None:
    told = {"seasons-0-name": "Christmas", "seasons-0-from": "11-15", "seasons-0-to": "12-24"}
    assert "A season has a from, a to and an until" in act(admin, "table:seasons", **told).content.decode()
    act(admin, "table:seasons", **told, **{"seasons-0-until": "01-31"})
    act(admin, "table:regions", **{"regions-0-name": "dach", "regions-0-countries": "de, at CH"})
    assert (
        "Each row has a name of its own."
        in act(admin, "table:regions", **{"regions-0-countries": "DE"}).content.decode()
    )

    kept = working(admin)
    assert kept["seasons"] == [{"name": "Christmas", "from": "11-15", "to": "12-24", "until": "01-31"}]
    assert kept["regions"] == {"dach": ["DE", "AT", "CH"]}
    page = admin.get(HERE).content.decode()
    assert "Name: Christmas; Bought from: 11-15; Bought until: 12-24; May come back until: 01-31" in page
    act(admin, "table:seasons", **told, **{"seasons-0-out": "1"})
    assert working(admin)["seasons"] == []


def test_rows_of_the_law_are_edited_with_their_days_and_source(admin: Client) -> None:
    here = f"/settings/rules/{statutes.KIND}/edit/"
    words = wording.of(statutes.KIND)
    [table] = words.tables
    rows = tabling.fields(statutes.SHIPPED, table)
    told = {cell["name"]: cell["chosen"] if cell["options"] else cell["value"] for row in rows for cell in row["cells"]}
    told = {name: value or "" for name, value in told.items()} | {"act": "table:rows"}
    assert tabling.body_of(told, statutes.SHIPPED, table, statutes.STATUTES) == statutes.SHIPPED, "kept as it stands"
    page = admin.get(here).content.decode()
    assert "2011/83/EU Art. 9, 13, 16" in page
    assert "Rules, tried from the top" not in page
    n = len(statutes.SHIPPED["rows"])
    told |= {f"rows-{n}-id": "nl_guarantee", f"rows-{n}-right": "guarantee", f"rows-{n}-jurisdiction": "nl"}
    told |= {
        f"rows-{n}-countries": "NL",
        f"rows-{n}-from": "2027-01-01",
        f"rows-{n}-months": "36",
        "rows-5-to": "2026-12-31",
    }
    assert "Say which text it stands in." in admin.post(here, told).content.decode()

    told[f"rows-{n}-source"] = "BW 7:17"
    admin.post(here, told, follow=True)
    admin.post(here, {"act": "draft", "note": "A law of 2027", "organization": ""}, follow=True)

    rows = RuleSet.objects.get(kind=statutes.KIND).body["rows"]
    assert rows[-1] == {
        "id": "nl_guarantee", "right": "guarantee", "jurisdiction": "nl", "countries": ["NL"], "from": "2027-01-01",
        "to": None, "exempt": [], "months": 36, "source": "BW 7:17",
    }  # fmt: skip
    assert rows[5] == statutes.SHIPPED["rows"][5] | {"to": "2026-12-31"}


def test_values_are_kept_with_their_kind(admin: Client) -> None:
    act(
        admin,
        "parameters",
        **{"param-window_days": "45", "param-keep_below": "20,50", "param-excluded": "hygiene; media", "param-hub": ""},
    )

    kept = working(admin)["parameters"]
    assert (kept["window_days"], kept["keep_below"], kept["excluded"]) == (45, "20.50", ["hygiene", "media"])
    assert kept["refund_on"] == "acceptance"
    refused = act(admin, "parameters", **{"param-window_days": "a month"})
    assert "Return window is a whole number." in refused.content.decode()


def test_what_is_edited_is_ones_own_until_it_is_drafted_and_can_be_begun_anew(admin: Client, cast: Cast) -> None:
    act(admin, "remove", rule="guarantee")
    other = Client()
    other.force_login(cast.user("maria"))
    assert "guarantee" in ids(other)

    act(admin, "again")

    assert "guarantee" in ids(admin)


def test_a_copy_of_a_draft_is_changed_further_and_the_draft_stays(admin: Client) -> None:
    act(admin, "remove", rule="guarantee")
    act(admin, "draft", note="Without", organization="")
    row = RuleSet.objects.get()
    admin.get(f"{HERE}?of={row.pk}")
    assert "guarantee" not in ids(admin)

    act(admin, "remove", rule="not_safe")

    row.refresh_from_db()
    assert "not_safe" in [rule["id"] for rule in row.body["rules"]]


def test_a_file_is_taken_up_or_refused_with_its_places(admin: Client) -> None:
    body = {"rules": [{"id": "all", "then": {"allow": True}}]}
    file = SimpleUploadedFile("rules.json", json.dumps(body).encode())
    act(admin, "upload", file=file)
    assert working(admin) == body

    wrong = SimpleUploadedFile("rules.json", b'{"rules": [{"id": "all", "then": {"allow": 1}}]}')
    assert "Each rule says whether it allows." in act(admin, "upload", file=wrong).content.decode()
    assert "isn&#x27;t JSON" in act(admin, "upload", file=SimpleUploadedFile("x.json", b"{")).content.decode()
    assert "Choose a file." in act(admin, "upload").content.decode()
    assert working(admin) == body


@pytest.mark.parametrize(
    "told", [{"act": "dance"}, {"act": "up", "rule": "nobody"}, {"act": "add", "template": "none"}, {}]
)
def test_buttons_that_nobody_made_are_refused(admin: Client, told: dict[str, str]) -> None:
    assert admin.post(HERE, told).status_code == 422


def test_who_may_not_draft_may_not_edit(client: Client, cast: Cast) -> None:
    client.force_login(cast.user("sam"))

    assert client.get(HERE).status_code == 403
    assert client.post(HERE, {"act": "again"}).status_code == 403
    client.force_login(cast.user("admin"))
    assert client.get("/settings/rules/terms.rates/edit/").status_code == 404
    assert client.get(f"{HERE}?of=nonsense").status_code == 404


def test_a_choice_may_be_typed_by_its_name_or_its_code() -> None:
    word = WORDS.facts["reason_group"]

    assert editing.read("It doesn't work", word, field="x") == "fault"
    assert editing.read("FAULT", word, field="x") == "fault"
    with pytest.raises(BadInput, match="can't be “maybe”"):
        editing.read("maybe", word, field="x")


def test_rules_go_to_a_file_and_come_back_as_a_draft(cast: Cast, tmp_path: Path) -> None:
    file = tmp_path / "rules.json"
    call_command("rules", "export", policy.KIND, str(file))
    assert json.loads(file.read_text()) == policy.SHIPPED

    call_command("rules", "import", policy.KIND, str(file), "--organization", "retailer", "--note", "As shipped")

    row = RuleSet.objects.get()
    assert (row.body, row.note, row.organization, row.version) == (policy.SHIPPED, "As shipped", cast.retailer, None)
    file.write_text('{"rules": [{"then": {}}]}')
    with pytest.raises(CommandError, match="has no id"):
        call_command("rules", "import", policy.KIND, str(file))
    file.write_text("{")
    with pytest.raises(CommandError, match="is no JSON"):
        call_command("rules", "import", policy.KIND, str(file))
    with pytest.raises(CommandError, match="no rules called"):
        call_command("rules", "export", "cooking", str(file))
    with pytest.raises(CommandError, match="No such file"):
        call_command("rules", "import", policy.KIND, str(tmp_path / "nothing.json"))
