"""All that ITAD can say on the ledger. Each is said on the chain of the unit whose medium it is about."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from revlog.custody.facts import Fact


class SanitizationRequired(
    Fact,
    kind="itad.sanitization_required",
    staff=_("To wipe:[ {model}] {serial}, at least {level!w} ({policy!w})."),
    customer=_("Your data will be removed."),
    client=_("Sanitization required:[ {model}] {serial}, at least {level!w} ({policy!w})."),
    auditor=_("Sanitization required:[ {model}] {serial}, at least {level!w} ({policy!w})."),
):
    medium: str
    level: str
    policy: str
    attempt: int
    model: str | None = None
    serial: str | None = None
    before: str | None = None
    """The attempt that this one follows."""


class SanitizationBegun(
    Fact,
    kind="itad.sanitization_begun",
    staff=_("Wipe begun: {serial}, {technique!w}."),
    client=_("Sanitization begun: {serial}, {technique!w}."),
    auditor=_("Sanitization begun: {serial}, {technique!w}."),
):
    job: str
    medium: str
    level: str
    technique: str
    serial: str | None = None


class ErasureRecorded(
    Fact,
    kind="itad.erasure_recorded",
    staff=_(
        "Wipe of {serial} recorded[: {method}][, {bytes_erased!m} of {bytes_total!m} bytes]; a second person has to verify it."
    ),
    client=_("Erasure of {serial} recorded, to be verified."),
    auditor=_(
        "Sanitization of {serial} recorded[: {method}][, {bytes_erased!m} of {bytes_total!m} bytes], to be verified."
    ),
):
    job: str
    medium: str
    report: str | None = None
    outcome: str
    technique: str
    tool: str
    tool_version: str | None = None
    method: str | None = None
    serial: str | None = None
    bytes_total: int | None = None
    bytes_erased: int | None = None
    verification: str | None = None
    photos: list[str] | None = None


class ErasureFailed(
    Fact,
    kind="itad.erasure_failed",
    staff=_("Wipe of {serial} failed: {reasons!l}"),
    client=_("Sanitization of {serial} failed; it is tried again or destroyed."),
):
    job: str
    medium: str
    outcome: str
    reasons: list[str]
    technique: str | None = None
    report: str | None = None
    serial: str | None = None


class ErasureSetAside(
    Fact,
    kind="itad.erasure_set_aside",
    staff=_("An erasure in a log proves nothing here: {reasons!l}"),
    auditor=_("An erasure in a log was not credited: {reasons!l}"),
):
    report: str
    code: str
    reasons: list[str]
    serial: str | None = None
    device_name: str | None = None


class SanitizationEscalated(
    Fact,
    kind="itad.sanitization_escalated",
    staff=_("{serial} now needs {level!w}: {reason}"),
    client=_("{serial} now needs {level!w}: {reason}"),
):
    medium: str
    before: str
    level_before: str
    level: str
    reason: str
    serial: str | None = None


class SanitizationVerified(
    Fact,
    kind="itad.sanitization_verified",
    staff=_("Wipe of {serial} verified: {level!w} reached by {technique!w}."),
    customer=_("Your data was removed."),
    client=_("Sanitization of {serial} verified: {level!w} reached by {technique!w}."),
    auditor=_("Sanitization of {serial} verified: {level!w} reached by {technique!w}."),
):
    job: str
    medium: str
    level: str
    required: str
    policy: str
    technique: str
    tool: str
    tool_version: str | None = None
    report: str | None = None
    serial: str | None = None
    attempt: int


class DestructionRecorded(
    Fact,
    kind="itad.destruction_recorded",
    staff=_("Destroyed, to be witnessed: {serial}, {technique!w} in {equipment}."),
    client=_("Destruction of {serial} recorded, to be witnessed."),
):
    job: str
    medium: str
    technique: str
    equipment: str
    equipment_serial: str | None = None
    particle_mm: str | None = None
    particle_class: str | None = None
    grams: int | None = None
    serial: str | None = None
    photos: list[str]


class MediumDestroyed(
    Fact,
    kind="itad.medium_destroyed",
    staff=_("Destruction of {serial} witnessed: {technique!w}."),
    customer=_("The storage with your data was destroyed."),
    client=_("Destruction of {serial} witnessed: {technique!w}."),
):
    job: str
    medium: str
    technique: str
    required: str
    policy: str
    equipment: str
    particle_mm: str | None = None
    grams: int | None = None
    serial: str | None = None
    attempt: int


class UnitCleared(
    Fact,
    kind="itad.unit_cleared",
    staff=_("All its media are answered for: {wiped} wiped, {destroyed} destroyed, {removed} taken out."),
    customer=_("All data was removed."),
    client=_("All its media are answered for: {wiped} sanitized, {destroyed} destroyed, {removed} taken out."),
    auditor=_("All its media are answered for: {wiped} sanitized, {destroyed} destroyed, {removed} taken out."),
):
    """What certificates follow from. ``jobs`` are the attempts of this visit that succeeded, which they cite."""

    wiped: int
    destroyed: int
    removed: int
    jobs: list[str]


class DestructionOrdered(
    Fact,
    kind="itad.destruction_ordered",
    staff=_("To be destroyed: {reason}"),
    client=_("To be destroyed: {reason}"),
):
    reason: str
    before: str | None = None
    """The disposition it had."""


class ExceptionRequested(
    Fact,
    kind="itad.exception_requested",
    staff=_("Asked for supervised work: {exception!w}, {reason}."),
    client=_("It can't be wiped as it is; {exception!w} is asked for."),
):
    exception: str
    reason: str
    place: str
    medium: str | None = None


class ExceptionAllowed(
    Fact,
    kind="itad.exception_allowed",
    staff=_("Supervised work allowed: {exception!w}, {reason}."),
    client=_("Supervised work on it was allowed: {exception!w}."),
):
    exception: str
    reason: str
    place: str
    medium: str | None = None


class ExceptionRefused(
    Fact,
    kind="itad.exception_refused",
    staff=_("Supervised work refused: {exception!w}, {reason}."),
    client=_("Supervised work on it was refused."),
):
    exception: str
    reason: str


class Donated(
    Fact,
    kind="itad.donated",
    staff=_("Donated to {to}."),
    customer=_("It was donated."),
    client=_("Donated to {to}."),
):
    to: str
    reference: str | None = None


class Deployed(
    Fact,
    kind="itad.deployed",
    staff=_("Sent out to work at {site}, {reference}."),
    client=_("Deployed to {site}, {reference}."),
):
    site: str
    reference: str


class CustodyReportAsked(
    Fact,
    kind="itad.custody_report_asked",
    staff=_("A chain-of-custody report was asked for."),
    client=_("A chain-of-custody report was asked for."),
):
    language: str


class PolicyChosen(
    Fact,
    kind="itad.policy_chosen",
    staff=_("{owner!o} chose {policy!w}: {reason}."),
    client=_("Chosen: {policy!w}."),
):
    """On the owner's own chain of sanitization policies."""

    owner: str
    policy: str
    reason: str


