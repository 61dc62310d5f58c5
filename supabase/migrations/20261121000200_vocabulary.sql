-- The words of the field, once. src/vocabulary.py is generated from these types (`poe generate-vocabulary`).
create type public.sport as enum ('boxing', 'crossfit', 'gym', 'calisthenics', 'running', 'other');
create type public.experience_level as enum ('beginner', 'intermediate', 'advanced');
create type public.sex as enum ('female', 'male');
comment on type public.sex is 'As the energy formulas need it; null when the person does not say.';
create type public.activity_level as enum ('sedentary', 'light', 'moderate', 'active', 'very_active');
create type public.weight_unit as enum ('kg', 'lb');
create type public.distance_unit as enum ('km', 'mi');

create type public.equipment as enum (
  'bodyweight', 'barbell', 'dumbbell', 'kettlebell', 'bench', 'rack', 'pull_up_bar', 'dip_bars', 'cable', 'machine',
  'band', 'trap_bar', 'ez_bar', 'landmine', 'smith_machine', 'rings', 'medicine_ball', 'box', 'sled', 'rope', 'bike',
  'rower', 'treadmill', 'punching_bag', 'foam_roller', 'other');
create type public.muscle as enum (
  'chest', 'upper_back', 'lats', 'traps', 'front_delts', 'side_delts', 'rear_delts', 'biceps', 'triceps', 'forearms',
  'abs', 'obliques', 'lower_back', 'glutes', 'quadriceps', 'hamstrings', 'adductors', 'abductors', 'calves', 'neck',
  'full_body', 'cardio');
create type public.joint as enum (
  'neck', 'shoulder', 'elbow', 'wrist', 'upper_back', 'lower_back', 'hip', 'knee', 'ankle');
create type public.allergen as enum (
  'gluten', 'crustaceans', 'egg', 'fish', 'peanut', 'soy', 'milk', 'nuts', 'celery', 'mustard', 'sesame', 'sulphites',
  'lupin', 'molluscs');
comment on type public.allergen is 'The fourteen of Regulation (EU) No 1169/2011, annex II.';
create type public.diet as enum ('omnivore', 'pescatarian', 'vegetarian', 'vegan');

create type public.exercise_kind as enum (
  'weight_reps', 'reps', 'bodyweight_reps', 'assisted', 'duration', 'weight_duration', 'distance_duration');
create type public.exercise_category as enum ('strength', 'olympic', 'plyometric', 'cardio', 'mobility');
create type public.mechanic as enum ('compound', 'isolation');
create type public.preference_kind as enum ('favourite', 'excluded');

create type public.set_type as enum ('warmup', 'working', 'drop', 'failure', 'amrap');
create type public.progression_kind as enum ('double_progression', 'linear', 'percent_e1rm', 'none');
create type public.plan_status as enum ('draft', 'active', 'completed', 'archived');
create type public.plan_source as enum ('manual', 'ai', 'import');
create type public.plan_author as enum ('person', 'companion');
