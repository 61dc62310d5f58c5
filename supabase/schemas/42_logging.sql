-- Logging, changing and deleting workouts: one transaction each, with records and affinity.

-- A workout as the API returns it, with these records. Its sets have the fields that POST /workouts/log accepts, and
-- more.
create function private.workout_document(owner uuid, workout_id uuid, records jsonb) returns jsonb
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
                from public.sets as s where s.user_id = w.user_id and s.workout_id = w.id
               group by s.exercise_position, s.exercise_id) as e), '[]'),
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
    distance_m, started_at, local_date, average_heart_rate, max_heart_rate)
  select workout.user_id, workout.id, e.id,
    -- An imported set keeps the name that its exercise was logged under.
    case workout.source when 'import' then coalesce(d.value ->> 'exercise_name', e.name) else e.name end,
    e.kind, d.n - 1, s.n - 1,
    d.value ->> 'superset_group', case when s.n = 1 then d.value ->> 'notes' end,
    r.set_type, r.side, r.reps,
    coalesce((r.weight ->> 'value')::numeric, (r.assist ->> 'value')::numeric),
    coalesce(r.weight ->> 'unit', r.assist ->> 'unit')::public.weight_unit,
    r.rpe, r.rir, r.duration_seconds, r.distance_m, workout.started_at, workout.local_date,
    r.average_heart_rate, r.max_heart_rate
    from json_array_elements(exercises) with ordinality as d (value, n)
      join public.exercises as e on e.id = (d.value ->> 'exercise_id')::uuid
      cross join lateral json_array_elements(d.value -> 'sets') with ordinality as s (value, n)
      cross join lateral json_to_record(s.value) as r (set_type public.set_type, side public.set_side, reps smallint,
        weight json, assist json, rpe numeric, rir smallint, duration_seconds integer, distance_m numeric,
        average_heart_rate smallint, max_heart_rate smallint);
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
  -- Lock the account: whether a workout is the first of its day, or has a record, depends on their other workouts.
  perform private.assert_account(caller);
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

-- The owner's workout, after locking first the account and then it; empty when there is none. Raises PT412 when it is in
-- none of the expected states.
create function private.lock_workout(owner uuid, workout_id uuid, unchanged_since timestamptz[])
returns public.workouts
language plpgsql set search_path = '' as $$
declare
  workout public.workouts;
begin
  perform private.assert_account(owner);
  select * into workout from public.workouts as w
   where w.id = lock_workout.workout_id and w.user_id = owner for update;
  if workout.id is not null and workout.updated_at <> all (unchanged_since) then
    raise sqlstate 'PT412' using message = 'It has changed.';
  end if;
  return workout;
end $$;

-- Gives a workout of a person who is locked another content. Answers its records; null for an imported one, which earns
-- nothing by them. It keeps the points of a planned day when its plan has been deleted since. What others earn on the
-- day that it leaves, and on the one it moves to, is recomputed.
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
  delete from public.sets as s where s.user_id = old_workout.user_id and s.workout_id = old_workout.id;
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
create function public.update_workout(workout_id uuid, payload json, unchanged_since timestamptz[] default null)
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
            from public.sets as s where s.user_id = ($1).user_id and s.workout_id = ($1).id
           group by s.exercise_position, s.exercise_id, s.exercise_name) as e
$$;
comment on function public.work_done is 'Sets and volume of a workout without warm-ups, and its exercises in order.';

grant execute on function private.workout_document to authenticated, service_role;
grant execute on function private.write_workout, private.replace_workout, private.write_sets, private.check_workout,
  private.set_problems, private.refuse_workout to service_role;
grant execute on function public.workout, public.log_workout, public.update_workout, public.delete_workout, public.work_done
  to authenticated;
