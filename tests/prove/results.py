"""How long the proofs take, how their dice fall, and where what they found is written."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from django.conf import settings

SECONDS = max(20.0, min(3600.0, float(os.environ.get("REVLOG_PROVE_SECONDS") or 360)))
SEED = int(os.environ.get("REVLOG_PROVE_SEED") or 1)


def keep(name: str, result: dict[str, Any]) -> None:
    """Print it, and write it to ``var/prove/<name>.json``: beside the tests' own folder, which is thrown away."""
    folder = Path(settings.VAR).resolve().parent / "prove"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    path.write_text(json.dumps(result, indent=1) + "\n")
    print(f"\n{path.read_text()}written to {path}")
