"""Troubleshooting trees: questions and instructions that end in a remedy, a return, a warranty case or a stop for safety. Pure.

A tree is a rule of the kind ``returns.troubleshooting``: ``when`` says for which things and reasons it is, ``then`` what it holds:

    {"title": "...", "start": "charge",
     "nodes": {"charge": {"text": "...", "answers": [{"id": "yes", "text": "...", "to": "works"}, ...]},
               "works": {"end": "fixed", "text": "..."},
               "broken": {"end": "return", "text": "...", "reason": "POWER", "wanted": "repair"}}}

A node asks (``answers``) or ends (``end``). The first tree whose conditions hold is walked; what was answered is kept with the version, so
that a walk goes on in the tree it began in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from returns import reasons, trees
from returns.policy.checking import OUTCOMES
from revlog.common.errors import Reason
from revlog.terms import ruling
from revlog.terms.ruling import Body, Kind, Ruling

KIND = "returns.troubleshooting"
ENDS = ("fixed", "return", "warranty", "safety")
FACTS = frozenset(
    {"device_class", "product", "sku", "category", "tags", "reason", "reason_group", "days_since_delivery"}
)
MOST_NODES = 200
MOST_ANSWERS = 8
LONGEST = 600


@dataclass(frozen=True)
class Option:
    id: str
    text: str
    to: str


@dataclass(frozen=True)
class Node:
    """A step: what is read out or asked, and what may be answered; or an end with what it suggests."""

    id: str
    text: str
    options: Sequence[Option] = ()
    end: str = ""
    reason: str = ""
    wanted: str = ""


@dataclass(frozen=True)
class Tree:
    """One tree of one version of the rules."""

    id: str
    title: str
    start: str
    nodes: Mapping[str, Node]
    version: int

    def walk(self, answers: Iterable[str]) -> Walk:
        """Where so many answers lead. One that the tree doesn't offer there ends the walk before it, as if it hadn't been given."""
        here, steps = self.nodes[self.start], []
        for answer in answers:
            option = next((one for one in here.options if one.id == answer), None)
            if option is None:
                break
            steps.append(Step(here, option))
            here = self.nodes[option.to]
        return Walk(self, here, steps)


@dataclass(frozen=True)
class Step:
    node: Node
    option: Option


@dataclass(frozen=True)
class Walk:
    """Where somebody stands in a tree, and how they came there."""

    tree: Tree
    here: Node
    steps: Sequence[Step]

    @property
    def answers(self) -> list[str]:
        return [step.option.id for step in self.steps]

    @property
    def is_over(self) -> bool:
        return bool(self.here.end)


def inputs(
    *,
    device_class: str,
    reason: str,
    product: str = "",
    sku: str = "",
    category: str = "",
    tags: Sequence[str] = (),
    days_since_delivery: int | None = None,
) -> dict[str, Any]:
    """The facts by which a tree is chosen."""
    return {
        "device_class": device_class,
        "product": product,
        "sku": sku,
        "category": category,
        "tags": list(tags),
        "reason": reason,
        "reason_group": reasons.group(reason),
        "days_since_delivery": days_since_delivery,
    }


def chosen(found: Ruling, facts: Mapping[str, Any]) -> Tree | None:
    """The tree for a thing and a reason; None where there is none, and somebody has to ask in their own words."""
    decision = ruling.decide(found, facts)
    return read(decision.rule, decision.outcome, version=found.version) if decision.rule else None


def named(found: Ruling, name: str) -> Tree | None:
    """The tree of that name in a version of the rules."""
    for rule in found.body.get("rules", []):
        if rule["id"] == name:
            return read(name, rule["then"], version=found.version)
    return None


def read(name: str, then: Mapping[str, Any], *, version: int) -> Tree:
    """A tree from the outcome of its rule, in the reader's language where it is one of the shipped."""
    nodes = {
        key: Node(
            id=key,
            text=gettext(node["text"]),
            options=[Option(str(one["id"]), gettext(one["text"]), str(one["to"])) for one in node.get("answers", ())],
            end=str(node.get("end", "")),
            reason=str(node.get("reason", "")),
            wanted=str(node.get("wanted", "")),
        )
        for key, node in then["nodes"].items()
    }
    return Tree(name, gettext(then["title"]), str(then["start"]), nodes, version)


# Checking ---------------------------------------------------------------------------------------------------------------------------


def check(body: Body) -> list[Reason]:
    """What is wrong with the trees: parts that are missing, ways that lead nowhere, and rounds that nobody gets out of."""
    found: list[Reason] = []
    if body.get("mode", "first") != "first":
        found.append(Reason("mode", "Trees are tried in order; the mode is first.", "body.mode"))
    for place, rule in enumerate(body.get("rules", [])):
        where = f"body.rules[{place}]"
        then = rule.get("then", {})
        wrong = _shape(then, f"{where}.then")
        found += wrong or _ways(then, f"{where}.then")
        found += [
            Reason("fact", f"Trees aren't chosen by {name}; known are {', '.join(sorted(FACTS))}.", f"{where}.when")
            for name in sorted(_facts(rule.get("when")) - FACTS)
        ]
    return found


