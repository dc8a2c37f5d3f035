"""Claims to suppliers over the API: prepared, sent and answered, and by whom they can be."""

from __future__ import annotations

from revlog.common import clock
from revlog.devices.models import Posting
from tests.api.callers import caller, problem
from tests.cast import Cast
from tests.factories import devices


def claim(tag: str, **more: object) -> dict[str, object]:
    return {"device": tag, "supplier": "supplier", "asks": "credit", "defect": "dead", "amount": "99.50"} | more


def test_a_claim_is_prepared_sent_and_answered(cast: Cast) -> None:
    unit = devices.laptop(cast, at=clock.now())
    them = caller(cast)

    made = them.post("/supplier-claims/", claim(unit.tag))
    assert made.status_code == 201, made.content
    told = made.json()
    assert (told["status"], told["device"], told["granted"]) == ("draft", unit.tag, None)
    problem(them.post("/supplier-claims/", claim(unit.tag)), 409)
    problem(them.post(f"/supplier-claims/{told['number']}/answer/", {"granted": "1"}), 409)

    sent = them.post(f"/supplier-claims/{told['number']}/send/", {"theirs": "X-1"}).json()
    assert (sent["status"], sent["theirs"]) == ("sent", "X-1")
    problem(them.post(f"/supplier-claims/{told['id']}/answer/", {"granted": "50"}), 409)
    done = them.post(f"/supplier-claims/{told['id']}/answer/", {"granted": "50", "text": "half is wear"}).json()

    assert done["status"] == "partly"
    assert sorted(Posting.objects.values_list("account", flat=True)) == ["claim", "write_off"]
    listed = them.get("/supplier-claims/?status=partly").json()["results"]
    assert [row["number"] for row in listed] == [told["number"]]


def test_what_is_named_must_be_there_and_one_s_own(cast: Cast) -> None:
    unit = devices.laptop(cast, at=clock.now())
    them = caller(cast)

    problem(them.post("/supplier-claims/", claim("RL-0000-0000")), 422)
    problem(them.post("/supplier-claims/", claim(unit.tag, supplier="vega")), 422)
    problem(them.post("/supplier-claims/", claim(unit.tag, amount="0")), 422)
    problem(caller(cast, "rmas:read").get("/supplier-claims/"), 403)
    reader = caller(cast, "claims:read")
    assert reader.get("/supplier-claims/").status_code == 200
    problem(reader.post("/supplier-claims/", claim(unit.tag)), 403)
