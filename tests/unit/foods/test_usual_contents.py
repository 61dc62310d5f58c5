"""What well-known dishes and brands usually contain."""

import pytest

from src.foods.usual_contents import usual_contents, usual_names
from src.vocabulary import Allergen, Diet


@pytest.mark.parametrize(
    ("said", "allergen"),
    [
        ("a Snickers", Allergen.PEANUT),
        ("Erdnussbutter", Allergen.PEANUT),
        ("some pesto genovese", Allergen.MILK),
        ("Wiener Schnitzel", Allergen.GLUTEN),
        ("tortilla de patatas", Allergen.EGG),
        ("en fiskekake med reker", Allergen.CRUSTACEANS),
        ("whey shake", Allergen.MILK),
    ],
)
def test_a_well_known_food_has_its_usual_allergens(said: str, allergen: Allergen) -> None:
    found = usual_contents(said)
    assert found is not None
    assert allergen in found.allergens


def test_the_longest_name_decides() -> None:
    almond, cow = usual_contents("almond milk"), usual_contents("milk chocolate")
    assert almond is not None
    assert cow is not None
    assert almond.allergens == {Allergen.NUTS}
    assert Allergen.MILK in cow.allergens


@pytest.mark.parametrize("said", ["", "gravel", "something nice"])
def test_an_unknown_food_is_unknown(said: str) -> None:
    assert usual_contents(said) is None


def test_a_diet_is_suited_by_what_is_stricter() -> None:
    hummus, sushi = usual_contents("hummus"), usual_contents("sushi")
    assert hummus is not None
    assert sushi is not None
    assert all(hummus.suits(diet) for diet in Diet)
    assert sushi.suits(Diet.PESCATARIAN)
    assert not sushi.suits(Diet.VEGETARIAN)


def test_every_row_is_sound() -> None:
    for name in usual_names():
        found = usual_contents(name)
        assert found is not None
        # What has milk or egg is no vegan food, what has fish no vegetarian one.
        if found.allergens & {Allergen.MILK, Allergen.EGG}:
            assert not found.suits(Diet.VEGAN), name
        if found.allergens & {Allergen.FISH, Allergen.CRUSTACEANS, Allergen.MOLLUSCS}:
            assert not found.suits(Diet.VEGETARIAN), name
