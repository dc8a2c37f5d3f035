"""What is made once and copied afterwards: a migrated database, and a folder of a platform's services. Migrating takes longer than
many a test, and a run would do it five times over.

Both are named after what they were made from, so that a changed migration makes them anew.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
from django.conf import settings
from psycopg2 import sql

ROOT = Path(__file__).resolve().parents[1]
PREFIX = "revlog_template_"
MADE_FROM = (
    "*/migrations/*.py",
    "*/sql/*.sql",
    "revlog/*/migrations/*.py",
    "revlog/*/sql/*.sql",
    "revlog/common/migrating.py",
    "revlog/custody/apps.py",
    "revlog/embedded/*.py",
    "requirements.txt",
)


@cache
def digest() -> str:
    """Of all that the tables come from: migrations, their SQL, the grants that follow them, the server and Django's own apps."""
    told = hashlib.sha256()
    for path in sorted({path for pattern in MADE_FROM for path in ROOT.glob(pattern)}):
        told.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes())
    return told.hexdigest()[:16]


@contextlib.contextmanager
def alone(name: str) -> Iterator[Path]:
    """The folder of the test runs, while no other process makes the same thing in it."""
    folder = Path(settings.VAR).resolve()
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder


def template() -> str:
    """Name of a migrated database beside the test run's own, for Django to copy; what older migrations left is dropped."""
    address = os.environ["DATABASE_OWNER_URL"]
    name = PREFIX + digest()
    with alone("template"), contextlib.closing(psycopg2.connect(address)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [PREFIX])
            known = {row[0] for row in cursor.fetchall()}
            if name in known:
                return name
            for old in known:
                cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(old)))
            # Under a passing name first: what a killed run left half migrated must not be taken for the whole.
            draft = f"{PREFIX}draft"
            cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(draft)))
            done = subprocess.run(
                [sys.executable, "manage.py", "migrate", "--no-input", "--verbosity=0"],
                cwd=ROOT, capture_output=True, text=True, check=False,
                env=os.environ | {
                    "DATABASE_OWNER_URL": urlsplit(address)._replace(path=f"/{draft}").geturl(),
                    "DJANGO_SETTINGS_MODULE": "revlog.settings.test",
                },
            )  # fmt: skip
            assert done.returncode == 0, done.stderr[-6000:]
            cursor.execute(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(draft), sql.Identifier(name))
            )
    return name
