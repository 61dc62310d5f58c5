-- The enumerations of the domain. src/vocabulary.py is generated from them (`./poew generate-vocabulary`).
create type public.sport as enum ('boxing', 'crossfit', 'gym', 'calisthenics', 'running', 'other');
create type public.experience_level as enum ('beginner', 'intermediate', 'advanced');
create type public.sex as enum ('female', 'male');
comment on type public.sex is 'As the energy formulas need it; null when the person has not said.';
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
create type public.plan_kind as enum ('workout', 'meal');
create type public.plan_source as enum ('manual', 'ai', 'import', 'rules');
comment on type public.plan_source is
  'Who made the first content: the person (manual), a model (ai), rules without a model, or an import.';
create type public.plan_author as enum ('person', 'companion');
create type public.workout_source as enum ('app', 'import');
create type public.set_side as enum ('left', 'right');
create type public.record_kind as enum (
  'heaviest', 'e1rm', 'most_reps', 'longest', 'farthest', 'least_assist');
create type public.affinity_rule as enum (
  'workout_logged', 'planned_day', 'personal_record', 'week_streak', 'conversation', 'absence', 'reversal');
create type public.affinity_source as enum ('workout', 'set', 'week', 'day', 'message');
create type public.measurement_kind as enum (
  'body_weight', 'height', 'body_fat', 'waist', 'hips', 'chest', 'arm', 'thigh', 'resting_heart_rate');
create type public.job_kind as enum (
  'import_workouts', 'import_account', 'embed_memories', 'generate_plan', 'adapt_plan', 'generate_meal_plan',
  'adapt_meal_plan', 'forget_memories');
create type public.job_status as enum ('queued', 'running', 'succeeded', 'failed', 'cancelled');
create type public.chat_role as enum ('user', 'assistant');
create type public.companion_mood as enum ('neutral', 'warm', 'proud', 'playful', 'concerned', 'encouraging');
create type public.evidence_kind as enum (
  'memory', 'set', 'plan', 'workout', 'exercise', 'measurement', 'profile', 'food', 'affinity');
create type public.answer_finish as enum ('stop', 'length');
create type public.message_kind as enum ('message', 'check_in');
comment on type public.message_kind is 'A check_in is what the companion writes first; a message is said, or answers one.';
create type public.check_in_cause as enum ('pain_notes', 'missed_sessions', 'deload_week', 'record_anniversary');
comment on type public.check_in_cause is 'What the companion writes about first; where there are several causes, about the first of these.';
-- What a message may be a sign of, so that it gets a careful text and no training (src/chat/safety).
create type public.concern as enum (
  'cardiac', 'stroke', 'anaphylaxis', 'rhabdomyolysis', 'concussion', 'cauda_equina', 'syncope', 'pregnancy', 'self_harm',
  'eating_disorder', 'overtraining_fever');
create type public.concern_step as enum ('asked', 'warned', 'followed_up');
create type public.quota as enum (
  'plans', 'plan_versions', 'json_bytes', 'workouts', 'sets', 'sets_per_day', 'exercises', 'hidden_exercises', 'foods',
  'hidden_foods', 'measurements', 'messages', 'memories', 'open_jobs', 'kept_jobs', 'chat_calls', 'urgent_chat_calls',
  'plan_calls', 'memory_calls', 'plan_proposals', 'deleted_workouts', 'affinity_events', 'idempotency_keys');
create type public.quota_period as enum ('account', 'plan', 'training_day', 'utc_day');
create type public.usage_kind as enum ('chat', 'plan', 'memory');
create type public.memory_kind as enum ('profile', 'preference', 'goal', 'injury', 'event', 'fact');
create type public.memory_status as enum ('active', 'superseded', 'dismissed');
create type public.fact_field as enum (
  'allergens', 'diet', 'dislikes', 'injuries', 'excluded_exercises', 'equipment', 'goals', 'days_per_week',
  'session_minutes', 'sport', 'experience_level', 'weight_unit', 'distance_unit', 'timezone', 'date_of_birth', 'height',
  'body_weight', 'pregnancy', 'conditions', 'medication', 'age', 'residence', 'work');
comment on type public.fact_field is
  'What a memory may say of a person: fields of the profile, and others that planning must know of.';
create type public.fact_op as enum ('add', 'remove', 'set');
create type public.fact_decision as enum ('applied', 'declined');
create type public.injury_severity as enum ('mild', 'moderate', 'severe');
create type public.proposal_status as enum ('open', 'accepted', 'rejected', 'expired');
create type public.meal_slot as enum ('breakfast', 'lunch', 'dinner', 'snack');

-- The role of a food in a meal: generated meals choose protein, starch and vegetables by it.
create type public.food_category as enum (
  'grain', 'cereal', 'bread', 'starchy_vegetable', 'vegetable', 'fruit', 'legume', 'meat', 'poultry', 'fish', 'seafood', 'egg',
  'dairy', 'cheese', 'plant_dairy', 'plant_protein', 'nut_seed', 'oil_fat', 'sauce_spread', 'baking', 'seasoning',
  'snack_sweet', 'drink', 'dish', 'supplement', 'other');
comment on type public.food_category is
  'grain: the starch of a meal (rice, pasta, quinoa). cereal: for breakfast (oats, muesli). plant_protein: tofu and the like.';
