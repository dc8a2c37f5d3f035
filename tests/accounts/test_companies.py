"""Addresses and VAT numbers of companies: written by who sets up organizations, and nothing that can't be one."""

from __future__ import annotations

from django.test import Client

from revlog.accounts.models import AccessChange, Organization
from tests.cast import Cast


def test_an_address_is_written_on_its_page_tidied_and_noted(cast: Cast) -> None:
    admin, clerk = Client(), Client()
    admin.force_login(cast.user("admin"))
    clerk.force_login(cast.user("sam"))
    page = "/settings/companies/altair/"
    assert clerk.get(page).status_code == 403
    told = {
        "street": "Kade 1\nHal 4",
        "postcode": "3011 AA",
        "town": "Rotterdam",
        "country": "nl",
        "vat_id": "nl 1234.56789 b01",
    }
    assert admin.post(page, told).status_code == 302
    row = Organization.objects.get(code="altair")
    assert row.address.lines("en") == ("Kade 1", "Hal 4", "3011 AA Rotterdam", "Netherlands")
    assert row.vat_id == "NL123456789B01"
    [note] = AccessChange.objects.filter(act="organization.address")
    assert "Kade" not in str(note.detail)
    assert "NL123456789B01" in admin.get("/settings/companies/").content.decode()

    for wrong in ({"vat_id": "12345"}, {"vat_id": "XX12345"}, {"country": "QQ"}, {"town": ""}):
        assert admin.post(page, told | wrong).status_code == 422
