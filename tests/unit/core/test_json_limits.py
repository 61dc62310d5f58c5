"""JSON is refused for its depth before it is parsed, however it arrives, and for integers that no column holds."""

import json
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.core.errors import AppError, MalformedJson, ValidationFailed
from src.core.json_limits import MAX_DEPTH, DepthCheck, NestedTooDeep, check_depth, parse_body

LEAVES = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(st.sampled_from('a"\\[]{}é\n'))
DOCUMENTS = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text('"\\[{}]'), inner))


def nested(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


def depth_of(document: Any) -> int:
    if isinstance(document, dict):
        document = list(document.values())
    return 1 + max(map(depth_of, document), default=0) if isinstance(document, list) else 0


@given(DOCUMENTS, st.integers(1, 7), st.integers(0, MAX_DEPTH))
def test_depth_is_that_of_the_document_however_it_is_cut(document: Any, size: int, around: int) -> None:
    text = b"[" * around + json.dumps(document, ensure_ascii=False).encode() + b"]" * around
    check = DepthCheck()
    is_too_deep = around + depth_of(document) > MAX_DEPTH
    try:
        for start in range(0, len(text), size):
            check.feed(text[start : start + size])
    except NestedTooDeep:
        assert is_too_deep
    else:
        assert not is_too_deep
    if not is_too_deep:
        assert parse_body(text) == json.loads(text)


def test_the_limit_is_exact() -> None:
    check_depth(nested(MAX_DEPTH))
    check_depth(b",".join([nested(MAX_DEPTH)] * 100))
    for too_deep in (nested(MAX_DEPTH + 1), b'{"a":' * (MAX_DEPTH + 1), b"[]," * 9 + nested(MAX_DEPTH + 1)):
        with pytest.raises(NestedTooDeep):
            check_depth(too_deep)


def test_brackets_in_a_text_are_no_depth() -> None:
    check_depth(json.dumps(["[" * 1000, '\\"[' * 1000, {"{" * 1000: '"'}]).encode())


def test_a_hundred_thousand_brackets_take_no_memory() -> None:
    tracemalloc.start()
    with pytest.raises(ValidationFailed):
        parse_body(nested(100_000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2_000_000


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "latin-1"])
def test_only_utf_8_is_read(encoding: str) -> None:
    with pytest.raises(MalformedJson, match="UTF-8"):
        parse_body('{"name": "Ünal"}'.encode(encoding))


def test_a_byte_order_mark_is_no_mistake() -> None:
    assert parse_body(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}


def test_integers_beyond_64_bits_are_named() -> None:
    largest, smallest = 2**63 - 1, -(2**63)
    ours = [largest, smallest, 0.12345678901234567890123, "9" * 40]
    assert parse_body(json.dumps(ours).encode()) == ours
    digits = "9" * 5000
    with pytest.raises(ValidationFailed) as refused:
        parse_body(f'{{"a": [1, {largest + 1}], "b": {{"c": {smallest - 1}}}, "d": {digits}, "e": -{digits}}}'.encode())
    places = [error["loc"] for error in refused.value.errors]
    assert places == [["body", "a", 1], ["body", "b", "c"], ["body", "d"], ["body", "e"]]


@pytest.mark.parametrize("body", [b"{", b"", b"[1,]", b"]" * 9, b'{"a": 01}', b'"' * 3])
def test_what_is_no_json_is_said_to_be_none(body: bytes) -> None:
    with pytest.raises(AppError) as refused:
        parse_body(body)
    assert isinstance(refused.value, MalformedJson)
