"""Return rules. How fast 200 of them are decided by, against the same rules written out in Python; and a trial on 100,000 past cases."""

from __future__ import annotations

import hashlib
import random
import time
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.db.models import Model

from benchmarks.harness import Result, compare
from returns import policy, reasons
from returns.models import Rma, RmaLine
from returns.policy import statutes
from returns.policy.cases import Case, History
from returns.services import trials
from revlog.accounts import actors
from revlog.accounts.models import Hub, Organization
from revlog.common import clock, ids
from revlog.terms import ruling
from revlog.terms.models import Contact, Order, OrderLine
from revlog.terms.ruling import Ruling
from revlog.terms.services import orders, rules
from revlog.terms.services.new_orders import NewLine, NewOrder

RULES, CASES, SAMPLES = 200, 100_000, 4_000
COUNTRIES = "NL DE FR BE AT ES IT PL SE GB US CH".split()  # noqa: SIM905
CODES = [code for group in reasons.ASKED for code in reasons.GROUPS[group] if code not in reasons.NOT_ASKED]


def many_rules() -> dict[str, Any]:
    """The shipped rules after as many others as make 200: two to four comparisons each, few of which match."""
    drawn = random.Random(6)
    extra = []
    for number in range(RULES - len(policy.SHIPPED["rules"])):
        parts: list[dict[str, Any]] = [
            {"fact": "country", "op": "in", "value": drawn.sample(COUNTRIES, 3)},
            {"fact": "price", "op": drawn.choice(["<=", ">="]), "value": str(drawn.randint(5, 900))},
            {"fact": "tags", "op": "contains", "value": f"tag{number}"},
        ]
        if number % 2:
            parts.append({"fact": "reason", "op": "in", "value": drawn.sample(CODES, 5)})
        if number % 3 == 0:
            parts[2] = {"fact": "sku", "op": "==", "value": f"SKU-{number}"}
        drawn.shuffle(parts)
        then = {"allow": True, "fee_percent": "10", "window": {"days": 30 + number % 60}}
        extra.append({"id": f"rule_{number}", "when": {"all": parts}, "then": then, "why": "A rule of the benchmark."})
    return dict(policy.SHIPPED) | {"rules": [*extra, *policy.SHIPPED["rules"]]}


def some_cases(count: int) -> list[Case]:
    drawn = random.Random(7)
    today = date(2026, 11, 2)
    found = []
    for _ in range(count):
        delivered = today - timedelta(days=drawn.randint(0, 60))
        found.append(
            Case(
                reason=drawn.choice(CODES),
                wanted=drawn.choice(["refund", "refund", "credit", "exchange"]),
                today=today,
                ordered_on=delivered - timedelta(days=3),
                shipped_on=delivered - timedelta(days=1),
                delivered_on=delivered,
                law_from=delivered,
                sent=True,
                device_class=drawn.choice(["laptop", "phone", "monitor", "accessory"]),
                sku=f"SKU-{drawn.randint(0, 400)}",
                tags=[f"tag{drawn.randint(0, 400)}" for _ in range(3)],
                channel=drawn.choice(["web", "store"]),
                price=Decimal(drawn.randint(500, 90_000)) / 100,
                country=drawn.choice(COUNTRIES),
                history=History(orders=drawn.randint(1, 9), returns=1, return_rate=drawn.randint(0, 100)),
            )
        )
    return found


# The same rules written out ---------------------------------------------------------------------------------------------------------


def _python(condition: Mapping[str, Any], parameters: Mapping[str, Any]) -> str:
    """A condition as somebody would write it by hand who knows of what type each fact is."""
    if "all" in condition:
        return "(" + " and ".join(_python(part, parameters) for part in condition["all"]) + ")"
    if "any" in condition:
        return "(" + " or ".join(_python(part, parameters) for part in condition["any"]) + ")"
    fact, operator = f"get({condition['fact']!r})", condition.get("op", "==")
    value = ruling.filled(condition.get("value"), parameters)
    if operator == "missing":
        return f"{fact} is None"
    if operator == "contains":
        return f"{value!r} in {fact}"
    if operator == "in":
        return f"{fact} in {frozenset(value)!r}"
    if operator in {"==", "!="}:
        return f"{fact} {operator} {value!r}"
    bound = ruling.number(value)
    whole = bound is not None and bound == int(bound)
    written = str(int(bound or 0)) if whole else f"Decimal({str(value)!r})"
    return f"(({fact}) is not None and {fact} {operator} {written})"


def written_out(found: Ruling) -> Callable[[Mapping[str, Any]], str]:
    """One function with an ``if`` for each rule, that says which matched."""
    lines = ["def chain(facts):", "    get = facts.get"]
    for rule in found.compiled.rules:
        test = _python(rule.when, found.parameters) if rule.when is not None else "True"
        lines += [f"    if {test}:", f"        return {rule.id!r}"]
    lines.append("    return ''")
    space: dict[str, Any] = {"Decimal": Decimal}
    exec("\n".join(lines), space)  # noqa: S102 - our own text, made above
    made: Callable[[Mapping[str, Any]], str] = space["chain"]
    return made


