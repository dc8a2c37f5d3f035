"""Whether a drive was erased. Everything must say so: one thing that is missing or speaks against it, and it wasn't.

A log is evidence for a certificate, so the question is never "does it look well?" but "what would have to be there if it had
gone well?". Each small function below asks for one such thing and gives the sentences of what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from triage.reports.normal import ErasureOutcome
from triage.reports.nwipe import methods
from triage.reports.nwipe.runs import Drive, Run

_VERIFICATION = {"NV": "none", "VL": "last pass", "VA": "all passes"}
_VERIFY_OPTION = {"0": "NV", "1": "VL", "2": "VA"}
_CHECKS_HIDDEN_SINCE = (0, 35)
_SUMS_UP_SINCE = (0, 42)
_WITHOUT_HIDDEN_AREA = ("VIRT", "NVME", "MMC", "SCSI", "SAS", "UFS")


def method_of(run: Run, drive: Drive) -> str | None:
    """The method as printed for this drive; None when the log names none or several."""
    named = {*drive.methods, *(methods.label(total[0]) for total in run.totals)}
    if not named and "method" in run.options:
        named = {methods.label(run.options["method"])}
    return next(iter(named)) if len(named) == 1 else None


def rounds_of(run: Run, drive: Drive) -> int | None:
    rounds = drive.rounds | {total[1] for total in run.totals}
    if not rounds and run.options.get("rounds", "").isdecimal():
        rounds = {int(run.options["rounds"][:6])}
    return next(iter(rounds)) if len(rounds) == 1 else None


def verification_of(run: Run) -> str | None:
    """``none``, ``last pass`` or ``all passes``; None when the log doesn't say."""
    said = {total[3] for total in run.totals} or {_VERIFY_OPTION.get(run.options.get("verify", "")[:1], "")}
    return _VERIFICATION.get(next(iter(said))) if len(said) == 1 else None


def blanked(run: Run, drive: Drive) -> bool | None:
    """Whether zeros were written last: shown by the drive's own line, or ruled out by the option."""
    if drive.blanked:
        return True
    return False if run.no_blank or {total[2] for total in run.totals} == {"NB"} else None


def bytes_total(drive: Drive) -> int | None:
    totals = {row.bytes_total for row in drive.erasures} or drive.sizes
    return next(iter(totals)) if len(totals) == 1 else None


def bytes_erased(run: Run, drive: Drive) -> int | None:
    """What the tool's table says, else the most that one pass wrote. Nothing is erased by a method that only reads."""
    erased = {row.bytes_erased for row in drive.erasures}
    if erased:
        return next(iter(erased)) if len(erased) == 1 else None
    if methods.effect(method_of(run, drive)) is methods.Effect.ONLY_READS:
        return 0
    return max(drive.written, default=None)


def hidden_area(run: Run, drive: Drive) -> str | None:
    """``detected``, ``indeterminate``, ``none``, ``not applicable``; None when the tool doesn't say."""
    said = drive.hidden | run.hidden
    if "DETECTED" in said or "ENABLED" in said:
        return "detected"
    if said:
        return "indeterminate"
    if any(real > 1 and real != reported for real in drive.dco for reported, _ in drive.hpa):
        return "detected"
    if any(real not in {reported, 1} for reported, real in drive.hpa):
        return "detected"
    if drive.no_hidden:
        return "none"
    if drive.hpa and all(reported == real and reported > 1 for reported, real in drive.hpa):
        # Newer drives have no configuration overlay any more, and then the tool prints no verdict of its own.
        return "not applicable"
    if any(_bus(found.bus).startswith(_WITHOUT_HIDDEN_AREA) for found in drive.found):
        return "not applicable"
    return "indeterminate" if drive.hpa or drive.dco else None


def outcome(run: Run, drive: Drive) -> tuple[ErasureOutcome, tuple[str, ...]]:
    """The outcome and the sentences that speak against calling the drive erased. A success has none."""
    doubts = tuple(dict.fromkeys(sentence for question in _QUESTIONS for sentence in question(run, drive)))
    statuses = {row.status for row in drive.rows}
    counted = any(row.pass_errors or row.verify_errors or row.sync_errors for row in drive.errors)
    counted = counted or any(any(status) for status in drive.statuses)
    if "FAILED" in statuses or drive.broke or counted:
        return ErasureOutcome.FAILED, doubts
    if statuses == {"ABORTED"} or (run.never_began and not statuses):
        return ErasureOutcome.ABORTED, doubts
    if doubts or statuses != {"Erased"}:
        return ErasureOutcome.UNKNOWN, doubts
    effect = methods.effect(method_of(run, drive))
    return (ErasureOutcome.SUCCESS if effect is methods.Effect.OVERWRITES else ErasureOutcome.VERIFY_ONLY), doubts


