-- Everything as it was first released: the files of supabase/schemas in order, and profiles for accounts that were there before.

-- What everything else builds on: a schema that PostgREST does not expose, closed defaults, shared triggers and checks.

-- Function bodies may refer to tables and functions of later files, so they are not checked while these are created.
-- tests/stack/database/test_catalogue.py checks every body once all are there.
set check_function_bodies = off;

-- Helpers live here. PostgREST serves `public` only, so nothing in `private` can be called from outside.
create schema private;
comment on schema private is 'Functions used by triggers, checks and policies. Not exposed by the API.';

revoke all on schema private from public, anon;
grant usage on schema private to authenticated, service_role;

-- The platform grants everything on new objects to anon and authenticated. Here each file grants what it means.
alter default privileges in schema public revoke all on tables from anon, authenticated;
alter default privileges in schema public revoke all on sequences from anon, authenticated;
alter default privileges in schema public revoke all on functions from anon, authenticated;
alter default privileges revoke execute on functions from public;

-- If-Match compares updated_at, so two changes of a row must never get the same value. The clock can give the same time
-- to two statements; then this adds a microsecond.
create function private.set_updated_at() returns trigger
language plpgsql set search_path = '' as $$
begin
  new.updated_at := greatest(clock_timestamp(), old.updated_at + interval '1 microsecond');
  return new;
end $$;
comment on function private.set_updated_at() is 'Trigger: sets updated_at, strictly later than before.';

-- A text of 1 to `max_length` characters that is not only white space, as Unicode defines it (\s would miss some of
-- it). Null for null, as a check constraint wants it.
create function private.is_nonblank(value text, max_length integer) returns boolean
language sql immutable set search_path = '' as $$
  select char_length(value) between 1 and max_length
     and value ~ '[^\u0009-\u000d\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]'
$$;

-- A list of short texts: at most `max_items`, none of them null or blank. A column of type text[] also accepts nested
-- arrays, so the dimensions are checked; an empty array has none.
create function private.texts_fit(texts text[], max_items integer, max_length integer) returns boolean
language sql immutable set search_path = '' as $$
  select cardinality(texts) <= max_items
     and coalesce(array_ndims(texts), 1) = 1
     and coalesce((select bool_and(coalesce(private.is_nonblank(item, max_length), false))
                     from unnest(texts) as item), true)
$$;

-- A list used as a set: at most `max_items` members, none twice, none null.
create function private.is_set(members anyarray, max_items integer) returns boolean
language sql immutable set search_path = '' as $$
  select cardinality(members) <= max_items
     and coalesce(array_ndims(members), 1) = 1
     and (select count(*) = count(distinct member) from unnest(members) as member) -- a null is not counted as distinct
$$;

-- An IANA zone such as Europe/Oslo or UTC, in its exact spelling. Postgres also accepts POSIX strings ("Foo/Bar+5"),
-- abbreviations ("EST") and other capitals ("europe/oslo"), which the API refuses. So the pattern allows digits only in
-- Etc/GMT+5, and the zone is compared with the spelling that the setting shows. The setting lasts until the function
-- ends.
create function private.is_timezone(zone text) returns boolean
language plpgsql stable set search_path = '' set timezone = 'UTC' as $$
begin
  if zone !~ '^(UTC|Etc/GMT[+-][0-9]{1,2}|[A-Z][A-Za-z_]+(/[A-Za-z_-]+){1,2})$' or char_length(zone) > 64 then
    return false;
  end if;
  return set_config('timezone', zone, true) = zone;
exception when invalid_parameter_value then
  return false;
end $$;

-- A UUID as the API and Postgres write it: in lower case, with hyphens.
create function private.is_uuid(value text) returns boolean
language sql immutable set search_path = '' as $$
  select value ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
$$;

-- Writes rows of a library; the seeds call it. `rows` are objects with a slug and the columns to set. A new slug is
-- added. An existing row changes only where it differs, so that applying a seed again changes nothing. The id is
-- derived from the slug. Returns the number of rows that were added or changed.
create function private.upsert_library(target regclass, rows jsonb) returns integer
language plpgsql set search_path = '' as $$
declare
  columns constant text[] := array(
    select quote_ident(key) from jsonb_object_keys(rows -> 0) as key where key <> 'slug' order by key);
  new_values constant text := (select string_agg('excluded.' || c, ', ') from unnest(columns) as c);
  old_values constant text := (select string_agg('library.' || c, ', ') from unnest(columns) as c);
  changed integer;
begin
  execute format('insert into %1$s as library (id, user_id, slug, %2$s)'
    ' select md5(%3$L || r.slug)::uuid, null, r.slug, %2$s from jsonb_populate_recordset(null::%1$s, $1) as r'
    ' on conflict (slug) where user_id is null do update set (%2$s) = row(%4$s) where (%5$s) is distinct from (%4$s)',
    target, array_to_string(columns, ', '),
    'slow-burn/' || (select c.relname from pg_catalog.pg_class as c where c.oid = target) || '/', new_values, old_values)
    using rows;
  get diagnostics changed = row_count;
  return changed;
end $$;

grant execute on function private.is_nonblank, private.texts_fit, private.is_set, private.is_timezone
  to authenticated, service_role;
grant execute on function private.is_uuid to service_role;

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
create type public.record_kind as enum ('heaviest', 'e1rm', 'most_reps', 'longest', 'farthest');
create type public.affinity_rule as enum (
  'workout_logged', 'planned_day', 'personal_record', 'week_streak', 'conversation', 'absence', 'reversal');
create type public.affinity_source as enum ('workout', 'set', 'week', 'day', 'message');
create type public.measurement_kind as enum (
  'body_weight', 'height', 'body_fat', 'waist', 'hips', 'chest', 'arm', 'thigh', 'resting_heart_rate');
create type public.job_kind as enum (
  'import_workouts', 'import_account', 'embed_memories', 'generate_plan', 'adapt_plan', 'generate_meal_plan',
  'adapt_meal_plan');
create type public.job_status as enum ('queued', 'running', 'succeeded', 'failed', 'cancelled');
create type public.chat_role as enum ('user', 'assistant');
create type public.companion_mood as enum ('neutral', 'warm', 'proud', 'playful', 'concerned', 'encouraging');
create type public.evidence_kind as enum ('memory', 'set', 'plan');
create type public.answer_finish as enum ('stop', 'length');
create type public.usage_kind as enum ('chat', 'plan', 'memory');
create type public.memory_kind as enum ('profile', 'preference', 'goal', 'injury', 'event', 'fact');
create type public.memory_status as enum ('active', 'superseded', 'dismissed');
create type public.proposal_status as enum ('open', 'accepted', 'rejected', 'expired');
create type public.meal_slot as enum ('breakfast', 'lunch', 'dinner', 'snack');

-- The role of a food in a meal: generated meals choose protein, starch and vegetables by it.
create type public.food_category as enum (
  'grain', 'cereal', 'bread', 'starchy_vegetable', 'vegetable', 'fruit', 'legume', 'meat', 'poultry', 'fish', 'seafood', 'egg',
  'dairy', 'cheese', 'plant_dairy', 'plant_protein', 'nut_seed', 'oil_fat', 'sauce_spread', 'baking', 'seasoning',
  'snack_sweet', 'drink', 'dish', 'supplement', 'other');
comment on type public.food_category is
  'grain: the starch of a meal (rice, pasta, quinoa). cereal: for breakfast (oats, muesli). plant_protein: tofu and the like.';

-- Requests that create something and carry an Idempotency-Key: what was asked and what was answered. They are kept for
-- a day, and written in the same transaction as what they create. Only the functions below see or change these rows.
create table public.idempotency_keys (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null default auth.uid() references auth.users on delete cascade,
  key text not null,
  operation text not null,
  request_hash bytea not null,
  answer jsonb,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint idempotency_keys_key_length check (char_length(key) between 1 and 200),
  constraint idempotency_keys_once unique (user_id, key)
);
comment on table public.idempotency_keys is
  'Creating requests of the last 24 hours that carried a key, with their answers.';

create index idempotency_keys_recent on public.idempotency_keys (user_id, created_at desc, id desc);
create index idempotency_keys_age on public.idempotency_keys (created_at);

revoke all on public.idempotency_keys from anon, authenticated;

alter table public.idempotency_keys enable row level security;
-- The policy says whose rows these are. As nothing is granted, people cannot read even their own.
create policy "People own their idempotency keys" on public.idempotency_keys
  for select to authenticated using ((select auth.uid()) = user_id);

create trigger idempotency_keys_set_updated_at before update on public.idempotency_keys
  for each row when (old.* is distinct from new.*) execute function private.set_updated_at();

-- Claims the key for this transaction and returns null, or returns the answer of the request that claimed it first.
-- Concurrent requests wait at the unique index until the first has committed or rolled back.
-- The payload is json, never jsonb: in jsonb a number like 1e131071 takes eight bytes and becomes 131 kB of text, so
-- that hashing a small request could use up the server's memory. json is the text as it was sent.
-- Definer: people have no rights on the table. Every statement is bound to auth.uid().
create function private.claim_idempotency_key(idempotency_key text, operation text, payload json) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  hash constant bytea := sha256(convert_to(payload::text, 'UTF8'));
  earlier public.idempotency_keys;
begin
  if idempotency_key is null then
    return null;
  end if;
  delete from public.idempotency_keys as k
   where k.user_id = auth.uid() and k.key = idempotency_key and k.created_at < now() - interval '24 hours';
  insert into public.idempotency_keys (user_id, key, operation, request_hash)
  values (auth.uid(), idempotency_key, operation, hash)
  on conflict on constraint idempotency_keys_once do nothing;
  if found then
    return null;
  end if;
  select * into strict earlier from public.idempotency_keys as k
   where k.user_id = auth.uid() and k.key = idempotency_key;
  if earlier.operation <> claim_idempotency_key.operation or earlier.request_hash <> hash then
    raise sqlstate 'PT409' using message = 'This Idempotency-Key was used for a different request.';
  end if;
  return earlier.answer;
end $$;

-- Stores the answer under the claimed key; does nothing without a key.
-- Definer: people have no rights on the table. The statement is bound to auth.uid().
create function private.store_response(idempotency_key text, answer jsonb) returns void
language sql security definer set search_path = '' as $$
  update public.idempotency_keys as k set answer = store_response.answer
   where k.user_id = auth.uid() and k.key = idempotency_key
$$;

grant execute on function private.claim_idempotency_key, private.store_response to authenticated;

-- The smallest load step in kg for each kind of equipment: {"barbell": 2.5, …}. What is missing has the usual step.
create function private.are_load_steps(steps jsonb) returns boolean
language sql immutable set search_path = '' as $$
  select case when jsonb_typeof(steps) <> 'object' or pg_column_size(steps) > 4096 then false else (
    select coalesce(bool_and(s.key in ('barbell', 'dumbbell', 'kettlebell', 'cable', 'machine', 'trap_bar', 'ez_bar',
                                       'landmine', 'smith_machine', 'medicine_ball', 'sled', 'other')
      and case when jsonb_typeof(s.value) <> 'number' then false
               else s.value::numeric between 0.1 and 50 and scale(s.value::numeric) <= 3 end), true)
      from jsonb_each(steps) as s) end
$$;

-- The profile of a person: one row per account, created and deleted with it.
create table public.users (
  id uuid primary key references auth.users on delete cascade,
  name text,
  date_of_birth date,
  sex public.sex,
  sport public.sport,
  experience_level public.experience_level,
  days_per_week smallint,
  goals text[] not null default '{}',
  activity_level public.activity_level,
  weight_unit public.weight_unit not null default 'kg',
  distance_unit public.distance_unit not null default 'km',
  timezone text not null default 'UTC',
  equipment public.equipment[] not null default '{}',
  load_steps_kg jsonb not null default '{}',
  injuries public.joint[] not null default '{}',
  diet public.diet,
  allergens public.allergen[] not null default '{}',
  dislikes text[] not null default '{}',
  memory_enabled boolean not null default true,
  ai_consent_at timestamptz,
  affinity_score integer not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint users_name_length check (private.is_nonblank(name, 120)),
  -- Not immutable, but once true it stays true, so a restored dump still passes.
  constraint users_date_of_birth_range check (date_of_birth between '1900-01-01' and current_date),
  constraint users_days_per_week_range check (days_per_week between 1 and 7),
  constraint users_goals_size check (private.texts_fit(goals, 10, 200)),
  constraint users_timezone_known check (private.is_timezone(timezone)),
  constraint users_equipment_set check (private.is_set(equipment, 26)),
  constraint users_load_steps_kg_shape check (private.are_load_steps(load_steps_kg)),
  constraint users_injuries_set check (private.is_set(injuries, 9)),
  constraint users_allergens_set check (private.is_set(allergens, 14)),
  constraint users_dislikes_size check (private.texts_fit(dislikes, 50, 80)),
  constraint users_ai_consent_at_past check (ai_consent_at between '2020-01-01' and now() + interval '5 minutes'),
  constraint users_affinity_score_floor check (affinity_score >= 0)
);
comment on table public.users is 'Profile of a person; the row shares its id with auth.users.';
comment on column public.users.affinity_score is 'Sum of the affinity ledger. Written by functions only.';
comment on column public.users.load_steps_kg is
  'Smallest load step in kg by equipment; what is missing has the usual step.';
comment on column public.users.sport is 'Null until the person says: a default is never shown as a choice.';

revoke all on public.users from anon, authenticated;
grant select on public.users to authenticated;
grant update (name, date_of_birth, sex, sport, experience_level, days_per_week, goals, activity_level, weight_unit,
  distance_unit, timezone, equipment, load_steps_kg, injuries, diet, allergens, dislikes, memory_enabled, ai_consent_at)
  on public.users to authenticated;

alter table public.users enable row level security;
create policy "People read their own profile" on public.users
  for select to authenticated using ((select auth.uid()) = id);
create policy "People change their own profile" on public.users
  for update to authenticated using ((select auth.uid()) = id) with check ((select auth.uid()) = id);

create trigger users_set_updated_at before update on public.users
  for each row when (old.* is distinct from new.*) execute function private.set_updated_at();

-- Definer: the auth service creates accounts and must not need rights on our tables. A sign-up never fails here: the
-- name in the metadata is cut to the allowed length.
create function private.create_profile() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  name constant text := left(btrim(coalesce(new.raw_user_meta_data ->> 'name',
                                            new.raw_user_meta_data ->> 'full_name')), 120);
begin
  insert into public.users (id, name) values (new.id, case when private.is_nonblank(name, 120) then name end)
  on conflict (id) do nothing;
  return new;
end $$;
create trigger create_profile after insert on auth.users
  for each row execute function private.create_profile();

-- Whether the account is anonymous.
-- Definer: only the auth service reads its tables.
create function private.is_guest(owner uuid) returns boolean
language sql stable security definer set search_path = '' as $$
  select u.is_anonymous from auth.users as u where u.id = owner
$$;

grant execute on function private.are_load_steps to authenticated, service_role;
grant execute on function private.is_guest to service_role;

-- Exercises: the library (no owner; read by everyone signed in, written by seeds only) and each person's own.
create table public.exercises (
  id uuid primary key default gen_random_uuid(),
  user_id uuid default auth.uid() references auth.users on delete cascade,
  slug text,
  name text not null,
  aliases text[] not null default '{}',
  kind public.exercise_kind not null,
  primary_muscles public.muscle[] not null,
  secondary_muscles public.muscle[] not null default '{}',
  equipment public.equipment[] not null default '{bodyweight}',
  category public.exercise_category not null default 'strength',
  level public.experience_level not null default 'beginner',
  mechanic public.mechanic,
  is_unilateral boolean not null default false,
  contraindications public.joint[] not null default '{}',
  instructions text not null default '',
  hidden_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint exercises_slug_of_library check ((slug is not null) = (user_id is null)),
  constraint exercises_slug_shape check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and char_length(slug) <= 120),
  constraint exercises_name_length check (private.is_nonblank(name, 120)),
  constraint exercises_aliases_size check (private.texts_fit(aliases, 20, 80)),
  constraint exercises_primary_muscles_set check (private.is_set(primary_muscles, 6) and cardinality(primary_muscles) > 0),
  constraint exercises_secondary_muscles_set check (private.is_set(secondary_muscles, 12)),
  constraint exercises_muscles_apart check (not primary_muscles && secondary_muscles),
  constraint exercises_equipment_set check (private.is_set(equipment, 6) and cardinality(equipment) > 0),
  constraint exercises_equipment_bodyweight_alone check (cardinality(equipment) = 1 or not 'bodyweight' = any (equipment)),
  constraint exercises_contraindications_set check (private.is_set(contraindications, 9)),
  constraint exercises_instructions_length check (char_length(instructions) <= 2000)
);
comment on table public.exercises is 'Library exercises (user_id null) and custom ones.';
comment on column public.exercises.equipment is 'Everything that is needed; {bodyweight} when nothing is.';
comment on column public.exercises.contraindications is 'Joints that, when injured, make the exercise unwise.';
comment on column public.exercises.hidden_at is 'Set when a custom exercise is deleted that plans or logged sets use.';

create unique index exercises_library_slug on public.exercises (slug) where user_id is null;
create unique index exercises_custom_name on public.exercises (user_id, lower(name))
  where user_id is not null and hidden_at is null;
create index exercises_owner on public.exercises (user_id, created_at desc, id desc);

-- No right to delete: delete_exercise() keeps what history uses.
revoke all on public.exercises from anon, authenticated;
grant select on public.exercises to authenticated;
grant insert (name, aliases, kind, primary_muscles, secondary_muscles, equipment, category, level, mechanic,
  is_unilateral, contraindications, instructions) on public.exercises to authenticated;
grant update (name, aliases, kind, primary_muscles, secondary_muscles, equipment, category, level, mechanic,
  is_unilateral, contraindications, instructions) on public.exercises to authenticated;

alter table public.exercises enable row level security;
create policy "Everyone signed in reads the library and their own exercises" on public.exercises
  for select to authenticated using (user_id is null or (select auth.uid()) = user_id);
create policy "People add their own exercises" on public.exercises
  for insert to authenticated with check ((select auth.uid()) = user_id);
create policy "People change their own exercises" on public.exercises
  for update to authenticated
  using ((select auth.uid()) = user_id and hidden_at is null) with check ((select auth.uid()) = user_id);

create trigger exercises_set_updated_at before update on public.exercises
  for each row when (old.* is distinct from new.*) execute function private.set_updated_at();

-- The API loads all custom exercises of a person for each search, so their number is limited.
create function private.limit_custom_exercises() returns trigger
language plpgsql set search_path = '' as $$
begin
  if (select count(*) from public.exercises as e where e.user_id = new.user_id and e.hidden_at is null) >= 1000 then
    raise sqlstate 'PT409' using message = 'You have 1000 exercises of your own; delete one first.';
  end if;
  return new;
end $$;
create trigger exercises_custom_limit before insert on public.exercises
  for each row when (new.user_id is not null and new.hidden_at is null)
  execute function private.limit_custom_exercises();

-- Favourite and excluded exercises of a person, with the reason they gave.
create table public.exercise_preferences (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null default auth.uid() references auth.users on delete cascade,
  exercise_id uuid not null references public.exercises on delete cascade,
  kind public.preference_kind not null,
  reason text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint exercise_preferences_reason_length check (private.is_nonblank(reason, 300)),
  constraint exercise_preferences_one_each unique (user_id, exercise_id)
);
comment on table public.exercise_preferences is 'Favourite or excluded exercises of a person.';

create index exercise_preferences_owner on public.exercise_preferences (user_id, created_at desc, id desc);
create index exercise_preferences_exercise on public.exercise_preferences (exercise_id);

revoke all on public.exercise_preferences from anon, authenticated;
grant select, delete on public.exercise_preferences to authenticated;
grant insert (exercise_id, kind, reason), update (exercise_id, kind, reason)
  on public.exercise_preferences to authenticated;

alter table public.exercise_preferences enable row level security;
create policy "People read their own preferences" on public.exercise_preferences
  for select to authenticated using ((select auth.uid()) = user_id);
-- A foreign key ignores row-level security: without the exists(), an insert would reveal whether another person's
-- exercise exists.
create policy "People prefer exercises they can see" on public.exercise_preferences
  for insert to authenticated with check (
    (select auth.uid()) = user_id and exists (select from public.exercises as e where e.id = exercise_id));
create policy "People change their own preferences" on public.exercise_preferences
  for update to authenticated using ((select auth.uid()) = user_id) with check (
    (select auth.uid()) = user_id and exists (select from public.exercises as e where e.id = exercise_id));
create policy "People delete their own preferences" on public.exercise_preferences
  for delete to authenticated using ((select auth.uid()) = user_id);

create trigger exercise_preferences_set_updated_at before update on public.exercise_preferences
  for each row when (old.* is distinct from new.*) execute function private.set_updated_at();

-- What a person adds to the shared library. The API keeps the library in memory and asks only for this.
create function public.exercise_overlay() returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object(
    'exercises', coalesce((
      select jsonb_agg(to_jsonb(e) order by e.created_at desc, e.id)
        from public.exercises as e where e.user_id = (select auth.uid()) and e.hidden_at is null), '[]'),
    'preferences', coalesce((
      select jsonb_object_agg(p.exercise_id, jsonb_build_object('kind', p.kind, 'reason', p.reason))
        from public.exercise_preferences as p where p.user_id = (select auth.uid())), '{}'),
    'equipment', coalesce((select to_jsonb(u.equipment) from public.users as u where u.id = (select auth.uid())), '[]'))
$$;
comment on function public.exercise_overlay is 'Own exercises, preferences by exercise id, and own equipment.';

-- POST /exercises: {"answer": row, "replayed": whether the key had been used for the same request before}.
create function public.create_exercise(payload json, idempotency_key text default null) returns jsonb
language plpgsql set search_path = '' as $$
declare
  answer jsonb := private.claim_idempotency_key(idempotency_key, 'create_exercise', payload);
  created public.exercises;
begin
  if answer is not null then
    return jsonb_build_object('replayed', true, 'answer', answer);
  end if;
  insert into public.exercises (name, aliases, kind, primary_muscles, secondary_muscles, equipment, category, level,
    mechanic, is_unilateral, contraindications, instructions)
  select r.name, r.aliases, r.kind, r.primary_muscles, r.secondary_muscles, r.equipment, r.category, r.level,
    r.mechanic, r.is_unilateral, r.contraindications, r.instructions
    from json_populate_record(null::public.exercises, payload) as r
  returning * into created;
  answer := to_jsonb(created);
  perform private.store_response(idempotency_key, answer);
  return jsonb_build_object('replayed', false, 'answer', answer);
end $$;

-- Which measures a set of each kind of exercise has: those it must have (required), may have (optional), and those of
-- which it must have at least one (either). Planned sets follow the same table, except for assistance and for sets that
-- are open-ended.
create function private.kind_measures() returns table (kind public.exercise_kind, measure text, necessity text)
language sql immutable rows 13 set search_path = '' as $$
  values
    ('weight_reps'::public.exercise_kind, 'reps', 'required'), ('weight_reps', 'weight', 'required'),
    ('reps', 'reps', 'required'),
    ('bodyweight_reps', 'reps', 'required'), ('bodyweight_reps', 'weight', 'optional'),
    ('assisted', 'reps', 'required'), ('assisted', 'assist', 'required'),
    ('duration', 'duration_seconds', 'required'),
    ('weight_duration', 'duration_seconds', 'required'), ('weight_duration', 'weight', 'required'),
    ('distance_duration', 'duration_seconds', 'either'), ('distance_duration', 'distance_m', 'either'),
    ('distance_duration', 'weight', 'optional')
$$;

-- Whether a plan of the caller has, had or is proposed to have the exercise, or a logged set is of it.
create function private.exercise_is_used(exercise_id uuid) returns boolean
language sql stable set search_path = '' as $$
  select exists (
    select from public.plan_versions as v
     where v.user_id = (select auth.uid())
       and v.content @? format('$.days[*].exercises[*] ? (@.exercise_id == "%s")', exercise_id)::jsonpath)
   or exists (
    select from public.plan_proposals as r
     where r.user_id = (select auth.uid())
       and r.content @? format('$.days[*].exercises[*] ? (@.exercise_id == "%s")', exercise_id)::jsonpath)
   or exists (select from public.sets as s where s.user_id = (select auth.uid()) and s.exercise_id = $1)
$$;

-- DELETE /exercises/{id}: deletes the exercise, or hides it when something uses it. True when there was one.
-- Definer: people have no right to delete exercises, so that they cannot delete a used one directly.
create function public.delete_exercise(exercise_id uuid) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  caller constant uuid := auth.uid();
begin
  -- Wait for transactions that plan with it (private.check_plan_content locks it), and only then look.
  perform from public.exercises as e where e.id = delete_exercise.exercise_id and e.user_id = caller for update;
  if private.exercise_is_used(delete_exercise.exercise_id) then
    update public.exercises as e set hidden_at = now()
     where e.id = delete_exercise.exercise_id and e.user_id = caller and e.hidden_at is null;
  else
    delete from public.exercises as e
     where e.id = delete_exercise.exercise_id and e.user_id = caller and e.hidden_at is null;
  end if;
  return found;
end $$;

-- The kind of an exercise stays once it has been planned or logged: its sets would not be valid under another kind.
create function private.check_exercise_kind() returns trigger
language plpgsql set search_path = '' as $$
begin
  if exists (select from public.sets as s where s.user_id = old.user_id and s.exercise_id = old.id)
    or exists (select from public.plan_versions as v
                where v.user_id = old.user_id
                  and v.content @? format('$.days[*].exercises[*] ? (@.exercise_id == "%s")', old.id)::jsonpath) then
    raise sqlstate 'PT409' using
      message = 'This exercise has been planned or logged, so its kind cannot change; add another one.';
  end if;
  return new;
end $$;
create trigger exercises_check_kind before update of kind on public.exercises
  for each row when (old.kind <> new.kind) execute function private.check_exercise_kind();

-- The exercises that a person can do: with their equipment, at their level, without strain on injured joints, and
-- without those they excluded. Generated and adapted plans choose from these.
create function private.exercise_candidates(owner uuid) returns setof public.exercises
language sql stable set search_path = '' as $$
  select e.*
    from public.users as u
      join public.exercises as e on (e.user_id is null or e.user_id = u.id) and e.hidden_at is null
   where u.id = owner
     and e.equipment <@ (u.equipment || '{bodyweight}'::public.equipment[])
     and not e.contraindications && u.injuries
     and e.level <= coalesce(u.experience_level, 'beginner')
     and not exists (select from public.exercise_preferences as p
                      where p.user_id = u.id and p.exercise_id = e.id and p.kind = 'excluded')
$$;

-- An exercise as generating and adapting plans need it.
create function private.exercise_facts(exercise public.exercises) returns jsonb
language sql immutable set search_path = '' as $$
  select jsonb_build_object('id', exercise.id, 'slug', exercise.slug, 'name', exercise.name, 'kind', exercise.kind,
    'primary_muscles', exercise.primary_muscles, 'secondary_muscles', exercise.secondary_muscles,
    'equipment', exercise.equipment, 'category', exercise.category, 'level', exercise.level,
    'mechanic', exercise.mechanic, 'is_unilateral', exercise.is_unilateral,
    'contraindications', exercise.contraindications)
$$;

grant execute on function private.kind_measures, private.exercise_is_used to authenticated, service_role;
grant execute on function private.exercise_candidates, private.exercise_facts to service_role;
grant execute on function public.exercise_overlay, public.create_exercise, public.delete_exercise to authenticated;

-- Plans of a person: workout plans and meal plans. A plan is draft, active, completed or archived. Each content becomes
-- a version; proposals of changes wait for the person's decision. 31_plan_content.sql validates contents.
create table public.plans (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null default auth.uid() references auth.users on delete cascade,
  kind public.plan_kind not null default 'workout',
  name text not null,
  description text,
  goal text,
  duration_weeks smallint,
  days_per_week smallint,
  target_energy_kcal integer,
  target_protein_g integer,
  target_carbohydrate_g integer,
  target_fat_g integer,
  status public.plan_status not null default 'draft',
  source public.plan_source not null default 'manual',
  model text,
  content jsonb,
  version integer not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint plans_id_of_owner unique (id, user_id),
  constraint plans_name_length check (private.is_nonblank(name, 120)),
  constraint plans_description_length check (private.is_nonblank(description, 2000)),
  constraint plans_goal_length check (private.is_nonblank(goal, 200)),
  constraint plans_duration_weeks_range check (duration_weeks between 1 and 52),
  constraint plans_days_per_week_range check (days_per_week between 1 and 7),
  constraint plans_target_energy_kcal_range check (target_energy_kcal between 1200 and 10000),
  constraint plans_target_protein_g_range check (target_protein_g between 1 and 1000),
  constraint plans_target_carbohydrate_g_range check (target_carbohydrate_g between 0 and 2000),
  constraint plans_target_fat_g_range check (target_fat_g between 0 and 1000),
  constraint plans_fields_of_kind check (case kind
    when 'workout' then num_nonnulls(target_energy_kcal, target_protein_g, target_carbohydrate_g, target_fat_g) = 0
    else days_per_week is null end),
  constraint plans_model_when_ai check (private.is_nonblank(model, 100) and (model is null or source = 'ai')),
  constraint plans_active_has_content check (status <> 'active' or content is not null)
);
comment on table public.plans is
  'Workout plans and meal plans; content is what validate_plan_content accepts, or null in an empty draft.';
comment on column public.plans.version is 'Number of the newest row in plan_versions; 0 before the first content.';
comment on column public.plans.days_per_week is 'Workout plans only.';
comment on column public.plans.target_energy_kcal is
  'Meal plans only. Per day, like the other targets; at least 1200 kcal.';
comment on column public.plans.model is 'The model that made the first content, if one did.';

create unique index plans_one_active on public.plans (user_id, kind) where status = 'active';
create index plans_owner on public.plans (user_id, created_at desc, id desc);
create index plans_of_kind on public.plans (user_id, kind, created_at desc, id desc);

revoke all on public.plans from anon, authenticated;
grant select, delete on public.plans to authenticated;
grant insert (kind, name, description, goal, duration_weeks, days_per_week, target_energy_kcal, target_protein_g,
  target_carbohydrate_g, target_fat_g, status, content) on public.plans to authenticated;
grant update (name, description, goal, duration_weeks, days_per_week, target_energy_kcal, target_protein_g,
  target_carbohydrate_g, target_fat_g, status, content) on public.plans to authenticated;

alter table public.plans enable row level security;
create policy "People read their own plans" on public.plans
  for select to authenticated using ((select auth.uid()) = user_id);
create policy "People add their own plans" on public.plans
  for insert to authenticated with check ((select auth.uid()) = user_id);
create policy "People change their own plans" on public.plans
  for update to authenticated using ((select auth.uid()) = user_id) with check ((select auth.uid()) = user_id);
create policy "People delete their own plans" on public.plans
  for delete to authenticated using ((select auth.uid()) = user_id);

-- The history of a plan's content: append-only, written by a trigger, deleted with the plan.
create table public.plan_versions (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references auth.users on delete cascade,
  plan_id uuid not null references public.plans on delete cascade,
  version integer not null,
  content jsonb not null,
  changed_by public.plan_author not null,
  reason text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint plan_versions_number unique (plan_id, version),
  constraint plan_versions_reason_length check (private.is_nonblank(reason, 500))
);
comment on table public.plan_versions is 'Every content a plan has had, who changed it and why. Append-only.';

create index plan_versions_owner on public.plan_versions (user_id, created_at desc, id desc);

revoke all on public.plan_versions from anon, authenticated;
grant select on public.plan_versions to authenticated;

alter table public.plan_versions enable row level security;
create policy "People read the history of their own plans" on public.plan_versions
  for select to authenticated using ((select auth.uid()) = user_id);

