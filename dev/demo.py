"""Two demo people, created through the auth service and the API like anyone else."""

from dataclasses import dataclass
from typing import Any, Final

import httpx

from dev.failure import StackError
from dev.log import say
from dev.stack import Stack

EMAILS: Final = ("demo@slow-burn.example", "bo@slow-burn.example")
PASSWORD: Final = "slow-burn-demo"  # noqa: S105  # of people who exist on loopback only
PROFILE: Final = {
    "name": "Demo",
    "sport": "gym",
    "experience_level": "intermediate",
    "days_per_week": 3,
    "equipment": ["barbell", "bench", "rack", "dumbbell"],
}
PLAN: Final = {"name": "Three days a week", "goal": "Get stronger", "duration_weeks": 8, "days_per_week": 3}


@dataclass(frozen=True)
class AuthClient:
    """The few calls to the auth service that people and tokens need."""

    supabase_url: str
    publishable_key: str
    secret_key: str

    async def token(self, email: str) -> str:
        """An access token of the person, made with the demo password when there is none of that address."""
        async with self._client() as client:
            return await self._sign_in(client, email) or await self._sign_up(client, email)

    async def _sign_in(self, client: httpx.AsyncClient, email: str) -> str | None:
        answer = await client.post(
            "/token", params={"grant_type": "password"}, json={"email": email, "password": PASSWORD}
        )
        if answer.status_code == 400:
            return None  # nobody, or another password
        return str(_body(answer)["access_token"])

    async def _sign_up(self, client: httpx.AsyncClient, email: str) -> str:
        """Sign the person up; one who exists and has another password gets the demo password."""
        answer = await client.post("/signup", json={"email": email, "password": PASSWORD})
        if answer.status_code != 422:
            return str(_body(answer)["access_token"])
        await self._set_password(client, email)
        token = await self._sign_in(client, email)
        if token is None:
            raise StackError(f"{email} cannot sign in: the account is not confirmed, or banned.")
        return token

    async def _set_password(self, client: httpx.AsyncClient, email: str) -> None:
        admin = {"Authorization": f"Bearer {self.secret_key}", "apikey": self.secret_key}
        users = _body(await client.get("/admin/users", params={"per_page": 1000}, headers=admin))["users"]
        user_id = next((user["id"] for user in users if user["email"] == email), None)
        if user_id is None:
            raise StackError(f"There is no account for {email}, and it cannot be made.")
        _body(await client.put(f"/admin/users/{user_id}", json={"password": PASSWORD}, headers=admin))

    def _client(self) -> httpx.AsyncClient:
        headers = {"apikey": self.publishable_key}
        return httpx.AsyncClient(base_url=f"{self.supabase_url}/auth/v1", headers=headers, timeout=10, trust_env=False)


def _body(answer: httpx.Response) -> Any:  # JSON of the auth service
    if answer.is_error:
        raise StackError(f"The auth service answered {answer.status_code}: {answer.text[:200]}")
    return answer.json()


async def sign_in(stack: Stack) -> list[str]:
    """The demo people's tokens, the people made where they are missing; what fails is one line, not the end."""
    auth = AuthClient(stack.supabase_url, stack.publishable_key, stack.secret_key)
    try:
        return [await auth.token(email) for email in EMAILS]
    except (StackError, httpx.HTTPError) as error:
        say(f"the demo people could not be made: {error}")
        return []


async def create_demo_data(api_url: str, token: str) -> None:
    """A profile and a plan for the demo person, through the API."""
    headers = {"Authorization": f"Bearer {token}"}
    try:
        async with httpx.AsyncClient(base_url=f"{api_url}/api/v1", headers=headers, timeout=10, trust_env=False) as api:
            profile = await api.get("/users/me")
            if profile.raise_for_status().json().get("name") is None:
                (await api.patch("/users/me", json=PROFILE)).raise_for_status()
            plans = await api.get("/plans", params={"per_page": 1})
            if plans.raise_for_status().json()["total"] == 0:
                (await api.post("/plans", json=PLAN)).raise_for_status()
    except (httpx.HTTPError, ValueError, KeyError) as error:
        say(f"the demo person has no profile or plan yet: {error}".splitlines()[0])


def print_instructions(stack: Stack, api_url: str | None, tokens: list[str]) -> None:
    """How to use what runs, with a command to paste."""
    say("")
    if api_url is not None:
        say(f"API        {api_url}   (documentation: {api_url}/docs)")
    say(f"Supabase   {stack.supabase_url}")
    say(f"database   {stack.database_url}")
    say(f"settings   {stack.data_dir / 'stack.env'}")
    if tokens:
        say(f"people     {' and '.join(EMAILS)}, password {PASSWORD}")
        say("")
        print(_curl(stack, api_url, tokens[0]), flush=True)


def _curl(stack: Stack, api_url: str | None, token: str) -> str:
    bearer = f'-H "Authorization: Bearer {token}"'
    if api_url is not None:
        return f"curl {bearer} {api_url}/api/v1/users/me"
    return f'curl -H "apikey: {stack.publishable_key}" {bearer} "{stack.supabase_url}/rest/v1/users?select=*"'
