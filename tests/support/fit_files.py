"""Writes FIT files: headers, definitions, messages and checksums, as the FIT protocol 2.0 has them."""

import struct
from collections.abc import Iterable
from datetime import UTC, datetime

_EPOCH = datetime(1989, 12, 31, tzinfo=UTC)
# Base types of the protocol: number, struct code, and what stands for nothing.
_TYPES = {
    "enum": (0x00, "B", 0xFF),
    "uint8": (0x02, "B", 0xFF),
    "uint16": (0x84, "H", 0xFFFF),
    "uint32": (0x86, "I", 0xFFFFFFFF),
    "sint32": (0x85, "i", 0x7FFFFFFF),
    "string": (0x07, "s", b""),
}
# Messages and the fields that tests use: number, type, and by how much the value is multiplied.
_MESSAGES: dict[str, tuple[int, dict[str, tuple[int, str, float]]]] = {
    "file_id": (0, {"type": (0, "enum", 1), "manufacturer": (1, "uint16", 1), "time_created": (4, "uint32", 1)}),
    "sport": (12, {"sport": (0, "enum", 1), "sub_sport": (1, "enum", 1)}),
    "session": (18, {
        "timestamp": (253, "uint32", 1), "start_time": (2, "uint32", 1), "sport": (5, "enum", 1),
        "sub_sport": (6, "enum", 1), "total_elapsed_time": (7, "uint32", 1000), "total_timer_time": (8, "uint32", 1000),
        "total_distance": (9, "uint32", 100), "total_calories": (11, "uint16", 1), "avg_heart_rate": (16, "uint8", 1),
        "max_heart_rate": (17, "uint8", 1), "total_ascent": (22, "uint16", 1), "first_lap_index": (25, "uint16", 1),
        "num_laps": (26, "uint16", 1), "avg_power": (20, "uint16", 1),
    }),
    "lap": (19, {
        "timestamp": (253, "uint32", 1), "start_time": (2, "uint32", 1), "total_elapsed_time": (7, "uint32", 1000),
        "total_timer_time": (8, "uint32", 1000), "total_distance": (9, "uint32", 100),
        "avg_heart_rate": (15, "uint8", 1), "max_heart_rate": (16, "uint8", 1), "intensity": (23, "enum", 1),
        "sport": (25, "enum", 1), "num_active_lengths": (40, "uint16", 1), "message_index": (254, "uint16", 1),
    }),
    "record": (20, {
        "timestamp": (253, "uint32", 1), "position_lat": (0, "sint32", 1), "position_long": (1, "sint32", 1),
        "heart_rate": (3, "uint8", 1), "distance": (5, "uint32", 100), "power": (7, "uint16", 1),
    }),
    "activity": (34, {"timestamp": (253, "uint32", 1), "num_sessions": (1, "uint16", 1)}),
    "set": (225, {
        "timestamp": (254, "uint32", 1), "duration": (0, "uint32", 1000), "repetitions": (3, "uint16", 1),
        "weight": (4, "uint16", 16), "set_type": (5, "uint8", 1), "start_time": (6, "uint32", 1),
        "category": (7, "uint16", 1), "category_subtype": (8, "uint16", 1), "weight_display_unit": (9, "uint16", 1),
        "message_index": (10, "uint16", 1),
    }),
}  # fmt: skip
Value = float | datetime | None
Message = tuple[str, dict[str, Value]]


def compute_crc(data: bytes) -> int:
    """CRC-16 of the polynomial 0x8005, reflected, from 0."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc


def semicircles(degrees: float) -> int:
    """A coordinate as FIT has it."""
    return round(degrees * 2**31 / 180)


def fit_file(messages: Iterable[Message], *, checksum: int | None = None) -> bytes:
    """A FIT file of these messages, each with its own definition. None is written as the protocol's "invalid"."""
    body = b"".join(_message(name, fields) for name, fields in messages)
    header = struct.pack("<BBHI4s", 14, 0x20, 2195, len(body), b".FIT")
    header += struct.pack("<H", compute_crc(header))
    whole = header + body
    return whole + struct.pack("<H", compute_crc(whole) if checksum is None else checksum)


def _message(name: str, fields: dict[str, Value]) -> bytes:
    number, known = _MESSAGES[name]
    definition = struct.pack("<BBBHB", 0x40, 0, 0, number, len(fields))
    data = b"\x00"
    for field, value in fields.items():
        field_number, type_name, scale = known[field]
        base_type, code, invalid = _TYPES[type_name]
        definition += struct.pack("<BBB", field_number, struct.calcsize(code), base_type)
        data += struct.pack("<" + code, invalid if value is None else _number(value, scale))
    return definition + data


def _number(value: float | datetime, scale: float) -> int:
    return round((value - _EPOCH).total_seconds() if isinstance(value, datetime) else value * scale)