class ManifestStarted(
    Fact,
    kind="itad.manifest_started",
    staff=_("Manifest of {client!o} begun[, for {reference}]."),
    client=_("The manifest is being taken in[, for {reference}]."),
):
    """On a manifest's own chain, as all of these."""

    client: str
    file: str
    """SHA-256 of the file."""
    columns: list[str]
    """``field=heading``."""
    reference: str | None = None


class ManifestAsked(
    Fact,
    kind="itad.manifest_asked",
    staff=_("The worker was asked to go on behind {rows:row|rows}."),
    client=_("It goes on behind {rows:row|rows}."),
):
    rows: int


class ManifestStopped(
    Fact,
    kind="itad.manifest_stopped",
    staff=_("Stopped behind {rows:row|rows}."),
    client=_("It was stopped behind {rows:row|rows}."),
):
    rows: int


class ManifestTaken(
    Fact,
    kind="itad.manifest_taken",
    staff=_("Manifest taken in: {rows:row|rows}, of these {created} new, {matched} known already, {refused} refused."),
    client=_("Manifest taken in: {rows:row|rows}, of these {created} new, {matched} known already, {refused} refused."),
):
    rows: int
    created: int
    matched: int
    refused: int
    units: int


Erasure = dict[str, Any]
"""An erasure as ``triage.report_matched`` has it."""
