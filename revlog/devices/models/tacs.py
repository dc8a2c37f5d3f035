"""Which maker's model a type allocation code (the first eight digits of an IMEI) was given to, as an operator brought it in."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from typing_extensions import override


class Tac(models.Model):
    """One code. Lists of them thin out after 2017 and are wrong now and then: a code that is missing says nothing."""

    code = models.CharField(max_length=8, primary_key=True)
    manufacturer = models.CharField(max_length=120)
    model = models.CharField(max_length=200, blank=True)
    source = models.CharField(max_length=120)
    loaded_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["code"]

    @override
    def __str__(self) -> str:
        return f"{self.code} {self.manufacturer} {self.model}"
