"""PostgreSQL and Valkey for a machine that has neither: `make run` and `manage.py` need nothing but Python.

``attach()`` gives this process its services through the environment, as any server would be given: ``DATABASE_URL`` (the
application's role), ``DATABASE_OWNER_URL`` (the role that migrates), ``REDIS_URL``. What the environment names already is
left alone, and then nothing of ours is started for it. ``python -m revlog.embedded`` does the same for other programs.

``REDIS_URL`` is given as redis-py reads it, ``unix:///folder/v?db=0``; Celery spells the same
``redis+socket:///folder/v?virtual_host=0``, which ``revlog.settings.env.celery_broker`` derives.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from urllib.parse import unquote, urlsplit

from revlog.embedded import places
from revlog.embedded.errors import NotRunning, UnableToServe

__all__ = ["NotRunning", "UnableToServe", "attach", "is_external", "migration_environment", "secret_key"]


def attach(*, start: bool = True) -> bool:
    """Give this process its database and broker, through ``os.environ``; call it before Django reads its settings.

    Sets what is missing of ``DATABASE_URL``, ``DATABASE_OWNER_URL``, ``REDIS_URL``, ``REVLOG_APP_ROLE`` and
    ``REVLOG_SECRET_KEY``, and makes ``REVLOG_VAR`` absolute. Starts what does not run, unless ``start`` is off (then it
    raises NotRunning); the process is a user of the services until it ends, and the last user stops them. Returns whether
    anything was started. Raises UnableToServe with a sentence fit for the person.
    """
    var = places.var_folder()
    os.environ["REVLOG_VAR"] = str(var)
    started = False
    if not is_external():
        # Imported late: whoever brings real servers pays nothing for ours.
        from revlog.embedded.holding import hold  # noqa: PLC0415

        started = bool(hold(var, start=start))
    if not os.environ.get("REVLOG_SECRET_KEY") and not os.environ.get("DJANGO_SETTINGS_MODULE", "").endswith(".prod"):
        os.environ["REVLOG_SECRET_KEY"] = secret_key(var)
    return started


def is_external() -> bool:
    """Whether the environment names both servers, so that nothing embedded is needed."""
    return bool(os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"))


def migration_environment() -> dict[str, str]:
    """The environment of a command that migrates: the owner's login, told which role to grant to."""
    application = os.environ["DATABASE_URL"]
    owner = os.environ.get("DATABASE_OWNER_URL") or application
    told = os.environ | {"DATABASE_URL": owner}
    if role := unquote(urlsplit(application).username or ""):
        told.setdefault("REVLOG_APP_ROLE", role)
    return told


def secret_key(var: Path) -> str:
    """This instance's own secret, made at the first call and kept in ``$REVLOG_VAR/secret_key`` for us alone."""
    path = var / "secret_key"
    if not path.exists():
        places.embedded_folder(var)
        fresh = places.draft(path, secrets.token_urlsafe(48) + "\n")
        try:
            os.link(fresh, path)  # unlike a rename it cannot replace the key that another process has just made
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    try:
        return path.read_text().strip()
    except OSError as problem:
        raise UnableToServe(f"{path} cannot be read: {problem.strerror}.") from None
