"""Learning what complaints mean from this install's cases and imported tables; what proposes is replaced only by something better.

What one person said weighs only so much, in learning and in judging alike, and what is learned is asked our own phrases too, which nobody
on the floor labels: so that nobody teaches it nonsense alone.

For jobs and commands: it loads scikit-learn while it runs. The words of customers are read where they are, and a word that fewer than
``LEAST`` texts have goes into no model.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import Max

from revlog.devices import complaints as told
from revlog.evidence.services import artifacts
from triage.complaints import labels, light
from triage.complaints import text as texts
from triage.complaints.phrases import phrases
from triage.complaints.scoring import accuracy, macro_f1
from triage.models import Complaint, ComplaintExample, ComplaintModel
from triage.repairing import FAULTS
from triage.services import complaints

LEAST = 3
"""A word that fewer texts have may be somebody's own."""
BETTER_BY = 0.005
"""So much more must be right before another model proposes."""
OF_ONE = 8
"""So many words alike are of one return with several units: they count once, and no name in them seems to be many people's."""
NEW_ENOUGH = 20
"""So many more examples are worth learning anew."""
MOST_OWN = 20_000
MOST_OF_FAULT = 40
"""So many words of one person count for one fault, the newest."""
PART = 3
"""One person's are at most a third of all, where more than two have said what things were..."""
NEVER_LESS = 20
"""...though so many always count: a third person's first word costs the others none of theirs."""
KEEPS = 0.95
"""So much of what the one that proposes gets right of our phrases another has to get right..."""
KEEPS_OF_FAULT = 0.5
"""...and so much of each fault's phrases."""
MEDIA_TYPE = "application/gzip"


@dataclass(frozen=True)
class Examples:
    """Texts with their labels; ``at`` is since when each is known."""

    texts: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    at: list[datetime] = field(default_factory=list)
    own: int = 0

    def __len__(self) -> int:
        return len(self.texts)


def examples() -> Examples:
    """What persons found behind the complaints of this install, as far as its words are still there, then what was imported."""
    found = Examples()
    there: set[tuple[str, str]] = set()
    mine: list[tuple[str, str, datetime]] = []
    doers: list[tuple[str, str]] = []
    own = Complaint.objects.exclude(found="").select_related("device", "visit").order_by("-settled_at")[:MOST_OWN]
    for row in own:
        said = "\n".join(told.words_of(row.device, row.visit))
        if (said, row.found) in there and len(texts.words(texts.plain(said))) >= OF_ONE:
            continue
        if said and row.settled_at is not None:
            there.add((said, row.found))
            mine.append((said, row.found, row.settled_at))
            doers.append((row.settled_by, row.found))
    for said, code, at in (mine[place] for place in weighed(doers)):
        found.texts.append(said)
        found.codes.append(code)
        found.at.append(at)
    own_count = len(found)
    for text, code, at in ComplaintExample.objects.order_by("pk").values_list("text", "code", "at").iterator():
        found.texts.append(text)
        found.codes.append(code)
        found.at.append(at)
    return Examples(found.texts, found.codes, found.at, own_count)


def weighed(said: Sequence[tuple[str, str]]) -> list[int]:
    """The places of those labels that count, of (person, fault) newest first: of nobody too many, so that nobody teaches alone."""
    of_fault: Counter[tuple[str, str]] = Counter()
    kept = []
    for place, each in enumerate(said):
        of_fault[each] += 1
        if of_fault[each] <= MOST_OF_FAULT:
            kept.append(place)
    counts = Counter(said[place][0] for place in kept)
    most = max(counts.values(), default=0)
    if len(counts) > PART - 1:
        while most > NEVER_LESS and PART * most > sum(min(count, most) for count in counts.values()):
            most -= 1
    of_person: Counter[str] = Counter()
    found = []
    for place in kept:
        of_person[said[place][0]] += 1
        if of_person[said[place][0]] <= most:
            found.append(place)
    return found


def is_due() -> bool:
    """Whether enough was said since the last model. What it had learned from doesn't count: in time its words are erased, or too many."""
    own, imported = Complaint.objects.exclude(found=""), ComplaintExample.objects.all()
    last = ComplaintModel.objects.first()
    if last is not None:
        own, imported = own.filter(settled_at__gt=last.learned_at), imported.filter(at__gt=last.learned_at)
    return own.count() + imported.count() >= NEW_ENOUGH