def evaluate() -> list[Result]:
    found = Ruling(policy.KIND, 1, many_rules())
    cases = some_cases(SAMPLES)
    law = statutes.read(Ruling(statutes.KIND, 0, statutes.SHIPPED))
    facts = [case.inputs(found.body, policy.law_for(found, case, law).jurisdiction) for case in cases]
    chain = written_out(found)
    wrong = [one for one in facts if ruling.decide(found, one).rule != chain(one)]
    if wrong:
        raise RuntimeError(f"The rules and the same rules in Python differ for {len(wrong)} cases: {wrong[0]}")

    def ours() -> int:
        for one in facts:
            ruling.decide(found, one)
        return len(facts)

    def theirs() -> int:
        for one in facts:
            chain(one)
        return len(facts)

    def whole() -> int:
        for case in cases:
            policy.decide(found, case, law=law)
        return len(cases)

    return [
        compare(
            "policy, 200 rules on a case's facts",
            ours,
            theirs,
            goal=">= 0.5",
            note="reference: the same 200 rules as one hand-written if-chain",
        ),
        compare(
            "policy, 200 rules, facts, law and terms",
            whole,
            theirs,
            goal="",
            note="all that an answer is made of; the same reference",
        ),
    ]


# Past cases -------------------------------------------------------------------------------------------------------------------------


KINDS: tuple[tuple[type[Model], str], ...] = ((Contact, "buyer"), (Order, "order"), (OrderLine, "line"))


def _key(kind: str, number: int) -> uuid.UUID:
    return uuid.UUID(hashlib.md5(f"rules {kind} {number}".encode(), usedforsecurity=False).hexdigest())


def _spread(line: OrderLine) -> None:
    """An order, with its buyer and line, for each past case, like the one of ``line``: all on one order would be like no install."""
    own = {
        "buyer": {"id": "buyer", "email": ""},
        "order": {"id": "order", "contact_id": "buyer", "number": ""},
        "line": {"id": "line", "order_id": "order"},
    }
    rows = {"buyer": line.order.contact_id, "order": line.order_id, "line": line.pk}
    told = {"email": "'buyer' || n || '@example.com'", "number": "'RULES-' || lpad((n + 2)::text, 6, '0')"}
    with connection.cursor() as cursor:
        for model, kind in KINDS:
            columns = [field.column for field in model._meta.concrete_fields]
            values = [
                told.get(column) or f"md5('rules {own[kind][column]} ' || n)::uuid"
                if column in own[kind]
                else f't."{column}"'
                for column in columns
            ]
            named = ", ".join(f'"{column}"' for column in columns)
            cursor.execute(
                f"INSERT INTO {model._meta.db_table} ({named}) SELECT {', '.join(values)} "
                f"FROM {model._meta.db_table} t, generate_series(0, {CASES - 1}) n WHERE t.id = %s",
                [rows[kind]],
            )


def past(at: datetime) -> None:
    """100,000 returns of one line each, of an order each, decided by the shipped rules; the rows alone, a trial reads nothing else."""
    seller, hub = Organization.objects.get(code="operator"), Hub.objects.order_by("code")[0]
    sold = orders.place_many(
        [
            NewOrder(
                number="RULES-0001",
                email="buyer@example.com",
                name="A Buyer",
                address=("Kade 1", "3011 AA Rotterdam"),
                country="NL",
                ordered_at=at - timedelta(days=22),
                shipped_at=at - timedelta(days=21),
                delivered_at=at - timedelta(days=20),
                lines=[NewLine(sku="RULES", description="A thing", price=Decimal("449.00"), device_class="laptop")],
            )
        ],
        seller=seller,
        by=actors.system("bench"),
        at=at,
    )
    line = OrderLine.objects.select_related("order").get(order__number="RULES-0001")
    del sold
    _spread(line)
    shipped = Ruling(policy.KIND, 0, policy.SHIPPED)
    kept = [(case, answer) for case in some_cases(SAMPLES) if (answer := policy.decide(shipped, case)).allowed]
    with transaction.atomic():
        for begin in range(0, CASES, 5_000):
            rmas, lines = [], []
            for number in range(begin, begin + 5_000):
                case, answer = kept[number % len(kept)]
                opened = at - timedelta(minutes=number)
                rma = Rma(
                    id=ids.new(opened), number=f"RULES-{number:06}", order_id=_key("order", number), seller=seller,
                    contact_id=_key("buyer", number),
                    hub=hub, origin="portal", opened_by="bench", opened_at=opened,
                )  # fmt: skip
                rmas.append(rma)
                lines.append(
                    RmaLine(
                        id=ids.new(opened), rma=rma, order_line_id=_key("line", number), position=1, quantity=1, price=case.price,
                        reason=case.reason, wanted=case.wanted, decision=answer.kept(),
                    )
                )  # fmt: skip
            Rma.objects.bulk_create(rmas)
            RmaLine.objects.bulk_create(lines)


def sandbox() -> list[Result]:
    """As a worker does it, in one process: read, decided twice, by the rules in force and by a draft of 200, changes written."""
    at = clock.now()
    past(at)
    by = actors.system("bench")
    draft = rules.draft(kind=policy.KIND, body=many_rules(), by=by, at=at)
    first = (at - timedelta(minutes=CASES)).astimezone(UTC).date()
    trial = trials.start(rule_set=draft, since=first, until=at.astimezone(UTC).date(), by=by, at=clock.now())
    start, used = time.perf_counter(), time.process_time()
    trials.run(trial.pk, by=trials.TRIALS, at=clock.now())
    seconds, used = time.perf_counter() - start, time.process_time() - used
    trial.refresh_from_db()
    if trial.status != "done" or trial.done < CASES or trial.skipped:
        raise RuntimeError(f"The trial is {trial.status} after {trial.done:,} cases, {trial.skipped:,} skipped.")
    note = f"{trial.done:,} cases, a draft of {RULES} rules, {trial.changed:,} would change; one process, {used:.0f} s of its processor"
    return [Result("policy, trial on 100,000 past cases", "s", round(seconds, 1), None, None, "< 60", note)]
