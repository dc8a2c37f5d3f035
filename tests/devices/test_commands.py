"""The command line refuses with the sentence that the page and the API give."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from revlog.devices import facts
from revlog.devices.journey import State
from revlog.devices.models import Device
from revlog.devices.services import moves
from tests.cast import Cast
from tests.factories import devices as make


def test_a_bad_move_is_refused_with_the_same_sentence(cast: Cast) -> None:
    device = make.laptop(cast)
    with pytest.raises(moves.UnableToMove) as by_verb:
        moves.advance(
            Device.objects.get(pk=device.pk),
            moves.TO_SELL,
            fact=facts.SentToTriage(reason="x"),
            by=cast.ravi,
            at=make.AT,
        )

    with pytest.raises(CommandError) as by_command:
        call_command("move", device.tag, "to_sell")

    assert str(by_command.value) == str(by_verb.value)


def test_it_sends_a_unit_to_triage_with_a_reason_and_not_without(cast: Cast) -> None:
    device = make.laptop(cast)

    with pytest.raises(CommandError, match="Say why"):
        call_command("move", device.tag, "to_triage")
    call_command("move", device.tag, "to_triage", reason="looks swapped")

    assert make.state_of(device) == State.IN_TRIAGE


def test_it_makes_no_stages_own_move(cast: Cast) -> None:
    device = make.for_sale(cast)

    with pytest.raises(CommandError, match="by the stage"):
        call_command("move", device.tag, "sell")

    assert make.state_of(device) == State.TO_SELL
