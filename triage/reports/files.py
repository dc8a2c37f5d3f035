"""Report files as commands find them: their bytes within the limit, or why there are none."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from triage.reports.normal import UnreadableReport
from triage.reports.sniff import LARGEST_BYTES


def content(file: str | Path) -> bytes:
    """The file's bytes. Raises UnreadableReport for what isn't there, isn't a file, can't be opened or is too large."""
    try:
        path = Path(file)
        if not stat.S_ISREG(path.stat().st_mode):
            raise UnreadableReport("NOT_A_FILE", "This is not a file but a folder or a device.")
        with path.open("rb") as opened:
            data = opened.read(LARGEST_BYTES + 1)
    except FileNotFoundError:
        raise UnreadableReport("NOT_FOUND", "There is no such file.") from None
    except (OSError, ValueError) as error:
        raise UnreadableReport("NOT_READABLE", f"The file can't be opened: {type(error).__name__}.") from None
    if len(data) > LARGEST_BYTES:
        raise UnreadableReport("TOO_LARGE", f"The file has more than {LARGEST_BYTES} bytes.")
    return data


def below(folder: Path) -> Iterator[Path]:
    """Every file in a folder and the folders in it, in the order of their names; hidden ones are left out, links to folders aren't
    followed."""
    for at, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(at, name) for name in sorted(names) if not name.startswith("."))
