"""A file that came by the browser waits until somebody has looked at its columns, has dropped it, or has forgotten it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from itad.manifests.columns import Columns
from itad.models import ManifestRun, ManifestStatus
from itad.services import manifests
from itad.services.manifests import UnableToTakeIn
from revlog.accounts import actors
from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub, Organization
from revlog.common import ids, tables
from revlog.common.errors import BadInput, NotAllowed, Reason
from revlog.evidence.services import artifacts

MOST_DRAFTS = 20
"""Files of one client that wait at a time."""
SWEEPER = actors.system("itad.drafts")


def keep(
    *,
    data: bytes,
    name: str,
    client: Organization,
    hub: Hub,
    contract: str = "",
    reference: str = "",
    here: bool = False,
    by: Actor,
    at: datetime,
) -> ManifestRun:
    """Keep a file whose columns somebody is to look at. Raises UnreadableTable, TooLarge, BadInput, NotAllowed, UnableToTakeIn."""
    if refused := manifests.reasons_against_beginning(client, hub, here=here, contract=contract, by=by):
        raise (NotAllowed if refused[0].code == "not_allowed" else BadInput)(refused)
    # What is no table is told at once.
    rows = sum(len(sheet.rows) for sheet in tables.read(data, most_rows=manifests.MOST_ROWS_SENT))
    with transaction.atomic():
        manifests.one_at_a_time(client)
        if ManifestRun.objects.filter(client=client, status=ManifestStatus.DRAFT).count() >= MOST_DRAFTS:
            told = _(
                "%s lists of this client wait for somebody to look at their columns. Take one in or drop one first."
            )
            raise UnableToTakeIn(Reason("too_many_drafts", told % MOST_DRAFTS))
        kept = artifacts.keep(data, media_type="application/octet-stream", at=at, limit="table")
        return ManifestRun.objects.create(
            id=ids.new(at), client=client, hub=hub, file_name=name[-200:], file_digest=kept.digest,
            contract=contract.strip()[:60], reference=reference.strip()[:50], here=here, artifact=kept,
            status=ManifestStatus.DRAFT, rows=rows, started_by=by.reference, started_at=at, moved_at=at,
        )  # fmt: skip


def confirm(run: ManifestRun, *, columns: Columns, name: str, by: Actor, at: datetime) -> ManifestRun:
    """The columns are right: keep them for this client, and have a worker take the file in. Raises BadInput, UnableToTakeIn."""
    data = manifests.contents(run)
    manifests.read(data, client=run.client, columns=columns)
    with transaction.atomic():
        held = _held(run)
        saved = manifests.save_columns(held.client, columns, name=name, by=by, at=at)
        begun = manifests.begin(
            data=data, name=held.file_name, client=held.client, hub=held.hub, columns=columns, mapping_name=saved.name,
            contract=held.contract, reference=held.reference, here=held.here, artifact=held.artifact, by=by, at=at,
        )  # fmt: skip
        held.delete()
        return manifests.ask_to_go_on(begun, by=by, at=at)


def reasons_against_dropping(run: ManifestRun, *, by: Actor) -> list[Reason]:
    if refused := manifests.may_send(by, run.client):
        return refused
    if run.status != ManifestStatus.DRAFT:
        return [Reason("begun", _("It is under way, or done, already."))]
    return []


def drop(run: ManifestRun, *, by: Actor) -> None:
    """It isn't to be taken in: it goes, and its bytes with it. Raises NotAllowed, UnableToTakeIn."""
    if refused := reasons_against_dropping(run, by=by):
        raise (NotAllowed if refused[0].code == "not_allowed" else UnableToTakeIn)(refused)
    with transaction.atomic():
        _gone(_held(run))


def drop_forgotten(*, at: datetime) -> int:
    """Drop those at which nobody has looked for ``DRAFT_DAYS`` days; how many went. With 0 days none goes."""
    if not settings.DRAFT_DAYS:
        return 0
    old = ManifestRun.objects.filter(
        status=ManifestStatus.DRAFT, moved_at__lte=at - timedelta(days=settings.DRAFT_DAYS)
    )
    gone = 0
    for run in old.select_related("client").order_by("pk"):
        with transaction.atomic():
            try:
                _gone(_held(run))
            except UnableToTakeIn:  # somebody was faster
                continue
            gone += 1
    return gone


def _held(run: ManifestRun) -> ManifestRun:
    """The draft, held behind its client. Raises UnableToTakeIn when it is none any more."""
    manifests.one_at_a_time(run.client)
    rows = ManifestRun.objects.select_for_update(no_key=True, of=("self",)).select_related("client", "hub", "artifact")
    held = rows.filter(pk=run.pk, status=ManifestStatus.DRAFT).first()
    if held is None:
        raise UnableToTakeIn(Reason("begun", _("It is under way, or done, already.")))
    return held


def _gone(held: ManifestRun) -> None:
    held.delete()
    if held.artifact is not None:
        artifacts.discard(held.artifact)
