"""The floor's scan box: it always listens, sends in order, forgets nothing, and says plainly what happened."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import Page, expect

from tests.frontend.conftest import Guide

pytestmark = pytest.mark.browser


def band(tone: str, words: str) -> tuple[int, str]:
    return (
        200 if tone == "accepted" else 409
    ), f'<div class="band band-{tone}" data-tone="{tone}"><div class="word">{words}</div></div>'


@pytest.fixture
def floor(page: Page, guide: Guide) -> Page:
    page.add_init_script(
        "window.played = []; addEventListener('DOMContentLoaded', () => { window.revlogSounds.play = tone => window.played.push(tone); });"
    )
    page.goto(guide.url("floor-empty"), wait_until="load")
    return page


def scan(page: Page, code: str) -> None:
    page.keyboard.type(code)
    page.keyboard.press("Enter")


def test_the_box_has_the_focus_from_the_start_and_after_every_answer(floor: Page, guide: Guide) -> None:
    expect(floor.locator("#scan")).to_be_focused()
    guide.answers.append(lambda: band("accepted", "Received"))
    scan(floor, "RL-1")
    expect(floor.locator("#answer")).to_have_text("Received")
    expect(floor.locator("#scan")).to_be_focused()
    expect(floor.locator("#scan")).to_have_value("")


def test_a_field_that_somebody_fills_in_before_the_script_is_there_keeps_the_focus(page: Page, guide: Guide) -> None:
    page.add_init_script("""
        document.addEventListener("readystatechange", () => {
          if (document.readyState !== "interactive") return;
          const field = document.createElement("input");
          field.id = "other";
          document.querySelector("main").append(field);
          field.focus();
        });
    """)
    page.goto(guide.url("floor-empty"), wait_until="load")

    expect(page.locator("#other")).to_be_focused()


def test_what_is_typed_elsewhere_lands_in_the_box(floor: Page, guide: Guide) -> None:
    guide.answers.append(lambda: band("accepted", "Received"))
    floor.evaluate("document.activeElement.blur()")
    scan(floor, "RL-2")
    expect(floor.locator("#answer")).to_have_text("Received")
    assert guide.posts[-1]["code"] == "RL-2"


def test_a_refusal_is_shown_and_sounds_like_one(floor: Page, guide: Guide) -> None:
    guide.answers.append(lambda: band("refused", "Wrong serial"))
    scan(floor, "RL-3")
    expect(floor.locator("#answer .band-refused")).to_have_text("Wrong serial")
    assert floor.evaluate("window.played") == ["refused"]


def test_fast_scans_are_sent_one_after_the_other_each_under_its_own_key(floor: Page, guide: Guide) -> None:
    def slow() -> tuple[int, str]:
        time.sleep(0.4)
        return band("accepted", f"answer {len(guide.posts)}")

    guide.answers += [slow, slow, slow]
    for code in ("RL-A", "RL-B", "RL-C"):
        scan(floor, code)
    expect(floor.locator("#answer")).to_have_text("answer 3", timeout=10000)
    assert [post["code"] for post in guide.posts] == ["RL-A", "RL-B", "RL-C"]
    assert len({post["key"] for post in guide.posts}) == 3


def test_a_scan_without_a_line_is_kept_and_sent_again_under_the_same_key(floor: Page, guide: Guide) -> None:
    keys: list[str] = []
    floor.route("**/scan/", lambda route: (keys.append(str(route.request.post_data)), route.abort())[1])
    scan(floor, "RL-4")
    expect(floor.locator("#answer")).to_contain_text("No connection")
    expect(floor.locator("[data-waiting]")).to_have_text("1")
    floor.locator("[data-line-state]").click()
    expect(floor.locator("#waiting-scans li")).to_contain_text("RL-4")
    floor.unroute("**/scan/")
    guide.answers.append(lambda: band("accepted", "Received"))
    floor.get_by_role("button", name="Send now").click()
    expect(floor.locator("#answer")).to_have_text("Received")
    expect(floor.locator("[data-waiting]")).to_be_hidden()
    assert f"key={guide.posts[-1]['key']}" in keys[0]


def test_a_kept_scan_outlives_a_reload(floor: Page, guide: Guide) -> None:
    floor.route("**/scan/", lambda route: route.abort())
    scan(floor, "RL-5")
    expect(floor.locator("#answer")).to_contain_text("No connection")  # the try has failed: it counts as waiting before
    expect(floor.locator("[data-waiting]")).to_have_text("1")
    floor.unroute("**/scan/")
    guide.answers.append(lambda: band("accepted", "Received"))
    floor.reload()
    expect(floor.locator("#answer")).to_have_text("Received")
    assert [post["code"] for post in guide.posts] == ["RL-5"]


def test_the_driver_signs_without_a_line_for_what_was_counted_together(floor: Page, guide: Guide) -> None:
    floor.route("**/scan/", lambda route: route.abort())
    scan(floor, "end")
    floor.locator("#answer summary").click()
    floor.get_by_label("Counted together").fill("12")
    floor.get_by_label("Who signs").fill("D. Jansen")
    glass = floor.locator("canvas[data-glass]").bounding_box()
    assert glass is not None
    floor.mouse.move(glass["x"] + 40, glass["y"] + 40)
    floor.mouse.down()
    floor.mouse.move(glass["x"] + 200, glass["y"] + 80)
    floor.mouse.up()
    floor.get_by_role("button", name="Signed").click()
    expect(floor.locator("[data-waiting]")).to_have_text("2")
    expect(floor.locator("#answer")).to_contain_text("No connection")
    floor.unroute("**/scan/")
    floor.locator("[data-line-state]").click()
    floor.get_by_role("button", name="Send now").click()
    expect(floor.locator("[data-waiting]")).to_be_hidden()
    ended, signed = guide.posts
    assert (ended["code"], signed["of"], signed["counted"]) == ("end", ended["key"], "12")
    assert signed["signature"].startswith("data:image/png;base64,")


def test_a_sign_in_that_ran_out_keeps_what_was_scanned(floor: Page, guide: Guide) -> None:
    guide.answers += [lambda: (401, ""), lambda: band("accepted", "Received")]
    scan(floor, "RL-5")
    expect(floor.locator("#answer")).to_contain_text("You are signed out")
    expect(floor.locator("[data-waiting]")).to_have_text("1")
    floor.reload()  # as after the sign-in
    expect(floor.locator("#answer")).to_have_text("Received")
    assert len({post["key"] for post in guide.posts}) == 1


def test_a_browser_that_keeps_nothing_sends_all_the_same(page: Page, guide: Guide, complaints: list[str]) -> None:
    page.add_init_script(
        "Object.defineProperty(window, 'indexedDB', { get() { throw new DOMException('no', 'SecurityError'); } });"
    )
    page.goto(guide.url("floor-empty"), wait_until="load")
    guide.answers.append(lambda: band("accepted", "Received"))
    scan(page, "RL-5")
    expect(page.locator("#answer")).to_have_text("Received")
    assert complaints == []


def test_what_a_full_disk_can_not_keep_is_told_and_not_sent(page: Page, guide: Guide) -> None:
    page.add_init_script(
        "IDBObjectStore.prototype.add = () => { throw new DOMException('full', 'QuotaExceededError'); };"
    )
    page.goto(guide.url("floor-empty"), wait_until="load")
    scan(page, "RL-5")
    expect(page.locator("#answer")).to_contain_text("didn't go through")
    assert guide.posts == []


def test_a_broken_answer_is_told_and_does_not_block_the_next_scan(floor: Page, guide: Guide) -> None:
    guide.answers += [lambda: (500, "<!doctype html><h1>500</h1>"), lambda: band("accepted", "Received")]
    scan(floor, "RL-6")
    expect(floor.locator("#answer")).to_contain_text("didn't go through")
    scan(floor, "RL-7")
    expect(floor.locator("#answer")).to_have_text("Received")
    assert floor.evaluate("window.played") == ["refused", "accepted"]


def test_one_who_may_not_is_told_so(floor: Page, guide: Guide) -> None:
    guide.answers.append(lambda: (403, "<!doctype html>"))
    scan(floor, "RL-8")
    expect(floor.locator("#answer")).to_contain_text("Not allowed here")


def test_one_who_may_not_reads_why_where_the_answer_says_it(floor: Page, guide: Guide) -> None:
    guide.answers.append(lambda: (403, band("refused", "This needs a right that you don't have")[1]))
    scan(floor, "RL-9")
    expect(floor.locator("#answer .band-refused")).to_have_text("This needs a right that you don't have")
    assert floor.evaluate("window.played") == ["refused"]


@pytest.mark.parametrize("status", [403, 404])
def test_a_button_s_refusal_is_read_where_it_was_pressed(page: Page, guide: Guide, status: int) -> None:
    page.goto(guide.url("floor"), wait_until="load")
    guide.answers.append(lambda: (status, band("refused", "Ask your lead")[1]))
    page.keyboard.press("Enter")
    expect(page.locator("#answer .band-refused")).to_have_text("Ask your lead")


def test_a_page_of_its_own_is_no_answer_to_a_button(page: Page, guide: Guide) -> None:
    page.goto(guide.url("floor"), wait_until="load")
    guide.answers.append(lambda: (403, "<!doctype html><h1>Somebody else's page</h1>"))
    page.keyboard.press("Enter")
    expect(page.locator("#answer")).to_contain_text("Not allowed here")


def test_enter_on_the_empty_box_presses_the_big_button(page: Page, guide: Guide) -> None:
    page.goto(guide.url("floor"), wait_until="load")
    guide.answers.append(lambda: band("accepted", "Next"))
    page.keyboard.press("Enter")
    expect(page.locator("#answer")).to_have_text("Next")


def test_scanning_the_code_of_a_button_presses_it(page: Page, guide: Guide) -> None:
    page.goto(guide.url("floor"), wait_until="load")
    page.evaluate(
        """document.querySelector("[data-code=CMD-HOLD]").addEventListener("click",
            event => { event.preventDefault(); document.title = "held"; })"""
    )
    scan(page, "cmd-hold")
    expect(page).to_have_title("held")
    assert guide.posts == []


def test_an_undo_is_offered_for_its_seconds_and_no_longer(page: Page, guide: Guide) -> None:
    page.goto(guide.url("floor"), wait_until="load")
    page.evaluate("document.querySelector('form[data-undo]').dataset.undo = '2'")
    expect(page.locator("form[data-undo]")).to_have_count(1)
    expect(page.locator("form[data-undo]")).to_have_count(0, timeout=5000)


def test_the_silence_of_a_tablet_is_kept(page: Page, guide: Guide) -> None:
    page.goto(guide.url("floor-empty"))
    page.locator("[data-sound]").click()
    expect(page.locator("[data-sound]")).to_have_attribute("aria-pressed", "false")
    page.reload()
    expect(page.locator("[data-sound]")).to_have_attribute("aria-pressed", "false")
