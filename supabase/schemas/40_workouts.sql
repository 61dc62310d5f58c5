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
  edited_at timestamptz,
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
comment on column public.workouts.edited_at is
  'When the person last changed it; an import does not overwrite what they did.';
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
create trigger workouts_count_added after insert on public.workouts referencing new table as added
  for each statement execute function private.count_added('workouts');
create trigger workouts_count_removed after delete on public.workouts referencing old table as removed
  for each statement execute function private.count_removed('workouts');

-- The day and the version of a plan mean nothing without it. Only when a plan is deleted, which the foreign key does from
-- within a trigger: a person may log a day without naming its plan.
create function private.clear_plan_day() returns trigger
language plpgsql set search_path = '' as $$
begin
  new.plan_version := null;
  new.plan_day := null;
  return new;
end $$;
create trigger workouts_clear_plan_day before update of plan_id on public.workouts
  for each row when (pg_trigger_depth() > 0 and old.plan_id is not null and new.plan_id is null)
  execute function private.clear_plan_day();

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
  average_heart_rate smallint,
  max_heart_rate smallint,
  constraint sets_workout_of_owner foreign key (workout_id, user_id) references public.workouts (id, user_id)
    on delete cascade,
  -- With user_id, though a workout has one owner: policies ask for both, and the planner would else read all sets of
  -- somebody who has very many for each workout.
  constraint sets_place_once unique (workout_id, user_id, exercise_position, position),
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
  constraint sets_average_heart_rate_range check (average_heart_rate between 20 and 300),
  constraint sets_max_heart_rate_range check (max_heart_rate between 20 and 300),
  constraint sets_heart_rates_in_order check (average_heart_rate <= max_heart_rate),
  -- The same as private.kind_measures(), written out because it runs for every set. supabase/tests/sets.sql compares
  -- them.
  constraint sets_fields_of_kind check (case kind
    when 'weight_reps' then reps is not null and entered_value is not null
    when 'reps' then reps is not null
    when 'bodyweight_reps' then reps is not null
    when 'assisted' then reps is not null and entered_value is not null
    when 'duration' then duration_seconds is not null
    when 'weight_duration' then entered_value is not null and (duration_seconds is not null or distance_m is not null)
    when 'distance_duration' then duration_seconds is not null or distance_m is not null
    else false end)
);
comment on table public.sets is 'Sets of completed workouts.';
comment on column public.sets.entered_value is
  'The load (for assisted exercises, the assistance) as entered, in entered_unit.';
comment on column public.sets.exercise_notes is 'The person''s notes on the exercise; only its first set has them.';
comment on column public.sets.average_heart_rate is 'Beats per minute over the set, as measured.';
comment on column public.sets.max_heart_rate is 'The most beats per minute during the set, as measured.';
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
create trigger sets_count_added after insert on public.sets referencing new table as added
  for each statement execute function private.count_added('sets');
create trigger sets_count_removed after delete on public.sets referencing old table as removed
  for each statement execute function private.count_removed('sets');

create function private.limit_sets_of_day() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform private.refuse_quota('sets_per_day')
    from (select distinct a.user_id, a.local_date from added as a) as d
   where (select count(*) from public.sets as s where s.user_id = d.user_id and s.local_date = d.local_date)
           > private.quota_limit('sets_per_day');
  return null;
end $$;
create trigger sets_limit_day after insert on public.sets referencing new table as added
  for each statement execute function private.limit_sets_of_day();

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
comment on table public.deleted_workouts is 'Client ids of deleted workouts, which a phone must not log again: the last 10,000.';

create index deleted_workouts_owner on public.deleted_workouts (user_id, created_at desc, id desc);

revoke all on public.deleted_workouts from anon, authenticated;
grant select on public.deleted_workouts to authenticated;

alter table public.deleted_workouts enable row level security;
create policy "People read which workouts they deleted" on public.deleted_workouts
  for select to authenticated using ((select auth.uid()) = user_id);

create trigger deleted_workouts_set_updated_at before update on public.deleted_workouts
  for each row when (old.* is distinct from new.*) execute function private.set_updated_at();

-- Keeps the id of the workout; of the ids, the last 10,000 (quota deleted_workouts).
create function private.keep_deleted_workout() returns trigger
language plpgsql set search_path = '' as $$
begin
  insert into public.deleted_workouts (user_id, client_id) values (old.user_id, old.client_id)
  on conflict on constraint deleted_workouts_once do nothing;
  delete from public.deleted_workouts as d where d.id = any (array(
    select o.id from public.deleted_workouts as o where o.user_id = old.user_id
     order by o.created_at desc, o.id desc offset private.quota_limit('deleted_workouts')));
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
