"""Settings from the environment (and `.env`), validated once at start."""

from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    AnyHttpUrl,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from src.core.model_endpoints import (
    GOOGLE_NAME,
    ModelEndpoint,
    ModelReference,
    chat_endpoint,
    embedding_endpoint,
    parse_embedding_model,
)
from src.core.rates import Rate


def _split(value: object) -> object:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _trim(value: object) -> object:
    return value.strip().rstrip("/") if isinstance(value, str) else value


def _check_used(value: object, info: ValidationInfo, model: str) -> None:
    if value is not None and info.data.get(model) is None and model in info.data:
        raise ValueError(f"is of no use without {model.upper()}")


def _check_ai_base_url(url: AnyHttpUrl | None, info: ValidationInfo) -> AnyHttpUrl | None:
    _check_used(url, info, "ai_model")
    return url


def _check_ai_api_key(key: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
    _check_used(key, info, "ai_model")
    endpoint = chat_endpoint({**info.data, "ai_api_key": key})
    if endpoint is not None and endpoint.lacks_key:
        raise ValueError(f"is needed for a model of {endpoint.model.family}:")
    return key


def _check_embedding_base_url(url: AnyHttpUrl | None, info: ValidationInfo) -> AnyHttpUrl | None:
    _check_used(url, info, "embedding_model")
    return url


def _check_embedding_api_key(key: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
    _check_used(key, info, "embedding_model")
    endpoint = embedding_endpoint({**info.data, "embedding_api_key": key})
    if info.data.get("embedding_model") is not None and endpoint is not None and endpoint.lacks_key:
        raise ValueError(f"is needed for an EMBEDDING_MODEL of {endpoint.model.family}:")
    return key


Url = Annotated[AnyHttpUrl, BeforeValidator(_trim)]


Limit = Annotated[Rate, NoDecode, BeforeValidator(Rate.parse)]
"""Requests/seconds/together, such as 600/60/8."""


class SettingsError(Exception):
    """Every mistake in the environment, one line each; never a value, which might be a secret."""


class Settings(BaseSettings):
    """What the server needs to know. Names are the environment's, in lower case; secrets have no default."""

    model_config = SettingsConfigDict(env_file=".env", frozen=True, extra="ignore", env_ignore_empty=True)

    supabase_url: Url
    supabase_publishable_key: Annotated[str, Field(min_length=8)]
    supabase_secret_key: Annotated[SecretStr, Field(min_length=8)]
    supabase_rest_url: Url | None = Field(None, description="PostgREST, when it is not at SUPABASE_URL/rest/v1")
    supabase_jwt_secret: Annotated[SecretStr, Field(min_length=32)] | None = Field(
        None, description="HS256 secret of a legacy project; HS256 tokens are refused unless it is set"
    )
    cron_secret: Annotated[SecretStr, Field(min_length=16)] | None = Field(
        None, description="Bearer secret of /api/internal/cron; without one nobody may run the tasks"
    )
    cors_origins: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)] = (
        "http://localhost:5173",
        "http://127.0.0.1:5173",
    )
    gemini_api_key: Annotated[SecretStr, Field(min_length=8)] | None = Field(
        None, description="Google's Gemini answers; without a key rules do, offline"
    )
    gemini_base_url: Url | None = Field(None, description="The Gemini API, when it is not Google's own address")
    chat_model: Annotated[str, Field(pattern=GOOGLE_NAME)] = "gemini-3.8-flash"
    # After those above, and in this order: each is checked with those before it.
    ai_model: Annotated[ModelReference, NoDecode, BeforeValidator(ModelReference.parse)] | None = Field(
        None, description="Who answers, such as ollama:qwen3:8b; without it, CHAT_MODEL where there is GEMINI_API_KEY"
    )
    ai_base_url: Annotated[Url | None, AfterValidator(_check_ai_base_url)] = None
    ai_api_key: Annotated[SecretStr | None, Field(validate_default=True), AfterValidator(_check_ai_api_key)] = None
    embedding_model: Annotated[str, BeforeValidator(parse_embedding_model)] | None = Field(
        None, description="Who embeds; without it Google where Google answers, else this process itself"
    )
    embedding_base_url: Annotated[Url | None, AfterValidator(_check_embedding_base_url)] = None
    embedding_api_key: Annotated[
        SecretStr | None, Field(validate_default=True), AfterValidator(_check_embedding_api_key)
    ] = None
    ai_budget_seconds: Annotated[float, Field(gt=0, le=120)] = 30.0
    ai_first_event_seconds: Annotated[float, Field(gt=0, le=60)] = 10.0
    data_budget_seconds: Annotated[float, Field(gt=0, le=60)] = 5.0
    # Per person and process (docs/decisions/0035-limits.md).
    limit_reads: Limit = Rate(600, 60, 4)
    limit_writes: Limit = Rate(300, 60, 3)
    limit_searches: Limit = Rate(120, 60, 3)
    limit_heavy: Limit = Rate(60, 60, 2)
    limit_streams: Limit = Rate(60, 60, 5)
    limit_restores: Limit = Rate(20, 60, 2)
    limit_address: Limit = Rate(300, 60, 200)
    max_requests: Annotated[int, Field(ge=1)] = 1000
    max_requests_per_person: Annotated[int, Field(ge=1)] = 4
    max_connections: Annotated[int, Field(ge=1)] = 2000
    max_connections_per_address: Annotated[int, Field(ge=1)] = 100
    header_seconds: Annotated[float, Field(gt=0)] = 10.0
    body_seconds: Annotated[float, Field(gt=0)] = 20.0
    trusted_proxy_hops: Annotated[int, Field(ge=0, le=8)] = 0
    web_concurrency: Annotated[int, Field(ge=1)] = 1
    log_format: Literal["json", "console"] = "json"
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @property
    def chat_endpoint(self) -> ModelEndpoint | None:
        """Who answers; None: rules do."""
        return chat_endpoint(vars(self))

    @property
    def embedding_endpoint(self) -> ModelEndpoint | None:
        """Who embeds; None: this process does."""
        return embedding_endpoint(vars(self))

    @property
    def issuer(self) -> str:
        """The `iss` of this project's access tokens."""
        return f"{str(self.supabase_url).rstrip('/')}/auth/v1"

    @property
    def jwks_url(self) -> str:
        return f"{self.issuer}/.well-known/jwks.json"

    @property
    def rest_url(self) -> str:
        """Base URL of PostgREST, without a slash at the end."""
        return str(self.supabase_rest_url or f"{str(self.supabase_url).rstrip('/')}/rest/v1").rstrip("/")


def load_settings() -> Settings:
    """Settings from the environment.

    Raises SettingsError that names every missing or wrong variable and what is wrong with it.
    """
    try:
        return Settings()
    except ValidationError as error:
        lines = [
            f"  {str(e['loc'][0]).upper()}: {e['msg'].removeprefix('Value error, ')}"
            for e in error.errors(include_input=False)
        ]
        raise SettingsError("The environment is not complete (see .env.example):\n" + "\n".join(lines)) from None
