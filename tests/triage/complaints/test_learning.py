"""Learning from tables of texts: better than a plain model of words, sure where it is right, and refused where there is too little."""

from __future__ import annotations

import csv
import gzip
import json
import random
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from triage.complaints import learning, light, table
from triage.complaints.scoring import accuracy, macro_f1, majority

SAID = {
    "Akku und Strom": ("battery drains {}", "Akku {} leer", "batterie {} vide", "accu {} leeg", "batería {} agotada", "lädt {} nicht"),
    "Bildschirm": ("{} cracked screen", "Display {} gesprungen", "écran {} cassé", "scherm {} gebarsten", "pantalla {} rota"),
    "Tasten": ("keys {} stuck", "Taste {} klemmt", "touche {} bloquée", "toets {} blijft hangen", "tecla {} atascada"),
    "Unklar": ("please {} check", "bitte {} prüfen", "rien {} à dire", "weet {} niet", "no {} sé"),
}  # fmt: skip
FILLED = (
    "again",
    "seit gestern",
    "depuis lundi",
    "sinds kort",
    "otra vez",
    "a bit",
    "ganz",
    "très",
    "erg",
    "muy",
    "sadly",
    "leider",
)


def examples(count: int, *, seed: int) -> list[tuple[str, str]]:
    """Rows as people write them, each fault in five languages, some in one that the training part seldom has."""
    dice = random.Random(seed)
    found = []
    for _ in range(count):
        label = dice.choices(list(SAID), weights=[4, 3, 1, 4])[0]
        words = " ".join(dice.choice(FILLED) for _ in range(dice.randrange(1, 4)))
        found.append((dice.choice(SAID[label]).format(words), label))
    return found


def written(path: Path, rows: list[tuple[str, str]], *, mark: str = ",") -> Path:
    out = StringIO()
    writer = csv.writer(out, delimiter=mark)
    writer.writerow(["no", "said", "fault"])
    writer.writerows([number, *row] for number, row in enumerate(rows))
    data = out.getvalue().encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def test_the_command_compares_with_a_plain_model_and_the_majority(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train = written(tmp_path / "train.csv", examples(60, seed=1))
    test = written(tmp_path / "test.tsv.gz", [*examples(60, seed=2), ('two lines,\n"quoted"', "Unklar")], mark="\t")

    call_command(
        "evaluate_fault_model", "--train", train, "--test", test, "--text", "said", "--label", "fault", "--json"
    )

    found = json.loads(capsys.readouterr().out)
    assert set(found) == {
        "accuracy", "macro_f1", "majority", "plain_linear_accuracy", "plain_linear_macro_f1", "n_train", "n_test", "abstained",
    }  # fmt: skip
    assert (found["n_train"], found["n_test"]) == (60, 61)
    assert found["accuracy"] >= found["plain_linear_accuracy"] > found["majority"]
    assert found["macro_f1"] >= found["plain_linear_macro_f1"]
    assert 0 <= found["abstained"] <= 61
    for wrong in (["--text", "nothing"], ["--label", "no such"]):
        with pytest.raises(CommandError, match="has no column"):
            call_command(
                "evaluate_fault_model",
                "--train",
                train,
                "--test",
                test,
                *["--text", "said", "--label", "fault"],
                *wrong,
            )
    short = written(tmp_path / "short.csv", examples(12, seed=1))
    with pytest.raises(CommandError, match="too few"):
        call_command("evaluate_fault_model", "--train", short, "--test", test, "--text", "said", "--label", "fault")


def test_what_was_learned_is_plain_weights_that_say_the_same_without_the_library(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(learning, "CANDIDATES", learning.CANDIDATES[:1])
    rows = examples(60, seed=3)

    learned = learning.learn([said for said, _ in rows], [label for _, label in rows], version="v/1", least=2)

    model = light.unpacked(light.packed(learned.model))
    told = model.shares("mein Akku ist leider leer")
    assert max(told, key=lambda code: told[code]) == "Akku und Strom"
    assert sum(told.values()) == pytest.approx(1)
    assert model.version == "v/1"
    assert learned.n == 60
    assert learned.accuracy > 0.8


def test_a_table_that_cannot_be_read_says_where(tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    path.write_text('a,b\n1,"' + "x" * (table.LONGEST_CELL + 10) + '"\n')
    with pytest.raises(table.UnusableTable, match="line 2"):
        list(table.rows_of(path, ["a"]))
    with pytest.raises(table.UnusableTable, match="can't be read"):
        list(table.rows_of(tmp_path / "none.csv", ["a"]))
    packed = bytearray(gzip.compress(b"a,b\n" + bytes(range(256)) * 9))
    packed[12:60] = b"\xff" * 48
    (tmp_path / "torn.csv.gz").write_bytes(packed)
    with pytest.raises(table.UnusableTable, match="can't be read"):
        list(table.rows_of(tmp_path / "torn.csv.gz", ["a"]))
    (tmp_path / "latin.csv").write_bytes("said;fault\nAkku hält nicht;battery\nkurz\n".encode("cp1252"))
    assert list(table.rows_of(tmp_path / "latin.csv", ["fault", "said"])) == [
        ["battery", "Akku hält nicht"],
        ["", "kurz"],
    ]


def test_figures_are_those_of_the_textbook() -> None:
    truth, told = ["a", "a", "b", "c"], ["a", "b", "b", "b"]
    assert accuracy(truth, told) == 0.5
    assert macro_f1(truth, told) == pytest.approx((2 / 3 + 0.5 + 0) / 3)
    assert majority(["b", "b", "a"], truth) == 0.25
