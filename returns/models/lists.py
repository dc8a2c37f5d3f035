"""Lists that rules read: customers, serial numbers, products and orders that a person put on one, and took off it again."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from returns.models.rma import Rma
from revlog.accounts.actors import Actor
from revlog.accounts.models import Organization
from revlog.terms.models import Contact


class ListedKind(models.TextChoices):
    CUSTOMER = "customer", _("customer")
    SERIAL = "serial", _("serial number or IMEI")
    PRODUCT = "product", _("product")
    ORDER = "order", _("order")


class ListingQuerySet(models.QuerySet["Listing"]):
    def visible_to(self, actor: Actor) -> ListingQuerySet:
        """The operator's people who may keep lists, and nobody else: a customer reads what follows of it, never the list."""
        return self if actor.is_operator and actor.may("returns.lists") else self.none()

    def on(self, day: date) -> ListingQuerySet:
        """Those that count on a day."""
        return self.filter(Q(until=None) | Q(until__gte=day), since__lte=day, lifted_at=None)


class Listing(models.Model):
    """One thing or person on one list of one seller. Its id is its chain's.

    Being on it does nothing by itself: a published rule that compares ``lists`` says what follows. ``subject`` is what is compared: of a
    customer a keyed digest of the mailbox or account, which goes when the person is erased; of everything else its number.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    seller = models.ForeignKey(Organization, models.PROTECT, related_name="listings")
    name = models.SlugField(max_length=40)
    kind = models.CharField(max_length=8, choices=ListedKind.choices)
    subject = models.CharField(max_length=120, blank=True)
    contact = models.ForeignKey(Contact, models.SET_NULL, null=True, blank=True, related_name="+")
    """Whom our people see as the customer; nobody where none bought with this e-mail yet."""
    since = models.DateField()
    until = models.DateField(null=True, blank=True)
    """The days on which it counts, both included; without an end until it is lifted."""
    why = models.CharField(max_length=300)
    """For our own people; the customer reads the sentence of the rule."""
    rma = models.ForeignKey(Rma, models.SET_NULL, null=True, blank=True, related_name="+")
    """The return at which somebody decided to list it."""
    added_by = models.CharField(max_length=80)
    added_at = models.DateTimeField()
    lifted_by = models.CharField(max_length=80, blank=True)
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_why = models.CharField(max_length=300, blank=True)

    objects = ListingQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-added_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["seller", "kind", "subject", "name"],
                name="a_thing_is_on_a_list_once",
                condition=Q(lifted_at=None),
            ),
            models.CheckConstraint(
                name="a_listing_ends_after_it_begins", condition=Q(until=None) | Q(until__gte=F("since"))
            ),
            models.CheckConstraint(
                name="a_listing_is_lifted_with_a_reason", condition=Q(lifted_at=None) | ~Q(lifted_why="")
            ),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.name}: {self.kind}"

    def counts_on(self, day: date) -> bool:
        return self.lifted_at is None and self.since <= day and (self.until is None or self.until >= day)
