"""What people call the lists that return rules read, and what can be on one."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from returns.models.lists import ListedKind
from revlog.common import words

words.add({f"listed.{one.value}": one.label for one in ListedKind})
words.add({"list.blocked": _("blocked"), "list.review": _("a person looks first")})
