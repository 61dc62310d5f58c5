"""What the tests of the stack itself need: small Supabase projects, and a folder Postgres can live in."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from dev.account import place_for
from dev.paths import SUPABASE


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The `supabase/` folder of a project with one table and one seed: quick to apply."""
    folder = tmp_path / "project" / "supabase"
    (folder / "migrations").mkdir(parents=True)
    (folder / "seeds").mkdir()
    shutil.copy(SUPABASE / "config.toml", folder)
    (folder / "migrations" / "20260101000000_words.sql").write_text(
        "create extension if not exists vector with schema extensions;\n"
        "create table public.words (id int primary key, word text, place extensions.halfvec(2));\n"
    )
    write_seed(folder, "first")
    return folder


def write_seed(project: Path, word: str) -> None:
    (project / "seeds" / "words.sql").write_text(
        f"insert into public.words (id, word) values (1, '{word}')\n"  # noqa: S608  # words of the tests
        "on conflict (id) do update set word = excluded.word;\n"
    )


@pytest.fixture
def data_dir(tmp_path: Path) -> Iterator[Path]:
    """A data folder; as root its databases live elsewhere, and go with it."""
    folder = tmp_path / "data"
    yield folder
    for version in (16, 18):
        place = place_for(folder / f"postgres-{version}")
        shutil.rmtree(place if place.parent == folder else place.parent, ignore_errors=True)
