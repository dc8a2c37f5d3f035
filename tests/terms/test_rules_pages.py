"""Rules at the desk: drafted by one person, compared and published by another."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from returns import policy
from revlog.common import words
from revlog.terms import queries, ruling
from revlog.terms.models import RuleSet
from revlog.terms.services import rules
from tests.cast import Cast

HERE = f"/settings/rules/{policy.KIND}/"


def body(**parameters: object) -> str:
    return json.dumps(
        dict(policy.SHIPPED) | {"parameters": dict(policy.SHIPPED["parameters"]) | parameters}, ensure_ascii=False
    )


def drafted(client: Client, **more: object) -> RuleSet:
    answer = client.post(HERE, {"note": "A shorter window", "body": body(window_days=14), "organization": ""} | more)
    assert answer.status_code == 302, answer.content.decode()
    return RuleSet.objects.get(version=None)


def test_every_kind_of_rules_has_a_name_and_a_page(client: Client, cast: Cast) -> None:
    client.force_login(cast.user("admin"))
    listing = client.get("/settings/rules/").content.decode()

    for kind in ruling.kinds():
        assert words.known(kind), kind
        assert f'href="/settings/rules/{kind}/"' in listing
        assert client.get(f"/settings/rules/{kind}/").status_code == 200
    assert client.get("/settings/rules/no.such.kind/").status_code == 404


def test_a_draft_changes_nothing_and_shows_what_it_would_change(client: Client, cast: Cast) -> None:
    client.force_login(cast.user("admin"))
    drafted(client)
    page = client.get(HERE).content.decode()

    assert "Return window" in page
    assert "14 days" in page
    assert "A shorter window" in page
    assert queries.in_force(policy.KIND, at=cast.at).version == 0


def test_another_person_publishes_it_and_the_version_is_in_force(client: Client, cast: Cast) -> None:
    client.force_login(cast.user("admin"))
    row = drafted(client)
    client.force_login(cast.user("maria"))
    answer = client.post(f"/settings/rules/publish/{row.pk}", {"valid_from": ""}, follow=True)

    row.refresh_from_db()
    assert row.version == 1
    assert "Version 1 is published." in answer.content.decode()
    assert "Version 1 is in force" in answer.content.decode()


def test_whoever_drafted_it_does_not_publish_it(client: Client, cast: Cast) -> None:
    client.force_login(cast.user("maria"))
    row = drafted(client)
    answer = client.post(f"/settings/rules/publish/{row.pk}", {"valid_from": ""}, follow=True)

    row.refresh_from_db()
    assert row.version is None
    assert "nobody publishes rules that they drafted" in answer.content.decode().lower()


def test_rules_never_begin_in_the_past(client: Client, cast: Cast) -> None:
    client.force_login(cast.user("admin"))
    row = drafted(client)
    client.force_login(cast.user("maria"))
    answer = client.post(f"/settings/rules/publish/{row.pk}", {"valid_from": "2020-01-01"}, follow=True)

    row.refresh_from_db()
    assert row.version is None
    assert "Rules hold from now or later" in answer.content.decode()


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ('{"rules": [}', "This is not JSON: line 1, column 12"),
        ("[1]", "Rules are a JSON object."),
        ('{"parameters": {"share": 0.5}}', "body.parameters.share as text"),
        ('{"parameters": {"note": "a\\u0000b"}}', "body.parameters.note holds characters"),
        ('{"parameters": {"note": "\\ud800"}}', "body.parameters.note holds characters"),
        ("[" * 3000 + "]" * 3000, "This is nested too deeply."),
        ('{"mode": "guess"}', "The mode is one of first, collect."),
        ("", "This field is required."),
    ],
)
def test_what_is_no_rules_is_refused_with_its_place_and_kept_on_the_page(
    client: Client, cast: Cast, typed: str, told: str
) -> None:
    client.force_login(cast.user("admin"))
    answer = client.post(HERE, {"note": "n", "body": typed, "organization": ""})

    assert answer.status_code in {400, 422}
    assert told in answer.content.decode()
    assert not RuleSet.objects.exists()


def test_who_may_only_read_rules_is_offered_no_draft_and_can_not_send_one(client: Client, cast: Cast) -> None:
    client.force_login(cast.user("sam"))
    page = client.get(HERE)

    assert page.status_code == 200
    assert "Draft new rules" not in page.content.decode()
    assert client.post(HERE, {"note": "n", "body": body(window_days=1)}).status_code == 403


def test_clients_and_suppliers_read_what_binds_them_and_no_costs_margins_or_limits(client: Client, cast: Cast) -> None:
    kept = ("triage.economics", "triage.second_looks", "returns.tradein", "returns.risk")
    drafts = [
        rules.draft(kind=kind, body=ruling.kind(kind).shipped, organization=owner, by=cast.admin, at=cast.at)
        for kind, owner in ((kept[0], None), (policy.KIND, cast.vega.pk))
    ]
    costs, own = (rules.publish(row, by=cast.maria, at=cast.at).rule_set for row in drafts)
    for person in ("vera", "nils", "sam"):
        client.force_login(cast.user(person))
        listing = client.get("/settings/rules/").content.decode()
        for kind in kept:
            seen = person == "sam"
            assert (f"/settings/rules/{kind}/" in listing) == seen, (person, kind)
            for page in ("", "rules.json", "rules.json?working=1"):
                assert client.get(f"/settings/rules/{kind}/{page}").status_code == (200 if seen else 404)
        assert client.get(f"/settings/rules/{kept[0]}/rules.json?of={costs.pk}").status_code == (200 if seen else 404)
        assert client.get(f"{HERE}rules.json?of={own.pk}").status_code == (404 if person == "nils" else 200)
        told = client.get(HERE).content.decode(), client.get(f"{HERE}rules.json?working=1").content.decode()
        for text in told:
            assert "window_days" in text
            assert ("review_risk" in text, "keep_below" in text, "looked_at_first" in text) == (seen, seen, seen)
