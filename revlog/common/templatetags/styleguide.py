"""Samples for the living style guide: every component with the context that `docs/frontend.md` describes.

Invented things only; the page builders copy the shapes, never the values.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from django import forms, template

from revlog.common import looks

register = template.Library()

NOW = datetime(2025, 11, 4, 14, 5, tzinfo=UTC)


class SampleForm(forms.Form):
    """One field of each kind, two of them wrong."""

    weight = forms.DecimalField(label="Gross weight", help_text="Kilograms, as the scale shows them.")
    maker = forms.CharField(label="Maker", initial="Lenovo")
    reason = forms.ChoiceField(
        label="Why does it come back?",
        choices=[("mind", "Changed my mind"), ("broken", "It doesn't work"), ("wrong", "Not what I ordered")],
        widget=forms.RadioSelect,
    )
    level = forms.ChoiceField(label="Required level", choices=[("clear", "Clear"), ("purge", "Purge")])
    note = forms.CharField(label="Note", required=False, widget=forms.Textarea(attrs={"rows": 2}))
    photo = forms.FileField(label="Photo", required=False)
    sealed = forms.BooleanField(label="The maker's seal is unbroken", required=False)


def _units() -> list[dict[str, Any]]:
    return [
        {
            "name": "ThinkPad T480, 16 GB",
            "tag": "RL-7K3M-9QX",
            "kind": "laptop",
            "state": "TO_SANITIZE",
            "place": "Rotterdam · Data cage · A2",
            "waiting": "a data technician",
            "since": NOW - timedelta(hours=5),
            "url": "#unit",
            "owner": "Bank of the North",
        },
        {
            "name": "Pixel 7a, 128 GB",
            "tag": "RL-2F8D-4TB",
            "kind": "phone",
            "state": "IN_TRIAGE",
            "held": True,
            "place": "Rotterdam · Hold shelf",
            "waiting": "proof of purchase from the customer",
            "since": NOW - timedelta(days=6),
            "late": True,
            "url": "#unit",
        },
        {
            "name": "ProLiant DL380 Gen9, 2 x 8 cores, 128 GB, 8 drives",
            "tag": "RL-9C1V-7HN",
            "kind": "server",
            "state": "TO_SELL",
            "grade": "B",
            "place": "Łódź · C14",
            "url": "#unit",
        },
        {
            "name": "Patient monitor B105",
            "tag": "RL-5R2W-1PZ",
            "kind": "medical",
            "state": "SOLD",
            "grade": "A",
            "url": "#unit",
        },
        {
            "name": "Cables, mixed, 400 pieces",
            "tag": "RL-3T6Y-8LM",
            "kind": "cable",
            "state": "EXPECTED",
            "url": "#unit",
        },
    ]


def _charts() -> list[dict[str, Any]]:
    weeks = [f"W{week}" for week in range(34, 45)]
    return [
        {
            "id": "guide-flow",
            "title": "Where units went",
            "say": "Six in ten returned units are sold again.",
            "height": "tall",
            "data": {
                "kind": "flow",
                "unit": "units",
                "nodes": [
                    {"id": "in", "name": "Received", "look": "here", "url": "#in"},
                    {"id": "triage", "name": "Triage", "look": "here", "url": "#triage"},
                    {"id": "wipe", "name": "Sanitization", "look": "data", "url": "#wipe"},
                    {"id": "bench", "name": "Bench", "look": "work", "url": "#bench"},
                    {"id": "sold", "name": "Sold", "look": "done", "url": "#sold"},
                    {"id": "stock", "name": "Restocked", "look": "ready", "url": "#stock"},
                    {"id": "back", "name": "Returned", "look": "leaving", "url": "#back"},
                    {"id": "recycled", "name": "Recycled", "look": "coming", "url": "#recycled"},
                ],
                "links": [
                    {"source": "in", "target": "triage", "value": 612},
                    {"source": "triage", "target": "wipe", "value": 402},
                    {"source": "triage", "target": "stock", "value": 118},
                    {"source": "triage", "target": "back", "value": 41},
                    {"source": "triage", "target": "recycled", "value": 51},
                    {"source": "wipe", "target": "bench", "value": 205},
                    {"source": "wipe", "target": "sold", "value": 152},
                    {"source": "wipe", "target": "recycled", "value": 45},
                    {"source": "bench", "target": "sold", "value": 190},
                    {"source": "bench", "target": "recycled", "value": 15},
                ],
            },
        },
        {
            "id": "guide-columns",
            "title": "Ended visits by week",
            "say": "Throughput has doubled since week 34.",
            "data": {
                "kind": "columns",
                "unit": "units",
                "stacked": True,
                "categories": weeks,
                "series": [
                    {"name": "Sold", "look": "done", "values": [18, 22, 21, 25, 31, 28, 33, 36, 35, 41, 44]},
                    {"name": "Restocked", "look": "ready", "values": [8, 6, 9, 12, 10, 11, 9, 12, 14, 12, 15]},
                    {"name": "Written off", "look": "held", "values": [1, 2, 0, 1, 3, 1, 0, 2, 1, 1, 0]},
                ],
            },
        },
        {
            "id": "guide-lines",
            "title": "Days from dock to sale",
            "say": "The median fell below the goal of 4 days in week 42.",
            "data": {
                "kind": "lines",
                "unit": "days",
                "target": 4,
                "target_label": "goal 4 days",
                "categories": weeks,
                "series": [
                    {"name": "median", "values": [9.1, 8.4, 8.6, 7.2, 6.8, 5.9, 5.5, 4.7, 3.9, 3.8, 3.6]},
                    {"name": "slowest tenth", "values": [15, 14.2, 14.8, 13, 12.1, 12.4, 10.8, 9.7, 9.9, 8.6, 8.1]},
                ],
            },
        },
        {
            "id": "guide-heat",
            "title": "Dwell by stage and whose clock runs",
            "say": "Clients' answers hold up sanitization longest.",
            "height": "low",
            "data": {
                "kind": "heat",
                "unit": "h",
                "x": ["Ours", "Client", "Vendor", "Carrier"],
                "y": ["Dock", "Triage", "Sanitization", "Bench"],
                "cells": [
                    {"x": 0, "y": 0, "value": 3.1},
                    {"x": 3, "y": 0, "value": 22},
                    {"x": 0, "y": 1, "value": 9},
                    {"x": 1, "y": 1, "value": 14},
                    {"x": 0, "y": 2, "value": 12},
                    {"x": 1, "y": 2, "value": 41},
                    {"x": 0, "y": 3, "value": 27},
                    {"x": 2, "y": 3, "value": 33},
                ],
            },
        },
        {
            "id": "guide-bars",
            "title": "Why goods come back",
            "say": "Changed minds lead; half of them are sealed boxes.",
            "height": "low",
            "data": {
                "kind": "bars",
                "unit": "units",
                "categories": ["Changed my mind", "Doesn't work", "Wrong item", "Damaged in transit"],
                "series": [{"name": "Returns", "values": [214, 131, 58, 22]}],
            },
        },
    ]


@register.simple_tag
def samples() -> dict[str, Any]:
    """Everything the style guide shows, by the name of the component."""
    units = _units()
    form = SampleForm({"weight": "", "maker": "Lenovo", "level": "purge"})
    return {
        "now": NOW,
        "today": date(2025, 11, 4),
        "states": list(looks.STATES),
        "swatches": ["accent", "bg", "surface", "sunken", "ink", "muted", "rail", "accepted", "attention", "refused"]
        + [f"ramp-{step}" for step in range(1, 6)],
        "reasons": ["RL-7K3M-9QX at Rotterdam", "RL-2F8D-4TB at Łódź"],
        "units": units,
        "unit": units[0],
        "header": units[0] | {"grade": "B"},
        "form": form,
        "figures": [
            {
                "label": "Units in our care",
                "value": "9,412",
                "url": "#",
                "change": "312 more than last week",
                "direction": "up",
                "trend": [8200, 8450, 8700, 8600, 8900, 9100, 9412],
                "n": 9412,
            },
            {
                "label": "Dock to sale, median",
                "value": "3 d 14 h",
                "url": "#",
                "change": "9 h shorter",
                "direction": "down",
                "better": True,
                "target": "4 d",
                "trend": [9, 8, 8, 7, 6, 5, 4.7, 3.9, 3.6],
                "n": 611,
            },
            {
                "label": "Wiped at first try",
                "value": "94.2",
                "unit": "%",
                "url": "#",
                "change": "1.1 points lower",
                "direction": "down",
                "better": False,
                "target": "95 %",
                "trend": [96, 95, 97, 95, 95.3, 94.2],
                "n": 402,
            },
            {
                "label": "Recovered per unit",
                "value": "128.40",
                "unit": "EUR",
                "url": "#",
                "trend": [99, 104, 120, 118, 128.4],
                "n": 190,
            },
            {
                "label": "Waiting past due",
                "value": "37",
                "url": "#",
                "change": "4 fewer",
                "direction": "down",
                "better": True,
                "n": 37,
            },
            {"label": "Recycled", "value": "1,204.6", "unit": "kg", "url": "#", "note": "provisional weights", "n": 51},
        ],
        "story": [
            {
                "what": "Announced by Bank of the North on job J-2041.",
                "at": NOW - timedelta(days=4),
                "by": "client portal",
                "look": "coming",
                "icon": "arrow-bar-to-right",
            },
            {
                "what": "Received at Rotterdam, dock 2.",
                "detail": "Serial matches the manifest; no damage seen.",
                "at": NOW - timedelta(days=2, hours=3),
                "by": "Ana Sousa",
                "look": "here",
                "icon": "box",
            },
            {
                "what": "Graded B: display good, battery 81 %.",
                "at": NOW - timedelta(days=1),
                "by": "rubric laptop 3",
                "look": "here",
                "icon": "clipboard-check",
                "url": "#",
            },
            {
                "what": "The wipe of drive 1 failed at 62 %.",
                "detail": "Goes to destruction: the drive can't be purged.",
                "at": NOW - timedelta(hours=5),
                "by": "Tomas Berg",
                "look": "held",
                "icon": "alert-triangle",
            },
            {"what": "Shred the drive, then the bench.", "detail": "by Thursday", "ahead": True},
        ],
        "journey": [
            {"label": "Announced", "status": "done", "note": "31 Oct"},
            {"label": "Received", "status": "done", "note": "2 h"},
            {"label": "Triage", "status": "done", "note": "1 d"},
            {"label": "Sanitize", "status": "now", "note": "5 h", "icon": "lock"},
            {"label": "Refurbish", "status": "ahead", "icon": "tool"},
            {"label": "Regrade", "status": "ahead", "icon": "clipboard-check"},
            {"label": "Sell", "status": "ahead", "icon": "tag"},
        ],
        "journey_failed": [
            {"label": "Received", "status": "done"},
            {"label": "Sanitize", "status": "failed", "note": "can't be driven"},
            {"label": "Harvest under control", "status": "now", "icon": "tool"},
            {"label": "Destroy", "status": "ahead", "icon": "lock"},
            {"label": "Recycle", "status": "ahead", "icon": "truck"},
        ],
        "tabs": [
            {"label": "All", "url": "?view=all", "active": True, "count": 4000},
            {"label": "Due today", "url": "?view=due", "count": 38},
            {"label": "With faults", "url": "?view=faults", "count": 212},
            {"label": "Mine", "url": "?view=mine"},
        ],
        "chips": [
            {"label": "Site", "value": "Rotterdam", "remove_url": "?"},
            {"label": "Owner", "value": "Bank of the North", "remove_url": "?"},
        ],
        "filters": [
            {
                "label": "Grade",
                "options": [
                    {"label": "A", "url": "?grade=A", "count": 120},
                    {"label": "B", "url": "?grade=B", "count": 402},
                ],
            }
        ],
        "page": {"shown": 50, "total": 4000, "exact": False, "previous_url": "?before=x", "next_url": "?after=y"},
        "bulk": {
            "total": 4000,
            "filter": "site=rtm",
            "actions": [
                {"label": "Move to sanitization", "value": "sanitize", "primary": True},
                {"label": "Put on hold", "value": "hold"},
            ],
        },
        "preview": {
            "title": "Move to sanitization",
            "will": 3912,
            "wont": 88,
            "will_words": "units go to sanitization",
            "reasons": [
                {"count": 61, "text": "They are on hold for their owner's answer.", "url": "#"},
                {"count": 27, "text": "They are already sanitized."},
            ],
            "confirm": "Move 3,912 units",
            "confirm_url": "#",
            "back_url": "#",
        },
        "charts": _charts(),
        "job": {
            "title": "Grading 4,000 reports",
            "done": 1210,
            "total": 4000,
            "running": False,
            "says": "about 3 min left",
            "stop_url": "#",
            "resume_url": "#",
        },
        "accepted": {
            "tone": "accepted",
            "title": "Received",
            "text": "Announced by Bank of the North, job J-2041.",
            "goes_to": "TOTE 4 · DATA CAGE",
            "unit": {**units[0], "waiting": "", "place": "Dock 2", "state": "RECEIVED", "note": "data: may be on it"},
            "actions": [
                {"label": "Next unit", "url": "#", "code": "CMD-NEXT", "icon": "arrow-right", "primary": True},
                {"label": "Damaged", "url": "#", "code": "CMD-DAMAGED", "icon": "alert-triangle"},
                {"label": "Hold", "url": "#", "code": "CMD-HOLD", "icon": "hand-stop", "danger": True},
            ],
            "undo": {"url": "#", "seconds": 30},
        },
        "attention": {
            "tone": "attention",
            "title": "Not announced",
            "text": "No RMA and no job names this parcel.",
            "todo": "Put it in the blue tote and print a tag.",
            "actions": [{"label": "Print a tag", "url": "#", "code": "CMD-TAG", "icon": "tag", "primary": True}],
        },
        "refused": {
            "tone": "refused",
            "title": "Wrong serial",
            "text": "PF-1A2B3C is not the laptop of RMA R-30417.",
            "todo": "Put it on the hold shelf.",
            "call": "your lead, Noor, 4711",
        },
        "recent": [
            {"text": "RL-7K3M-9P received", "tone": "accepted", "url": "#"},
            {"text": "RL-7K3M-9N wrong serial → hold shelf", "tone": "refused"},
            {"text": "RL-7K3M-9M not announced", "tone": "attention"},
            {"text": "RL-7K3M-9K received", "tone": "accepted"},
        ],
        "stops": [
            {"label": "Which", "status": "done"},
            {"label": "Why", "status": "now"},
            {"label": "How", "status": "ahead"},
        ],
        "lines": [
            {
                "value": "1",
                "name": "Pixel 7a, 128 GB",
                "kind": "phone",
                "bought": date(2025, 10, 29),
                "price": "449.00 EUR",
                "until": "Return until 28 Nov",
                "checked": True,
            },
            {
                "value": "2",
                "name": "USB-C charger, 45 W",
                "kind": "cable",
                "bought": date(2025, 10, 29),
                "price": "39.00 EUR",
                "until": "Return until 28 Nov",
            },
            {
                "value": "3",
                "name": "Gift card 50 EUR",
                "kind": "mixed",
                "bought": date(2025, 10, 29),
                "price": "50.00 EUR",
                "blocked": "Gift cards can't be returned.",
            },
        ],
        "sums": {
            "lines": [
                {"label": "Pixel 7a, 128 GB", "amount": "449.00 EUR"},
                {"label": "Box is missing", "reason": "Policy 4: the box is part of the item", "amount": "−15.00 EUR"},
            ],
            "total_label": "You'll get back",
            "total": "434.00 EUR",
            "note": "To the card you paid with, within 3 days of our check.",
        },
        "nav": [
            {"label": "My work", "icon": "home", "url": "#", "group": "top", "badge": 12},
            {"label": "Exceptions", "icon": "alert-triangle", "url": "#", "group": "top", "badge": 37, "loud": True},
            {"label": "Returns", "icon": "receipt-refund", "url": "#", "group": "stages"},
            {"label": "Dock", "icon": "building-warehouse", "url": "#", "group": "stages", "badge": 48},
            {"label": "Triage", "icon": "stethoscope", "url": "#", "group": "stages", "active": True, "badge": 130},
            {"label": "Sanitization", "icon": "shield-lock", "url": "#", "group": "stages"},
            {"label": "Bench", "icon": "tools", "url": "#", "group": "stages"},
            {"label": "Sales", "icon": "shopping-cart", "url": "#", "group": "stages"},
            {"label": "Recycling", "icon": "recycle", "url": "#", "group": "stages"},
            {"label": "Reports", "icon": "chart-bar", "url": "#", "group": "end"},
            {"label": "Settings", "icon": "settings", "url": "#", "group": "end"},
        ],
        "messages": [{"message": "3,912 units moved.", "tags": "success"}],
    }
