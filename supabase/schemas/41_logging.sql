-- Logging, changing and deleting workouts: one transaction each, with records and affinity.

-- What a set can be best at. Warm-ups never count. `at_kg` is the load (or help) that most_reps is counted at; the
-- other kinds have none.
create view private.marks with (security_invoker = true) as
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
comment on view private.marks is 'What each set can be best at: kind of record, value (kg, repetitions, s, m), at which load.';
grant select on private.marks to authenticated, service_role;

-- The best marks of some exercises before a workout (or, before none, of all time): the greatest values of private.marks,
-- but sets of the same load are taken together first. Years of training have ten thousands of sets and some hundred loads.
create function private.best_marks(owner uuid, exercises uuid[], before timestamptz default 'infinity',
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

-- The records of one workout: its best of a kind that beats everything the person had done before it. The first time
-- sets the mark; there was nothing to beat. By exercise.
create function private.workout_records(owner uuid, workout_id uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return (
    with best as materialized (
      select distinct on (m.exercise_id, m.kind, m.at_kg) m.*
        from private.marks as m
       where m.user_id = owner and m.workout_id = workout_records.workout_id
       order by m.exercise_id, m.kind, m.at_kg, m.value desc, m.set_id),
    earlier as materialized (
      select * from private.best_marks(owner, array(select distinct b.exercise_id from best as b),
        (select min(b.started_at) from best as b), workout_records.workout_id))
    select coalesce(jsonb_agg(jsonb_build_object('exercise_id', b.exercise_id, 'exercise_name', b.exercise_name,
             'kind', b.kind, 'value', b.value, 'at_kg', b.at_kg, 'previous', e.value, 'set_id', b.set_id)
             order by b.exercise_name, b.exercise_id, b.kind, b.at_kg), '[]')
      from best as b join earlier as e on e.exercise_id = b.exercise_id and e.kind = b.kind
       and e.at_kg is not distinct from b.at_kg
     where b.value > e.value);
end $$;

-- A workout as the API shows it, whole, with its records. The shape of its sets is what POST /workouts/log takes, and more.
create function private.workout_document(owner uuid, workout_id uuid, records jsonb) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return (select to_jsonb(w) - array['user_id', 'request_hash', 'import_id', 'award'] || jsonb_build_object(
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

-- GET /workouts/{id}: null when there is none, or it is not the caller's.
create function public.workout(workout_id uuid) returns jsonb
language sql stable set search_path = '' as $$
  select private.workout_document(caller, workout.workout_id, private.workout_records(caller, workout.workout_id))
    from (select auth.uid() as caller) as me
$$;

create function private.refuse_workout(loc jsonb, message text, type text) returns void
language plpgsql set search_path = '' as $$
begin
  raise sqlstate 'PT422' using message = 'The workout is not sound.',
    detail = jsonb_build_array(jsonb_build_object('loc', loc, 'message', message, 'type', type));
end $$;

-- Where a set lacks what its kind of exercise needs, or has what does not belong to it (private.kind_measures).
create function private.set_problems(owner uuid, exercises json) returns table (loc jsonb, message text, type text)
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return query
  with done as materialized (
    select jsonb_build_array('exercises', d.n - 1) as loc, d.value, e.kind
      from json_array_elements(exercises) with ordinality as d (value, n)
        left join public.exercises as e on e.id = (d.value ->> 'exercise_id')::uuid
          and (e.user_id is null or e.user_id = owner)),
  sets as materialized (
    select d.loc || jsonb_build_array('sets', s.n - 1) as loc, s.value, d.kind
      from done as d cross join lateral json_array_elements(d.value -> 'sets') with ordinality as s (value, n)
     where d.kind is not null and json_array_length(d.value -> 'sets') <= 100),
  fields (field) as (values ('reps'), ('weight'), ('assist'), ('duration_seconds'), ('distance_m')),
  rules as materialized (
    select k.kind, f.field, m.necessity
      from fields as f cross join unnest(enum_range(null::public.exercise_kind)) as k (kind)
        left join private.kind_measures() as m on m.kind = k.kind and m.measure = f.field)
  select loc || '["exercise_id"]', 'is not an exercise you can use', 'unknown_exercise' from done where kind is null
  union all
  select loc || '["sets"]', 'must have 1 to 100 sets', 'value_error' from done
   where (json_array_length(value -> 'sets') between 1 and 100) is not true
  union all
  select s.loc || to_jsonb(r.field), 'is required for this kind of exercise', 'missing'
    from sets as s join rules as r on r.kind = s.kind and r.necessity = 'required' where s.value ->> r.field is null
  union all
  select s.loc || to_jsonb(r.field), 'does not belong to this kind of exercise', 'extra_forbidden'
    from sets as s join rules as r on r.kind = s.kind and r.necessity is null where s.value ->> r.field is not null
  union all
  select loc || '["distance_m"]', 'or duration_seconds is required for this kind of exercise', 'missing' from sets
   where kind = 'distance_duration' and value ->> 'distance_m' is null and value ->> 'duration_seconds' is null;
end $$;

-- Raises what is wrong with a session before anything is written. Five minutes: phones' clocks are not exact.
create function private.check_workout(owner uuid, payload json) returns void
language plpgsql stable set search_path = '' as $$
declare
  problems jsonb;
  latest constant timestamptz := now() + interval '5 minutes';
  -- Without its offset it would be read in whatever time zone the connection has; so would "yesterday".
  moment constant text := 'T[0-9:.]+(Z|[+-][0-9]{2}:?[0-9]{2})$';
begin
  if private.is_timezone(payload ->> 'timezone') is not true then
    perform private.refuse_workout('["timezone"]', 'must be an IANA time zone such as Europe/Oslo', 'value_error');
  elsif payload ->> 'started_at' !~ moment then
    perform private.refuse_workout('["started_at"]', 'must be a moment with its offset, such as 2026-03-04T18:00:00Z', 'value_error');
  elsif payload ->> 'ended_at' !~ moment then
    perform private.refuse_workout('["ended_at"]', 'must be a moment with its offset, such as 2026-03-04T18:00:00Z', 'value_error');
  elsif (payload ->> 'started_at')::timestamptz > latest then
    perform private.refuse_workout('["started_at"]', 'must not be in the future', 'value_error');
  elsif (payload ->> 'ended_at')::timestamptz > latest then
    perform private.refuse_workout('["ended_at"]', 'must not be in the future', 'value_error');
  elsif (json_array_length(payload -> 'exercises') between 1 and 50) is not true then
    perform private.refuse_workout('["exercises"]', 'must have 1 to 50 items', 'value_error');
  elsif payload ->> 'plan_id' is not null and not exists (
    select from public.plans as p where p.id = (payload ->> 'plan_id')::uuid and p.kind = 'workout' and p.user_id = owner) then
    perform private.refuse_workout('["plan_id"]', 'is not a plan of yours', 'unknown_plan');
  end if;
  select jsonb_agg(to_jsonb(p)) into problems
    from (select * from private.set_problems(owner, payload -> 'exercises') limit 20) as p;
  if problems is not null then
    raise sqlstate 'PT422' using message = 'The workout is not sound.', detail = problems;
  end if;
end $$;

create function private.write_sets(workout public.workouts, exercises json) returns void
language plpgsql set search_path = '' as $$
begin
  insert into public.sets (user_id, workout_id, exercise_id, exercise_name, kind, exercise_position, position,
    superset_group, exercise_notes, set_type, side, reps, entered_value, entered_unit, rpe, rir, duration_seconds,
    distance_m, started_at, local_date)
  select workout.user_id, workout.id, e.id,
    -- What is brought along from elsewhere keeps the name it was logged under.
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

-- Writes a session and its sets; null when this client_id is there already.
create function private.write_workout(owner uuid, payload json, hash bytea, source public.workout_source, import_id uuid)
returns public.workouts
language plpgsql set search_path = '' as $$
declare
  made public.workouts;
  given record;
begin
  perform private.check_workout(owner, payload);
  select * into given from json_to_record(payload) as r (client_id uuid, plan_id uuid, plan_day smallint, name text,
    started_at timestamptz, ended_at timestamptz, timezone text, perceived_exertion smallint, notes text,
    plan_version integer);
  insert into public.workouts (user_id, client_id, request_hash, source, import_id, plan_id, plan_version, plan_day,
    name, started_at, ended_at, timezone, perceived_exertion, notes, created_at)
  values (owner, given.client_id, hash, write_workout.source, write_workout.import_id, given.plan_id,
    case write_workout.source when 'import' then given.plan_version else (
      select nullif(p.version, 0) from public.plans as p where p.id = given.plan_id) end, given.plan_day, given.name,
    given.started_at, given.ended_at, given.timezone, given.perceived_exertion, given.notes, clock_timestamp())
  on conflict on constraint workouts_once do nothing
  returning * into made;
  if made.id is not null then
    perform private.write_sets(made, payload -> 'exercises');
  end if;
  return made;
end $$;

-- What a workout deserves by the rules of the ledger, most valuable first. A planned day stays one when the plan is
-- changed or archived later.
create function private.earned_awards(done public.workouts, records jsonb, was_planned boolean)
returns table (rule public.affinity_rule, points integer, source_type public.affinity_source, source_id text, explanation text)
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return query
  select 'workout_logged'::public.affinity_rule, case when first then 10 else 2 end,
         'workout'::public.affinity_source, done.id::text,
         case when first then format('You trained on %s.', to_char(done.local_date, 'FMDD Mon YYYY'))
              else format('You trained once more on %s.', to_char(done.local_date, 'FMDD Mon YYYY')) end
    from (select not exists (
            select from public.workouts as w
             where w.user_id = done.user_id and w.local_date = done.local_date and w.source = 'app' and w.id <> done.id
               and (w.created_at, w.id) < (done.created_at, done.id)) as first) as day
  union all
  select 'planned_day', 3, 'workout', done.id::text, 'It was a day of your plan.'
   where done.plan_day is not null and (was_planned or exists (
     select from public.plans as p
      where p.id = done.plan_id and p.status = 'active' and done.plan_day < jsonb_array_length(p.content -> 'days')))
  union all
  (select 'personal_record', 5, 'set', (min(r.set_id::text)), format('A personal record: %s.', min(r.exercise_name))
    from jsonb_to_recordset(records) as r (exercise_id uuid, exercise_name text, set_id uuid)
   group by r.exercise_id order by min(r.exercise_name), r.exercise_id limit 3);
end $$;

-- Makes the ledger agree with the workout: awards what it deserves, and after an edit takes back what it had earned.
-- Awards come first, so that a score near 0 ends where it would have, had the workout been logged like this at once.
-- What a workout earns also changes with another one of its day.
create function private.recompute_workout_awards(done public.workouts, records jsonb, was_planned boolean default false)
returns void
language plpgsql set search_path = '' as $$
declare
  had integer := 0;
  earned jsonb;
  current_round integer := done.award;
begin
  select coalesce(sum(e.points), 0),
         jsonb_agg(jsonb_build_array(e.rule, e.points, e.explanation) order by e.rule, e.explanation)
    into had, earned
    from public.affinity_events as e
   where e.user_id = done.user_id and e.workout_id = done.id and e.round = done.award
     and e.rule in ('workout_logged', 'planned_day', 'personal_record');
  if earned is not null and earned = (
    select jsonb_agg(jsonb_build_array(d.rule, d.points, d.explanation) order by d.rule, d.explanation)
      from private.earned_awards(done, records, was_planned) as d) then
    return;
  end if;
  if had > 0 then
    update public.workouts as w set award = w.award + 1 where w.id = done.id returning w.award into current_round;
  end if;
  perform private.award(done.user_id, d.rule, d.points, d.source_type, d.source_id, current_round, done.id, d.explanation)
    from private.earned_awards(done, records, was_planned) as d;
  if had > 0 then
    perform private.award(done.user_id, 'reversal', -had, 'workout', done.id::text, done.award, done.id,
      format('What the workout of %s earns has changed; this is what it had earned.',
             to_char(done.local_date, 'FMDD Mon YYYY')));
  end if;
end $$;

-- POST /workouts/log: {"replayed": whether it had been logged before, "workout": …}.
-- Definer, like all that write workouts: the tables are nobody's to write, so each function binds itself to auth.uid().
create function public.log_workout(payload json) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  caller constant uuid := auth.uid();
  hash constant bytea := sha256(convert_to(payload::text, 'UTF8'));
  earlier public.workouts;
  made public.workouts;
  records jsonb;
begin
  -- One change at a time for a person: what counts as the first of a day, or as a record, has one answer.
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
  made := private.write_workout(caller, payload, hash, 'app', null);
  records := private.workout_records(caller, made.id);
  perform private.recompute_workout_awards(made, records);
  perform private.recompute_week_award(caller, date_trunc('week', made.local_date)::date, made.id, false);
  return jsonb_build_object('replayed', false, 'workout', private.workout_document(caller, made.id, records));
end $$;

-- The caller's workout, locked, or no row. Raises PT412 when it is none of the expected states.
create function private.lock_workout(owner uuid, workout_id uuid, unchanged_since timestamptz[])
returns public.workouts
language plpgsql set search_path = '' as $$
declare
  found_one public.workouts;
begin
  perform from public.users as u where u.id = owner for no key update;
  select * into found_one from public.workouts as w
   where w.id = lock_workout.workout_id and w.user_id = owner for update;
  if found_one.id is not null and found_one.updated_at <> all (unchanged_since) then
    raise sqlstate 'PT412' using message = 'It has changed.';
  end if;
  return found_one;
end $$;

-- PUT /workouts/{id}: the workout after the change, null when it is not the caller's. The points of a planned day stay when
-- its plan has been deleted since; those of the days that it leaves and comes to are computed anew.
create function public.update_workout(workout_id uuid, payload json,
  unchanged_since timestamptz[] default null)
returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  caller constant uuid := auth.uid();
  was constant public.workouts := private.lock_workout(caller, update_workout.workout_id, unchanged_since);
  done public.workouts;
  records jsonb;
begin
  if was.id is null then
    return null;
  end if;
  perform private.check_workout(caller, payload);
  update public.workouts as w set
      plan_id = r.plan_id, plan_day = r.plan_day, name = r.name, started_at = r.started_at, ended_at = r.ended_at,
      timezone = r.timezone, perceived_exertion = r.perceived_exertion, notes = r.notes,
      plan_version = case when r.plan_id is not distinct from was.plan_id then was.plan_version else (
        select nullif(p.version, 0) from public.plans as p where p.id = r.plan_id) end
    from json_to_record(payload) as r (plan_id uuid, plan_day smallint, name text, started_at timestamptz,
      ended_at timestamptz, timezone text, perceived_exertion smallint, notes text)
   where w.id = was.id returning w.* into done;
  delete from public.sets as s where s.workout_id = was.id;
  perform private.write_sets(done, payload -> 'exercises');
  records := private.workout_records(caller, done.id);
  if was.source = 'app' then
    -- What gains comes first, for the same reason as in recompute_workout_awards.
    perform private.recompute_first_of_day(done, was.local_date) where was.local_date <> done.local_date;
    perform private.recompute_workout_awards(done, records, done.plan_id is not distinct from was.plan_id
      and done.plan_day is not distinct from was.plan_day and private.was_planned(was));
    perform private.recompute_first_of_day(done, done.local_date) where was.local_date <> done.local_date;
    perform private.recompute_week_award(caller, week, was.id, true)
       from unnest(array[date_trunc('week', was.local_date)::date, date_trunc('week', done.local_date)::date]) as week
      where was.local_date <> done.local_date;
  end if;
  return private.workout_document(caller, was.id, records);
end $$;

-- DELETE /workouts/{id}: true when there was one. What it had earned is taken back.
create function public.delete_workout(workout_id uuid, unchanged_since timestamptz[] default null)
returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  caller constant uuid := auth.uid();
  was constant public.workouts := private.lock_workout(caller, delete_workout.workout_id, unchanged_since);
  had integer;
begin
  if was.id is null then
    return false;
  end if;
  select coalesce(sum(e.points), 0) into had from public.affinity_events as e
   where e.user_id = caller and e.workout_id = was.id and e.round = was.award
     and e.rule in ('workout_logged', 'planned_day', 'personal_record');
  delete from public.workouts as w where w.id = was.id;
  if was.source = 'app' then
    -- Before anything is taken back: a score near 0 would lose less than was earned.
    perform private.recompute_first_of_day(was, was.local_date);
  end if;
  if had > 0 then
    perform private.award(caller, 'reversal', -had, 'workout', was.id::text, was.award, was.id,
      format('The workout of %s was deleted; this is what it had earned.', to_char(was.local_date, 'FMDD Mon YYYY')));
  end if;
  if was.source = 'app' then
    perform private.recompute_week_award(caller, date_trunc('week', was.local_date)::date, was.id, true);
  end if;
  return true;
end $$;

-- Whether it has earned the points of a planned day.
create function private.was_planned(done public.workouts) returns boolean
language sql stable set search_path = '' as $$
  select exists (
    select from public.affinity_events as e
     where e.user_id = done.user_id and e.workout_id = done.id and e.rule = 'planned_day' and e.round = done.award)
$$;

-- After a workout came to a day or left it: if it was logged before all others of that day, then the first of those has
-- become, or is no longer, the first of the day.
create function private.recompute_first_of_day(changed public.workouts, day date) returns void
language plpgsql set search_path = '' as $$
declare
  other public.workouts;
begin
  select * into other from public.workouts as w
   where w.user_id = changed.user_id and w.local_date = day and w.source = 'app' and w.id <> changed.id
   order by w.created_at, w.id limit 1;
  if (changed.created_at, changed.id) < (other.created_at, other.id) then
    perform private.recompute_workout_awards(other, private.workout_records(other.user_id, other.id), private.was_planned(other));
  end if;
end $$;

-- What a list shows of a workout: {"sets", "volume_kg", "exercises"}; warm-ups do not count.
-- A computed column: `select=*,work_done`. Unnamed, so that it cannot be called with a workout that is made up.
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

grant execute on function private.best_marks, private.workout_records, private.workout_document
  to authenticated, service_role;
grant execute on function private.write_workout, private.write_sets, private.check_workout, private.set_problems,
  private.refuse_workout to service_role;
grant execute on function public.workout, public.log_workout, public.update_workout, public.delete_workout, public.work_done
  to authenticated;
