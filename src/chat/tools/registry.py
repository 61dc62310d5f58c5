"""Every tool by its name."""

from collections.abc import Mapping
from typing import Any, Final

from src.chat.tools.about_me import AboutMe
from src.chat.tools.affinity import Affinity
from src.chat.tools.body_weight import BodyWeight
from src.chat.tools.exercise_progress import ExerciseProgress
from src.chat.tools.exercise_records import ExerciseRecords
from src.chat.tools.groceries import Groceries
from src.chat.tools.how_to import HowTo
from src.chat.tools.last_time import LastTime
from src.chat.tools.may_i_eat import MayIEat
from src.chat.tools.meals_of_day import MealsOfDay
from src.chat.tools.muscle_volume import MuscleVolume
from src.chat.tools.my_profile import MyProfile
from src.chat.tools.next_deload import NextDeload
from src.chat.tools.next_session import NextSession
from src.chat.tools.nutrition_targets import NutritionTargets
from src.chat.tools.open_proposal import OpenPlanProposal
from src.chat.tools.short_session import ShortSession
from src.chat.tools.substitutes import ExerciseSubstitutes
from src.chat.tools.tool import Tool
from src.chat.tools.training_calendar import TrainingCalendar
from src.chat.tools.training_log import TrainingLog
from src.chat.tools.training_summary import TrainingSummary

_TOOLS: Final[tuple[Tool[Any], ...]] = (
    NextSession(),
    ShortSession(),
    NextDeload(),
    OpenPlanProposal(),
    ExerciseProgress(),
    ExerciseRecords(),
    LastTime(),
    TrainingLog(),
    TrainingCalendar(),
    TrainingSummary(),
    MuscleVolume(),
    HowTo(),
    ExerciseSubstitutes(),
    Affinity(),
    NutritionTargets(),
    MealsOfDay(),
    MayIEat(),
    Groceries(),
    BodyWeight(),
    MyProfile(),
    AboutMe(),
)

TOOLS: Final[Mapping[str, Tool[Any]]] = {tool.name: tool for tool in _TOOLS}
