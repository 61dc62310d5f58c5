"""Who the server takes the caller for: what the verified token says, and nothing else."""

from tests.support.people import Person, assert_problem


async def test_the_verified_token_is_told(ana: Person) -> None:
    me = (await ana.get("/api/v1/auth/me")).json()
    assert (me["id"], me["email"], me["role"], me["is_anonymous"]) == (ana.id, ana.email, "authenticated", False)
    assert me.keys() == {"id", "email", "role", "aal", "session_id", "is_anonymous", "expires_at"}


async def test_without_a_token_nobody_is_told(anonymous: Person) -> None:
    answer = await anonymous.get("/api/v1/auth/me")
    assert_problem(answer, 401, "unauthenticated")
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_there_is_no_way_to_sign_in_here(ana: Person) -> None:
    for path in ("/login", "/signup", "/api/v1/auth/login", "/api/v1/auth/signup"):
        assert_problem(await ana.post(path, json={}), 404, "not_found")
