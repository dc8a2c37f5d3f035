"""The tags and filters that pages are built from; `docs/frontend.md` shows each in use.

Numbers, money and times are written here and nowhere else, so that they look the same on every page and in every
language.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal, format_percent
from django import forms, template
from django.contrib.staticfiles import finders
from django.template.context import Context
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, ngettext

from revlog.common import clock, looks, measures, words
from revlog.common.money import MINOR_UNITS

register = template.Library()

NOTHING = "—"
_NUMBERS = re.compile(r"\b[A-Z]{2,4}(?:-[0-9A-Z]{2,8})+\b")
_BREAKS = re.compile(r"([/@_])(?=\w)")
ROOT = Path(__file__).resolve().parents[3]


# --- icons and states -------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def icon_names() -> frozenset[str]:
    """The icons in the sprite, as `assets.toml` lists them."""
    return frozenset(tomllib.loads((ROOT / "assets.toml").read_text())["icons"]["outline"])


@register.simple_tag
def icon(name: str, label: str = "", *, css: str = "") -> SafeString:
    """An icon of the sprite. Without ``label`` it is decoration, hidden from screen readers.

    A name that is not in `assets.toml` is refused: it would show as an empty square.
    """
    if name not in icon_names():
        raise template.TemplateSyntaxError(f"assets.toml lists no icon {name!r}.")
    address = static("vendor/icons/sprite.svg")
    hidden = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html('<svg class="icon {}" {}><use href="{}#{}"/></svg>', css, hidden, address, name)


@register.simple_tag(takes_context=True)
def state_badge(context: Context, state: str, audience: str = "", *, held: bool = False) -> SafeString:
    """The state as word, icon and colour, in the words of ``audience`` (default: the page's own)."""
    look = looks.badge(state, audience or context.get("audience") or looks.Audience.OFFICE, held=held)
    return look_badge(look.look, str(look.word))


@register.simple_tag
def look_badge(look: str, word: str = "", audience: str = looks.Audience.OFFICE) -> SafeString:
    """A badge with one of the eight looks and a word of one's own (default: the look's word)."""
    appearance = looks.LOOKS[looks.Look(look)]
    return format_html(
        '<span class="look look-{}">{}<span>{}</span></span>',
        appearance.look.value,
        icon(appearance.icon),
        word or appearance.words.to(audience),
    )


@register.simple_tag
def look_legend(audience: str = looks.Audience.OFFICE) -> list[looks.Badge]:
    """The rows of `components/legend.html`."""
    return looks.legend(audience)


@register.filter
def kind_icon(kind: str | None) -> str:
    """The icon name for a kind of product: ``{% icon unit.kind|kind_icon %}``."""
    return looks.kind_icon(kind or "")


# --- numbers, money, time ---------------------------------------------------------------------------------------------


def _locale() -> Locale:
    try:
        return Locale.parse((get_language() or "en").replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Locale("en")


def _decimal(value: object) -> Decimal | None:
    if value is None or value == "":
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


@register.filter
def word(code: object, audience: str = "staff") -> str:
    """What people call a code (``revlog/common/words.py``): ``{{ unit.data|word }}`` of ``data.UNKNOWN``."""
    return words.word(str(code), words.Audience(audience))


@register.filter
def number(value: object, places: int = 0) -> str:
    """A number with thousands separators, rounded to ``places``; a dash for none."""
    amount = _decimal(value)
    if amount is None:
        return NOTHING
    pattern = "#,##0" + ("." + "0" * places if places else "")
    return str(format_decimal(amount, format=pattern, locale=_locale()))


@register.filter
def figure(value: object) -> str:
    """A number with as many decimals as it has, two at most: 12, 2.4, 1,204.25."""
    amount = _decimal(value)
    return NOTHING if amount is None else str(format_decimal(amount, format="#,##0.##", locale=_locale()))


@register.filter
def money(value: object, currency: str = "") -> str:
    """An amount with its currency: ``{{ sum|money:"EUR" }}``, or ``{{ price|money }}`` for a Money."""
    currency = currency or getattr(value, "currency", "")
    amount = _decimal(getattr(value, "amount", value))
    if amount is None:
        return NOTHING
    places = MINOR_UNITS.get(currency, 2)
    return f"{number(amount, places)}\u00a0{currency}".rstrip("\u00a0")


@register.filter
def percent(value: object, places: int = 0) -> str:
    """A share of one as a percentage: 0.31 is 31 %. Say how many it is of; `share` does both."""
    amount = _decimal(value)
    if amount is None:
        return NOTHING
    pattern = "#,##0" + ("." + "0" * places if places else "") + "\u00a0%"
    return str(format_percent(amount, format=pattern, locale=_locale()))


@register.simple_tag
def share(part: int, whole: int) -> SafeString:
    """A share with its n: *31 % of 120*; of nothing, a dash."""
    if not whole:
        return format_html('<span class="share">{}</span>', NOTHING)
    return format_html(
        '<span class="share">{} <small>{}</small></span>',
        percent(Decimal(part) / Decimal(whole)),
        gettext("of %(count)s") % {"count": number(whole)},
    )


@register.filter
def kilos(grams: int | None) -> str:
    """Grams as kilograms: 1234567 is 1,234.6 kg; below one kilogram as grams."""
    if grams is None:
        return NOTHING
    return f"{number(grams)}\u00a0g" if abs(grams) < 1000 else f"{number(Decimal(grams) / 1000, 1)}\u00a0kg"


@register.filter
def breakable(text: object) -> SafeString:
    """A long mark, address or list of codes that may go on in the next line after a slash, an at sign or an underscore, nowhere else."""
    return mark_safe(_BREAKS.sub(r"\1<wbr>", escape(str(text))))  # noqa: S308 - escaped


@register.filter
def unbroken(text: object) -> SafeString:
    """A sentence whose numbers, RP-AJ4D-23X4-C6P2, each stand in one line."""
    return mark_safe(_NUMBERS.sub(r'<span class="unbroken">\g<0></span>', escape(str(text))))  # noqa: S308 - escaped


@register.filter
def span(value: timedelta | float | None) -> str:
    """A length of time, given as timedelta or seconds: *2 h 10 min*."""
    if value is None:
        return NOTHING
    return measures.span(value.total_seconds() if isinstance(value, timedelta) else value)


@register.simple_tag
def when(moment: datetime | date | None, style: str = "short") -> SafeString:
    """An instant in the reader's zone, with the exact UTC one on hover. ``style``: short, long, day or time.

    The short one leaves the year out where nobody would take it for another: not of what is over a year ago.
    """
    if moment is None:
        return format_html("<span>{}</span>", NOTHING)
    locale = _locale()
    if style == "short" and _is_long_ago(moment):
        style = "long"
    if not isinstance(moment, datetime):
        shown = format_date(moment, format="d MMM" if style == "short" else "d MMM y", locale=locale)
        return format_html('<time datetime="{}" title="{}">{}</time>', moment.isoformat(), moment.isoformat(), shown)
    aware = moment if timezone.is_aware(moment) else timezone.make_aware(moment)
    local = timezone.localtime(aware)
    patterns = {"short": "d MMM, HH:mm", "long": "d MMM y, HH:mm", "day": "d MMM y", "time": "HH:mm"}
    shown = format_datetime(local.replace(tzinfo=None), format=patterns[style], locale=locale)
    exact = aware.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    return format_html('<time datetime="{}" title="{}">{}</time>', aware.isoformat(), exact, shown)


def _is_long_ago(moment: datetime | date) -> bool:
    day = moment.date() if isinstance(moment, datetime) else moment
    return (clock.now().date() - day).days > 365


@register.filter
def grouped(serial: str | None) -> SafeString:
    """A long serial or digest that may wrap every four characters, and is still copied whole."""
    text = serial or NOTHING
    groups = [text[i : i + 4] for i in range(0, len(text), 4)]
    return format_html_join(mark_safe("<wbr>"), "{}", ((group,) for group in groups))


# --- charts -----------------------------------------------------------------------------------------------------------


@register.simple_tag
def sparkline(values: Sequence[float | None], label: str = "") -> SafeString:
    """A line of up to some sixty values as plain SVG (no script); gaps stay gaps, and zero is the base."""
    known = [float(value) for value in values if value is not None]
    if len(known) < 2:
        return mark_safe('<svg class="sparkline" aria-hidden="true"></svg>')
    low, high = min(0.0, *known), max(known)
    height = (high - low) or 1.0
    step = 100 / (len(values) - 1)
    points = [
        None if value is None else (round(i * step, 2), round(26 - 24 * (float(value) - low) / height, 2))
        for i, value in enumerate(values)
    ]
    path = ""
    for before, point in pairwise([None, *points]):
        if point is not None:
            path += f"{'L' if before is not None else 'M'}{point[0]} {point[1]}"
    last = next(point for point in reversed(points) if point is not None)
    return format_html(
        '<svg class="sparkline" viewBox="-2 0 104 28" preserveAspectRatio="none" role="img" aria-label="{}">'
        '<path d="{}" fill="none" stroke="currentColor" stroke-width="1.5" vector-effect="non-scaling-stroke"/>'
        '<path d="M{} {}v0" fill="none" stroke="currentColor" stroke-width="5" stroke-linecap="round" '
        'vector-effect="non-scaling-stroke"/></svg>',
        label or gettext("from %(first)s to %(last)s") % {"first": number(known[0]), "last": number(known[-1])},
        path,
        *last,
    )


@register.filter
def chart_table(data: Mapping[str, Any]) -> dict[str, Any]:
    """The numbers of a chart as ``{"columns": [...], "rows": [[...], ...]}``: the same truth without the picture."""
    match data["kind"]:
        case "flow":
            names = {node["id"]: node["name"] for node in data["nodes"]}
            return {
                "columns": [gettext("From"), gettext("To"), data.get("unit", "")],
                "rows": [[names[link["source"]], names[link["target"]], link["value"]] for link in data["links"]],
            }
        case "heat":
            cells = {(cell["x"], cell["y"]): cell["value"] for cell in data["cells"]}
            return {
                "columns": ["", *data["x"]],
                "rows": [
                    [name, *(cells.get((x, y)) for x in range(len(data["x"])))] for y, name in enumerate(data["y"])
                ],
            }
        case _:
            series = data["series"]
            return {
                "columns": ["", *(one["name"] for one in series)],
                "rows": [[name, *(one["values"][i] for one in series)] for i, name in enumerate(data["categories"])],
            }


@register.filter
def is_number(value: object) -> bool:
    """Whether a cell is to be set right-aligned with separators."""
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


# --- forms ------------------------------------------------------------------------------------------------------------

_CONTROL_CLASSES: tuple[tuple[type[forms.Widget], str], ...] = (
    (forms.CheckboxInput, "form-check-input"),
    (forms.CheckboxSelectMultiple, "choices"),
    (forms.RadioSelect, "choices"),
    (forms.Select, "form-select"),
    (forms.FileInput, "form-control"),
)


@register.inclusion_tag("components/field.html")
def field(bound: forms.BoundField, label: str = "", help: str = "") -> dict[str, Any]:
    """A form field whole: label, control, help, errors, tied together for screen readers."""
    widget = bound.field.widget
    css = next((css for kind, css in _CONTROL_CLASSES if isinstance(widget, kind)), "form-control")
    own = widget.attrs.get("class", "")
    if bound.errors:
        css += " is-invalid"
    described = [f"{bound.auto_id}_error"] if bound.errors and bound.auto_id else []
    if (help or bound.help_text) and bound.auto_id:
        described.append(f"{bound.auto_id}_helptext")
    attributes: dict[str, Any] = {"class": f"{css} {own}".strip()}
    if described:
        attributes["aria-describedby"] = " ".join(described)
    choices = isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple)
    return {
        "field": bound,
        "label": label or bound.label,
        "help": help or bound.help_text,
        "control": bound.as_widget(attrs=attributes),
        "tick": isinstance(widget, forms.CheckboxInput),
        "choices": choices,
        "hidden": bound.is_hidden,
    }


# --- words and files --------------------------------------------------------------------------------------------------


@register.filter
def units(count: int) -> str:
    """*1 unit*, *3,912 units*."""
    return ngettext("%(count)s unit", "%(count)s units", count) % {"count": number(count)}


@register.simple_tag
def inline_css(path: str) -> SafeString:
    """The text of one of our stylesheets, for documents that are made without a web server (PDF)."""
    found = finders.find(path)
    if not isinstance(found, str):
        raise template.TemplateSyntaxError(f"There is no static file {path!r}.")
    return mark_safe(Path(found).read_text(encoding="utf-8"))  # noqa: S308 - a file of this repository
