-- Sessions that were done, and their sets. Written by functions only (log_workout and its kin): a session is one
-- transaction with its records and its affinity, so nobody, its owner included, may write half of one.

-- Plans can be pointed at together with their owner, so that a workout can only follow a plan of the same person.
alter table public.plans add constraint plans_id_of_owner unique (id, user_id);

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
  award integer not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint workouts_once unique (user_id, client_id),
  constraint workouts_id_of_owner unique (id, user_id),
  constraint workouts_plan_of_owner foreign key (plan_id, user_id) references public.plans (id, user_id)
    on delete set null (plan_id),
  constraint workouts_plan_version_range check (plan_version >= 1),
  constraint workouts_plan_day_range check (plan_day between 0 and 13),
  constraint workouts_name_length check (private.says(name, 120)),
  constraint workouts_notes_length check (private.says(notes, 2000)),
  constraint workouts_timezone_known check (private.is_timezone(timezone)),
  constraint workouts_started_at_range check (started_at >= '1970-01-01' and started_at < '2200-01-01'),
  constraint workouts_ended_at_after_start check (ended_at >= started_at),
  constraint workouts_ended_at_within_a_day check (ended_at <= started_at + interval '24 hours'),
  constraint workouts_perceived_exertion_range check (perceived_exertion between 1 and 10)
);
comment on table public.workouts is 'Completed training sessions.';
comment on column public.workouts.client_id is 'Made by the client: logging the same session again gives the same workout.';
comment on column public.workouts.request_hash is 'SHA-256 of the request that logged it, to tell a repetition from another session.';
comment on column public.workouts.local_date is 'The calendar day it began on, where the person was.';
comment on column public.workouts.import_id is 'The job that imported it; a repeated job knows its own.';
comment on column public.workouts.award is 'Which round of affinity events counts: raised when an edit changes what it earns.';
create index workouts_owner on public.workouts (user_id, started_at desc, id desc);
create index workouts_days on public.workouts (user_id, local_date) include (started_at, ended_at);
create index workouts_of_plan on public.workouts (plan_id, user_id) where plan_id is not null;

revoke all on public.workouts from anon, authenticated;
grant select on public.workouts to authenticated;
alter table public.workouts enable row level security;
create policy "People read their own workouts" on public.workouts
  for select to authenticated using ((select auth.uid()) = user_id);
create trigger workouts_touch before update on public.workouts
  for each row execute function private.touch();

-- One set. What was entered is kept as it was; kilograms and the estimated maximum are computed from it, here and
-- nowhere else. Name and kind of the exercise are those of the day, so that history stays readable.
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
  -- Epley (1985): weight × (1 + reps / 30), from 2 to 12 reps; a single is its own maximum, and more than 12 say little.
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
  constraint sets_exercise_name_length check (private.says(exercise_name, 120)),
  constraint sets_superset_group_length check (private.says(superset_group, 8)),
  constraint sets_exercise_notes_length check (private.says(exercise_notes, 500)),
  constraint sets_reps_range check (reps between 1 and 1000),
  -- A thousand kilograms, in either unit, to the gram (or a thousandth of a pound).
  constraint sets_entered_value_range check (entered_value >= 0 and scale(entered_value) <= 3
    and entered_value * case entered_unit when 'lb' then 0.45359237 else 1 end <= 1000),
  constraint sets_entered_unit_with_value check ((entered_value is null) = (entered_unit is null)),
  constraint sets_rpe_range check (rpe between 1 and 10 and rpe * 2 = trunc(rpe * 2)),
  constraint sets_rir_range check (rir between 0 and 10),
  constraint sets_duration_seconds_range check (duration_seconds between 1 and 86400),
  constraint sets_distance_m_range check (distance_m between 0.01 and 1000000),
  -- What belongs to each kind of exercise, and what it cannot be without: no set is done with nothing in it.
  constraint sets_of_kind check (case kind
    when 'weight_reps' then reps is not null and entered_value is not null and duration_seconds is null and distance_m is null
    when 'reps' then reps is not null and entered_value is null and duration_seconds is null and distance_m is null
    when 'bodyweight_reps' then reps is not null and duration_seconds is null and distance_m is null
    when 'assisted' then reps is not null and entered_value is not null and duration_seconds is null and distance_m is null
    when 'duration' then duration_seconds is not null and reps is null and entered_value is null and distance_m is null
    when 'weight_duration' then duration_seconds is not null and entered_value is not null and reps is null and distance_m is null
    when 'distance_duration' then (duration_seconds is not null or distance_m is not null) and reps is null
    else false end)
);
comment on table public.sets is 'Sets of completed workouts.';
comment on column public.sets.entered_value is 'Load (or, for assisted exercises, help) as the person entered it, in entered_unit.';
comment on column public.sets.exercise_notes is 'What the person noted on the exercise; on its first set.';
comment on column public.sets.started_at is 'When the workout began; history is read in this order.';
create index sets_owner on public.sets (user_id, local_date);
-- With all that records and statistics are computed from: read in a few hundred pages, where the sets themselves lie in
-- thousands.
create index sets_history on public.sets (user_id, exercise_id, started_at desc)
  include (workout_id, local_date, set_type, reps, weight_kg, assist_kg, e1rm_kg, duration_seconds, distance_m);
create index sets_of_exercise on public.sets (exercise_id);

revoke all on public.sets from anon, authenticated;
grant select on public.sets to authenticated;
alter table public.sets enable row level security;
create policy "People read their own sets" on public.sets
  for select to authenticated using ((select auth.uid()) = user_id);
create trigger sets_touch before update on public.sets
  for each row execute function private.touch();

-- History keeps a custom exercise: deleted, it is only hidden, and what its numbers mean cannot change any more.
create or replace function private.exercise_is_used(exercise_id uuid) returns boolean
language sql stable set search_path = '' as $$
  select exists (
    select from public.plan_versions as v
     where v.user_id = (select auth.uid())
       and v.content @? format('$.days[*].exercises[*] ? (@.exercise_id == "%s")', exercise_id)::jsonpath)
   or exists (select from public.sets as s where s.user_id = (select auth.uid()) and s.exercise_id = $1)
$$;

create function private.keep_kind() returns trigger
language plpgsql set search_path = '' as $$
begin
  if exists (select from public.sets as s where s.user_id = old.user_id and s.exercise_id = old.id) then
    raise sqlstate 'PT409' using message = 'This exercise has been logged, so its kind cannot change; add another one.';
  end if;
  return new;
end $$;
create trigger exercises_keep_kind before update of kind on public.exercises
  for each row when (old.kind <> new.kind) execute function private.keep_kind();