def _the_run_ended(run: Run, drive: Drive) -> Iterator[str]:
    tables = [table for table in run.tables if table.title == "Drive Status"]
    if not tables:
        yield "The log has no Drive Status table: it was cut off, or the wipe had not ended."
    elif len(tables) > 1:
        yield "The log has more than one Drive Status table for one run."
    elif not tables[0].closed:
        yield "The log was cut off inside the Drive Status table."
    if len(run.totals) != 1:
        yield "The line with the total throughput, which ends the table, is missing or there twice."
    if not run.closings:
        yield "nwipe's closing line is missing: the log was cut off."
    elif len(set(run.closings)) > 1:
        yield "nwipe's closing lines contradict each other."
    elif run.closings[0].startswith("exited with errors") and not run.someone_failed:
        yield "nwipe says it exited with errors, but no drive shows which."
    if run.never_began:
        yield "nwipe was stopped before the wipe began."


def _the_status_is_erased(run: Run, drive: Drive) -> Iterator[str]:
    if len(drive.rows) > 1:
        yield "The Drive Status table has several rows for this drive."
    elif not drive.rows and any(table.title == "Drive Status" for table in run.tables):
        yield "The Drive Status table has no row for this drive."
    for row in drive.rows:
        if row.status == "FAILED":
            yield "nwipe's status for the drive is FAILED."
        elif row.status == "ABORTED":
            yield "The wipe was stopped by the user before its end."
        elif row.status == "INSANITY":
            yield "nwipe's status for the drive is INSANITY: it can't say what became of it."
        elif row.flagged:
            yield "The row says Erased but is marked with an exclamation mark."
    if drive.malformed or run.strange_rows:
        yield "A row of the summary tables can't be read, or can't be told to one drive."


def _no_errors_were_counted(run: Run, drive: Drive) -> Iterator[str]:
    if len(drive.errors) != 1:
        yield "The Error Summary table has no row, or several, for this drive."
    for row in drive.errors:
        if row.pass_errors or row.verify_errors or row.sync_errors:
            yield (
                f"Errors were counted: {row.pass_errors} of passes, {row.verify_errors} of verification, "
                f"{row.sync_errors or 0} of flushing."
            )
        elif row.flagged:
            yield "The Error Summary marks the drive but counts no errors."
    if any(any(status) for status in drive.statuses):
        yield "nwipe's own result for the drive is not zero, or it counts errors."
    if drive.broke:
        yield "nwipe reports a failure on this drive."
    for text in drive.trouble[:5]:
        yield f"nwipe reports: {text[:200]}"
    if run.trouble and not run.someone_failed:
        yield f"nwipe reports, without naming a drive: {run.trouble[0][:200]}"


def _all_bytes_were_reached(run: Run, drive: Drive) -> Iterator[str]:
    summaries = any(table.title == "Erasure Summary" for table in run.tables)
    if summaries and len(drive.erasures) != 1:
        yield "The Erasure Summary table has no row, or several, for this drive."
    if not summaries and _versions(run) and max(_versions(run)) >= _SUMS_UP_SINCE:
        yield "The Erasure Summary table, which this version prints, is missing."
    for row in drive.erasures:
        if row.bytes_total <= 0 or row.bytes_erased < row.bytes_total:
            yield f"Only {row.bytes_erased} of {row.bytes_total} bytes were erased."
        elif row.percent < 100 or abs(row.percent - 100 * row.bytes_erased / row.bytes_total) > 0.02:
            yield f"The Erasure Summary's percentage, {row.percent}, doesn't fit its bytes."
        elif row.flagged:
            yield "The Erasure Summary marks the drive."


def _all_bytes_were_written(run: Run, drive: Drive) -> Iterator[str]:
    if len(drive.sizes) > 1:
        yield "The log gives several sizes for the drive."
    sizes = {*drive.sizes, *(row.bytes_total for row in drive.erasures)}
    if any(drive.sizes and row.bytes_total > max(drive.sizes) for row in drive.erasures):
        yield "The drive is larger than what the wipe could reach."
    if methods.effect(method_of(run, drive)) is methods.Effect.ONLY_READS:
        return
    if not drive.written:
        yield "No line says how many bytes were written to the drive."
    elif not sizes:
        yield "The log doesn't say how large the drive is."
    elif any(count < min(sizes) for count in drive.written):
        yield f"A pass wrote {min(drive.written)} bytes of {min(sizes)}."
    if any(count < min(sizes, default=0) for count in drive.read):
        yield "A verification didn't read the whole drive."


