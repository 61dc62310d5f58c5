"""Every number behind the targets, with its source. docs/decisions/0028-nutrition.md has them as a table."""

from enum import StrEnum
from typing import Final

from src.vocabulary import ActivityLevel, Sex


class NutritionGoal(StrEnum):
    """Which way body weight is to go."""

    LOSE = "lose"
    MAINTAIN = "maintain"
    GAIN = "gain"


# Resting energy, kcal a day = 10 kg + 6.25 cm - 5 years + this. Mifflin et al. 1990, Am J Clin Nutr 51:241.
MIFFLIN_KG: Final = 10.0
MIFFLIN_CM: Final = 6.25
MIFFLIN_YEAR: Final = 5.0
MIFFLIN_CONSTANT: Final = {Sex.MALE: 5.0, Sex.FEMALE: -161.0}

# Mifflin measured adults. From 10 to 17 years, kcal a day = slope x kg + constant. Schofield 1985, Hum Nutr Clin Nutr
# 39C suppl 1:5, as in FAO/WHO/UNU 2001, Human energy requirements.
ADULT_AGE: Final = 18
MIN_AGE: Final = 10
SCHOFIELD: Final = {Sex.MALE: (17.686, 658.2), Sex.FEMALE: (13.384, 692.6)}

# Total over resting energy. The usual factors (McArdle, Katch & Katch, Exercise Physiology), one in or near each class
# of physical activity levels of IOM 2005, Dietary Reference Intakes for Energy (1.0-1.39, 1.4-1.59, 1.6-1.89, 1.9-2.5).
ACTIVITY_FACTOR: Final = {
    ActivityLevel.SEDENTARY: 1.2,
    ActivityLevel.LIGHT: 1.375,
    ActivityLevel.MODERATE: 1.55,
    ActivityLevel.ACTIVE: 1.725,
    ActivityLevel.VERY_ACTIVE: 1.9,
}

# Share of body weight a week. Losing 0.5 to 1 % keeps muscle: Helms et al. 2014, J Int Soc Sports Nutr 11:20. Gaining
# 0.25 to 0.5 %: Iraki et al. 2019, Sports 7:154. The careful end of each.
WEEKLY_CHANGE: Final = {NutritionGoal.LOSE: -0.005, NutritionGoal.MAINTAIN: 0.0, NutritionGoal.GAIN: 0.0025}
# kcal that a kg of body weight holds: Wishnofsky 1958, Am J Clin Nutr 6:542.
KCAL_PER_KG: Final = 7700.0
# Largest deficit in kcal a day: NHLBI 1998, Clinical Guidelines on Overweight and Obesity (500 to 1,000).
MAX_DEFICIT_KCAL: Final = 1000.0

# No plan goes below this: NHLBI 1998 (1,000 to 1,200 kcal for women at the least). Less needs a doctor.
MIN_ENERGY_KCAL: Final = 1200
MAX_ENERGY_KCAL: Final = 6000
# No deficit below this body mass index: WHO 1995, Technical Report Series 854.
UNDERWEIGHT_BMI: Final = 18.5

# Protein in g per kg. 1.6 is where more stopped building more muscle: Morton et al. 2018, Br J Sports Med 52:376. 1.4
# to 2.0 for people who train, and the upper end in a deficit: Jager et al. 2017 (ISSN), J Int Soc Sports Nutr 14:20.
PROTEIN_PER_KG: Final = {NutritionGoal.LOSE: 2.0, NutritionGoal.MAINTAIN: 1.6, NutritionGoal.GAIN: 1.8}
# Never less than what covers nearly everybody's need: EFSA 2012, EFSA Journal 10:2557.
MIN_PROTEIN_PER_KG: Final = 0.83
# Weight above this body mass index does not count for protein: the need follows lean mass, and the rest is mostly fat.
# Our choice.
PROTEIN_BMI: Final = 30.0
# Upper end of the acceptable range of energy from protein: IOM 2005.
MAX_PROTEIN_SHARE: Final = 0.35

# Share of energy from fat, 20 to 35 %: EFSA 2010, EFSA Journal 8:1461. The minimum gives way last.
FAT_SHARE: Final = 0.30
MIN_FAT_SHARE: Final = 0.20
# Glucose that the brain takes, in g a day: recommended intake of IOM 2005. Fat makes room for it, down to its own
# minimum.
MIN_CARBOHYDRATE_G: Final = 130.0
