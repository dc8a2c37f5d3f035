"""The dock over the API: trucks are planned by a key, and what they brought is read."""

from __future__ import annotations

from revlog.common import clock
from revlog.devices.models import Location
from revlog.logistics.models import Appointment
from revlog.logistics.services import scanning_off
from tests.api.callers import caller, problem
from tests.cast import Cast
from tests.logistics.test_scanning_off import carrier, coming


def test_a_truck_is_planned_and_what_it_brought_is_read(cast: Cast) -> None:
    at = clock.now()
    post = carrier("post", at)
    Location.objects.create(hub=cast.rotterdam, code="DOOR-1", kind="dock", created_at=at)
    us, stranger = caller(cast), caller(cast, organization=cast.vega)
    told = {
        "hub": "rotterdam", "carrier": "post", "door": "door-1", "begins_at": "2099-01-31T09:00:00Z",
        "ends_at": "2099-01-31T10:00:00Z", "parcels": 40,
    }  # fmt: skip

    problem(us.post("/appointments/", told | {"door": "DOOR-9", "carrier": "nobody"}), 422)
    problem(caller(cast, "shipments:read").post("/appointments/", told), 403)
    made = us.post("/appointments/", told)
    assert made.status_code == 201, made.content
    assert (made.json()["door"], made.json()["status"]) == ("DOOR-1", "planned")
    problem(us.post("/appointments/", told), 409)
    row = Appointment.objects.get()
    assert us.get(f"/appointments/{row.pk}/").json()["number"] == row.number
    problem(stranger.get(f"/appointments/{row.pk}/"), 404)
    assert [one["number"] for one in us.get("/appointments/?status=planned").json()["results"]] == [row.number]

    parcel = coming(cast, post, at=at)[0]
    delivery = scanning_off.begin(hub=cast.rotterdam, carrier=post, appointment=row, by=cast.ines, at=at)
    scanning_off.scan(delivery, [parcel.tracking], by=cast.ines, at=at)
    read = us.get(f"/deliveries/{delivery.pk}/").json()
    assert (read["appointment"], read["signed"], read["parcels"][0]["status"]) == (row.number, False, "counted")
    assert len(us.get("/deliveries/").json()["results"]) == 1
    problem(stranger.get(f"/deliveries/{delivery.pk}/"), 404)