def _all_passes_were_finished(run: Run, drive: Drive) -> Iterator[str]:
    if not drive.methods:
        yield "The log doesn't show that the wipe began on this drive."
    if drive.started - drive.finished:
        yield f"{len(drive.started - drive.finished)} of {len(drive.started)} passes were begun and not finished."
    if len(drive.passes) > 1 or len(drive.rounds) > 1:
        yield "The log contradicts itself on the number of passes or rounds."
    elif drive.passes and drive.rounds:
        rounds, passes = max(drive.rounds), max(drive.passes)
        shown = sum(1 <= turn <= rounds and 1 <= number <= passes for turn, number in drive.finished)
        if shown < rounds * passes or not shown:
            yield f"{rounds * passes - shown} of {rounds * passes} passes are not shown as finished."
    elif methods.effect(method_of(run, drive)) is methods.Effect.OVERWRITES and not drive.rounds_done:
        yield "No line shows that the passes were finished."
    if drive.rounds_done and drive.rounds and max(drive.rounds) not in drive.rounds_done:
        yield "The last round is not shown as finished."
    if drive.blankings > drive.blanked:
        yield "The final blanking was begun and not finished."
    if drive.checkings > drive.checked and methods.effect(method_of(run, drive)) is methods.Effect.OVERWRITES:
        yield "A verification was begun and its success is not shown."


def _the_method_is_known(run: Run, drive: Drive) -> Iterator[str]:
    method = method_of(run, drive)
    option = methods.label(run.options["method"]) if "method" in run.options else method
    if method is None or option != method or "method" in run.conflicting:
        yield "The log names no method, or several."
    elif methods.effect(method) is None:
        yield f"The method {method[:80]!r} is not known: whether it erases can't be said."
    said = _VERIFY_OPTION.get(run.options.get("verify", "")[:1])
    if said and any(total[3] != said for total in run.totals):
        yield "The log contradicts itself on the verification."
    rounds = {*drive.rounds, *(total[1] for total in run.totals)}
    if len(rounds) > 1 or 0 in rounds:
        yield "The log contradicts itself on the number of rounds."


def _nothing_is_hidden(run: Run, drive: Drive) -> Iterator[str]:
    area = hidden_area(run, drive)
    if area == "detected":
        yield "A hidden area (HPA or DCO) was detected: the wipe doesn't reach it."
    elif area == "indeterminate":
        yield "Whether the drive has a hidden area (HPA or DCO) could not be determined."
    elif area is None and not _too_old_to_check(run):
        yield "The log says nothing of a hidden area (HPA or DCO), though this version looks for one."
    elif drive.no_hidden and any(
        real > 1 and size and real * 512 > size for _, real in drive.hpa for size in drive.sizes
    ):
        yield "The drive's real size is larger than what the wipe could reach."


def _the_drive_is_one(run: Run, drive: Drive) -> Iterator[str]:
    if len(drive.found) != 1:
        yield "The line in which nwipe names the drive is missing or there twice."
    named = drive.named()
    if len({serial for _, serial in named if serial}) > 1:
        yield "The log gives several serial numbers for the drive."
    models = [found.model for found in drive.found if found.model]
    if models and any(model and not models[0].startswith(model) for model, _ in named[len(drive.found) :]):
        yield "The log gives several models for the drive."


_QUESTIONS: tuple[Callable[[Run, Drive], Iterator[str]], ...] = (
    _the_run_ended,
    _the_status_is_erased,
    _no_errors_were_counted,
    _all_bytes_were_reached,
    _all_bytes_were_written,
    _all_passes_were_finished,
    _the_method_is_known,
    _nothing_is_hidden,
    _the_drive_is_one,
)


def _bus(printed: str) -> str:
    return printed.strip().upper()


def _versions(run: Run) -> list[tuple[int, ...]]:
    numbers = [tuple(int(part[:6]) for part in version.split(".")[:2] if part.isdecimal()) for version in run.versions]
    return [number for number in numbers if len(number) == 2]


def _too_old_to_check(run: Run) -> bool:
    return bool(_versions(run)) and max(_versions(run)) < _CHECKS_HIDDEN_SINCE
