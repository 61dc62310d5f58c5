-- Importing a file again compares: differences are named, and on_conflict=replace takes the file's through the same
-- path as an edit. What the person changed themselves is kept. Imports know what the person weighed.

set local check_function_bodies = off;

alter table public.workouts add column edited_at timestamptz;
comment on column public.workouts.edited_at is
  'When the person last changed it; an import does not overwrite what they did.';

-- A workout as the API returns it, with these records. Its sets have the fields that POST /workouts/log accepts, and
-- more.
create or replace function private.workout_document(owner uuid, workout_id uuid, records jsonb) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return (select to_jsonb(w) - array['user_id', 'request_hash', 'import_id', 'award_round', 'edited_at'] || jsonb_build_object(
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
                  'distance_m', s.distance_m, 'average_heart_rate', s.average_heart_rate,
                  'max_heart_rate', s.max_heart_rate, 'e1rm_kg', s.e1rm_kg) order by s.position)) as exercise
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

-- Gives a workout of a person who is locked another content: its records, which are answered. It keeps the points of a
-- planned day when its plan has been deleted since. What others earn on the day that it leaves, and on the one it moves
-- to, is recomputed.
create function private.replace_workout(old_workout public.workouts, payload json) returns jsonb
language plpgsql set search_path = '' as $$
declare
  new_workout public.workouts;
  records jsonb;
begin
  perform private.check_workout(old_workout.user_id, payload);
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
  records := private.workout_records(old_workout.user_id, new_workout.id);
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
    perform private.recompute_week_award(old_workout.user_id, week, old_workout.id, true)
       from unnest(array[date_trunc('week', old_workout.local_date)::date,
                         date_trunc('week', new_workout.local_date)::date]) as week
      where old_workout.local_date <> new_workout.local_date;
  end if;
  return records;
end $$;

-- PUT /workouts/{id}: the workout after the change, null when the caller has none.
create or replace function public.update_workout(workout_id uuid, payload json, unchanged_since timestamptz[] default null)
returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  caller constant uuid := auth.uid();
  old_workout constant public.workouts := private.lock_workout(caller, update_workout.workout_id, unchanged_since);
  records jsonb;
begin
  if old_workout.id is null then
    return null;
  end if;
  records := private.replace_workout(old_workout, payload);
  update public.workouts as w set edited_at = clock_timestamp() where w.id = old_workout.id;
  return private.workout_document(caller, old_workout.id, records);
end $$;

-- What is not in a workout as in an imported one: {"exercise", "set", "field", "here", "file"}, with words in place of
-- values, null for nothing. `exercise` and `set` count from 0 and are null for what is of the workout; the field `set`
-- says that one of the two has no such set. Loads are equal within 10 g: apps convert between units.
create function private.workout_differences(workout public.workouts, item json) returns jsonb
language sql stable set search_path = '' as $$
  with file as (
    select d.n - 1 as exercise_position, s.n - 1 as position, (d.value ->> 'exercise_id')::uuid as exercise_id,
           d.value ->> 'superset_group' as superset_group, case when s.n = 1 then d.value ->> 'notes' end as notes,
           coalesce((r.weight ->> 'value')::numeric, (r.assist ->> 'value')::numeric) as load,
           coalesce(r.weight ->> 'unit', r.assist ->> 'unit') as unit,
           r.set_type, r.reps, r.rpe, r.duration_seconds, r.distance_m
      from json_array_elements(item -> 'exercises') with ordinality as d (value, n)
        cross join lateral json_array_elements(d.value -> 'sets') with ordinality as s (value, n)
        cross join lateral json_to_record(s.value) as r (set_type text, reps integer, weight json, assist json,
          rpe numeric, duration_seconds integer, distance_m numeric)),
  both_sets as (
    select exercise_position, position, h.id is null as only_file, f.exercise_id is null as only_here,
           to_jsonb(h) as h, to_jsonb(f) as f, coalesce(h.weight_kg, h.assist_kg) as here_kg,
           f.load * case f.unit when 'lb' then 0.45359237 else 1 end as file_kg
      from (select * from public.sets as s where s.workout_id = workout.id) as h
        full join file as f using (exercise_position, position)),
  compared as (
    select s.exercise_position, s.position, v.n, v.field, v.here, v.file
      from both_sets as s cross join lateral (values
        (1, 'set', case when s.only_here then 'one' end, case when s.only_file then 'one' end,
          s.only_here or s.only_file),
        (2, 'exercise', s.h ->> 'exercise_name',
          (select e.name from public.exercises as e where e.id = (s.f ->> 'exercise_id')::uuid),
          s.h ->> 'exercise_id' <> s.f ->> 'exercise_id'),
        (3, 'set_type', s.h ->> 'set_type', s.f ->> 'set_type', s.h ->> 'set_type' <> s.f ->> 'set_type'),
        (4, 'reps', s.h ->> 'reps', s.f ->> 'reps', (s.h ->> 'reps') is distinct from (s.f ->> 'reps')),
        (5, 'weight', trim_scale((s.h ->> 'entered_value')::numeric) || ' ' || (s.h ->> 'entered_unit'),
          trim_scale((s.f ->> 'load')::numeric) || ' ' || (s.f ->> 'unit'),
          (s.here_kg is null) <> (s.file_kg is null) or abs(s.here_kg - s.file_kg) > 0.01),
        (6, 'duration', s.h ->> 'duration_seconds' || ' s', s.f ->> 'duration_seconds' || ' s',
          (s.h ->> 'duration_seconds') is distinct from (s.f ->> 'duration_seconds')),
        (7, 'distance', trim_scale((s.h ->> 'distance_m')::numeric) || ' m',
          trim_scale(round((s.f ->> 'distance_m')::numeric, 2)) || ' m',
          (s.h ->> 'distance_m')::numeric is distinct from round((s.f ->> 'distance_m')::numeric, 2)),
        (8, 'rpe', trim_scale((s.h ->> 'rpe')::numeric)::text, trim_scale((s.f ->> 'rpe')::numeric)::text,
          (s.h ->> 'rpe')::numeric is distinct from (s.f ->> 'rpe')::numeric),
        (9, 'superset', s.h ->> 'superset_group', s.f ->> 'superset_group',
          (s.h ->> 'superset_group') is distinct from (s.f ->> 'superset_group')),
        (10, 'notes', left(s.h ->> 'exercise_notes', 60), left(s.f ->> 'notes', 60),
          (s.h ->> 'exercise_notes') is distinct from (s.f ->> 'notes'))) as v (n, field, here, file, differs)
     where v.differs and (v.field = 'set' or not (s.only_here or s.only_file))
    union all
    select null, null, v.n, v.field, v.here, v.file
      from json_to_record(item) as r (name text, started_at timestamptz, ended_at timestamptz, timezone text, notes text)
        cross join lateral (values
          (1, 'name', workout.name, r.name, workout.name is distinct from r.name),
          (2, 'started_at', to_char(workout.started_at at time zone workout.timezone, 'YYYY-MM-DD HH24:MI ') || workout.timezone,
            to_char(r.started_at at time zone r.timezone, 'YYYY-MM-DD HH24:MI ') || r.timezone,
            workout.started_at <> r.started_at or workout.timezone <> r.timezone),
          (3, 'ended_at', to_char(workout.ended_at at time zone workout.timezone, 'YYYY-MM-DD HH24:MI ') || workout.timezone,
            to_char(r.ended_at at time zone r.timezone, 'YYYY-MM-DD HH24:MI ') || r.timezone,
            -- Another start moves the end along.
            (workout.ended_at - workout.started_at) is distinct from (r.ended_at - r.started_at)),
          (4, 'notes', left(workout.notes, 60), left(r.notes, 60), workout.notes is distinct from r.notes))
          as v (n, field, here, file, differs)
     where v.differs)
  select coalesce(jsonb_agg(jsonb_build_object('exercise', c.exercise_position, 'set', c.position, 'field', c.field,
           'here', c.here, 'file', c.file) order by c.exercise_position nulls first, c.position, c.n), '[]')
    from compared as c
