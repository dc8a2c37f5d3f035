"""What makers promise for their things: rules by maker and class, published like any others."""

from __future__ import annotations

from django.utils.translation import gettext_noop

from revlog.common.errors import Reason
from revlog.terms import ruling

KIND = "terms.maker_warranty"
_SHIPPED: ruling.Body = {
    "mode": "first",
    "rules": [
        {
            "id": "business_computers",
            "when": {
                "all": [
                    {"fact": "maker", "op": "in", "value": ["lenovo", "dell", "dell inc.", "hp", "fujitsu"]},
                    {"fact": "device_class", "op": "in", "value": ["laptop", "desktop", "server"]},
                ]
            },
            "then": {"months": 36, "transferable": True},
            "why": gettext_noop("Makers of business computers give three years."),
        },
        {
            "id": "a_year",
            "when": {
                "fact": "device_class",
                "op": "in",
                "value": ["laptop", "desktop", "server", "phone", "tablet", "monitor"],
            },
            "then": {"months": 12, "transferable": True},
            "why": gettext_noop("Most makers give a year."),
        },
        {"id": "nothing_known", "then": {"months": 0}, "why": gettext_noop("Nothing is known of this maker.")},
    ],
}


def _check(body: ruling.Body) -> list[Reason]:
    found = []
    for place, rule in enumerate(body.get("rules", [])):
        months = ruling.number(rule.get("then", {}).get("months"))
        if months is None or not 0 <= months <= 240 or months != int(months):
            found.append(
                Reason("months", "Each rule says for how many months, 0 to 240.", f"body.rules[{place}].then.months")
            )
    return found


ruling.register(ruling.Kind(KIND, _SHIPPED, _check, told=True))
