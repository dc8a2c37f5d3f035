"""The quick way of migrating makes the very tables, rights and rows that Django's own makes, which takes ten times as long."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from typing import Any
from urllib.parse import urlsplit

import psycopg2
import pytest

from tests.platforms import ROOT

pytestmark = pytest.mark.prove
QUICK = "call_command('migrate', interactive=False, verbosity=0)"
PLAIN = "from django.core.management.commands import migrate; call_command(migrate.Command(), interactive=False, verbosity=0)"
QUESTIONS = {
    "columns": """
        SELECT table_name, column_name, ordinal_position, column_default, is_nullable, udt_name, character_maximum_length,
               numeric_precision, numeric_scale, is_identity, collation_name, generation_expression
        FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2
    """,
    "indexes": "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1, 2",
    "constraints": """
        SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), condeferrable, condeferred
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2
    """,
    "guards": """
        SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1, 2
    """,
    "functions": """
        SELECT proname, pg_get_functiondef(oid) FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace AND prokind = 'f' ORDER BY 1, 2
    """,
    "rights": "SELECT relname, relacl::text FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY 1",
    "applied": "SELECT app, name FROM django_migrations ORDER BY id",
    "permissions": "SELECT content_type_id, codename, name FROM auth_permission ORDER BY 1, 2",
    "kinds": "SELECT id, app_label, model FROM django_content_type ORDER BY 1",
}


def migrated(way: str) -> dict[str, list[tuple[Any, ...]]]:
    """What there is in a new database that was migrated that way."""
    address = os.environ["DATABASE_OWNER_URL"]
    own = urlsplit(address)._replace(path="/revlog_proof_of_migrating").geturl()
    with contextlib.closing(psycopg2.connect(address)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("DROP DATABASE IF EXISTS revlog_proof_of_migrating")
            cursor.execute("CREATE DATABASE revlog_proof_of_migrating")
            done = subprocess.run(
                [sys.executable, "-c", f"import django; django.setup()\nfrom django.core.management import call_command\n{way}"],
                cwd=ROOT, capture_output=True, text=True, check=False,
                env=os.environ | {"DATABASE_OWNER_URL": own, "DJANGO_SETTINGS_MODULE": "revlog.settings.test"},
            )  # fmt: skip
            assert done.returncode == 0, done.stderr[-6000:]
            found = {}
            with contextlib.closing(psycopg2.connect(own)) as asked, asked.cursor() as answers:
                for name, question in QUESTIONS.items():
                    answers.execute(question)
                    found[name] = answers.fetchall()
            cursor.execute("DROP DATABASE revlog_proof_of_migrating")
    return found


def test_both_ways_make_the_same_database() -> None:
    quick, plain = migrated(QUICK), migrated(PLAIN)
    assert len(quick["columns"]) > 2000
    for name, found in plain.items():
        assert quick[name] == found, name
