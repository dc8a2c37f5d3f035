"""Any carrier: the customer takes the parcel to whom they like, and our own number on the label is what the dock scans."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from revlog.common import ids
from revlog.logistics.carriers import Booking

PREFIX = "RP"


def book(*, key: str, direction: str, account: Mapping[str, object], at: datetime) -> Booking:
    """Our own number; nothing outside is asked, so there is nothing that could happen twice."""
    return Booking(ids.code(PREFIX, (4, 4, 4)), service=str(account.get("service", "")))
