"""Which route a request is for, found by its method and the beginning of its path instead of by trying each."""

from collections import defaultdict
from typing import NamedTuple

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette._utils import get_route_path
from starlette.types import ASGIApp, Scope

_FIXED_SEGMENTS = 3  # of "/api/v1/plans/{plan_id}": what comes later may be a parameter


class _Place(NamedTuple):
    method: str
    segments: int
    beginning: str


class RouteIndex:
    """The API's routes by their place. The order of the router decides between those that share one."""

    def __init__(self, router: APIRouter) -> None:
        self._router = router
        self._count = -1
        self._routes: dict[_Place, list[APIRoute]] = {}

    def find(self, scope: Scope) -> ASGIApp | None:
        """The route that answers, with what the router would put into the scope.

        None leaves it to the router: a path or a method that nobody has, and what is no route of the API.
        """
        if self._count != len(self._router.routes):
            self._build()
        path = get_route_path(scope)
        for route in self._routes.get(_place(scope["method"], path), ()):
            if found := route.path_regex.match(path):
                scope["route"] = route
                scope["endpoint"] = route.endpoint
                convert = route.param_convertors
                scope["path_params"] = {name: convert[name].convert(text) for name, text in found.groupdict().items()}
                return route.app
        return None

    def _build(self) -> None:
        routes: dict[_Place, list[APIRoute]] = defaultdict(list)
        for route in self._router.routes:
            if isinstance(route, APIRoute) and "{" not in "/".join(route.path.split("/")[: _FIXED_SEGMENTS + 1]):
                for method in route.methods or ():
                    routes[_place(method, route.path)].append(route)
        self._routes, self._count = dict(routes), len(self._router.routes)


def _place(method: str, path: str) -> _Place:
    segments = path.split("/")
    return _Place(method, len(segments), "/".join(segments[: _FIXED_SEGMENTS + 1]))
