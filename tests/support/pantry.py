"""A small pantry of foods, as rows of the table, for tests that need no database."""

from typing import Any

from src.nutrition.ingredients import FoodFacts, Ingredient
from src.nutrition.staples import library_food_id

# slug, name, category, kcal, protein, carbohydrate, fat (per 100 g), serving in g
_ROWS = """
oats-rolled|Oats, rolled|cereal|375|13.2|67.7|7.0|50
rice-white-cooked|Rice, white, cooked|grain|130|2.7|28.2|0.3|180
pasta-dry|Pasta, dry|grain|356|12.5|72.0|1.5|80
bread-wholemeal|Bread, wholemeal|bread|247|10.5|43.0|3.5|40
potato-boiled|Potato, boiled|starchy_vegetable|80|1.9|18.0|0.1|175
corn-tortilla|Corn tortilla|bread|218|5.7|44.6|2.9|30
quinoa-cooked|Quinoa, cooked|grain|120|4.4|21.3|1.9|185
chicken-breast-raw|Chicken breast, raw|poultry|108|23.1|0.0|1.6|150
turkey-breast-raw|Turkey breast, raw|poultry|107|24.0|0.0|1.2|150
beef-mince-5-percent-fat|Beef mince, lean|meat|137|21.0|0.0|5.9|125
salmon-raw|Salmon, raw|fish|203|20.4|0.0|13.4|125
tuna-canned-in-water-drained|Tuna, canned in water|fish|108|25.0|0.0|0.9|100
cod-raw|Cod, raw|fish|76|17.8|0.0|0.5|150
tofu-firm|Tofu, firm|plant_protein|141|15.0|2.5|8.5|100
egg-raw|Egg|egg|140|12.5|0.7|9.6|55
milk-semi-skimmed|Milk, semi-skimmed|dairy|47|3.5|4.8|1.6|200
skyr-plain|Skyr|dairy|63|11.0|4.0|0.2|150
yoghurt-plain-whole|Yoghurt, plain|dairy|62|4.5|5.5|3.0|150
cheddar|Cheddar|cheese|404|25.0|1.0|33.3|30
soy-drink|Soy drink|plant_dairy|38|3.3|1.2|2.2|200
lentils-green-cooked|Lentils, cooked|legume|116|9.0|20.1|0.4|150
chickpeas-canned-drained|Chickpeas, canned|legume|126|7.5|18.0|2.5|120
kidney-beans-canned-drained|Kidney beans, canned|legume|105|7.6|17.6|0.6|120
peas-frozen|Peas, frozen|vegetable|75|5.3|12.8|0.5|80
broccoli-raw|Broccoli|vegetable|35|3.0|5.6|0.4|100
carrots-raw|Carrots|vegetable|38|0.8|8.8|0.2|80
tomato|Tomato|vegetable|20|0.9|3.7|0.2|100
spinach-raw|Spinach|vegetable|22|2.8|2.5|0.4|80
onion|Onion|vegetable|40|1.1|9.0|0.1|60
bell-pepper-red|Bell pepper|vegetable|29|1.0|5.9|0.3|100
banana|Banana|fruit|92|1.1|22.2|0.3|120
apple|Apple|fruit|54|0.3|13.6|0.2|150
orange|Orange|fruit|49|0.9|11.5|0.1|140
blueberries|Blueberries|fruit|52|0.7|13.2|0.3|100
olive-oil|Olive oil|oil_fat|900|0.0|0.0|100.0|10
rapeseed-oil|Rapeseed oil|oil_fat|900|0.0|0.0|100.0|10
walnuts|Walnuts|nut_seed|690|15.2|13.7|65.2|30
peanut-butter|Peanut butter|nut_seed|610|25.0|18.0|50.0|20
sunflower-seeds|Sunflower seeds|nut_seed|600|20.8|18.0|51.5|20
honey|Honey|snack_sweet|325|0.3|81.0|0.0|15
"""


def pantry() -> list[dict[str, Any]]:
    """The rows."""
    return [_row(line.split("|")) for line in _ROWS.strip().splitlines()]


def _row(values: list[str]) -> dict[str, Any]:
    slug, name, category, kcal, protein, carbohydrate, fat, serving = values
    return {
        "id": str(library_food_id(slug)),
        "name": name,
        "category": category,
        "energy_kcal": float(kcal),
        "protein_g": float(protein),
        "carbohydrate_g": float(carbohydrate),
        "fat_g": float(fat),
        "fibre_g": 0.0,
        "sugar_g": 0.0,
        "salt_g": 0.0,
        "servings": [{"name": "serving", "grams": float(serving)}],
    }


def foods() -> list[Ingredient]:
    """The rows as foods."""
    return [Ingredient.from_facts(FoodFacts.model_validate(row)) for row in pantry()]
