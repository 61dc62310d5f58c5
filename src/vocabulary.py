"""The words of the field: the database's enum types, written by `poe generate-vocabulary`. Do not edit."""

from enum import StrEnum


class ActivityLevel(StrEnum):
    SEDENTARY = "sedentary"
    LIGHT = "light"
    MODERATE = "moderate"
    ACTIVE = "active"
    VERY_ACTIVE = "very_active"


class AffinityRule(StrEnum):
    WORKOUT_LOGGED = "workout_logged"
    PLANNED_DAY = "planned_day"
    PERSONAL_RECORD = "personal_record"
    WEEK_STREAK = "week_streak"
    CONVERSATION = "conversation"
    ABSENCE = "absence"
    REVERSAL = "reversal"


class AffinitySource(StrEnum):
    WORKOUT = "workout"
    SET = "set"
    WEEK = "week"
    DAY = "day"
    MESSAGE = "message"


class Allergen(StrEnum):
    GLUTEN = "gluten"
    CRUSTACEANS = "crustaceans"
    EGG = "egg"
    FISH = "fish"
    PEANUT = "peanut"
    SOY = "soy"
    MILK = "milk"
    NUTS = "nuts"
    CELERY = "celery"
    MUSTARD = "mustard"
    SESAME = "sesame"
    SULPHITES = "sulphites"
    LUPIN = "lupin"
    MOLLUSCS = "molluscs"


class AnswerFinish(StrEnum):
    STOP = "stop"
    LENGTH = "length"


class Concern(StrEnum):
    CARDIAC = "cardiac"
    STROKE = "stroke"
    ANAPHYLAXIS = "anaphylaxis"
    RHABDOMYOLYSIS = "rhabdomyolysis"
    CONCUSSION = "concussion"
    CAUDA_EQUINA = "cauda_equina"
    SYNCOPE = "syncope"
    PREGNANCY = "pregnancy"
    SELF_HARM = "self_harm"
    EATING_DISORDER = "eating_disorder"
    OVERTRAINING_FEVER = "overtraining_fever"


class ConcernStep(StrEnum):
    ASKED = "asked"
    WARNED = "warned"
    FOLLOWED_UP = "followed_up"


class ChatRole(StrEnum):
    USER = "user"
    ASSISTANT = "assistant"


class CheckInCause(StrEnum):
    PAIN_NOTES = "pain_notes"
    MISSED_SESSIONS = "missed_sessions"
    DELOAD_WEEK = "deload_week"
    RECORD_ANNIVERSARY = "record_anniversary"


class CompanionMood(StrEnum):
    NEUTRAL = "neutral"
    WARM = "warm"
    PROUD = "proud"
    PLAYFUL = "playful"
    CONCERNED = "concerned"
    ENCOURAGING = "encouraging"


class Diet(StrEnum):
    OMNIVORE = "omnivore"
    PESCATARIAN = "pescatarian"
    VEGETARIAN = "vegetarian"
    VEGAN = "vegan"


class DistanceUnit(StrEnum):
    KM = "km"
    MI = "mi"


class Equipment(StrEnum):
    BODYWEIGHT = "bodyweight"
    BARBELL = "barbell"
    DUMBBELL = "dumbbell"
    KETTLEBELL = "kettlebell"
    BENCH = "bench"
    RACK = "rack"
    PULL_UP_BAR = "pull_up_bar"
    DIP_BARS = "dip_bars"
    CABLE = "cable"
    MACHINE = "machine"
    BAND = "band"
    TRAP_BAR = "trap_bar"
    EZ_BAR = "ez_bar"
    LANDMINE = "landmine"
    SMITH_MACHINE = "smith_machine"
    RINGS = "rings"
    MEDICINE_BALL = "medicine_ball"
    BOX = "box"
    SLED = "sled"
    ROPE = "rope"
    BIKE = "bike"
    ROWER = "rower"
    TREADMILL = "treadmill"
    PUNCHING_BAG = "punching_bag"
    FOAM_ROLLER = "foam_roller"
    OTHER = "other"


class EvidenceKind(StrEnum):
    MEMORY = "memory"
    SET = "set"
    PLAN = "plan"
    WORKOUT = "workout"
    EXERCISE = "exercise"
    MEASUREMENT = "measurement"
    PROFILE = "profile"
    FOOD = "food"
    AFFINITY = "affinity"


class ExerciseCategory(StrEnum):
    STRENGTH = "strength"
    OLYMPIC = "olympic"
    PLYOMETRIC = "plyometric"
    CARDIO = "cardio"
    MOBILITY = "mobility"


