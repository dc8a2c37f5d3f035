"""Sending labels to a printer on the network: plain ZPL over a connection, as label printers take it on port 9100."""

from __future__ import annotations

import socket
import uuid
from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from revlog.accounts import actors
from revlog.common.errors import DomainError
from revlog.custody.facts import Fact
from revlog.custody.services import ledger
from revlog.labels import facts
from revlog.labels.models import JobStatus, PrintJob
from revlog.labels.services import printers, printing

MOST_ATTEMPTS = 4
PRINTING = actors.system("labels.printing")


def attempt(id: uuid.UUID, *, at: datetime) -> Callable[[], object] | None:
    """Send a waiting job; slow, in no transaction. The result is what writes down how it ended.

    Raises OSError while it is worth another try. A printer says nothing back: what is written down is that everything was sent.
    """
    PrintJob.objects.filter(pk=id, status=JobStatus.QUEUED).update(attempts=F("attempts") + 1)
    job = PrintJob.objects.select_related("printer", "hub").get(pk=id)
    if job.status != JobStatus.QUEUED or job.printer is None:
        return None
    try:
        address = printers.reachable(job.printer.host, job.printer.port)
        data = printing.zpl_of(printing.drawn(job), job).encode()
        with socket.create_connection(address, timeout=settings.PRINTERS_SECONDS) as line:
            line.sendall(data)
            line.shutdown(socket.SHUT_WR)
    except DomainError as refusal:
        why = refusal.sentence
        return lambda: end(id, JobStatus.FAILED, why, at=at)
    except OSError as trouble:
        why = _("%(printer)s doesn't answer: %(why)s") % {
            "printer": job.printer.name,
            "why": trouble.strerror or type(trouble).__name__,
        }
        PrintJob.objects.filter(pk=id, status=JobStatus.QUEUED).update(why=why[:300])
        if job.attempts < MOST_ATTEMPTS:
            raise
        return lambda: end(id, JobStatus.FAILED, why, at=at)
    return lambda: end(id, JobStatus.SENT, "", at=at)


@transaction.atomic
def end(id: uuid.UUID, status: JobStatus, why: str, *, at: datetime) -> PrintJob:
    job = printing.lock(id)
    if job.status != JobStatus.QUEUED:
        return job
    job.status, job.why, job.ended_at = status, why[:300], at
    job.save(update_fields=["status", "why", "ended_at"])
    name = job.printer.name if job.printer else ""
    fact: Fact = facts.PrintSent(printer=name)
    if status == JobStatus.FAILED:
        job.items.update(void=True)
        fact = facts.PrintFailed(printer=name, why=why.rstrip(". ")[:300])
    ledger.append(job.pk, fact, by=PRINTING, at=at, hub=job.hub_id)
    return job