$$;

-- A workout that is here already. With `on_conflict` in the item, {"differences"} from it are answered, and `replace`
-- takes the imported one, unless the person has changed it here since ("edited"): their own work is not overwritten. An
-- earlier attempt of the job may have written it.
create function private.import_known_workout(earlier public.workouts, job_id uuid, item json) returns jsonb
language plpgsql set search_path = '' as $$
declare
  is_own constant boolean := earlier.import_id is not distinct from job_id;
  differences jsonb := '[]';
  outcome text := 'duplicate';
begin
  if is_own then
    -- It was there before the job, when the job only replaced it.
    outcome := case when earlier.created_at < (select j.created_at from public.jobs as j where j.id = job_id)
      then 'replaced' else 'imported' end;
  elsif item ->> 'on_conflict' is not null then
    differences := private.workout_differences(earlier, item);
    if differences <> '[]' and item ->> 'on_conflict' = 'replace' and earlier.edited_at is null then
      perform private.replace_workout(earlier, item);
      update public.workouts as w set import_id = job_id where w.id = earlier.id;
      outcome := 'replaced';
    end if;
  end if;
  return jsonb_build_object('outcome', outcome, 'id', earlier.id, 'differences', differences,
    'edited', differences <> '[]' and earlier.edited_at is not null);
end $$;

-- A workout under its client_id. One that the person had deleted here comes back, which is said ("restored").
create or replace function private.import_workout(owner uuid, job_id uuid, item json) returns jsonb
language plpgsql set search_path = '' as $$
declare
  imported_id constant uuid := (item ->> 'client_id')::uuid;
  is_restored constant boolean := exists (
    select from public.deleted_workouts as d where d.user_id = owner and d.client_id = imported_id);
  earlier public.workouts;
  workout public.workouts;
begin
  select * into earlier from public.workouts as w
   where w.user_id = owner and w.client_id = imported_id;
  if earlier.id is not null then
    return private.import_known_workout(earlier, job_id, item);
  end if;
  workout := private.write_workout(owner, item, sha256(convert_to(item::text, 'UTF8')), 'import', job_id);
  return jsonb_build_object('outcome', 'imported', 'id', workout.id, 'restored', is_restored);
end $$;

-- What importing a file needs to know of the person: units, time zone, the exercises that its names can mean, and what
-- the person weighed.
create or replace function public.import_context(job_id uuid, attempt integer) returns jsonb
language plpgsql set search_path = '' as $$
declare
  owner constant uuid := private.assert_lease(import_context.job_id, attempt);
begin
  return (select jsonb_build_object('timezone', u.timezone, 'weight_unit', u.weight_unit, 'distance_unit', u.distance_unit,
    'exercises', (select jsonb_agg(jsonb_build_object('id', e.id, 'slug', e.slug, 'name', e.name, 'aliases', e.aliases,
                           'kind', e.kind, 'equipment', e.equipment) order by e.slug, e.id)
                    from public.exercises as e
                   where (e.user_id is null or e.user_id = owner) and e.hidden_at is null),
    'body_weights', (select coalesce(jsonb_agg(jsonb_build_object('on', m.local_date, 'kg', m.value) order by m.local_date), '[]')
                       from public.measurements as m where m.user_id = owner and m.kind = 'body_weight'))
    from public.users as u where u.id = owner);
end $$;

grant execute on function private.replace_workout, private.workout_differences, private.import_known_workout
  to service_role;
