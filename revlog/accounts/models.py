"""Organizations, their sites and people, and what each may do where."""

from __future__ import annotations

import uuid
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from revlog.accounts.actors import Actor
from revlog.common.addresses import Address
from revlog.common.calendars import WORKING_WEEK, Calendar

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


class OrganizationKind(models.TextChoices):
    OPERATOR = "operator", _("operator")
    RETAILER = "retailer", _("retailer")
    CLIENT = "client", _("client")
    REFURBISHER = "refurbisher", _("refurbisher")
    RECYCLER = "recycler", _("recycler")
    CARRIER = "carrier", _("carrier")
    SUPPLIER = "supplier", _("supplier")
    BUYER = "buyer", _("buyer")
    PROVIDER = "provider", _("service provider")


class OrganizationQuerySet(models.QuerySet["Organization"]):
    def visible_to(self, actor: Actor) -> OrganizationQuerySet:
        """The operator's people deal with every organization; everybody else knows their own and the operator."""
        if actor.is_operator:
            return self
        if actor.organization_id is None:
            return self.none()
        return self.filter(models.Q(pk=actor.organization_id) | models.Q(kind=OrganizationKind.OPERATOR))


class HubQuerySet(models.QuerySet["Hub"]):
    def visible_to(self, actor: Actor) -> HubQuerySet:
        """The sites where the actor works; for outsiders every active site, since that is where their units go."""
        if actor.is_operator and actor.kind != "system":
            return self.filter(pk__in=actor.hubs)
        if actor.organization_id is None and actor.kind != "system":
            return self.none()
        return self

    def worked_by(self, actor: Actor) -> HubQuerySet:
        """The sites whose store the actor works in. An outsider's units go to every site, but none of their stores is its own."""
        return self.visible_to(actor) if actor.is_operator else self.none()


class Organization(models.Model):
    """A company or body that owns, sends, treats or buys units. ``code`` is stable and used by scripts (``operator``, ``demo``)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, choices=OrganizationKind.choices)
    street = models.CharField(max_length=200, blank=True)
    """Street and number, and what else stands before the town; lines are divided by commas."""
    postcode = models.CharField(max_length=12, blank=True)
    town = models.CharField(max_length=80, blank=True)
    region = models.CharField(max_length=80, blank=True)
    country = models.CharField(max_length=2, blank=True)
    vat_id = models.CharField(max_length=20, blank=True)
    """Its VAT identification number, with the letters of its country in front: NL123456789B01."""
    language = models.CharField(max_length=5, default="en")
    email = models.EmailField(blank=True)
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    objects = OrganizationQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]

    @override
    def __str__(self) -> str:
        return self.name

    @property
    def is_operator(self) -> bool:
        return self.kind == OrganizationKind.OPERATOR

    @property
    def address(self) -> Address:
        street = tuple(part.strip() for part in self.street.split(",") if part.strip())
        return Address(street, self.postcode, self.town, self.region, self.country)


class Hub(models.Model):
    """A site where units are handled: its zone, country and opening hours are the calendar by which its promises run."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="hubs")
    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=200)
    zone = models.CharField(max_length=60, default="UTC")
    country = models.CharField(max_length=2, blank=True)
    subdivision = models.CharField(max_length=10, blank=True)
    opening = models.JSONField(default=dict, blank=True)
    """Weekday ("0" is Monday) -> ["08:00", "17:00"]; empty means a plain working week."""
    address = models.JSONField(default=list, blank=True)
    secured = models.BooleanField(default=False)
    """Whether the site has an area where units with data may be kept."""
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    objects = HubQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]

    @override
    def __str__(self) -> str:
        return self.name

    def is_visible_to(self, actor: Actor) -> bool:
        """What `visible_to` says of a queryset, said of a row that was read by other means."""
        if actor.is_operator and actor.kind != "system":
            return self.pk in actor.hubs
        return actor.organization_id is not None or actor.kind == "system"

    def is_worked_by(self, actor: Actor) -> bool:
        """What `worked_by` says of a queryset, said of a row that was read by other means."""
        return actor.is_operator and self.is_visible_to(actor)

    @property
    def calendar(self) -> Calendar:
        hours = {
            int(day): (time.fromisoformat(opening), time.fromisoformat(closing))
            for day, (opening, closing) in self.opening.items()
        }
        return Calendar(
            zone=self.zone, country=self.country, subdivision=self.subdivision or None, hours=hours or WORKING_WEEK
        )


