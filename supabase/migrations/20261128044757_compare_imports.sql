-- Importing again is quicker: sets are compared without going through JSON, and a replaced workout that earns nothing
-- does not look for its records.

set local check_function_bodies = off;

-- Gives a workout of a person who is locked another content. Answers its records; null for an imported one, which earns
-- nothing by them. It keeps the points of a planned day when its plan has been deleted since. What others earn on the
-- day that it leaves, and on the one it moves to, is recomputed.
create or replace function private.replace_workout(old_workout public.workouts, payload json) returns jsonb
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
  if old_workout.source = 'app' then
    records := private.workout_records(old_workout.user_id, new_workout.id);
    -- Gains before losses, for the reason given at private.recompute_workout_awards.
    perform private.recompute_first_of_day(new_workout, old_workout.local_date)
      where old_workout.local_date <> new_workout.local_date;
    perform private.recompute_workout_awards(new_workout, records,
      new_workout.plan_id is not distinct from old_workout.plan_id
      -- Without its plan, which has been deleted, a workout has no day of it either.
      and (old_workout.plan_id is null or new_workout.plan_day is not distinct from old_workout.plan_day)
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
  return private.workout_document(caller, old_workout.id,
    coalesce(records, private.workout_records(caller, old_workout.id)));
end $$;

-- What is not in a workout as in an imported one: {"exercise", "set", "field", "here", "file"}, with words in place of
-- values, null for nothing. `exercise` and `set` count from 0 and are null for what is of the workout; the field `set`
-- says that one of the two has no such set. Loads are equal within 10 g: apps convert between units.
create or replace function private.workout_differences(workout public.workouts, item json) returns jsonb
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
           h.exercise_id, h.exercise_name, h.set_type::text as set_type, h.reps, h.entered_value, h.entered_unit::text as
           entered_unit, coalesce(h.weight_kg, h.assist_kg) as kg, h.duration_seconds, h.distance_m, h.rpe,
           h.superset_group, h.exercise_notes, f as file,
           f.load * case f.unit when 'lb' then 0.45359237 else 1 end as file_kg, round(f.distance_m, 2) as file_distance_m
      from (select * from public.sets as s where s.workout_id = workout.id) as h
        full join file as f using (exercise_position, position)),
  compared as (
    select s.exercise_position, s.position, v.n, v.field, v.here, v.file
      from both_sets as s cross join lateral (values
        (1, 'set', case when s.only_here then 'one' end, case when s.only_file then 'one' end,
          s.only_here or s.only_file),
        (2, 'exercise', s.exercise_name,
          case when s.exercise_id <> (s.file).exercise_id then (
            select e.name from public.exercises as e where e.id = (s.file).exercise_id) end,
          s.exercise_id <> (s.file).exercise_id),
        (3, 'set_type', s.set_type, (s.file).set_type, s.set_type <> (s.file).set_type),
        (4, 'reps', s.reps::text, (s.file).reps::text, s.reps is distinct from (s.file).reps),
        (5, 'weight', trim_scale(s.entered_value) || ' ' || s.entered_unit,
          trim_scale((s.file).load) || ' ' || (s.file).unit,
          (s.kg is null) <> (s.file_kg is null) or abs(s.kg - s.file_kg) > 0.01),
        (6, 'duration', s.duration_seconds || ' s', (s.file).duration_seconds || ' s',
          s.duration_seconds is distinct from (s.file).duration_seconds),
        (7, 'distance', trim_scale(s.distance_m) || ' m', trim_scale(s.file_distance_m) || ' m',
          s.distance_m is distinct from s.file_distance_m),
        (8, 'rpe', trim_scale(s.rpe)::text, trim_scale((s.file).rpe)::text, s.rpe is distinct from (s.file).rpe),
        (9, 'superset', s.superset_group, (s.file).superset_group,
          s.superset_group is distinct from (s.file).superset_group),
        (10, 'notes', left(s.exercise_notes, 60), left((s.file).notes, 60),
          s.exercise_notes is distinct from (s.file).notes)) as v (n, field, here, file, differs)
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
