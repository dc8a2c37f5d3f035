"""`python -m revlog.embedded run -- COMMAND...`, `status [--json]`, `stop`, `discard`: the embedded services for other programs."""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from types import FrameType

import revlog.embedded
from revlog.embedded import binaries, holding, libraries, places
from revlog.embedded.errors import UnableToServe
from revlog.embedded.instance import Instance

_FORWARDED = (signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m revlog.embedded", description="The embedded PostgreSQL and Valkey."
    )
    verbs = parser.add_subparsers(dest="verb", required=True)
    run = verbs.add_parser("run", help="hold the services while a command runs; end with its exit code")
    run.add_argument("command", nargs=argparse.REMAINDER, metavar="-- COMMAND...")
    status = verbs.add_parser("status", help="what runs, where, and who uses it; exit code 3 when nothing runs")
    status.add_argument("--json", action="store_true")
    verbs.add_parser("stop", help="stop services that nobody uses any more")
    verbs.add_parser("discard", help="stop them and delete their database for good")
    told = parser.parse_args(arguments)
    try:
        if told.verb == "run":
            command = told.command[1:] if told.command[:1] == ["--"] else told.command
            if not command:
                parser.error("run needs a command: run -- COMMAND...")
            libraries.adopt()
            return hold_for(command)
        if told.verb == "status":
            return tell(as_json=told.json)
        instance = Instance(places.var_folder())
        instance.stop()
        if told.verb == "discard":
            instance.discard()
    except UnableToServe as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


def hold_for(command: Sequence[str]) -> int:
    """Run the command with the services in its environment and PostgreSQL's programs on its PATH."""
    _end_on(signal.SIGTERM, signal.SIGHUP)  # a signal during the start still lets go of the services
    revlog.embedded.attach()
    held = holding.held(places.var_folder())
    environment = dict(os.environ)
    if held:
        environment["PATH"] = os.pathsep.join([str(binaries.postgres(held.place).folder), environment.get("PATH", "")])
    # Ctrl-C reaches the command by itself, as a member of the terminal's foreground group; we wait for how it ends.
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        process = subprocess.Popen(command, env=environment, preexec_fn=lambda: signal.signal(signal.SIGINT, before))  # noqa: PLW1509
    except OSError as problem:
        print(f"{command[0]}: {problem.strerror}", file=sys.stderr)
        return 127

    def forward(number: int, _frame: FrameType | None) -> None:
        process.send_signal(number)

    for number in _FORWARDED:
        signal.signal(number, forward)
    while True:
        try:
            code = process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            for service in held.watch() if held else []:
                print(f"{service} was gone and is running again", file=sys.stderr)
            continue
        return code if code >= 0 else 128 - code


def tell(*, as_json: bool) -> int:
    status = Instance(places.var_folder()).status()
    if as_json:
        print(json.dumps(status))
    else:
        for name, value in status.items():
            if name in {"postgresql", "valkey"}:
                print(f"{name}: {f'running, process {value}' if value else 'not running'}")
            elif name == "users" and isinstance(value, list):
                for user in value:
                    print(f"used by: {user['pid']}  {user['command']}")
            elif value:
                print(f"{name}: {value}")
    return 0 if status["postgresql"] or status["valkey"] else 3


def _end_on(*numbers: signal.Signals) -> None:
    def end(number: int, _frame: FrameType | None) -> None:
        sys.exit(128 + number)

    for number in numbers:
        signal.signal(number, end)


if __name__ == "__main__":
    sys.exit(main())
