"""Learning: new, the same, the opposite; and vectors of another model."""

import asyncio
from typing import Any, Final

import httpx
import pytest

from dev.paths import ROOT
from dev.stack import Stack
from src.ai.rule_based import RuleBasedProvider
from src.ai.sentence_encoder import EMBEDDING_MODEL
from src.core.config import Settings
from src.core.service_gateway import ServiceGateway
from src.core.shutdown import Shutdown
from src.jobs.worker import Worker
from src.worker import HANDLERS
from tests.support.cases import each_case
from tests.support.jobs import drain, service
from tests.support.memories import MEMORIES, contents_of, fetch, learn, remember
from tests.support.people import Person, rest_client

PAIRS: Final = ROOT / "bench" / "companion" / "tuning" / "pairs.tsv"


async def test_what_is_new_is_learned_with_its_quote(ana: Person, stack: Stack) -> None:
    quote = "Well, my left knee hurts when I squat."
    answer = await learn(stack, ana, "Left knee hurts in squats", kind="injury", quote=quote, salience=0.9)
    memory = (await ana.get(f"{MEMORIES}/{answer['id']}")).json()
    assert answer["outcome"] == "learned"
    assert (memory["source_quote"], memory["kind"], memory["salience"]) == (quote, "injury", 0.9)


@pytest.mark.parametrize(
    ("first", "second", "outcome"),
    [
        ("I am allergic to peanuts", "I'm allergic to peanut", "reinforced"),
        ("My knee hurts when I squat", "my knee hurts when squatting", "reinforced"),
        ("Ich bin gegen Erdnüsse allergisch", "Ich bin allergisch gegen Erdnüsse", "reinforced"),
        ("Entreno en casa", "Yo entreno en casa", "reinforced"),
        ("Jeg bor i Trondheim", "Jeg bor nå i Trondheim", "reinforced"),
        ("I weigh 80 kg", "I weigh 82 kg", "learned"),
        ("I like running", "I don't like running", "learned"),
        ("I like running", "I don\u2019t like running", "learned"),
        ("I stretch in the morning every day", "I stretch in the evening every day", "learned"),
        ("My left knee hurts", "My right knee hurts", "learned"),
    ],
)
async def test_only_what_says_the_same_reinforces(
    first: str, second: str, outcome: str, ana: Person, stack: Stack
) -> None:
    before = await learn(stack, ana, first)
    after = await learn(stack, ana, second)
    assert after["outcome"] == outcome
    assert (after["id"] == before["id"]) == (outcome == "reinforced")


async def test_two_statements_of_different_meaning_are_never_taken_for_the_same(ana: Person, stack: Stack) -> None:
    pairs = [line.split("\t") for line in PAIRS.read_text().splitlines()[1:]]
    different = [(one, other) for label, one, other in pairs if label != "same"]
    assert len(different) > 90
    with each_case() as case:
        for one, other in different:
            with case(f"{one} | {other}"):
                for content in (one, other):
                    assert (await learn(stack, ana, content))["outcome"] == "learned"
                await fetch(stack, "delete from public.memories where user_id = $1::uuid", ana.id)


async def test_statements_in_a_script_that_the_encoder_cannot_read_are_told_apart(ana: Person, stack: Stack) -> None:
    for content in ("मेरे घुटने में दर्द है", "मुझे मूंगफली से एलर्जी है", "אני גר בחיפה", "יש לי כאב בברך"):
        assert (await learn(stack, ana, content))["outcome"] == "learned"
    await ana.delete(f"{MEMORIES}")
    assert (await learn(stack, ana, "मैं दिल्ली में रहता हूँ"))["outcome"] == "learned"


async def test_what_replaces_another_supersedes_it(ana: Person, bo: Person, stack: Stack) -> None:
    old = await learn(stack, ana, "My knee hurts", kind="injury")
    await ana.patch(f"{MEMORIES}/{old['id']}", json={"pinned": True})
    new = await learn(stack, ana, "My knee is fine again", kind="injury", replaces=old["id"])
    assert new["outcome"] == "superseded"
    assert await contents_of(ana) == ["My knee is fine again"]
    assert (await ana.get(f"{MEMORIES}/{new['id']}")).json()["pinned"] is True
    # History, another person's and nothing at all are not replaced.
    for wrong in (old["id"], (await remember(bo, "My knee hurts"))["id"], ana.id):
        assert (await learn(stack, ana, f"Number {wrong}", replaces=wrong))["outcome"] == "learned"
    assert await contents_of(bo) == ["My knee hurts"]


async def test_the_same_words_can_replace_something_else(ana: Person, stack: Stack) -> None:
    kept = await learn(stack, ana, "I train at the gym")
    old = await learn(stack, ana, "I train at home")
    again = await learn(stack, ana, "I train at the gym.", replaces=old["id"])
    assert again == {"outcome": "superseded", "id": kept["id"]}
    assert await contents_of(ana) == ["I train at the gym"]


async def test_many_at_once_learn_it_once(ana: Person, stack: Stack) -> None:
    answers = await asyncio.gather(*(learn(stack, ana, "I have a dog called Rex") for _ in range(8)))
    assert sorted(answer["outcome"] for answer in answers) == ["learned"] + ["reinforced"] * 7
    assert await contents_of(ana) == ["I have a dog called Rex"]


