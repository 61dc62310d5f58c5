"""Random and hostile requests: to every operation of the contract, to PostgREST by hand, and bytes that are no HTTP."""

import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode
from uuid import UUID

MAX_DEPTH = 6
_SIZES = (0, 1, 1, 2, 5)
_STRINGS = (
    "",
    " ",
    "\u200b",
    "\u202e",
    "\x00",
    "a\x00b",
    "\ud800",
    "x" * 5000,
    "é" * 300,
    "💪" * 100,
    "NaN",
    "null",
    "true",
    "-0",
    "1e400",
    "' or 1=1 --",
    "../../etc/passwd",
    "%00",
    "{{7*7}}",
    "<script>",
    "select pg_sleep(9)",
    "(a+)+$",
    "\\",
    '"',
    "*",
    "2026-13-40",
    "2026-02-30T25:61:61Z",
    "0001-01-01",
    "9999-12-31T23:59:59+14:00",
    "Europe/Oslo",
    "UTC",
    "kg",
    "lb",
)
_NUMBERS = (0, -1, 1, 2**31, 2**63, -(2**63) - 1, 10**30, 0.1, -0.0, 1e308, 1e-308, 12345678901234567890, 99999.999)
_OPERATORS = (
    "eq",
    "neq",
    "gt",
    "like",
    "ilike",
    "match",
    "imatch",
    "in",
    "is",
    "fts",
    "cs",
    "cd",
    "ov",
    "not.eq",
    "nope",
)
_ORDERS = ("id", "created_at.desc", "nope", "id.asc.nullslast", "user_id,id", "users(name)")
_PREFERENCES = (
    "count=exact",
    "return=representation",
    "resolution=merge-duplicates",
    "tx=rollback",
    "handling=strict",
    "x=y",
)


@dataclass(frozen=True)
class HostileRequest:
    """One request. `where` is "api" or "rest"; `name` groups what is alike in the report."""

    where: str
    name: str
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes | None


