"""One thing's chain with its proof, as the bytes that ``export_ledger`` writes and certificates carry: the same bytes at any time."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.utils.translation import gettext as _

from revlog.common.errors import BadInput, NotFound
from revlog.custody import merkle
from revlog.custody.exports import Citation, Inclusion, build_export
from revlog.custody.models import Chain, Entry, LogPlace
from revlog.custody.services import checkpoints


def export(chain_id: uuid.UUID, *, at: datetime, until: int | None = None) -> bytes:
    """The export of a chain up to entry ``until`` (its head when None), under the first checkpoint that covers that entry.

    Raises NotFound for a thing without a chain, BadInput for a sequence that it doesn't have.
    """
    chain = Chain.objects.filter(pk=chain_id).first()
    if chain is None:
        raise NotFound(_("There is no such chain."))
    last = chain.head_sequence if until is None else until
    if not 1 <= last <= chain.head_sequence:
        raise BadInput(_("The chain has the entries 1 to %(last)s.") % {"last": chain.head_sequence})
    entries = list(Entry.objects.filter(chain_id=chain_id, sequence__lte=last).order_by("sequence"))
    head = entries[-1]
    checkpoint = checkpoints.covering(head, at=at)
    position = LogPlace.objects.get(entry=head).position
    proof = merkle.inclusion_proof_at(position - 1, size=checkpoint.size, lookup=checkpoints.lookup)
    first = entries[0].payload
    parents = [
        Citation(
            chain=str(entry.payload["parent_chain"]),
            sequence=int(entry.payload["parent_sequence"]),
            digest=str(entry.payload["parent_digest"]),
        )
        for entry in entries
        if {"parent_chain", "parent_sequence", "parent_digest"} <= set(entry.payload)
    ]
    return build_export(
        chain=chain.name,
        subject={"tag": str(first["tag"])} if "tag" in first else {},
        entries=entries,
        checkpoint=checkpoints.as_signed(checkpoint),
        inclusion=Inclusion(sequence=head.sequence, position=position, proof=proof),
        public_keys={k: v for k, v in checkpoints.public_keys().items() if k == checkpoint.key_id},
        parents=parents,
    )
