"""What needs a person's decision, in one shape for every stage: the rows of the exceptions inbox.

Each stage answers ``queries.exceptions(actor) -> list[ExceptionRow]``; the inbox puts them together and sorts by what is late and by the
money at risk. A row is made when somebody looks: nothing of it is stored, so it goes away with its cause.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, kw_only=True)
class ExceptionRow:
    """``kind`` is a code with a word (``words.add``); ``sentence`` says what is wrong; ``thing`` is how people call what it is about.

    ``owner`` is whose work it is, in words (a role or a person). ``due`` is when it is late; ``money_at_risk`` an amount in
    ``currency``. ``next_action`` is the words of the button, which leads to ``url``. ``key`` names the row for as long as it lasts.
    """

    key: str
    kind: str
    sentence: str
    thing: str
    url: str
    owner: str
    since: datetime
    due: datetime | None = None
    money_at_risk: Decimal | None = None
    currency: str = "EUR"
    next_action: str

    def is_late(self, at: datetime) -> bool:
        return self.due is not None and self.due < at
