"""What people call books and what stands in them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from revlog.common import words

words.add(
    {
        "reporting.accounts": _("chart of accounts"),
        "book.ours": _("ours"),
        "book.client": _("our clients'"),
        "book.seller": _("the sellers'"),
    }
)