def learn(*, at: datetime, always: bool = False) -> ComplaintModel | None:
    """Learn a model and compare it with the one that proposes, on the same examples, none of which either had seen; keep the better.

    None where there is nothing new to learn from (unless ``always``), or too little.
    """
    from triage.complaints import learning  # noqa: PLC0415

    if not always and not is_due():
        return None
    known = examples()
    number = (ComplaintModel.objects.aggregate(last=Max("number"))["last"] or 0) + 1
    own_phrases = [(phrase, code) for code, _language, phrase in phrases()]
    said = [phrase for phrase, _code in own_phrases] + known.texts
    codes = [code for _phrase, code in own_phrases] + known.codes
    fit = partial(learning.by_folds, said, codes, least=LEAST, always=len(own_phrases))
    try:
        learned = learning.learn(said, codes, version=f"complaints/{number}", least=LEAST, always=len(own_phrases))
    except learning.TooLittle:
        return None
    before = complaints.champion()
    then = [True] * len(own_phrases) + [before is not None and when <= before.learned_at for when in known.at]
    if before is None:
        shares = [light.shipped().shares(each) for each in known.texts]
        guess = [max(each, key=lambda code: each[code]) for each in shares]
        was = accuracy(known.codes, guess), macro_f1(known.codes, guess)
    else:
        was = fit(candidate=learned.candidate, known=then)
    ask = partial(learning.on_phrases, said, codes, candidate=learned.candidate, least=LEAST, always=len(own_phrases))
    asked = ask(known=[True] * len(codes))
    alone = ask(known=[False] * len(codes))
    # Held against the phrases alone as well: a little lost each night would be much in time.
    against = [alone] if before is None else [alone, ask(known=then)]
    forgot = any(_forgot(asked, one) for one in against)
    with transaction.atomic():
        return ComplaintModel.objects.create(
            number=number,
            artifact=artifacts.keep(light.packed(learned.model), media_type=MEDIA_TYPE, at=at),
            own=known.own,
            imported=len(known) - known.own,
            accuracy=learned.accuracy,
            macro_f1=learned.macro_f1,
            before=before.version if before else light.shipped().version,
            before_accuracy=was[0],
            before_macro_f1=was[1],
            better=not forgot and learned.accuracy >= was[0] + BETTER_BY and learned.macro_f1 >= was[1] - BETTER_BY,
            phrases=_share(asked),
            phrases_before=_share(against[-1]),
            forgot=forgot,
            learned_at=at,
        )


def _share(told: Mapping[str, tuple[int, int]]) -> float:
    return sum(right for right, _of in told.values()) / max(sum(of for _right, of in told.values()), 1)


def _forgot(asked: Mapping[str, tuple[int, int]], before: Mapping[str, tuple[int, int]]) -> bool:
    """Whether so much less is right of the phrases, of all or of one fault's, that examples taught something else than what they say."""
    return _share(asked) < KEEPS * _share(before) or any(
        asked[code][0] < KEEPS_OF_FAULT * right for code, (right, _of) in before.items()
    )


# Imported tables ----------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Imported:
    taken: int
    again: int
    without_text: int
    unknown: dict[str, int]
    """Labels that are none of ours, with how many rows have them."""


def take_in(rows: Iterable[tuple[str, str, str]], *, source: str, mapped: dict[str, str], at: datetime) -> Imported:
    """Keep (text, label, class) as examples of ``source``. The same again changes nothing; a label that nobody knows is told."""
    unknown: Counter[str] = Counter()
    found: dict[str, ComplaintExample] = {}
    without = again = 0
    for text, label, device_class in rows:
        bare = texts.plain(text)
        may = labels.meant(label, known=FAULTS, mapped=mapped)
        if not bare:
            without += 1
        elif not may:
            unknown[label] += 1
        else:
            code = labels.settled(may, light.shipped().shares(bare) if len(may) > 1 else {})
            digest = hashlib.sha256(f"{device_class}\n{bare}".encode()).hexdigest()
            again += digest in found
            found[digest] = ComplaintExample(
                source=source, digest=digest, text=bare[:4000], device_class=device_class, code=code, at=at
            )
    with transaction.atomic():
        there = set(ComplaintExample.objects.filter(source=source).values_list("digest", flat=True))
        fresh = [row for digest, row in found.items() if digest not in there]
        ComplaintExample.objects.bulk_create(fresh, batch_size=2000, ignore_conflicts=True)
    return Imported(
        taken=len(fresh),
        again=again + len(found) - len(fresh),
        without_text=without,
        unknown=dict(unknown.most_common()),
    )
