"""What people type, and the food that they mean."""

from tests.support.foods import FOODS
from tests.support.people import Person

MEANT = {
    "chiken brest": "Chicken breast, raw",
    "grek yogurt": "Greek yogurt",
    "zuchini": "Courgette",
    "eggplant": "Aubergine",
    "arugula": "Rocket",
    "garbanzo": "Chickpeas",
    "PB": "Peanut butter",
    "EVOO": "Olive oil",
    "porige oats": "Oats, rolled",
    "rice": "Rice, white, dry",
    "milk": "Milk, semi-skimmed",
    "egg": "Egg, raw",
    "oat milk": "Oat drink",
    "tinned tuna": "Tuna, canned in water, drained",
    "creme fraiche": "Crème fraîche",
    "soya": "Soya",
    "cous cous": "Couscous, dry",
    "lentils red": "Lentils, red, dry",
    "shrimp": "Prawns, raw",
    "brocoli": "Broccoli, raw",
}


async def test_what_is_meant_is_among_the_first_three(ana: Person) -> None:
    for query, meant in MEANT.items():
        items = (await ana.get(FOODS, params={"q": query, "per_page": 3})).json()["items"]
        names = [label for food in items for label in (food["name"], *food["aliases"])]
        assert any(name.startswith(meant) for name in names), (query, names)


async def test_nonsense_finds_nothing(ana: Person) -> None:
    assert (await ana.get(FOODS, params={"q": "qqqqzzzz"})).json()["items"] == []