async def test_there_is_an_end_to_it(ana: Person, stack: Stack) -> None:
    await fetch(
        stack,
        "insert into public.memories (user_id, kind, content, content_hash) select $1::uuid, 'fact', n::text,"
        " private.words_hash(n::text) from generate_series(1, private.quota_limit('memories')) as n",
        ana.id,
    )
    assert await learn(stack, ana, "One more") == {"outcome": "full", "id": None}
    answer = await ana.post(MEMORIES, json={"kind": "fact", "content": "One more"})
    assert (answer.status_code, "20,000" in answer.json()["detail"]) == (409, True)
    assert (await learn(stack, ana, "77"))["outcome"] == "reinforced"
    # Tombstones leave room for as many memories, and are no more than these.
    await fetch(stack, "select private.tombstone_memories($1::uuid)", ana.id)
    assert (await learn(stack, ana, "One more"))["outcome"] == "learned"
    await ana.delete(MEMORIES)
    count = "select count(*) = private.quota_limit('memories') from public.memories where user_id = $1::uuid"
    assert (await fetch(stack, count, ana.id))[0][0] is True


# Vectors of another model --------------------------------------------------------------------------------------------


async def forget_vectors(stack: Stack, person: Person, model: str | None = None) -> None:
    """As if everything had been remembered with another model, or been imported."""
    sql = (
        "update public.memories set embedding_model = $2::text, embedding = case when $2 is not null then embedding end"
    )
    await fetch(stack, f"{sql} where user_id = $1::uuid", person.id, model)


async def models_of(stack: Stack, person: Person) -> set[str | None]:
    rows = await fetch(stack, "select embedding_model from public.memories where user_id = $1::uuid", person.id)
    return {row[0] for row in rows}


async def start(anonymous: Person, stack: Stack) -> httpx.Response:
    path = "/api/internal/cron/embed-memories"
    return await anonymous.post(path, headers={"Authorization": f"Bearer {stack.cron_secret}"})


@pytest.mark.parametrize("model", ["older-model", None])
async def test_memories_of_another_model_are_embedded_again(
    model: str | None, ana: Person, anonymous: Person, stack: Stack, settings: Settings
) -> None:
    for content in ("I own a rowing machine", "Rowing on the lake is what I love", "My brother rows"):
        await remember(ana, content)
    seen = (await ana.get(MEMORIES)).json()
    await forget_vectors(stack, ana, model)
    assert await contents_of(ana, q="rowing") == []
    for _ in range(2):  # the second finds the first one's job
        assert (await start(anonymous, stack)).status_code == 200
    jobs = (await ana.get("/api/v1/jobs", params={"kind": "embed_memories"})).json()
    assert jobs["total"] == 1
    await drain(settings)
    job = (await ana.get(f"/api/v1/jobs/{jobs['items'][0]['id']}")).json()
    assert (job["status"], job["result"]) == ("succeeded", {"embedded": 3})
    assert await models_of(stack, ana) == {EMBEDDING_MODEL}
    assert len(await contents_of(ana, q="rowing")) == 3
    # It is no change that anyone edits against.
    assert (await ana.get(MEMORIES)).json() == seen
    await start(anonymous, stack)
    assert (await ana.get("/api/v1/jobs", params={"kind": "embed_memories"})).json()["total"] == 1


async def test_a_tombstone_keeps_the_vector_it_has(
    ana: Person, anonymous: Person, stack: Stack, settings: Settings
) -> None:
    await remember(ana, "I live in Oslo")
    await ana.delete(MEMORIES)
    await forget_vectors(stack, ana, "older-model")
    await start(anonymous, stack)
    await drain(settings)
    assert await models_of(stack, ana) == {"older-model"}
    assert (await learn(stack, ana, "I live in Oslo"))["outcome"] == "learned_again"


class Meddling(RuleBasedProvider):
    """Lets a person change and forget something while it is being embedded."""

    def __init__(self, person: Person, ids: list[str]) -> None:
        super().__init__()
        self.person, self.ids = person, ids

    async def embed(self, texts: Any, purpose: Any) -> list[list[float]]:
        # The worker also takes what other tests have left for it, several at once: only hers counts, and once.
        if self.ids and "I row" in texts:
            changed, forgotten = self.ids.pop(), self.ids.pop()
            await self.person.patch(f"{MEMORIES}/{changed}", json={"content": "I moved to Bergen"})
            await self.person.delete(f"{MEMORIES}/{forgotten}")
        return await super().embed(texts, purpose)


async def test_what_changes_meanwhile_gets_no_vector_of_what_it_was(
    ana: Person, anonymous: Person, stack: Stack, settings: Settings
) -> None:
    ids = [(await remember(ana, content))["id"] for content in ("I live in Oslo", "I have a dog", "I row")]
    await forget_vectors(stack, ana)
    await start(anonymous, stack)
    async with service(settings) as gateway:
        await Worker(gateway, HANDLERS, Shutdown(), Meddling(ana, ids[:2])).drain()
    assert set(await contents_of(ana)) == {"I moved to Bergen", "I row"}
    assert (await contents_of(ana, q="Bergen"))[0] == "I moved to Bergen"
    [gone] = await fetch(stack, "select embedding from public.memories where id = $1::uuid", ids[0])
    assert gone["embedding"] is None


async def test_only_the_job_that_is_held_stores_vectors(ana: Person, stack: Stack, settings: Settings) -> None:
    await remember(ana, "I live in Oslo")
    async with rest_client(stack, ana.token) as direct:
        for function in ("memories_to_embed", "store_embeddings", "embed_memories"):
            answer = await direct.post(f"/rpc/{function}", json={"model": "x"})
            assert answer.status_code in {403, 404}, function
    async with service(settings) as gateway:
        assert isinstance(gateway, ServiceGateway)
        with pytest.raises(Exception, match="no longer held"):
            await gateway.call("memories_to_embed", {"job_id": ana.id, "attempt": 1, "model": "x", "max_rows": 5})
