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
