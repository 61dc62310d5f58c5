"""Settings: every mistake in one message, and no secret in any."""

from pathlib import Path

import pytest

from src.core.config import Settings, SettingsError, load_settings

GOOD = {
    "SUPABASE_URL": "https://project.example/",
    "SUPABASE_PUBLISHABLE_KEY": "sb_publishable_1234",
    "SUPABASE_SECRET_KEY": "sb_secret_do_not_show",
}


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


def environment(monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    for name, value in (GOOD | values).items():
        monkeypatch.setenv(name, value)


def test_every_mistake_is_named_at_once_and_no_value_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUPABASE_URL", "nowhere")
    monkeypatch.setenv("SUPABASE_SECRET_KEY", "secret!")
    monkeypatch.setenv("DATA_BUDGET_SECONDS", "-1")
    monkeypatch.setenv("LOG_LEVEL", "loud")
    with pytest.raises(SettingsError) as caught:
        load_settings()
    message = str(caught.value)
    for name in ("SUPABASE_URL", "SUPABASE_PUBLISHABLE_KEY", "SUPABASE_SECRET_KEY", "DATA_BUDGET_SECONDS", "LOG_LEVEL"):
        assert f"  {name}: " in message
    assert "secret!" not in message


def test_addresses_follow_from_the_projects(monkeypatch: pytest.MonkeyPatch) -> None:
    environment(monkeypatch)
    settings = load_settings()
    assert settings.issuer == "https://project.example/auth/v1"
    assert settings.jwks_url == "https://project.example/auth/v1/.well-known/jwks.json"
    assert settings.rest_url == "https://project.example/rest/v1"
    environment(monkeypatch, SUPABASE_REST_URL="http://10.0.0.1:3000/")
    assert load_settings().rest_url == "http://10.0.0.1:3000"


def test_origins_are_a_list_with_commas_and_empty_means_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    environment(monkeypatch, CORS_ORIGINS="https://a.example, https://b.example,", SUPABASE_JWT_SECRET="")
    settings = load_settings()
    assert settings.cors_origins == ("https://a.example", "https://b.example")
    assert settings.supabase_jwt_secret is None


def test_secrets_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    environment(monkeypatch, SUPABASE_JWT_SECRET="j" * 40)
    shown = repr(load_settings()) + str(load_settings()) + load_settings().model_dump_json()
    assert "do_not_show" not in shown
    assert "jjjj" not in shown


def test_a_dotenv_file_is_read(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("\n".join(f"{name}={value}" for name, value in GOOD.items()))
    assert load_settings().supabase_publishable_key == "sb_publishable_1234"


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"AI_MODEL": "claude:opus"}, "AI_MODEL: must be google:MODEL, openai:MODEL, openrouter:MODEL, ollama:MODEL"),
        ({"AI_MODEL": "gpt-5"}, "AI_MODEL: must be google:MODEL"),
        ({"AI_MODEL": "openai:"}, "AI_MODEL: has no name of a model after openai:"),
        ({"AI_MODEL": "google:../x", "AI_API_KEY": "k"}, "AI_MODEL: has no name of a model after google:"),
        ({"AI_MODEL": "openrouter:gpt-5", "AI_API_KEY": "k"}, "AI_MODEL: must name a vendor too"),
        ({"AI_MODEL": "openai:gpt-5"}, "AI_API_KEY: is needed for a model of openai:"),
        ({"AI_MODEL": "openai:gpt-5", "AI_BASE_URL": "https://eu.api.openai.com/v1"}, "AI_API_KEY: is needed"),
        ({"AI_MODEL": "openrouter:a/b"}, "AI_API_KEY: is needed for a model of openrouter:"),
        ({"AI_MODEL": "google:gemini-3.8-flash"}, "AI_API_KEY: is needed for a model of google:"),
        ({"AI_MODEL": "ollama:qwen3", "AI_BASE_URL": "localhost"}, "AI_BASE_URL: Input should be a valid URL"),
        ({"AI_API_KEY": "do_not_show"}, "AI_API_KEY: is of no use without AI_MODEL"),
        ({"AI_BASE_URL": "http://10.0.0.9/v1"}, "AI_BASE_URL: is of no use without AI_MODEL"),
        ({"EMBEDDING_MODEL": "claude:x"}, "EMBEDDING_MODEL: must be google:MODEL"),
        ({"EMBEDDING_MODEL": "google:gemini-embedding-001"}, "EMBEDDING_API_KEY: is needed"),
        ({"EMBEDDING_MODEL": "openai:text-embedding-3-small"}, "EMBEDDING_API_KEY: is needed"),
        ({"AI_MODEL": "ollama:x", "EMBEDDING_MODEL": "gemini-embedding-001"}, "EMBEDDING_API_KEY: is needed"),
        ({"EMBEDDING_BASE_URL": "http://10.0.0.9/v1"}, "EMBEDDING_BASE_URL: is of no use without EMBEDDING_MODEL"),
    ],
)
def test_what_is_wrong_about_a_model_is_named(
    given: dict[str, str], wrong: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment(monkeypatch, **given)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert [line.strip()[: len(wrong)] for line in str(caught.value).splitlines()[1:]] == [wrong]
    assert "do_not_show" not in str(caught.value)


def test_an_embedder_of_the_same_service_is_asked_where_the_model_is(monkeypatch: pytest.MonkeyPatch) -> None:
    environment(
        monkeypatch,
        AI_MODEL="ollama:qwen3:8b",
        AI_BASE_URL="http://10.0.0.9:11434/v1/",
        EMBEDDING_MODEL="ollama:bge-m3",
    )
    settings = load_settings()
    assert settings.chat_endpoint is not None
    assert settings.embedding_endpoint is not None
    assert settings.chat_endpoint.address == settings.embedding_endpoint.address == "http://10.0.0.9:11434/v1"
    monkeypatch.delenv("AI_BASE_URL")
    settings = load_settings()
    assert settings.chat_endpoint is not None
    assert settings.chat_endpoint.address == "http://localhost:11434/v1"
