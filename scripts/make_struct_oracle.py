#!/usr/bin/env python3
"""Writes tests/byteorder/struct_oracle.json: what CPython's struct does.

Run it from the repository's root: python3 scripts/make_struct_oracle.py
Each row is one call. Values are tagged, because JSON has neither bytes nor
64-bit integers nor infinities: {"i": "-1"}, {"f": "inf"}, {"b": "00ff"},
{"t": true}. An error is the kind that our library throws in its place.
"""

import itertools
import json
import platform
import random
import struct

random.seed(1998)
ORDERS = "<>!="
RANGES = {
    "b": (-(2**7), 2**7 - 1), "B": (0, 2**8 - 1),
    "h": (-(2**15), 2**15 - 1), "H": (0, 2**16 - 1),
    "i": (-(2**31), 2**31 - 1), "I": (0, 2**32 - 1),
    "l": (-(2**31), 2**31 - 1), "L": (0, 2**32 - 1),
    "q": (-(2**63), 2**63 - 1), "Q": (0, 2**64 - 1),
}
FLOATS = [
    0.0, -0.0, 1.0, -1.5, 0.1, 1 / 3, 65504.0, 65519.9, 65520.0, -65520.0,
    5.960464477539063e-08, 2.9802322387695312e-08, 2.98023223876953125e-08 * 1.01,
    6.1035e-05, 6.097555160522461e-05, 0.000061005353927612305, 1024.5, 2049.0,
    2051.0, 3.4028234663852886e38, 3.4028235677973366e38, 3.5e38, 1e300,
    1.401298464324817e-45, 7e-46, 5e-324, float("inf"), float("-inf"), float("nan"),
]
rows = []


def tagged(value):
    if isinstance(value, bool):
        return {"t": value}
    if isinstance(value, int):
        return {"i": str(value)}
    if isinstance(value, float):
        return {"f": repr(value)}
    return {"b": value.hex()}


def kind_of(error, args):
    """The class that the same mistake has in JavaScript."""
    text = str(error)
    # CPython has one text for a wrong type and for a wrong size of "c".
    if text.startswith("char format") and not isinstance(args[0], bytes):
        return "TypeError"
    ranged = ("out of range", "requires", "too large", "int too large")
    if isinstance(error, OverflowError) or any(word in text for word in ranged):
        return "RangeError"
    return "TypeError"


def row(call, fmt, *args, **names):
    result = {"call": call, "format": fmt, **names}
    try:
        value = getattr(struct, call)(fmt, *args)
        if call == "iter_unpack":
            value = list(value)
        result["result"] = (
            value if isinstance(value, int) else
            value.hex() if isinstance(value, bytes) else
            [[tagged(v) for v in t] for t in value] if call == "iter_unpack" else
            [tagged(v) for v in value]
        )
    except (struct.error, OverflowError) as error:
        result["error"] = kind_of(error, args)
        result["text"] = str(error)
    rows.append(result)


def pack(fmt, *values):
    row("pack", fmt, *values, values=[tagged(v) for v in values])


def unpack(fmt, data, call="unpack"):
    row(call, fmt, data, data=data.hex())


for order, (char, (low, high)) in itertools.product(ORDERS, RANGES.items()):
    values = {low, low + 1, -1, 0, 1, high - 1, high, random.randint(low, high)}
    for value in sorted(v for v in values if low <= v <= high):
        pack(order + char, value)
        unpack(order + char, struct.pack(order + char, value))
    for value in (low - 1, high + 1, -(2**70), 2**70):
        pack(order + char, value)
for order, char, value in itertools.product("<>", "efd", FLOATS):
    pack(order + char, value)
    try:
        unpack(order + char, struct.pack(order + char, value))
    except OverflowError:
        pass
for bits in range(0, 65536, 257):
    unpack("!e", bits.to_bytes(2, "big"))
for size, data in itertools.product((0, 1, 2, 3, 5, 255, 256, 300), (b"", b"a", b"abc", b"x" * 254, b"y" * 299)):
    pack(f"<{size}s", data)
    if size:
        pack(f"<{size}p", data)
for size, first in itertools.product((1, 2, 5), (0, 1, 4, 5, 255)):
    unpack(f"<{size}p", bytes([first]) + b"z" * (size - 1))
for value in (True, False):
    pack("!?", value)
for value in (0, 1, 2, 255):
    unpack("!?", bytes([value]))
for data in (b"", b"a", b"ab"):
    pack("<c", data)
    unpack("<c", data)
# Layout: counts, padding, white space, nothing aligned.
for fmt in ("<", "!x", "<3x", ">bH", "<bq", "=bIbH", "! H\tB\n2x s", "<0H", "<03h",
            "<2i3xQ", ">cs4s0s", "<10p2?", "<5sx5p", "!BHIQ", "<bhilq", ">BHILQ"):
    row("calcsize", fmt)
    size = struct.calcsize(fmt)
    unpack(fmt, bytes(range(1, size + 1)))
    unpack(fmt, bytes(size + 1))
    if size:
        unpack(fmt, bytes(size - 1))
        unpack(fmt, bytes(i % 251 for i in range(3 * size)), "iter_unpack")
        unpack(fmt, bytes(3 * size + 1), "iter_unpack")
pack("!bxH2s", -2, 500, b"hey")
pack("<3h", 1, 2, 3)
pack("! B 2x B", 1, 2)
# The caller's mistakes.
for fmt in ("<y", "<3", "!H!H", "<h>h", "<H3", "<3 H", "!-1H", "<n", "!P", "<N", "<H,H", " <H"):
    row("calcsize", fmt)
for values in ((), (1,), (1, 2, 3)):
    pack("!HH", *values)
for fmt, value in (("<h", 1.5), ("<h", b"1"), ("<q", 1.5), ("<f", b"1"), ("<d", b""),
                   ("<s", 1), ("<p", 1), ("<c", 1), ("<3s", 2.5)):
    pack(fmt, value)

# One call with a buffer and an offset a row.
for offset in (-9, -8, -4, -3, 0, 1, 4, 5, 8, 9):
    buffer = bytearray(range(8))
    result = {"call": "pack_into", "format": ">Hxb", "offset": offset}
    try:
        struct.pack_into(">Hxb", buffer, offset, 513, -1)
        result["result"] = buffer.hex()
    except struct.error as error:
        result.update(error="RangeError", text=str(error))
    rows.append(result)
    result = {"call": "unpack_from", "format": ">Hxb", "offset": offset}
    try:
        result["result"] = [tagged(v) for v in struct.unpack_from(">Hxb", bytes(range(8)), offset)]
    except struct.error as error:
        result.update(error="RangeError", text=str(error))
    rows.append(result)

unique = {json.dumps(each, sort_keys=True): each for each in rows}
with open("tests/byteorder/struct_oracle.json", "w", encoding="utf-8") as file:
    file.write('{"python": "%s", "rows": [\n' % platform.python_version())
    file.write(",\n".join(json.dumps(each) for each in unique.values()))
    file.write("\n]}\n")
print(f"{len(unique)} rows, {sum('error' in each for each in unique.values())} errors")
