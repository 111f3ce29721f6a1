"""As much of MessagePack as the contracts of Cooper use: nil, booleans, integers, text, bytes, lists and maps."""
import struct


def pack(value):
    """`value` as MessagePack. `str` is text, `bytes` is bytes, `dict` has text keys."""
    if value is None:
        return b"\xc0"
    if isinstance(value, bool):
        return b"\xc3" if value else b"\xc2"
    if isinstance(value, int):
        return b"\xd3" + struct.pack(">q", value) if value < 2**63 else b"\xcf" + struct.pack(">Q", value)
    if isinstance(value, str):
        data = value.encode()
        return b"\xdb" + struct.pack(">I", len(data)) + data
    if isinstance(value, bytes):
        return b"\xc6" + struct.pack(">I", len(value)) + value
    if isinstance(value, (list, tuple)):
        return b"\xdd" + struct.pack(">I", len(value)) + b"".join(map(pack, value))
    if isinstance(value, dict):
        items = b"".join(pack(key) + pack(item) for key, item in value.items())
        return b"\xdf" + struct.pack(">I", len(value)) + items
    raise TypeError(f"cannot pack {value!r}")


def unpack(data):
    """The one value in `data`. Raises ValueError for anything else."""
    try:
        value, end = _read(data, 0, 0)
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise ValueError(f"malformed message: {error}") from error
    if end != len(data):
        raise ValueError("malformed message: bytes behind its end")
    return value


_numbers = {0xCC: ">B", 0xCD: ">H", 0xCE: ">I", 0xCF: ">Q", 0xD0: ">b", 0xD1: ">h", 0xD2: ">i", 0xD3: ">q"}
_lengths = {
    0xC4: (">B", bytes), 0xC5: (">H", bytes), 0xC6: (">I", bytes),
    0xD9: (">B", str), 0xDA: (">H", str), 0xDB: (">I", str),
    0xDC: (">H", list), 0xDD: (">I", list), 0xDE: (">H", dict), 0xDF: (">I", dict),
}
_constants = {0xC0: None, 0xC2: False, 0xC3: True}


def _read(data, at, depth):
    if depth > 32:
        raise ValueError("malformed message: nested too deep")
    byte, at = data[at], at + 1
    if byte <= 0x7F:
        return byte, at
    if byte >= 0xE0:
        return byte - 0x100, at
    if byte in _constants:
        return _constants[byte], at
    if byte in _numbers:
        size = struct.calcsize(_numbers[byte])
        return struct.unpack_from(_numbers[byte], data, at)[0], at + size
    if byte <= 0x8F:
        return _items(data, at, (byte & 0x0F, dict), depth)
    if byte <= 0x9F:
        return _items(data, at, (byte & 0x0F, list), depth)
    if byte <= 0xBF:
        return _items(data, at, (byte & 0x1F, str), depth)
    if byte in _lengths:
        form, kind = _lengths[byte]
        (length,) = struct.unpack_from(form, data, at)
        return _items(data, at + struct.calcsize(form), (length, kind), depth)
    raise ValueError(f"malformed message: byte {byte:#x}")


def _items(data, at, what, depth):
    length, kind = what
    if kind in (str, bytes):
        part = data[at : at + length]
        if len(part) < length:
            raise ValueError("malformed message: cut off")
        return (part.decode() if kind is str else bytes(part)), at + length
    items = []
    for _ in range(length if kind is list else 2 * length):
        item, at = _read(data, at, depth + 1)
        items.append(item)
    return (items if kind is list else dict(zip(items[::2], items[1::2]))), at