class ExerciseKind(StrEnum):
    WEIGHT_REPS = "weight_reps"
    REPS = "reps"
    BODYWEIGHT_REPS = "bodyweight_reps"
    ASSISTED = "assisted"
    DURATION = "duration"
    WEIGHT_DURATION = "weight_duration"
    DISTANCE_DURATION = "distance_duration"


class ExperienceLevel(StrEnum):
    BEGINNER = "beginner"
    INTERMEDIATE = "intermediate"
    ADVANCED = "advanced"


class FactDecision(StrEnum):
    APPLIED = "applied"
    DECLINED = "declined"


class FactField(StrEnum):
    ALLERGENS = "allergens"
    DIET = "diet"
    DISLIKES = "dislikes"
    INJURIES = "injuries"
    EXCLUDED_EXERCISES = "excluded_exercises"
    EQUIPMENT = "equipment"
    GOALS = "goals"
    DAYS_PER_WEEK = "days_per_week"
    SESSION_MINUTES = "session_minutes"
    SPORT = "sport"
    EXPERIENCE_LEVEL = "experience_level"
    WEIGHT_UNIT = "weight_unit"
    DISTANCE_UNIT = "distance_unit"
    TIMEZONE = "timezone"
    DATE_OF_BIRTH = "date_of_birth"
    HEIGHT = "height"
    BODY_WEIGHT = "body_weight"
    PREGNANCY = "pregnancy"
    CONDITIONS = "conditions"
    MEDICATION = "medication"
    AGE = "age"
    RESIDENCE = "residence"
    WORK = "work"


class FactOp(StrEnum):
    ADD = "add"
    REMOVE = "remove"
    SET = "set"


class FoodCategory(StrEnum):
    GRAIN = "grain"
    CEREAL = "cereal"
    BREAD = "bread"
    STARCHY_VEGETABLE = "starchy_vegetable"
    VEGETABLE = "vegetable"
    FRUIT = "fruit"
    LEGUME = "legume"
    MEAT = "meat"
    POULTRY = "poultry"
    FISH = "fish"
    SEAFOOD = "seafood"
    EGG = "egg"
    DAIRY = "dairy"
    CHEESE = "cheese"
    PLANT_DAIRY = "plant_dairy"
    PLANT_PROTEIN = "plant_protein"
    NUT_SEED = "nut_seed"
    OIL_FAT = "oil_fat"
    SAUCE_SPREAD = "sauce_spread"
    BAKING = "baking"
    SEASONING = "seasoning"
    SNACK_SWEET = "snack_sweet"
    DRINK = "drink"
    DISH = "dish"
    SUPPLEMENT = "supplement"
    OTHER = "other"


class InjurySeverity(StrEnum):
    MILD = "mild"
    MODERATE = "moderate"
    SEVERE = "severe"


class JobKind(StrEnum):
    IMPORT_WORKOUTS = "import_workouts"
    IMPORT_ACCOUNT = "import_account"
    EMBED_MEMORIES = "embed_memories"
    GENERATE_PLAN = "generate_plan"
    ADAPT_PLAN = "adapt_plan"
    GENERATE_MEAL_PLAN = "generate_meal_plan"
    ADAPT_MEAL_PLAN = "adapt_meal_plan"
    FORGET_MEMORIES = "forget_memories"


class JobStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Joint(StrEnum):
    NECK = "neck"
    SHOULDER = "shoulder"
    ELBOW = "elbow"
    WRIST = "wrist"
    UPPER_BACK = "upper_back"
    LOWER_BACK = "lower_back"
    HIP = "hip"
    KNEE = "knee"
    ANKLE = "ankle"


class MealSlot(StrEnum):
    BREAKFAST = "breakfast"
    LUNCH = "lunch"
    DINNER = "dinner"
    SNACK = "snack"


class MeasurementKind(StrEnum):
    BODY_WEIGHT = "body_weight"
    HEIGHT = "height"
    BODY_FAT = "body_fat"
    WAIST = "waist"
    HIPS = "hips"
    CHEST = "chest"
    ARM = "arm"
    THIGH = "thigh"
    RESTING_HEART_RATE = "resting_heart_rate"


class Mechanic(StrEnum):
    COMPOUND = "compound"
    ISOLATION = "isolation"


class MemoryKind(StrEnum):
    PROFILE = "profile"
    PREFERENCE = "preference"
    GOAL = "goal"
    INJURY = "injury"
    EVENT = "event"
    FACT = "fact"


