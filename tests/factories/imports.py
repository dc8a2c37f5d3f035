"""Small files of past orders and returns, as sellers export them, and their imports."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from returns.imports import mapping as mappings
from returns.imports.mapping import Mapping
from returns.imports.reading import Source
from returns.models import ImportRun
from returns.services import importing
from returns.services.importing import Progress
from revlog.accounts.actors import system

AT = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
BY = system("test")
HEAD = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"


def row(  # noqa: PLR0917 - the columns in their order
    document: str = "536365",
    sku: str = "85123A",
    quantity: int | str = 6,
    price: str = "2.55",
    customer: str = "17850.0",
    at: str = "2010-12-01 08:26:00",
    text: str = "WHITE HANGING HEART T-LIGHT HOLDER",
    country: str = "United Kingdom",
) -> str:
    return f"{document},{sku},{text},{quantity},{at},{price},{customer},{country}\n"


def source(rows: Iterable[str], *, head: str = HEAD, name: str = "past.csv", encoding: str = "utf-8") -> Source:
    return Source(name, (head + "".join(rows)).encode(encoding))


def uci() -> Mapping:
    return mappings.named("uci-online-retail")


def begun(told: Source, mapping: Mapping | None = None, *, seller: str = "", at: datetime = AT) -> ImportRun:
    how = mapping or uci()
    return importing.begin(
        source=told, mapping=how, seller=importing.seller_for(how, code=seller, by=BY, at=at), by=BY, at=at
    )


def imported(
    told: Source,
    mapping: Mapping | None = None,
    *,
    seller: str = "",
    progress: Progress | None = None,
    at: datetime = AT,
) -> ImportRun:
    """The file, taken over as far as nothing stops it; going on where it was when it was begun before."""
    how = mapping or uci()
    run = begun(told, how, seller=seller, at=at)
    return importing.carry_on(run, source=told, mapping=how, progress=progress, by=BY, at=at)
