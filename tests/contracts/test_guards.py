"""As the application's own login, by plain SQL: everything that must never be is refused by PostgreSQL, by name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest
from django.conf import settings
from django.db import connection

from revlog.devices.journey import Disposition
from revlog.devices.models import Device, Medium
from tests import cast as casting
from tests.factories import devices as make

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people() -> casting.Cast:
    return casting.make()


@pytest.fixture
def app(people: casting.Cast) -> Iterator[Any]:
    """A plain connection as the application's role, to the tests' database."""
    told = settings.APPLICATION_DATABASE
    link = psycopg2.connect(
        dbname=connection.settings_dict["NAME"],
        user=told["USER"],
        password=told["PASSWORD"],
        host=told["HOST"],
        port=told["PORT"] or None,
    )
    yield link
    link.close()


def refused(app: Any, statement: str, *values: Any) -> str:
    """The message with which PostgreSQL refuses; fails when it lets the statement through to the end of the transaction."""
    with pytest.raises(psycopg2.Error) as caught:
        with app.cursor() as cursor:
            cursor.execute(statement, values)
        app.commit()
    app.rollback()
    return str(caught.value)


def test_the_application_is_not_the_owner(app: Any) -> None:
    with app.cursor() as cursor:
        cursor.execute("SELECT current_user, usesuper FROM pg_user WHERE usename = current_user")
        name, superuser = cursor.fetchone()
    assert name == settings.APPLICATION_DATABASE["USER"]
    assert not superuser


def test_a_state_can_not_be_changed_without_an_entry(app: Any, people: casting.Cast) -> None:
    device = make.laptop(people)
    assert "state_cites_ledger" in refused(
        app, "UPDATE devices_device SET state = 'IN_TRIAGE' WHERE id = %s", str(device.id)
    )
    message = refused(
        app, "UPDATE devices_device SET state = 'IN_TRIAGE', state_sequence = 99 WHERE id = %s", str(device.id)
    )
    assert "state_cites_ledger" in message


def test_a_unit_can_not_be_made_up(app: Any, people: casting.Cast) -> None:
    device = make.laptop(people)
    with connection.cursor() as cursor:
        cursor.execute("SELECT column_name FROM information_schema.columns WHERE table_name = 'devices_device'")
        columns = [row[0] for row in cursor.fetchall() if row[0] not in {"id", "tag", "visit_id"}]
    listed = ", ".join(columns)
    message = refused(
        app,
        f"INSERT INTO devices_device (id, tag, {listed}) SELECT gen_random_uuid(), 'RL-XXXX-XXXX', {listed} "
        "FROM devices_device WHERE id = %s",
        str(device.id),
    )
    assert "state_cites_ledger" in message


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE custody_entry SET payload = '{}'",
        "DELETE FROM custody_entry",
        "TRUNCATE custody_entry CASCADE",
        "TRUNCATE custody_log",
        "UPDATE custody_checkpoint SET root = ''",
        "DELETE FROM custody_log",
        "UPDATE devices_posting SET amount = 0",
        "SET session_replication_role = replica",
        "ALTER TABLE devices_device DISABLE TRIGGER ALL",
        "ALTER TABLE custody_entry DISABLE TRIGGER append_only",
        "DROP TRIGGER state_cites_ledger ON devices_device",
        "ALTER TABLE devices_device DROP CONSTRAINT nothing_with_data_is_for_sale",
        "DROP FUNCTION state_cites_ledger() CASCADE",
        "CREATE OR REPLACE FUNCTION state_cites_ledger() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        "SET ROLE revlog_owner",
        "DELETE FROM custody_reaction",
        "UPDATE custody_reaction SET handler = 'nobody'",
        "DELETE FROM custody_chain",
        "DELETE FROM evidence_document",
        "UPDATE evidence_document SET number = 'CS-2026-999999'",
        "UPDATE evidence_artifact SET stored_as = 'elsewhere'",
        "DELETE FROM devices_medium",
        "DELETE FROM devices_device",
        "COPY custody_entry TO PROGRAM 'cat'",
        "CREATE FUNCTION public.digest_of(text) RETURNS text LANGUAGE sql AS 'SELECT $1'",
        "CREATE RULE nothing AS ON INSERT TO custody_entry DO INSTEAD NOTHING",
        "ALTER ROLE CURRENT_USER SUPERUSER",
        "UPDATE pg_trigger SET tgenabled = 'D'",
    ],
)
def test_the_application_can_not_get_round_the_ledger(app: Any, people: casting.Cast, statement: str) -> None:
    make.laptop(people)

    message = refused(app, statement)

    assert "permission denied" in message or "must be owner" in message or "append_only" in message, message


@pytest.mark.parametrize("queue", ["TO_SELL", "TO_DONATE", "TO_RESTOCK"])
@pytest.mark.parametrize("data", ["UNKNOWN", "PRESENT"])
def test_nothing_with_data_is_for_sale_by_sql(app: Any, people: casting.Cast, queue: str, data: str) -> None:
    device = make.for_sale(people)
    message = refused(app, "UPDATE devices_device SET state = %s, data = %s WHERE id = %s", queue, data, str(device.id))
    assert "nothing_with_data_is_for_sale" in message


def test_nothing_is_called_clear_while_a_medium_says_otherwise(app: Any, people: casting.Cast) -> None:
    device = make.triaged(people)
    message = refused(app, "UPDATE devices_device SET data = 'SANITIZED' WHERE id = %s", str(device.id))
    assert "data_follows_media" in message


def test_a_medium_is_not_called_wiped_without_proof(app: Any, people: casting.Cast) -> None:
    device = make.triaged(people)
    medium = Medium.objects.get(device=device)
    message = refused(app, "UPDATE devices_medium SET state = 'SANITIZED' WHERE id = %s", str(medium.id))
    assert "a_cleared_medium_has_proof" in message


def _forge(app: Any, device: Device, state: str, **columns: str) -> str:
    """What happens when a forged entry is put down for the move: the ledger is satisfied, the other guards aren't."""
    device.refresh_from_db()
    with connection.cursor() as cursor:
        cursor.execute("SELECT head_sequence, head_digest FROM custody_chain WHERE id = %s", [device.id])
        head, digest = cursor.fetchone()
    assigned = "".join(f", {name} = '{value}'" for name, value in columns.items())
    return refused(
        app,
        "INSERT INTO custody_entry (chain_id, sequence, kind, version, occurred_at, recorded_at, actor, key, payload, previous, digest) "
        "VALUES (%s, %s, 'devices.forged', 1, now(), now(), 'user:x', '', "
        "jsonb_build_object('state_from', %s::text, 'state_to', %s::text), "
        f"%s, md5('a') || md5('b')); UPDATE devices_device SET state = %s, state_sequence = %s{assigned} WHERE id = %s",
        str(device.id), head + 1, str(device.state), state, digest, state, head + 1, str(device.id),
    )  # fmt: skip


