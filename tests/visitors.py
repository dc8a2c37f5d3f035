"""People and programs at the other end of http, without a browser: for a platform that runs in processes of its own."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import requests

from tests.platforms import Platform


def least(act: Callable[[], object], *, times: int = 9) -> float:
    """The least seconds that an act takes of so many tries: a busy machine only adds to what it needs, a wait is in each of them."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        act()
        taken.append(time.perf_counter() - began)
    return min(taken)


class Visitor:
    """A person of the demo, signed in by their role card."""

    def __init__(self, running: Platform, name: str) -> None:
        self.url, self.name, self.session = running.url, name, requests.Session()
        self.get("/welcome/")
        answer = self.post("/demo/sign-in", {"person": name, "next": "/work/"})
        if not answer.url.endswith("/work/"):
            raise requests.ConnectionError(f"{name} could not sign in: {answer.status_code} {answer.url}")

    def get(self, path: str) -> requests.Response:
        return self.session.get(self.url + path, timeout=30)

    def post(
        self,
        path: str,
        told: dict[str, str],
        files: list[tuple[str, tuple[str, bytes]]] | None = None,
        **headers: str,
    ) -> requests.Response:
        token = self.session.cookies.get("csrftoken", "")
        return self.session.post(
            self.url + path, data=told, files=files, timeout=30,
            headers={"X-CSRFToken": token, "Referer": self.url + path, **headers},
        )  # fmt: skip

    def seconds(self, path: str) -> float:
        """How long a page takes, after one call that warms it."""
        self.get(path)

        def seen() -> None:
            assert self.get(path).status_code == 200

        return least(seen)


class Partner:
    """A program with a key of ``organization``."""

    def __init__(self, running: Platform, organization: str) -> None:
        self.url, self.organization, self.session = f"{running.url}/api/v1", organization, requests.Session()
        key = running.manage("create_api_key", "--organization", organization, "--scopes", "all").stdout.strip()
        self.session.headers["Authorization"] = f"Bearer {key}"

    def get(self, path: str) -> requests.Response:
        return self.session.get(self.url + path, timeout=30)

    def post(
        self, path: str, body: Any = None, *, key: str | None = None, raw: bytes | None = None
    ) -> requests.Response:
        headers = {"Idempotency-Key": key} if key else {}
        if raw is not None:
            return self.session.post(self.url + path, data=raw, headers=headers, timeout=30)
        return self.session.post(self.url + path, json={} if body is None else body, headers=headers, timeout=30)
