"""What people call containers, their states, and packaging."""

from __future__ import annotations

from revlog.common import words
from revlog.storage.models import ContainerKind, ContainerState

words.add({f"container.{one.value}": one.label for one in ContainerKind})
words.add({f"container_state.{one.value}": one.label for one in ContainerState})
