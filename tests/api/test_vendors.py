"""Returns to vendors over the API: prepared and shipped by our key, answered and credited by the vendor's own."""

from __future__ import annotations

from returns.models import VendorReturn
from revlog.common import clock
from tests.api.callers import caller, problem
from tests.cast import Cast
from tests.factories import vendors as make


def test_a_return_to_a_vendor_goes_its_way_by_two_keys(cast: Cast) -> None:
    at = clock.now()
    make.agreed(cast)
    lot = make.going_back(cast, at=at)
    us, them = caller(cast), caller(cast, "rtvs:read", "rtvs:answer", organization=make.norden())
    stranger = caller(cast, organization=cast.vega)
    told = {"supplier": "supplier", "hub": "rotterdam", "lines": [{"device": lot.tag, "pieces": 10}]}

    problem(us.post("/vendor-returns/", told | {"lines": [{"device": "RL-0000-0000"}]}), 422)
    problem(us.post("/vendor-returns/", told | {"lines": []}), 422)
    made = us.post("/vendor-returns/", told)
    assert made.status_code == 201, made.content
    number = made.json()["number"]
    assert [(row["quantity"], row["expected"]["amount"]) for row in made.json()["lines"]] == [(10, "22.50")]
    problem(them.get(f"/vendor-returns/{number}/"), 404)
    problem(us.post(f"/vendor-returns/{number}/ship/"), 409)
    assert us.post(f"/vendor-returns/{number}/ask/").json()["status"] == "asked"
    problem(stranger.get(f"/vendor-returns/{number}/"), 404)
    problem(them.post(f"/vendor-returns/{number}/ship/"), 403)
    answered = them.post(f"/vendor-returns/{number}/authorize/", {"theirs": "N-1", "until": "2099-01-31"})
    assert (answered.json()["status"], answered.json()["theirs"]) == ("authorized", "N-1")
    problem(them.post(f"/vendor-returns/{number}/refuse/", {"why": "no"}), 409)
    us.post(f"/vendor-returns/{number}/pack/", {"parcels": 1})
    assert us.post(f"/vendor-returns/{number}/ship/", {"tracking": "T-1"}).json()["status"] == "shipped"
    problem(them.post(f"/vendor-returns/{number}/credit/", {"number": "C", "amount": "22.51"}), 409)
    done = them.post(f"/vendor-returns/{number}/credit/", {"number": "C", "amount": "22.50"}).json()
    assert (done["status"], done["credits"][0]["number"]) == ("credited", "C")
    assert us.post(f"/vendor-returns/{number}/close/", {"why": "All came."}).json()["status"] == "closed"
    listed = them.get("/vendor-returns/?status=closed").json()["results"]
    assert [row["number"] for row in listed] == [number]
    assert VendorReturn.objects.count() == 1


def test_a_corrective_action_is_opened_written_and_dropped_by_our_key_and_read_by_theirs(cast: Cast) -> None:
    us, them = caller(cast), caller(cast, "rtvs:read", "rtvs:answer", organization=make.norden())
    told = {"supplier": "supplier", "problem": "Plugs break", "owner": "Quality, Norden", "due_on": "2099-01-31"}
    problem(us.post("/corrective-actions/", told | {"supplier": "nobody"}), 422)
    made = us.post("/corrective-actions/", told)
    assert made.status_code == 201, made.content
    url = f"/corrective-actions/{made.json()['number']}/"
    problem(us.post(f"{url}done/"), 409)
    assert us.post(f"{url}write/", {"cause": "Thin wall", "action": "New mould"}).json()["cause"] == "Thin wall"
    assert us.post(f"{url}done/").json()["status"] == "done"
    problem(us.post(f"{url}verify/", {"effective": True, "proof": "None broke"}), 409)
    problem(them.post(f"{url}drop/", {"why": "x"}), 403)
    assert us.post(f"{url}drop/", {"why": "Opened twice."}).json()["status"] == "dropped"
    assert [row["dropped_why"] for row in them.get("/corrective-actions/").json()["results"]] == ["Opened twice."]
    problem(caller(cast, organization=cast.vega).get(url), 404)
