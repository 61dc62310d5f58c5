"""Which provider serves, that it says so, and that choosing costs nothing."""

import subprocess
import sys

import httpx
import pytest
from structlog.testing import capture_logs

from dev.paths import ROOT
from src.ai.choice import build_provider, provider_state, running_provider
from src.ai.models.provider import ModelProvider
from src.ai.provider import Provider
from src.ai.rule_based import RuleBasedProvider
from src.core.config import Settings
from src.core.errors import Unavailable
from tests.support.api import running
from tests.support.gemini import KEY, NOWHERE, FakeGemini, answers, bad_key
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


def test_neither_importing_nor_choosing_loads_the_heavy_libraries() -> None:
    code = (
        "import sys, src.main, src.worker\n"
        "from src.ai.choice import build_provider\n"
        "from src.core.config import load_settings\n"
        "assert build_provider(load_settings()).name == 'gemini'\n"
        "heavy = ('google', 'pydantic_ai', 'httpx2', 'numpy')\n"
        "print(sorted(name for name in sys.modules if name.split('.')[0] in heavy))"
    )
    environment = {name.upper(): str(value) for name, value in {**NOWHERE, "gemini_api_key": KEY}.items()}
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=ROOT, env=environment
    )
    assert done.stdout == "[]\n"


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
    assert gemini.asked == [], "a question about health asks no model"
    assert await health(gemini.settings(), break_key=True) == "unavailable"


@pytest.mark.parametrize("name", ["../secret", "models/x:y", "Gemini", "x" * 65])
def test_a_model_name_stays_in_its_place_of_the_address(name: str) -> None:
    with pytest.raises(ValueError, match="chat_model"):
        Settings.model_validate({**NOWHERE, "chat_model": name})