-- Whether these are changes of a proposal: objects with the keys rule, path, from, to, evidence, explanation, and in a
-- workout plan exercise_id. Evidence is ids of logged sets (workout) or sentences (meal). The size is checked first, so
-- that nothing long is parsed.
create function private.are_plan_changes(kind public.plan_kind, changes jsonb) returns boolean
language sql immutable set search_path = '' as $$
  select case
    when pg_column_size(changes) > case kind when 'workout' then 65536 else 262144 end
      or jsonb_typeof(changes) <> 'array' then false
    when jsonb_array_length(changes) not between 1 and case kind when 'workout' then 60 else 500 end then false
    when exists (select from jsonb_array_elements(changes) as c where jsonb_typeof(c.value) <> 'object') then false
    else (
      select bool_and((
        (select array_agg(k order by k) from jsonb_object_keys(c.value) as k) = case kind
          when 'workout' then '{evidence,exercise_id,explanation,from,path,rule,to}'::text[]
          else '{evidence,explanation,from,path,rule,to}' end
        and jsonb_typeof(c.value -> 'rule') = 'string' and c.value ->> 'rule' ~ '^[a-z0-9_.]{1,60}$'
        and jsonb_typeof(c.value -> 'path') = 'string' and c.value ->> 'path' ~ '^(/[a-z0-9_*]+){1,8}$'
        and (kind = 'meal' or jsonb_typeof(c.value -> 'exercise_id') = 'string' and private.is_uuid(c.value ->> 'exercise_id'))
        and jsonb_typeof(c.value -> 'explanation') = 'string' and private.is_nonblank(c.value ->> 'explanation', 500)
        and jsonb_typeof(c.value -> 'evidence') = 'array' and jsonb_array_length(c.value -> 'evidence') <= 100
        and not exists (
          select from jsonb_array_elements(c.value -> 'evidence') as e
           where jsonb_typeof(e.value) <> 'string' or not case kind
             when 'workout' then private.is_uuid(e.value #>> '{}') else private.is_nonblank(e.value #>> '{}', 200) end)
      ) is true) from jsonb_array_elements(changes) as c) end
$$;

-- The daily targets of a proposal: all four, named like the columns of plans without their prefix.
create function private.are_plan_targets(targets jsonb) returns boolean
language sql immutable set search_path = '' as $$
  select case when jsonb_typeof(targets) <> 'object' or pg_column_size(targets) > 1024 then false else (
    select count(*) = 4 and bool_and(t.key in ('energy_kcal', 'protein_g', 'carbohydrate_g', 'fat_g')
      and jsonb_typeof(t.value) in ('number', 'null') and t.value::text ~ '^(null|[0-9]{1,5})$')
      from jsonb_each(targets) as t) end
$$;

-- Proposed changes of a plan, which wait for its owner's decision. Only functions write them: people decide on
-- proposals, but may not rewrite them.
--   open      waits; at most one for each plan
--   accepted  its content became the plan's newest version; undo takes that back and opens it again
--   rejected  the plan stayed as it was, the reason is kept; undo opens it again
--   expired   the plan got another content, or a newer proposal; nothing follows
-- Undo is possible while the plan is as the decision left it. A proposal is deleted with its plan.
create table public.plan_proposals (
  id uuid primary key,
  user_id uuid not null references auth.users on delete cascade,
  plan_id uuid not null,
  kind public.plan_kind not null,
  base_version integer not null,
  content jsonb not null,
  changes jsonb not null,
  targets jsonb,
  applied_targets jsonb,
  source public.plan_source not null,
  model text,
  status public.proposal_status not null default 'open',
  reason text,
  decided_at timestamptz,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  constraint plan_proposals_plan_of_owner foreign key (plan_id, user_id) references public.plans (id, user_id)
    on delete cascade,
  constraint plan_proposals_base_version_range check (base_version >= 1),
  constraint plan_proposals_content_size check (pg_column_size(content) <= 524288),
  constraint plan_proposals_changes_shape check (private.are_plan_changes(kind, changes)),
  constraint plan_proposals_targets_shape
    check (targets is null or (kind = 'meal' and private.are_plan_targets(targets) is true)),
  constraint plan_proposals_source_generated check (source in ('ai', 'rules')),
  constraint plan_proposals_model_when_ai check (private.is_nonblank(model, 100) and (model is null or source = 'ai')),
  constraint plan_proposals_reason_length check (private.is_nonblank(reason, 500)),
  constraint plan_proposals_reason_when_rejected check (reason is null or status = 'rejected'),
  constraint plan_proposals_decided_at_unless_open check ((status = 'open') = (decided_at is null))
);
comment on table public.plan_proposals is 'Changes that the companion proposes for a plan, and the decision on them.';
comment on column public.plan_proposals.id is
  'Id of the job that made it, so that a repeated job makes no second proposal.';
comment on column public.plan_proposals.kind is 'The kind of its plan; decides the shape of the changes.';
comment on column public.plan_proposals.base_version is
  'The version of the plan that it changes; it cannot be accepted for another.';
comment on column public.plan_proposals.targets is
  'New daily targets of a meal plan; while accepted, the former targets, which undo restores. Null: they stay.';
comment on column public.plan_proposals.applied_targets is
  'While accepted: the targets that it gave the plan. It cannot be undone once the plan has others.';
comment on column public.plan_proposals.model is 'The model that chose or worded it, if one did.';
comment on column public.plan_proposals.reason is 'Why the person rejected it.';

create index plan_proposals_owner on public.plan_proposals (user_id, created_at desc, id desc);
create index plan_proposals_of_plan on public.plan_proposals (plan_id, created_at desc, id desc);
create unique index plan_proposals_one_open on public.plan_proposals (plan_id) where status = 'open';

revoke all on public.plan_proposals from anon, authenticated;
grant select on public.plan_proposals to authenticated;

alter table public.plan_proposals enable row level security;
create policy "People read proposals for their own plans" on public.plan_proposals
  for select to authenticated using ((select auth.uid()) = user_id);

create trigger plan_proposals_set_updated_at before update on public.plan_proposals
  for each row when (old.* is distinct from new.*) execute function private.set_updated_at();

-- Versions ------------------------------------------------------------------------------------------------------------

-- The word for a plan of this kind in messages to people.
create function private.plan_noun(kind public.plan_kind) returns text
language sql immutable set search_path = '' as $$
  select case kind when 'workout' then 'plan' else 'meal plan' end
$$;

-- Raises PT422 with one problem at `loc`.
create function private.refuse_plan(kind public.plan_kind, loc jsonb, message text) returns void
language plpgsql set search_path = '' as $$
begin
  raise sqlstate 'PT422' using message = format('The %s is not sound.', private.plan_noun(kind)),
    detail = jsonb_build_array(jsonb_build_object('loc', loc, 'message', refuse_plan.message, 'type', 'value_error'));
end $$;

-- Content is validated whenever it changes, whoever writes it. A meal plan is validated again when it becomes active:
-- the person may have named an allergen or a diet since. Other fields change without validating the content.
create function private.check_plan() returns trigger
language plpgsql set search_path = '' as $$
begin
  if tg_op = 'UPDATE' and new.content is null and old.content is not null then
    perform private.refuse_plan(new.kind, '["content"]', 'cannot be emptied');
  end if;
  if tg_op = 'INSERT' or new.content is distinct from old.content then
    if new.content is not null then
      perform private.check_plan_content(new.kind, new.user_id, new.content, new.id);
    end if;
    new.version := case when tg_op = 'UPDATE' then old.version else 0 end + (new.content is not null)::integer;
  else
    -- jsonb equality ignores decimals: 10 equals 10.000…, which may be of any length and has not been checked. Keep the
    -- content that was.
    new.content := old.content;
    if new.kind = 'meal' and new.status = 'active' and old.status <> 'active' and new.content is not null then
      perform private.check_plan_content(new.kind, new.user_id, new.content, new.id);
    end if;
  end if;
  if (select max(week::numeric) from jsonb_array_elements_text(new.content -> 'deload_weeks') as week)
     > new.duration_weeks then
    perform private.refuse_plan(new.kind, '["content", "deload_weeks"]', 'must lie within duration_weeks');
  end if;
  return new;
end $$;
create trigger plans_check before insert or update on public.plans
  for each row execute function private.check_plan();
create trigger plans_set_updated_at before update on public.plans
  for each row when (old.* is distinct from new.*) execute function private.set_updated_at();

-- All functions lock in one order: the person, then the plan, then its proposals. activate_plan() locks two plans, and
-- validating content locks the person; in different orders, two transactions could wait for each other.
create function private.lock_person() returns trigger
language plpgsql set search_path = '' as $$
begin
  perform from public.users as u where u.id = (select auth.uid()) for no key update;
  return null;
end $$;
create trigger plans_lock_person before update of status, content on public.plans
  for each statement execute function private.lock_person();

-- Sets who changes content and why, for the versions that this transaction writes from here on. Both null: the person's
-- own plain write.
create function private.describe_change(changed_by public.plan_author, reason text) returns void
language sql set search_path = '' as $$
  select set_config('slow_burn.changed_by', coalesce(describe_change.changed_by::text, ''), true),
         set_config('slow_burn.reason', coalesce(left(describe_change.reason, 500), ''), true)
$$;

-- Expires the open proposal of a plan: it was made for another content, or a newer one takes its place.
create function private.expire_proposals(plan_id uuid) returns void
language sql set search_path = '' as $$
  update public.plan_proposals as r set status = 'expired', decided_at = clock_timestamp()
   where r.plan_id = expire_proposals.plan_id and r.status = 'open'
$$;

-- Stores the new version, and expires open proposals, which were made for another content.
-- Definer: people may not write history, and may decide on proposals only through the functions below.
create function private.keep_plan_version() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into public.plan_versions (user_id, plan_id, version, content, changed_by, reason)
  values (new.user_id, new.id, new.version, new.content,
    coalesce(nullif(current_setting('slow_burn.changed_by', true), ''), 'person')::public.plan_author,
    nullif(current_setting('slow_burn.reason', true), ''));
  perform private.expire_proposals(new.id);
  return null;
end $$;
create trigger plans_keep_first_version after insert on public.plans
  for each row when (new.content is not null) execute function private.keep_plan_version();
create trigger plans_keep_version after update on public.plans
  for each row when (new.version <> old.version and new.content is not null) execute function private.keep_plan_version();

-- POST /plans and /meal-plans: {"answer": row, "replayed": whether the key had been used for the same request before}.
-- `payload` has the kind and the columns that people may write.
create function public.create_plan(payload json, idempotency_key text default null) returns jsonb
language plpgsql set search_path = '' as $$
declare
  answer jsonb := private.claim_idempotency_key(idempotency_key, 'create_plan', payload);
  plan public.plans;
begin
  if answer is not null then
    return jsonb_build_object('replayed', true, 'answer', answer);
  end if;
  insert into public.plans (kind, name, description, goal, duration_weeks, days_per_week, target_energy_kcal,
    target_protein_g, target_carbohydrate_g, target_fat_g, content)
  select coalesce(r.kind, 'workout'), r.name, r.description, r.goal, r.duration_weeks, r.days_per_week, r.target_energy_kcal,
    r.target_protein_g, r.target_carbohydrate_g, r.target_fat_g, nullif(r.content, 'null')
    from json_populate_record(null::public.plans, payload) as r
  returning * into plan;
  answer := to_jsonb(plan) || jsonb_build_object('foods_used', public.foods_used(plan));
  perform private.store_response(idempotency_key, answer);
  return jsonb_build_object('replayed', false, 'answer', answer);
end $$;

-- POST …/activate: activates this plan, and archives the one of its kind that was active.
create function public.activate_plan(plan_id uuid, kind public.plan_kind default 'workout') returns setof public.plans
language plpgsql set search_path = '' as $$
begin
  -- Lock here, not only in the trigger plans_lock_person: a statement does not see what was committed while its own
  -- trigger waited.
  perform from public.users as u where u.id = (select auth.uid()) for no key update;
  if exists (select from public.plans as p
              where p.id = activate_plan.plan_id and p.kind = activate_plan.kind and p.content is null) then
    raise sqlstate 'PT409' using
      message = format('An empty %s cannot be activated; add content first.', private.plan_noun(activate_plan.kind));
  end if;
  update public.plans as p set status = 'archived'
   where p.user_id = (select auth.uid()) and p.kind = activate_plan.kind and p.status = 'active'
     and p.id <> activate_plan.plan_id
     and exists (select from public.plans as own where own.id = activate_plan.plan_id and own.kind = activate_plan.kind);
  return query update public.plans as p set status = 'active'
   where p.user_id = (select auth.uid()) and p.kind = activate_plan.kind and p.id = activate_plan.plan_id returning p.*;
end $$;

-- POST …/versions/{n}/restore: an older content becomes the newest version; restoring the current one changes nothing.
create function public.restore_plan_version(plan_id uuid, version integer, kind public.plan_kind default 'workout')
returns setof public.plans
language plpgsql set search_path = '' as $$
begin
  perform private.describe_change(null, format('Restored version %s', restore_plan_version.version));
  return query update public.plans as p set content = v.content
    from public.plan_versions as v
   where p.user_id = (select auth.uid()) and p.kind = restore_plan_version.kind and p.id = restore_plan_version.plan_id
     and v.plan_id = p.id and v.version = restore_plan_version.version
  returning p.*;
  perform private.describe_change(null, null);
end $$;

-- Deciding on proposals -----------------------------------------------------------------------------------------------

-- The caller's proposal, after locking the person, its plan and itself in this order; null when there is none.
create function private.lock_proposal(kind public.plan_kind, plan_id uuid, proposal_id uuid) returns public.plan_proposals
language plpgsql set search_path = '' as $$
declare
  proposal public.plan_proposals;
begin
  perform from public.users as u where u.id = auth.uid() for no key update;
  perform from public.plans as p
    where p.id = lock_proposal.plan_id and p.kind = lock_proposal.kind and p.user_id = auth.uid() for no key update;
  select * into proposal from public.plan_proposals as r
   where r.id = lock_proposal.proposal_id and r.plan_id = lock_proposal.plan_id and r.kind = lock_proposal.kind
     and r.user_id = auth.uid() for no key update;
  return proposal;
end $$;

-- The targets of a plan, in the form that a proposal has them.
create function private.plan_targets(plan public.plans) returns jsonb
language sql immutable set search_path = '' as $$
  select jsonb_build_object('energy_kcal', plan.target_energy_kcal, 'protein_g', plan.target_protein_g,
    'carbohydrate_g', plan.target_carbohydrate_g, 'fat_g', plan.target_fat_g)
$$;

-- Gives the plan this content. Where the proposal has targets, it exchanges them with those of the plan, so that a
-- second exchange takes them back.
create function private.apply_proposal(proposal public.plan_proposals, content jsonb) returns public.plans
language plpgsql set search_path = '' as $$
declare
  plan public.plans;
begin
  select * into plan from public.plans as p where p.id = proposal.plan_id;
  if proposal.targets is not null then
    update public.plan_proposals as r set targets = private.plan_targets(plan) where r.id = proposal.id;
    plan.target_energy_kcal := (proposal.targets ->> 'energy_kcal')::integer;
    plan.target_protein_g := (proposal.targets ->> 'protein_g')::integer;
    plan.target_carbohydrate_g := (proposal.targets ->> 'carbohydrate_g')::integer;
    plan.target_fat_g := (proposal.targets ->> 'fat_g')::integer;
  end if;
  update public.plans as p set content = apply_proposal.content, target_energy_kcal = plan.target_energy_kcal,
      target_protein_g = plan.target_protein_g, target_carbohydrate_g = plan.target_carbohydrate_g,
      target_fat_g = plan.target_fat_g
   where p.id = plan.id returning p.* into plan;
  return plan;
end $$;

-- POST …/accept: the proposed content becomes the newest version. Accepting again changes nothing more.
-- Definer, like the next two: people may not write proposals. lock_proposal() finds only those of auth.uid().
create function public.accept_plan_proposal(plan_id uuid, proposal_id uuid, kind public.plan_kind default 'workout')
returns setof public.plans
language plpgsql security definer set search_path = '' as $$
declare
  proposal constant public.plan_proposals := private.lock_proposal(kind, plan_id, proposal_id);
begin
  if proposal.status = 'open' then
    if proposal.base_version <> (select p.version from public.plans as p where p.id = proposal.plan_id) then
      raise sqlstate 'PT409' using
        message = format('The %s has changed since; have it adapted again.', private.plan_noun(proposal.kind));
    end if;
    -- Set the status first, so that the trigger on plans does not expire this proposal.
    update public.plan_proposals as r
       set status = 'accepted', decided_at = clock_timestamp(), applied_targets = r.targets where r.id = proposal.id;
    perform private.describe_change('companion', format('Accepted proposal %s', proposal.id));
    perform private.apply_proposal(proposal, proposal.content);
    perform private.describe_change(null, null);
  elsif proposal.status <> 'accepted' then
    raise sqlstate 'PT409' using message = format('This proposal is %s, so it cannot be accepted.', proposal.status);
  end if;
  return query select p.* from public.plans as p where p.id = proposal.plan_id and p.user_id = auth.uid();
end $$;

-- POST …/reject: the plan stays, and the reason is stored. Rejecting again changes nothing more.
create function public.reject_plan_proposal(plan_id uuid, proposal_id uuid, reason text default null,
  kind public.plan_kind default 'workout') returns setof public.plan_proposals
language plpgsql security definer set search_path = '' as $$
declare
  proposal constant public.plan_proposals := private.lock_proposal(kind, plan_id, proposal_id);
begin
  if proposal.status = 'open' then
    update public.plan_proposals as r
       set status = 'rejected', decided_at = clock_timestamp(), reason = reject_plan_proposal.reason
     where r.id = proposal.id;
  elsif proposal.status <> 'rejected' then
    raise sqlstate 'PT409' using message = format('This proposal is %s, so it cannot be rejected.', proposal.status);
  end if;
  return query select r.* from public.plan_proposals as r where r.id = proposal.id and r.user_id = auth.uid();
end $$;

-- POST …/undo: takes an accepted proposal out of the plan, or reopens a rejected one. Either is open afterwards, for
-- the plan as it is now. PT409 when the plan has changed in another way since.
create function public.undo_plan_proposal(plan_id uuid, proposal_id uuid, kind public.plan_kind default 'workout')
returns setof public.plan_proposals
language plpgsql security definer set search_path = '' as $$
declare
  proposal constant public.plan_proposals := private.lock_proposal(kind, plan_id, proposal_id);
  plan public.plans;
  base jsonb;
begin
  if proposal.status not in ('accepted', 'rejected') then
    raise sqlstate 'PT409' using message = format('This proposal is %s, so there is nothing to undo.', proposal.status);
  end if;
  select * into plan from public.plans as p where p.id = proposal.plan_id;
  select v.content into base from public.plan_versions as v
   where v.plan_id = plan.id and v.version = proposal.base_version;
  if plan.content is distinct from (case proposal.status when 'accepted' then proposal.content else base end)
    or proposal.applied_targets <> private.plan_targets(plan) then
    raise sqlstate 'PT409' using message = format(
      'The %s has changed since; restore an earlier version of it instead.', private.plan_noun(proposal.kind));
  end if;
  if proposal.status = 'accepted' then
    perform private.describe_change(null, format('Took back proposal %s', proposal.id));
    plan := private.apply_proposal(proposal, base);
    perform private.describe_change(null, null);
  end if;
  perform private.expire_proposals(plan.id);
  return query update public.plan_proposals as r
      set status = 'open', decided_at = null, reason = null, applied_targets = null, base_version = plan.version
    where r.id = proposal.id and r.user_id = auth.uid() returning r.*;
end $$;

-- GET …/proposals: newest first, without their content; null when there is no such plan.
create function public.plan_proposals_page(plan_id uuid, page_offset integer, page_limit integer,
  kind public.plan_kind default 'workout') returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object(
      'total', (select count(*) from public.plan_proposals as r where r.plan_id = p.id),
      'items', coalesce((
        select jsonb_agg(to_jsonb(r) - 'content' order by r.created_at desc, r.id desc)
          from (select * from public.plan_proposals as r where r.plan_id = p.id
                 order by r.created_at desc, r.id desc offset page_offset limit page_limit) as r), '[]'))
    from public.plans as p
   where p.id = plan_proposals_page.plan_id and p.kind = plan_proposals_page.kind and p.user_id = (select auth.uid())
$$;

-- For the worker ------------------------------------------------------------------------------------------------------

-- Stores the plan that a job made, once, as a draft with the job's id. Neither the model nor the worker is trusted:
-- exercises that the person cannot do and foods that they must not eat are refused here. `plan`: kind, name,
-- description, goal, duration_weeks, days_per_week, the targets, source (ai or rules), model, content, reason.
create function public.keep_generated_plan(job_id uuid, attempt integer, plan jsonb) returns void
language plpgsql set search_path = '' as $$
declare
  owner constant uuid := private.assert_lease(keep_generated_plan.job_id, attempt);
  generated public.plans;
begin
  if (jsonb_typeof(plan -> 'content') = 'object' and plan ->> 'source' in ('ai', 'rules')) is not true then
    raise sqlstate 'PT422' using message = 'A generated plan has content, and says what made it.';
  end if;
  generated := jsonb_populate_record(null::public.plans, '{"kind": "workout"}' || plan);
  if generated.kind = 'workout' then
    perform private.check_planned_exercises(owner, generated.content, '{}');
  end if;
  perform from public.users as u where u.id = owner for no key update;
  perform private.describe_change('companion', coalesce(plan ->> 'reason', 'Made as you asked'));
  insert into public.plans (id, user_id, kind, name, description, goal, duration_weeks, days_per_week, target_energy_kcal,
    target_protein_g, target_carbohydrate_g, target_fat_g, source, model, content)
  select keep_generated_plan.job_id, owner, generated.kind, generated.name, generated.description, generated.goal,
    generated.duration_weeks, generated.days_per_week, generated.target_energy_kcal, generated.target_protein_g,
    generated.target_carbohydrate_g, generated.target_fat_g, generated.source, generated.model, generated.content
   where not exists (select from public.plans as p where p.id = keep_generated_plan.job_id);
  perform private.describe_change(null, null);
end $$;

-- Stores the proposal that a job made, once; the open proposal before it expires. Returns {"source", "model",
-- "changes": their number} of what is stored. `proposal`: kind, plan_id, base_version, content, changes, targets (or
-- null), source (ai or rules), model. PT412 when the plan has changed or is gone: the job then starts again with the
-- plan as it is.
create function public.keep_plan_proposal(job_id uuid, attempt integer, proposal jsonb) returns jsonb
language plpgsql set search_path = '' as $$
declare
  owner constant uuid := private.assert_lease(keep_plan_proposal.job_id, attempt);
  generated constant public.plan_proposals :=
    jsonb_populate_record(null::public.plan_proposals, '{"kind": "workout"}' || proposal);
  plan public.plans;
  stored jsonb;
begin
  perform from public.users as u where u.id = owner for no key update;
  select * into plan from public.plans as p
   where p.id = generated.plan_id and p.kind = generated.kind and p.user_id = owner for no key update;
  select jsonb_build_object('source', r.source, 'model', r.model, 'changes', jsonb_array_length(r.changes)) into stored
    from public.plan_proposals as r where r.id = job_id and r.user_id = owner;
  if stored is not null then
    return stored; -- by an earlier attempt of the job
  elsif plan.version is distinct from generated.base_version then
    raise sqlstate 'PT412' using message = format('The %s has changed.', private.plan_noun(generated.kind));
  end if;
  perform private.check_plan_content(generated.kind, owner, generated.content, plan.id);
  if generated.kind = 'workout' then
    perform private.check_workout_proposal(owner, plan.content, generated);
  end if;
  perform private.expire_proposals(plan.id);
  insert into public.plan_proposals (id, user_id, plan_id, kind, base_version, content, changes, targets, source, model)
  values (job_id, owner, plan.id, generated.kind, plan.version, generated.content, coalesce(generated.changes, 'null'),
    nullif(generated.targets, 'null'), generated.source, generated.model);
  return jsonb_build_object('source', generated.source, 'model', generated.model,
    'changes', jsonb_array_length(generated.changes));
end $$;

grant execute on function private.plan_noun, private.refuse_plan, private.check_plan, private.describe_change
  to authenticated, service_role;
grant execute on function private.are_plan_changes, private.are_plan_targets to service_role;
grant execute on function public.create_plan, public.activate_plan, public.restore_plan_version,
  public.accept_plan_proposal, public.reject_plan_proposal, public.undo_plan_proposal, public.plan_proposals_page
  to authenticated;
grant execute on function private.expire_proposals, public.keep_generated_plan, public.keep_plan_proposal
  to service_role;

-- Validation of plan contents: their shape by tables of rules, their meaning by queries about exercises, foods and the
-- person. Pydantic checks shapes too, for better messages; this check cannot be bypassed. The rules of each kind are in
-- 35_training.sql (workout plans) and 82_nutrition.sql (meal plans). A problem is {"loc": ["days", 0, …], "message",
-- "type"}.

-- A field of an object of the content: its type, and its range (the length of a text, the size of a list, the value of
-- a number). `type`: array, object, string, number, integer, or tenths (a number with at most one decimal).
create type private.content_rule as (
  object text, field text, type text, required boolean, nullable boolean, low numeric, high numeric, pattern text);

-- An object of the content, with its place.
create type private.content_object as (object text, loc jsonb, value jsonb);

-- Problems of shape: not an object, or a field that is missing, unknown or out of its range. The conditions are inline
-- and not in a function of their own: there are thousands, and a call takes longer than a condition.
create function private.shape_problems(objects private.content_object[], rules private.content_rule[])
returns table (loc jsonb, message text, type text)
language sql immutable set search_path = '' as $$
  with sound as (select * from unnest(objects) as o where jsonb_typeof(o.value) = 'object')
  select o.loc, 'must be an object', 'object_type' from unnest(objects) as o where jsonb_typeof(o.value) <> 'object'
  union all
  select o.loc || to_jsonb(r.field), 'is required', 'missing'
    from sound as o join unnest(rules) as r using (object)
   where r.required and not o.value ? r.field
  union all
  select o.loc || to_jsonb(m.key), p.problem, case when r.object is null then 'extra_forbidden' else 'value_error' end
    from sound as o
      cross join lateral jsonb_each(o.value) as m
      left join unnest(rules) as r on r.object = o.object and r.field = m.key
      cross join lateral (select case
        when r.object is null then 'is not a known field'
        when m.value = 'null' and r.nullable then null
        when r.type = 'object' then case
          when jsonb_typeof(m.value) <> 'object' then 'must be an object' end
        when r.type = 'array' then case
          when jsonb_typeof(m.value) <> 'array' then 'must be a list'
          when jsonb_array_length(m.value) not between r.low and r.high
            then format('must have %s to %s items', r.low, r.high) end
        when r.type = 'string' then case
          when jsonb_typeof(m.value) <> 'string' then 'must be a text'
          when char_length(m.value #>> '{}') not between r.low and r.high
            then format('must have %s to %s characters', r.low, r.high)
          when (m.value #>> '{}') !~ r.pattern then 'is not an accepted value' end
        else case
          when jsonb_typeof(m.value) <> 'number' then 'must be a number'
          when m.value::numeric not between r.low and r.high then format('must be from %s to %s', r.low, r.high)
          -- 10.000… is 10, but thousands of zeros are stored in few bytes and read as thousands of digits.
          when scale(m.value::numeric) > 20 then 'must have at most 20 decimals'
          when r.type = 'integer' and m.value::numeric % 1 <> 0 then 'must be a whole number'
          when r.type = 'tenths' and m.value::numeric % 0.1 <> 0 then 'must have at most one decimal' end
        end as problem) as p
   where p.problem is not null
$$;

-- Problems of a content for its owner: [] when there are none, 20 at most. The owner is a parameter and not auth.uid(),
-- because the worker writes for many. `plan_id`: the plan that the content is for; exercises and foods in its history
-- may be used again although the person has deleted them.
-- Without jit: the planner expects millions of sets where there are hundreds, and compiling for them would take
-- longest.
create function private.plan_problems(kind public.plan_kind, content jsonb, owner uuid, plan_id uuid) returns jsonb
language plpgsql stable set search_path = '' set jit = off as $$
declare
  too_long constant jsonb := '[{"loc": [], "message": "must be at most 256 KiB", "type": "too_long"}]';
  problems jsonb;
begin
  -- The stored size first: a number like 1e131071 is short in it. Its text may only be taken after the shape check,
  -- which refuses such numbers.
  if pg_column_size(content) > 524288 then
    return too_long;
  end if;
  if kind = 'workout' then
    select jsonb_agg(to_jsonb(p)) into problems
      from (select * from private.shape_problems(array(select o from private.workout_plan_objects(content) as o),
                                                 array(select f from private.workout_plan_fields() as f)) limit 20) as p;
  else
    select jsonb_agg(to_jsonb(p)) into problems
      from (select * from private.shape_problems(array(select o from private.meal_plan_objects(content) as o),
                                                 array(select f from private.meal_plan_fields() as f)) limit 20) as p;
  end if;
  if problems is not null then
    return problems;
  elsif octet_length(content::text) > 262144 then
    return too_long;
  end if;
  -- Meaning is only checked when the shape is right.
  if kind = 'workout' then
    select jsonb_agg(to_jsonb(p)) into problems
      from (select * from private.workout_plan_sense_problems(content, owner, plan_problems.plan_id) limit 20) as p;
  else
    select jsonb_agg(to_jsonb(p)) into problems
      from (select * from private.meal_plan_sense_problems(content, owner, plan_problems.plan_id) limit 20) as p;
  end if;
  return coalesce(problems, '[]');
end $$;

-- The problems of a content for the caller.
create function public.validate_plan_content(content jsonb, plan_id uuid default null,
  kind public.plan_kind default 'workout') returns jsonb
language sql stable set search_path = '' as $$
  select private.plan_problems(kind, content, (select auth.uid()), plan_id)
$$;
comment on function public.validate_plan_content is 'List of {loc, message, type}; empty when the content is valid.';

-- Raises PT422 when the content is not valid for its owner, and keeps it valid until the transaction ends: it locks the
-- exercises or foods, and the person. Whoever deletes one of these, or names an allergen, waits; and when this waits
-- for them, it sees their change.
create function private.check_plan_content(kind public.plan_kind, owner uuid, content jsonb, plan_id uuid) returns void
language plpgsql set search_path = '' as $$
declare
  problems jsonb;
begin
  if kind = 'workout' then
    perform from public.exercises as e
      where e.user_id = owner
        and to_jsonb(e.id) in (select jsonb_path_query(content, '$.days[*].exercises[*].exercise_id')) for key share;
  else
    perform from public.users as u where u.id = owner for share;
    perform from public.foods as f
      where f.user_id = owner
        and to_jsonb(f.id) in (select jsonb_path_query(content, '$.days[*].meals[*].items[*].food_id')) for share;
  end if;
  problems := private.plan_problems(kind, content, owner, check_plan_content.plan_id);
  if problems <> '[]' then
    raise sqlstate 'PT422' using
      message = case when problems @? '$[*] ? (@.type == "allergen" || @.type == "diet")'
        then 'The meal plan has foods that your allergens or your diet forbid.'
        else format('The %s is not sound.', private.plan_noun(kind)) end,
      detail = (select jsonb_agg(jsonb_set(p, '{loc}', '["content"]' || (p -> 'loc')))
                  from jsonb_array_elements(problems) as p);
  end if;
end $$;

grant execute on function private.shape_problems, private.plan_problems, private.check_plan_content
  to authenticated, service_role;
grant execute on function public.validate_plan_content to authenticated, service_role;

-- Workout plans: the rules of their content, the workout that is next, and what generating and adapting a plan needs.

-- The rules of workout plan content -----------------------------------------------------------------------------------

-- The fields of a workout plan's content: object, field, type, required, nullable, low, high, pattern.
create function private.workout_plan_fields() returns setof private.content_rule
language sql immutable rows 22 set search_path = '' as $$
  values
    ('content', 'days', 'array', true, false, 1::numeric, 14::numeric, null),
    ('content', 'deload_weeks', 'array', false, false, 0, 52, null),
    -- Not only white space, as in private.is_nonblank.
    ('day', 'name', 'string', true, false, 1, 80,
      '[^\u0009-\u000d\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]'),
    ('day', 'weekday', 'integer', false, true, 1, 7, null),
    ('day', 'exercises', 'array', true, false, 1, 30, null),
    ('exercise', 'exercise_id', 'string', true, false, 36, 36, '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'),
    ('exercise', 'superset_group', 'string', false, true, 1, 8, null),
    ('exercise', 'rest_seconds', 'integer', false, true, 0, 3600, null),
    ('exercise', 'notes', 'string', false, false, 0, 500, null),
    ('exercise', 'progression', 'object', false, false, null, null, null),
    ('exercise', 'sets', 'array', true, false, 1, 20, null),
    ('progression', 'kind', 'string', true, false, 1, 20, '^(double_progression|linear|percent_e1rm|none)$'),
    ('progression', 'increment_kg', 'number', false, false, 0.1, 50, null),
    ('set', 'set_type', 'string', true, false, 1, 20, '^(warmup|working|drop|failure|amrap)$'),
    ('set', 'reps_min', 'integer', false, true, 1, 1000, null),
    ('set', 'reps_max', 'integer', false, true, 1, 1000, null),
    ('set', 'weight_kg', 'number', false, true, 0, 1000, null),
    ('set', 'percent_e1rm', 'number', false, true, 1, 120, null),
    ('set', 'rir', 'integer', false, true, 0, 10, null),
    ('set', 'duration_seconds', 'integer', false, true, 1, 86400, null),
    ('set', 'distance_m', 'number', false, true, 1, 1000000, null),
    ('set', 'tempo', 'string', false, true, 4, 4, '^[0-9X]{4}$')
$$;

-- Every object of the content with its place, so that private.shape_problems checks all at once.
create function private.workout_plan_objects(content jsonb) returns setof private.content_object
language sql immutable rows 500 set search_path = '' as $$
  with days as (
    select jsonb_build_array('days', d.n - 1) as loc, d.value
      from jsonb_path_query(content, 'lax $.days[*]') with ordinality as d (value, n)),
  exercises as (
    select days.loc || jsonb_build_array('exercises', e.n - 1) as loc, e.value
      from days, jsonb_path_query(days.value, 'lax $.exercises[*]') with ordinality as e (value, n))
  select 'content', '[]'::jsonb, content
  union all select 'day', loc, value from days
  union all select 'exercise', loc, value from exercises
  union all select 'progression', loc || '["progression"]', value -> 'progression' from exercises
    where jsonb_typeof(value -> 'progression') = 'object'
  union all select 'set', e.loc || jsonb_build_array('sets', s.n - 1), s.value
    from exercises as e, jsonb_path_query(e.value, 'lax $.sets[*]') with ordinality as s (value, n)
$$;

-- Contents of the right shape that nobody can train by: unknown exercises, and fields that are missing, do not belong
-- to the kind of exercise, or contradict each other.
create function private.workout_plan_sense_problems(content jsonb, owner uuid, plan_id uuid)
returns table (loc jsonb, message text, type text)
language sql stable set search_path = '' as $$
  with planned as materialized (
    select jsonb_build_array('days', d.n - 1, 'exercises', p.n - 1) as loc, p.value, e.id, e.kind, e.hidden_at,
           coalesce(p.value #>> '{progression,kind}', 'none') as progression
      from jsonb_array_elements(content -> 'days') with ordinality as d (value, n)
        cross join lateral jsonb_array_elements(d.value -> 'exercises') with ordinality as p (value, n)
        left join public.exercises as e
          on e.id = (p.value ->> 'exercise_id')::uuid and (e.user_id is null or e.user_id = owner)),
  sets as materialized (
    select p.loc || jsonb_build_array('sets', s.n - 1) as loc, s.value, p.kind, p.progression,
           s.value ->> 'set_type' in ('failure', 'amrap') as open_ended
      from planned as p cross join lateral jsonb_array_elements(p.value -> 'sets') with ordinality as s (value, n)),
  -- A planned set has the measures of a logged one. percent_e1rm goes with kinds that have repetitions and a weight.
  fields as materialized (
    select m.kind, f.field, m.necessity
      from private.kind_measures() as m join (values ('reps', 'reps_min'), ('reps', 'reps_max'), ('weight', 'weight_kg'),
        ('duration_seconds', 'duration_seconds'), ('distance_m', 'distance_m')) as f (measure, field) using (measure)
    union all
    select m.kind, 'percent_e1rm', 'optional' from private.kind_measures() as m
     where m.measure in ('reps', 'weight') group by m.kind having count(*) = 2)
  -- Each version is read once, and only when an exercise is hidden.
  select loc || '["exercise_id"]', 'is not an exercise you can use', 'unknown_exercise' from planned
   where id is null or (hidden_at is not null and to_jsonb(id) not in (
     select jsonb_path_query(v.content, '$.days[*].exercises[*].exercise_id')
       from public.plan_versions as v where v.plan_id = workout_plan_sense_problems.plan_id))
  union all
  select loc || '["progression","increment_kg"]', 'is required for this progression', 'missing' from planned
   where progression in ('double_progression', 'linear') and value #> '{progression,increment_kg}' is null
  union all
  select loc || '["progression","increment_kg"]', 'does not belong to this progression', 'extra_forbidden' from planned
   where progression in ('percent_e1rm', 'none') and value #> '{progression,increment_kg}' is not null
  union all
  select loc || '["reps_min"]', 'must not be above reps_max', 'value_error' from sets
   where (value ->> 'reps_min')::numeric > (value ->> 'reps_max')::numeric
  union all
  select loc || '["percent_e1rm"]', 'does not go with weight_kg', 'value_error' from sets
   where value ->> 'percent_e1rm' is not null and value ->> 'weight_kg' is not null
  union all
  select loc || '["percent_e1rm"]', 'is required for this progression', 'missing' from sets
   where progression = 'percent_e1rm' and value ->> 'set_type' <> 'warmup' and value ->> 'percent_e1rm' is null
  union all
  select s.loc || to_jsonb(f.field), 'is required for this kind of exercise', 'missing'
    from sets as s join fields as f on f.kind = s.kind and f.necessity = 'required'
   where f.field in ('reps_max', 'duration_seconds') and s.value ->> f.field is null and not s.open_ended
  union all
  select loc || '["distance_m"]', 'or duration_seconds is required for this kind of exercise', 'missing' from sets
   where kind in (select f.kind from fields as f where f.necessity = 'either')
     and value ->> 'distance_m' is null and value ->> 'duration_seconds' is null
  union all
  select s.loc || to_jsonb(n.field), 'does not belong to this kind of exercise', 'extra_forbidden'
    from sets as s cross join (select distinct f.field from fields as f) as n
   where s.kind is not null and s.value ->> n.field is not null
     and not exists (select from fields as f where f.kind = s.kind and f.field = n.field)
  union all
  select jsonb_build_array('deload_weeks', w.n - 1), 'must be different whole weeks from 1 to 52', 'value_error'
    from (select value, n, row_number() over (partition by value order by n) as time
            from jsonb_array_elements(content -> 'deload_weeks') with ordinality as w (value, n)) as w
   where w.time > 1 or case when jsonb_typeof(w.value) <> 'number' then true
                            when w.value::numeric not between 1 and 52 then true
                            else w.value::numeric % 1 <> 0 or scale(w.value::numeric) > 20 end
$$;

-- Raises PT422 for an exercise that the person cannot do, unless it is in `base`, an earlier content of the plan.
create function private.check_planned_exercises(owner uuid, content jsonb, base jsonb) returns void
language plpgsql stable set search_path = '' as $$
declare
  problems jsonb;
begin
  select jsonb_agg(jsonb_build_object('loc', '["content"]' || o.loc || '["exercise_id"]',
           'message', 'is not an exercise that this person can do', 'type', 'unknown_exercise')) into problems
    from private.workout_plan_objects(content) as o
   where o.object = 'exercise'
     and coalesce(o.value -> 'exercise_id', 'null') not in (
       select to_jsonb(e.id) from private.exercise_candidates(owner) as e
       union all select jsonb_path_query(base, '$.days[*].exercises[*].exercise_id'));
  if problems is not null then
    raise sqlstate 'PT422' using message = 'The plan is not sound.', detail = problems::text;
  end if;
end $$;

-- Raises PT422 when the person cannot do what is proposed, or a change rests on a set that is not theirs.
create function private.check_workout_proposal(owner uuid, base jsonb, proposal public.plan_proposals) returns void
language plpgsql stable set search_path = '' as $$
begin
  perform private.check_planned_exercises(owner, proposal.content, base);
  if exists (
    select from jsonb_path_query(proposal.changes, '$[*].evidence[*] ? (@.type() == "string")') as e (id)
     where not exists (select from public.sets as s where s.id = (e.id #>> '{}')::uuid and s.user_id = owner)) then
    raise sqlstate 'PT422' using message = 'A change rests on a set that is not there.';
  end if;
end $$;

-- Past and next workouts ----------------------------------------------------------------------------------------------

-- The work sets of the 20 newest workouts with an exercise, oldest first, each with the day and the version of the plan
-- that the workout followed.
create function private.exercise_sessions(owner uuid, exercise_id uuid) returns jsonb
language sql stable set search_path = '' as $$
  select coalesce(jsonb_agg(jsonb_build_object('local_date', w.local_date, 'logged_at', w.created_at, 'plan_id', w.plan_id,
           'plan_version', w.plan_version, 'plan_day', w.plan_day, 'sets', l.sets) order by d.started_at, d.workout_id), '[]')
    from (select distinct s.started_at, s.workout_id from public.sets as s
           where s.user_id = owner and s.exercise_id = $2 and s.set_type in ('working', 'failure', 'amrap')
           order by s.started_at desc, s.workout_id desc limit 20) as d
      join public.workouts as w on w.id = d.workout_id
      cross join lateral (
        select jsonb_agg(jsonb_build_object('id', s.id, 'set_type', s.set_type, 'reps', s.reps,
                 'weight_kg', s.weight_kg, 'duration_seconds', s.duration_seconds,
                 'distance_m', s.distance_m, 'e1rm_kg', s.e1rm_kg)
                 order by s.exercise_position, s.position) as sets
          from public.sets as s
         where s.workout_id = d.workout_id and s.exercise_id = $2
           and s.set_type in ('working', 'failure', 'amrap')) as l
$$;

-- What a plan prescribes for an exercise, to compare versions by.
create function private.prescription(exercise jsonb) returns jsonb
language sql immutable set search_path = '' as $$
  select jsonb_build_array(exercise -> 'exercise_id', exercise -> 'sets', exercise -> 'progression')
$$;

-- Since when a plan has prescribed its exercises with these sets and this progression: {"version", "at"} for each
-- exercise of each day, null where it always has (in the newest 30 versions). Earlier workouts followed another
-- prescription.
create function private.prescribed_since(plan_id uuid) returns jsonb
language sql stable set search_path = '' as $$
  with newest as materialized (
    select v.version, v.created_at, v.content from public.plan_versions as v
     where v.plan_id = prescribed_since.plan_id order by v.version desc limit 30),
  prescribed as materialized (
    select distinct v.version, private.prescription(e.value) as prescription
      from newest as v, jsonb_path_query(v.content, '$.days[*].exercises[*]') as e (value)),
  planned as materialized (
    select d.n as day, e.n as place, private.prescription(e.value) as prescription
      from (select v.content from newest as v order by v.version desc limit 1) as v,
        jsonb_array_elements(v.content -> 'days') with ordinality as d (value, n),
        jsonb_array_elements(d.value -> 'exercises') with ordinality as e (value, n)),
  -- There may be hundreds of exercises in 30 versions: each is looked up once, in all versions together.
  since as (
    select p.prescription, max(v.version) + 1 as version
      from (select distinct p.prescription from planned as p) as p cross join newest as v
     where not exists (select from prescribed as a where a.version = v.version and a.prescription = p.prescription)
     group by p.prescription),
  days as (
    select p.day, jsonb_agg(case when s.version is not null
               then jsonb_build_object('version', s.version, 'at', v.created_at) end order by p.place) as answers
      from planned as p left join since as s on s.prescription = p.prescription left join newest as v on v.version = s.version
     group by p.day)
  select jsonb_agg(d.answers order by d.day) from days as d
$$;

-- Everything that GET /workouts/next computes from: the active plan, the day that is next, and for each exercise of
-- that day its last sessions (private.exercise_sessions) and since when the plan has prescribed it in this way. Null
-- without an active plan.
create function public.next_workout() returns jsonb
language sql stable set search_path = '' as $$
  with plan as materialized (
    select p.id, p.name, p.version, p.content, jsonb_array_length(p.content -> 'days') as days
      from public.plans as p where p.user_id = (select auth.uid()) and p.kind = 'workout' and p.status = 'active'),
  followed as (
    select min(w.local_date) as first_on, count(*) as workouts,
           (array_agg(w.plan_day order by w.started_at desc, w.id desc) filter (where w.plan_day < p.days))[1] as last_day
      from plan as p join public.workouts as w on w.plan_id = p.id and w.user_id = (select auth.uid())),
  next as materialized (
    select p.*, f.first_on, coalesce((f.last_day + 1) % p.days, 0) as day from plan as p, followed as f),
  planned as (
    select distinct (e.value ->> 'exercise_id')::uuid as id
      from next as n, jsonb_array_elements(n.content -> 'days' -> n.day -> 'exercises') as e)
  select jsonb_build_object('plan_id', n.id, 'plan_name', n.name, 'plan_version', n.version, 'plan_day', n.day,
      'content', n.content -> 'days' -> n.day, 'deload_weeks', coalesce(n.content -> 'deload_weeks', '[]'),
      'prescribed_since', private.prescribed_since(n.id) -> n.day,
      'first_on', n.first_on, 'weight_unit', u.weight_unit, 'load_steps_kg', u.load_steps_kg,
      'today', (now() at time zone u.timezone)::date,
      'exercises', coalesce((
        select jsonb_object_agg(e.id, jsonb_build_object('name', e.name, 'kind', e.kind, 'equipment', e.equipment,
          'sessions', private.exercise_sessions(u.id, e.id)))
          from planned as x join public.exercises as e on e.id = x.id), '{}'))
    from next as n join public.users as u on u.id = (select auth.uid())
$$;

-- Generating and adapting plans ---------------------------------------------------------------------------------------

-- POST /plans/generate: the new job, or an open one with the same request. `request` is JSON as text, which the job
-- reads.
create function public.generate_plan(request text) returns jsonb
language plpgsql set search_path = '' as $$
declare
  -- Enqueue first, so that a guest gets the error for guests. An incomplete profile raises and rolls this back.
  job constant jsonb := public.enqueue_job('generate_plan', jsonb_build_object('request', request),
    'generate_plan ' || md5(request));
  missing jsonb;
begin
  select jsonb_agg(jsonb_build_object('loc', jsonb_build_array('profile', f.field),
           'message', 'is needed to make a plan', 'type', 'missing')) into missing
    from public.users as u cross join lateral (values
      ('sport', u.sport is null),
      ('experience_level', u.experience_level is null),
      ('days_per_week', u.days_per_week is null and request::jsonb ->> 'days_per_week' is null)) as f (field, is_missing)
   where u.id = (select auth.uid()) and f.is_missing;
  if missing is not null then
    raise sqlstate 'PT422' using message = 'Your profile does not say enough to make a plan.', detail = missing::text;
  end if;
  return job;
end $$;

-- POST /plans/{id}/adapt: the new job, or an open one with the same request; null when there is no such plan.
create function public.adapt_plan(plan_id uuid, reason text default null, pain public.joint[] default '{}') returns jsonb
language plpgsql set search_path = '' as $$
declare
  request constant text := jsonb_build_object('reason', reason, 'pain', coalesce(pain, '{}'))::text;
  empty boolean;
begin
  select p.content is null into empty from public.plans as p
   where p.id = adapt_plan.plan_id and p.kind = 'workout' and p.user_id = (select auth.uid());
  if empty is null then
    return null;
  elsif empty then
    raise sqlstate 'PT409' using message = 'An empty plan cannot be adapted; add content first.';
  end if;
  return public.enqueue_job('adapt_plan', jsonb_build_object('plan_id', plan_id, 'request', request),
    format('adapt_plan %s %s', plan_id, md5(request)));
end $$;

-- Cron: enqueues the weekly adaptation of each active plan whose owner has trained since the last one. Guests get none.
-- Running it twice enqueues nothing more. Returns the number of jobs.
create function public.adapt_plans() returns integer
language plpgsql set search_path = '' as $$
declare
  plan record;
  enqueued integer := 0;
begin
  for plan in
    select p.id, p.user_id, s.seen_at from public.plans as p
      cross join lateral (
        select greatest(p.created_at,
          (select max(o.created_at) from public.plan_proposals as o where o.plan_id = p.id),
          (select max(j.created_at) from public.jobs as j where j.user_id = p.user_id
              and j.kind = 'adapt_plan' and j.input ->> 'plan_id' = p.id::text)) as seen_at) as s
     where p.kind = 'workout' and p.status = 'active'
       -- Half a day early, so that a cron task that runs once a day is not a day late each week.
       and s.seen_at < now() - interval '6 days 12 hours'
       and exists (select from public.workouts as w where w.user_id = p.user_id and w.created_at > s.seen_at)
       and not private.is_guest(p.user_id)
     order by p.user_id
  loop
    perform from public.users as u where u.id = plan.user_id for no key update;
    continue when not found; -- the account has been deleted meanwhile
    continue when (select count(*) from public.jobs as j
                    where j.user_id = plan.user_id and j.status in ('queued', 'running')) >= 5;
    insert into public.jobs (user_id, kind, input, dedupe_key)
    select plan.user_id, 'adapt_plan',
           jsonb_build_object('plan_id', plan.id, 'request', '{}'), format('adapt_plan %s weekly', plan.id)
     -- A concurrent run may have enqueued it.
     where not exists (select from public.jobs as j where j.user_id = plan.user_id and j.kind = 'adapt_plan'
                          and j.input ->> 'plan_id' = plan.id::text and j.created_at > plan.seen_at);
    if found then
      enqueued := enqueued + 1;
    end if;
  end loop;
  return enqueued;
end $$;
comment on function public.adapt_plans is 'For the cron task; only the service role may call it.';

-- For the worker ------------------------------------------------------------------------------------------------------

-- What generating a plan needs: the person, the exercises that they can do, and as `made` the plan that an earlier
-- attempt of the job has stored.
create function public.plan_context(job_id uuid, attempt integer) returns jsonb
language plpgsql set search_path = '' as $$
declare
  owner constant uuid := private.assert_lease(plan_context.job_id, attempt);
begin
  return (select jsonb_build_object(
    'person', jsonb_build_object('sport', u.sport, 'experience_level', u.experience_level,
      'days_per_week', u.days_per_week, 'goals', u.goals, 'equipment', u.equipment, 'injuries', u.injuries,
      'weight_unit', u.weight_unit, 'load_steps_kg', u.load_steps_kg),
    'exercises', coalesce((
      select jsonb_agg(private.exercise_facts(e) || jsonb_build_object('is_favourite', p.id is not null)
               order by e.slug, e.id)
        from private.exercise_candidates(owner) as e
          left join public.exercise_preferences as p
            on p.user_id = owner and p.exercise_id = e.id and p.kind = 'favourite'), '[]'),
    'made', (select jsonb_build_object('content', v.content, 'source', p.source, 'model', p.model)
               from public.plans as p join public.plan_versions as v on v.plan_id = p.id and v.version = 1
              where p.id = plan_context.job_id and p.user_id = owner))
    from public.users as u where u.id = owner);
end $$;

-- Everything that adapting a plan of the job's owner needs; null when there is no such plan, or it is empty.
create function public.adaptation_context(job_id uuid, attempt integer, plan_id uuid) returns jsonb
language plpgsql set search_path = '' as $$
declare
  owner constant uuid := private.assert_lease(adaptation_context.job_id, attempt);
begin
  return (
    with followed as materialized (
      select w.local_date, w.plan_day from public.workouts as w where w.plan_id = adaptation_context.plan_id),
    planned as (
      select distinct (x.value #>> '{}')::uuid as id
        from public.plans as p, jsonb_path_query(p.content, '$.days[*].exercises[*].exercise_id') as x (value)
       where p.id = adaptation_context.plan_id and p.kind = 'workout' and p.user_id = owner)
    select jsonb_build_object(
        'plan_id', p.id, 'plan_name', p.name, 'version', p.version, 'content', p.content,
        'days_per_week', p.days_per_week, 'prescribed_since', private.prescribed_since(p.id),
        'first_on', (select min(f.local_date) from followed as f),
        'workouts', (select coalesce(jsonb_agg(f.local_date order by f.local_date), '[]') from followed as f
                      where f.local_date > current_date - 70),
        'last_on', (select max(w.local_date) from public.workouts as w where w.user_id = owner),
        'today', (now() at time zone u.timezone)::date,
        'weight_unit', u.weight_unit, 'load_steps_kg', u.load_steps_kg, 'experience_level', u.experience_level,
        'injuries', u.injuries,
        'excluded', (select coalesce(jsonb_agg(r.exercise_id), '[]') from public.exercise_preferences as r
                      where r.user_id = owner and r.kind = 'excluded'),
        'exercises', (
          select coalesce(jsonb_object_agg(e.id, private.exercise_facts(e) ||
                   jsonb_build_object('sessions', private.exercise_sessions(owner, e.id))), '{}')
            from planned as x join public.exercises as e on e.id = x.id and (e.user_id is null or e.user_id = owner)),
        'candidates', (
          select coalesce(jsonb_agg(private.exercise_facts(e) ||
                   jsonb_build_object('is_favourite', r.id is not null) order by e.slug, e.id), '[]')
            from private.exercise_candidates(owner) as e
              left join public.exercise_preferences as r
                on r.user_id = owner and r.exercise_id = e.id and r.kind = 'favourite'),
        'proposals', (
          select coalesce(jsonb_agg(jsonb_build_object('status', o.status, 'changes', o.changes,
                   'on', (coalesce(o.decided_at, o.created_at) at time zone u.timezone)::date) order by o.decided_at), '[]')
            from (select * from public.plan_proposals as o where o.plan_id = p.id and o.status in ('accepted', 'rejected')
                   order by o.decided_at desc limit 20) as o))
      from public.plans as p join public.users as u on u.id = p.user_id
     where p.id = adaptation_context.plan_id and p.kind = 'workout' and p.user_id = owner and p.content is not null);
end $$;

grant execute on function private.workout_plan_fields, private.workout_plan_objects, private.workout_plan_sense_problems,
  private.exercise_sessions, private.prescription, private.prescribed_since to authenticated, service_role;
grant execute on function private.check_planned_exercises, private.check_workout_proposal to service_role;
grant execute on function public.next_workout, public.generate_plan, public.adapt_plan to authenticated;
grant execute on function public.adapt_plans, public.plan_context, public.adaptation_context to service_role;

-- Completed workouts with their sets, and the ids of workouts that were deleted.
create table public.workouts (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null default auth.uid() references auth.users on delete cascade,
  client_id uuid not null,
  request_hash bytea not null,
  source public.workout_source not null default 'app',
  import_id uuid,
  plan_id uuid,
  plan_version integer,
  plan_day smallint,
  name text,
  started_at timestamptz not null,
  ended_at timestamptz,
  timezone text not null,
  local_date date not null generated always as ((started_at at time zone timezone)::date) stored,
  perceived_exertion smallint,
  notes text,
  award_round integer not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint workouts_once unique (user_id, client_id),
  constraint workouts_id_of_owner unique (id, user_id),
  constraint workouts_plan_of_owner foreign key (plan_id, user_id) references public.plans (id, user_id)
    on delete set null (plan_id),
  constraint workouts_plan_version_range check (plan_version >= 1),
  constraint workouts_plan_day_range check (plan_day between 0 and 13),
  constraint workouts_name_length check (private.is_nonblank(name, 120)),
  constraint workouts_notes_length check (private.is_nonblank(notes, 2000)),
  constraint workouts_timezone_known check (private.is_timezone(timezone)),
  constraint workouts_started_at_range check (started_at >= '1970-01-01' and started_at < '2200-01-01'),
  constraint workouts_ended_at_after_start check (ended_at >= started_at),
  constraint workouts_ended_at_within_a_day check (ended_at <= started_at + interval '24 hours'),
  constraint workouts_perceived_exertion_range check (perceived_exertion between 1 and 10)
);
comment on table public.workouts is 'Completed training sessions.';
comment on column public.workouts.client_id is
  'Made by the client for each session: logging it again returns the same workout.';
comment on column public.workouts.request_hash is
  'SHA-256 of the request that logged it, to tell the same request from another one with the same client_id.';
comment on column public.workouts.local_date is 'The calendar day on which it began, in its time zone.';
comment on column public.workouts.import_id is 'The job that imported it, so that a repeated job recognises its own.';
comment on column public.workouts.award_round is
  'The round of its affinity events that counts; raised when an edit changes what the workout earns.';

create index workouts_owner on public.workouts (user_id, started_at desc, id desc);
create index workouts_days on public.workouts (user_id, local_date) include (started_at, ended_at);
create index workouts_of_plan on public.workouts (plan_id, user_id) where plan_id is not null;

revoke all on public.workouts from anon, authenticated;
grant select on public.workouts to authenticated;

alter table public.workouts enable row level security;
create policy "People read their own workouts" on public.workouts
  for select to authenticated using ((select auth.uid()) = user_id);

create trigger workouts_set_updated_at before update on public.workouts
  for each row execute function private.set_updated_at();

-- Sets. The load is stored as it was entered; kilograms and the estimated one-repetition maximum are generated from it
-- and computed nowhere else. Name and kind of the exercise are stored as they were, so that history stays readable.
create table public.sets (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references auth.users on delete cascade,
  workout_id uuid not null,
  exercise_id uuid not null references public.exercises,
  exercise_name text not null,
  kind public.exercise_kind not null,
  exercise_position smallint not null,
  position smallint not null,
  superset_group text,
  exercise_notes text,
  set_type public.set_type not null,
  side public.set_side,
  reps smallint,
  entered_value numeric,
  entered_unit public.weight_unit,
  rpe numeric(3, 1),
  rir smallint,
  duration_seconds integer,
  distance_m numeric(9, 2),
  started_at timestamptz not null,
  local_date date not null,
  weight_kg numeric(7, 3) generated always as (case when kind <> 'assisted' then
    entered_value * case entered_unit when 'lb' then 0.45359237 else 1 end end) stored,
  assist_kg numeric(7, 3) generated always as (case when kind = 'assisted' then
    entered_value * case entered_unit when 'lb' then 0.45359237 else 1 end end) stored,
  -- Epley (1985): weight × (1 + reps / 30), from 2 to 12 repetitions. One repetition is its own maximum; more than 12
  -- say little about it.
  e1rm_kg numeric(7, 3) generated always as (case when kind = 'weight_reps' and set_type <> 'warmup' then
    case when reps = 1 then round(entered_value * case entered_unit when 'lb' then 0.45359237 else 1 end, 3)
         when reps between 2 and 12 then
           round(entered_value * case entered_unit when 'lb' then 0.45359237 else 1 end, 3) * (30 + reps) / 30
    end end) stored,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint sets_workout_of_owner foreign key (workout_id, user_id) references public.workouts (id, user_id)
    on delete cascade,
  constraint sets_place_once unique (workout_id, exercise_position, position),
  constraint sets_positions_range check (exercise_position between 0 and 49 and position between 0 and 99),
  constraint sets_exercise_name_length check (private.is_nonblank(exercise_name, 120)),
  constraint sets_superset_group_length check (private.is_nonblank(superset_group, 8)),
  constraint sets_exercise_notes_length check (private.is_nonblank(exercise_notes, 500)),
  constraint sets_reps_range check (reps between 1 and 1000),
  -- At most 1000 kg in either unit, with at most three decimals.
  constraint sets_entered_value_range check (entered_value >= 0 and scale(entered_value) <= 3
    and entered_value * case entered_unit when 'lb' then 0.45359237 else 1 end <= 1000),
  constraint sets_entered_unit_with_value check ((entered_value is null) = (entered_unit is null)),
  constraint sets_rpe_range check (rpe between 1 and 10 and rpe * 2 = trunc(rpe * 2)),
  constraint sets_rir_range check (rir between 0 and 10),
  constraint sets_duration_seconds_range check (duration_seconds between 1 and 86400),
  constraint sets_distance_m_range check (distance_m between 0.01 and 1000000),
  -- The same as private.kind_measures(), written out because it runs for every set. supabase/tests/sets.sql compares
  -- them.
  constraint sets_fields_of_kind check (case kind
    when 'weight_reps' then reps is not null and entered_value is not null and duration_seconds is null
      and distance_m is null
    when 'reps' then reps is not null and entered_value is null and duration_seconds is null and distance_m is null
    when 'bodyweight_reps' then reps is not null and duration_seconds is null and distance_m is null
    when 'assisted' then reps is not null and entered_value is not null and duration_seconds is null
      and distance_m is null
    when 'duration' then duration_seconds is not null and reps is null and entered_value is null and distance_m is null
    when 'weight_duration' then duration_seconds is not null and entered_value is not null and reps is null
      and distance_m is null
    when 'distance_duration' then (duration_seconds is not null or distance_m is not null) and reps is null
    else false end)
);
comment on table public.sets is 'Sets of completed workouts.';
comment on column public.sets.entered_value is
  'The load (for assisted exercises, the assistance) as entered, in entered_unit.';
comment on column public.sets.exercise_notes is 'The person''s notes on the exercise; only its first set has them.';
comment on column public.sets.started_at is 'When the workout began. History is read in this order.';

create index sets_owner on public.sets (user_id, local_date);
-- Includes all columns that records and statistics read: some hundred pages of this index instead of thousands of pages
-- of the table.
create index sets_history on public.sets (user_id, exercise_id, started_at desc)
  include (workout_id, local_date, set_type, reps, weight_kg, assist_kg, e1rm_kg, duration_seconds, distance_m);
create index sets_of_exercise on public.sets (exercise_id);

revoke all on public.sets from anon, authenticated;
grant select on public.sets to authenticated;

alter table public.sets enable row level security;
create policy "People read their own sets" on public.sets
  for select to authenticated using ((select auth.uid()) = user_id);

create trigger sets_set_updated_at before update on public.sets
  for each row execute function private.set_updated_at();

-- Workouts that a person deleted. A phone that was offline may send one again much later, and it must stay deleted.
-- Only the client's id is stored, nothing of the training.
create table public.deleted_workouts (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references auth.users on delete cascade,
  client_id uuid not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint deleted_workouts_once unique (user_id, client_id)
);
comment on table public.deleted_workouts is 'Client ids of deleted workouts, which a phone must not log again.';

create index deleted_workouts_owner on public.deleted_workouts (user_id, created_at desc, id desc);

revoke all on public.deleted_workouts from anon, authenticated;
grant select on public.deleted_workouts to authenticated;

alter table public.deleted_workouts enable row level security;
create policy "People read which workouts they deleted" on public.deleted_workouts
  for select to authenticated using ((select auth.uid()) = user_id);

create trigger deleted_workouts_set_updated_at before update on public.deleted_workouts
  for each row when (old.* is distinct from new.*) execute function private.set_updated_at();

create function private.keep_deleted_workout() returns trigger
language plpgsql set search_path = '' as $$
begin
  insert into public.deleted_workouts (user_id, client_id) values (old.user_id, old.client_id)
  on conflict on constraint deleted_workouts_once do nothing;
  return null;
end $$;
-- Not when the account is deleted: then the foreign key deletes the workouts, from within a trigger.
create trigger workouts_keep_deleted after delete on public.workouts
  for each row when (pg_trigger_depth() = 0) execute function private.keep_deleted_workout();

-- A deleted workout that is logged again is refused. An imported one is wanted again.
create function private.check_deleted_workout() returns trigger
language plpgsql set search_path = '' as $$
begin
  if new.source = 'import' then
    delete from public.deleted_workouts as d where d.user_id = new.user_id and d.client_id = new.client_id;
  elsif exists (select from public.deleted_workouts as d where d.user_id = new.user_id and d.client_id = new.client_id) then
    raise sqlstate 'PT409' using message = 'You deleted this workout; log it under another client_id to have it again.';
  end if;
  return new;
end $$;
create trigger workouts_check_deleted before insert on public.workouts
  for each row execute function private.check_deleted_workout();

-- Personal records, read from the sets whenever they are asked for.

-- What each set can be a record in. Warm-ups never count. `at_kg` is the load (or assistance) that most_reps is counted
-- at; other kinds have none.
create view private.record_candidates with (security_invoker = true) as
  select s.id as set_id, s.user_id, s.workout_id, s.exercise_id, s.exercise_name, s.started_at, s.local_date,
         m.kind::public.record_kind as kind, m.value, m.at_kg
    from public.sets as s
      cross join lateral (values
        ('heaviest', nullif(s.weight_kg, 0), null::numeric),
        ('e1rm', nullif(s.e1rm_kg, 0), null),
        ('most_reps', s.reps, coalesce(s.weight_kg, s.assist_kg, 0)),
        ('longest', s.duration_seconds, null),
        ('farthest', s.distance_m, null)) as m (kind, value, at_kg)
   where s.set_type <> 'warmup' and m.value is not null;
comment on view private.record_candidates is
  'What each set can be a record in: kind, value (kg, repetitions, s or m), and for most_reps the load.';

grant select on private.record_candidates to authenticated, service_role;

-- The best values of some exercises before a workout (or, without one, of all time), by the rules of
-- private.record_candidates. Sets of the same load are grouped first: years of training have tens of thousands of sets,
-- but some hundred loads.
create function private.personal_bests(owner uuid, exercises uuid[], before timestamptz default 'infinity',
  before_id uuid default null)
returns table (exercise_id uuid, kind public.record_kind, at_kg numeric, value numeric)
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return query
  with loads as materialized (
    select s.exercise_id, s.weight_kg, s.assist_kg, max(s.reps) as reps, max(s.e1rm_kg) as e1rm_kg,
           max(s.duration_seconds) as duration_seconds, max(s.distance_m) as distance_m
      from public.sets as s
     where s.user_id = owner and s.exercise_id = any (exercises) and s.set_type <> 'warmup'
       and s.started_at <= before and (s.started_at, s.workout_id) < (before, before_id)
     group by s.exercise_id, s.weight_kg, s.assist_kg)
  select l.exercise_id, 'heaviest'::public.record_kind, null::numeric, max(l.weight_kg)::numeric
    from loads as l where l.weight_kg > 0 group by l.exercise_id
  union all
  select l.exercise_id, 'e1rm', null, max(l.e1rm_kg) from loads as l where l.e1rm_kg > 0 group by l.exercise_id
  union all
  select l.exercise_id, 'most_reps', coalesce(l.weight_kg, l.assist_kg, 0), max(l.reps)
    from loads as l where l.reps is not null group by l.exercise_id, coalesce(l.weight_kg, l.assist_kg, 0)
  union all
  select l.exercise_id, 'longest', null, max(l.duration_seconds)
    from loads as l where l.duration_seconds is not null group by l.exercise_id
  union all
  select l.exercise_id, 'farthest', null, max(l.distance_m)
    from loads as l where l.distance_m is not null group by l.exercise_id;
end $$;

-- The records of a workout, by exercise: its best value of a kind, when it beats everything earlier. The first value of
-- a kind is no record, as there was nothing to beat.
create function private.workout_records(owner uuid, workout_id uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return (
    with best as materialized (
      select distinct on (m.exercise_id, m.kind, m.at_kg) m.*
        from private.record_candidates as m
       where m.user_id = owner and m.workout_id = workout_records.workout_id
       order by m.exercise_id, m.kind, m.at_kg, m.value desc, m.set_id),
    earlier as materialized (
      select * from private.personal_bests(owner, array(select distinct b.exercise_id from best as b),
        (select min(b.started_at) from best as b), workout_records.workout_id))
    select coalesce(jsonb_agg(jsonb_build_object('exercise_id', b.exercise_id, 'exercise_name', b.exercise_name,
             'kind', b.kind, 'value', b.value, 'at_kg', b.at_kg, 'previous', e.value, 'set_id', b.set_id)
             order by b.exercise_name, b.exercise_id, b.kind, b.at_kg), '[]')
      from best as b join earlier as e on e.exercise_id = b.exercise_id and e.kind = b.kind
       and e.at_kg is not distinct from b.at_kg
     where b.value > e.value);
end $$;

grant execute on function private.personal_bests, private.workout_records to authenticated, service_role;

-- Logging, changing and deleting workouts: one transaction each, with records and affinity.

-- A workout as the API returns it, with these records. Its sets have the fields that POST /workouts/log accepts, and
-- more.
create function private.workout_document(owner uuid, workout_id uuid, records jsonb) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return (select to_jsonb(w) - array['user_id', 'request_hash', 'import_id', 'award_round'] || jsonb_build_object(
    'exercises', coalesce((
      select jsonb_agg(e.exercise order by e.exercise_position)
        from (select s.exercise_position, jsonb_build_object(
                'exercise_id', s.exercise_id, 'exercise_name', min(s.exercise_name), 'kind', min(s.kind),
                'superset_group', min(s.superset_group), 'notes', min(s.exercise_notes),
                'sets', jsonb_agg(jsonb_build_object(
                  'id', s.id, 'set_type', s.set_type, 'side', s.side, 'reps', s.reps,
                  'weight', case when s.weight_kg is not null then
                    jsonb_build_object('value', s.entered_value, 'unit', s.entered_unit) end,
                  'weight_kg', s.weight_kg,
                  'assist', case when s.assist_kg is not null then
                    jsonb_build_object('value', s.entered_value, 'unit', s.entered_unit) end,
                  'assist_kg', s.assist_kg, 'rpe', s.rpe, 'rir', s.rir, 'duration_seconds', s.duration_seconds,
                  'distance_m', s.distance_m, 'e1rm_kg', s.e1rm_kg) order by s.position)) as exercise
                from public.sets as s where s.workout_id = w.id group by s.exercise_position, s.exercise_id) as e), '[]'),
    'records', records,
    'affinity', jsonb_build_object(
      'score', (select u.affinity_score from public.users as u where u.id = owner),
      'events', coalesce((
        select jsonb_agg(jsonb_build_object('rule', a.rule, 'points', a.points, 'explanation', a.explanation)
                         order by a.created_at, a.id)
          from public.affinity_events as a where a.user_id = owner and a.workout_id = w.id), '[]')))
    from public.workouts as w where w.id = workout_document.workout_id and w.user_id = owner);
end $$;

-- GET /workouts/{id}: null when the caller has no such workout.
create function public.workout(workout_id uuid) returns jsonb
language sql stable set search_path = '' as $$
  select private.workout_document(caller, workout.workout_id, private.workout_records(caller, workout.workout_id))
    from (select auth.uid() as caller) as me
$$;

-- Raises PT422 with one problem at `loc`.
create function private.refuse_workout(loc jsonb, message text, type text) returns void
language plpgsql set search_path = '' as $$
begin
  raise sqlstate 'PT422' using message = 'The workout is not sound.',
    detail = jsonb_build_array(jsonb_build_object('loc', loc, 'message', message, 'type', type));
end $$;

-- Problems of logged exercises: unknown ones, and sets that lack what their kind of exercise needs, or have what does
-- not belong to it (private.kind_measures).
create function private.set_problems(owner uuid, exercises json) returns table (loc jsonb, message text, type text)
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return query
  with logged as materialized (
    select jsonb_build_array('exercises', d.n - 1) as loc, d.value, e.kind
      from json_array_elements(exercises) with ordinality as d (value, n)
        left join public.exercises as e on e.id = (d.value ->> 'exercise_id')::uuid
          and (e.user_id is null or e.user_id = owner)),
  sets as materialized (
    select d.loc || jsonb_build_array('sets', s.n - 1) as loc, s.value, d.kind
      from logged as d cross join lateral json_array_elements(d.value -> 'sets') with ordinality as s (value, n)
     where d.kind is not null and json_array_length(d.value -> 'sets') <= 100),
  fields (field) as (values ('reps'), ('weight'), ('assist'), ('duration_seconds'), ('distance_m')),
  rules as materialized (
    select k.kind, f.field, m.necessity
      from fields as f cross join unnest(enum_range(null::public.exercise_kind)) as k (kind)
        left join private.kind_measures() as m on m.kind = k.kind and m.measure = f.field)
  select loc || '["exercise_id"]', 'is not an exercise you can use', 'unknown_exercise' from logged where kind is null
  union all
  select loc || '["sets"]', 'must have 1 to 100 sets', 'value_error' from logged
   where (json_array_length(value -> 'sets') between 1 and 100) is not true
  union all
  select s.loc || to_jsonb(r.field), 'is required for this kind of exercise', 'missing'
    from sets as s join rules as r on r.kind = s.kind and r.necessity = 'required' where s.value ->> r.field is null
  union all
  select s.loc || to_jsonb(r.field), 'does not belong to this kind of exercise', 'extra_forbidden'
    from sets as s join rules as r on r.kind = s.kind and r.necessity is null where s.value ->> r.field is not null
  union all
  select loc || '["distance_m"]', 'or duration_seconds is required for this kind of exercise', 'missing' from sets
   where kind in (select r.kind from rules as r where r.necessity = 'either')
     and value ->> 'distance_m' is null and value ->> 'duration_seconds' is null;
end $$;

-- Raises PT422 when a session is not valid, before anything is written. Times may be five minutes ahead: phones' clocks
-- are not exact.
create function private.check_workout(owner uuid, payload json) returns void
language plpgsql stable set search_path = '' as $$
declare
  problems jsonb;
  latest constant timestamptz := now() + interval '5 minutes';
  -- Without an offset, a time would be read in the time zone of the connection; so would a word such as "yesterday".
  moment constant text := 'T[0-9:.]+(Z|[+-][0-9]{2}:?[0-9]{2})$';
begin
  if private.is_timezone(payload ->> 'timezone') is not true then
    perform private.refuse_workout('["timezone"]', 'must be an IANA time zone such as Europe/Oslo', 'value_error');
  elsif payload ->> 'started_at' !~ moment then
    perform private.refuse_workout('["started_at"]', 'must be a moment with its offset, such as 2026-03-04T18:00:00Z',
      'value_error');
  elsif payload ->> 'ended_at' !~ moment then
    perform private.refuse_workout('["ended_at"]', 'must be a moment with its offset, such as 2026-03-04T18:00:00Z',
      'value_error');
  elsif (payload ->> 'started_at')::timestamptz > latest then
    perform private.refuse_workout('["started_at"]', 'must not be in the future', 'value_error');
  elsif (payload ->> 'ended_at')::timestamptz > latest then
    perform private.refuse_workout('["ended_at"]', 'must not be in the future', 'value_error');
  elsif (json_array_length(payload -> 'exercises') between 1 and 50) is not true then
    perform private.refuse_workout('["exercises"]', 'must have 1 to 50 items', 'value_error');
  elsif payload ->> 'plan_id' is not null and not exists (
    select from public.plans as p
     where p.id = (payload ->> 'plan_id')::uuid and p.kind = 'workout' and p.user_id = owner) then
    perform private.refuse_workout('["plan_id"]', 'is not a plan of yours', 'unknown_plan');
  end if;
  select jsonb_agg(to_jsonb(p)) into problems
    from (select * from private.set_problems(owner, payload -> 'exercises') limit 20) as p;
  if problems is not null then
    raise sqlstate 'PT422' using message = 'The workout is not sound.', detail = problems;
  end if;
end $$;

-- Writes the sets of a workout; `exercises` as in POST /workouts/log.
create function private.write_sets(workout public.workouts, exercises json) returns void
language plpgsql set search_path = '' as $$
begin
  insert into public.sets (user_id, workout_id, exercise_id, exercise_name, kind, exercise_position, position,
    superset_group, exercise_notes, set_type, side, reps, entered_value, entered_unit, rpe, rir, duration_seconds,
    distance_m, started_at, local_date)
  select workout.user_id, workout.id, e.id,
    -- An imported set keeps the name that its exercise was logged under.
    case workout.source when 'import' then coalesce(d.value ->> 'exercise_name', e.name) else e.name end,
    e.kind, d.n - 1, s.n - 1,
    d.value ->> 'superset_group', case when s.n = 1 then d.value ->> 'notes' end,
    r.set_type, r.side, r.reps,
    coalesce((r.weight ->> 'value')::numeric, (r.assist ->> 'value')::numeric),
    coalesce(r.weight ->> 'unit', r.assist ->> 'unit')::public.weight_unit,
    r.rpe, r.rir, r.duration_seconds, r.distance_m, workout.started_at, workout.local_date
    from json_array_elements(exercises) with ordinality as d (value, n)
      join public.exercises as e on e.id = (d.value ->> 'exercise_id')::uuid
      cross join lateral json_array_elements(d.value -> 'sets') with ordinality as s (value, n)
      cross join lateral json_to_record(s.value) as r (set_type public.set_type, side public.set_side, reps smallint,
        weight json, assist json, rpe numeric, rir smallint, duration_seconds integer, distance_m numeric);
end $$;

-- Writes a session and its sets; null when the person already has a workout with this client_id.
create function private.write_workout(owner uuid, payload json, hash bytea, source public.workout_source, import_id uuid)
returns public.workouts
language plpgsql set search_path = '' as $$
declare
  workout public.workouts;
  fields record;
begin
  perform private.check_workout(owner, payload);
  select * into fields from json_to_record(payload) as r (client_id uuid, plan_id uuid, plan_day smallint, name text,
    started_at timestamptz, ended_at timestamptz, timezone text, perceived_exertion smallint, notes text,
    plan_version integer);
  insert into public.workouts (user_id, client_id, request_hash, source, import_id, plan_id, plan_version, plan_day,
    name, started_at, ended_at, timezone, perceived_exertion, notes, created_at)
  values (owner, fields.client_id, hash, write_workout.source, write_workout.import_id, fields.plan_id,
    case write_workout.source when 'import' then fields.plan_version else (
      select nullif(p.version, 0) from public.plans as p where p.id = fields.plan_id) end, fields.plan_day, fields.name,
    fields.started_at, fields.ended_at, fields.timezone, fields.perceived_exertion, fields.notes, clock_timestamp())
  on conflict on constraint workouts_once do nothing
  returning * into workout;
  if workout.id is not null then
    perform private.write_sets(workout, payload -> 'exercises');
  end if;
  return workout;
end $$;

-- POST /workouts/log: {"replayed": whether it had been logged before, "workout": …}.
-- Definer, like all functions that write workouts: people may not write the tables, so that records and affinity always
-- follow. Each function binds itself to auth.uid().
create function public.log_workout(payload json) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  caller constant uuid := auth.uid();
  hash constant bytea := sha256(convert_to(payload::text, 'UTF8'));
  earlier public.workouts;
  workout public.workouts;
  records jsonb;
begin
  -- Lock the person: whether a workout is the first of its day, or has a record, depends on their other workouts.
  perform from public.users as u where u.id = caller for no key update;
  if not found then
    raise sqlstate 'PT401' using message = 'There is no such account.';
  end if;
  select * into earlier from public.workouts as w
   where w.user_id = caller and w.client_id = (payload ->> 'client_id')::uuid;
  if found then
    if earlier.request_hash <> hash then
      raise sqlstate 'PT409' using message = 'This client_id was used for a different workout.';
    end if;
    return jsonb_build_object('replayed', true, 'workout',
      private.workout_document(caller, earlier.id, private.workout_records(caller, earlier.id)));
  end if;
  workout := private.write_workout(caller, payload, hash, 'app', null);
  records := private.workout_records(caller, workout.id);
  perform private.recompute_workout_awards(workout, records);
  perform private.recompute_week_award(caller, date_trunc('week', workout.local_date)::date, workout.id, false);
  return jsonb_build_object('replayed', false, 'workout', private.workout_document(caller, workout.id, records));
end $$;

-- The owner's workout, after locking first the person and then it; empty when there is none. Raises PT412 when it is in
-- none of the expected states.
create function private.lock_workout(owner uuid, workout_id uuid, unchanged_since timestamptz[])
returns public.workouts
language plpgsql set search_path = '' as $$
declare
  workout public.workouts;
begin
  perform from public.users as u where u.id = owner for no key update;
  select * into workout from public.workouts as w
   where w.id = lock_workout.workout_id and w.user_id = owner for update;
  if workout.id is not null and workout.updated_at <> all (unchanged_since) then
    raise sqlstate 'PT412' using message = 'It has changed.';
  end if;
  return workout;
end $$;

-- PUT /workouts/{id}: the workout after the change, null when the caller has none. It keeps the points of a planned day
-- when its plan has been deleted since. What others earn on the day that it leaves, and on the one it moves to, is
-- recomputed.
create function public.update_workout(workout_id uuid, payload json, unchanged_since timestamptz[] default null)
returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  caller constant uuid := auth.uid();
  old_workout constant public.workouts := private.lock_workout(caller, update_workout.workout_id, unchanged_since);
  new_workout public.workouts;
  records jsonb;
begin
  if old_workout.id is null then
    return null;
  end if;
  perform private.check_workout(caller, payload);
  update public.workouts as w set
      plan_id = r.plan_id, plan_day = r.plan_day, name = r.name, started_at = r.started_at, ended_at = r.ended_at,
      timezone = r.timezone, perceived_exertion = r.perceived_exertion, notes = r.notes,
      plan_version = case when r.plan_id is not distinct from old_workout.plan_id then old_workout.plan_version else (
        select nullif(p.version, 0) from public.plans as p where p.id = r.plan_id) end
    from json_to_record(payload) as r (plan_id uuid, plan_day smallint, name text, started_at timestamptz,
      ended_at timestamptz, timezone text, perceived_exertion smallint, notes text)
   where w.id = old_workout.id returning w.* into new_workout;
  delete from public.sets as s where s.workout_id = old_workout.id;
  perform private.write_sets(new_workout, payload -> 'exercises');
  records := private.workout_records(caller, new_workout.id);
  if old_workout.source = 'app' then
    -- Gains before losses, for the reason given at private.recompute_workout_awards.
    perform private.recompute_first_of_day(new_workout, old_workout.local_date)
      where old_workout.local_date <> new_workout.local_date;
    perform private.recompute_workout_awards(new_workout, records,
      new_workout.plan_id is not distinct from old_workout.plan_id
      and new_workout.plan_day is not distinct from old_workout.plan_day
      and private.has_planned_day_award(old_workout));
    perform private.recompute_first_of_day(new_workout, new_workout.local_date)
      where old_workout.local_date <> new_workout.local_date;
    perform private.recompute_week_award(caller, week, old_workout.id, true)
       from unnest(array[date_trunc('week', old_workout.local_date)::date,
                         date_trunc('week', new_workout.local_date)::date]) as week
      where old_workout.local_date <> new_workout.local_date;
  end if;
  return private.workout_document(caller, old_workout.id, records);
end $$;

-- DELETE /workouts/{id}: true when there was one. Reverses what it had earned.
create function public.delete_workout(workout_id uuid, unchanged_since timestamptz[] default null)
returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  caller constant uuid := auth.uid();
  workout constant public.workouts := private.lock_workout(caller, delete_workout.workout_id, unchanged_since);
  earned_points integer;
begin
  if workout.id is null then
    return false;
  end if;
  select coalesce(sum(e.points), 0) into earned_points from public.affinity_events as e
   where e.user_id = caller and e.workout_id = workout.id and e.round = workout.award_round
     and e.rule in ('workout_logged', 'planned_day', 'personal_record');
  delete from public.workouts as w where w.id = workout.id;
  if workout.source = 'app' then
    -- Gains before losses, for the reason given at private.recompute_workout_awards.
    perform private.recompute_first_of_day(workout, workout.local_date);
  end if;
  if earned_points > 0 then
    perform private.award(caller, 'reversal', -earned_points, 'workout', workout.id::text, workout.award_round, workout.id,
      format('The workout of %s was deleted; this is what it had earned.', to_char(workout.local_date, 'FMDD Mon YYYY')));
  end if;
  if workout.source = 'app' then
    perform private.recompute_week_award(caller, date_trunc('week', workout.local_date)::date, workout.id, true);
  end if;
  return true;
end $$;

-- What a list shows of a workout: {"sets", "volume_kg", "exercises"}; warm-ups do not count.
-- A computed column: `select=*,work_done`. The argument has no name, so that nobody can call it with a made-up workout.
create function public.work_done(public.workouts) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object('sets', coalesce(sum(e.sets), 0), 'volume_kg', coalesce(round(sum(e.volume_kg), 3), 0),
      'exercises', coalesce(jsonb_agg(jsonb_build_object(
        'exercise_id', e.exercise_id, 'exercise_name', e.exercise_name, 'sets', e.sets) order by e.exercise_position), '[]'))
    from (select s.exercise_position, s.exercise_id, s.exercise_name,
                 count(*) filter (where s.set_type <> 'warmup') as sets,
                 sum(s.weight_kg * s.reps) filter (where s.set_type <> 'warmup') as volume_kg
            from public.sets as s where s.workout_id = ($1).id
           group by s.exercise_position, s.exercise_id, s.exercise_name) as e
$$;
comment on function public.work_done is 'Sets and volume of a workout without warm-ups, and its exercises in order.';

grant execute on function private.workout_document to authenticated, service_role;
grant execute on function private.write_workout, private.write_sets, private.check_workout, private.set_problems,
  private.refuse_workout to service_role;
grant execute on function public.workout, public.log_workout, public.update_workout, public.delete_workout, public.work_done
  to authenticated;

-- The affinity ledger: it explains why the companion feels as close as it does. Append-only; users.affinity_score is
-- its sum.
create table public.affinity_events (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references auth.users on delete cascade,
  rule public.affinity_rule not null,
  points integer not null,
  source_type public.affinity_source not null,
  source_id text not null,
  round integer not null default 0,
  workout_id uuid,
  days smallint,
  explanation text not null,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  constraint affinity_events_once unique (user_id, rule, source_type, source_id, round),
  constraint affinity_events_source_id_length check (private.is_nonblank(source_id, 60)),
  constraint affinity_events_explanation_length check (private.is_nonblank(explanation, 300)),
  constraint affinity_events_days_of_week check ((days is not null) = (rule = 'week_streak') and days between 1 and 7),
  constraint affinity_events_points_range check (points between -100000 and 100),
  constraint affinity_events_sign check (case when rule in ('absence', 'reversal') then points <= 0 else points > 0 end)
);
comment on table public.affinity_events is 'Every point of affinity, and why. Append-only; written by functions.';
comment on column public.affinity_events.round is
  'Counts how often the same thing was earned or taken back: after an edit it can be both again.';
comment on column public.affinity_events.days is
  'Of week_streak: the number of days with a workout when it was earned.';
comment on column public.affinity_events.workout_id is
  'The workout that earned or lost it. No foreign key: the ledger outlives workouts.';

create index affinity_events_owner on public.affinity_events (user_id, created_at desc, id desc);
create index affinity_events_of_workout on public.affinity_events (user_id, workout_id) where workout_id is not null;

revoke all on public.affinity_events from anon, authenticated;
-- The server appends too, through private.award, and changes nothing. Events are deleted only with their account.
revoke update, delete, truncate on public.affinity_events from service_role;
grant select on public.affinity_events to authenticated;

alter table public.affinity_events enable row level security;
create policy "People read their own affinity" on public.affinity_events
  for select to authenticated using ((select auth.uid()) = user_id);

-- Append-only for everyone, also for the owner of the table, whom no revoke stops.
create function private.refuse_ledger_update() returns trigger
language plpgsql set search_path = '' as $$
begin
  raise sqlstate 'PT409' using message = 'History is not changed.';
end $$;
create trigger affinity_events_append_only before update on public.affinity_events
  for each row execute function private.refuse_ledger_update();

-- All events are written here: once for each source and round, and never so that the score falls below 0. The caller
-- must have locked the person's row in public.users. True when the event was written.
create function private.award(owner uuid, rule public.affinity_rule, points integer,
  source_type public.affinity_source, source_id text, round integer, workout_id uuid, explanation text,
  days integer default null) returns boolean
language plpgsql set search_path = '' as $$
declare
  counted integer;
begin
  select greatest(award.points, -u.affinity_score) into counted from public.users as u where u.id = owner;
  insert into public.affinity_events (user_id, rule, points, source_type, source_id, round, workout_id, explanation, days)
  values (owner, award.rule, counted, award.source_type, award.source_id, award.round, award.workout_id, award.explanation,
    award.days)
  on conflict on constraint affinity_events_once do nothing;
  if not found then
    return false;
  end if;
  update public.users as u set affinity_score = u.affinity_score + counted where u.id = owner and counted <> 0;
  return true;
end $$;

-- Whether the workout has earned the points of a planned day.
create function private.has_planned_day_award(workout public.workouts) returns boolean
language sql stable set search_path = '' as $$
  select exists (
    select from public.affinity_events as e
     where e.user_id = workout.user_id and e.workout_id = workout.id and e.rule = 'planned_day'
       and e.round = workout.award_round)
$$;

-- What a workout earns by the rules of affinity, most points first. `keeps_planned_day`: it has earned the points of a
-- planned day, and keeps them although its plan has been changed or archived since.
create function private.earned_awards(workout public.workouts, records jsonb, keeps_planned_day boolean)
returns table (rule public.affinity_rule, points integer, source_type public.affinity_source, source_id text,
  explanation text)
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return query
  select 'workout_logged'::public.affinity_rule, case when first then 10 else 2 end,
         'workout'::public.affinity_source, workout.id::text,
         case when first then format('You trained on %s.', to_char(workout.local_date, 'FMDD Mon YYYY'))
              else format('You trained once more on %s.', to_char(workout.local_date, 'FMDD Mon YYYY')) end
    from (select not exists (
            select from public.workouts as w
             where w.user_id = workout.user_id and w.local_date = workout.local_date and w.source = 'app'
               and w.id <> workout.id
               and (w.created_at, w.id) < (workout.created_at, workout.id)) as first) as day
  union all
  select 'planned_day', 3, 'workout', workout.id::text, 'It was a day of your plan.'
   where workout.plan_day is not null and (keeps_planned_day or exists (
     select from public.plans as p
      where p.id = workout.plan_id and p.status = 'active' and workout.plan_day < jsonb_array_length(p.content -> 'days')))
  union all
  (select 'personal_record', 5, 'set', (min(r.set_id::text)), format('A personal record: %s.', min(r.exercise_name))
    from jsonb_to_recordset(records) as r (exercise_id uuid, exercise_name text, set_id uuid)
   group by r.exercise_id order by min(r.exercise_name), r.exercise_id limit 3);
end $$;

-- Makes the ledger agree with the workout: writes what it earns, and after an edit reverses what it had earned. The
-- awards come first: a score cannot fall below 0, so with the reversal first a low score would end higher than if the
-- workout had been logged like this at once. Another workout of the same day also changes what this one earns.
create function private.recompute_workout_awards(workout public.workouts, records jsonb,
  keeps_planned_day boolean default false) returns void
language plpgsql set search_path = '' as $$
declare
  earned_points integer := 0;
  earned_events jsonb;
  current_round integer := workout.award_round;
begin
  select coalesce(sum(e.points), 0),
         jsonb_agg(jsonb_build_array(e.rule, e.points, e.explanation) order by e.rule, e.explanation)
    into earned_points, earned_events
    from public.affinity_events as e
   where e.user_id = workout.user_id and e.workout_id = workout.id and e.round = workout.award_round
     and e.rule in ('workout_logged', 'planned_day', 'personal_record');
  if earned_events is not null and earned_events = (
    select jsonb_agg(jsonb_build_array(d.rule, d.points, d.explanation) order by d.rule, d.explanation)
      from private.earned_awards(workout, records, keeps_planned_day) as d) then
    return;
  end if;
  if earned_points > 0 then
    update public.workouts as w set award_round = w.award_round + 1 where w.id = workout.id
    returning w.award_round into current_round;
  end if;
  perform private.award(workout.user_id, d.rule, d.points, d.source_type, d.source_id, current_round, workout.id,
      d.explanation)
    from private.earned_awards(workout, records, keeps_planned_day) as d;
  if earned_points > 0 then
    perform private.award(workout.user_id, 'reversal', -earned_points, 'workout', workout.id::text, workout.award_round,
      workout.id,
      format('What the workout of %s earns has changed; this is what it had earned.',
             to_char(workout.local_date, 'FMDD Mon YYYY')));
  end if;
end $$;

-- After a workout was moved to a day, moved from it or deleted: if it was logged before all others of that day, then
-- the first of those has become the first of the day, or is no longer.
create function private.recompute_first_of_day(changed public.workouts, day date) returns void
language plpgsql set search_path = '' as $$
declare
  other public.workouts;
begin
  select * into other from public.workouts as w
   where w.user_id = changed.user_id and w.local_date = day and w.source = 'app' and w.id <> changed.id
   order by w.created_at, w.id limit 1;
  if (changed.created_at, changed.id) < (other.created_at, other.id) then
    perform private.recompute_workout_awards(other, private.workout_records(other.user_id, other.id),
      private.has_planned_day_award(other));
  end if;
end $$;

-- A week in which the person reaches their target of days earns once. It is reversed only when an edit or a deletion
-- (`may_lose`) leaves it fewer days than both the target and the days that it was earned with: another target alone, or
-- one more workout, reverses nothing. Without a target no week earns. `week` is its Monday.
create function private.recompute_week_award(owner uuid, week date, workout_id uuid, may_lose boolean) returns void
language plpgsql set search_path = '' as $$
declare
  target constant smallint := (select u.days_per_week from public.users as u where u.id = owner);
  source constant text := to_char(week, 'IYYY-"W"IW');
  days integer;
  times_earned integer;
  times_reversed integer;
  needed_days integer;
begin
  select count(distinct w.local_date) into days from public.workouts as w
   where w.user_id = owner and w.source = 'app' and w.local_date between week and week + 6;
  select count(*) filter (where e.rule = 'week_streak'), count(*) filter (where e.rule = 'reversal'),
         least(target, (array_agg(e.days order by e.round desc) filter (where e.rule = 'week_streak'))[1])
    into times_earned, times_reversed, needed_days
    from public.affinity_events as e
   where e.user_id = owner and e.source_type = 'week' and e.source_id = source and e.rule in ('week_streak', 'reversal');
  if days >= target and times_earned = times_reversed then
    perform private.award(owner, 'week_streak', 10, 'week', source, times_earned, workout_id,
      format('You trained on %s days of week %s, as you had planned.', days, source), days);
  elsif may_lose and days < needed_days and times_earned > times_reversed then
    perform private.award(owner, 'reversal', -10, 'week', source, times_reversed, workout_id,
      format('Week %s no longer has the %s days you had planned.', source, needed_days));
  end if;
end $$;

-- Cron: −2 for each day from the fifteenth without a workout. Days that a missed run left out are made up for, a week
-- back at most; running it twice adds nothing. Returns the number of events.
create function public.decay_affinity() returns integer
language plpgsql set search_path = '' as $$
declare
  person record;
  absent_day date;
  written integer := 0;
begin
  for person in
    select u.id, (now() at time zone u.timezone)::date as today,
           (select max(w.local_date) from public.workouts as w where w.user_id = u.id) as last_day
      from public.users as u where u.affinity_score > 0 order by u.id
  loop
    continue when person.last_day is null or person.today < person.last_day + 15;
    perform from public.users as u where u.id = person.id for no key update;
    for absent_day in select d::date from generate_series(greatest(person.last_day + 15, person.today - 6),
      person.today, interval '1 day') as d
    loop
      exit when (select u.affinity_score from public.users as u where u.id = person.id) = 0;
      written := written + private.award(person.id, 'absence', -2, 'day', absent_day::text, 0, null,
        format('%s days without a workout.', absent_day - person.last_day))::integer;
    end loop;
  end loop;
  return written;
end $$;
comment on function public.decay_affinity is 'For the cron task; only the service role may call it.';

grant execute on function private.award, public.decay_affinity to service_role;

-- Statistics. They are computed from the sets at each request, so that they always agree with them. All run as the
-- caller, under row-level security. Warm-ups do not count; volume is load times repetitions, in kg.

-- Workouts per person and day.
create view private.training_days with (security_invoker = true) as
  select w.user_id, w.local_date, count(*) as workouts,
         coalesce(sum(extract(epoch from w.ended_at - w.started_at)), 0)::bigint as duration_seconds
    from public.workouts as w group by w.user_id, w.local_date;
grant select on private.training_days to authenticated, service_role;

-- Runs of weeks without a gap in which a person trained on as many days as their target; weeks are named by their
-- Mondays. Without a target, a week with any workout counts.
create function private.streaks(owner uuid, target integer) returns table (first_week date, last_week date, weeks integer)
language sql stable set search_path = '' as $$
  with weeks as (
    select date_trunc('week', d.local_date)::date as week
      from private.training_days as d where d.user_id = owner
     group by 1 having count(*) >= coalesce(target, 1)),
  runs as (select week, week - 7 * (row_number() over (order by week))::integer as run from weeks)
  select min(week), max(week), count(*)::integer from runs group by run
$$;

-- Totals of all time and of this week, and streaks in weeks.
create function public.stats_summary() returns jsonb
language sql stable set search_path = '' as $$
  with me as materialized (
    select u.id, u.days_per_week, (now() at time zone u.timezone)::date as today,
           date_trunc('week', now() at time zone u.timezone)::date as week
      from public.users as u where u.id = (select auth.uid())),
  days as (
    select coalesce(sum(d.workouts), 0) as workouts, coalesce(sum(d.duration_seconds), 0) as duration_seconds,
           min(d.local_date) as first_on, max(d.local_date) as last_on, count(d.local_date) as days,
           coalesce(sum(d.workouts) filter (where d.local_date between me.week and me.week + 6), 0) as week_workouts,
           count(*) filter (where d.local_date between me.week and me.week + 6) as week_days
      from me left join private.training_days as d on d.user_id = me.id),
  totals as (
    select count(*) as sets, coalesce(sum(s.reps), 0) as reps, coalesce(sum(s.weight_kg * s.reps), 0) as volume_kg,
           count(*) filter (where s.local_date between me.week and me.week + 6) as week_sets,
           coalesce(sum(s.weight_kg * s.reps) filter (where s.local_date between me.week and me.week + 6), 0) as week_volume_kg
      from me join public.sets as s on s.user_id = me.id and s.set_type <> 'warmup'),
  streaks as (select r.* from me cross join lateral private.streaks(me.id, me.days_per_week) as r)
  select jsonb_build_object(
    'workouts', days.workouts, 'days', days.days, 'sets', totals.sets, 'reps', totals.reps, 'volume_kg', totals.volume_kg,
    'duration_seconds', days.duration_seconds, 'first_on', days.first_on, 'last_on', days.last_on,
    'this_week', jsonb_build_object('starts_on', me.week, 'workouts', days.week_workouts, 'days', days.week_days,
      'target_days', me.days_per_week, 'sets', totals.week_sets, 'volume_kg', totals.week_volume_kg),
    'streak', jsonb_build_object(
      -- The target of the current week can still be reached, so it does not end a streak.
      'current_weeks', coalesce((select s.weeks from streaks as s where s.last_week >= me.week - 7), 0),
      'longest_weeks', coalesce((select max(s.weeks) from streaks as s), 0)))
    from me, days, totals
$$;

-- The best values of all time: one row for each exercise, kind and, for most_reps, load; of equal sets, the first.
-- Sorted by the current name of the exercise. Sets are looked up only for the rows of the page.
create function public.stats_records(exercise_id uuid default null, kind public.record_kind default null,
  page_offset integer default 0, page_limit integer default 20) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return (
    with exercises as materialized (
      select e.id, e.name from public.exercises as e
       where stats_records.exercise_id is null or e.id = stats_records.exercise_id),
    best as materialized (
      select b.exercise_id, b.kind, b.at_kg, b.value, e.name
        from private.personal_bests((select auth.uid()), array(select m.id from exercises as m)) as b
          join exercises as e on e.id = b.exercise_id
       where stats_records.kind is null or b.kind = stats_records.kind),
    page as materialized (
      select * from best as b order by b.name, b.exercise_id, b.kind, b.at_kg limit least(page_limit, 100) offset page_offset)
    select jsonb_build_object('total', (select count(*) from best), 'items', coalesce((
      select jsonb_agg(to_jsonb(f) - array['user_id'] order by p.name, p.exercise_id, p.kind, p.at_kg)
        from page as p
          cross join lateral (
            -- Only from the index sets_history.
            select min(s.started_at) as began from public.sets as s
             where s.user_id = (select auth.uid()) and s.exercise_id = p.exercise_id and s.set_type <> 'warmup'
               and case p.kind when 'heaviest' then s.weight_kg when 'e1rm' then s.e1rm_kg when 'most_reps' then s.reps
                     when 'longest' then s.duration_seconds when 'farthest' then s.distance_m end = p.value
               and (p.kind <> 'most_reps' or coalesce(s.weight_kg, s.assist_kg, 0) = p.at_kg)) as first
          cross join lateral (
            select m.* from private.record_candidates as m
             where m.user_id = (select auth.uid()) and m.exercise_id = p.exercise_id and m.kind = p.kind
               and m.value = p.value and m.at_kg is not distinct from p.at_kg and m.started_at = first.began
             order by m.set_id limit 1) as f), '[]')));
end $$;

-- Per week (its Monday) and muscle. A set counts fully for primary muscles and half for secondary ones.
create function public.stats_volume(first_day date, last_day date) returns jsonb
language sql stable set search_path = '' as $$
  with trained_sets as materialized (
    select date_trunc('week', s.local_date::timestamp)::date as week, s.exercise_id, count(*) as sets,
           coalesce(sum(s.reps), 0) as reps, coalesce(sum(s.weight_kg * s.reps), 0) as volume_kg
      from public.sets as s
     where s.user_id = (select auth.uid()) and s.local_date between first_day and last_day and s.set_type <> 'warmup'
     group by 1, 2),
  trained as (
    select d.week, m.muscle, sum(d.sets * m.share) as sets, sum(d.volume_kg * m.share) as volume_kg
      from trained_sets as d join public.exercises as e on e.id = d.exercise_id
        cross join lateral (
          select p.muscle, 1.0 as share from unnest(e.primary_muscles) as p (muscle)
          union all select s.muscle, 0.5 from unnest(e.secondary_muscles) as s (muscle)) as m
     group by d.week, m.muscle),
  muscles as (
    select t.week, jsonb_agg(jsonb_build_object('muscle', t.muscle, 'sets', t.sets, 'volume_kg', t.volume_kg)
                             order by t.sets desc, t.muscle) as list from trained as t group by t.week),
  weeks as (
    select d.week, sum(d.sets) as sets, sum(d.reps) as reps, sum(d.volume_kg) as volume_kg from trained_sets as d group by d.week)
  select coalesce(jsonb_agg(jsonb_build_object('week', w.week, 'sets', w.sets, 'reps', w.reps, 'volume_kg', w.volume_kg,
    'muscles', coalesce(m.list, '[]')) order by w.week), '[]')
    from weeks as w left join muscles as m using (week)
$$;

-- The days with workouts.
create function public.stats_calendar(first_day date, last_day date) returns jsonb
language sql stable set search_path = '' as $$
  with trained_sets as (
    select s.local_date, count(*) as sets, coalesce(sum(s.weight_kg * s.reps), 0) as volume_kg
      from public.sets as s
     where s.user_id = (select auth.uid()) and s.local_date between first_day and last_day and s.set_type <> 'warmup'
     group by s.local_date)
  select coalesce(jsonb_agg(jsonb_build_object('date', d.local_date, 'workouts', d.workouts,
    'duration_seconds', d.duration_seconds, 'sets', coalesce(s.sets, 0), 'volume_kg', coalesce(s.volume_kg, 0))
    order by d.local_date), '[]')
    from private.training_days as d left join trained_sets as s using (local_date)
   where d.user_id = (select auth.uid()) and d.local_date between first_day and last_day
$$;

-- One exercise over time: a point for each workout, the newest `max_points`, oldest first. Null for an exercise that the
-- caller cannot see.
create function public.stats_exercise(exercise_id uuid, first_day date, last_day date, max_points integer) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object('exercise_id', e.id, 'exercise_name', e.name, 'kind', e.kind, 'points', coalesce((
    select jsonb_agg(to_jsonb(p) order by p.started_at, p.workout_id) from (
      select s.workout_id, s.started_at, s.local_date as date, count(*) as sets, sum(s.reps) as reps,
             sum(s.weight_kg * s.reps) as volume_kg, max(s.weight_kg) as heaviest_kg, max(s.e1rm_kg) as e1rm_kg,
             max(s.reps) as most_reps, min(s.assist_kg) as least_assist_kg, max(s.duration_seconds) as longest_seconds,
             max(s.distance_m) as farthest_m
        from public.sets as s
       where s.user_id = (select auth.uid()) and s.exercise_id = e.id and s.set_type <> 'warmup'
         and s.local_date between first_day and last_day
       group by s.workout_id, s.started_at, s.local_date
       order by s.started_at desc, s.workout_id desc limit max_points) as p), '[]'))
    from public.exercises as e where e.id = stats_exercise.exercise_id
$$;

grant execute on function private.streaks to authenticated;
grant execute on function public.stats_summary, public.stats_records, public.stats_volume, public.stats_calendar,
  public.stats_exercise to authenticated;

-- Measurements of the body: one value for each kind and day; measuring again replaces it.
create table public.measurements (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null default auth.uid() references auth.users on delete cascade,
  kind public.measurement_kind not null,
  value numeric(9, 4) not null,
  measured_at timestamptz not null default now(),
  local_date date not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint measurements_one_a_day unique (user_id, kind, local_date),
  constraint measurements_measured_at_range
    check (measured_at >= '1970-01-01' and measured_at <= now() + interval '5 minutes'),
  constraint measurements_value_range check (case kind
    when 'body_weight' then value between 20 and 500
    when 'height' then value between 0.5 and 2.6
    when 'body_fat' then value between 0.01 and 0.8
    when 'resting_heart_rate' then value between 20 and 250
    else value between 0.05 and 4 end)
);
comment on table public.measurements is 'Body measurements in SI: kg, m, a ratio for body fat, beats per minute.';
comment on column public.measurements.local_date is
  'The calendar day of measured_at, in the person''s time zone when it was written.';

create index measurements_owner on public.measurements (user_id, created_at desc, id desc);

revoke all on public.measurements from anon, authenticated;
grant select, delete on public.measurements to authenticated;
grant insert (kind, value, measured_at), update (kind, value, measured_at) on public.measurements to authenticated;

alter table public.measurements enable row level security;
create policy "People read their own measurements" on public.measurements
  for select to authenticated using ((select auth.uid()) = user_id);
create policy "People add their own measurements" on public.measurements
  for insert to authenticated with check ((select auth.uid()) = user_id);
create policy "People change their own measurements" on public.measurements
  for update to authenticated using ((select auth.uid()) = user_id) with check ((select auth.uid()) = user_id);
create policy "People delete their own measurements" on public.measurements
  for delete to authenticated using ((select auth.uid()) = user_id);

create function private.set_measurement_date() returns trigger
language plpgsql set search_path = '' as $$
begin
  if tg_op = 'UPDATE' or new.local_date is null then
    new.local_date := (new.measured_at at time zone (
      select u.timezone from public.users as u where u.id = new.user_id))::date;
  end if;
  return new;
end $$;
comment on function private.set_measurement_date() is
  'Trigger: sets local_date. Only an import gives a day itself, as it was recorded elsewhere.';

create trigger measurements_date before insert or update of measured_at on public.measurements
  for each row execute function private.set_measurement_date();

-- Also when nothing differs: writing the same value again must change updated_at, which tells it from a first value.
create trigger measurements_set_updated_at before update on public.measurements
  for each row execute function private.set_updated_at();

-- Background jobs, for work that takes longer than a request. People enqueue, watch and cancel them; the worker
-- (service role) does the rest.
create table public.jobs (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null default auth.uid() references auth.users on delete cascade,
  kind public.job_kind not null,
  input jsonb not null,
  attachment bytea,
  dedupe_key text not null,
  status public.job_status not null default 'queued',
  progress real not null default 0,
  message text,
  result jsonb,
  problem jsonb,
  attempts smallint not null default 0,
  run_after timestamptz not null default now(),
  lease_expires_at timestamptz,
  finished_at timestamptz,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  -- Room for fifty excluded exercises and five hundred characters in any script.
  constraint jobs_input_size check (pg_column_size(input) <= 8192),
  -- Flat and without numbers: the text of a jsonb number may be a thousand times as long, and the worker reads many
  -- jobs at once.
  constraint jobs_input_flat check (jsonb_typeof(input) = 'object'
    and not input @? 'strict $.* ? (@.type() == "object" || @.type() == "array" || @.type() == "number")'),
  constraint jobs_attachment_size check (octet_length(attachment) <= 7340032),
  constraint jobs_dedupe_key_length check (private.is_nonblank(dedupe_key, 200)),
  constraint jobs_progress_range check (progress between 0 and 1),
  constraint jobs_message_length check (char_length(message) <= 300),
  constraint jobs_running_is_leased check ((status = 'running') = (lease_expires_at is not null)),
  constraint jobs_finished_at_when_over check ((status in ('succeeded', 'failed', 'cancelled')) = (finished_at is not null)),
  constraint jobs_problem_when_failed check ((status = 'failed') = (problem is not null))
);
comment on table public.jobs is 'Background jobs of a person: what was asked, their progress and their result.';
comment on column public.jobs.attachment is 'The file to work on, gzip; removed when the job is over.';
comment on column public.jobs.attempts is
  'How often it was claimed. A worker names the attempt that it holds, so that a stale one is refused.';

create index jobs_owner on public.jobs (user_id, created_at desc, id desc);
create unique index jobs_open_once on public.jobs (user_id, dedupe_key) where status in ('queued', 'running');
create index jobs_waiting on public.jobs (run_after) where status in ('queued', 'running');
create index jobs_over on public.jobs (finished_at) where finished_at is not null;

-- Inputs, files and leases are the worker's alone.
revoke all on public.jobs from anon, authenticated;
grant select (id, user_id, kind, status, progress, message, result, problem, created_at, updated_at, finished_at)
  on public.jobs to authenticated;

alter table public.jobs enable row level security;
create policy "People watch their own jobs" on public.jobs
  for select to authenticated using ((select auth.uid()) = user_id);

create trigger jobs_set_updated_at before update on public.jobs
  for each row when (old.* is distinct from new.*) execute function private.set_updated_at();

-- A job as its owner sees it.
create function private.job_document(job public.jobs) returns jsonb
language sql immutable set search_path = '' as $$
  select jsonb_build_object('id', job.id, 'kind', job.kind, 'status', job.status, 'progress', job.progress,
    'message', job.message, 'result', job.result, 'problem', job.problem, 'created_at', job.created_at,
    'updated_at', job.updated_at)
$$;

-- The new job, or an open one with the same dedupe_key. `attachment` is gzip in base64.
-- Definer: people may not write status, attempts and the rest. The job is bound to auth.uid().
create function public.enqueue_job(kind public.job_kind, input jsonb, dedupe_key text, attachment text default null)
returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  caller constant uuid := auth.uid();
  job public.jobs;
begin
  perform from public.users as u where u.id = caller for no key update;
  if not found then
    raise sqlstate 'PT401' using message = 'There is no such account.';
  end if;
  select * into job from public.jobs as j
   where j.user_id = caller and j.dedupe_key = enqueue_job.dedupe_key and j.status in ('queued', 'running');
  if found then
    return private.job_document(job);
  end if;
  if (select count(*) from public.jobs as j where j.user_id = caller and j.status in ('queued', 'running')) >= 5 then
    raise sqlstate 'PT409' using message = 'You have 5 jobs under way; wait for one, or cancel it.';
  end if;
  insert into public.jobs (user_id, kind, input, dedupe_key, attachment)
  values (caller, enqueue_job.kind, enqueue_job.input, enqueue_job.dedupe_key, decode(enqueue_job.attachment, 'base64'))
  returning * into job;
  return private.job_document(job);
end $$;

-- DELETE /jobs/{id}: true when the job is cancelled, now or before; null when there is none. PT409 when it has ended.
-- Definer: people may not write jobs. Every statement is bound to auth.uid().
create function public.cancel_job(job_id uuid) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  status public.job_status;
begin
  select j.status into status from public.jobs as j where j.id = job_id and j.user_id = auth.uid() for update;
  if status in ('succeeded', 'failed') then
    raise sqlstate 'PT409' using message = 'The job is over.';
  end if;
  update public.jobs as j set status = 'cancelled', lease_expires_at = null, finished_at = now(), attachment = null
   where j.id = job_id and j.user_id = auth.uid() and j.status in ('queued', 'running');
  return status is not null or null;
end $$;

-- For the worker ------------------------------------------------------------------------------------------------------

-- Claims waiting jobs, and running ones whose lease has expired. A job that was claimed five times and never ended
-- fails.
create function public.claim_jobs(max_jobs integer, lease_seconds integer) returns setof public.jobs
language plpgsql set search_path = '' as $$
begin
  update public.jobs as j set status = 'failed', lease_expires_at = null, finished_at = now(), attachment = null,
      problem = '{"code": "gave_up", "title": "Gave up", "detail": "It was tried five times and never came to an end."}'
   where j.id in (select k.id from public.jobs as k where k.status = 'running' and k.lease_expires_at < now()
                     and k.attempts >= 5 for update skip locked);
  return query
    update public.jobs as j
       set status = 'running', attempts = j.attempts + 1, lease_expires_at = now() + make_interval(secs => lease_seconds)
     where j.id in (
       select k.id from public.jobs as k
        where k.status in ('queued', 'running') and k.run_after <= now()
          and (k.status = 'queued' or k.lease_expires_at < now())
        order by k.run_after, k.id limit max_jobs for update skip locked)
    returning j.*;
end $$;

-- The owner of the job while this attempt holds it. Raises PT409 once it is cancelled, over, or held by another worker.
create function private.assert_lease(job_id uuid, attempt integer) returns uuid
language plpgsql set search_path = '' as $$
declare
  owner uuid;
begin
  select j.user_id into owner from public.jobs as j
   where j.id = job_id and j.status = 'running' and j.attempts = attempt for no key update;
  if owner is null then
    raise sqlstate 'PT409' using message = 'The job is no longer held.';
  end if;
  return owner;
end $$;

-- Extends the lease and stores the progress, which never goes back.
create function public.heartbeat_job(job_id uuid, attempt integer, lease_seconds integer, progress real, message text)
returns void
language plpgsql set search_path = '' as $$
begin
  perform private.assert_lease(job_id, attempt);
  update public.jobs as j set lease_expires_at = now() + make_interval(secs => lease_seconds),
      progress = greatest(j.progress, heartbeat_job.progress), message = left(coalesce(heartbeat_job.message, j.message), 300)
   where j.id = job_id;
end $$;

-- Ends the job with its result.
create function public.finish_job(job_id uuid, attempt integer, result jsonb) returns void
language plpgsql set search_path = '' as $$
begin
  perform private.assert_lease(job_id, attempt);
  update public.jobs as j set status = 'succeeded', progress = 1, message = null, result = finish_job.result,
      lease_expires_at = null, finished_at = now(), attachment = null
   where j.id = job_id;
end $$;

-- Ends the job with a problem, or queues it again: after 10, 20, 40 and 80 seconds, give or take a quarter.
create function public.fail_job(job_id uuid, attempt integer, problem jsonb, retryable boolean) returns void
language plpgsql set search_path = '' as $$
begin
  perform private.assert_lease(job_id, attempt);
  if retryable and attempt < 5 then
    update public.jobs as j set status = 'queued', lease_expires_at = null,
        run_after = now() + interval '5 seconds' * power(2, attempt) * (0.75 + random() / 2)
     where j.id = job_id;
  else
    update public.jobs as j set status = 'failed', problem = fail_job.problem, lease_expires_at = null, finished_at = now(),
        attachment = null
     where j.id = job_id;
  end if;
end $$;

-- Puts the job back in the queue when its worker is told to stop. The attempt does not count.
create function public.release_job(job_id uuid, attempt integer) returns void
language plpgsql set search_path = '' as $$
begin
  perform private.assert_lease(job_id, attempt);
  update public.jobs as j set status = 'queued', attempts = j.attempts - 1, lease_expires_at = null, run_after = now()
   where j.id = job_id;
end $$;

-- Cron: deletes idempotency keys after 24 hours, and jobs 30 days after their end. Running it twice deletes nothing
-- more. Returns the number of rows.
create function public.purge() returns integer
language sql set search_path = '' as $$
  with keys as (delete from public.idempotency_keys as k where k.created_at < now() - interval '24 hours' returning 1),
  old_jobs as (delete from public.jobs as j where j.finished_at < now() - interval '30 days' returning 1)
  select ((select count(*) from keys) + (select count(*) from old_jobs))::integer
$$;

grant execute on function private.assert_lease to service_role;
grant execute on function public.enqueue_job, public.cancel_job to authenticated;
grant execute on function public.claim_jobs, public.heartbeat_job, public.finish_job, public.fail_job, public.release_job,
  public.purge to service_role;

-- How much each person uses models, by UTC day, and the limits of a day.
create table public.ai_usage (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references auth.users on delete cascade,
  day date not null,
  kind public.usage_kind not null,
  calls integer not null default 0,
  input_tokens bigint not null default 0,
  output_tokens bigint not null default 0,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  constraint ai_usage_once unique (user_id, day, kind),
  constraint ai_usage_counts_range check (calls >= 0 and input_tokens >= 0 and output_tokens >= 0)
);
comment on table public.ai_usage is 'Calls and tokens per person, UTC day and kind; what the daily limits count.';

create index ai_usage_owner on public.ai_usage (user_id, created_at desc, id desc);

revoke all on public.ai_usage from anon, authenticated;
grant select on public.ai_usage to authenticated;

alter table public.ai_usage enable row level security;
create policy "People read their own usage" on public.ai_usage
  for select to authenticated using ((select auth.uid()) = user_id);

create trigger ai_usage_set_updated_at before update on public.ai_usage
  for each row execute function private.set_updated_at();

-- The number of calls of a kind that a person has in a UTC day.
create function private.daily_limit(kind public.usage_kind) returns integer
language sql immutable set search_path = '' as $$
  select case kind when 'chat' then 200 when 'plan' then 30 when 'memory' then 500 end
$$;

-- Counts a call against the day's limit. Raises PT429 when the limit is reached, with the limit as its detail. The
-- caller must have locked the person's row.
create function private.count_call(owner uuid, kind public.usage_kind, max_calls integer) returns void
language plpgsql set search_path = '' as $$
declare
  today constant date := (now() at time zone 'UTC')::date;
begin
  insert into public.ai_usage as a (user_id, day, kind, calls) values (owner, today, count_call.kind, 1)
  on conflict on constraint ai_usage_once do update set calls = a.calls + 1 where a.calls < max_calls;
  if not found then
    raise sqlstate 'PT429' using detail = max_calls::text,
      message = format('That was the last of %s for today; the next is possible at %s.', max_calls,
        to_char(today + 1, 'YYYY-MM-DD"T00:00:00Z"'));
  end if;
end $$;

-- A job that a person asks for counts against their day, whichever way they ask. Cron has no auth.uid() and is not
-- counted.
create function private.check_generation_job() returns trigger
language plpgsql set search_path = '' as $$
begin
  if auth.uid() is not null then
    if coalesce((auth.jwt() ->> 'is_anonymous')::boolean, false) then
      raise sqlstate 'PT403' using message = 'Sign up to have plans made: they would be lost with a guest.';
    end if;
    perform private.count_call(new.user_id, 'plan', private.daily_limit('plan'));
  end if;
  return new;
end $$;
create trigger jobs_check_generation before insert on public.jobs
  for each row when (new.kind in ('generate_plan', 'adapt_plan', 'generate_meal_plan', 'adapt_meal_plan'))
  execute function private.check_generation_job();

-- For the worker: adds the tokens that a job's calls of a model took.
create function public.count_tokens(job_id uuid, attempt integer, input_tokens bigint, output_tokens bigint) returns void
language plpgsql set search_path = '' as $$
begin
  insert into public.ai_usage as a (user_id, day, kind, input_tokens, output_tokens)
  values (private.assert_lease(job_id, attempt), (now() at time zone 'UTC')::date, 'plan', count_tokens.input_tokens,
    count_tokens.output_tokens)
  on conflict on constraint ai_usage_once do update
    set input_tokens = a.input_tokens + excluded.input_tokens, output_tokens = a.output_tokens + excluded.output_tokens;
end $$;

-- Counts that the caller searches, adds or corrects a memory. The API calls it before a model that costs money embeds
-- the text.
-- Definer: people may not write their own usage. A person who calls it directly only uses up their own day.
create function public.count_memory_call() returns void
language plpgsql security definer set search_path = '' as $$
declare
  caller constant uuid := auth.uid();
begin
  if coalesce((auth.jwt() ->> 'is_anonymous')::boolean, false) then
    raise sqlstate 'PT403' using message = 'The companion needs an account with an address or a provider.';
  end if;
  perform from public.users as u where u.id = caller for no key update;
  if not found then
    raise sqlstate 'PT401' using message = 'There is no such account.';
  end if;
  perform private.count_call(caller, 'memory', private.daily_limit('memory'));
end $$;

grant execute on function private.daily_limit, public.count_memory_call to authenticated;
grant execute on function public.count_tokens to service_role;

-- Imports of training logs of other apps, and of an account's own export. Only the worker calls these functions, for a
-- job that it holds. Each batch is one transaction, and repeating it adds nothing: ids are derived from what is
-- imported. Imported workouts earn no affinity. created_at is clock_timestamp(), which differs within a transaction, so
-- that rows keep the order in which the person listed them.

-- A profile that has not been changed here becomes the imported one. Any other only gets what it lacks: an old export
-- removes no allergen and no injury, does not turn memory on, and gives no consent again.
create function private.import_profile(owner uuid, item json) returns jsonb
language plpgsql set search_path = '' as $$
begin
  update public.users as u set name = r.name, date_of_birth = r.date_of_birth, sex = r.sex, sport = r.sport,
      experience_level = r.experience_level, days_per_week = r.days_per_week, goals = r.goals,
      activity_level = r.activity_level, weight_unit = r.weight_unit, distance_unit = r.distance_unit,
      timezone = r.timezone, equipment = r.equipment, load_steps_kg = r.load_steps_kg, injuries = r.injuries,
      diet = r.diet, allergens = r.allergens, dislikes = r.dislikes, memory_enabled = r.memory_enabled,
      ai_consent_at = r.ai_consent_at
    from json_populate_record(null::public.users, item) as r where u.id = owner and u.updated_at = u.created_at;
  if not found then
    update public.users as u set name = coalesce(u.name, r.name), date_of_birth = coalesce(u.date_of_birth, r.date_of_birth),
        sex = coalesce(u.sex, r.sex), sport = coalesce(u.sport, r.sport),
        experience_level = coalesce(u.experience_level, r.experience_level),
        days_per_week = coalesce(u.days_per_week, r.days_per_week),
        goals = case u.goals when '{}' then r.goals else u.goals end,
        activity_level = coalesce(u.activity_level, r.activity_level),
        weight_unit = case u.weight_unit when 'kg' then r.weight_unit else u.weight_unit end,
        distance_unit = case u.distance_unit when 'km' then r.distance_unit else u.distance_unit end,
        timezone = case u.timezone when 'UTC' then r.timezone else u.timezone end,
        equipment = case u.equipment when '{}' then r.equipment else u.equipment end,
        load_steps_kg = case u.load_steps_kg when '{}' then r.load_steps_kg else u.load_steps_kg end,
        injuries = u.injuries || array(select j from unnest(r.injuries) as j where j <> all (u.injuries)),
        diet = coalesce(u.diet, r.diet),
        allergens = u.allergens || array(select a from unnest(r.allergens) as a where a <> all (u.allergens)),
        dislikes = case u.dislikes when '{}' then r.dislikes else u.dislikes end,
        memory_enabled = u.memory_enabled and r.memory_enabled
      from json_populate_record(null::public.users, item) as r where u.id = owner;
  end if;
  return jsonb_build_object('outcome', 'imported');
end $$;

-- A custom exercise, unless there is one of the same name: {"id", "kind", "added"}. An exercise that had been deleted
-- where the export was made (`hidden`) only matches itself, not one of its name, which may have been made later.
-- `unhide`: an exercise that was deleted here comes back, because the imported file still has it and does not know of
-- deletions.
create function private.import_exercise(owner uuid, item json) returns jsonb
language plpgsql set search_path = '' as $$
declare
  imported_id constant uuid := (item ->> 'id')::uuid;
  is_hidden constant boolean := coalesce(item ->> 'hidden' = 'true', false);
  existing public.exercises;
begin
  insert into public.exercises (id, user_id, name, aliases, kind, primary_muscles, secondary_muscles, equipment, category,
    level, mechanic, is_unilateral, contraindications, instructions, hidden_at, created_at)
  select imported_id, owner, r.name, r.aliases, r.kind, r.primary_muscles, r.secondary_muscles, r.equipment, r.category,
    r.level, r.mechanic, r.is_unilateral, r.contraindications, r.instructions,
    case when is_hidden then clock_timestamp() end, clock_timestamp()
    from json_populate_record(null::public.exercises, item) as r
  on conflict do nothing returning * into existing;
  if existing.id is not null then
    return jsonb_build_object('id', existing.id, 'kind', existing.kind, 'added', true);
  end if;
  if item ->> 'unhide' = 'true' then
    update public.exercises as e set hidden_at = null
     where e.id = imported_id and e.user_id = owner and e.hidden_at is not null;
  end if;
  select * into existing from public.exercises as e
   where e.user_id = owner
     and (e.id = imported_id or (not is_hidden and lower(e.name) = lower(item ->> 'name') and e.hidden_at is null))
   order by e.id = imported_id desc limit 1;
  return jsonb_build_object('id', existing.id, 'kind', existing.kind, 'added', false);
end $$;

-- A custom food, unless there is one of the same name: {"id"}. A food that had been deleted where the export was made
-- (`hidden`; meal plans still use it) only matches itself, not one of its name, which may have been made later.
create function private.import_food(owner uuid, item json) returns jsonb
language plpgsql set search_path = '' as $$
declare
  imported_id constant uuid := (item ->> 'id')::uuid;
  is_hidden constant boolean := coalesce(item ->> 'hidden' = 'true', false);
  existing_id uuid;
begin
  insert into public.foods (id, user_id, name, aliases, category, energy_kcal, protein_g, carbohydrate_g, fat_g, fibre_g,
    sugar_g, salt_g, alcohol_g, allergens, diets, servings, hidden_at, created_at)
  select imported_id, owner, r.name, r.aliases, r.category, r.energy_kcal, r.protein_g, r.carbohydrate_g, r.fat_g,
    r.fibre_g, r.sugar_g, r.salt_g, r.alcohol_g, r.allergens, r.diets, r.servings,
    case when is_hidden then clock_timestamp() end, clock_timestamp()
    from json_populate_record(null::public.foods, item) as r
  on conflict do nothing;
  select f.id into existing_id from public.foods as f
   where f.user_id = owner
     and (f.id = imported_id or (not is_hidden and lower(f.name) = lower(item ->> 'name') and f.hidden_at is null))
   order by f.id = imported_id desc limit 1;
  return jsonb_build_object('id', existing_id);
end $$;

-- A preference of an exercise; one that the person has here stays. Null when there is no such exercise.
create function private.import_preference(owner uuid, item json) returns jsonb
language plpgsql set search_path = '' as $$
begin
  if not exists (select from public.exercises as e
                  where e.id = (item ->> 'exercise_id')::uuid and (e.user_id is null or e.user_id = owner)) then
    return null;
  end if;
  insert into public.exercise_preferences (user_id, exercise_id, kind, reason, created_at)
  select owner, r.exercise_id, r.kind, r.reason, clock_timestamp()
    from json_populate_record(null::public.exercise_preferences, item) as r
  on conflict on constraint exercise_preferences_one_each do nothing;
  return jsonb_build_object('outcome', case when found then 'imported' else 'duplicate' end);
end $$;

-- A plan with its history: each of its contents becomes a version again, unchanged. Only the current content has to
-- suit the person's allergens and diet: an earlier one may be how they learned of an allergy. restore_plan_version()
-- validates again.
create function private.import_plan(owner uuid, kind public.plan_kind, item json) returns jsonb
language plpgsql set search_path = '' as $$
declare
  imported_id constant uuid := (item ->> 'id')::uuid;
  version_count constant integer := coalesce(json_array_length(item -> 'versions'), 0);
  entry json;
  problems jsonb;
begin
  -- duration_weeks comes last: the deload weeks of an earlier version need not lie within it.
  insert into public.plans (id, user_id, kind, name, description, goal, days_per_week, target_energy_kcal,
    target_protein_g, target_carbohydrate_g, target_fat_g, source, created_at)
  select imported_id, owner, import_plan.kind, r.name, r.description, r.goal, r.days_per_week, r.target_energy_kcal,
    r.target_protein_g, r.target_carbohydrate_g, r.target_fat_g, r.source, clock_timestamp()
    from json_populate_record(null::public.plans, item) as r
  on conflict (id) do nothing;
  if not found then
    return jsonb_build_object('outcome', 'duplicate');
  end if;
  -- A plan may go on using what was deleted while it had it (private.plan_problems). A version 0 with the deleted
  -- exercises and foods of the import states that, for as long as the import takes.
  insert into public.plan_versions (user_id, plan_id, version, content, changed_by)
  select owner, imported_id, 0, jsonb_build_object('days', jsonb_build_array(jsonb_build_object(
      'exercises', coalesce((select jsonb_agg(jsonb_build_object('exercise_id', e.id)) from public.exercises as e
        where e.user_id = owner and e.hidden_at is not null and to_jsonb(e.id) = any (u.ids)), '[]'),
      'meals', jsonb_build_array(jsonb_build_object('items', coalesce((
        select jsonb_agg(jsonb_build_object('food_id', f.id)) from public.foods as f
         where f.user_id = owner and f.hidden_at is not null and to_jsonb(f.id) = any (u.ids)), '[]')))))), 'person'
    from (select array(select jsonb_path_query(item::jsonb, case import_plan.kind
      when 'workout' then '$.versions[*].content.days[*].exercises[*].exercise_id'::jsonpath
      else '$.versions[*].content.days[*].meals[*].items[*].food_id' end)) as ids) as u;
  for entry in select v.value from json_array_elements(item -> 'versions') with ordinality as v (value, n)
                  where v.n < version_count loop
    problems := jsonb_path_query_array(
      private.plan_problems(import_plan.kind, (entry -> 'content')::jsonb, owner, imported_id),
      '$[*] ? (@.type != "allergen" && @.type != "diet")');
    if problems <> '[]' then
      raise sqlstate 'PT422' using detail = problems,
        message = format('An earlier version of the %s is not sound.', private.plan_noun(import_plan.kind));
    end if;
  end loop;
  insert into public.plan_versions (user_id, plan_id, version, content, changed_by, reason)
  select owner, imported_id, v.n, (v.value -> 'content')::jsonb, (v.value ->> 'changed_by')::public.plan_author,
    v.value ->> 'reason'
    from json_array_elements(item -> 'versions') with ordinality as v (value, n) where v.n < version_count;
  if version_count > 0 then
    entry := item -> 'versions' -> (version_count - 1);
    update public.plans as p set version = version_count - 1 where p.id = imported_id;
    perform private.describe_change((entry ->> 'changed_by')::public.plan_author, entry ->> 'reason');
    update public.plans as p set content = (entry -> 'content')::jsonb where p.id = imported_id;
    perform private.describe_change(null, null);
  end if;
  delete from public.plan_versions as v where v.plan_id = imported_id and v.version = 0;
  -- A plan that is active here stays active: it is not archived for one that was active elsewhere.
  update public.plans as p set duration_weeks = (item ->> 'duration_weeks')::smallint,
      status = case when item ->> 'status' = 'active' and exists (
        select from public.plans as a where a.user_id = owner and a.kind = import_plan.kind and a.status = 'active')
        then 'archived' else (item ->> 'status')::public.plan_status end
   where p.id = imported_id;
  return jsonb_build_object('outcome', 'imported');
end $$;

-- A workout under its client_id. The same one again is a duplicate, unless this job wrote it itself in an earlier
-- attempt.
create function private.import_workout(owner uuid, job_id uuid, item json) returns jsonb
language plpgsql set search_path = '' as $$
declare
  earlier public.workouts;
  workout public.workouts;
begin
  select * into earlier from public.workouts as w
   where w.user_id = owner and w.client_id = (item ->> 'client_id')::uuid;
  if earlier.id is null then
    workout := private.write_workout(owner, item, sha256(convert_to(item::text, 'UTF8')), 'import', job_id);
    return jsonb_build_object('outcome', 'imported', 'id', workout.id);
  end if;
  return jsonb_build_object('id', earlier.id,
    'outcome', case when earlier.import_id = job_id then 'imported' else 'duplicate' end);
end $$;

-- A measurement; one that was taken here on the same day stays.
create function private.import_measurement(owner uuid, item json) returns jsonb
language sql set search_path = '' as $$
  insert into public.measurements (user_id, kind, value, measured_at, local_date)
  select owner, r.kind, r.value, r.measured_at, r.local_date
    from json_populate_record(null::public.measurements, item) as r
  on conflict on constraint measurements_one_a_day do nothing;
  select '{"outcome": "imported"}'::jsonb
$$;

-- A memory of an export, without an embedding, which a job makes. What has been forgotten here does not come back. A
-- memory that is here already, active or superseded, is a duplicate.
create function private.import_memory(owner uuid, item json) returns jsonb
language plpgsql set search_path = '' as $$
declare
  hash constant bytea := private.words_hash(item ->> 'content');
begin
  if exists (select from public.memories as m where m.user_id = owner and (m.id = (item ->> 'id')::uuid
      or (m.content_hash = hash and m.status::text = item ->> 'status'
        and (m.status = 'active' or m.created_at = (item ->> 'created_at')::timestamptz)))) then
    return jsonb_build_object('outcome', 'duplicate');
  elsif exists (select from public.memories as m where m.user_id = owner and m.status = 'dismissed'
      and m.content_hash = hash) then
    return jsonb_build_object('outcome', 'rejected', 'reason', 'It has been forgotten here.');
  elsif (select count(*) from public.memories as m where m.user_id = owner and m.status <> 'dismissed')
      >= (private.memory_rules()).max_memories then
    return jsonb_build_object('outcome', 'rejected', 'reason', 'There are 20,000 memories already.');
  end if;
  insert into public.memories (id, user_id, kind, content, content_hash, status, salience, pinned, mentions, source_quote,
    quote_hash, superseded_by, stated_at, created_at)
  select r.id, owner, r.kind, r.content, hash, r.status, r.salience, r.pinned, r.mentions, r.source_quote,
    private.words_hash(r.source_quote), r.superseded_by, least(r.stated_at, now()), least(r.created_at, now())
    from json_populate_record(null::public.memories, item) as r where r.status <> 'dismissed';
  insert into public.jobs (user_id, kind, input, dedupe_key) values (owner, 'embed_memories', '{}', 'embed memories')
  on conflict (user_id, dedupe_key) where status in ('queued', 'running') do nothing;
  return jsonb_build_object('outcome', 'imported');
end $$;

-- A message of an export, as it was said. Exports do not hold the evidence of replies.
create function private.import_message(owner uuid, item json) returns jsonb
language plpgsql set search_path = '' as $$
begin
  -- In an export of this very account, messages that are here have other ids.
  if exists (select from public.chat_messages as m
      where m.user_id = owner and m.role::text = item ->> 'role'
        and m.created_at = (item ->> 'created_at')::timestamptz) then
    return jsonb_build_object('outcome', 'duplicate');
  end if;
  insert into public.chat_messages (id, user_id, role, client_id, reply_to, message, mood, actions, model, finish,
    input_tokens, output_tokens, latency_ms, created_at)
  select r.id, owner, r.role, r.client_id, r.reply_to, r.message, r.mood, r.actions, r.model, r.finish, r.input_tokens,
    r.output_tokens, r.latency_ms, least(r.created_at, now())
    from json_populate_record(null::public.chat_messages, item) as r
  on conflict do nothing;
  return jsonb_build_object('outcome', case when found then 'imported' else 'duplicate' end);
end $$;

-- Imports one item by the function of its section; null when it refers to something that does not exist.
create function private.import_row(owner uuid, job_id uuid, section text, item json) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return case section
    when 'profile' then private.import_profile(owner, item)
    when 'exercises' then private.import_exercise(owner, item)
    when 'foods' then private.import_food(owner, item)
    when 'preferences' then private.import_preference(owner, item)
    when 'plans' then private.import_plan(owner, 'workout', item)
    when 'meal_plans' then private.import_plan(owner, 'meal', item)
    when 'workouts' then private.import_workout(owner, job_id, item)
    when 'measurements' then private.import_measurement(owner, item)
    when 'memories' then private.import_memory(owner, item)
    when 'messages' then private.import_message(owner, item) end;
end $$;

-- Imports a batch of one section: the outcome of each item, in order. An item that cannot be imported is rejected with
-- {"outcome": "rejected", "reason", "problems"}, and the others are not affected.
create function public.import_batch(job_id uuid, attempt integer, section text, batch json) returns jsonb
language plpgsql set search_path = '' as $$
declare
  owner constant uuid := private.assert_lease(import_batch.job_id, attempt);
  item json;
  outcome jsonb;
  outcomes jsonb[] := '{}';
  details text;
begin
  perform from public.users as u where u.id = owner for no key update;
  for item in select b.value from json_array_elements(batch) as b loop
    begin
      outcome := private.import_row(owner, import_batch.job_id, section, item);
    exception when sqlstate 'PT422' or sqlstate 'PT409' then
      get stacked diagnostics details = pg_exception_detail;
      outcome := jsonb_build_object('outcome', 'rejected', 'reason', sqlerrm, 'problems', nullif(details, '')::jsonb);
    when data_exception or integrity_constraint_violation then
      get stacked diagnostics details = constraint_name;
      outcome := jsonb_build_object('outcome', 'rejected', 'reason', 'A value is out of range.', 'constraint', details);
    end;
    outcomes := outcomes || coalesce(outcome, '{"outcome": "rejected", "reason": "It refers to something that is not there."}');
  end loop;
  return to_jsonb(outcomes);
end $$;

-- What importing a file needs to know of the person: units, time zone, and the exercises that its names can mean.
create function public.import_context(job_id uuid, attempt integer) returns jsonb
language plpgsql set search_path = '' as $$
declare
  owner constant uuid := private.assert_lease(import_context.job_id, attempt);
begin
  return (select jsonb_build_object('timezone', u.timezone, 'weight_unit', u.weight_unit, 'distance_unit', u.distance_unit,
    'exercises', (select jsonb_agg(jsonb_build_object('id', e.id, 'slug', e.slug, 'name', e.name, 'aliases', e.aliases,
                           'kind', e.kind, 'equipment', e.equipment) order by e.slug, e.id)
                    from public.exercises as e
                   where (e.user_id is null or e.user_id = owner) and e.hidden_at is null))
    from public.users as u where u.id = owner);
end $$;

grant execute on function public.import_batch, public.import_context to service_role;
grant execute on function private.import_profile, private.import_exercise, private.import_food, private.import_preference,
  private.import_plan, private.import_workout, private.import_measurement, private.import_memory, private.import_message,
  private.import_row to service_role;

-- Conversations with the companion: what the person said, what was answered, and what the answer rests on. A turn is
-- two transactions, between which a model is asked. begin_chat stores the person's message and returns what an answer
-- may rest on; finish_chat stores the answer with its evidence, what was learned, and the point for talking.
-- Definer, like all functions that write these tables: people may not write them. Each function binds itself to
-- auth.uid().

-- What the companion can offer. It does nothing itself: the app sends the request when the person accepts. Each action
-- is compared in the one form in which jsonb writes it: keys by length, then by letter.
create function private.are_actions(actions jsonb) returns boolean
language sql immutable set search_path = '' as $$
  select case
    when jsonb_typeof(actions) <> 'array' or pg_column_size(actions) > 2048 then false
    else jsonb_array_length(actions) <= 10 and coalesce((
      select bool_and(case
          -- Few members before there is any text: the text of a number may be a thousand times as long as its jsonb.
          when jsonb_typeof(a.value) <> 'object' or (select count(*) from jsonb_object_keys(a.value)) > 4 then false
          else a.value::text ~ replace('^\{('
            '"kind": "(log_workout|review_memories|generate_plan|generate_meal_plan)"'
            '|"kind": "start_workout", "plan_id": UUID, "plan_day": ([0-9]|1[0-3])'
            '|"kind": "adapt_plan", "plan_id": UUID'
            '|"kind": "accept_proposal", "plan_id": UUID, "proposal_id": UUID'
            '|"day": ([0-9]|1[0-3]), "kind": "swap_meal", "meal": [0-7], "meal_plan_id": UUID'
            ')\}$', 'UUID', '"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"') end)
        from jsonb_array_elements(actions) as a), true) end
$$;

create table public.chat_messages (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null default auth.uid() references auth.users on delete cascade,
  role public.chat_role not null,
  client_id uuid,
  reply_to uuid,
  message text not null,
  mood public.companion_mood,
  actions jsonb,
  model text,
  finish public.answer_finish,
  input_tokens integer,
  output_tokens integer,
  latency_ms integer,
  answering_until timestamptz,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  constraint chat_messages_once unique (user_id, client_id),
  constraint chat_messages_id_of_owner unique (id, user_id),
  constraint chat_messages_one_reply unique (reply_to),
  constraint chat_messages_reply_of_owner foreign key (reply_to, user_id) references public.chat_messages (id, user_id)
    on delete cascade,
  constraint chat_messages_message_length check (private.is_nonblank(message, 4000)),
  constraint chat_messages_actions_known check (private.are_actions(actions)),
  constraint chat_messages_model_length check (private.is_nonblank(model, 100)),
  constraint chat_messages_counts_range check (input_tokens >= 0 and output_tokens >= 0 and latency_ms >= 0),
  -- A person's message has their client's id. A reply has the message that it answers, and says who wrote it.
  constraint chat_messages_fields_of_role check (case role
    when 'user' then client_id is not null and num_nonnulls(reply_to, mood, actions, model, finish, input_tokens,
      output_tokens, latency_ms) = 0
    else client_id is null and answering_until is null and num_nulls(reply_to, mood, actions, model, finish,
      input_tokens, output_tokens, latency_ms) = 0 end)
);
comment on table public.chat_messages is 'Messages of a person and replies of the companion.';
comment on column public.chat_messages.client_id is 'Made by the client for each message: sending it again adds none.';
comment on column public.chat_messages.answering_until is
  'Until when one request answers the message, so that others wait instead of asking a model too.';

create index chat_messages_owner on public.chat_messages (user_id, created_at desc, id desc);

revoke all on public.chat_messages from anon, authenticated;
grant select, delete on public.chat_messages to authenticated;

alter table public.chat_messages enable row level security;
create policy "People read their own conversation" on public.chat_messages
  for select to authenticated using ((select auth.uid()) = user_id);
create policy "People delete their own conversation" on public.chat_messages
  for delete to authenticated using ((select auth.uid()) = user_id);

create trigger chat_messages_set_updated_at before update on public.chat_messages
  for each row execute function private.set_updated_at();

-- What a reply rests on. The texts are read from the memories, sets and plans themselves, never taken from a model.
create table public.message_evidence (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references auth.users on delete cascade,
  message_id uuid not null,
  kind public.evidence_kind not null,
  source_id uuid not null,
  text text not null,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  constraint message_evidence_once unique (message_id, kind, source_id),
  constraint message_evidence_message_of_owner foreign key (message_id, user_id)
    references public.chat_messages (id, user_id) on delete cascade,
  constraint message_evidence_text_length check (private.is_nonblank(text, 600))
);
comment on table public.message_evidence is
  'The memories, sets and plans that a reply of the companion used, in the words of that time.';

create index message_evidence_owner on public.message_evidence (user_id, created_at desc, id desc);
create index message_evidence_of_source on public.message_evidence (user_id, source_id);

revoke all on public.message_evidence from anon, authenticated;
grant select on public.message_evidence to authenticated;

alter table public.message_evidence enable row level security;
create policy "People read what replies to them used" on public.message_evidence
  for select to authenticated using ((select auth.uid()) = user_id);

create trigger message_evidence_set_updated_at before update on public.message_evidence
  for each row execute function private.set_updated_at();

-- The text of a piece of evidence; null when it does not exist, or is not this person's.
create function private.evidence_text(owner uuid, kind public.evidence_kind, source_id uuid) returns text
language sql stable set search_path = '' as $$
  select case kind
    when 'memory' then (select m.content from public.memories as m
                         where m.id = source_id and m.user_id = owner and m.status = 'active')
    when 'set' then (select private.describe_set(s) from public.sets as s where s.id = source_id and s.user_id = owner)
    when 'plan' then (select p.name from public.plans as p where p.id = source_id and p.user_id = owner) end
$$;

-- A reply as the API returns it, at first and when it is asked for again.
create function private.chat_answer(owner uuid, reply_id uuid) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object(
    'message', jsonb_build_object('id', r.id, 'role', r.role, 'client_id', null, 'reply_to', r.reply_to,
      'message', r.message, 'mood', r.mood, 'actions', r.actions, 'model', r.model, 'finish', r.finish,
      'created_at', r.created_at),
    'evidence', coalesce((
      select jsonb_agg(jsonb_build_object('kind', e.kind, 'id', e.source_id, 'text', e.text) order by e.created_at, e.id)
        from public.message_evidence as e where e.message_id = r.id), '[]'),
    'memories_learned', coalesce((
      select jsonb_agg(jsonb_build_object('id', m.id, 'kind', m.kind, 'content', m.content, 'quote', m.source_quote)
                       order by m.created_at, m.id)
        from public.memories as m
       where m.user_id = owner and m.source_message_id = r.reply_to and m.status = 'active'), '[]'),
    'actions', r.actions,
    'affinity', jsonb_build_object('score', (select u.affinity_score from public.users as u where u.id = owner)))
    from public.chat_messages as r where r.id = reply_id and r.user_id = owner
$$;

-- POST /chat, first half. `state`: answered (with the `answer`), answering (by another request), or yours: then this
-- request has a minute to answer, and the call counts against the day's limit. An urgent message is answered without a
-- model and has a higher limit.
create function public.begin_chat(client_id uuid, message text, is_urgent boolean default false) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  caller constant uuid := auth.uid();
  user_message public.chat_messages;
  reply_id uuid;
begin
  if coalesce((auth.jwt() ->> 'is_anonymous')::boolean, false) then
    raise sqlstate 'PT403' using message = 'Sign up to talk with the companion: it would forget a guest.';
  end if;
  perform from public.users as u where u.id = caller for no key update;
  if not found then
    raise sqlstate 'PT401' using message = 'There is no such account.';
  end if;
  select * into user_message from public.chat_messages as m
   where m.user_id = caller and m.client_id = begin_chat.client_id;
  if user_message.id is null then
    insert into public.chat_messages (user_id, role, client_id, message)
    values (caller, 'user', begin_chat.client_id, begin_chat.message) returning * into user_message;
  elsif user_message.message <> begin_chat.message and position('[forgotten]' in user_message.message) = 0 then
    raise sqlstate 'PT409' using message = 'This client_id was used for a different message.';
  end if;
  select m.id into reply_id from public.chat_messages as m where m.reply_to = user_message.id;
  if reply_id is not null then
    return jsonb_build_object('state', 'answered', 'answer', private.chat_answer(caller, reply_id));
  elsif user_message.answering_until > now() then
    return jsonb_build_object('state', 'answering');
  end if;
  perform private.count_call(caller, 'chat', case when is_urgent then 1000 else private.daily_limit('chat') end);
  update public.chat_messages as m set answering_until = clock_timestamp() + interval '1 minute'
   where m.id = user_message.id;
  return jsonb_build_object('state', 'yours', 'message_id', user_message.id, 'message', user_message.message,
    'context', private.chat_context(caller, user_message.id));
end $$;

-- When answering failed: the person's message stays, and another request may answer it at once.
create function public.release_chat(message_id uuid) returns void
language sql security definer set search_path = '' as $$
  update public.chat_messages as m set answering_until = null where m.id = message_id and m.user_id = auth.uid()
$$;

-- POST /chat, second half: {message_id, reply, mood, actions, model, finish, input_tokens, output_tokens, latency_ms,
-- evidence: [{kind, id}], memories: [as private.learn_memory takes them]}. When it is called twice, the first answer
-- stays. PT409 when something was forgotten while the answer was composed: it may rest on that.
create function public.finish_chat(payload jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  caller constant uuid := auth.uid();
  user_message public.chat_messages;
  reply public.chat_messages;
  sender public.users;
begin
  select * into sender from public.users as u where u.id = caller for no key update;
  select * into user_message from public.chat_messages as m
   where m.id = (payload ->> 'message_id')::uuid and m.user_id = caller and m.role = 'user' for update;
  if user_message.id is null then
    raise sqlstate 'PT404' using message = 'There is no such message.';
  end if;
  select * into reply from public.chat_messages as m where m.reply_to = user_message.id;
  if reply.id is not null then
    return private.chat_answer(caller, reply.id);
  end if;
  -- The minute to answer began when begin_chat returned the context.
  if exists (select from public.memories as m where m.user_id = caller and m.status = 'dismissed'
      and m.updated_at > user_message.answering_until - interval '1 minute') then
    raise sqlstate 'PT409' using message = 'Something was forgotten meanwhile; ask again.';
  end if;
  insert into public.chat_messages (user_id, role, reply_to, message, mood, actions, model, finish, input_tokens,
    output_tokens, latency_ms)
  select caller, 'assistant', user_message.id, r.reply, r.mood, r.actions, r.model, r.finish, r.input_tokens, r.output_tokens,
    r.latency_ms
    from jsonb_to_record(payload) as r (reply text, mood public.companion_mood, actions jsonb, model text,
      finish public.answer_finish, input_tokens integer, output_tokens integer, latency_ms integer)
  returning * into reply;
  insert into public.message_evidence (user_id, message_id, kind, source_id, text)
  select caller, reply.id, e.kind, e.id, left(t.text, 600)
    from (select value from jsonb_array_elements(payload -> 'evidence') limit 50) as item
      cross join lateral jsonb_to_record(item.value) as e (kind public.evidence_kind, id uuid)
      cross join lateral private.evidence_text(caller, e.kind, e.id) as t (text)
   where t.text is not null
  on conflict do nothing;
  if sender.memory_enabled then
    -- Learn only from the person's own words: a quote that is not in their message teaches nothing.
    perform private.learn_memory(caller, m.value, user_message.id)
       from (select value from jsonb_array_elements(payload -> 'memories') limit 10) as m
      where position(m.value ->> 'quote' in user_message.message) > 0;
    perform private.mark_memories_used(caller, array(select e.source_id from public.message_evidence as e
                                              where e.message_id = reply.id and e.kind = 'memory'));
  end if;
  update public.ai_usage as a
     set input_tokens = a.input_tokens + reply.input_tokens, output_tokens = a.output_tokens + reply.output_tokens
   where a.user_id = caller and a.kind = 'chat' and a.day = (now() at time zone 'UTC')::date;
  perform private.award(caller, 'conversation', 1, 'day', to_char(now() at time zone sender.timezone, 'YYYY-MM-DD'), 0,
    null, format('You talked with your companion on %s.', to_char(now() at time zone sender.timezone, 'FMDD Mon YYYY')));
  update public.chat_messages as m set answering_until = null where m.id = user_message.id;
  return private.chat_answer(caller, reply.id);
end $$;

-- GET /chat/messages/{id}/evidence: null when there is no such reply.
create function public.chat_evidence(message_id uuid) returns jsonb
language sql stable set search_path = '' as $$
  select coalesce((
    select jsonb_agg(jsonb_build_object('kind', e.kind, 'id', e.source_id, 'text', e.text) order by e.created_at, e.id)
      from public.message_evidence as e where e.message_id = m.id), '[]')
    from public.chat_messages as m where m.id = chat_evidence.message_id and m.user_id = (select auth.uid())
$$;

-- GET /chat: the limit of the day, how much of it is used, and when the next day begins.
create function public.chat_limits() returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object('per_day', private.daily_limit('chat'), 'used', coalesce((
           select a.calls from public.ai_usage as a
            where a.user_id = (select auth.uid()) and a.kind = 'chat' and a.day = (now() at time zone 'UTC')::date), 0),
         'resets_at', ((now() at time zone 'UTC')::date + 1)::timestamp at time zone 'UTC')
$$;

grant execute on function private.are_actions to service_role;
grant execute on function public.begin_chat, public.release_chat, public.finish_chat, public.chat_evidence,
  public.chat_limits to authenticated;

-- What the companion may know of a person when it answers: profile, training, plans, and the conversation so far.

-- A set in words.
create function private.describe_set(logged public.sets) returns text
language sql stable set search_path = '' as $$
  select concat_ws(' ', logged.exercise_name || ':',
    case when logged.reps is not null then logged.reps || ' ×' end,
    case when logged.entered_value is not null then trim_scale(logged.entered_value) || ' ' || logged.entered_unit
         when logged.reps is not null then 'bodyweight' end,
    case when logged.kind = 'assisted' then 'of help' end,
    case when logged.distance_m is not null then trim_scale(logged.distance_m) || ' m' end,
    case when logged.duration_seconds is not null then logged.duration_seconds || ' s' end,
    'on', to_char(logged.local_date, 'FMDD Mon YYYY'))
$$;

-- Texts in it are data and no instructions: prompts quote them. `before_message`: the message to answer, which is left out.
create function private.chat_context(owner uuid, before_message uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return (
    select jsonb_build_object(
      'now', to_char(now() at time zone u.timezone, 'YYYY-MM-DD"T"HH24:MI'),
      'memory_enabled', u.memory_enabled,
      'profile', jsonb_build_object('name', u.name, 'sport', u.sport, 'experience_level', u.experience_level,
        'days_per_week', u.days_per_week, 'goals', u.goals, 'equipment', u.equipment, 'injuries', u.injuries,
        'weight_unit', u.weight_unit, 'distance_unit', u.distance_unit, 'timezone', u.timezone),
      'affinity', jsonb_build_object('score', u.affinity_score, 'events', coalesce((
        select jsonb_agg(jsonb_build_object('points', e.points, 'explanation', e.explanation) order by e.created_at desc)
          from (select * from public.affinity_events as e where e.user_id = owner
                 order by e.created_at desc, e.id desc limit 5) as e), '[]')),
      'plan', (
        select jsonb_build_object('id', p.id, 'name', p.name, 'goal', p.goal, 'days', (
                 select jsonb_agg(jsonb_build_object('day', d.n - 1, 'name', d.value ->> 'name', 'exercises', (
                          select jsonb_agg(x.name order by e.n)
                            from jsonb_array_elements(d.value -> 'exercises') with ordinality as e (value, n)
                              join public.exercises as x on x.id = (e.value ->> 'exercise_id')::uuid)) order by d.n)
                   from jsonb_array_elements(p.content -> 'days') with ordinality as d (value, n)),
               'next_day', coalesce((
                 select (w.plan_day + 1) % jsonb_array_length(p.content -> 'days') from public.workouts as w
                  where w.user_id = owner and w.plan_id = p.id and w.plan_day < jsonb_array_length(p.content -> 'days')
                  order by w.started_at desc, w.id desc limit 1), 0))
          from public.plans as p where p.user_id = owner and p.kind = 'workout' and p.status = 'active'),
      'proposal', (
        select jsonb_build_object('id', r.id, 'plan_id', r.plan_id, 'changes', (
                 select coalesce(jsonb_agg(left(c.value ->> 'explanation', 300) order by c.n), '[]')
                   from jsonb_array_elements(r.changes) with ordinality as c (value, n) where c.n <= 10))
          from public.plan_proposals as r join public.plans as p on p.id = r.plan_id
         where r.user_id = owner and r.kind = 'workout' and r.status = 'open' and p.status = 'active'
         order by r.created_at desc, r.id desc limit 1),
      'meal_plan', (
        select jsonb_build_object('id', m.id, 'name', m.name, 'days', (
                 select jsonb_agg(jsonb_build_object('day', d.n - 1, 'name', d.value ->> 'name',
                          'weekday', d.value -> 'weekday', 'meals', (
                            select jsonb_agg(jsonb_build_object('meal', e.n - 1, 'slot', e.value ->> 'slot',
                                     'name', e.value ->> 'name') order by e.n)
                              from jsonb_array_elements(d.value -> 'meals') with ordinality as e (value, n))) order by d.n)
                   from jsonb_array_elements(m.content -> 'days') with ordinality as d (value, n)))
          from public.plans as m where m.user_id = owner and m.kind = 'meal' and m.status = 'active'),
      'sessions', coalesce((
        select jsonb_agg(jsonb_build_object('date', w.local_date, 'name', w.name, 'plan_day', w.plan_day,
                 'records', private.workout_records(owner, w.id),
                 'sets', (
                   select jsonb_agg(jsonb_build_object('id', s.id, 'exercise', s.exercise_name, 'reps', s.reps,
                            'weight_kg', s.weight_kg, 'duration_seconds', s.duration_seconds, 'distance_m', s.distance_m,
                            'text', private.describe_set(s)) order by s.exercise_position, s.position)
                     from (select * from public.sets as s where s.workout_id = w.id and s.set_type <> 'warmup'
                            order by s.exercise_position, s.position limit 50) as s)) order by w.started_at desc, w.id desc)
          from (select * from public.workouts as w where w.user_id = owner
                 order by w.started_at desc, w.id desc limit 5) as w), '[]'),
      'conversation', coalesce((
        select jsonb_agg(jsonb_build_object('role', m.role, 'message', m.message) order by m.created_at, m.id)
          from (select * from public.chat_messages as m where m.user_id = owner and m.id <> before_message
                 order by m.created_at desc, m.id desc limit 12) as m), '[]'))
      from public.users as u where u.id = owner);
end $$;

-- What the companion remembers of a person, in their own words. A memory is active, superseded by a newer one, or
-- dismissed (forgotten). A dismissed one is a tombstone: only its embedding and two hashes are left, so that it is not
-- learned again. 76_memory_recall.sql finds memories, 77_memory_learning.sql adds and changes them,
-- 78_memory_forgetting.sql removes them.

create extension if not exists vector with schema extensions;

-- The words of a text as entries of the full text index. Each begins with the first part of its owner's id, so that a
-- word that everyone uses has only as many entries as that person has memories.
create function private.owned_words(owner uuid, value text) returns tsvector
language sql immutable set search_path = '' as $$
  select array_to_tsvector(array(
    select left(owner::text, 8) || w.lexeme from unnest(to_tsvector('pg_catalog.english', left(value, 4000))) as w))
   where value is not null
$$;

create table public.memories (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null default auth.uid() references auth.users on delete cascade,
  kind public.memory_kind not null,
  content text,
  content_hash bytea not null,
  words tsvector generated always as (private.owned_words(user_id, content)) stored,
  embedding extensions.halfvec(768),
  embedding_model text,
  status public.memory_status not null default 'active',
  salience real not null default 0.5,
  pinned boolean not null default false,
  mentions integer not null default 1,
  source_message_id uuid references public.chat_messages on delete set null,
  source_quote text,
  quote_hash bytea,
  superseded_by uuid,
  paraphrases text[] not null default '{}',
  stated_at timestamptz not null default clock_timestamp(),
  last_used_at timestamptz,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  constraint memories_content_unless_dismissed check ((content is null) = (status = 'dismissed')),
  constraint memories_content_length check (private.is_nonblank(content, 500)),
  constraint memories_quote_length check (private.is_nonblank(source_quote, 500)),
  constraint memories_dismissed_is_emptied check (status <> 'dismissed'
    or (num_nonnulls(source_quote, source_message_id, superseded_by, last_used_at) = 0 and not pinned)),
  constraint memories_paraphrases_size check (private.texts_fit(paraphrases, 20, 500)),
  constraint memories_no_paraphrases_of_dismissed check (status <> 'dismissed' or paraphrases = '{}'),
  constraint memories_superseded_by_one check (superseded_by is null or status = 'superseded'),
  constraint memories_model_of_embedding check ((embedding is null) = (embedding_model is null)),
  constraint memories_model_length check (private.is_nonblank(embedding_model, 100)),
  -- Of length 1, so that an inner product is the cosine; this also refuses a vector of zeros.
  constraint memories_embedding_normal check (extensions.l2_norm(embedding) between 0.99 and 1.01),
  constraint memories_salience_range check (salience between 0 and 1),
  constraint memories_mentions_range check (mentions >= 1)
) with (toast_tuple_target = 4080); -- a row has room for its words beside its embedding
-- Never compressed nor moved out of the row, so that the index holds the vectors themselves.
alter table public.memories alter column embedding set storage plain;
comment on table public.memories is 'What the companion remembers of a person; a dismissed row is a tombstone.';
comment on column public.memories.content_hash is
  'Hash of the content without case, spaces and punctuation; stays when the memory is forgotten.';
comment on column public.memories.paraphrases is
  'Other words in which the person said it. Forgetting removes them from the chat too; never shown.';
comment on column public.memories.stated_at is 'When the person last said it; recency counts from here.';
comment on column public.memories.mentions is 'How often the person has said it.';
comment on column public.memories.superseded_by is 'The memory that replaced it, if that still exists.';

create index memories_owner on public.memories (user_id, created_at desc, id desc);
-- Holds the embeddings of a person side by side, so that recall reads no table rows, which lie among everyone else's.
create index memories_vectors on public.memories (user_id, status, embedding_model) include (id, kind, embedding);
create index memories_words on public.memories using gin (words) with (fastupdate = off);
create index memories_tombstones on public.memories (user_id, content_hash) where status = 'dismissed';
-- A person has each active memory once.
create unique index memories_once on public.memories (user_id, content_hash) where status = 'active';
create index memories_of_model on public.memories (embedding_model, user_id) where status <> 'dismissed';
create index memories_of_message on public.memories (source_message_id) where source_message_id is not null;

-- Embeddings, hashes and paraphrases are read by functions only: forgetting relies on them.
revoke all on public.memories from anon, authenticated;
grant select (id, user_id, kind, content, status, salience, pinned, mentions, source_message_id, source_quote,
  superseded_by, embedding_model, stated_at, last_used_at, created_at, updated_at) on public.memories to authenticated;

alter table public.memories enable row level security;
create policy "People read their own memories" on public.memories
  for select to authenticated using ((select auth.uid()) = user_id and status <> 'dismissed');

-- Using or embedding a memory does not change updated_at: a person's If-Match should still hold.
create trigger memories_set_updated_at before update on public.memories for each row
  when ((old.kind, old.content, old.status, old.salience, old.pinned, old.mentions, old.source_quote, old.superseded_by)
    is distinct from (new.kind, new.content, new.status, new.salience, new.pinned, new.mentions, new.source_quote,
      new.superseded_by))
  execute function private.set_updated_at();

-- Every number that memory depends on (docs/decisions/0021-memory.md says where they come from). The cosines of
-- forgetting are below same_cosine: learning too little does less harm than learning again what was forgotten. Hashed
-- words are farther apart than a model's embeddings of the same meaning.
create function private.memory_rules(
  out max_memories integer,           -- memories of a person, and as many tombstones
  out same_cosine real,               -- cosine from which two statements say the same
  out forgotten_cosine real,          -- cosine from which a statement counts as one that was forgotten
  out forgotten_cosine_hashed real,   -- the same for embeddings of hashing_model
  out hashing_model text,             -- the embedding model of src/ai/rule_based.py, which hashes words
  out candidates integer,             -- taken from each ranking before they are fused
  out max_hits integer,               -- rows that a search by words reads
  out rank_offset real,               -- of reciprocal rank fusion: the smaller, the more the first places count
  out text_weight real,               -- of a place in the ranking by words, against 1 in the one by vectors
  out fading real,                    -- the most that age takes from a score
  out salience_span real,             -- by how much salience 1 is ahead of salience 0
  out half_lives jsonb)               -- days in which a memory of a kind fades by half; injuries do not fade
language sql immutable set search_path = '' as $$
  select 20000, 0.95::real, 0.92::real, 0.89::real, 'offline-1', 50, 1000, 20::real, 0.5::real, 0.15::real, 0.1::real,
    '{"profile": 1460, "fact": 730, "preference": 365, "goal": 180, "event": 60}'::jsonb
$$;

-- The hash of a text without case, white space and punctuation: equal for equal words. A memory has at most 500
-- characters; 501 are hashed, so that a longer text, which is refused later, costs no time here.
create function private.words_hash(value text) returns bytea
language sql immutable set search_path = '' as $$
  select sha256(convert_to(btrim(regexp_replace(lower(normalize(left(value, 501), nfkc)),
    '[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00bf\u2000-\u206f\u3000-\u3003]+', ' ', 'g')), 'UTF8'))
$$;

-- What turns a statement into a different one, in order: numbers, negations, sides, times. Embeddings of "80 kg" and
-- "85 kg", or "like" and "don't like", are near each other, but statements that differ in these terms are not the same.
create function private.distinguishing_terms(value text) returns text[]
language sql immutable set search_path = '' as $$
  select coalesce(array_agg(coalesce(m.found[1], m.found[2], 'not') order by m.n), '{}')
    from regexp_matches(lower(value), '([0-9]+(?:[.,:][0-9]+)*)'
      '|\y(left|right|morning|afternoon|evening|night|mon|tues|wednes|thurs|fri|satur|sun)(?:day)?s?\y'
      '|([a-z]n[''’]t\y|\y(?:not|no|never|none|without|cannot|dont|doesnt|didnt|cant|wont|isnt|arent|stopped|quit|longer'
      '|anymore)\y)', 'g') with ordinality as m (found, n)
$$;

-- The vector of "[0.1, …]", scaled to length 1.
create function private.unit_vector(embedding text) returns extensions.halfvec
language sql immutable set search_path = '' as $$
  select extensions.l2_normalize(embedding::extensions.halfvec(768))
$$;

-- A memory as its owner sees it.
create function private.memory_document(memory public.memories) returns jsonb
language sql immutable set search_path = '' as $$
  select jsonb_build_object('id', memory.id, 'kind', memory.kind, 'content', memory.content, 'status', memory.status,
    'salience', memory.salience, 'pinned', memory.pinned, 'mentions', memory.mentions,
    'source_message_id', memory.source_message_id, 'source_quote', memory.source_quote,
    'superseded_by', memory.superseded_by, 'stated_at', memory.stated_at, 'last_used_at', memory.last_used_at,
    'created_at', memory.created_at, 'updated_at', memory.updated_at)
$$;

-- Embedding -----------------------------------------------------------------------------------------------------------

-- Cron, with the model that is used now: enqueues a job for each person with memories that have no embedding of it.
-- Returns the number of jobs.
create function public.embed_memories(model text) returns integer
language sql set search_path = '' as $$
  with people as (
    -- Two comparisons, because "is distinct from" would not use the index.
    select distinct m.user_id from public.memories as m
     where m.status <> 'dismissed' and (m.embedding_model < model or m.embedding_model > model or m.embedding_model is null)
     limit 1000),
  enqueued as (
    insert into public.jobs (user_id, kind, input, dedupe_key)
    select p.user_id, 'embed_memories', '{}', 'embed memories' from people as p
    on conflict (user_id, dedupe_key) where status in ('queued', 'running') do nothing returning 1)
  select count(*)::integer from enqueued
$$;

-- For the worker: the memories of the job's owner that need an embedding, active ones first, then the newest: [{"id",
-- "content", "updated_at"}].
create function public.memories_to_embed(job_id uuid, attempt integer, model text, max_rows integer) returns jsonb
language plpgsql set search_path = '' as $$
declare
  owner constant uuid := private.assert_lease(job_id, attempt);
begin
  return (select coalesce(jsonb_agg(jsonb_build_object('id', n.id, 'content', n.content, 'updated_at', n.updated_at)), '[]')
            from (select m.id, m.content, m.updated_at from public.memories as m
                   where m.user_id = owner and m.status <> 'dismissed' and m.embedding_model is distinct from model
                   order by m.status, m.stated_at desc, m.id limit memories_to_embed.max_rows) as n);
end $$;

-- For the worker: stores embeddings of the model; rows are [{"id", "updated_at", "embedding": "[…]"}]. A memory that
-- was corrected or forgotten meanwhile is left as it is. Returns the number that was stored.
create function public.store_embeddings(job_id uuid, attempt integer, model text, rows jsonb) returns integer
language plpgsql set search_path = '' as $$
declare
  owner constant uuid := private.assert_lease(job_id, attempt);
  stored integer;
begin
  update public.memories as m set embedding = private.unit_vector(r.embedding), embedding_model = model
    from jsonb_to_recordset(rows) as r (id uuid, updated_at timestamptz, embedding text)
   where m.id = r.id and m.user_id = owner and m.updated_at = r.updated_at and m.status <> 'dismissed';
  get diagnostics stored = row_count;
  return stored;
end $$;

grant execute on function private.unit_vector, private.owned_words, private.words_hash, private.memory_rules
  to service_role;
grant execute on function public.embed_memories, public.memories_to_embed, public.store_embeddings to service_role;

-- Finding memories that answer a question.

-- The memories of one person and one embedding model, best first: by exact cosine over all of them and by full text,
-- fused by reciprocal rank, then weighted by recency and salience. At most twice memory_rules().candidates.
create function private.rank_memories(owner uuid, query_vector extensions.halfvec, query text, model text,
  kinds public.memory_kind[], statuses public.memory_status[])
returns table (id uuid, similarity real, score real)
-- The vectors of one person lie together in the index; these settings make the planner use it, also in a small table.
language plpgsql stable set search_path = '' set enable_seqscan = off set random_page_cost = 1.1 set jit = off as $$
#variable_conflict use_column
declare
  rules constant record := private.memory_rules();
  -- Any of its words is enough; a search engine would want all of them.
  terms constant tsquery := (select string_agg(quote_literal(w.lexeme), ' | ')
    from unnest(private.owned_words(owner, left(query, 4000))) as w)::tsquery;
begin
  return query
  with by_vector as materialized (
    select m.id, m.embedding operator(extensions.<#>) query_vector as distance
      from public.memories as m
     where m.user_id = owner and m.status = any (statuses) and m.embedding_model = model
       and (kinds is null or m.kind = any (kinds))
     order by 2, 1 limit rules.candidates),
  -- The only condition is the words, which carry their owner, so that the planner has no choice but their index; the
  -- others follow in by_words. A word in more than max_hits memories says little, and not all of these are read.
  hits as materialized (
    select m.id, m.user_id, m.kind, m.status, m.embedding_model, ts_rank(m.words, terms) as text_rank,
           m.embedding operator(extensions.<#>) query_vector as distance
      from public.memories as m where m.words @@ terms limit rules.max_hits),
  by_words as (
    select h.id, h.distance, h.text_rank from hits as h
     where h.user_id = owner and h.status = any (statuses) and h.embedding_model = model
       and (kinds is null or h.kind = any (kinds))
     order by h.text_rank desc, h.distance, h.id limit rules.candidates),
  ranked as (
    select id, distance, 1 / (rules.rank_offset + row_number() over (order by distance, id)) as points from by_vector
    union all
    select id, distance,
           rules.text_weight / (rules.rank_offset + row_number() over (order by text_rank desc, distance, id))
      from by_words),
  fused as (select id, min(distance) as distance, sum(points) as points from ranked group by id)
  select f.id, (-f.distance)::real,
         (f.points * (1 + rules.salience_span * (m.salience - 0.5)) * (1 - case
            when m.pinned or l.days is null or m.content ~* '\y(allerg|intoleran|anaphyla)' then 0
            else rules.fading * (1 - power(0.5::double precision,
              greatest(extract(epoch from now() - m.stated_at), 0) / 86400 / l.days))
          end))::real
    from fused as f join public.memories as m on m.id = f.id
      cross join lateral (select (rules.half_lives ->> m.kind::text)::double precision as days) as l
   order by 3 desc, 2 desc, 1;
end $$;

-- The caller's active memories that answer a question best; none when they have turned memory off.
-- Definer: people may not read embeddings. Every row is bound to auth.uid().
create function public.match_memories(embedding text, query text, model text, max_results integer default 8)
returns table (id uuid, kind public.memory_kind, content text, created_at timestamptz, similarity real)
language plpgsql stable security definer set search_path = '' as $$
#variable_conflict use_column
declare
  caller constant uuid := auth.uid();
  query_vector constant extensions.halfvec := private.unit_vector(embedding); -- once, not for each row
begin
  if (select u.memory_enabled from public.users as u where u.id = caller) is not true then
    return;
  end if;
  return query
  select m.id, m.kind, m.content, m.created_at, r.similarity
    from private.rank_memories(caller, query_vector, query, model, null, '{active}') as r
      join public.memories as m on m.id = r.id
   order by r.score desc, r.similarity desc, r.id limit least(greatest(max_results, 0), 50);
end $$;

-- GET /memories?q=: a page of the caller's memories that come nearest to a text; {"items", "total"}.
-- Definer: people may not read embeddings. Every row is bound to auth.uid().
create function public.search_memories(embedding text, query text, model text, page_offset integer, page_limit integer,
  kinds public.memory_kind[] default null, statuses public.memory_status[] default '{active}') returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  caller constant uuid := auth.uid();
  query_vector constant extensions.halfvec := private.unit_vector(embedding);
begin
  return (
    with found as materialized (
      select r.*, row_number() over (order by r.score desc, r.similarity desc, r.id) as place
        from private.rank_memories(caller, query_vector, query, model, kinds, array_remove(statuses, 'dismissed')) as r)
    select jsonb_build_object('total', (select count(*) from found), 'items', coalesce((
      select jsonb_agg(private.memory_document(m) order by f.place)
        from found as f join public.memories as m on m.id = f.id
       where f.place > search_memories.page_offset
         and f.place <= search_memories.page_offset + least(search_memories.page_limit, 100)), '[]')));
end $$;

-- Notes that a reply used these memories.
create function private.mark_memories_used(owner uuid, ids uuid[]) returns void
language sql set search_path = '' as $$
  update public.memories as m set last_used_at = now()
   where m.user_id = owner and m.id = any (ids) and m.status <> 'dismissed'
$$;

grant execute on function public.match_memories, public.search_memories to authenticated;

-- Learning memories from the chat, and adding and correcting them by hand.

-- The newest twenty paraphrases, each once.
create function private.add_paraphrases(paraphrases text[], added text[]) returns text[]
language sql immutable set search_path = '' as $$
  select coalesce(array_agg(l.text order by l.n), '{}')
    from (select a.text, max(a.n) as n from unnest(paraphrases || added) with ordinality as a (text, n)
           where a.text is not null group by a.text order by 2 desc limit 20) as l
$$;

-- Keeps a statement: {"outcome", "id"}. `statement` is {kind, content, quote, salience, pinned, embedding ("[…]" or
-- null), embedding_model, replaces (the id of a memory that it contradicts, or null)}. In this order:
--   forgotten   it was dismissed before, in these words or nearly: nothing is kept (unless the person adds it by hand)
--   reinforced  an active memory says the same; the words are added to those that forgetting it removes
--   superseded  it replaces one, which stays as history
--   full        there are memory_rules().max_memories already
--   learned     it is new
-- The caller must have locked the person's row, so that two requests do not learn the same at once.
create function private.keep_memory(owner uuid, statement jsonb, message_id uuid, by_hand boolean) returns jsonb
language plpgsql set search_path = '' as $$
declare
  rules constant record := private.memory_rules();
  new_content constant text := btrim(statement ->> 'content');
  hash constant bytea := private.words_hash(new_content);
  quote constant text := btrim(statement ->> 'quote');
  vector constant extensions.halfvec := private.unit_vector(statement ->> 'embedding');
  model constant text := statement ->> 'embedding_model';
  new_salience constant real := coalesce((statement ->> 'salience')::real, 0.5);
  tombstones uuid[];
  replaced public.memories;
  memory_id uuid;
  outcome text;
begin
  select array_agg(t.id) into tombstones
    from (select m.id from public.memories as m
           where m.user_id = owner and m.status = 'dismissed' and m.content_hash = hash
          union
          select m.id from public.memories as m
           where m.user_id = owner and m.status = 'dismissed' and m.embedding_model = model
             and -(m.embedding operator(extensions.<#>) vector) >= case model
               when rules.hashing_model then rules.forgotten_cosine_hashed else rules.forgotten_cosine end) as t;
  if tombstones is not null and not by_hand then
    return jsonb_build_object('outcome', 'forgotten', 'id', null);
  end if;
  select * into replaced from public.memories as m
   where m.id = (statement ->> 'replaces')::uuid and m.user_id = owner and m.status = 'active';

  select m.id into memory_id from public.memories as m
   where m.user_id = owner and m.status = 'active' and m.content_hash = hash;
  if memory_id is null and replaced.id is null then
    select m.id into memory_id
      from (select v.id, v.embedding operator(extensions.<#>) vector as distance from public.memories as v
             where v.user_id = owner and v.status = 'active' and v.embedding_model = model
             order by 2, 1 limit 5) as n
        join public.memories as m on m.id = n.id
     where -n.distance >= rules.same_cosine
       and private.distinguishing_terms(m.content) = private.distinguishing_terms(new_content)
     order by n.distance, n.id limit 1;
  end if;
  if memory_id is not null then
    update public.memories as m
       set mentions = m.mentions + 1, stated_at = now(), salience = greatest(m.salience, new_salience),
           paraphrases = private.add_paraphrases(m.paraphrases, array[quote])
     where m.id = memory_id;
    outcome := 'reinforced';
  elsif not by_hand and exists (select from public.memories as m where m.user_id = owner and m.status = 'dismissed'
      and m.kind = (statement ->> 'kind')::public.memory_kind and m.quote_hash = private.words_hash(quote)) then
    -- The same sentence again: a model may word what it learns from it in another way each time.
    return jsonb_build_object('outcome', 'forgotten', 'id', null);
  elsif (select count(*) from public.memories as m where m.user_id = owner and m.status <> 'dismissed')
      >= rules.max_memories then
    return jsonb_build_object('outcome', 'full', 'id', null);
  else
    insert into public.memories (user_id, kind, content, content_hash, embedding, embedding_model, salience, pinned,
      source_message_id, source_quote, quote_hash)
    values (owner, (statement ->> 'kind')::public.memory_kind, new_content, hash, vector, model, new_salience,
      coalesce((statement ->> 'pinned')::boolean, replaced.pinned, false), message_id, quote, private.words_hash(quote))
    returning memories.id into memory_id;
    outcome := 'learned';
  end if;
  delete from public.memories as m where m.id = any (tombstones);
  if replaced.id <> memory_id then
    update public.memories as m set status = 'superseded', superseded_by = memory_id, pinned = false
     where m.id = replaced.id;
    outcome := 'superseded';
  end if;
  return jsonb_build_object('outcome', outcome, 'id', memory_id);
end $$;

-- Keeps what the person said in a message. Nothing is learned ("off") while they have turned memory off.
create function private.learn_memory(owner uuid, statement jsonb, message_id uuid) returns jsonb
language plpgsql set search_path = '' as $$
declare
  enabled boolean;
begin
  select u.memory_enabled into enabled from public.users as u where u.id = owner for no key update;
  if enabled is not true then
    return jsonb_build_object('outcome', 'off', 'id', null);
  end if;
  return private.keep_memory(owner, statement, message_id, by_hand => false);
end $$;

-- The owner's memory, after locking first the person and then it; empty when there is none. Raises PT412 when it is in
-- none of the expected states.
create function private.lock_memory(owner uuid, memory_id uuid, unchanged_since timestamptz[]) returns public.memories
language plpgsql set search_path = '' as $$
declare
  memory public.memories;
begin
  perform from public.users as u where u.id = owner for no key update;
  select * into memory from public.memories as m
   where m.id = memory_id and m.user_id = owner and m.status <> 'dismissed' for update;
  if memory.id is not null and memory.updated_at <> all (unchanged_since) then
    raise sqlstate 'PT412' using message = 'It has changed.';
  end if;
  return memory;
end $$;

-- POST /memories: {"outcome", "memory"}. What the person adds by hand is kept, also if they had forgotten it once.
-- Definer, like the other functions that write memories: people may not. Each binds itself to auth.uid().
create function public.add_memory(payload jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  caller constant uuid := auth.uid();
  enabled boolean;
  answer jsonb;
begin
  select u.memory_enabled into enabled from public.users as u where u.id = caller for no key update;
  if enabled is null then
    raise sqlstate 'PT401' using message = 'There is no such account.';
  elsif not enabled then
    raise sqlstate 'PT409' using message = 'Memory is off; turn it on in the profile (memory_enabled) first.';
  end if;
  answer := private.keep_memory(caller, payload - 'quote', null, by_hand => true);
  if answer ->> 'outcome' = 'full' then
    raise sqlstate 'PT409' using message = 'You have 20,000 memories; forget some first.';
  end if;
  return (select jsonb_build_object('outcome', answer -> 'outcome', 'memory', private.memory_document(m))
            from public.memories as m where m.id = (answer ->> 'id')::uuid);
end $$;

-- PATCH /memories/{id}: the memory after the change, null when there is none. What the payload leaves out stays. A
-- corrected memory is in the person's own words: it loses the quote that it came from, but forgetting it also removes
-- the earlier words from the chat.
create function public.update_memory(memory_id uuid, payload jsonb, unchanged_since timestamptz[] default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  old_memory constant public.memories := private.lock_memory(auth.uid(), memory_id, unchanged_since);
  new_content constant text := coalesce(btrim(payload ->> 'content'), old_memory.content);
  is_corrected constant boolean := new_content <> old_memory.content;
  new_memory public.memories;
begin
  if old_memory.id is null then
    return null;
  elsif old_memory.status = 'superseded' then
    raise sqlstate 'PT409' using message = 'A newer memory has replaced this one; change that one.';
  elsif exists (select from public.memories as m
      where m.user_id = old_memory.user_id and m.status = 'active' and m.id <> old_memory.id
      and m.content_hash = private.words_hash(new_content)) then
    raise sqlstate 'PT409' using message = 'Another memory says this already.';
  end if;
  update public.memories as m set
      kind = coalesce((payload ->> 'kind')::public.memory_kind, m.kind),
      salience = coalesce((payload ->> 'salience')::real, m.salience),
      pinned = coalesce((payload ->> 'pinned')::boolean, m.pinned),
      content = new_content, content_hash = private.words_hash(new_content),
      embedding = case when is_corrected then private.unit_vector(payload ->> 'embedding') else m.embedding end,
      embedding_model = case when is_corrected then payload ->> 'embedding_model' else m.embedding_model end,
      source_message_id = case when not is_corrected then m.source_message_id end,
      source_quote = case when not is_corrected then m.source_quote end,
      paraphrases = case when is_corrected
        then private.add_paraphrases(m.paraphrases, array[m.content, m.source_quote]) else m.paraphrases end,
      stated_at = case when is_corrected then now() else m.stated_at end
   where m.id = old_memory.id returning m.* into new_memory;
  return private.memory_document(new_memory);
end $$;

grant execute on function public.add_memory, public.update_memory to authenticated;

-- Forgetting memories: they also disappear from messages and from the evidence of replies.

-- A message without these texts, in upper or lower case. "[forgotten]" may be longer than what it stands for.
create function private.redact_texts(message text, texts text[]) returns text
language plpgsql immutable set search_path = '' as $$
declare
  forgotten text;
begin
  foreach forgotten in array texts loop
    message := regexp_replace(message, '***=' || forgotten, '[forgotten]', 'gi');
  end loop;
  return message;
end $$;

-- The different words of a text, in lower case.
create function private.distinct_words(value text) returns text[]
language sql immutable set search_path = '' as $$
  select array(select distinct w.word from regexp_split_to_table(lower(value), '[^[:alnum:]]+') as w (word) where w.word <> '')
$$;

-- Removes what a person wants forgotten, one memory or all, from all messages and from the evidence of replies. In one
-- pass: a text is searched only in the messages that have its rarest word.
create function private.forget_in_chat(owner uuid, memory_id uuid default null) returns void
-- The planner cannot estimate the rows of the CTEs, and would choose nested loops.
language plpgsql set search_path = '' set enable_nestloop = off set jit = off as $$
begin
  with forgotten as materialized (
    select distinct m.id, m.source_message_id, t.text
      from public.memories as m
        cross join lateral unnest(m.paraphrases || m.content || m.source_quote) as w (words)
        cross join lateral btrim(w.words, E' \t\n.,;:!?…"“”') as t (text)
     where m.user_id = owner and m.status <> 'dismissed' and (memory_id is null or m.id = memory_id) and t.text <> ''),
  texts as materialized (
    select c.id, c.message, coalesce(c.reply_to, c.id) as message_id, private.distinct_words(c.message) as words
      from public.chat_messages as c where c.user_id = owner
    union all
    select e.id, e.text, null, private.distinct_words(e.text) from public.message_evidence as e
     where e.user_id = owner and e.kind = 'memory'),
  word_places as materialized (select s.id, w.word from texts as s, unnest(s.words) as w (word)),
  word_counts as (select p.word, count(*) as frequency from word_places as p group by p.word),
  rarest_words as (
    select distinct on (f.text) f.text, w.word
      from (select distinct f.text from forgotten as f) as f
        cross join lateral unnest(private.distinct_words(f.text)) as w (word) left join word_counts as c on c.word = w.word
     order by f.text, c.frequency nulls first),
  candidates as (
    select p.id, r.text from rarest_words as r join word_places as p on p.word = r.word
    union
    -- In the message where it was learned, it may also be a part of a word.
    select s.id, f.text from forgotten as f join texts as s on s.message_id = f.source_message_id),
  found as (
    select s.id, left(private.redact_texts(s.message, array_agg(c.text order by length(c.text) desc)), 4000) as message
      from candidates as c join texts as s on s.id = c.id
     where position(lower(c.text) in lower(s.message)) > 0 group by s.id, s.message),
  in_messages as (
    update public.chat_messages as m set message = f.message from found as f where m.id = f.id and m.user_id = owner),
  in_evidence as (
    update public.message_evidence as e set text = left(f.message, 600) from found as f
     where e.id = f.id and e.user_id = owner
       and e.source_id not in (select g.id from forgotten as g))
  delete from public.message_evidence as e using (select distinct f.id from forgotten as f) as f
   where e.user_id = owner and e.source_id = f.id;
end $$;

-- Turns one memory, or all, into tombstones, and deletes the oldest tombstones beyond max_memories. Returns the number
-- of memories that were forgotten.
create function private.tombstone_memories(owner uuid, memory_id uuid default null) returns integer
language plpgsql set search_path = '' as $$
declare
  forgotten integer;
begin
  perform private.forget_in_chat(owner, memory_id);
  update public.memories as m set status = 'dismissed', content = null, source_quote = null, source_message_id = null,
      paraphrases = '{}', superseded_by = null, last_used_at = null, pinned = false, salience = 0.5, mentions = 1
   where m.user_id = owner and m.status <> 'dismissed' and (memory_id is null or m.id = memory_id);
  get diagnostics forgotten = row_count;
  delete from public.memories as m where m.id in (
    select t.id from public.memories as t where t.user_id = owner and t.status = 'dismissed'
     order by t.updated_at desc, t.id offset (private.memory_rules()).max_memories);
  return forgotten;
end $$;

-- DELETE /memories/{id}: whether there was one. Definer: see add_memory().
create function public.forget_memory(memory_id uuid, unchanged_since timestamptz[] default null) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  memory constant public.memories := private.lock_memory(auth.uid(), memory_id, unchanged_since);
begin
  return memory.id is not null and private.tombstone_memories(memory.user_id, memory.id) = 1;
end $$;

-- DELETE /memories: the number of memories that were forgotten. Definer: see add_memory().
create function public.forget_all_memories() returns integer
language plpgsql security definer set search_path = '' as $$
declare
  caller constant uuid := auth.uid();
begin
  perform from public.users as u where u.id = caller for no key update;
  return private.tombstone_memories(caller);
end $$;

grant execute on function public.forget_memory, public.forget_all_memories to authenticated;

-- Foods: the library (no owner; read by everyone signed in, written by seeds only) and each person's own. All values
-- are per 100 g of the food as its name has it: "Rice, white, dry" is weighed before it is cooked.

-- Energy in kcal by Regulation (EU) No 1169/2011, annex XIV: 4 per gram of protein and of carbohydrate, 2 of fibre, 9
-- of fat, 7 of alcohol. Our carbohydrate includes fibre.
create function private.food_energy_kcal(protein_g numeric, carbohydrate_g numeric, fibre_g numeric, fat_g numeric,
  alcohol_g numeric) returns numeric
language sql immutable set search_path = '' as $$
  select 4 * protein_g + 4 * (carbohydrate_g - fibre_g) + 2 * fibre_g + 9 * fat_g + 7 * alcohol_g
$$;

-- Whether the diets include all wider ones: vegan food also suits vegetarians, pescatarians and omnivores, and would be
-- hidden from them otherwise.
create function private.diets_are_complete(diets public.diet[]) returns boolean
language sql immutable set search_path = '' as $$
  select 'omnivore' = any (diets)
     and ('pescatarian' = any (diets) or not 'vegetarian' = any (diets))
     and ('vegetarian' = any (diets) or not 'vegan' = any (diets))
$$;

-- Whether the diets agree with the allergens and the category. These do not tell of honey, gelatine or rennet.
create function private.diets_match_food(diets public.diet[], allergens public.allergen[], category public.food_category)
returns boolean
language sql immutable set search_path = '' as $$
  select (not 'vegan' = any (diets) or not (allergens && '{egg,milk}' or category in ('egg', 'dairy', 'cheese')))
     and (not 'vegetarian' = any (diets)
          or not (allergens && '{fish,crustaceans,molluscs}' or category in ('fish', 'seafood')))
     and (not 'pescatarian' = any (diets) or category not in ('meat', 'poultry'))
$$;

-- Up to ten servings, such as {"name": "cup", "grams": 245}. The size is checked first, so that nothing long is parsed.
create function private.are_servings(servings jsonb) returns boolean
language sql immutable set search_path = '' as $$
  select case when pg_column_size(servings) > 8192 or jsonb_typeof(servings) <> 'array' then false
    when jsonb_array_length(servings) > 10 then false
    else coalesce((
      select bool_and(case when jsonb_typeof(s) = 'object' and jsonb_typeof(s -> 'name') = 'string'
               and jsonb_typeof(s -> 'grams') = 'number'
               then s - 'name' - 'grams' = '{}' and private.is_nonblank(s ->> 'name', 60)
                and (s -> 'grams')::numeric between 0.1 and 2000 and scale((s -> 'grams')::numeric) <= 2
               else false end)
        from jsonb_array_elements(servings) as s), true) end
$$;

create table public.foods (
  id uuid primary key default gen_random_uuid(),
  user_id uuid default auth.uid() references auth.users on delete cascade,
  slug text,
  name text not null,
  aliases text[] not null default '{}',
  category public.food_category not null default 'other',
  energy_kcal numeric(6, 1) not null,
  protein_g numeric(6, 2) not null,
  carbohydrate_g numeric(6, 2) not null,
  fat_g numeric(6, 2) not null,
  fibre_g numeric(6, 2) not null default 0,
  sugar_g numeric(6, 2) not null default 0,
  salt_g numeric(6, 2) not null default 0,
  alcohol_g numeric(6, 2) not null default 0,
  allergens public.allergen[] not null default '{}',
  diets public.diet[] not null default '{omnivore}',
  servings jsonb not null default '[]',
  hidden_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint foods_slug_of_library check ((slug is not null) = (user_id is null)),
  constraint foods_slug_shape check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and char_length(slug) <= 120),
  constraint foods_name_length check (private.is_nonblank(name, 120)),
  constraint foods_aliases_size check (private.texts_fit(aliases, 20, 80)),
  -- A numeric(6, 2) may be NaN, which is greater than every number: each range has an upper end.
  constraint foods_energy_kcal_range check (energy_kcal between 0 and 1000),
  constraint foods_protein_g_range check (protein_g between 0 and 100),
  constraint foods_carbohydrate_g_range check (carbohydrate_g between 0 and 100),
  constraint foods_fat_g_range check (fat_g between 0 and 100),
  constraint foods_fibre_g_range check (fibre_g between 0 and carbohydrate_g),
  constraint foods_sugar_g_range check (sugar_g between 0 and carbohydrate_g),
  constraint foods_salt_g_range check (salt_g between 0 and 100),
  constraint foods_alcohol_g_range check (alcohol_g between 0 and 100),
  -- Each value is rounded on its own, so that together they may be half a gram more.
  constraint foods_macros_sum check (protein_g + carbohydrate_g + fat_g + alcohol_g <= 100.5),
  -- Tables and labels differ by up to a tenth. The 5 kcal are for foods with hardly any energy: a label rounds the half
  -- grams of a cucumber away, and the acids of a lemon have energy that no column has.
  constraint foods_energy_adds_up check (
    abs(energy_kcal - private.food_energy_kcal(protein_g, carbohydrate_g, fibre_g, fat_g, alcohol_g))
      <= greatest(5, 0.1 * private.food_energy_kcal(protein_g, carbohydrate_g, fibre_g, fat_g, alcohol_g))),
  constraint foods_allergens_set check (private.is_set(allergens, 14)),
  constraint foods_diets_set check (private.is_set(diets, 4) and private.diets_are_complete(diets)),
  constraint foods_diets_match_food check (private.diets_match_food(diets, allergens, category)),
  constraint foods_servings_shape check (private.are_servings(servings))
);
comment on table public.foods is 'Library foods (user_id null) and custom ones; nutrients per 100 g.';
comment on column public.foods.carbohydrate_g is 'Includes fibre (fibre_g); European labels leave it out.';
comment on column public.foods.sugar_g is 'Part of the carbohydrate.';
comment on column public.foods.salt_g is 'Sodium times 2.5, as labels have it.';
comment on column public.foods.allergens is
  'What it contains, or usually contains: oats have gluten unless sold as gluten-free.';
comment on column public.foods.diets is 'All diets that it suits. Every food suits an omnivore.';
comment on column public.foods.servings is 'Usual portions, up to ten of {"name", "grams"}.';
comment on column public.foods.hidden_at is 'Set when a custom food is deleted that a meal plan uses.';

create unique index foods_library_slug on public.foods (slug) where user_id is null;
create unique index foods_custom_name on public.foods (user_id, lower(name)) where user_id is not null and hidden_at is null;
create index foods_owner on public.foods (user_id, created_at desc, id desc);

-- No right to delete: delete_food() keeps what meal plans use.
revoke all on public.foods from anon, authenticated;
grant select on public.foods to authenticated;
grant insert (name, aliases, category, energy_kcal, protein_g, carbohydrate_g, fat_g, fibre_g, sugar_g, salt_g, alcohol_g,
  allergens, diets, servings) on public.foods to authenticated;
grant update (name, aliases, category, energy_kcal, protein_g, carbohydrate_g, fat_g, fibre_g, sugar_g, salt_g, alcohol_g,
  allergens, diets, servings) on public.foods to authenticated;

alter table public.foods enable row level security;
create policy "Everyone signed in reads the library and their own foods" on public.foods
  for select to authenticated using (user_id is null or (select auth.uid()) = user_id);
create policy "People add their own foods" on public.foods
  for insert to authenticated with check ((select auth.uid()) = user_id);
create policy "People change their own foods" on public.foods
  for update to authenticated
  using ((select auth.uid()) = user_id and hidden_at is null) with check ((select auth.uid()) = user_id);

create trigger foods_set_updated_at before update on public.foods
  for each row when (old.* is distinct from new.*) execute function private.set_updated_at();

-- The API loads all custom foods of a person for each search, so their number is limited.
create function private.limit_custom_foods() returns trigger
language plpgsql set search_path = '' as $$
begin
  if (select count(*) from public.foods as f where f.user_id = new.user_id and f.hidden_at is null) >= 1000 then
    raise sqlstate 'PT409' using message = 'You have 1000 foods of your own; delete one first.';
  end if;
  return new;
end $$;
create trigger foods_custom_limit before insert on public.foods
  for each row when (new.user_id is not null and new.hidden_at is null) execute function private.limit_custom_foods();

-- Who may eat what ----------------------------------------------------------------------------------------------------

-- Diet and allergens are strict: no meal plan has a food that they forbid. Without a diet a person eats everything.
create function private.food_is_allowed(food public.foods, owner_diet public.diet, owner_allergens public.allergen[])
returns boolean
language sql immutable set search_path = '' as $$
  select coalesce(owner_diet, 'omnivore') = any (food.diets) and not food.allergens && coalesce(owner_allergens, '{}')
$$;

-- The words of a name without accents and plurals: {olive,green} for "Olives, green". Folding plurals makes up words
-- ("berrie"), which does no harm where both sides are folded.
create function private.food_words(phrase text) returns text[]
language sql immutable set search_path = '' as $$
  select regexp_split_to_array(btrim(regexp_replace(regexp_replace(regexp_replace(
      regexp_replace(lower(regexp_replace(normalize(phrase, NFKD), '[\u0300-\u036f]', '', 'g')),
        '[[:space:][:punct:]]+|$', ' ', 'g'),
      '([^s ])s ', '\1 ', 'g'), 'y ', 'ie ', 'g'), '(o|ch|sh|ss|x|z)e ', '\1 ', 'g')), ' ')
$$;

-- Whether a dislike means the food: when all words of it are in the name or in one alias, or when it names the category
-- ("fish"). Taken literally: "olive" means olive oil too.
create function private.food_is_disliked(food public.foods, dislikes text[]) returns boolean
language sql immutable set search_path = '' as $$
  with words as materialized (
    select private.food_words(phrase) as words from unnest(food.name || food.aliases) as phrase)
  select exists (
    select from unnest(dislikes) as dislike, lateral (select private.food_words(dislike) as words offset 0) as d
     where d.words <> '{""}'
       and (d.words = private.food_words(food.category::text) or exists (select from words as w where d.words <@ w.words)))
$$;

-- The foods that a person can be offered: from the library and their own, without those they may not eat or dislike.
create function private.food_candidates(owner uuid) returns setof public.foods
language sql stable set search_path = '' as $$
  select f.*
    from public.users as u
      join public.foods as f on (f.user_id is null or f.user_id = u.id) and f.hidden_at is null
   where u.id = owner
     and private.food_is_allowed(f, u.diet, u.allergens)
     and not private.food_is_disliked(f, u.dislikes)
$$;

-- The API -------------------------------------------------------------------------------------------------------------

-- What a person adds to the shared library. The API keeps the library in memory and asks only for this.
create function public.food_overlay() returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object(
    'foods', coalesce((
      select jsonb_agg(to_jsonb(f) order by f.created_at desc, f.id)
        from public.foods as f where f.user_id = (select auth.uid()) and f.hidden_at is null), '[]'),
    'diet', (select u.diet from public.users as u where u.id = (select auth.uid())),
    'allergens', coalesce((select to_jsonb(u.allergens) from public.users as u where u.id = (select auth.uid())), '[]'))
$$;
comment on function public.food_overlay is 'Own foods, diet and allergens.';

-- POST /foods: {"answer": row, "replayed": whether the key had been used for the same request before}.
create function public.create_food(payload json, idempotency_key text default null) returns jsonb
language plpgsql set search_path = '' as $$
declare
  answer jsonb := private.claim_idempotency_key(idempotency_key, 'create_food', payload);
  created public.foods;
begin
  if answer is not null then
    return jsonb_build_object('replayed', true, 'answer', answer);
  end if;
  insert into public.foods (name, aliases, category, energy_kcal, protein_g, carbohydrate_g, fat_g, fibre_g, sugar_g, salt_g,
    alcohol_g, allergens, diets, servings)
  select r.name, r.aliases, r.category, r.energy_kcal, r.protein_g, r.carbohydrate_g, r.fat_g, r.fibre_g, r.sugar_g, r.salt_g,
    r.alcohol_g, r.allergens, r.diets, r.servings
    from json_populate_record(null::public.foods, payload) as r
  returning * into created;
  answer := to_jsonb(created);
  perform private.store_response(idempotency_key, answer);
  return jsonb_build_object('replayed', false, 'answer', answer);
end $$;

-- Whether a meal plan of the caller has, had or is proposed to have the food.
create function private.food_is_used(food_id uuid) returns boolean
language sql stable set search_path = '' as $$
  select exists (
    select from public.plan_versions as v
     where v.user_id = (select auth.uid())
       and v.content @? format('$.days[*].meals[*].items[*] ? (@.food_id == "%s")', food_id)::jsonpath)
   or exists (
    select from public.plan_proposals as r
     where r.user_id = (select auth.uid())
       and r.content @? format('$.days[*].meals[*].items[*] ? (@.food_id == "%s")', food_id)::jsonpath)
$$;

-- DELETE /foods/{id}: deletes the food, or hides it when a meal plan uses it. True when there was one.
-- Definer: people have no right to delete foods, so that they cannot delete a used one directly.
create function public.delete_food(food_id uuid) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  caller constant uuid := auth.uid();
begin
  -- Wait for transactions that plan with it (private.check_plan_content locks it), and only then look.
  perform from public.foods as f where f.id = delete_food.food_id and f.user_id = caller for update;
  if private.food_is_used(delete_food.food_id) then
    update public.foods as f set hidden_at = now()
     where f.id = delete_food.food_id and f.user_id = caller and f.hidden_at is null;
  else
    delete from public.foods as f where f.id = delete_food.food_id and f.user_id = caller and f.hidden_at is null;
  end if;
  return found;
end $$;

-- Foods that a person may not be planned ------------------------------------------------------------------------------

-- Why a food does not suit this person: {"allergens": [those they avoid], "diet": theirs, if it does not suit that};
-- null when it does.
create function private.food_conflict(food public.foods, person public.users) returns jsonb
language sql stable set search_path = '' as $$
  select case when not private.food_is_allowed(food, person.diet, person.allergens) then jsonb_build_object(
    'allergens', array(select a from unnest(food.allergens) as a where a = any (person.allergens) order by a),
    'diet', case when not person.diet = any (food.diets) then person.diet end) end
$$;

-- A food conflict in words.
create function private.conflict_message(conflict jsonb) returns text
language sql immutable set search_path = '' as $$
  select concat_ws(', and ',
    'contains ' || (select string_agg(a, ', ') from jsonb_array_elements_text(conflict -> 'allergens') as a)
      || ', which you avoid',
    'does not fit a ' || (conflict ->> 'diet') || ' diet')
$$;

grant execute on function private.food_energy_kcal, private.diets_are_complete, private.diets_match_food, private.are_servings,
  private.food_is_allowed, private.food_words, private.food_is_disliked, private.food_candidates, private.food_conflict,
  private.conflict_message to authenticated, service_role;
grant execute on function public.food_overlay, public.create_food, public.delete_food to authenticated;

-- Meal plans: the rules of their content, their foods, swapping one, and what generating and adapting a plan needs. No
-- meal plan has a food that the person's allergens or diet forbid.

-- The rules of meal plan content --------------------------------------------------------------------------------------

-- The fields of a meal plan's content: object, field, type, required, nullable, low, high, pattern. The pattern of a
-- name: not only white space, as in private.is_nonblank.
create function private.meal_plan_fields() returns setof private.content_rule
language sql immutable rows 10 set search_path = '' as $$
  values
    ('content', 'days', 'array', true, false, 1::numeric, 14::numeric, null),
    ('day', 'name', 'string', true, false, 1, 80,
      '[^\u0009-\u000d\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]'),
    ('day', 'weekday', 'integer', false, true, 1, 7, null),
    ('day', 'meals', 'array', true, false, 1, 8, null),
    ('meal', 'slot', 'string', true, false, 1, 20, '^(breakfast|lunch|dinner|snack)$'),
    ('meal', 'name', 'string', true, false, 1, 120,
      '[^\u0009-\u000d\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]'),
    ('meal', 'notes', 'string', false, false, 0, 500, null),
    ('meal', 'items', 'array', true, false, 1, 20, null),
    ('item', 'food_id', 'string', true, false, 36, 36, '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'),
    ('item', 'grams', 'tenths', true, false, 1, 2000, null)
$$;

-- Every object of the content with its place, so that private.shape_problems checks all at once.
create function private.meal_plan_objects(content jsonb) returns setof private.content_object
language sql immutable rows 500 set search_path = '' as $$
  with days as (
    select jsonb_build_array('days', d.n - 1) as loc, d.value
      from jsonb_path_query(content, 'lax $.days[*]') with ordinality as d (value, n)),
  meals as (
    select days.loc || jsonb_build_array('meals', m.n - 1) as loc, m.value
      from days, jsonb_path_query(days.value, 'lax $.meals[*]') with ordinality as m (value, n))
  select 'content', '[]'::jsonb, content
  union all select 'day', loc, value from days
  union all select 'meal', loc, value from meals
  union all select 'item', m.loc || jsonb_build_array('items', i.n - 1), i.value
    from meals as m, jsonb_path_query(m.value, 'lax $.items[*]') with ordinality as i (value, n)
$$;

-- Each food of the content with its place.
create function private.planned_foods(content jsonb) returns table (loc jsonb, food_id uuid)
language sql immutable rows 200 set search_path = '' as $$
  select jsonb_build_array('days', d.n - 1, 'meals', m.n - 1, 'items', i.n - 1, 'food_id'), (i.value ->> 'food_id')::uuid
    from jsonb_array_elements(content -> 'days') with ordinality as d (value, n)
      cross join lateral jsonb_array_elements(d.value -> 'meals') with ordinality as m (value, n)
      cross join lateral jsonb_array_elements(m.value -> 'items') with ordinality as i (value, n)
$$;

-- Contents of the right shape that do not suit this person: unknown foods, and foods that they must not eat.
create function private.meal_plan_sense_problems(content jsonb, owner uuid, plan_id uuid)
returns table (loc jsonb, message text, type text)
language sql stable set search_path = '' as $$
  with planned as materialized (select * from private.planned_foods(content)),
  known as materialized (
    select f.id, f.hidden_at, private.food_conflict(f, u) as conflict
      from public.foods as f left join public.users as u on u.id = owner
     where f.id in (select planned.food_id from planned) and (f.user_id is null or f.user_id = owner))
  select p.loc, 'is not a food you can use', 'unknown_food'
    from planned as p left join known as k on k.id = p.food_id
   -- Each version is read once, and only when a food is hidden.
   where k.id is null or (k.hidden_at is not null and k.id not in (
     select e.food_id from public.plan_versions as v, private.planned_foods(v.content) as e
      where v.plan_id = meal_plan_sense_problems.plan_id))
  union all
  select p.loc, private.conflict_message(k.conflict),
         case when k.conflict -> 'allergens' <> '[]' then 'allergen' else 'diet' end
    from planned as p join known as k on k.id = p.food_id
   where k.conflict is not null
$$;

-- A food as meal plans need it: nutrients per 100 g, and servings.
create function private.food_facts(food public.foods) returns jsonb
language sql immutable set search_path = '' as $$
  select jsonb_build_object('id', food.id, 'name', food.name, 'category', food.category, 'servings', food.servings,
    'energy_kcal', food.energy_kcal, 'protein_g', food.protein_g, 'carbohydrate_g', food.carbohydrate_g, 'fat_g', food.fat_g,
    'fibre_g', food.fibre_g, 'sugar_g', food.sugar_g, 'salt_g', food.salt_g)
$$;

-- The foods of a meal plan: nutrients per 100 g, servings, and why one does not suit the person, or null. Empty for a
-- workout plan.
-- A computed column: `select=*,foods_used`. The argument has no name, so that nobody can call it with a made-up plan.
create function public.foods_used(public.plans) returns jsonb
language sql stable set search_path = '' as $$
  select coalesce(jsonb_agg(private.food_facts(f) || jsonb_build_object('conflict', private.food_conflict(f, u))
                            order by lower(f.name), f.id), '[]')
    from public.foods as f join public.users as u on u.id = ($1).user_id
   where f.id in (select p.food_id from private.planned_foods(($1).content) as p)
     and (f.user_id is null or f.user_id = ($1).user_id)
$$;
comment on function public.foods_used is
  'The foods of a meal plan: nutrients per 100 g, servings, and conflicts with diet and allergens.';

-- Swapping a food -----------------------------------------------------------------------------------------------------

-- Raises PT422 with one problem of this field.
create function private.refuse_swap(field text, message text, type text default 'value_error') returns void
language plpgsql set search_path = '' as $$
begin
  raise sqlstate 'PT422' using message = 'This cannot be swapped.',
    detail = jsonb_build_array(jsonb_build_object('loc', jsonb_build_array(field), 'message', message, 'type', type));
end $$;

-- POST /meal-plans/{id}/swap: replaces the food of an item by another, in grams that have the same energy: whole grams
-- from 20 g on, tenths below. Where the item had no energy (water), the grams stay. Day, meal and item count from 0, as
-- in the content. `unchanged_since`: the states of updated_at that the client knows, because the places that it names
-- may have changed since.
create function public.swap_meal_food(plan_id uuid, day integer, meal integer, item integer, food_id uuid,
  unchanged_since timestamptz[] default null) returns setof public.plans
language plpgsql set search_path = '' as $$
declare
  path constant text[] := array['days', day::text, 'meals', meal::text, 'items', item::text];
  plan public.plans;
  old_food public.foods;
  new_food public.foods;
  conflict jsonb;
  grams numeric;
begin
  perform from public.users as u where u.id = (select auth.uid()) for no key update;
  select * into plan from public.plans as p
   where p.id = swap_meal_food.plan_id and p.kind = 'meal' and p.user_id = (select auth.uid()) for no key update;
  if plan.id is null then
    return;
  elsif plan.updated_at <> all (unchanged_since) then
    raise sqlstate 'PT412' using message = 'It has changed.';
  elsif (day >= 0 and plan.content #> path[1:2] is not null) is not true then
    perform private.refuse_swap('day', 'is not in the plan');
  elsif (meal >= 0 and plan.content #> path[1:4] is not null) is not true then
    perform private.refuse_swap('meal', 'is not in the day');
  elsif (item >= 0 and plan.content #> path is not null) is not true then
    perform private.refuse_swap('item', 'is not in the meal');
  end if;
  select * into old_food from public.foods as f where f.id = (plan.content #> path ->> 'food_id')::uuid;
  select * into new_food from public.foods as f where f.id = swap_meal_food.food_id and f.hidden_at is null;
  select private.food_conflict(new_food, u) into conflict from public.users as u where u.id = (select auth.uid());
  grams := (plan.content #> path ->> 'grams')::numeric;
  if old_food.energy_kcal > 0 and new_food.energy_kcal > 0 then
    grams := grams * old_food.energy_kcal / new_food.energy_kcal;
    grams := round(grams, case when grams < 20 then 1 else 0 end);
  end if;
  if new_food.id is null then
    perform private.refuse_swap('food_id', 'is not a food you can use', 'unknown_food');
  elsif conflict is not null then
    perform private.refuse_swap('food_id', private.conflict_message(conflict),
      case when conflict -> 'allergens' <> '[]' then 'allergen' else 'diet' end);
  elsif old_food.energy_kcal > 0 and new_food.energy_kcal = 0 then
    perform private.refuse_swap('food_id', 'has no energy that could replace what is there');
  elsif grams not between 1 and 2000 then
    perform private.refuse_swap('food_id', format('would take %s g, and an item has 1 to 2000 g', grams));
  end if;
  perform private.describe_change(null, format('Swapped %s for %s', old_food.name, new_food.name));
  return query update public.plans as p
      set content = jsonb_set(plan.content, path, jsonb_build_object('food_id', new_food.id, 'grams', trim_scale(grams)))
    where p.id = plan.id returning p.*;
  perform private.describe_change(null, null);
end $$;

-- Targets, generating and adapting ------------------------------------------------------------------------------------

-- What targets are computed from; null where the person has not said or measured it.
create function private.nutrition_profile(owner uuid) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object('sex', u.sex, 'date_of_birth', u.date_of_birth,
    'age', extract(year from age((now() at time zone u.timezone)::date, u.date_of_birth))::integer,
    'activity_level', u.activity_level,
    'body_weight', (select m.value from public.measurements as m where m.user_id = u.id and m.kind = 'body_weight'
                     order by m.local_date desc limit 1),
    'height', (select m.value from public.measurements as m where m.user_id = u.id and m.kind = 'height'
                order by m.local_date desc limit 1))
    from public.users as u where u.id = owner
$$;

-- GET /nutrition/targets
create function public.nutrition_profile() returns jsonb
language sql stable set search_path = '' as $$
  select private.nutrition_profile((select auth.uid()))
$$;

-- Raises PT422 with the data that computing targets lacks. Nothing is needed when energy and protein are given, except
-- under 18: their minimum depends on all of it.
create function private.require_nutrition_data(owner uuid, requested jsonb) returns void
language plpgsql stable set search_path = '' as $$
declare
  profile constant jsonb := private.nutrition_profile(owner);
  problems jsonb;
begin
  if requested ->> 'energy_kcal' is not null and requested ->> 'protein_g' is not null
     and coalesce((profile ->> 'age')::integer >= 18, true) then
    return;
  end if;
  select jsonb_agg(jsonb_build_object('loc', f.loc, 'message', f.message, 'type', f.type)) into problems
    from (values
      ('["profile", "sex"]'::jsonb, 'is needed to compute targets', 'missing', profile ->> 'sex' is null),
      ('["profile", "date_of_birth"]', 'is needed to compute targets', 'missing', profile ->> 'age' is null),
      ('["profile", "date_of_birth"]', 'targets are computed from 10 years on', 'value_error',
        (profile ->> 'age')::integer < 10),
      ('["profile", "activity_level"]', 'is needed to compute targets', 'missing', profile ->> 'activity_level' is null),
      ('["measurements", "body_weight"]', 'is needed to compute targets', 'missing', profile ->> 'body_weight' is null),
      ('["measurements", "height"]', 'is needed to compute targets', 'missing', profile ->> 'height' is null)
    ) as f (loc, message, type, is_wrong)
   where f.is_wrong;
  if problems is not null then
    raise sqlstate 'PT422' using message = 'Your profile and measurements do not say enough to compute targets.',
      detail = problems::text;
  end if;
end $$;

-- The foods of generated meal plans: what the person can be offered, without alcohol.
create function private.meal_candidates(owner uuid) returns setof public.foods
language sql stable set search_path = '' as $$
  select f.* from private.food_candidates(owner) as f where f.alcohol_g = 0
$$;

-- Raises PT422 when a requested food cannot be planned for the person. `places`: a list of {"loc", "food_id"}.
create function private.require_candidates(owner uuid, places jsonb) returns void
language plpgsql stable set search_path = '' as $$
declare
  problems jsonb;
begin
  select jsonb_agg(jsonb_build_object('loc', p.value -> 'loc', 'type', 'unknown_food',
      'message', 'is not a food that can be planned for you')) into problems
    from jsonb_array_elements(places) as p
   where coalesce(p.value ->> 'food_id', '') not in (select f.id::text from private.meal_candidates(owner) as f);
  if problems is not null then
    raise sqlstate 'PT422' using message = 'Some foods cannot be used.', detail = problems::text;
  end if;
end $$;

-- POST /meal-plans/generate: the new job, or an open one with the same request. `request` is JSON as text, which the
-- job reads.
create function public.generate_meal_plan(request text) returns jsonb
language plpgsql set search_path = '' as $$
declare
  -- Enqueue first, so that a guest gets the error for guests. Missing data raises and rolls this back.
  job constant jsonb := public.enqueue_job('generate_meal_plan', jsonb_build_object('request', request),
    'generate_meal_plan ' || md5(request));
begin
  perform private.require_nutrition_data(auth.uid(), request::jsonb -> 'targets');
  perform private.require_candidates(auth.uid(), coalesce((
    select jsonb_agg(jsonb_build_object('loc', jsonb_build_array('include', i.n - 1), 'food_id', i.value))
      from jsonb_path_query(request::jsonb, 'lax $.include[*]') with ordinality as i (value, n)), '[]'));
  return job;
end $$;

-- POST /meal-plans/{id}/adapt: the new job, or an open one with the same request; null when there is no such plan.
create function public.adapt_meal_plan(plan_id uuid, request text) returns jsonb
language plpgsql set search_path = '' as $$
declare
  -- Jobs refuse a longer input anyway (jobs_input_size).
  change constant jsonb := left(request, 8192)::jsonb;
  content jsonb;
  job jsonb;
begin
  select p.content into content from public.plans as p
   where p.id = adapt_meal_plan.plan_id and p.kind = 'meal' and p.user_id = (select auth.uid());
  if not found then
    return null;
  end if;
  job := public.enqueue_job('adapt_meal_plan',
    jsonb_build_object('plan_id', adapt_meal_plan.plan_id, 'request', request),
    format('adapt_meal_plan %s %s', adapt_meal_plan.plan_id, md5(request)));
  if content is null then
    raise sqlstate 'PT409' using message = 'An empty meal plan cannot be adapted; add content first.';
  end if;
  if change ->> 'kind' = 'swap_meal' and content #> array['days', change ->> 'day', 'meals', change ->> 'meal'] is null then
    raise sqlstate 'PT422' using message = 'There is no such meal.', detail = jsonb_build_array(jsonb_build_object(
      'loc', jsonb_build_array(case when content #> array['days', change ->> 'day'] is null then 'day' else 'meal' end),
      'message', 'is not in the plan', 'type', 'value_error'))::text;
  elsif change ->> 'kind' = 'rescale' then
    perform private.require_nutrition_data(auth.uid(), change);
  elsif change ->> 'kind' = 'use_up' then
    perform private.require_candidates(auth.uid(), coalesce((
      select jsonb_agg(jsonb_build_object('loc', jsonb_build_array('foods', f.n - 1, 'food_id'),
               'food_id', f.value -> 'food_id'))
        from jsonb_path_query(change, 'lax $.foods[*]') with ordinality as f (value, n)), '[]'));
  end if;
  return job;
end $$;

-- For the worker ------------------------------------------------------------------------------------------------------

-- The foods of a content, each with `conflict`: whether the owner must not eat or dislikes it.
create function private.planned_food_facts(content jsonb, owner uuid) returns jsonb
language sql stable set search_path = '' as $$
  select coalesce(jsonb_agg(private.food_facts(f) || jsonb_build_object('conflict',
      not private.food_is_allowed(f, u.diet, u.allergens) or private.food_is_disliked(f, u.dislikes))), '[]')
    from public.foods as f join public.users as u on u.id = owner
   where f.id in (select i.food_id from private.planned_foods(content) as i) and (f.user_id is null or f.user_id = owner)
$$;

-- What generating or adapting a meal plan needs: the person, the foods that can be planned, the plan to adapt with its
-- foods, and as `made` what an earlier attempt of the job has stored.
create function public.meal_context(job_id uuid, attempt integer, plan_id uuid default null) returns jsonb
language plpgsql set search_path = '' as $$
declare
  owner constant uuid := private.assert_lease(meal_context.job_id, attempt);
begin
  return jsonb_build_object(
    'profile', private.nutrition_profile(owner),
    'person', (select jsonb_build_object('diet', u.diet, 'allergens', u.allergens, 'dislikes', u.dislikes, 'goals', u.goals,
        'weekday', extract(isodow from now() at time zone u.timezone))
        from public.users as u where u.id = owner),
    'foods', coalesce((select jsonb_agg(private.food_facts(f) order by f.id) from private.meal_candidates(owner) as f), '[]'),
    'plan', (select jsonb_build_object('id', p.id, 'version', p.version, 'content', p.content,
        'energy_kcal', p.target_energy_kcal, 'protein_g', p.target_protein_g, 'carbohydrate_g', p.target_carbohydrate_g,
        'fat_g', p.target_fat_g,
        'foods', private.planned_food_facts(p.content, owner))
        from public.plans as p where p.id = meal_context.plan_id and p.kind = 'meal' and p.user_id = owner),
    'made', (select jsonb_build_object('source', m.source, 'model', m.model, 'content', m.content,
        'foods', private.planned_food_facts(m.content, owner))
        from (select p.source, p.model, v.content from public.plans as p
                join public.plan_versions as v on v.plan_id = p.id and v.version = 1
               where p.id = meal_context.job_id and p.user_id = owner
              union all
              select r.source, r.model, r.content from public.plan_proposals as r
               where r.id = meal_context.job_id and r.user_id = owner) as m));
end $$;

grant execute on function private.meal_plan_fields, private.meal_plan_objects, private.planned_foods,
  private.meal_plan_sense_problems, private.food_facts, private.refuse_swap, private.nutrition_profile,
  private.meal_candidates to authenticated, service_role;
grant execute on function private.require_nutrition_data, private.require_candidates to authenticated;
grant execute on function private.planned_food_facts to service_role;
grant execute on function public.foods_used, public.swap_meal_food, public.nutrition_profile, public.generate_meal_plan,
  public.adapt_meal_plan to authenticated;
grant execute on function public.meal_context to service_role;

-- Accounts that are older than the project.
insert into public.users (id) select id from auth.users on conflict (id) do nothing;
