-- Personal records, read from the sets whenever they are asked for.

-- Whether sets of a kind are told in seconds or a distance, rather than in repetitions.
create function private.is_timed(kind public.exercise_kind) returns boolean
language sql immutable set search_path = '' as $$
  select kind in ('duration', 'weight_duration', 'distance_duration')
$$;

-- What each set can be a record in. Warm-ups never count. `at_kg` is the load (or assistance) that most_reps is counted
-- at, `at_reps` the repetitions of least_assist; other kinds have neither. Of least_assist the lowest value is the best.
-- How long a set of repetitions took is no record.
create view private.record_candidates with (security_invoker = true) as
  select s.id as set_id, s.user_id, s.workout_id, s.exercise_id, s.exercise_name, s.started_at, s.local_date,
         m.kind::public.record_kind as kind, m.value, m.at_kg, m.at_reps
    from public.sets as s
      cross join lateral (values
        ('heaviest', nullif(s.weight_kg, 0), null::numeric, null::smallint),
        ('e1rm', nullif(s.e1rm_kg, 0), null, null),
        ('most_reps', s.reps, coalesce(s.weight_kg, s.assist_kg, 0), null),
        ('longest', case when private.is_timed(s.kind) then s.duration_seconds end, null, null),
        ('farthest', s.distance_m, null, null),
        ('least_assist', s.assist_kg, null, s.reps)) as m (kind, value, at_kg, at_reps)
   where s.set_type <> 'warmup' and m.value is not null;
comment on view private.record_candidates is
  'What each set can be a record in: kind, value (kg, repetitions, s or m), for most_reps the load, and for least_assist '
  'the repetitions.';

grant select on private.record_candidates to authenticated, service_role;

-- The best values of some exercises before a workout (or, without one, of all time), by the rules of
-- private.record_candidates. Sets of the same load (of the same help, and repetitions) are grouped first: years of
-- training have tens of thousands of sets, but some hundred loads.
create function private.personal_bests(owner uuid, exercises uuid[], before timestamptz default 'infinity',
  before_id uuid default null)
returns table (exercise_id uuid, kind public.record_kind, at_kg numeric, at_reps smallint, value numeric)
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
     group by s.exercise_id, s.weight_kg, s.assist_kg, case when s.assist_kg is not null then s.reps end)
  select l.exercise_id, 'heaviest'::public.record_kind, null::numeric, null::smallint, max(l.weight_kg)::numeric
    from loads as l where l.weight_kg > 0 group by l.exercise_id
  union all
  select l.exercise_id, 'e1rm', null, null, max(l.e1rm_kg) from loads as l where l.e1rm_kg > 0 group by l.exercise_id
  union all
  select l.exercise_id, 'most_reps', coalesce(l.weight_kg, l.assist_kg, 0), null, max(l.reps)
    from loads as l where l.reps is not null group by l.exercise_id, coalesce(l.weight_kg, l.assist_kg, 0)
  union all
  -- A set has the kind of its exercise; the index that the sets are read from does not.
  select l.exercise_id, 'longest', null, null, max(l.duration_seconds)
    from loads as l join public.exercises as e on e.id = l.exercise_id and private.is_timed(e.kind)
   where l.duration_seconds is not null group by l.exercise_id
  union all
  select l.exercise_id, 'farthest', null, null, max(l.distance_m)
    from loads as l where l.distance_m is not null group by l.exercise_id
  union all
  select l.exercise_id, 'least_assist', null, l.reps, min(l.assist_kg)
    from loads as l where l.assist_kg is not null group by l.exercise_id, l.reps;
end $$;

-- The records of a workout, by exercise: its best value of a kind, when it beats everything earlier. The first value of
-- a kind is no record, as there was nothing to beat.
create function private.workout_records(owner uuid, workout_id uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return (
    with best as materialized (
      select distinct on (m.exercise_id, m.kind, m.at_kg, m.at_reps) m.*
        from private.record_candidates as m
       where m.user_id = owner and m.workout_id = workout_records.workout_id
       order by m.exercise_id, m.kind, m.at_kg, m.at_reps,
         case m.kind when 'least_assist' then -m.value else m.value end desc, m.set_id),
    earlier as materialized (
      select * from private.personal_bests(owner, array(select distinct b.exercise_id from best as b),
        (select min(b.started_at) from best as b), workout_records.workout_id))
    select coalesce(jsonb_agg(jsonb_build_object('exercise_id', b.exercise_id, 'exercise_name', b.exercise_name,
             'kind', b.kind, 'value', b.value, 'at_kg', b.at_kg, 'at_reps', b.at_reps, 'previous', e.value,
             'set_id', b.set_id)
             order by b.exercise_name, b.exercise_id, b.kind, b.at_kg, b.at_reps), '[]')
      from best as b join earlier as e on e.exercise_id = b.exercise_id and e.kind = b.kind
       and e.at_kg is not distinct from b.at_kg and e.at_reps is not distinct from b.at_reps
     where case b.kind when 'least_assist' then b.value < e.value else b.value > e.value end);
end $$;

grant execute on function private.is_timed, private.personal_bests, private.workout_records to authenticated, service_role;
