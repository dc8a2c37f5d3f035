"""Setting up printers, and whether the platform may speak with one."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub, Station
from revlog.common import ids
from revlog.common.errors import BadInput, DomainError, NotAllowed, Reason
from revlog.labels.drawing import zpl
from revlog.labels.drawing.shapes import STOCKS
from revlog.labels.models import Printer, Way


class OutOfBounds(DomainError):
    """The platform doesn't speak with that address."""

    code = "printer_out_of_bounds"


def reachable(host: str, port: int) -> tuple[str, int]:
    """The address to connect to, looked up once, so that what was checked is what is called. Raises OutOfBounds, or OSError where the
    name isn't known now.

    Only private addresses within ``REVLOG_PRINTERS_NETWORKS``, and the ports of ``REVLOG_PRINTERS_PORTS``: a printer's address must not
    make the server call anything else.
    """
    if port not in settings.PRINTERS_PORTS:
        raise OutOfBounds(_("Port %s is none of the ports where printers listen.") % port)
    found = {row[4][0] for row in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    networks = [ipaddress.ip_network(one.strip()) for one in settings.PRINTERS_NETWORKS if one.strip()]
    for told in found:
        address = ipaddress.ip_address(str(told).partition("%")[0])
        mapped = getattr(address, "ipv4_mapped", None)
        address = mapped or address
        inside = any(address.version == one.version and address in one for one in networks)
        if (
            not inside
            or not address.is_private
            or address.is_link_local
            or address.is_multicast
            or address.is_unspecified
        ):
            raise OutOfBounds(_("%s is in none of the networks of printers (REVLOG_PRINTERS_NETWORKS).") % host)
    return str(min(found)), port


def reasons_against_keeping(
    *, hub: Hub, name: str, way: str, host: str, port: int, dpi: int, stock: str, stations: Sequence[Station], by: Actor
) -> list[Reason]:
    found: list[Reason] = []
    if not name.strip():
        found.append(Reason("no_name", _("Give it the name that stands on it."), "name"))
    if way not in Way.values or stock not in STOCKS or dpi not in zpl.DPI:
        found.append(Reason("unknown", _("Choose how it prints, on what, and its dots per inch."), "way"))
    elif way != Way.BROWSER and STOCKS[stock].sheet is not None:
        found.append(Reason("sheet", _("A label printer has a roll, not sheets."), "stock"))
    if any(one.hub_id != hub.pk for one in stations):
        found.append(Reason("elsewhere", _("A printer serves stations of its own site."), "stations"))
    if way == Way.NETWORK:
        try:
            reachable(host.strip(), port)
        except OSError:
            found.append(Reason("unknown_host", _("Nobody knows the address %s.") % host[:60], "host"))
        except OutOfBounds as refusal:
            found.append(Reason("out_of_bounds", refusal.sentence, "host"))
    return found


@transaction.atomic
def keep(
    *, printer: Printer | None = None, hub: Hub, name: str, way: str, host: str = "", port: int = 9100, dpi: int = 203,
    stock: str = "100x50", red_border: bool = False, on_receipt: bool = False, stations: Sequence[Station] = (), by: Actor,
    at: datetime,
) -> Printer:  # fmt: skip
    """Set up a printer of a site, or change it. Raises BadInput with every reason."""
    _require(by, hub)
    if printer is not None and printer.hub_id != hub.pk:
        raise BadInput(Reason("hub", _("A printer stays at its site; set up another one there."), "hub"))
    if found := reasons_against_keeping(
        hub=hub, name=name, way=way, host=host, port=port, dpi=dpi, stock=stock, stations=stations, by=by
    ):
        raise BadInput(found)
    row = printer or Printer(id=ids.new(at), hub=hub, created_at=at)
    row.name, row.way, row.dpi, row.stock = name.strip()[:60], way, dpi, stock
    row.host, row.port = (host.strip()[:100], port) if way == Way.NETWORK else ("", 9100)
    row.red_border, row.on_receipt = red_border, on_receipt
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise BadInput(Reason("taken", _("Another printer here has this name."), "name")) from None
    row.stations.set(stations)
    return row


def retire(printer: Printer, *, by: Actor) -> Printer:
    """It is gone: no job goes there any more."""
    _require(by, printer.hub)
    printer.active, printer.on_receipt = False, False
    printer.save(update_fields=["active", "on_receipt"])
    printer.stations.clear()
    return printer


def _require(by: Actor, hub: Hub) -> None:
    if not by.may("accounts.stations") or not hub.is_worked_by(by):
        raise NotAllowed(Reason("not_allowed", _("Printers are set up by the leads of the site.")))
