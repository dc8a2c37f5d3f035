"""What the engine proposes for a unit as plain data: for ``decide --json`` and the API. No database, no clock."""

from __future__ import annotations

from typing import Any

from revlog.devices.models import Device
from triage import cases, pricetelling, ranking
from triage.ranking import Path, Worth


def answer(device: Device, found: Worth, rubric: str | None) -> dict[str, Any]:
    """Money as text, paths in the order in which they are offered."""
    beside = ranking.plain_beside(found)
    priced = pricetelling.plain(cases.plain(found.case) | {"price_from": found.price_from}, currency=found.currency)
    return {
        "tag": device.tag,
        "data": device.data,
        "chosen": found.chosen.code if found.chosen else None,
        "because": beside["because"],
        "ranked": [_path(path) for path in found.paths],
        "price": priced,
        "repairs": beside["steps"],
        "supervised": beside["exceptions"],
        "versions": {
            "economics": found.figures.version,
            "rubric": rubric,
            "price": found.price_from,
            "price_model": priced["model"],
            "instructions": found.case.contract.version or None,
        },
    }


def _path(path: Path) -> dict[str, Any]:
    told = ranking.plain_path(path)
    return {
        "path": path.code,
        "recovery": told.pop("net"),
        "currency": told.pop("currency"),
        "blocked_by": [reason.code for reason in path.against],
        "lines": [
            {"code": line.what, "amount": str(line.amount), "how": line.how, "note": line.note}
            for line in path.result.lines
        ],
        **{
            name: told[name]
            for name in ("channel", "target", "days", "low", "high", "minutes", "parts", "aside", "others")
        },
        "reasons": [reason.sentence for reason in path.against],
        "weighed": path.weighed,
    }
