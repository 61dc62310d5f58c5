"""Who gets what: providers with their aliases. The only file of core that imports features."""

from typing import Annotated

from fastapi import Depends, Request

from src.affinity.repository import AffinityRepository
from src.ai.provider import Provider
from src.archive.repository import ArchiveRepository
from src.archive.service import ArchiveService
from src.chat.repository import ChatRepository
from src.chat.service import ChatService
from src.core.auth import Principal
from src.core.config import Settings
from src.core.gateway import UserGateway
from src.core.service_gateway import ServiceGateway
from src.core.shutdown import Shutdown
from src.exercises.repository import ExerciseRepository
from src.exercises.service import ExerciseService
from src.foods.repository import FoodRepository
from src.foods.service import FoodService
from src.health.service import DatabaseProbe
from src.jobs.repository import JobRepository
from src.measurements.repository import MeasurementRepository
from src.memories.repository import MemoryRepository
from src.memories.service import MemoryService
from src.nutrition.repository import NutritionRepository
from src.plans.meal_repository import MealPlanRepository
from src.plans.proposal_repository import ProposalRepository
from src.plans.repository import PlanRepository
from src.stats.repository import StatsRepository
from src.users.repository import UserRepository
from src.workouts.repository import WorkoutRepository

# Providers are async: FastAPI runs a sync one in a thread, which costs more than all they do.


async def settings(request: Request) -> Settings:
    return request.state.settings  # type: ignore[no-any-return]  # Starlette's state is untyped; app.State is not


async def principal(request: Request) -> Principal:
    """The verified caller; ApiRoute has authenticated before any dependency runs."""
    return request.state.principal  # type: ignore[no-any-return]


async def database_probe(request: Request) -> DatabaseProbe:
    return request.state.probe  # type: ignore[no-any-return]


async def ai(request: Request) -> Provider:
    return request.state.ai  # type: ignore[no-any-return]


async def shutdown(request: Request) -> Shutdown:
    return request.state.shutdown  # type: ignore[no-any-return]


async def user_gateway(request: Request) -> UserGateway:
    state = request.state
    return UserGateway(state.upstream, state.settings, state.principal, request.scope["trace"])


async def service_gateway(request: Request) -> ServiceGateway:
    return ServiceGateway(request.state.upstream, request.state.settings, request.scope["trace"])


SettingsDep = Annotated[Settings, Depends(settings)]
PrincipalDep = Annotated[Principal, Depends(principal)]
ProbeDep = Annotated[DatabaseProbe, Depends(database_probe)]
AiDep = Annotated[Provider, Depends(ai)]
ShutdownDep = Annotated[Shutdown, Depends(shutdown)]
UserGatewayDep = Annotated[UserGateway, Depends(user_gateway)]
AccountsDep = Annotated[ServiceGateway, Depends(service_gateway)]
"""Account removal: the one thing on a person's request path that needs the secret key."""
CronGatewayDep = Annotated[ServiceGateway, Depends(service_gateway)]
"""For cron tasks, which prove themselves with a secret of their own."""


async def user_repository(gateway: UserGatewayDep) -> UserRepository:
    return UserRepository(gateway)


async def exercise_repository(gateway: UserGatewayDep) -> ExerciseRepository:
    return ExerciseRepository(gateway)


async def food_repository(gateway: UserGatewayDep) -> FoodRepository:
    return FoodRepository(gateway)


async def plan_repository(gateway: UserGatewayDep) -> PlanRepository:
    return PlanRepository(gateway)


async def meal_plan_repository(gateway: UserGatewayDep) -> MealPlanRepository:
    return MealPlanRepository(gateway)


async def proposal_repository(gateway: UserGatewayDep) -> ProposalRepository:
    return ProposalRepository(gateway)


async def workout_repository(gateway: UserGatewayDep) -> WorkoutRepository:
    return WorkoutRepository(gateway)


async def affinity_repository(gateway: UserGatewayDep) -> AffinityRepository:
    return AffinityRepository(gateway)


async def stats_repository(gateway: UserGatewayDep) -> StatsRepository:
    return StatsRepository(gateway)


async def measurement_repository(gateway: UserGatewayDep) -> MeasurementRepository:
    return MeasurementRepository(gateway)


async def memory_repository(gateway: UserGatewayDep) -> MemoryRepository:
    return MemoryRepository(gateway)


async def job_repository(gateway: UserGatewayDep) -> JobRepository:
    return JobRepository(gateway)


async def archive_repository(gateway: UserGatewayDep) -> ArchiveRepository:
    return ArchiveRepository(gateway)


async def chat_repository(gateway: UserGatewayDep) -> ChatRepository:
    return ChatRepository(gateway)


async def nutrition_repository(gateway: UserGatewayDep) -> NutritionRepository:
    return NutritionRepository(gateway)


UserRepo = Annotated[UserRepository, Depends(user_repository)]
ExerciseRepo = Annotated[ExerciseRepository, Depends(exercise_repository)]
FoodRepo = Annotated[FoodRepository, Depends(food_repository)]
PlanRepo = Annotated[PlanRepository, Depends(plan_repository)]
MealPlanRepo = Annotated[MealPlanRepository, Depends(meal_plan_repository)]
ProposalRepo = Annotated[ProposalRepository, Depends(proposal_repository)]
WorkoutRepo = Annotated[WorkoutRepository, Depends(workout_repository)]
AffinityRepo = Annotated[AffinityRepository, Depends(affinity_repository)]
StatsRepo = Annotated[StatsRepository, Depends(stats_repository)]
MeasurementRepo = Annotated[MeasurementRepository, Depends(measurement_repository)]
MemoryRepo = Annotated[MemoryRepository, Depends(memory_repository)]
JobRepo = Annotated[JobRepository, Depends(job_repository)]
ArchiveRepo = Annotated[ArchiveRepository, Depends(archive_repository)]
ChatRepo = Annotated[ChatRepository, Depends(chat_repository)]
NutritionRepo = Annotated[NutritionRepository, Depends(nutrition_repository)]


async def exercise_service(request: Request, exercises: ExerciseRepo) -> ExerciseService:
    return ExerciseService(exercises, request.state.exercise_library)


async def food_service(request: Request, foods: FoodRepo) -> FoodService:
    return FoodService(foods, request.state.food_library)


async def memory_service(memories: MemoryRepo, ai: AiDep, caller: PrincipalDep) -> MemoryService:
    return MemoryService(memories, ai, caller)


async def archive_service(archive: ArchiveRepo) -> ArchiveService:
    return ArchiveService(archive)


async def chat_service(request: Request, chat: ChatRepo, provider: AiDep, shutdown: ShutdownDep) -> ChatService:
    return ChatService(chat, provider, shutdown, request.scope["trace"])


ExerciseServiceDep = Annotated[ExerciseService, Depends(exercise_service)]
FoodServiceDep = Annotated[FoodService, Depends(food_service)]
MemoryServiceDep = Annotated[MemoryService, Depends(memory_service)]
ArchiveServiceDep = Annotated[ArchiveService, Depends(archive_service)]
ChatServiceDep = Annotated[ChatService, Depends(chat_service)]
