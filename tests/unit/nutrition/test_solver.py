"""Portions that are solved, held against what they hold."""

import subprocess
import sys

import pytest

from src.nutrition.constants import NutritionGoal
from src.nutrition.portions import PortionRange, step_grams
from src.nutrition.profile import Body
from src.nutrition.solver import solve
from src.nutrition.targets import compute_targets
from src.vocabulary import ActivityLevel, Sex
from tests.support.pantry import foods
from tests.support.server import ROOT

BY_NAME = {food.name: food for food in foods()}
TARGETS = compute_targets(Body(Sex.MALE, 30, 80.0, 1.80, ActivityLevel.MODERATE), NutritionGoal.MAINTAIN)


def test_grams_are_within_bounds_in_steps_and_meet_the_target() -> None:
    portions = [
        PortionRange.near(BY_NAME[name], grams, TARGETS.energy_kcal)
        for name, grams in [
            ("Oats, rolled", 120),
            ("Chicken breast, raw", 300),
            ("Pasta, dry", 200),
            ("Olive oil", 40),
            ("Egg", 110),
        ]
    ]
    solved = solve(portions, TARGETS)
    assert solved.fits
    for portion, grams in zip(portions, solved.grams, strict=True):
        assert portion.min_grams <= grams <= portion.max_grams
        assert grams % step_grams(portion.food) == pytest.approx(0)
    eggs = dict(zip([portion.food.name for portion in portions], solved.grams, strict=True))["Egg"]
    assert eggs % 55 == 0


def test_the_residual_is_of_what_was_rounded() -> None:
    chicken = BY_NAME["Chicken breast, raw"]
    solved = solve([PortionRange.near(chicken, 400, 2000)], TARGETS)
    (grams,) = solved.grams
    assert solved.totals.protein_g == pytest.approx(grams * 0.231)
    residual = solved.residual_document()
    assert residual["protein_g"] == pytest.approx(grams * 0.231 - TARGETS.protein_g, abs=0.06)
    assert residual["energy_ratio"] == pytest.approx(grams * 1.08 / TARGETS.energy_kcal - 1, abs=0.001)
    assert residual["within_tolerance"] is False


def test_what_is_fixed_stays() -> None:
    fixed = PortionRange.fixed(BY_NAME["Rice, white, cooked"], 333.0)
    solved = solve([fixed, PortionRange.near(BY_NAME["Chicken breast, raw"], 300, 2700)], TARGETS)
    assert solved.grams[0] == 333.0
    assert solve([fixed], TARGETS).grams == (333.0,)


def test_only_who_solves_loads_scipy() -> None:
    """The API serves targets and takes requests without its second and 80 MB; so does an idle worker."""
    script = "import sys, src.app, src.worker; print({'scipy', 'numpy'} & set(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603
    assert ran.stdout.strip() == "set()"
