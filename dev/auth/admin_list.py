"""GET /admin/users: everyone, page by page, the newest first."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from dev.auth import users
from dev.auth.context import get_context, require_admin
from dev.auth.errors import invalid

DEFAULT_PER_PAGE = 50
MAX_PER_PAGE = 1000


async def users_page(request: Request) -> Response:
    """200 `{"users": […], "aud"}`; the number of all users and the next page are in headers."""
    require_admin(request)
    page = _positive(request, "page", 1, 1 << 31)
    per_page = _positive(request, "per_page", DEFAULT_PER_PAGE, MAX_PER_PAGE)
    async with get_context(request).connection() as connection:
        total: int = await connection.fetchval("select count(*) from auth.users where deleted_at is null")
        rows = await connection.fetch(
            "select * from auth.users where deleted_at is null order by created_at desc, id limit $1 offset $2",
            per_page,
            (page - 1) * per_page,
        )
        identities = await users.list_identities_by_user(connection, [row["id"] for row in rows])
    shown = [users.to_public(row, identities.get(row["id"], [])) for row in rows]
    body = {"users": shown, "aud": "authenticated"}
    return JSONResponse(body, headers=_page_headers(request, page, per_page, total))


def _positive(request: Request, name: str, default: int, maximum: int) -> int:
    text = request.query_params.get(name) or str(default)
    if not (text.isascii() and text.isdigit() and len(text) < 12 and int(text) > 0):
        raise invalid(f"Bad Pagination Parameters: {name} must be a positive number")
    return min(int(text), maximum)


def _page_headers(request: Request, page: int, per_page: int, total: int) -> dict[str, str]:
    last = max(1, -(-total // per_page))
    pages = {"next": page + 1, "last": last} if page < last else {"last": last}
    path = request.scope["path"]
    links = [f'<{path}?page={number}&per_page={per_page}>; rel="{rel}"' for rel, number in pages.items()]
    return {"X-Total-Count": str(total), "Link": ", ".join(links)}
