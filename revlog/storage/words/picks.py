"""What people call the states and reasons of picks."""

from __future__ import annotations

from revlog.common import words
from revlog.storage.models.picks import PickListState, PickState, PickTarget, ShortReason

words.add({f"pick_list.{one.value}": one.label for one in PickListState})
words.add({f"pick.{one.value}": one.label for one in PickState})
words.add({f"pick_target.{one.value}": one.label for one in PickTarget})
words.add({f"short.{one.value}": one.label for one in ShortReason})
