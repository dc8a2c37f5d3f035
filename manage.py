#!/usr/bin/env python
"""Django's command line, with its database and broker at hand.

A command that needs them finds the instance under ``REVLOG_VAR``, starting it, migrated and with the stable organizations,
when it does not run. Where the environment names real servers, those are used as they are.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from types import FrameType

WITHOUT_SERVICES = {
    "access_table", "check", "collectstatic", "compilemessages", "diffsettings", "help", "journey_doc", "makemessages",
    "makemigrations", "spectacular", "version",
}  # fmt: skip
# These change tables, which belong to the owner's role; everything else runs as the application.
AS_OWNER = {"flush", "migrate"}


def needs_services(arguments: list[str]) -> bool:
    command = next((argument for argument in arguments if not argument.startswith("-")), "help")
    if command in WITHOUT_SERVICES or {"-h", "--help", "--version"} & set(arguments):
        return False
    return not (command == "ingest_report" and "--dry-run" in arguments)


def main() -> None:
    """Put the environment together, then hand over to Django."""
    root = Path(__file__).resolve().parent
    python = root / ".venv" / "bin" / "python"
    try:
        import django  # noqa: F401, PLC0415
    except ModuleNotFoundError:
        if python.exists() and Path(sys.prefix) != root / ".venv":
            os.execv(python, [str(python), *sys.argv])  # noqa: S606 - the same command with the project's own Python
        sys.exit("Django is not installed for this Python; make setup makes .venv, then use .venv/bin/python manage.py")

    from revlog import embedded  # noqa: PLC0415
    from revlog.embedded import libraries  # noqa: PLC0415

    libraries.adopt()
    arguments = sys.argv[1:]
    command = next((argument for argument in arguments if not argument.startswith("-")), "help")
    if needs_services(arguments):
        signal.signal(signal.SIGTERM, _end)  # so that ending this command also lets go of the services
        try:
            provided = embedded.is_external()
            started = embedded.attach()
            if not provided and command not in AS_OWNER:
                from revlog.embedded.preparing import prepare  # noqa: PLC0415

                prepare(always=started)
        except embedded.UnableToServe as problem:
            sys.exit(str(problem))
        if command in AS_OWNER:
            os.environ.update(embedded.migration_environment())
    else:
        if command == "ingest_report":
            # A dry run reads files, whatever the environment says of servers.
            for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL"):
                os.environ.pop(name, None)
        if not os.environ.get("DATABASE_URL"):
            os.environ.setdefault("DJANGO_SETTINGS_MODULE", "revlog.settings.check")

    from django.core.management import execute_from_command_line  # noqa: PLC0415

    import revlog.celery  # noqa: F401, PLC0415 - first, so that a task published by a command finds its broker
    from revlog.settings.env import BadEnvironment  # noqa: PLC0415

    try:
        execute_from_command_line(sys.argv)
    except BadEnvironment as problem:
        sys.exit(str(problem))


def _end(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)


if __name__ == "__main__":
    main()
