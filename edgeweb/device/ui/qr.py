"""QR codes as SVG (ISO/IEC 18004), for what a phone has to read from the page: an address of some 100 bytes.

Versions 1 to 9 in byte mode at the error correction level L, which restores 7 % of the code: it is shown on a
screen, where nothing is torn or dirty. A version has 4 modules more on each side than the one before.
"""

from __future__ import annotations

from itertools import groupby, pairwise

#: version: codewords of data, of error correction in each block, blocks. All blocks of one version are equal.
VERSIONS = {
    1: (19, 7, 1),
    2: (34, 10, 1),
    3: (55, 15, 1),
    4: (80, 20, 1),
    5: (108, 26, 1),
    6: (136, 18, 2),
    7: (156, 20, 2),
    8: (194, 24, 2),
    9: (232, 30, 2),
}

#: Bytes of the longest text: two codewords are the mode, the length and the end.
MAX_BYTES = VERSIONS[9][0] - 2

#: Light modules around a code, without which readers do not find it.
QUIET_ZONE = 4

_BYTE_MODE = 0b0100
_LEVEL_L = 0b01

#: Which modules a mask inverts.
_MASKS = (
    lambda x, y: (x + y) % 2 == 0,
    lambda x, y: y % 2 == 0,
    lambda x, y: x % 3 == 0,
    lambda x, y: (x + y) % 3 == 0,
    lambda x, y: (x // 3 + y // 2) % 2 == 0,
    lambda x, y: x * y % 2 + x * y % 3 == 0,
    lambda x, y: (x * y % 2 + x * y % 3) % 2 == 0,
    lambda x, y: ((x + y) % 2 + x * y % 3) % 2 == 0,
)

#: Rows of modules: 1 is dark.
Matrix = list[list[int]]


def svg(text: str) -> str:
    """Return a text as the QR code of an SVG file. Raises `ValueError` for more than `MAX_BYTES` bytes."""
    rows = matrix(text)
    size = len(rows) + 2 * QUIET_ZONE
    runs = []
    for y, row in enumerate(rows, QUIET_ZONE):
        x = QUIET_ZONE
        for is_dark, run in groupby(row):
            length = len(list(run))
            if is_dark:
                runs.append(f"M{x} {y}h{length}v1h-{length}z")
            x += length
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{size}v{size}h-{size}z"/><path d="{"".join(runs)}"/></svg>'
    )


def matrix(text: str) -> Matrix:
    """Return the modules of a text's code, with the mask that readers have least trouble with."""
    data = text.encode()
    version = next((number for number, (room, _, _) in VERSIONS.items() if len(data) <= room - 2), 0)
    if not version:
        raise ValueError(f"{len(data)} bytes are too many for a QR code of at most {MAX_BYTES}")
    bits = [byte >> shift & 1 for byte in _codewords(data, version) for shift in range(7, -1, -1)]
    codes = [_masked(version, bits, mask) for mask in range(len(_MASKS))]
    return min(codes, key=_penalty)


# -- codewords -----------------------------------------------------------------------------------------


def _codewords(data: bytes, version: int) -> list[int]:
    """Return the data with its error correction, the blocks interleaved."""
    room, correction, blocks = VERSIONS[version]
    bits = _BYTE_MODE << 8 | len(data)
    for byte in data:
        bits = bits << 8 | byte
    # 4 bits of the mode, 8 of the length, and 4 that end the text
    words = [*(bits << 4).to_bytes(len(data) + 2, "big")]
    words += [(0xEC, 0x11)[number % 2] for number in range(room - len(words))]
    length = room // blocks
    parts = [words[at : at + length] for at in range(0, room, length)]
    corrections = [_remainder(part, correction) for part in parts]
    return [word for group in (parts, corrections) for column in zip(*group, strict=True) for word in column]


def _multiply(one: int, other: int) -> int:
    """Multiply in GF(2^8) modulo x^8 + x^4 + x^3 + x^2 + 1."""
    product = 0
    for shift in range(7, -1, -1):
        product = product << 1 ^ (product >> 7) * 0x11D
        product ^= (other >> shift & 1) * one
    return product


