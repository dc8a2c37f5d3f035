"""`make clean`: remove what can be made again. The instance's database, files and keys stay."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CACHES = (".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", ".import_linter_cache")
MADE_AGAIN = ("assets", "npm", "static", "system", "test", "bench", "screenshots")


def main() -> None:
    var = Path(os.path.abspath(ROOT / (os.environ.get("REVLOG_VAR") or "var")))  # noqa: PTH100 - links stay as told
    python = ROOT / ".venv/bin/python"
    for name in ("test", "bench", "screenshots"):
        if (var / name / "embedded").is_dir() and python.exists():
            environment = os.environ | {"REVLOG_VAR": str(var / name)}
            subprocess.run([python, "-m", "revlog.embedded", "discard"], cwd=ROOT, env=environment, check=False)
    for folder in [ROOT / name for name in CACHES] + [var / name for name in MADE_AGAIN] + [ROOT / ".venv"]:
        shutil.rmtree(folder, ignore_errors=True)
    skipped = {".git", ".venv", "node_modules"}
    for parent, folders, _ in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in skipped and Path(parent, name) != var]
        if "__pycache__" in folders:
            shutil.rmtree(Path(parent, "__pycache__"), ignore_errors=True)
    if (var / "embedded").exists():
        print(f"Kept: the database, files and keys in {var}")


if __name__ == "__main__":
    main()
