"""Why a meal plan cannot be made or adapted. The messages are for its owner."""


class MealPlanningError(Exception):
    """No plan is possible; the owner can change what stands in the way."""


class TooFewFoods(MealPlanningError):
    """The foods that are left do not make a day's meals."""

    def __init__(self) -> None:
        super().__init__(
            "Too few foods are left by your diet, allergens, dislikes and what you exclude: they cannot make a day's "
            "meals. Add foods of your own, or exclude less."
        )


class UnplannableFood(MealPlanningError):
    """A food that was asked for is not among the foods that the person may eat."""

    def __init__(self) -> None:
        super().__init__("A food that you asked for is not one that can be planned for you.")


class NoSuchMeal(MealPlanningError):
    """The plan has no such day or meal."""

    def __init__(self) -> None:
        super().__init__("The plan has no such meal.")
