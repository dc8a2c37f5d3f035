"""A test that commits leaves a database as the migrations made it, with its guards up."""

from __future__ import annotations

import pytest
from django.db import connection

from tests import cast as casting
from tests import emptying
from tests.factories import devices as make


@pytest.mark.django_db(transaction=True)
def test_what_was_committed_goes_and_the_guards_stay() -> None:
    make.for_sale(casting.make())
    with connection.cursor() as cursor:
        before = emptying.filled(cursor)
        assert before["custody_entry"], before

        emptying.empty()

        assert emptying.filled(cursor) == {}
        cursor.execute("SELECT tgname FROM pg_trigger WHERE tgenabled <> 'O'")
        assert cursor.fetchall() == []
        cursor.execute("SELECT count(*) FROM django_content_type")
        assert cursor.fetchone()[0] > 100
