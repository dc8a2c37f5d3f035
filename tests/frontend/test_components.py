"""Components without a browser: what they say, what they escape, and that colours can be read."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django import forms
from django.template import Context, Template, TemplateSyntaxError
from django.template.loader import render_to_string
from django.utils.translation import override

from revlog.common import clock
from revlog.common.money import Money
from revlog.common.templatetags import styleguide as guide
from revlog.common.templatetags import ui

ROOT = Path(ui.ROOT)
TEMPLATES = sorted(path for path in (ROOT / "templates").rglob("*.html"))
OURS = [
    path
    for path in TEMPLATES
    if path.parent.name in {"layouts", "components", "styleguide"} or path.parent == ROOT / "templates"
]
TOKENS = (ROOT / "static/css/tokens.css").read_text()


def render(source: str, **context: object) -> str:
    return Template("{% load ui %}" + source).render(Context(context))


# --- colours ----------------------------------------------------------------------------------------------------------


def color(token: str, theme: int) -> str:
    found = re.search(rf"--{token}: light-dark\((#[0-9a-f]{{6}}), (#[0-9a-f]{{6}})\)", TOKENS)
    assert found, f"tokens.css has no pair of colours for --{token}"
    return found[theme + 1]


def luminance(code: str) -> float:
    channels = [int(code[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


LOOK_NAMES = ["coming", "here", "data", "work", "ready", "leaving", "done", "held"]
TEXT_ON = [
    *[(ink, ground) for ink in ("ink", "muted", "accent") for ground in ("bg", "surface", "raised")],
    ("ink", "sunken"),
    ("muted", "sunken"),
    ("ink", "accent-tint"),
    ("muted", "accent-tint"),
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    ("rail-ink", "rail"),
    ("rail-muted", "rail"),
    ("rail-ink", "rail-raised"),
    *[(f"on-{tone}", tone) for tone in ("accepted", "attention", "refused")],
    *[(f"look-{name}-ink", ground) for name in LOOK_NAMES for ground in (f"look-{name}-tint", "surface", "bg")],
]
SHAPE_ON = [
    ("line-strong", "surface"),
    ("line-strong", "bg"),
    ("accent", "surface"),
    *[(f"look-{name}-solid", "surface") for name in LOOK_NAMES],
]


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), TEXT_ON)
def test_text_can_be_read_on_its_ground(ink: str, ground: str, theme: int) -> None:
    assert contrast(color(ink, theme), color(ground, theme)) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("shape", "ground"), SHAPE_ON)
def test_edges_and_marks_can_be_told_from_their_ground(shape: str, ground: str, theme: int) -> None:
    assert contrast(color(shape, theme), color(ground, theme)) >= 3


def test_the_ramp_of_amounts_holds_in_grey() -> None:
    for theme in (0, 1):
        steps = [luminance(color(f"ramp-{step}", theme)) for step in range(1, 6)]
        assert steps in (sorted(steps), sorted(steps, reverse=True))


def test_no_stylesheet_but_the_tokens_spells_out_a_colour_of_the_pages() -> None:
    # Paper is black on white, the camera's ground is black, and ink on the loud amber is the same by day and night.
    allowed = {"#2b1b00", "#6ddc8b", "#000", "#999", "#fff"}
    for path in (ROOT / "static/css").glob("*.css"):
        if path.name in {"base.css", "office.css", "floor.css", "portal.css"}:
            spelled = set(re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[;\s])", path.read_text()))
            assert spelled <= allowed, path.name


# --- rules of the house -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [path for path in OURS if "email" not in path.name], ids=lambda path: path.name)
def test_a_template_carries_nothing_that_the_policy_refuses(path: Path) -> None:
    text = re.sub(r"{% comment %}.*?{% endcomment %}", "", path.read_text(), flags=re.DOTALL)
    assert not re.search(r"\sstyle=", text)
    assert not re.search(r"\son[a-z]+=", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert "https://" not in text
    if path.name != "print.html":
        assert "<style" not in text


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_every_icon_that_a_template_names_is_in_the_sprite(path: Path) -> None:
    assert set(re.findall(r"{% icon \"([a-z0-9-]+)\"", path.read_text())) <= ui.icon_names()


def test_an_icon_that_is_not_in_the_sprite_is_refused() -> None:
    with pytest.raises(TemplateSyntaxError, match="unicorn"):
        render('{% icon "unicorn" %}')


def test_an_icon_is_hidden_from_screen_readers_unless_it_has_words() -> None:
    assert 'aria-hidden="true"' in render('{% icon "box" %}')
    assert 'aria-label="Box"' in render('{% icon "box" "Box" %}')


# --- what components say ----------------------------------------------------------------------------------------------


def test_a_badge_says_the_state_in_the_words_of_the_page() -> None:
    with override("en"):
        assert "Waiting for wipe" in render('{% state_badge "TO_SANITIZE" %}', audience="floor")
        assert "Awaiting sanitization" in render('{% state_badge "TO_SANITIZE" "auditor" %}', audience="floor")
        assert "look-held" in render('{% state_badge "TO_SELL" held=True %}')


def test_a_unit_is_escaped_wherever_it_is_shown() -> None:
    html = render_to_string(
        "components/unit.html", {"unit": {"name": "<b>x</b>", "tag": '"><script>', "waiting": "<i>", "kind": "phone"}}
    )
    assert "<b>x" not in html
    assert "<script>" not in html
    assert "<i>" not in html


def test_a_unit_without_a_picture_shows_the_icon_of_its_kind() -> None:
    assert "#device-mobile" in render_to_string("components/unit.html", {"unit": {"name": "Phone", "kind": "phone"}})
    assert "#box" in render_to_string("components/unit.html", {"unit": {"name": "Thing", "kind": "zeppelin"}})


def test_a_chart_carries_its_data_without_breaking_out_of_the_script() -> None:
    chart = {
        "id": "c",
        "title": "T",
        "data": {"kind": "bars", "categories": ["</script><script>alert(1)"], "series": [{"name": "n", "values": [1]}]},
    }
    html = render_to_string("components/chart.html", {"chart": chart})
    assert "</script><script>alert" not in html


@pytest.mark.parametrize("chart", guide.samples()["charts"], ids=lambda chart: str(chart["data"]["kind"]))
def test_every_kind_of_chart_has_its_numbers_as_a_table(chart: dict[str, object]) -> None:
    table = ui.chart_table(chart["data"])  # type: ignore[arg-type]
    assert table["rows"]
    assert all(len(row) == len(table["columns"]) for row in table["rows"])


def test_an_answer_shows_band_unit_goal_and_acts() -> None:
    html = render_to_string("components/answer.html", {"answer": guide.samples()["accepted"]})
    for part in ('data-tone="accepted"', "TOTE 4 · DATA CAGE", "ThinkPad T480", "data-primary", 'data-code="UNDO"'):
        assert part in html


def test_a_field_ties_its_error_and_help_to_the_control() -> None:
    class Weigh(forms.Form):
        weight = forms.DecimalField(help_text="in kilograms")

    html = render("{% field form.weight %}", form=Weigh({"weight": "heavy"}))
    assert 'aria-describedby="id_weight_error id_weight_helptext"' in html
    assert 'id="id_weight_error"' in html
    assert 'id="id_weight_helptext"' in html
    assert 'aria-invalid="true"' in html


def test_a_field_that_may_stay_empty_says_so() -> None:
    class Note(forms.Form):
        note = forms.CharField(required=False)

    with override("en"):
        assert "(optional)" in render("{% field form.note %}", form=Note())


@pytest.mark.parametrize("code", ["400", "403", "403_csrf", "404", "409", "429", "500"])
def test_an_error_page_needs_no_context_at_all(code: str) -> None:
    html = render_to_string(f"{code}.html")
    assert "<h1>" in html
    assert code.split("_", maxsplit=1)[0] in html


# --- numbers, money, time ---------------------------------------------------------------------------------------------


def test_numbers_are_written_in_the_readers_language() -> None:
    with override("en"):
        assert ui.number(1234567) == "1,234,567"
        assert ui.figure(2.40) == "2.4"
        assert ui.money(Decimal("1284.5"), "EUR") == "1,284.50\u00a0EUR"
        assert ui.percent(0.314, 1) == "31.4\u00a0%"
    with override("de"):
        assert ui.number(1234567) == "1.234.567"
        assert ui.money(Money(Decimal("1284.5"), "EUR")) == "1.284,50\u00a0EUR"


def test_money_keeps_the_minor_units_of_its_currency() -> None:
    with override("en"):
        assert ui.money(1200, "JPY") == "1,200\u00a0JPY"
        assert ui.money("1.5", "KWD") == "1.500\u00a0KWD"


@pytest.mark.parametrize("nothing", [None, "", "heavy", float("nan"), float("inf")])
def test_what_is_no_number_is_a_dash(nothing: object) -> None:
    assert ui.number(nothing) == ui.money(nothing, "EUR") == ui.percent(nothing) == ui.NOTHING


def test_a_share_says_of_how_many() -> None:
    with override("en"):
        assert ui.share(190, 612) == '<span class="share">31\u00a0% <small>of 612</small></span>'
        assert ui.NOTHING in ui.share(0, 0)


def test_a_moment_is_in_the_readers_zone_with_the_exact_one_on_hover() -> None:
    now = clock.now()
    year = now.year - (now < datetime(now.year, 11, 5, tzinfo=UTC))
    with override("en"):
        html = ui.when(datetime(year, 11, 4, 14, 5, 9, tzinfo=UTC))
    assert ">4 Nov, 14:05<" in html
    assert f'title="{year}-11-04 14:05:09 UTC"' in html
    assert ui.NOTHING in ui.when(None)
    with override("de"):
        assert "4 Nov. 2025" in ui.when(date(2025, 11, 4), "day")


def test_the_year_is_left_out_only_where_nobody_would_take_it_for_another() -> None:
    with override("en"):
        assert ">9 Dec 2010, 14:00<" in ui.when(datetime(2010, 12, 9, 14, tzinfo=UTC))
        assert ">9 Dec 2010<" in ui.when(date(2010, 12, 9))
        assert str(clock.now().year) not in ui.when(clock.now().date()).partition(">")[2]


def test_lengths_of_time_and_weights_carry_their_units() -> None:
    with override("en"):
        assert ui.span(timedelta(hours=2, minutes=10)) == "2 h 10 min"
        assert ui.kilos(850) == "850\u00a0g"
        assert ui.kilos(1234567) == "1,234.6\u00a0kg"


def test_a_long_serial_may_wrap_and_is_copied_whole() -> None:
    html = ui.grouped("PF1A2B3C<")
    assert html == "PF1A<wbr>2B3C<wbr>&lt;"


def test_a_sparkline_leaves_gaps_as_gaps_and_stands_on_zero() -> None:
    html = ui.sparkline([10, None, 10, 10])
    assert html.count("M") == 3
    assert "L" in html
    assert "M0.0 2.0" in html  # the highest value touches the top, zero would be at 26
    assert "<path" not in ui.sparkline([5])


def test_paper_says_who_issued_it_and_how_to_check_it() -> None:
    html = render_to_string(
        "styleguide/print.html",
        {
            "pdf": True,
            "pick": "destruction",
            "issuer": {"name": "Northwind"},
            "document": {"number": "RV-1"},
            "qr": "q",
            "check_at": "host/verify/RV-1",
            "rows": [1],
        },
    )
    assert "<style>" in html
    assert "kind-destruction" in html
    for part in ("Northwind", "RV-1", "host/verify/RV-1"):
        assert part in html
