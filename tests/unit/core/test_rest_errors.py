"""What PostgREST, Postgres and the edge say, translated: a status and a code, and nothing that is not theirs."""

import json
from functools import partial

import pytest

from src.app import CONSTRAINTS
from src.core import rest_errors
from src.core.errors import (
    AppError,
    BadUpstream,
    Conflict,
    Forbidden,
    NotFound,
    PreconditionFailed,
    RateLimited,
    Unauthenticated,
    Unavailable,
    UpstreamTimeout,
    ValidationFailed,
)
from src.core.http_client import Answer

translate_error_answer = partial(rest_errors.translate_error_answer, constraints=CONSTRAINTS)

CODES: list[tuple[int, str, type[AppError]]] = [
    (401, "PGRST301", Unauthenticated),
    (401, "PGRST302", Unauthenticated),
    (401, "PGRST303", Unauthenticated),
    (406, "PGRST116", NotFound),
    (400, "", Unavailable),
    (503, "PGRST000", Unavailable),
    (503, "PGRST001", Unavailable),
    (503, "PGRST002", Unavailable),
    (504, "PGRST003", UpstreamTimeout),
    (404, "PT404", NotFound),
    (409, "PT409", Conflict),
    (412, "PT412", PreconditionFailed),
    (422, "PT422", ValidationFailed),
    (403, "42501", Forbidden),
    (409, "23505", Conflict),
    (409, "23503", Conflict),
    (400, "23502", ValidationFailed),
    (400, "23514", ValidationFailed),
    (400, "22P02", ValidationFailed),
    (400, "22P05", ValidationFailed),
    (400, "22003", ValidationFailed),
    (500, "57014", UpstreamTimeout),
    (400, "55P03", Conflict),
    (500, "40001", Unavailable),
    (500, "40P01", Unavailable),
    (503, "08006", Unavailable),
    (503, "53100", Unavailable),
    (503, "53300", Unavailable),
    (503, "57P01", Unavailable),
    (503, "57P03", Unavailable),
    (500, "58030", Unavailable),
    (500, "XX000", BadUpstream),
    # A mistake of ours, not of the client's: an unknown table, function, column, or syntax.
    (404, "PGRST202", BadUpstream),
    (404, "PGRST205", BadUpstream),
    (404, "42P01", BadUpstream),
    (400, "42703", BadUpstream),
    (400, "PGRST100", BadUpstream),
    (400, "P0001", BadUpstream),
]


def answer(status: int, document: object) -> Answer:
    return Answer(status, {"content-type": "application/json"}, json.dumps(document).encode())


@pytest.mark.parametrize(("status", "code", "expected"), CODES)
def test_every_known_code_has_its_error(status: int, code: str, expected: type[AppError]) -> None:
    document = {"code": code, "message": "the message", "details": None, "hint": None}
    assert type(translate_error_answer(answer(status, document))) is expected


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (401, BadUpstream),
        (403, BadUpstream),
        (404, BadUpstream),
        (429, Unavailable),
        (500, BadUpstream),
        (502, Unavailable),
        (503, Unavailable),
        (504, UpstreamTimeout),
    ],
)
@pytest.mark.parametrize("code", ["no code", None, "502", "ZZ999", 502, ["23505"], {"a": 1}])
def test_without_a_code_that_is_known_the_status_decides(status: int, expected: type[AppError], code: object) -> None:
    document = {"message": "x"} if code == "no code" else {"message": "x", "code": code}
    assert type(translate_error_answer(answer(status, document))) is expected


@pytest.mark.parametrize("code", ["404", "40", "22", "533", "57", "08"])
def test_what_only_begins_like_an_sqlstate_is_none(code: str) -> None:
    assert type(translate_error_answer(answer(400, {"code": code, "message": "x"}))) is BadUpstream


