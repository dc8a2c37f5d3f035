"""What people call the states of transfers, ways of travelling, and what can be wrong with what came."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from revlog.common import words

words.add(
    {
        "transfer.planned": _("being put together"),
        "transfer.announced": _("announced back"),
        "transfer.under_way": _("under way"),
        "transfer.late": _("late"),
        "transfer.open": _("to be settled"),
        "transfer.done": _("done"),
        "transfer.cancelled": _("called off"),
        "consignment.announced": _("announced back"),
        "consignment.loading": _("being loaded"),
        "consignment.under_way": _("under way"),
        "consignment.opened": _("being taken in"),
        "consignment.accepted": _("taken in"),
        "leg.came": _("has come"),
        "leg.late": _("late"),
        "leg.on_it": _("under way"),
        "leg.ahead": _("ahead"),
        "mode.road": _("by road"),
        "mode.sea": _("by sea"),
        "mode.air": _("by air"),
        "cargo.announced": _("announced back"),
        "cargo.listed": _("to be loaded"),
        "cargo.loaded": _("loaded"),
        "cargo.under_way": _("under way"),
        "cargo.accepted": _("taken in"),
        "cargo.missing": _("missing"),
        "cargo.left_out": _("left out"),
        "trouble.short": _("didn't come"),
        "trouble.over": _("came without being on the list"),
        "trouble.damaged": _("came damaged"),
        "trouble.seal": _("came with a broken or another seal"),
        "settled.found": _("found later"),
        "settled.lost": _("lost: to be claimed"),
        "settled.elsewhere": _("belongs elsewhere"),
        "settled.kept": _("kept as it is"),
        "settled.stayed": _("stayed where it was"),
        "exception.transfer_late": _("late transfer"),
        "exception.transfer_discrepancy": _("not as it was released"),
    }
)
