"""The killer: from a seed, one process after the other gets SIGKILL at a random moment, stays dead a while and is started again."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

from tests.platforms import INSIDE, ROOT, Platform
from tests.prove.journal import Journal

VICTIMS = {
    "web": 4, "fast": 4, "slow": 4, "beat": 2, "acts": 3, "postgresql": 3, "valkey": 2,
    # One of its children alone: whoever is above it starts another.
    "web child": 3, "fast child": 3, "slow child": 3, "a session": 3,
    "everything": 1,
}  # fmt: skip
SERVICES = ("postgresql", "valkey")


class Acts:
    """The people who work by verbs, in a process that is killed like the others."""

    def __init__(self, running: Platform, journal: Journal) -> None:
        self.running, self.journal = running, journal
        self.process: subprocess.Popen[str] | None = None
        self.broke = 0
        self.refused: Counter[str] = Counter()

    def start(self) -> None:
        log = (self.running.folder / "acts.log").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-c", INSIDE], cwd=ROOT, env=self.running.environment, text=True, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=log, start_new_session=True,
        )  # fmt: skip
        log.close()
        assert self.process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(json.dumps({"code": "from tests.prove import acts\nacts.work()", "names": {}}))
            self.process.stdin.close()
        threading.Thread(target=self._listen, args=(self.process,), daemon=True).start()

    def _listen(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            try:
                told = json.loads(line)
            except ValueError:
                continue  # the last line of one that was killed while it spoke
            if "act" in told:
                self.journal.success(told.pop("act"), **told)
            elif "refused" in told:
                self.refused[f"{told['refused']}: {told['why']}"] += 1
            else:
                self.broke += 1

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait(timeout=10)
            self.process = None

    @property
    def lives(self) -> bool:
        return self.process is not None and self.process.poll() is None


class Killer:
    """Works in the thread that calls it, and that one must live: what it starts asks for a signal when the thread that started it ends."""

    def __init__(self, running: Platform, acts: Acts, *, seed: int) -> None:
        self.running, self.acts = running, acts
        self.dice = random.Random(f"{seed}:killer")
        self.killed: Counter[str] = Counter()

    def run(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            time.sleep(self.dice.uniform(1, 6))
            self.strike()

    def strike(self) -> None:
        names, weights = list(VICTIMS), list(VICTIMS.values())
        victims = {self.dice.choices(names, weights)[0]}
        if self.dice.random() < 0.25:
            victims.add(self.dice.choices(names, weights)[0])
        if "everything" in victims:
            victims = {"web", "fast", "slow", "beat", "acts", *SERVICES}
        for name in sorted(victims):
            if self.kill(name):
                self.killed[name] += 1
        time.sleep(self.dice.uniform(0, 3))
        self.mend()

    def kill(self, name: str) -> bool:
        running = self.running
        if name == "acts":
            self.acts.kill()
        elif name in SERVICES:
            return _kill(running.service(name))
        elif name == "a session":
            # PostgreSQL ends every session when one of them dies like this, and recovers.
            return _kill(self.dice.choice(children(running.service("postgresql")) or [0]))
        elif name.endswith(" child"):
            process = running.running.get(name.removesuffix(" child"))
            return process is not None and _kill(self.dice.choice(children(process.pid) or [0]))
        elif name in running.running:
            running.kill(name)
        return True

    def mend(self) -> None:
        """Start whatever is dead, as the one who watches over the processes would."""
        running = self.running
        running.hold()
        for name in ("web", "fast", "slow", "beat"):
            process = running.running.get(name)
            if process is not None and process.poll() is not None:
                running.running.pop(name)
                process = None
            if process is None:
                running.start(name)
        if not self.acts.lives:
            self.acts.start()


def children(pid: int | None) -> list[int]:
    if pid is None:
        return []
    with contextlib.suppress(OSError):
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def _kill(pid: int | None) -> bool:
    if not pid:
        return False
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
        return True
    return False
