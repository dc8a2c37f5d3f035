"""Any carrier: the customer takes the parcel to whom they like, and our own number on the label is what the dock scans."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from revlog.common import ids
from revlog.logistics.carriers import Booking, Scan, Wanted

AT_ONCE = True
PREFIX = "RP"


def book(
    *, key: str, direction: str, account: Mapping[str, object], wanted: Wanted | None = None, at: datetime
) -> Booking:
    """Our own number; nothing outside is asked, so there is nothing that could happen twice."""
    return Booking(ids.code(PREFIX, (4, 4, 4)), service=str(account.get("service", "")))


def find(*, key: str, account: Mapping[str, object], label_free: bool = False) -> Booking | None:
    return None


def cancel(*, reference: str, account: Mapping[str, object]) -> bool:
    """Nobody was told of it, so nobody has to be told."""
    return True


def track(*, tracking: str, account: Mapping[str, object]) -> Sequence[Scan]:
    """Nobody says anything of it until it stands on the dock."""
    return ()
