"""Templates of days and meals: slots, the roles a meal needs, and shares of energy."""

from typing import Final, NamedTuple

from src.nutrition.ingredients import FoodRole
from src.vocabulary import MealSlot

SLOTS: Final = {
    2: (MealSlot.LUNCH, MealSlot.DINNER),
    3: (MealSlot.BREAKFAST, MealSlot.LUNCH, MealSlot.DINNER),
    4: (MealSlot.BREAKFAST, MealSlot.LUNCH, MealSlot.SNACK, MealSlot.DINNER),
    5: (MealSlot.BREAKFAST, MealSlot.SNACK, MealSlot.LUNCH, MealSlot.SNACK, MealSlot.DINNER),
    6: (MealSlot.BREAKFAST, MealSlot.SNACK, MealSlot.LUNCH, MealSlot.SNACK, MealSlot.DINNER, MealSlot.SNACK),
}
"""The meals of a day, by how many there are."""

ENERGY_SHARES: Final = {
    MealSlot.BREAKFAST: 0.25,
    MealSlot.LUNCH: 0.35,
    MealSlot.DINNER: 0.35,
    MealSlot.SNACK: 0.12,
}
"""Of the day's energy, relative to the other meals of the day."""


class MealComponent(NamedTuple):
    """What a meal needs one food of: the first of these roles that is available, for this share of its energy."""

    roles: tuple[FoodRole, ...]
    share: float


_MAIN = (
    FoodRole.PROTEIN,
    FoodRole.EGG,
    FoodRole.PULSE,
    FoodRole.CHEESE,
    FoodRole.DAIRY,
    FoodRole.POWDER,
    FoodRole.NUT,
)
_CREAMY = (
    FoodRole.DAIRY,
    FoodRole.CHEESE,
    FoodRole.EGG,
    FoodRole.PULSE,
    FoodRole.POWDER,
    FoodRole.PROTEIN,
    FoodRole.NUT,
)
_STARCH = (FoodRole.STARCH, FoodRole.BREAD, FoodRole.PULSE, FoodRole.CEREAL, FoodRole.FRUIT)
_BOWL = (FoodRole.CEREAL, FoodRole.BREAD, FoodRole.STARCH, FoodRole.FRUIT)
_TOAST = (FoodRole.BREAD, FoodRole.CEREAL, FoodRole.STARCH, FoodRole.PULSE)
_PULSE = (FoodRole.PULSE, *_MAIN)
_GREEN = (FoodRole.VEGETABLE, FoodRole.FRUIT)
_SWEET = (FoodRole.FRUIT, FoodRole.VEGETABLE)
_RICH = (FoodRole.FAT, FoodRole.NUT)
_CRUNCHY = (FoodRole.NUT, FoodRole.BREAD, FoodRole.FRUIT)

_WITH_PROTEIN: Final = (
    MealComponent(_MAIN, 0.36),
    MealComponent(_STARCH, 0.38),
    MealComponent(_GREEN, 0.06),
    MealComponent(_GREEN, 0.06),
    MealComponent(_RICH, 0.14),
)
_WITH_PULSES: Final = (
    MealComponent(_PULSE, 0.34),
    MealComponent(_STARCH, 0.36),
    MealComponent(_GREEN, 0.07),
    MealComponent(_GREEN, 0.07),
    MealComponent(_RICH, 0.16),
)

# A template listed twice is twice as likely.
TEMPLATES: Final = {
    MealSlot.BREAKFAST: (
        (
            MealComponent(_BOWL, 0.45),
            MealComponent(_CREAMY, 0.30),
            MealComponent(_SWEET, 0.15),
            MealComponent(_CRUNCHY, 0.10),
        ),
        (
            MealComponent(_TOAST, 0.45),
            MealComponent((FoodRole.EGG, *_CREAMY), 0.40),
            MealComponent(_GREEN, 0.15),
        ),
        (
            MealComponent(_TOAST, 0.45),
            MealComponent((FoodRole.CHEESE, *_CREAMY), 0.35),
            MealComponent(_GREEN, 0.20),
        ),
    ),
    MealSlot.LUNCH: (_WITH_PROTEIN, _WITH_PULSES),
    MealSlot.DINNER: (_WITH_PROTEIN, _WITH_PROTEIN, _WITH_PULSES),
    MealSlot.SNACK: (
        (MealComponent(_SWEET, 0.40), MealComponent(_CREAMY, 0.60)),
        (MealComponent(_SWEET, 0.45), MealComponent(_CRUNCHY, 0.55)),
    ),
}