def test_a_guard_looks_for_its_proof_in_no_table_that_a_session_made_up(app: Any, people: casting.Cast) -> None:
    device = make.laptop(people)
    with app.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE custody_entry (LIKE public.custody_entry)")
        cursor.execute(
            "INSERT INTO pg_temp.custody_entry SELECT * FROM public.custody_entry WHERE chain_id = %s AND sequence = 1",
            [str(device.id)],
        )
        cursor.execute(
            "UPDATE pg_temp.custody_entry SET sequence = 99, payload = %s",
            [f'{{"state_from": "{device.state}", "state_to": "TO_RECYCLE"}}'],
        )
    app.commit()

    message = refused(
        app,
        "UPDATE devices_device SET state = 'TO_RECYCLE', state_sequence = 99 WHERE id = %s",
        str(device.id),
    )

    assert "state_cites_ledger" in message


def test_the_application_leases_finishes_and_parks_what_was_promised(app: Any, people: casting.Cast) -> None:
    make.laptop(people)
    with app.cursor() as cursor:
        cursor.execute(
            "UPDATE custody_reaction SET leased_until = now(), attempts = attempts + 1, done_at = now(), parked_at = now(), "
            "error = '', due_at = now()"
        )
    app.commit()


def test_nothing_leaves_with_data_even_with_a_forged_entry(app: Any, people: casting.Cast) -> None:
    device = make.triaged(people)
    assert "nothing_leaves_with_data" in _forge(app, device, "RETURNED")


def test_nothing_irreversible_happens_without_authority(app: Any, people: casting.Cast) -> None:
    device = make.for_sale(people)
    Device.objects.filter(pk=device.pk).update(authority="")
    assert "nothing_irreversible_without_authority" in _forge(app, device, "SOLD")


def test_a_sold_unit_has_a_grade(app: Any, people: casting.Cast) -> None:
    device = make.for_sale(people)
    assert "a_sold_device_has_a_grade" in _forge(app, device, "SOLD", grade="U")


def test_nothing_held_leaves(app: Any, people: casting.Cast) -> None:
    device = make.decided(make.cleared(make.triaged(people)), Disposition.RECYCLE)
    assert "nothing_held_leaves" in _forge(app, device, "RECYCLED", holds="{legal}")


def test_a_chain_is_only_ever_extended(app: Any, people: casting.Cast) -> None:
    device = make.laptop(people)
    message = refused(app, "UPDATE custody_chain SET head_sequence = 0 WHERE id = %s", str(device.id))
    assert "chains_only_grow" in message


def test_a_unit_is_promised_to_one_taker_at_a_time(app: Any, people: casting.Cast) -> None:
    device = make.for_sale(people)
    statement = (
        "INSERT INTO devices_allocation (id, device_id, taker, since, taken_by) SELECT gen_random_uuid(), %s, t, now(), '' "
        "FROM unnest(ARRAY['order_line:1', 'order_line:2']) t"
    )
    assert "one_taker_at_a_time" in refused(app, statement, str(device.id))
