"""`manage.py create_api_key --organization CODE --scopes a,b`: the key alone on standard output, everything else on standard error."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from typing_extensions import override

from revlog.accounts import actors, queries
from revlog.accounts.models import Organization
from revlog.accounts.services import keys
from revlog.common import clock
from revlog.common.errors import DomainError


class Command(BaseCommand):
    help = "Make an API key and print it, once. The scope 'all' stands for every scope that the organization can have."

    @override
    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--organization", required=True, metavar="CODE", help="whose key it is, as 'operator' or 'demo'"
        )
        parser.add_argument("--scopes", required=True, metavar="A,B", help="scopes with commas between them, or 'all'")
        parser.add_argument("--name", default="", help="what the key is for, shown in the settings")

    @override
    def handle(self, *args: Any, **options: Any) -> None:
        code = str(options["organization"])
        organization = queries.organization(code)
        if organization is None:
            known = ", ".join(Organization.objects.order_by("code").values_list("code", flat=True))
            raise CommandError(
                f"There is no organization {code!r}; there are {known or 'none yet (run manage.py prepare)'}."
            )
        scopes = [scope.strip() for scope in str(options["scopes"]).split(",") if scope.strip()]
        try:
            made = keys.create(
                organization=organization,
                scopes=scopes,
                by=actors.system("command"),
                at=clock.now(),
                name=str(options["name"]),
            )
        except DomainError as refusal:
            raise CommandError(refusal.sentence) from refusal
        self.stdout.write(made.plain)
