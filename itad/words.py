"""What people call levels, techniques, states of a wipe, and what went wrong."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from itad.policies import POLICIES
from revlog.common import words
from revlog.common.words import Audience

S, A = Audience.STAFF, Audience.AUDITOR

words.add(
    {
        # The names of the levels are terms of art; auditors look for these very words.
        "clear": "Clear",
        "purge": "Purge",
        "destroy": "Destroy",
        "overwrite": _("overwriting"),
        "factory_reset": _("factory reset"),
        "degauss": _("degaussing"),
        "shred": _("shredding"),
        "disintegrate": _("disintegration"),
        "pulverize": _("pulverizing"),
        "incinerate": _("incineration"),
        "melt": _("melting"),
        "job.required": {S: _("to wipe"), A: _("sanitization required")},
        "job.begun": _("begun"),
        "job.recorded": _("to verify"),
        "job.verified": _("verified"),
        "job.failed": _("failed"),
        "job.escalated": _("failed, escalated"),
        "job.withdrawn": _("not needed any more"),
        "repair_to_erase": _("repair to erase"),
        "remove_medium": _("remove the medium"),
        "harvest_under_control": _("harvest under control"),
        "manifest.draft": _("columns to check"),
        "manifest.running": _("running"),
        "manifest.stopped": _("stopped"),
        "manifest.done": _("done"),
        "manifest_row.created": _("new"),
        "manifest_row.matched": _("known already"),
        "manifest_row.refused": _("refused"),
        "set_aside": _("Log proves nothing"),
        "wipe_failed": _("Wipe failed"),
        "wipe_unverified": _("Wipe not verified"),
        "destruction_unwitnessed": _("Destruction not witnessed"),
        "exception_waiting": _("Supervised work asked for"),
        "no_authority": _("Nobody allowed it"),
        **{policy.name: policy.label for policy in POLICIES.values()},
    }
)
