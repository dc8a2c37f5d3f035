"""What the pages send that is no plain field."""

from __future__ import annotations

from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict

MOST_FILES = 100
MOST_STEPS = 3
"""So many next steps, and of so many units, stand beside a report that was read."""
READ_AT_ONCE = 40
"""More files than that are kept at once and read by the worker, so that the answer comes soon."""


def files_of(files: MultiValueDict[str, UploadedFile[bytes]]) -> list[UploadedFile[bytes]]:
    return list(files.getlist("files"))
