"""The web container's health check: 0 when /healthz answers 200 on PORT, else 1 with what it said."""

from __future__ import annotations

import os
import sys
import urllib.error
import urllib.request


def main() -> int:
    host = os.environ.get("REVLOG_ALLOWED_HOSTS", "localhost").split(",")[0].strip().lstrip(".*") or "localhost"
    address = f"http://127.0.0.1:{os.environ.get('PORT') or '8000'}/healthz"
    try:
        # Asked by the name that the install answers to: any other is refused.
        with urllib.request.urlopen(urllib.request.Request(address, headers={"Host": host}), timeout=4):
            return 0
    except urllib.error.HTTPError as problem:
        print(f"{problem.code}: {problem.read(2000).decode(errors='replace')}")
    except OSError as problem:
        print(f"{address} does not answer: {problem}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
