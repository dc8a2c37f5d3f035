"""What returns answers to a scan: receiving."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from returns.floor import answers
from revlog.scanning import registry
from revlog.scanning.answers import Answer
from revlog.scanning.codes import Reading
from revlog.scanning.here import Here
from revlog.scanning.registry import Job


def _opened(here: Here) -> Answer:
    here.keep(parcel=None, rma=None)
    return {
        "tone": "accepted",
        "title": _("Receiving"),
        "text": _("Scan a parcel, a return or a thing."),
    }


def _answer(here: Here, reading: Reading) -> Answer | None:
    return answers.to_scan(here, reading.text)


registry.job(
    Job(
        name="receive",
        label=gettext_lazy("Receiving"),
        about=gettext_lazy("take in parcels and what is in them"),
        icon="package-import",
        permission="returns.receive",
        command="RECEIVE",
        opened=_opened,
        answer=_answer,
        hint=gettext_lazy("parcel, return, serial, IMEI, tag"),
    )
)
