"""The page on the API says what is so."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

from django.core.management import call_command, get_commands
from drf_spectacular.drainage import GENERATOR_STATS, reset_generator_stats

from revlog.accounts import permissions
from revlog.api import idempotency, pagination, parsers
from revlog.settings import base
from tests.api.callers import caller
from tests.cast import Cast
from tests.factories import devices as make
from triage.reports.normal import ErasureOutcome, MediumType
from triage.reports.registry import KINDS

PAGE = (Path(base.ROOT) / "docs" / "api.md").read_text(encoding="utf-8")


def test_it_lists_the_kinds_of_reports_that_are_read() -> None:
    listed = PAGE.partition("<!-- kinds -->")[2].partition("<!-- end -->")[0]

    assert re.findall(r"- `([^`]+)`", listed) == list(KINDS)


def test_the_schema_names_every_shape_once() -> None:
    reset_generator_stats()

    told = io.StringIO()
    call_command("spectacular", fail_on_warn=True, stdout=told)

    assert told.getvalue().startswith("openapi: 3.")
    assert not GENERATOR_STATS


def test_it_names_scopes_commands_and_bounds_that_exist() -> None:
    for scope in re.findall(r"`([a-z]+:[a-z]+)`", PAGE):
        assert scope in permissions.SCOPES, scope
    for name in ("ingest_report", "export_ledger", "verify_ledger", "verify_document", "create_api_key"):
        assert name in get_commands()
        assert name in PAGE
    assert f"limit` (1 to {pagination.MOST})" in PAGE
    assert f"{pagination.USUAL} rows unless" in PAGE
    assert f"more than {parsers.MOST_LEVELS} levels" in PAGE
    assert f"kept for {idempotency.KEPT_FOR.total_seconds() / 3600:.0f} hours" in PAGE


def test_it_names_every_type_of_medium_and_outcome_of_a_wipe() -> None:
    for value in [*MediumType, *ErasureOutcome]:
        assert value.value in PAGE, value


def test_it_shows_a_problem_as_it_is_answered(cast: Cast) -> None:
    shown = json.loads(PAGE.partition("```json")[2].partition("```")[0])
    device = make.sold(make.for_sale(cast))

    told = caller(cast).post(f"/devices/{device.id}/moves/", {"move": "to_triage", "reason": "again"}).json()

    assert set(told) == set(shown)
    assert json.dumps(told).replace(device.tag, "RL-7K3M-9QXA") == json.dumps(shown)
