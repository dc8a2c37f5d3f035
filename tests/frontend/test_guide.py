"""The living style guide in a real browser: readable, in its frame, under the product's policy, worked by keyboard."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import segno
from PIL import Image
from playwright.sync_api import Page, expect

from tests.frontend.conftest import FLAGS, Guide

pytestmark = pytest.mark.browser

ROOMS = ["index", "floor", "floor-attention", "floor-refused", "portal", "status"]
ERRORS = ["400", "403", "403_csrf", "404", "409", "429", "500"]
# Errors share one layout: each is looked at once by day on a desk and once by night on a phone.
LOOKED_AT = [(name, width, theme) for name in ROOMS for width in (390, 820, 1440) for theme in ("light", "dark")] + [
    (name, width, theme) for name in ERRORS for width, theme in ((390, "dark"), (1440, "light"))
]


@pytest.mark.parametrize("looked_at", LOOKED_AT, ids=lambda told: "-".join(map(str, told)))
def test_a_page_reads_well_at_every_width_by_day_and_night(
    page: Page, guide: Guide, complaints: list[str], axe: Callable[[Page], list[str]], looked_at: tuple[str, int, str]
) -> None:
    name, width, theme = looked_at
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=theme)
    page.goto(guide.url(name), wait_until="load")
    assert page.evaluate("document.documentElement.scrollWidth") <= width, "the page is wider than the screen"
    assert axe(page) == []
    assert complaints == []
    small = page.evaluate(
        """[...document.querySelectorAll("body *")].filter(one => one.offsetParent && parseFloat(getComputedStyle(one).fontSize) < 12.9
            && [...one.childNodes].some(node => node.nodeType === 3 && node.textContent.trim())).map(one => one.outerHTML.slice(0, 80))"""
    )
    assert small == []


@pytest.mark.parametrize("width", [820, 1440])
def test_a_card_keeps_its_room_beside_the_other_columns_of_a_table(page: Page, guide: Guide, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(guide.url("index"), wait_until="load")
    # Columns of long words take all that they can get.
    page.evaluate(
        "document.querySelectorAll('#list td.number').forEach(cell => { cell.textContent = 'a rather long answer '.repeat(4); })"
    )
    rooms = page.evaluate(
        "[...document.querySelectorAll('td > .unit-room')].map(one => one.getBoundingClientRect().width)"
    )
    assert rooms
    assert min(rooms) >= 272


@pytest.mark.parametrize(("name", "least"), [("floor", 44), ("portal", 24), ("index", 24)])
def test_what_is_touched_is_large_enough(page: Page, guide: Guide, name: str, least: int) -> None:
    page.set_viewport_size({"width": 390, "height": 900})
    page.goto(guide.url(name), wait_until="load")
    short = page.evaluate(
        """least => [...document.querySelectorAll("main button, header button, header summary, main input:not([type=hidden])")]
            .filter(one => one.offsetParent && !one.matches(".aside-only"))
            .map(one => [one.outerHTML.slice(0, 90), (one.closest("label") ?? one).getBoundingClientRect()])
            .filter(([, box]) => box.height < least || box.width < least).map(([html]) => html)""",
        least,
    )
    assert short == []


def test_the_floors_acts_are_sixty_four_pixels_high(page: Page, guide: Guide) -> None:
    page.goto(guide.url("floor"))
    assert (
        page.evaluate(
            """Math.min(...[...document.querySelectorAll(".acts .btn, .scan input, .scan .btn")]
            .map(one => one.offsetHeight).filter(Boolean))"""
        )
        >= 64
    )


def test_the_primary_action_of_the_portal_is_in_sight_on_a_phone(page: Page, guide: Guide) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(guide.url("portal"))
    expect(page.get_by_role("button", name="Continue")).to_be_in_viewport(ratio=1)


def test_the_chosen_colours_last_and_stand_before_the_first_paint(page: Page, guide: Guide) -> None:
    page.emulate_media(color_scheme="light")
    page.goto(guide.url("status"))
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "light")
    button = page.locator("[data-theme-toggle]")
    button.click()
    button.click()
    expect(button).to_have_attribute("aria-label", "Colours: dark")
    page.reload(wait_until="commit")
    page.wait_for_selector("body", state="attached")
    assert page.evaluate("document.documentElement.dataset.bsTheme") == "dark"


def test_without_script_the_system_decides_the_colours_and_the_numbers_stand_open(guide: Guide, page: Page) -> None:
    browser = page.context.browser
    assert browser is not None
    context = browser.new_context(java_script_enabled=False, color_scheme="dark")
    plain = context.new_page()
    plain.goto(guide.url("index"))
    expect(plain.get_by_role("cell", name="402").first).to_be_visible()
    expect(plain.get_by_role("button", name="Move to sanitization")).to_be_visible()
    context.close()


def test_charts_are_drawn_and_put_their_numbers_behind_a_fold(page: Page, guide: Guide) -> None:
    page.goto(guide.url("index"), wait_until="load")
    expect(page.locator(".chart .canvas:has(canvas)")).to_have_count(5)
    expect(page.locator(".chart details[open]")).to_have_count(0)


def test_a_mark_of_a_chart_opens_its_units(page: Page, guide: Guide) -> None:
    page.goto(guide.url("index"), wait_until="load")
    canvas = page.locator("[data-from=guide-flow]")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 9, box["y"] + box["height"] / 2)
    page.wait_for_url("**#in")


def test_slash_goes_to_the_search_and_escape_leaves_it(page: Page, guide: Guide) -> None:
    page.goto(guide.url("index"))
    page.keyboard.press("/")
    expect(page.locator("[data-search]")).to_be_focused()
    page.keyboard.type("/j")
    expect(page.locator("[data-search]")).to_have_value("/j")
    page.keyboard.press("Escape")
    expect(page.locator("[data-search]")).not_to_be_focused()


def test_a_list_is_worked_by_keyboard(page: Page, guide: Guide) -> None:
    page.goto(guide.url("index"))
    rows = page.locator("[data-row]")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(rows.nth(1)).to_have_class("here")
    page.keyboard.press("x")
    expect(page.locator("[data-picked]")).to_have_text("1")
    expect(page.locator("[data-bulk]")).to_be_visible()
    page.keyboard.press("k")
    expect(rows.nth(0)).to_have_class("here")
    page.keyboard.press("Enter")
    page.wait_for_url("**#unit")


def test_all_that_match_can_be_picked_and_let_go(page: Page, guide: Guide) -> None:
    page.goto(guide.url("index"))
    expect(page.locator("[data-bulk]")).to_be_hidden()
    page.locator("[data-pick-page]").check()
    expect(page.locator("[data-picked]")).to_have_text("5")
    page.get_by_text("Pick all 4,000 that match").click()
    expect(page.locator("[data-all]")).to_be_checked()
    page.locator("[data-pick]").first.uncheck()
    expect(page.locator("[data-all]")).not_to_be_checked()
    page.locator("[data-none]").click()
    expect(page.locator("[data-bulk]")).to_be_hidden()


def test_question_mark_lists_the_keys(page: Page, guide: Guide) -> None:
    page.goto(guide.url("index"))
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()


def test_the_rail_opens_on_a_phone_and_closes_with_escape(page: Page, guide: Guide) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(guide.url("index"))
    expect(page.get_by_role("link", name="Recycling")).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    expect(page.get_by_role("link", name="Recycling")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Recycling")).to_be_hidden()


def test_a_menu_closes_with_escape_and_gives_the_focus_back(page: Page, guide: Guide) -> None:
    page.goto(guide.url("index"))
    page.get_by_text("Rotterdam", exact=True).first.click()
    expect(page.locator(".bar details[open]")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator(".bar details[open]")).to_have_count(0)


def test_the_first_tab_stop_skips_to_the_content(page: Page, guide: Guide) -> None:
    page.goto(guide.url("portal"))
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_a_code_is_read_from_a_photo_by_our_own_reader(
    page: Page, guide: Guide, complaints: list[str], tmp_path: Path
) -> None:
    photo = tmp_path / "tag.png"
    segno.make("RL-7K3M-9QX", error="m").save(str(photo), scale=8)
    guide.answers.append(lambda: (200, '<div class="band" data-tone="accepted">read</div>'))
    page.goto(guide.url("floor-empty"), wait_until="load")
    page.get_by_role("button", name="Scan with the camera").click()
    page.locator("#camera input[type=file]").set_input_files(photo)
    expect(page.locator("#answer")).to_have_text("read", timeout=15000)
    assert guide.posts[-1]["code"] == "RL-7K3M-9QX"
    assert complaints == []


def test_a_code_is_read_from_the_camera(guide: Guide, page: Page, tmp_path: Path) -> None:
    picture = io.BytesIO()
    segno.make("RL-2F8D-4TB", error="m").save(picture, kind="png", scale=10, border=8)
    luma = Image.open(picture).convert("L").resize((480, 480))
    frame = b"FRAME\n" + luma.tobytes() + b"\x80" * (2 * 240 * 240)
    film = tmp_path / "tag.y4m"
    film.write_bytes(b"YUV4MPEG2 W480 H480 F10:1 Ip A1:1 C420jpeg\n" + frame * 10)
    browser = page.context.browser
    assert browser is not None
    seeing = browser.browser_type.launch(
        executable_path=shutil.which("chromium"),
        args=[*FLAGS, "--use-fake-ui-for-media-stream", f"--use-file-for-fake-video-capture={film}"],
    )
    watched = seeing.new_context(permissions=["camera"]).new_page()
    guide.answers.append(lambda: (200, '<div class="band" data-tone="accepted">seen</div>'))
    watched.goto(guide.url("floor-empty"))
    watched.get_by_role("button", name="Scan with the camera").click()
    expect(watched.locator("#answer")).to_have_text("seen", timeout=20000)
    assert guide.posts[-1]["code"] == "RL-2F8D-4TB"
    seeing.close()


def test_a_photo_without_a_code_says_so(page: Page, guide: Guide, tmp_path: Path) -> None:
    photo = tmp_path / "desk.png"
    Image.new("RGB", (400, 300), "#808080").save(photo)
    page.goto(guide.url("floor-empty"), wait_until="load")
    page.get_by_role("button", name="Scan with the camera").click()
    page.locator("#camera input[type=file]").set_input_files(photo)
    expect(page.locator("#camera [data-say]")).to_contain_text("No code was found", timeout=15000)


def test_a_connection_that_shuts_the_camera_is_told_plainly(page: Page, guide: Guide) -> None:
    page.add_init_script("Object.defineProperty(window, 'isSecureContext', {get: () => false})")
    page.goto(guide.url("floor-empty"), wait_until="load")
    page.get_by_role("button", name="Scan with the camera").click()
    expect(page.locator("#camera [data-say]")).to_contain_text("isn't encrypted")