class UserQuerySet(models.QuerySet["User"]):
    def visible_to(self, actor: Actor) -> UserQuerySet:
        """Colleagues; for the operator's people everyone."""
        if actor.is_operator:
            return self
        if actor.organization_id is None:
            return self.none()
        return self.filter(memberships__organization_id=actor.organization_id).distinct()


class UserManager(BaseUserManager["User"]):
    @override
    def get_queryset(self) -> UserQuerySet:
        return UserQuerySet(self.model, using=self._db)

    def visible_to(self, actor: Actor) -> UserQuerySet:
        return self.get_queryset().visible_to(actor)

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:  # noqa: ANN401
        """A person with an address and, unless they are invited to choose one, a password. ``created_at`` must be among ``fields``."""
        user: User = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person who signs in. The ledger knows ``id`` alone, so erasing a person leaves every chain whole."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200)
    language = models.CharField(max_length=5, default="en")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects = UserManager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(Lower("email"), name="one_account_an_address"),
        ]

    @override
    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        return self.name


class Role(models.TextChoices):
    """Sets of permissions at a hub; what each holds is the table in ``revlog/accounts/permissions.py``."""

    WAREHOUSE = "warehouse", _("warehouse")
    INSPECTOR = "inspector", _("inspector")
    TECHNICIAN = "technician", _("technician")
    DATA_TECHNICIAN = "data_technician", _("data technician")
    PACKER = "packer", _("packer")
    SELLER = "seller", _("seller")
    RECYCLER = "recycler", _("recycler")
    SAFETY_ASSESSOR = "safety_assessor", _("safety assessor")
    SUPPORT = "support", _("support")
    FINANCE = "finance", _("finance")
    PLANNER = "planner", _("planner")
    QUALITY = "quality", _("quality")
    LEAD = "lead", _("lead")
    MANAGER = "manager", _("manager")
    ADMINISTRATOR = "administrator", _("administrator")
    CLIENT_USER = "client_user", _("client user")
    SUPPLIER = "supplier", _("supplier")
    DRIVER = "driver", _("driver")
    FIELD_ENGINEER = "field_engineer", _("field engineer")
    AUDITOR = "auditor", _("external auditor")
    LOT_BUYER = "lot_buyer", _("lot buyer")
    BENEFICIARY = "beneficiary", _("beneficiary")
    DESK_AGENT = "desk_agent", _("support agent")


class MembershipQuerySet(models.QuerySet["Membership"]):
    def visible_to(self, actor: Actor) -> MembershipQuerySet:
        if actor.is_operator:
            return self
        if actor.organization_id is None:
            return self.none()
        return self.filter(organization_id=actor.organization_id)

    def in_force(self, day: date) -> MembershipQuerySet:
        """Those that haven't ended before ``day``: to nobody else is work given, and nobody else is written to."""
        return self.filter(models.Q(until=None) | models.Q(until__gte=day))


class Membership(models.Model):
    """What a person is at an organization, at one hub or (``hub`` null) at all of its hubs, until a day where one is set."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="memberships")
    hub = models.ForeignKey(Hub, models.PROTECT, null=True, blank=True, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role.choices)
    until = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField()
    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["user", "organization", "hub", "role"], name="one_membership_a_role", nulls_distinct=False
            ),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()}"


class EngagementQuerySet(models.QuerySet["Engagement"]):
    def visible_to(self, actor: Actor) -> EngagementQuerySet:
        """The operator's people see all; a provider its own, and a seller those that work for it."""
        if actor.is_operator:
            return self
        if actor.organization_id is None:
            return self.none()
        return self.filter(models.Q(provider_id=actor.organization_id) | models.Q(client_id=actor.organization_id))

    def standing(self) -> EngagementQuerySet:
        """Those in force: not ended, and both still there."""
        return self.filter(ended_at=None, provider__active=True, client__active=True)


