"""What each kind of job does."""

from collections.abc import Mapping

from src.archive.tasks import import_account
from src.imports.tasks import import_workouts
from src.jobs.worker import Task
from src.memories.tasks import embed_memories
from src.nutrition.tasks import adapt_meal_plan, generate_meal_plan
from src.training.adapter.tasks import adapt_plan
from src.training.generator.tasks import generate_plan
from src.vocabulary import JobKind

TASKS: Mapping[JobKind, Task] = {
    JobKind.ADAPT_MEAL_PLAN: adapt_meal_plan,
    JobKind.GENERATE_MEAL_PLAN: generate_meal_plan,
    JobKind.ADAPT_PLAN: adapt_plan,
    JobKind.EMBED_MEMORIES: embed_memories,
    JobKind.GENERATE_PLAN: generate_plan,
    JobKind.IMPORT_ACCOUNT: import_account,
    JobKind.IMPORT_WORKOUTS: import_workouts,
}
