"""The floor's registry: who answers a code, in which order, and what one person's hand holds."""

from __future__ import annotations

from revlog.scanning import registry


def test_the_surest_codes_are_asked_first() -> None:
    order = [one.name for one in sorted(registry.KINDS.values(), key=lambda one: one.order)]
    assert order == [
        "weight", "belonging", "place", "container", "badge", "parcel", "rma", "bag", "device", "part", "pick", "count", "hazard",
        "session", "transfer", "order", "document", "hand_over",
    ]  # fmt: skip


def test_each_job_opens_by_a_command_of_the_sheet() -> None:
    assert {one.command for one in registry.JOBS.values()} <= set(registry.COMMANDS)
    assert "receive" in registry.JOBS
