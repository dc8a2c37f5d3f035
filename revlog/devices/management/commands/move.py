"""``move TAG MOVE --reason WHY``: send a unit back to triage, or hear every reason why a move can't be made.

The guards and the sentence are those of the pages and the API. Moves that are a stage's own act (a sale, a wipe) are made by that stage,
with what it must record; here they are only judged.
"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from typing_extensions import override

from revlog.accounts.actors import system
from revlog.common import clock
from revlog.common.errors import DomainError, Reason
from revlog.devices import queries
from revlog.devices.services import moves, standing


class Command(BaseCommand):
    help = "Move a unit, or name every reason why it can't be moved."

    @override
    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("tag", help="the unit's tag, serial or IMEI")
        parser.add_argument("move", choices=sorted(moves.MOVES))
        parser.add_argument("--reason", default="")

    @override
    def handle(self, *args: Any, **options: Any) -> None:
        by = system("command-line")
        device = queries.scanned(options["tag"], by).device
        if device is None:
            raise CommandError(f"No unit is called {options['tag']}.")
        move = moves.MOVES[options["move"]]
        if reasons := moves.reasons_against(device, move):
            raise CommandError(str(moves.UnableToMove(Reason(reasons[0].code, moves.refusal(device, move, reasons)))))
        if move is not moves.TO_TRIAGE:
            raise CommandError(f"{device.tag} could be {move.act} by the stage whose act it is; not from here.")
        if not options["reason"].strip():
            raise CommandError("Say why, with --reason.")
        try:
            standing.back_to_triage(device, reason=options["reason"].strip(), by=by, at=clock.now())
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{device.tag} is in triage.")
