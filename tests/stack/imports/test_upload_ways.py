"""A file is uploaded as browsers do it."""

import gzip
from typing import Any

import pytest

from src.core.config import Settings
from tests.support.archive import IMPORT as IMPORT_ACCOUNT
from tests.support.cases import each_case
from tests.support.import_files import IMPORT, sets_of, strong
from tests.support.jobs import drain, result_of
from tests.support.people import Person, assert_problem, fields_of

FILE = strong("Squat (Barbell),1,100,5,0,0").encode()
WAYS: dict[str, dict[str, Any]] = {
    "form": {"files": {"file": ("strong.csv", FILE, "text/csv")}},
    "form on Windows": {"files": {"upload": ("strong.csv", FILE, "application/vnd.ms-excel")}},
    "form of a packed file": {"files": {"file": ("strong.csv.gz", gzip.compress(FILE), "application/gzip")}},
    "excel": {"content": FILE, "headers": {"Content-Type": "application/vnd.ms-excel"}},
    "any file": {"content": FILE, "headers": {"Content-Type": "application/octet-stream"}},
    "plain text": {"content": FILE, "headers": {"Content-Type": "text/plain; charset=utf-8"}},
    "packed": {"content": gzip.compress(FILE), "headers": {"Content-Type": "text/csv", "Content-Encoding": "gzip"}},
    "packed file": {"content": gzip.compress(FILE), "headers": {"Content-Type": "application/x-gzip"}},
}


@pytest.mark.parametrize("way", WAYS)
async def test_a_file_is_imported(way: str, ana: Person, settings: Settings) -> None:
    result = await result_of(ana, await ana.post(IMPORT, **WAYS[way]), settings)
    assert result["rows"]["imported"] == 1
    assert len(await sets_of(ana)) == 1


async def test_the_same_file_is_one_job(ana: Person) -> None:
    locations = {(await ana.post(IMPORT, **way)).headers["location"] for way in WAYS.values()}
    assert len(locations) == 1


async def test_what_is_no_upload_changes_nothing(ana: Person) -> None:
    file = ("strong.csv", FILE, "text/csv")
    refused: dict[str, tuple[dict[str, Any], int, set[tuple[str, ...]]]] = {
        "no file": ({"files": {"file": (None, "text")}}, 422, {("body", "file")}),
        "an option in the form": (
            {"files": {"file": file, "weight_unit": (None, "lb")}}, 422, {("body", "weight_unit")},
        ),
        "two files": ({"files": [("file", file), ("file", file)]}, 422, {("body", "file")}),
        "no form": ({"content": FILE, "headers": {"Content-Type": "multipart/form-data"}}, 422, {("body",)}),
        "damaged": ({"content": gzip.compress(FILE)[:-5], "headers": {"Content-Type": "text/csv"}}, 422, {("body",)}),
        "a bomb": (
            {"content": gzip.compress(b"0" * 11 * 2**20), "headers": {"Content-Type": "text/csv"}}, 413, set(),
        ),
        "fields": ({"data": {"file": "x"}}, 415, set()),
        "another packing": (
            {"content": FILE, "headers": {"Content-Type": "text/csv", "Content-Encoding": "br"}}, 415, set(),
        ),
    }  # fmt: skip
    codes = {413: "payload_too_large", 415: "unsupported_media_type", 422: "validation_failed"}
    with each_case() as case:
        for name, (way, status, fields) in refused.items():
            with case(name):
                problem = assert_problem(await ana.post(IMPORT, **way), status, codes[status])
                assert (fields_of(problem) if status == 422 else set()) == fields
    assert (await ana.get("/api/v1/jobs")).json()["total"] == 0


async def test_an_export_comes_back_as_a_file(ana: Person, bo: Person, settings: Settings) -> None:
    await result_of(ana, await ana.post(IMPORT, **WAYS["form"]), settings)
    export = (await ana.get("/api/v1/users/me/export")).content
    for way in (
        {"files": {"file": ("slow-burn.json", export, "application/json")}},
        {"content": gzip.compress(export), "headers": {"Content-Type": "application/octet-stream"}},
    ):
        accepted = await bo.post(IMPORT_ACCOUNT, **way)
        assert accepted.status_code == 202, accepted.text
        await drain(settings)
    assert len(await sets_of(bo)) == 1
