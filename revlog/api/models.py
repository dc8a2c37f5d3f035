"""What was answered to requests that carried an ``Idempotency-Key``."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from typing_extensions import override


class IdempotentRequest(models.Model):
    """A request that had its effect, and the answer it got: the same key asks again and is told the same.

    The row is written in the transaction of the effect, so that there is never one without the other; a request that was refused leaves
    none and may be tried again. Two at once meet at ``one_request_a_key``: the later waits for the earlier and is told its answer.
    Kept for 24 hours.
    """

    actor = models.CharField(max_length=80)
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64)
    """SHA-256 of method, address and what was sent: the same key with another content is a mistake, and said to be one."""
    status = models.SmallIntegerField(default=0)
    headers = models.JSONField(default=dict)
    response = models.TextField(default="", blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["actor", "key"], name="one_request_a_key"),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["created_at"], name="requests_by_age")]

    @override
    def __str__(self) -> str:
        return f"{self.actor} {self.key}"