def _remainder(words: list[int], degree: int) -> list[int]:
    """Return the Reed-Solomon code: the remainder by the product of (x - 2^n) for n below the degree."""
    generator = [0] * (degree - 1) + [1]
    root = 1
    for _ in range(degree):
        generator = [
            _multiply(value, root) ^ following
            for value, following in zip(generator, [*generator[1:], 0], strict=True)
        ]
        root = _multiply(root, 2)
    rest = [0] * degree
    for word in words:
        factor = word ^ rest[0]
        rest = [value ^ _multiply(of, factor) for value, of in zip([*rest[1:], 0], generator, strict=True)]
    return rest


def _checked(value: int, length: int, generator: int) -> int:
    """Return a value behind which its BCH code of some bits stands."""
    rest = value << length
    for shift in range(rest.bit_length() - 1, length - 1, -1):
        if rest >> shift & 1:
            rest ^= generator << shift - length
    return value << length | rest


# -- modules -------------------------------------------------------------------------------------------


def _masked(version: int, bits: list[int], mask: int) -> Matrix:
    """Return the code with one of the masks."""
    size = 17 + 4 * version
    fixed = _fixed(version, size, mask)
    rows = [[fixed.get((x, y), 0) for x in range(size)] for y in range(size)]
    waiting = iter(bits)
    # two columns at a time from the right, up and down in turn; the column of the timing pattern is left out
    for number, right in enumerate([*range(size - 1, 6, -2), *range(5, 0, -2)]):
        for step in range(size):
            y = step if number % 2 else size - 1 - step
            for x in (right, right - 1):
                if (x, y) not in fixed:
                    rows[y][x] = next(waiting, 0) ^ _MASKS[mask](x, y)
    return rows


def _fixed(version: int, size: int, mask: int) -> dict[tuple[int, int], int]:
    """Return the modules that are no data, by (x, y)."""
    found: dict[tuple[int, int], int] = {}
    for at in range(size):
        found[at, 6] = found[6, at] = (at + 1) % 2
    centres = _centres(version, size)
    corners = {(6, 6), (6, size - 7), (size - 7, 6)}
    for x in centres:
        for y in centres:
            if (x, y) not in corners:
                _draw_square(found, x, y, 2, size, (0, 2))
    for x, y in ((3, 3), (size - 4, 3), (3, size - 4)):
        _draw_square(found, x, y, 4, size, (0, 1, 3))
    form = _checked(_LEVEL_L << 3 | mask, 10, 0x537) ^ 0x5412
    for bit in range(15):
        value = form >> bit & 1
        # around the corner at the left, past the timing pattern; and again along the other two
        beside = bit if bit < 6 else bit + 1 if bit < 8 else size - 15 + bit
        found[8, beside] = value
        below = size - 1 - bit if bit < 8 else 15 - bit if bit == 8 else 14 - bit
        found[below, 8] = value
    found[8, size - 8] = 1
    if version >= 7:
        number = _checked(version, 12, 0x1F25)
        for bit in range(18):
            far, near = size - 11 + bit % 3, bit // 3
            found[far, near] = found[near, far] = number >> bit & 1
    return found


def _centres(version: int, size: int) -> tuple[int, ...]:
    """Return where the alignment patterns are, in both directions."""
    if version == 1:
        return ()
    return (6, size - 7) if version < 7 else (6, size // 2, size - 7)


def _draw_square(
    found: dict[tuple[int, int], int], x: int, y: int, reach: int, size: int, dark: tuple[int, ...]
) -> None:
    """Draw rings around a centre; those of these distances are dark."""
    for down in range(-reach, reach + 1):
        for across in range(-reach, reach + 1):
            place = x + across, y + down
            if min(place) >= 0 and max(place) < size:
                found[place] = int(max(abs(across), abs(down)) in dark)


def _penalty(rows: Matrix) -> int:
    """Return how much of a code may confuse readers: long runs, blocks, false finder patterns, imbalance."""
    size = len(rows)
    points = 0
    for lines in (rows, list(map(list, zip(*rows, strict=True)))):
        for line in lines:
            points += sum(length - 2 for _, run in groupby(line) if (length := len(list(run))) >= 5)
            text = "".join(map(str, line))
            for pattern in ("10111010000", "00001011101"):
                points += 40 * sum(text.startswith(pattern, at) for at in range(size))
    for above, below in pairwise(rows):
        for x in range(size - 1):
            points += 3 * (above[x] == above[x + 1] == below[x] == below[x + 1])
    dark = sum(map(sum, rows))
    return points + 10 * (abs(20 * dark - 10 * size * size) // (size * size))
