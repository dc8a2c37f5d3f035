"""What people call kinds of packaging and what moves it."""

from __future__ import annotations

from revlog.common import words
from revlog.storage.models import PackagingKind, PackagingMoveKind

words.add({f"packaging.{one.value}": one.label for one in PackagingKind})
words.add({f"packaging_move.{one.value}": one.label for one in PackagingMoveKind})
