"""The rules that a trial compares: those in force for whoever a case belongs to, and those in force if the draft were published."""

from __future__ import annotations

import uuid

from returns.models import Trial
from returns.policy import statutes
from returns.policy.statutes import Statutes
from revlog.terms import queries as terms
from revlog.terms.ruling import Ruling


class Rulings:
    """The rules as they are for each seller, and as they would be; read once a run."""

    def __init__(self) -> None:
        self.found: dict[uuid.UUID | None, tuple[Ruling, Ruling]] = {}
        self.law: Statutes | None = None

    def of(self, seller: uuid.UUID | None, trial: Trial) -> tuple[Ruling, Ruling]:
        if seller not in self.found:
            row = trial.rule_set
            now = terms.in_force(row.kind, at=trial.started_at, organization=seller)
            # Rules for everybody change nothing for a seller who has its own.
            touched = row.organization_id == seller or (row.organization_id is None and now.organization is None)
            drafted = Ruling(row.kind, row.version or 0, row.body, row.organization_id, row.pk)
            self.found[seller] = (now, drafted if touched else now)
        return self.found[seller]

    def statutes(self, trial: Trial) -> Statutes:
        if self.law is None:
            self.law = statutes.read(terms.in_force(statutes.KIND, at=trial.started_at))
        return self.law