def _facts(condition: object) -> set[str]:
    if isinstance(condition, Mapping):
        own = {str(condition["fact"])} if "fact" in condition else set()
        return own.union(*(_facts(part) for part in condition.values()))
    if isinstance(condition, list):
        return set().union(*(_facts(part) for part in condition))
    return set()


def _is_text(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value.strip()) <= LONGEST


def _shape(then: Mapping[str, Any], where: str) -> list[Reason]:
    """Parts that are missing or of a wrong kind."""
    found = []
    nodes = then.get("nodes")
    if unknown := set(then) - {"title", "start", "nodes"}:
        found.append(Reason("unknown", f"Nothing reads {min(unknown)!r} of a tree.", where))
    if not _is_text(then.get("title")):
        found.append(Reason("title", "A tree has a title.", f"{where}.title"))
    if not isinstance(nodes, Mapping) or not 1 <= len(nodes) <= MOST_NODES:
        return [*found, Reason("nodes", f"A tree has 1 to {MOST_NODES} nodes by their names.", f"{where}.nodes")]
    if then.get("start") not in nodes:
        found.append(Reason("start", "A tree starts at one of its nodes.", f"{where}.start"))
    for name, node in nodes.items():
        found += _node(node, nodes, f"{where}.nodes.{name}")
    return found


def _node(node: object, nodes: Mapping[str, Any], where: str) -> list[Reason]:
    if not isinstance(node, Mapping):
        return [Reason("node", f"{where} is not a node.", where)]
    found = []
    if not _is_text(node.get("text")):
        found.append(Reason("text", f"A node says something, in at most {LONGEST} characters.", f"{where}.text"))
    if "end" in node:
        return found + _end(node, where)
    if unknown := set(node) - {"text", "answers"}:
        found.append(Reason("unknown", f"Nothing reads {min(unknown)!r} of a node that asks.", where))
    answers = node.get("answers")
    if not isinstance(answers, list) or not answers:
        return [*found, Reason("dead_end", "A node asks something or ends; here nobody gets on.", where)]
    if len(answers) > MOST_ANSWERS:
        found.append(Reason("answers", f"A node has at most {MOST_ANSWERS} answers.", f"{where}.answers"))
    seen: set[str] = set()
    for place, answer in enumerate(answers):
        at = f"{where}.answers[{place}]"
        if not isinstance(answer, Mapping) or set(answer) != {"id", "text", "to"}:
            found.append(Reason("answer", "An answer has an id, a text and where it leads.", at))
            continue
        if not _is_text(answer["text"]) or not _is_text(answer["id"]) or str(answer["id"]) in seen:
            found.append(Reason("answer", "An answer has a text, and an id that no other has here.", at))
        seen.add(str(answer["id"]))
        if not isinstance(answer["to"], str) or answer["to"] not in nodes:
            found.append(Reason("unknown_target", f"There is no node {answer['to']!r} to go to.", f"{at}.to"))
    return found


def _end(node: Mapping[str, Any], where: str) -> list[Reason]:
    found = []
    if node["end"] not in ENDS:
        found.append(Reason("end", f"A tree ends in one of {', '.join(ENDS)}.", f"{where}.end"))
    if unknown := set(node) - {"text", "end", "reason", "wanted"}:
        found.append(Reason("unknown", f"Nothing reads {min(unknown)!r} of an end.", where))
    if node["end"] != "fixed" and node.get("reason") not in reasons.CODES:
        found.append(Reason("reason", "An end that isn't fixed names the reason for the return.", f"{where}.reason"))
    if node["end"] == "safety" and node.get("reason") not in reasons.GROUPS["safety"]:
        found.append(Reason("reason", "A stop for safety has a reason of safety.", f"{where}.reason"))
    if "wanted" in node and node["wanted"] not in OUTCOMES:
        found.append(Reason("wanted", f"What is suggested is one of {', '.join(OUTCOMES)}.", f"{where}.wanted"))
    return found


def _ways(then: Mapping[str, Any], where: str) -> list[Reason]:
    """Nodes that nobody comes to, and those from which no way leads to an end."""
    nodes = then["nodes"]
    leads = {name: [str(one["to"]) for one in node.get("answers", ())] for name, node in nodes.items()}
    reached = _closure({str(then["start"])}, leads)
    back: dict[str, list[str]] = {name: [] for name in nodes}
    for name, targets in leads.items():
        for target in targets:
            back[target].append(name)
    ended = _closure({name for name, node in nodes.items() if "end" in node}, back)
    return [
        Reason("unreachable", f"No way leads to {name!r}.", f"{where}.nodes.{name}")
        for name in nodes
        if name not in reached
    ] + [
        Reason("no_way_out", f"From {name!r} no way leads to an end.", f"{where}.nodes.{name}")
        for name in nodes
        if name in reached and name not in ended
    ]


def _closure(first: set[str], leads: Mapping[str, Sequence[str]]) -> set[str]:
    found, todo = set(first), list(first)
    while todo:
        for target in leads[todo.pop()]:
            if target not in found:
                found.add(target)
                todo.append(target)
    return found


TREES = ruling.register(Kind(KIND, trees.SHIPPED, check, told=True))
