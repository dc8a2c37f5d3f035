"""DataMatrix ECC 200 (ISO/IEC 16022), square, up to 44 modules: the code for the smallest labels."""

from __future__ import annotations

from functools import lru_cache

from revlog.common.errors import BadInput, Reason

# Side, data words, words of correction, regions along a side.
_SIZES = (
    (10, 3, 5, 1), (12, 5, 7, 1), (14, 8, 10, 1), (16, 12, 12, 1), (18, 18, 14, 1), (20, 22, 18, 1), (22, 30, 20, 1), (24, 36, 24, 1),
    (26, 44, 28, 1), (32, 62, 36, 2), (36, 86, 42, 2), (40, 114, 48, 2), (44, 144, 56, 2),
)  # fmt: skip
LONGEST = 100


@lru_cache(maxsize=1)
def _tables() -> tuple[list[int], list[int]]:
    powers, logs, value = [0] * 255, [0] * 256, 1
    for place in range(255):
        powers[place], logs[value] = value, place
        value <<= 1
        if value > 255:
            value ^= 301
    return powers, logs


def _times(one: int, other: int) -> int:
    powers, logs = _tables()
    return powers[(logs[one] + logs[other]) % 255] if one and other else 0


def _correction(data: list[int], count: int) -> list[int]:
    powers, _logs = _tables()
    generator = [1]
    for place in range(1, count + 1):
        root = powers[place]
        generator = [
            (generator[at] if at < len(generator) else 0) ^ (_times(generator[at - 1], root) if at else 0)
            for at in range(len(generator) + 1)
        ]
    rest = [0] * count
    for word in data:
        factor = word ^ rest[0]
        rest = [*rest[1:], 0]
        rest = [value ^ _times(factor, generator[at + 1]) for at, value in enumerate(rest)]
    return rest


def _words(text: str) -> list[int]:
    """ASCII encodation: two digits make one word."""
    found, at = [], 0
    while at < len(text):
        if text[at : at + 2].isdigit() and len(text[at : at + 2]) == 2:
            found.append(130 + int(text[at : at + 2]))
            at += 2
        else:
            found.append(ord(text[at]) + 1)
            at += 1
    return found


def matrix(text: str) -> list[list[bool]]:
    """The modules, row by row, without the quiet zone (one module)."""
    if not text or len(text) > LONGEST or not text.isascii() or not text.isprintable():
        raise BadInput(Reason("unprintable", f"“{text[:70]}” can't be printed as a DataMatrix code."))
    words = _words(text)
    side, room, correction, regions = next(row for row in _SIZES if row[1] >= len(words))
    if len(words) < room:
        words.append(129)
    while len(words) < room:
        padded = 129 + (149 * (len(words) + 1)) % 253 + 1
        words.append(padded - 254 if padded > 254 else padded)
    words += _correction(words, correction)
    inner = side - 2 * regions
    placed = _place(words, inner)
    each = inner // regions
    rows = [[False] * side for _row in range(side)]
    for y in range(inner):
        for x in range(inner):
            rows[y + 2 * (y // each) + 1][x + 2 * (x // each) + 1] = placed[y][x]
    for region in range(regions):
        first, last = region * (each + 2), region * (each + 2) + each + 1
        for at in range(side):
            rows[at][first] = True
            rows[at][last] = rows[at][last] or at % (each + 2) % 2 == 1
        for at in range(side):
            rows[last][at] = True
            rows[first][at] = rows[first][at] or at % (each + 2) % 2 == 0
    return rows


def _place(words: list[int], side: int) -> list[list[bool]]:
    """Annex F of the standard: where each bit of each word lies."""
    cells: list[list[bool | None]] = [[None] * side for _row in range(side)]

    def put(row: int, column: int, word: int, bit: int) -> None:
        if row < 0:
            row += side
            column += 4 - (side + 4) % 8
        if column < 0:
            column += side
            row += 4 - (side + 4) % 8
        cells[row][column] = bool(words[word] >> (7 - bit) & 1)

    def shape(word: int, *places: tuple[int, int]) -> None:
        for bit, (row, column) in enumerate(places):
            put(row, column, word, bit)

    def usual(row: int, column: int, word: int) -> None:
        shape(
            word,
            (row - 2, column - 2), (row - 2, column - 1), (row - 1, column - 2), (row - 1, column - 1),
            (row - 1, column), (row, column - 2), (row, column - 1), (row, column),
        )  # fmt: skip

    end = side
    word, row, column = 0, 4, 0
    while row < end or column < end:
        if row == end and column == 0:
            shape(
                word,
                (end - 1, 0),
                (end - 1, 1),
                (end - 1, 2),
                (0, end - 2),
                (0, end - 1),
                (1, end - 1),
                (2, end - 1),
                (3, end - 1),
            )
            word += 1
        if row == end - 2 and column == 0 and end % 4:
            shape(
                word,
                (end - 3, 0),
                (end - 2, 0),
                (end - 1, 0),
                (0, end - 4),
                (0, end - 3),
                (0, end - 2),
                (0, end - 1),
                (1, end - 1),
            )
            word += 1
        if row == end - 2 and column == 0 and end % 8 == 4:
            shape(
                word,
                (end - 3, 0),
                (end - 2, 0),
                (end - 1, 0),
                (0, end - 2),
                (0, end - 1),
                (1, end - 1),
                (2, end - 1),
                (3, end - 1),
            )
            word += 1
        if row == end + 4 and column == 2 and end % 8 == 0:
            shape(
                word,
                (end - 1, 0),
                (end - 1, end - 1),
                (0, end - 3),
                (0, end - 2),
                (0, end - 1),
                (1, end - 3),
                (1, end - 2),
                (1, end - 1),
            )
            word += 1
        while True:
            if row < end and column >= 0 and cells[row][column] is None:
                usual(row, column, word)
                word += 1
            row, column = row - 2, column + 2
            if row < 0 or column >= end:
                break
        row, column = row + 1, column + 3
        while True:
            if row >= 0 and column < end and cells[row][column] is None:
                usual(row, column, word)
                word += 1
            row, column = row + 2, column - 2
            if row >= end or column < 0:
                break
        row, column = row + 3, column + 1
    if cells[end - 1][end - 1] is None:
        cells[end - 1][end - 1] = cells[end - 2][end - 2] = True
    return [[bool(cell) for cell in row] for row in cells]