class MemoryStatus(StrEnum):
    ACTIVE = "active"
    SUPERSEDED = "superseded"
    DISMISSED = "dismissed"


class MessageKind(StrEnum):
    MESSAGE = "message"
    CHECK_IN = "check_in"


class Muscle(StrEnum):
    CHEST = "chest"
    UPPER_BACK = "upper_back"
    LATS = "lats"
    TRAPS = "traps"
    FRONT_DELTS = "front_delts"
    SIDE_DELTS = "side_delts"
    REAR_DELTS = "rear_delts"
    BICEPS = "biceps"
    TRICEPS = "triceps"
    FOREARMS = "forearms"
    ABS = "abs"
    OBLIQUES = "obliques"
    LOWER_BACK = "lower_back"
    GLUTES = "glutes"
    QUADRICEPS = "quadriceps"
    HAMSTRINGS = "hamstrings"
    ADDUCTORS = "adductors"
    ABDUCTORS = "abductors"
    CALVES = "calves"
    NECK = "neck"
    FULL_BODY = "full_body"
    CARDIO = "cardio"


class PlanAuthor(StrEnum):
    PERSON = "person"
    COMPANION = "companion"


class PlanKind(StrEnum):
    WORKOUT = "workout"
    MEAL = "meal"


class PlanSource(StrEnum):
    MANUAL = "manual"
    AI = "ai"
    IMPORT = "import"
    RULES = "rules"


class PlanStatus(StrEnum):
    DRAFT = "draft"
    ACTIVE = "active"
    COMPLETED = "completed"
    ARCHIVED = "archived"


class PreferenceKind(StrEnum):
    FAVOURITE = "favourite"
    EXCLUDED = "excluded"


class ProgressionKind(StrEnum):
    DOUBLE_PROGRESSION = "double_progression"
    LINEAR = "linear"
    PERCENT_E1RM = "percent_e1rm"
    NONE = "none"


class ProposalStatus(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    EXPIRED = "expired"


class Quota(StrEnum):
    PLANS = "plans"
    PLAN_VERSIONS = "plan_versions"
    JSON_BYTES = "json_bytes"
    WORKOUTS = "workouts"
    SETS = "sets"
    SETS_PER_DAY = "sets_per_day"
    EXERCISES = "exercises"
    HIDDEN_EXERCISES = "hidden_exercises"
    FOODS = "foods"
    HIDDEN_FOODS = "hidden_foods"
    MEASUREMENTS = "measurements"
    MESSAGES = "messages"
    MEMORIES = "memories"
    OPEN_JOBS = "open_jobs"
    KEPT_JOBS = "kept_jobs"
    CHAT_CALLS = "chat_calls"
    URGENT_CHAT_CALLS = "urgent_chat_calls"
    PLAN_CALLS = "plan_calls"
    MEMORY_CALLS = "memory_calls"
    PLAN_PROPOSALS = "plan_proposals"
    DELETED_WORKOUTS = "deleted_workouts"
    AFFINITY_EVENTS = "affinity_events"
    IDEMPOTENCY_KEYS = "idempotency_keys"


class QuotaPeriod(StrEnum):
    ACCOUNT = "account"
    PLAN = "plan"
    TRAINING_DAY = "training_day"
    UTC_DAY = "utc_day"


class RecordKind(StrEnum):
    HEAVIEST = "heaviest"
    E1RM = "e1rm"
    MOST_REPS = "most_reps"
    LONGEST = "longest"
    FARTHEST = "farthest"
    LEAST_ASSIST = "least_assist"


class SetSide(StrEnum):
    LEFT = "left"
    RIGHT = "right"


class SetType(StrEnum):
    WARMUP = "warmup"
    WORKING = "working"
    DROP = "drop"
    FAILURE = "failure"
    AMRAP = "amrap"


class Sex(StrEnum):
    FEMALE = "female"
    MALE = "male"


class Sport(StrEnum):
    BOXING = "boxing"
    CROSSFIT = "crossfit"
    GYM = "gym"
    CALISTHENICS = "calisthenics"
    RUNNING = "running"
    OTHER = "other"


class UsageKind(StrEnum):
    CHAT = "chat"
    PLAN = "plan"
    MEMORY = "memory"


class WeightUnit(StrEnum):
    KG = "kg"
    LB = "lb"


class WorkoutSource(StrEnum):
    APP = "app"
    IMPORT = "import"