class Engagement(models.Model):
    """A service provider's people serve the customers of ``client``: they see its orders and returns, and nothing else of it.

    It ends by ``ended_at`` and is never deleted, so that who could see what can be told later.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    provider = models.ForeignKey(Organization, models.PROTECT, related_name="engagements")
    client = models.ForeignKey(Organization, models.PROTECT, related_name="served_by")
    begun_at = models.DateTimeField()
    begun_by = models.CharField(max_length=80)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=80, blank=True)
    objects = EngagementQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["provider__name", "client__name", "-begun_at"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["provider", "client"], condition=models.Q(ended_at=None), name="one_engagement_at_a_time"
            ),
            models.CheckConstraint(
                name="nobody_is_engaged_by_themselves", condition=~models.Q(provider=models.F("client"))
            ),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.provider} for {self.client}"


class StationQuerySet(models.QuerySet["Station"]):
    def visible_to(self, actor: Actor) -> StationQuerySet:
        return self if actor.kind == "system" else self.filter(hub__in=actor.hubs)


class Station(models.Model):
    """A shared tablet or bench PC, registered once by a lead; people sign in on it with badge and PIN."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    hub = models.ForeignKey(Hub, models.PROTECT, related_name="stations")
    name = models.CharField(max_length=100)
    secret_digest = models.CharField(max_length=64, unique=True)
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    objects = StationQuerySet.as_manager()

    @override
    def __str__(self) -> str:
        return self.name


class Badge(models.Model):
    """A person's badge: the code that is scanned, and the PIN that proves who holds it.

    Four digits would be guessed in an afternoon, so ``wrong_pins`` counts since the last right one and ``locked_until`` makes each
    further guess wait longer (`revlog/accounts/services/stations.py`).
    """

    user = models.OneToOneField(User, models.CASCADE, related_name="badge")
    code = models.CharField(max_length=20, unique=True)
    pin = models.CharField(max_length=200)
    wrong_pins = models.PositiveSmallIntegerField(default=0)
    locked_until = models.DateTimeField(null=True, blank=True)

    @override
    def __str__(self) -> str:
        return self.code


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    def visible_to(self, actor: Actor) -> ApiKeyQuerySet:
        if actor.is_operator:
            return self
        if actor.organization_id is None:
            return self.none()
        return self.filter(organization_id=actor.organization_id)

    def live(self, at: datetime) -> ApiKeyQuerySet:
        return self.filter(
            models.Q(expires_at=None) | models.Q(expires_at__gt=at), revoked_at=None, organization__active=True
        )


class ApiKey(models.Model):
    """A partner's key: 256 random bits, kept as SHA-256 only, with scopes; shown once, when it is made."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="api_keys")
    name = models.CharField(max_length=100, blank=True)
    digest = models.CharField(max_length=64, unique=True)
    hint: models.CharField[str, str] = models.CharField(max_length=8)
    scopes = models.JSONField(default=list)
    hub = models.ForeignKey(Hub, models.PROTECT, null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    """To the minute: writing it at every call would make each read a write."""
    created_at = models.DateTimeField()
    objects = ApiKeyQuerySet.as_manager()
    hub_ids: list[uuid.UUID] | None = None
    """The organization's active hubs, when they were read with the key (``queries.live_key``)."""

    class Meta:
        ordering: ClassVar[list[str]] = ["-created_at"]

    @override
    def __str__(self) -> str:
        return f"{self.organization}: …{self.hint}"


class AccessChange(models.Model):
    """Who gave or took which right, when: the trail that an auditor asks for beside the custody ledger.

    It stands apart from the ledger because accounts lie below it, and because it names persons (by id), whom a ledger entry must not
    outlive. Rows are only ever added; ``detail`` holds codes, never a secret.
    """

    at = models.DateTimeField()
    by = models.CharField(max_length=80)
    act = models.CharField(max_length=40)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="access_changes")
    subject = models.CharField(max_length=80)
    detail = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-at", "-id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["organization", "-at"], name="access_changes_newest")
        ]

    @override
    def __str__(self) -> str:
        return f"{self.act} {self.subject}"


def label_of(role: str) -> str | _StrPromise:
    return Role(role).label
