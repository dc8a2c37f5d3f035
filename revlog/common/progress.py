"""How far long work on the command line is."""

from __future__ import annotations

import sys

BAR = 40


class Bar:
    """On a terminal a bar that is drawn anew when it grows; in a log a line each tenth."""

    def __init__(self, of: str = "rows") -> None:
        self.of = of
        self.live = sys.stderr.isatty()
        self.last = -1

    def __call__(self, done: int, total: int) -> None:
        steps = BAR if self.live else 10
        filled = steps if not total else min(steps, done * steps // total)
        if filled == self.last and not self.live:
            return
        self.last = filled
        share = 100 if not total else done * 100 // total
        if self.live:
            sys.stderr.write(f"\r[{'#' * filled}{'.' * (BAR - filled)}] {share:3d} %  {done:,} of {total:,} {self.of}")
        else:
            sys.stderr.write(f"{share:3d} %  {done:,} of {total:,} {self.of}\n")
        sys.stderr.flush()

    def end(self) -> None:
        if self.live and self.last >= 0:
            sys.stderr.write("\n")
