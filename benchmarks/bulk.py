"""S13: lists of units taken in with every check and entry, against COPY of the very same rows into the same tables."""

from __future__ import annotations

import io
import os
import re
import statistics
import time
import uuid
from datetime import UTC, datetime
from hashlib import sha256

from psycopg2 import connect, sql

from benchmarks import moves as making
from benchmarks.harness import Result
from itad.services import intake
from revlog.accounts.models import Hub, Organization
from revlog.custody.models import Entry
from revlog.devices.models import Device

# In the order in which the rules of the tables allow them; the id of a row that nothing cites is the table's own to give.
TABLES = (
    ("custody_chain", "id", True), ("custody_entry", "chain_id", True), ("custody_unplaced", "entry_id", True),
    ("custody_reaction", "entry_id", False), ("devices_device", "id", True), ("devices_visit", "device_id", True),
    ("devices_identifier", "device_id", False),
)  # fmt: skip
NAMES = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{64}|RL-\w{4}-\w{4}")


class Copied:
    """The rows of some units as COPY reads them, to be put down again under other names."""

    def __init__(self, units: list[uuid.UUID]) -> None:
        self.link = connect(os.environ["DATABASE_OWNER_URL"])
        entries = list(Entry.objects.filter(chain_id__in=units).values_list("pk", flat=True))
        self.known = {str(unit) for unit in units}
        self.known |= {str(pk) for pk in Device.objects.filter(pk__in=units).values_list("visit_id", flat=True)}
        self.known |= set(Device.objects.filter(pk__in=units).values_list("tag", flat=True))
        self.known |= set(Entry.objects.filter(pk__in=entries).values_list("digest", flat=True))
        self.entries = entries
        self.tables: list[tuple[sql.Composed, str]] = []
        with self.link.cursor() as cursor:
            for table, cites, with_id in TABLES:
                cursor.execute(
                    "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped",
                    [table],
                )
                columns = [name for (name,) in cursor.fetchall() if with_id or name != "id"]
                # The number of an entry comes first, so that it can be told from any other.
                columns.sort(key=lambda name: name != ("id" if table == "custody_entry" else cites))
                listed = sql.SQL(", ").join(map(sql.Identifier, columns))
                ids = sql.Literal(entries if cites == "entry_id" else [str(unit) for unit in units])
                kind = sql.SQL("bigint[]" if cites == "entry_id" else "uuid[]")
                out = io.StringIO()
                cursor.copy_expert(
                    sql.SQL("COPY (SELECT {} FROM {} WHERE {} = ANY({}::{})) TO STDOUT").format(
                        listed, sql.Identifier(table), sql.Identifier(cites), ids, kind
                    ), out,
                )  # fmt: skip
                self.tables.append(
                    (sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), listed), out.getvalue())
                )
        self.link.commit()

    def put_down(self) -> float:
        """How many seconds COPY takes for them, commit included."""
        with self.link.cursor() as cursor:
            cursor.execute("SELECT nextval('custody_entry_id_seq') FROM generate_series(1, %s)", [len(self.entries)])
            numbers = {str(old): str(new) for old, (new,) in zip(self.entries, cursor.fetchall(), strict=True)}
        self.link.commit()
        salt = uuid.uuid4().hex
        names = {name: self._other(name, salt) for name in self.known}
        files = []
        for (statement, text), (table, cites, _id) in zip(self.tables, TABLES, strict=True):
            renamed = NAMES.sub(lambda found: names.get(found[0], found[0]), text)
            if table == "custody_entry" or cites == "entry_id":
                renamed = re.sub(r"^\d+", lambda found: numbers[found[0]], renamed, flags=re.MULTILINE)
            files.append((statement, io.StringIO(renamed)))
        start = time.perf_counter()
        with self.link.cursor() as cursor:
            for statement, file in files:
                cursor.copy_expert(statement, file)
        self.link.commit()
        return time.perf_counter() - start

    @staticmethod
    def _other(name: str, salt: str) -> str:
        digest = sha256(f"{salt}{name}".encode()).hexdigest()
        if name.startswith("RL-"):
            return f"RL-{digest[:4].upper()}-{digest[4:8].upper()}"
        return digest if len(name) == 64 else str(uuid.UUID(digest[:32]))


def _against_copy(name: str, take_in: object, *, rounds: int = 3) -> Result:
    ours, bare = [], []
    for turn in range(rounds + 1):
        start = time.perf_counter()
        units = take_in()  # type: ignore[operator]
        took = time.perf_counter() - start
        copied = Copied([unit.pk for unit in units])
        copy = copied.put_down()
        copied.link.close()
        if turn:
            ours.append(len(units) / took)
            bare.append(len(units) / copy)
    ratios = sorted(one / other for one, other in zip(ours, bare, strict=True))
    return Result(
        name, "1/s", round(statistics.median(ours), 1), round(statistics.median(bare), 1), round(statistics.median(ratios), 3),
        ">= 0.2 and 1,000/s", f"{ratios[0]:.2f}-{ratios[-1]:.2f}; at {Device.objects.count():,} units",
    )  # fmt: skip


def take_in(count: int = 2000) -> list[Result]:
    """A client's list, as long as one may be: announced, owned, allowed by contract."""
    client = (
        Organization.objects.get(code="nordbank") if Organization.objects.filter(code="nordbank").exists() else None
    )
    client = client or Organization.objects.filter(kind="client").order_by("created_at")[0]
    hub = Hub.objects.get(code="rotterdam")

    def a_list() -> list[Device]:
        run = uuid.uuid4().hex[:6].upper()
        text = "serial,manufacturer,model,class,asset tag\n" + "".join(
            f"BK{run}{number:06d},Lenovo,ThinkPad T480,laptop,NB-{run}-{number}\n" for number in range(count)
        )
        taken = intake.take_in(
            client=client,
            lines=intake.read(text),
            contract="BENCH",
            hub=hub,
            here=False,
            by=making.BY,
            at=datetime.now(UTC),
        )
        return taken.all

    return [_against_copy("S13 take in a client's list of units", a_list)]
