"""The words of the field: the database's enum types, written by `poe generate-vocabulary`. Do not edit."""

from enum import StrEnum


class ActivityLevel(StrEnum):
    SEDENTARY = "sedentary"
    LIGHT = "light"
    MODERATE = "moderate"
    ACTIVE = "active"
    VERY_ACTIVE = "very_active"


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


class Mechanic(StrEnum):
    COMPOUND = "compound"
    ISOLATION = "isolation"


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


class PlanSource(StrEnum):
    MANUAL = "manual"
    AI = "ai"
    IMPORT = "import"


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


class WeightUnit(StrEnum):
    KG = "kg"
    LB = "lb"
