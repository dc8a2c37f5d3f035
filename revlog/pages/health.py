"""/healthz: database, broker, worker and ledger, each reported; 200 when all are well, 503 otherwise."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.db import connection
from django.http import HttpRequest, JsonResponse

from revlog.accounts.access import PUBLIC, allow
from revlog.common import broker, clock
from revlog.custody.models import Checkpoint, Heartbeat, LogPlace, Unplaced

STALE = timedelta(seconds=90)


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "ok"


def _broker() -> str:
    if not broker.is_there():
        raise ConnectionError
    return "ok"


def _worker() -> str:
    beat = Heartbeat.objects.filter(name="worker").first()
    if beat is None:
        return "starting"
    return "ok" if clock.now() - beat.at < STALE else "silent"


def _ledger() -> str:
    waiting = Unplaced.objects.count()
    last = LogPlace.objects.order_by("-position").values_list("position", flat=True).first() or 0
    checkpoint = Checkpoint.objects.order_by("-size").values_list("size", flat=True).first() or 0
    return f"ok: {last} placed, {waiting} waiting, checkpoint at {checkpoint}"


CHECKS: dict[str, Callable[[], str]] = {"database": _database, "broker": _broker, "worker": _worker, "ledger": _ledger}


@allow(PUBLIC)
def healthz(request: HttpRequest) -> JsonResponse:
    told: dict[str, str] = {}
    for name, check in CHECKS.items():
        try:
            told[name] = check()
        except Exception as error:
            told[name] = f"failed: {type(error).__name__}"
    well = all(value.startswith("ok") for name, value in told.items() if name != "broker") and told["broker"] == "ok"
    return JsonResponse({"status": "ok" if well else "failing", **told}, status=200 if well else 503)
