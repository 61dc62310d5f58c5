"""The seeded food library: real values that add up, honest allergens, and enough for every diet to eat from."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, fields
from itertools import combinations
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from dev.stack import Stack
from src.core.search import PhraseIndex
from src.vocabulary import Allergen, Diet

SEEDS = sorted((Path(__file__).parents[3] / "supabase" / "seeds").glob("foods*.sql"))
# What the name of a food says must be in it, but for names in which the word means something else.
NAMED: dict[Allergen, tuple[str, str]] = {
    Allergen.MILK: (
        r"milk|cheese|yoghurt|yogurt|whey|casein|butter|buttermilk|quark|skyr|kefir|cream|paneer|feta|cheddar|gouda|"
        r"mozzarella|parmesan|ricotta|mascarpone|brie|camembert|halloumi|ghee|custard|latte|lasagne|pizza|tzatziki",
        r"almond|cashew|peanut|sunflower|soya|soy|oat|rice drink|coconut|pea |hemp|vegan|plant|butternut|butter beans|"
        r"cream crackers|hulled|egg",
    ),
    Allergen.GLUTEN: (
        r"bread|pasta|wheat|barley|rye|seitan|spelt|couscous|bulgur|baguette|ciabatta|bagel|naan|pita|croissant|oats?|"
        r"porridge|muesli|udon|soba|crispbread|breadcrumbs|beer|pizza|lasagne|quiche|cake|doughnut|gnocchi|ravioli|"
        r"soy sauce|teriyaki sauce|hoisin sauce",
        r"gluten-free|buckwheat, |flour, buckwheat|buckwheat flakes|lentil, dry|chickpea, dry|cakes|ham|tomato pasta|"
        r"tamari|goat",
    ),
    Allergen.CRUSTACEANS: (r"prawns?|shrimps?|crab|lobster|surimi", "rice crackers"),
    Allergen.MOLLUSCS: (r"mussels?|squid|octopus|scallops?|clams?|oysters?", "mushroom"),
    Allergen.FISH: (
        r"salmon|trout|tuna|cod|haddock|pollock|hake|sea bass|sea bream|tilapia|halibut|plaice|mackerel|sardines|"
        r"herring|anchovies|fish|surimi|worcestershire",
        r"^$",
    ),
    Allergen.EGG: (r"eggs?|mayonnaise|quiche|sponge cake|doughnut", r"eggplant|vegan"),
    Allergen.SOY: (r"tofu|tempeh|edamame|soya?|miso|tamari|tvp|textured vegetable", r"soy-free"),
    Allergen.NUTS: (
        r"almonds?|walnuts?|cashews?|hazelnuts?|pistachios?|pecans?|brazil nuts|macadamia|mixed nuts|trail mix|and nut",
        r"^$",
    ),
    Allergen.PEANUT: (r"peanuts?", r"^$"),
    Allergen.SESAME: (r"sesame|tahini|hummus|halva", r"^$"),
    Allergen.CELERY: (r"celery|celeriac|stock", r"^$"),
    Allergen.MUSTARD: (r"mustard|mayonnaise|curry powder", r"^$"),
    Allergen.LUPIN: (r"lupini?", r"^$"),
    Allergen.SULPHITES: (r"(red|white) wine|cider|dried apricots|sultanas|sun-dried tomatoes", r"^$"),
}
MEATS = "bacon|ham|chicken|beef|pork|lamb leg|lamb chop|collagen|lard|jelly sweets|parmesan"
# The proteins that a strict eater still has, and whatever else makes a meal.
NEEDED = {
    "protein": (
        {"legume", "plant_protein", "meat", "poultry", "fish", "seafood", "egg", "dairy", "cheese", "supplement"},
        12,
    ),
    "starch": ({"grain", "bread", "starchy_vegetable", "cereal"}, 12),
    "vegetable": ({"vegetable"}, 30),
    "fruit": ({"fruit"}, 25),
    "fat": ({"oil_fat", "nut_seed"}, 5),
}


@dataclass(frozen=True)
class Food:
    """One library row."""

    slug: str
    name: str
    aliases: list[str]
    category: str
    energy_kcal: float
    protein_g: float
    carbohydrate_g: float
    fat_g: float
    fibre_g: float
    sugar_g: float
    alcohol_g: float
    allergens: list[str]
    diets: list[str]


@pytest.fixture(scope="module")
async def library(stack: Stack, anyio_backend: str) -> list[Food]:
    connection = await asyncpg.connect(stack.database_url, ssl=False)
    try:
        rows = await connection.fetch("select * from public.foods where user_id is null order by slug")
    finally:
        await connection.close()
    return [food_of(row) for row in rows]


def food_of(row: asyncpg.Record) -> Food:
    values: dict[str, Any] = {field.name: row[field.name] for field in fields(Food)}
    values |= {name: float(value) for name, value in values.items() if name.endswith(("_g", "_kcal"))}
    return Food(**values)


def energy(food: Food) -> float:
    """Regulation (EU) No 1169/2011, annex XIV."""
    starch = food.carbohydrate_g - food.fibre_g
    return 4 * food.protein_g + 4 * starch + 2 * food.fibre_g + 9 * food.fat_g + 7 * food.alcohol_g


def has(food: Food, words: str) -> bool:
    return re.search(rf"(?<![a-z])({words})(?![a-z])", food.name.lower()) is not None


def test_it_is_large(library: list[Food]) -> None:
    assert len(library) >= 250


def test_energy_adds_up_within_a_tenth(library: list[Food]) -> None:
    assert [food.slug for food in library if abs(food.energy_kcal - energy(food)) > 0.1 * energy(food)] == []


def test_what_is_in_100_g_is_not_more(library: list[Food]) -> None:
    for food in library:
        assert food.protein_g + food.carbohydrate_g + food.fat_g + food.alcohol_g <= 100.5, food.slug
        # Sugar and fibre are apart, and each is rounded.
        assert food.sugar_g + food.fibre_g <= food.carbohydrate_g + 1.05, food.slug


@pytest.mark.parametrize("allergen", NAMED, ids=str)
def test_a_name_gives_its_allergens_away(allergen: Allergen, library: list[Food]) -> None:
    words, but = NAMED[allergen]
    named = [food for food in library if has(food, words) and not re.search(but, food.name.lower())]
    assert named, "the table finds nothing"
    assert [food.name for food in named if allergen not in food.allergens] == []


def test_diets_fit_what_a_food_is(library: list[Food]) -> None:
    for food in library:
        diets = set(food.diets)
        assert food.diets == list(Diet)[: len(food.diets)], food.slug
        assert food.category not in {"meat", "poultry"} or diets == {"omnivore"}, food.slug
        assert food.category not in {"fish", "seafood"} or not diets & {"vegetarian", "vegan"}, food.slug
        assert food.category not in {"dairy", "cheese", "egg"} or "vegan" not in diets, food.slug
        assert food.category not in {"legume", "vegetable", "fruit"} or "vegan" in diets or "fish" in food.allergens
        assert not has(food, "honey|whey|casein|egg|milk") or "vegan" not in diets or has(food, "coconut milk")
        assert not has(food, MEATS) or diets == {"omnivore"}, food.slug


def test_every_diet_has_enough_without_any_three_allergens(library: list[Food]) -> None:
    for diet in Diet:
        for avoided in combinations(Allergen, 3):
            offered = [f for f in library if diet in f.diets and not set(avoided).intersection(f.allergens)]
            for role, (categories, enough) in NEEDED.items():
                assert sum(f.category in categories for f in offered) >= enough, (diet, avoided, role)


def test_a_vegan_without_any_allergen_still_has_protein(library: list[Food]) -> None:
    offered = [food for food in library if Diet.VEGAN in food.diets and not food.allergens]
    assert {"lentils-red-dry", "chickpeas-canned-drained", "pea-protein-isolate", "quinoa-dry"} <= slugs(offered)
    assert {"hemp-seeds-hulled", "sunflower-mince-dry", "pea-drink-unsweetened"} <= slugs(offered)
    # Per kilocalorie at least as much as a meal of 30 % of its energy from protein needs.
    assert sum(4 * food.protein_g >= 0.3 * food.energy_kcal > 15 for food in offered) >= 10


def slugs(foods: Iterable[Food]) -> set[str]:
    return {food.slug for food in foods}


def test_no_label_means_two_foods(library: list[Food]) -> None:
    meanings: dict[str, set[str]] = defaultdict(set)
    for food in library:
        for label in (food.name, *food.aliases):
            meanings[re.sub(r"[^a-z0-9]", "", label.lower())].add(food.slug)
    assert {label: foods for label, foods in meanings.items() if len(foods) > 1} == {}


def test_each_is_found_by_its_name_and_aliases(library: list[Food]) -> None:
    index = PhraseIndex([food.name, *food.aliases] for food in library)
    for number, food in enumerate(library):
        for label in (food.name, *food.aliases):
            scores = index.rank(label)
            best = sorted(scores, key=lambda one: (-scores[one], len(library[one].name), library[one].name))
            assert number in best[:3], (label, [library[one].name for one in best[:3]])


async def test_servings_are_usual(migrator: asyncpg.Connection) -> None:
    odd = await migrator.fetch(
        "select slug from public.foods where user_id is null and (jsonb_array_length(servings) not between 1 and 3"
        " or exists (select from jsonb_array_elements(servings) as s where (s ->> 'grams')::numeric > 700))"
    )
    assert [row["slug"] for row in odd] == []


async def test_ids_are_made_from_slugs(migrator: asyncpg.Connection) -> None:
    strays = await migrator.fetch(
        "select slug from public.foods where user_id is null and id <> md5('slow-burn/foods/' || slug)::uuid"
    )
    assert not strays


async def test_applying_the_seeds_again_repairs_one_row_only(migrator: asyncpg.Connection) -> None:
    versions = "select slug, xmin::text || updated_at::text as version from public.foods where user_id is null"
    before = {row["slug"]: row["version"] for row in await migrator.fetch(versions)}
    await migrator.execute("update public.foods set name = 'Wrong', salt_g = 9 where slug = 'banana'")
    for seed in SEEDS:
        await migrator.execute(seed.read_text())
    after = {row["slug"]: row["version"] for row in await migrator.fetch(versions)}
    assert {slug for slug in before | after if before.get(slug) != after.get(slug)} == {"banana"}
    assert await migrator.fetchval("select name from public.foods where slug = 'banana'") == "Banana"