class RequestMaker:
    """Makes requests from a seed. `ids` are ids of things that exist, of the caller and of others."""

    def __init__(self, contract: Mapping[str, Any], tables: Sequence[str], ids: Sequence[str], seed: int) -> None:
        self._schemas = contract["components"]["schemas"]
        self._operations = [
            (method, path, operation)
            for path, methods in contract["paths"].items()
            for method, operation in methods.items()
            # Would take the ground from all others.
            if operation["operationId"] != "deleteAccount"
        ]
        self._tables = [table for table in tables if not table.startswith("rpc/")]
        self._functions = [table for table in tables if table.startswith("rpc/")]
        self._ids = list(ids)
        self._random = random.Random(seed)  # noqa: S311  # a seed makes the run repeatable

    def requests(self) -> Iterator[HostileRequest]:
        """Endlessly, three of four to the API."""
        while True:
            yield self._to_api() if self._random.random() < 0.75 else self._to_rest()

    def raw(self) -> bytes:
        """What a client may write on a connection that is no sound HTTP request."""
        chance, noise = self._random, self._random.randbytes(self._random.randrange(1, 400))
        return chance.choice(
            [
                noise,
                b"GET / HTTP/9.9\r\n\r\n",
                b"GET /" + noise + b" HTTP/1.1\r\nHost: x\r\n\r\n",
                b"POST /api/v1/plans HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
                b"POST /api/v1/plans HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZZ\r\n" + noise,
                b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X-A: b\r\n" * 300 + b"\r\n",
                b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + b"a" * 70_000 + b"\r\n\r\n",
                b"GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + noise.replace(b"\n", b"") + b"\r\n\r\n",
                b"G\x00T / HTTP/1.1\r\nHost: x\r\n\r\n",
                b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n" * 20,
            ]
        )

    def _to_api(self) -> HostileRequest:
        method, path, operation = self._random.choice(self._operations)
        query = []
        for parameter in operation.get("parameters", ()):
            value = self._value(parameter.get("schema", {}))
            if parameter["in"] == "path":
                path = path.replace(f"{{{parameter['name']}}}", quote(self._as_text(value), safe="") or "x")
            elif parameter["in"] == "query" and self._maybe(0.5):
                query.append((parameter["name"], self._as_text(value)))
        if self._maybe(0.05):
            query.append((self._string()[:50], self._string()[:500]))
        # The account is deleted by its own method alone, which is left out.
        others = ("GET", "PUT", "PATCH", "OPTIONS") if path.endswith("/users/me") else ("GET", "PUT", "PATCH", "DELETE")
        method = self._random.choice(others) if self._maybe(0.03) else method.upper()
        headers, body = self._api_body(operation)
        if self._maybe(0.1):
            headers["if-match"] = self._random.choice(('"x"', "*", 'W/"x"', '"' + "a" * 3000 + '"', "nope"))
        return HostileRequest("api", operation["operationId"], method, _with_query(path, query), headers, body)

    def _api_body(self, operation: Mapping[str, Any]) -> tuple[dict[str, str], bytes | None]:
        content = operation.get("requestBody", {}).get("content", {})
        if not content:
            return {}, b"{}" if self._maybe(0.02) else None
        media_type = self._random.choice(list(content))
        headers = {"content-type": media_type if not self._maybe(0.03) else "text/html; charset=utf-16"}
        if self._maybe(0.3):
            headers["idempotency-key"] = self._random.choice(("a", "b", "k" * 201, str(self._random.random())))
        if media_type != "application/json":
            return headers, self._random.choice(
                (b"", b"Date,Workout Name\n1,2", b"\x1f\x8b\x08\x00", b"PK\x03\x04", b"{}")
            )
        if self._maybe(0.05):
            return headers, self._random.choice(
                (
                    b"{",
                    b"[" * 30_000,
                    b'{"a":' * 5000,
                    b"\xff\xfe{}",
                    b'{"name": 1e999999}',
                    b'{"name":"\\ud800"}',
                    b"NaN",
                )
            )
        return headers, _to_json(self._value(content[media_type].get("schema", {})))

    def _to_rest(self) -> HostileRequest:
        table = self._random.choice(self._tables if self._maybe(0.7) else self._functions)
        if table.startswith("rpc/"):
            names = ("payload", "plan_id", "job_id", "owner", "attempt", "kind", "input")
            arguments = _to_json({self._random.choice(names): self._hostile()})
            headers = {"content-type": "application/json"}
            return HostileRequest("rest", table, "POST", f"/{table}", headers, arguments)
        method = self._random.choice(("GET", "GET", "GET", "POST", "PATCH", "DELETE"))
        query = [
            (
                "select",
                self._random.choice(("*", "id", "*,users(*)", "id,sets(*)", "count()", "nope", "id::text", "*,*")),
            )
        ]
        column = self._random.choice(("id", "user_id", "name", "kind", "created_at", "nope", "content->days"))
        query.append((column, f"{self._random.choice(_OPERATORS)}.{self._as_text(self._scalar())[:300]}"))
        if self._maybe(0.3):
            query.append(("order", self._random.choice(_ORDERS)))
        if self._maybe(0.3):
            query += [("limit", self._as_text(self._number())), ("offset", self._as_text(self._number()))]
        headers = {"content-type": "application/json", "prefer": self._random.choice(_PREFERENCES)}
        body = (
            None
            if method in {"GET", "DELETE"}
            else _to_json({column: self._hostile(), "id": self._random.choice(self._ids)})
        )
        return HostileRequest("rest", table, method, _with_query(f"/{table}", query), headers, body)

    def _value(self, schema: Mapping[str, Any], depth: int = 0) -> Any:
        """What the schema describes, with something hostile here and there."""
        if depth > MAX_DEPTH or self._maybe(0.06):
            return self._hostile()
        if "$ref" in schema:
            return self._value(self._schemas[schema["$ref"].rpartition("/")[2]], depth)
        choices = next((schema[several] for several in ("anyOf", "oneOf", "allOf") if several in schema), None)
        if choices:
            return self._value(self._random.choice(choices), depth)
        if "enum" in schema or "const" in schema:
            return self._random.choice(schema.get("enum", [schema.get("const")]))
        return self._of_type(schema, depth)

    def _of_type(self, schema: Mapping[str, Any], depth: int) -> Any:
        low, high = int(schema.get("minimum", 0)), int(schema.get("maximum", 100))
        makers: dict[str, Callable[[], Any]] = {
            "object": lambda: self._object(schema, depth),
            "array": lambda: [
                self._value(schema.get("items", {}), depth + 1) for _ in range(self._random.choice(_SIZES))
            ],
            "integer": lambda: self._random.randint(low, max(low, high)),
            "number": lambda: self._random.randint(low, max(low, high)),
            "boolean": lambda: self._maybe(0.5),
            "null": lambda: None,
            "string": lambda: self._sound_string(schema),
        }
        return makers.get(schema.get("type", ""), self._scalar)()

    def _object(self, schema: Mapping[str, Any], depth: int) -> dict[str, Any]:
        required = set(schema.get("required", ()))
        properties = schema.get("properties", {})
        made = {
            name: self._value(part, depth + 1)
            for name, part in properties.items()
            if (name in required and not self._maybe(0.03)) or self._maybe(0.4)
        }
        if self._maybe(0.03):
            made[self._string()[:30]] = self._hostile()
        return made

    def _sound_string(self, schema: Mapping[str, Any]) -> str:
        match schema.get("format"):
            case "uuid":
                return (
                    self._random.choice(self._ids) if self._maybe(0.7) else str(UUID(int=self._random.getrandbits(128)))
                )
            case "date-time":
                return f"20{self._random.randint(10, 26):02}-0{self._random.randint(1, 9)}-11T10:00:00Z"
            case "date":
                return f"20{self._random.randint(10, 26):02}-0{self._random.randint(1, 9)}-11"
        return self._random.choice(("Squat", "Push day", "oats", "I like training", "UTC", "1"))

    def _hostile(self) -> Any:
        return self._random.choice(
            (
                self._scalar(),
                self._scalar(),
                [],
                {},
                [self._scalar()] * 60,
                {self._string()[:40]: self._scalar()},
                _nested(80),
            )
        )

    def _scalar(self) -> Any:
        return self._random.choice((self._string(), self._number(), None, True, self._random.choice(self._ids)))

    def _string(self) -> str:
        return self._random.choice(_STRINGS)

    def _number(self) -> float:
        return self._random.choice(_NUMBERS)

    def _as_text(self, value: Any) -> str:
        text = value if isinstance(value, str) else json.dumps(value)
        return text.encode("utf-8", "replace").decode()

    def _maybe(self, probability: float) -> bool:
        return self._random.random() < probability


def _with_query(path: str, query: Sequence[tuple[str, str]]) -> str:
    encoded = urlencode([(name.encode("utf-8", "replace"), value.encode("utf-8", "replace")) for name, value in query])
    return f"{path}?{encoded}" if query else path


def _to_json(value: Any) -> bytes:
    return json.dumps(value).encode()


def _nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value
