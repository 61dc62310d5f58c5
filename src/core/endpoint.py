"""A route's function, called with what FastAPI found out about its parameters: read once, when the route is made.

FastAPI looks at each parameter and dependency anew for every request, which costs more than all else that we do
(docs/decisions/0003-transport.md). The contract, the reading of parameters and the words of errors are FastAPI's own.
"""

from collections.abc import Callable, Iterator
from inspect import iscoroutinefunction
from typing import Any, NamedTuple, cast

from fastapi import Request, Response, params
from fastapi.datastructures import DefaultPlaceholder
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import request_body_to_args, request_params_to_args
from fastapi.exceptions import RequestValidationError, ResponseValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel
from pydantic_core import PydanticUndefined
from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from src.core.problems import is_json

Values = dict[str, Any]

_OPTIONS = ("include", "exclude", "exclude_unset", "exclude_defaults", "exclude_none")


class _Call(NamedTuple):
    """One dependency, or the route's function itself. `needs`: its parameters, with the places of their calls."""

    function: Callable[..., Any]
    needs: tuple[tuple[str, int], ...]
    dependant: Dependant
    has_parameters: bool


class Endpoint:
    """Answers requests of one route. Parameters are read before any dependency is made: a request that is refused
    has done nothing."""

    def __init__(self, route: APIRoute) -> None:
        self._calls: list[_Call] = []
        self._add(route.dependant, {})
        self._reads = [index for index, call in enumerate(self._calls) if call.has_parameters]
        self._without_query = self._read_without_query()
        self._writes_headers = any(call.dependant.response_param_name for call in self._calls)
        self._has_body = route.body_field is not None
        self._embeds_body = route._embed_body_fields  # noqa: SLF001  # what FastAPI itself hands over
        self._status = route.status_code or 200
        self._field = route.response_field
        model = route.response_model
        self._model: Any = model if isinstance(model, type) and issubclass(model, BaseModel) else None

    @staticmethod
    def can_serve(route: APIRoute) -> bool:
        """Whether this is all there is to the route: coroutines that take JSON and answer with it. No streams of
        events, no forms, nothing to clean up afterwards: those FastAPI serves itself."""
        answers = route.response_field is not None or route.status_code == 204
        is_form = route.body_field is not None and isinstance(route.body_field.field_info, params.Form)
        is_ordinary = isinstance(route.response_class, DefaultPlaceholder) and not any(
            getattr(route, f"response_model_{option}") for option in _OPTIONS
        )
        return answers and is_ordinary and not is_form and all(_is_plain(part) for part in _parts(route.dependant))

    async def __call__(self, request: Request) -> Response:
        body = await _read_body(request) if self._has_body else PydanticUndefined
        values = await self._parameters(request, body)
        response = Response() if self._writes_headers else None
        if response is not None:
            # Only what the function sets goes into the answer.
            response.raw_headers.clear()
            response.status_code = 0
        result = await self._run(request, response, values)
        if isinstance(result, Response):
            return result
        return self._serialized(result, response)

    def _add(self, dependant: Dependant, known: dict[Any, int]) -> int:
        """Adds the call after those that it needs, each once. Returns its place."""
        if dependant.call in known:
            return known[dependant.call]
        needs = tuple((cast("str", part.name), self._add(part, known)) for part in dependant.dependencies)
        has_parameters = bool(
            dependant.path_params or dependant.query_params or dependant.header_params or dependant.body_params
        )
        place = known[dependant.call] = len(self._calls)
        self._calls.append(_Call(cast("Callable[..., Any]", dependant.call), needs, dependant, has_parameters))
        return place

    def _read_without_query(self) -> dict[int, Values]:
        """What the calls that read a query and nothing else get from a request that has none: always the same."""
        defaults: dict[int, Values] = {}
        for place in self._reads:
            dependant = self._calls[place].dependant
            if not (dependant.path_params or dependant.header_params or dependant.body_params):
                values, wrong = request_params_to_args(dependant.query_params, QueryParams())
                if not wrong:
                    defaults[place] = values
        return defaults

    async def _parameters(self, request: Request, body: Any) -> dict[int, Values]:
        """The values of the parameters, by the place of their call. Raises RequestValidationError."""
        found: dict[int, Values] = {}
        errors: list[Any] = []
        known = {} if request.scope["query_string"] else self._without_query
        for place in self._reads:
            if place in known:
                found[place] = {**known[place]}
                continue
            dependant = self._calls[place].dependant
            values = found[place] = {}
            for fields, sent in (
                (dependant.path_params, request.path_params),
                (dependant.query_params, request.query_params),
                (dependant.header_params, request.headers),
            ):
                if fields:
                    read, wrong = request_params_to_args(fields, sent)
                    values |= read
                    errors += wrong
            if dependant.body_params:
                read, wrong = await request_body_to_args(
                    body_fields=dependant.body_params, received_body=body, embed_body_fields=self._embeds_body
                )
                values |= read
                errors += wrong
        if errors:
            raise RequestValidationError(errors, body=None if body is PydanticUndefined else body)
        return found

    async def _run(self, request: Request, response: Response | None, values: dict[int, Values]) -> Any:
        results: list[Any] = []
        for place, call in enumerate(self._calls):
            arguments = values[place] if call.has_parameters else {}
            for name, needed in call.needs:
                arguments[name] = results[needed]
            if call.dependant.request_param_name:
                arguments[call.dependant.request_param_name] = request
            if call.dependant.response_param_name:
                arguments[call.dependant.response_param_name] = response
            results.append(await call.function(**arguments))
        return results[-1]

    def _serialized(self, result: Any, response: Response | None) -> Response:
        status = (response and response.status_code) or self._status
        answer = Response(self._to_json(result), status_code=status, media_type="application/json")
        if response is not None:
            answer.raw_headers.extend(response.raw_headers)
        return answer

    def _to_json(self, result: Any) -> bytes:
        if self._field is None:
            return b""
        if type(result) is self._model:
            # Made by validation: nothing to validate once more.
            return cast("bytes", result.__pydantic_serializer__.to_json(result, by_alias=True))
        value, errors = self._field.validate(result, {}, loc=("response",))
        if errors:
            raise ResponseValidationError(errors=errors, body=result)
        return self._field.serialize_json(value)


def _parts(dependant: Dependant) -> Iterator[Dependant]:
    yield dependant
    for part in dependant.dependencies:
        yield from _parts(part)


def _is_plain(part: Dependant) -> bool:
    return iscoroutinefunction(part.call) and not (
        part.cookie_params
        or part.websocket_param_name
        or part.http_connection_param_name
        or part.background_tasks_param_name
        or part.security_scopes_param_name
        or part.concurrency
        or not part.use_cache
    )


async def _read_body(request: Request) -> Any:
    """The document that was sent; its bytes when it does not say that it is JSON."""
    try:
        body = await request.body()
        if not body:
            return PydanticUndefined
        return await request.json() if is_json(request) else body
    except ClientDisconnect as error:
        raise HTTPException(400) from error
