"""XML of strangers, element by element: no document type, no entities, no deep nesting, nothing kept."""

from collections.abc import Iterator
from typing import BinaryIO, Final, NamedTuple
from xml.parsers import expat

from src.imports.workouts import UnknownFormat

_MAX_DEPTH: Final = 32
_MAX_TEXT: Final = 10_000
_CHUNK_BYTES: Final = 64 * 1024


class XmlEvent(NamedTuple):
    """The beginning of an element (then `text` is None), or its end. `path`: names without prefixes, root first."""

    path: tuple[str, ...]
    attributes: dict[str, str]
    text: str | None

    @property
    def name(self) -> str:
        """The name of the element."""
        return self.path[-1]


def read_xml(file: BinaryIO) -> Iterator[XmlEvent]:
    """The elements in their order. Raises UnknownFormat for what is not well-formed, or not as files of this kind."""
    elements = _Elements()
    # Without namespaces: many exports use prefixes that they never declare.
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = elements.start
    parser.EndElementHandler = elements.end
    parser.CharacterDataHandler = elements.add_text
    # Entities that grow, and those that read other files, need a document type.
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        # Strava's TCX files begin with spaces, which XML does not allow.
        chunk = file.read(_CHUNK_BYTES).lstrip(b" \t\r\n")
        while chunk:
            parser.Parse(chunk, False)
            yield from elements.take()
            chunk = file.read(_CHUNK_BYTES)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise UnknownFormat(f"The file is not well-formed XML: line {error.lineno}.") from None
    except LookupError:
        raise UnknownFormat("The file is in an encoding that is not known.") from None
    yield from elements.take()


def _refuse_doctype(*_: object) -> None:
    raise UnknownFormat("The file has a document type, which no GPX or TCX file needs.")


class _Elements:
    """What the parser calls."""

    def __init__(self) -> None:
        self._path: list[str] = []
        self._attributes: list[dict[str, str]] = []
        self._text: list[str] = []
        self._size = 0
        self._events: list[XmlEvent] = []

    def take(self) -> list[XmlEvent]:
        """The events since the last time."""
        events, self._events = self._events, []
        return events

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._path) == _MAX_DEPTH:
            raise UnknownFormat(f"The file has elements within elements, more than {_MAX_DEPTH} deep.")
        self._path.append(name.rpartition(":")[2])
        self._attributes.append(attributes)
        self._forget_text()
        self._events.append(XmlEvent(tuple(self._path), attributes, None))

    def add_text(self, text: str) -> None:
        # The rest of a longer text is not needed: no value is that long, and notes are cut.
        if self._size < _MAX_TEXT:
            self._text.append(text[: _MAX_TEXT - self._size])
            self._size += len(text)

    def end(self, _: str) -> None:
        self._events.append(XmlEvent(tuple(self._path), self._attributes[-1], "".join(self._text).strip()))
        self._path.pop()
        self._attributes.pop()
        self._forget_text()

    def _forget_text(self) -> None:
        self._text, self._size = [], 0
