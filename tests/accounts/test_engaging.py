"""Service providers: whose customers their people serve, from when, and until when."""

from __future__ import annotations

import pytest
from django.test import Client

from revlog.accounts import queries
from revlog.accounts.actors import Actor
from revlog.accounts.models import AccessChange, Engagement, Organization
from revlog.accounts.services import engaging, keys
from revlog.common.errors import BadInput, NotAllowed
from tests.cast import AT, Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def provider(cast: Cast) -> Organization:
    return Organization.objects.get(code="provider")


def _orla(cast: Cast) -> Actor:
    return queries.actor_of(cast.user("orla"), at=AT)


def test_its_people_stand_for_whom_it_works_and_for_itself(cast: Cast, provider: Organization) -> None:
    orla = _orla(cast)

    assert orla.works_for == {cast.retailer.pk}
    assert orla.stands_for == {cast.retailer.pk, provider.pk}
    assert not orla.is_operator
    # Nobody else stands for more than their own.
    assert cast.remco.works_for == frozenset()
    assert cast.remco.stands_for == {cast.retailer.pk}
    assert cast.sam.works_for == frozenset()


def test_an_administrator_engages_a_provider_and_ends_it(cast: Cast, provider: Organization) -> None:
    made = engaging.engage(provider=provider, client=cast.vega, by=cast.admin, at=AT)

    assert _orla(cast).works_for == {cast.retailer.pk, cast.vega.pk}
    assert engaging.engage(provider=provider, client=cast.vega, by=cast.admin, at=AT) == made
    engaging.end(made, by=cast.admin, at=AT)
    engaging.end(made, by=cast.admin, at=AT)

    assert _orla(cast).works_for == {cast.retailer.pk}
    trail = AccessChange.objects.filter(organization=cast.vega).order_by("id").values_list("act", flat=True)
    assert list(trail) == ["provider.engaged", "provider.ended"]


def test_a_seller_that_was_shut_out_is_served_no_more(cast: Cast, provider: Organization) -> None:
    Organization.objects.filter(pk=cast.retailer.pk).update(active=False)

    assert _orla(cast).works_for == frozenset()


def test_nobody_else_engages_and_only_a_provider_is_engaged(cast: Cast, provider: Organization) -> None:
    for stranger in (cast.maria, cast.sam, cast.remco, _orla(cast)):
        with pytest.raises(NotAllowed):
            engaging.engage(provider=provider, client=cast.vega, by=stranger, at=AT)
    with pytest.raises(engaging.UnableToEngage, match="Polder Shop is not a service provider"):
        engaging.engage(provider=cast.retailer, client=cast.vega, by=cast.admin, at=AT)
    with pytest.raises(engaging.UnableToEngage, match="no customers"):
        engaging.engage(provider=provider, client=provider, by=cast.admin, at=AT)
    assert Engagement.objects.filter(ended_at=None).count() == 1


def test_a_provider_s_key_reaches_whom_it_works_for_and_no_operator_scope(cast: Cast, provider: Organization) -> None:
    made = keys.create(
        organization=provider, name="Their desk", scopes=["rmas:read", "orders:read"], by=cast.admin, at=AT
    )  # fmt: skip
    actor = keys.authenticate(made.plain, AT)

    assert actor is not None
    assert actor.works_for == {cast.retailer.pk}
    assert actor.may("returns.view")
    assert not actor.may("returns.receive")


def test_a_provider_is_added_by_name_once(cast: Cast) -> None:
    made = engaging.add_provider(name="  Fjord   Helpdesk ", by=cast.admin, at=AT)

    assert (made.code, made.name, made.kind) == ("fjord-helpdesk", "Fjord Helpdesk", "provider")
    with pytest.raises(BadInput, match="already"):
        engaging.add_provider(name="Fjord Helpdesk", by=cast.admin, at=AT)
    with pytest.raises(BadInput, match="needs a name"):
        engaging.add_provider(name=" ! ", by=cast.admin, at=AT)
    with pytest.raises(NotAllowed):
        engaging.add_provider(name="Mine", by=cast.maria, at=AT)


def test_the_page_adds_engages_and_ends(cast: Cast, provider: Organization) -> None:
    client = Client()
    client.force_login(cast.user("admin"))
    page = "/settings/providers/"

    assert client.post(page, {"act": "add", "name": "Fjord Helpdesk"}).status_code == 302
    fjord = Organization.objects.get(code="fjord-helpdesk")
    wrong = client.post(page, {"act": "engage", "provider": str(cast.retailer.pk), "client": str(cast.vega.pk)})
    assert wrong.status_code == 422
    assert (
        client.post(page, {"act": "engage", "provider": str(fjord.pk), "client": str(cast.vega.pk)}).status_code == 302
    )
    assert "Fjord Helpdesk" in client.get(page).content.decode()
    made = Engagement.objects.get(provider=fjord)
    assert client.post(page, {"act": "end", "engagement": str(made.pk)}).status_code == 302
    assert Engagement.objects.get(pk=made.pk).ended_by == f"user:{cast.user('admin').pk}"
    assert client.post(page, {"act": "end", "engagement": "nothing"}).status_code == 404

    client.force_login(cast.user("maria"))
    assert client.get(page).status_code == 403
