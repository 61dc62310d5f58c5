"""Names that read well in generated clients."""

from collections.abc import Iterator
from typing import Any

_REFERENCE = "#/components/schemas/"


def tidy(document: dict[str, Any]) -> None:
    """Changes the document in place: schema names, and no titles that only repeat a field's name."""
    schemas: dict[str, Any] = document["components"]["schemas"]
    names = {name: _readable(name) for name in schemas}
    document["components"]["schemas"] = dict(sorted((names[name], schema) for name, schema in schemas.items()))
    for node in _nodes(document):
        _rename(node, names)
        _drop_title(node)


def _readable(name: str) -> str:
    # A model that is sent and answered is two schemas: answers have every field, requests may leave some out.
    return name.removesuffix("-Output").replace("-Input", "Input")


def _nodes(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from _nodes(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _nodes(inner)


def _rename(node: dict[str, Any], names: dict[str, str]) -> None:
    reference = node.get("$ref")
    if isinstance(reference, str) and reference.startswith(_REFERENCE):
        node["$ref"] = _REFERENCE + names[reference.removeprefix(_REFERENCE)]
    mapping = node.get("mapping")
    if isinstance(mapping, dict):
        node["mapping"] = {key: _REFERENCE + names[ref.removeprefix(_REFERENCE)] for key, ref in mapping.items()}


def _drop_title(node: dict[str, Any]) -> None:
    # A property may be called "title": then it is a schema, not a text. info.title has a version beside it.
    if isinstance(node.get("title"), str) and "version" not in node:
        del node["title"]
