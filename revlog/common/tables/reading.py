"""Which kind of file it is, and what is refused before anything of it is unpacked."""

from __future__ import annotations

from django.utils.translation import gettext as _

from revlog.common.errors import Reason
from revlog.common.tables import delimited, workbook
from revlog.common.tables.shapes import Sheet, UnreadableTable

MOST_BYTES = 25 * 1024 * 1024
MOST_ROWS = 100_000


def read(data: bytes, *, most_rows: int = MOST_ROWS) -> list[Sheet]:
    """The sheets of a CSV or XLSX file, each with its rows. Raises UnreadableTable, with a sentence for whoever sent it."""
    if len(data) > MOST_BYTES:
        raise UnreadableTable(
            Reason("too_large", _("A file has at most %s MB; split it.") % (MOST_BYTES // (1024 * 1024)), "file")
        )
    if not data.strip():
        raise UnreadableTable(Reason("empty", _("The file is empty."), "file"))
    if data.startswith(b"PK\x03\x04"):
        return workbook.read(data, most_rows=most_rows)
    if (refused := _foreign(data)) is not None:
        raise UnreadableTable(refused)
    return [delimited.read(data, most_rows=most_rows)]


def _foreign(data: bytes) -> Reason | None:
    """Files that are no table of ours, named for what they are."""
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        told = _(
            "This is an old Excel file (.xls), or one with a password. Save it as .xlsx without a password, or as CSV."
        )
        return Reason("old_excel", told, "file")
    if data.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"PK")):
        return Reason("no_table", _("This is no table. Send the list as CSV or XLSX."), "file")
    head = data[:200].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if head.startswith((b"<!doctype", b"<html", b"<?xml", b"{\\rtf")):
        return Reason("no_table", _("This is no table. Send the list as CSV or XLSX."), "file")
    return None