@pytest.mark.parametrize(
    "body", [b"", b"<html><h1>502 Bad Gateway</h1></html>", b"\xff\xfe", b"{", b"[]", b'"x"', b"null"]
)
def test_a_body_that_is_no_error_document_is_judged_by_its_status(body: bytes) -> None:
    kinds = {
        status: type(translate_error_answer(Answer(status, {}, body))) for status in (400, 429, 500, 502, 503, 504)
    }
    assert kinds == {
        400: BadUpstream,
        429: Unavailable,
        500: BadUpstream,
        502: Unavailable,
        503: Unavailable,
        504: UpstreamTimeout,
    }


SECRETS = 'new row for relation "plans" violates check constraint "plans_secret_check": select * from auth.users'


@pytest.mark.parametrize("code", ["23514", "23505", "23503", "42501", "22P02", "42P01", "XX000", "57014", "PGRST301"])
def test_nothing_of_the_database_reaches_the_client(code: str) -> None:
    document = {
        "code": code,
        "message": SECRETS,
        "details": "Failing row contains (ana@people.example)",
        "hint": SECRETS,
    }
    error = translate_error_answer(answer(400, document))
    said = f"{error.detail} {error.errors} {error.headers}"
    for secret in ("plans", "auth.users", "select", "ana@", "constraint"):
        assert secret not in said


def test_a_name_in_use_is_said_in_words() -> None:
    message = 'duplicate key value violates unique constraint "exercises_custom_name"'
    error = translate_error_answer(
        answer(409, {"code": "23505", "message": message, "details": "Key (user_id, name)=(…) exists."})
    )
    assert type(error) is Conflict
    assert error.detail == "You already have an exercise with this name."


def test_a_check_on_a_field_names_the_field() -> None:
    message = 'new row for relation "users" violates check constraint "users_timezone_known"'
    error = translate_error_answer(answer(400, {"code": "23514", "message": message}))
    assert type(error) is ValidationFailed
    assert error.errors[0]["loc"] == ["body", "timezone"]


def test_a_row_of_a_person_who_is_gone_means_that_the_token_is_worth_nothing() -> None:
    message = 'insert or update on table "plans" violates foreign key constraint "plans_user_id_fkey"'
    assert type(translate_error_answer(answer(409, {"code": "23503", "message": message}))) is Unauthenticated


def test_our_functions_name_the_wrong_fields() -> None:
    wrong = [{"loc": ["content", "days", 0], "message": "is not right", "type": "plan_sense"}]
    document = {"code": "PT422", "message": "The plan is not right.", "details": json.dumps(wrong)}
    error = translate_error_answer(answer(422, document))
    assert error.detail == "The plan is not right."
    assert error.errors == [{"loc": ["body", "content", "days", 0], "message": "is not right", "type": "plan_sense"}]


def test_what_the_profile_lacks_is_not_in_the_body() -> None:
    missing = [{"loc": ["profile", "sport"], "message": "is needed", "type": "missing"}]
    error = translate_error_answer(
        answer(422, {"code": "PT422", "message": "Say more.", "details": json.dumps(missing)})
    )
    assert error.errors == missing


@pytest.mark.parametrize("details", [None, "", "no JSON", "{}", "[1]", '[{"loc": 5}]', {"a": 1}, 7])
def test_details_in_another_shape_name_no_field(details: object) -> None:
    error = translate_error_answer(answer(422, {"code": "PT422", "message": "Not right.", "details": details}))
    assert (type(error), error.detail, error.errors) == (ValidationFailed, "Not right.", [])


@pytest.mark.parametrize("message", [None, "", 5, {"a": 1}, ["x"]])
def test_a_message_that_is_no_sentence_is_not_passed_on(message: object) -> None:
    error = translate_error_answer(answer(409, {"code": "PT409", "message": message}))
    assert error.detail == Conflict.default_detail


@pytest.mark.parametrize("code", ["PT429", "53300"])
def test_what_the_database_refuses_for_a_moment_says_when_to_ask_again(code: str) -> None:
    body = json.dumps({"code": code, "message": "Too many requests.", "details": None}).encode()
    error = translate_error_answer(Answer(429, {"retry-after": "1"}, body))
    assert (type(error), error.detail, error.headers) == (RateLimited, "Too many requests.", {"Retry-After": "1"})
