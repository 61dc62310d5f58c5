-- What was recorded is kept: kinds of exercise hold what gyms record beside (a carry's distance, a band's load, the
-- distance of a bike), and the least help of an assisted exercise is a record.

set local check_function_bodies = off;

-- Nothing here may use the new value in this transaction: functions and the view below only name it.
alter type public.record_kind add value 'least_assist';

-- Exercises -----------------------------------------------------------------------------------------------------------

-- Which measures a set of each kind of exercise has: those it must have (required), may have (optional), those of which
-- it must have at least one (either), and those that may be recorded beside (recorded). Only assistance excludes a
-- weight: it is the weight that is taken off. Planned sets follow the same table without what is only recorded, except
-- for assistance and for sets that are open-ended.
create or replace function private.kind_measures() returns table (kind public.exercise_kind, measure text, necessity text)
language sql immutable rows 28 set search_path = '' as $$
  values
    ('weight_reps'::public.exercise_kind, 'reps', 'required'), ('weight_reps', 'weight', 'required'),
    ('weight_reps', 'duration_seconds', 'recorded'), ('weight_reps', 'distance_m', 'recorded'),
    ('reps', 'reps', 'required'), ('reps', 'weight', 'optional'),
    ('reps', 'duration_seconds', 'recorded'), ('reps', 'distance_m', 'recorded'),
    ('bodyweight_reps', 'reps', 'required'), ('bodyweight_reps', 'weight', 'optional'),
    ('bodyweight_reps', 'duration_seconds', 'recorded'), ('bodyweight_reps', 'distance_m', 'recorded'),
    ('assisted', 'reps', 'required'), ('assisted', 'assist', 'required'),
    ('assisted', 'duration_seconds', 'recorded'), ('assisted', 'distance_m', 'recorded'),
    ('duration', 'duration_seconds', 'required'), ('duration', 'weight', 'optional'),
    ('duration', 'reps', 'recorded'), ('duration', 'distance_m', 'recorded'),
    ('weight_duration', 'weight', 'required'), ('weight_duration', 'duration_seconds', 'either'),
    ('weight_duration', 'distance_m', 'either'), ('weight_duration', 'reps', 'recorded'),
    ('distance_duration', 'duration_seconds', 'either'), ('distance_duration', 'distance_m', 'either'),
    ('distance_duration', 'weight', 'optional'), ('distance_duration', 'reps', 'recorded')
$$;

-- Contents of the right shape that nobody can train by: unknown exercises, and fields that are missing, do not belong
-- to the kind of exercise, or contradict each other.
create or replace function private.workout_plan_sense_problems(content jsonb, owner uuid, plan_id uuid)
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
  -- A planned set has the measures of a logged one. percent_e1rm goes with kinds that are done for repetitions with a
  -- weight; a band has none that could be measured.
  fields as materialized (
    select m.kind, f.field, m.necessity
      from private.kind_measures() as m join (values ('reps', 'reps_min'), ('reps', 'reps_max'), ('weight', 'weight_kg'),
        ('duration_seconds', 'duration_seconds'), ('distance_m', 'distance_m')) as f (measure, field) using (measure)
     where m.necessity <> 'recorded'
    union all
    values ('weight_reps'::public.exercise_kind, 'percent_e1rm', 'optional'),
           ('bodyweight_reps', 'percent_e1rm', 'optional'))
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
     and value ->> 'distance_m' is null and value ->> 'duration_seconds' is null and not open_ended
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

-- Wider than before, so every set there is suits it.
alter table public.sets drop constraint sets_fields_of_kind;
alter table public.sets add constraint sets_fields_of_kind check (case kind
    when 'weight_reps' then reps is not null and entered_value is not null
    when 'reps' then reps is not null
    when 'bodyweight_reps' then reps is not null
    when 'assisted' then reps is not null and entered_value is not null
    when 'duration' then duration_seconds is not null
    when 'weight_duration' then entered_value is not null and (duration_seconds is not null or distance_m is not null)
    when 'distance_duration' then duration_seconds is not null or distance_m is not null
    else false end) not valid;
alter table public.sets validate constraint sets_fields_of_kind;

-- Records -------------------------------------------------------------------------------------------------------------

-- Whether sets of a kind are told in seconds or a distance, rather than in repetitions.
create function private.is_timed(kind public.exercise_kind) returns boolean
language sql immutable set search_path = '' as $$
  select kind in ('duration', 'weight_duration', 'distance_duration')
$$;

drop view private.record_candidates;
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

drop function private.personal_bests;
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
create or replace function private.workout_records(owner uuid, workout_id uuid) returns jsonb
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

-- The best values of all time: one row for each exercise, kind and, for most_reps, load, for least_assist, number of
-- repetitions; of equal sets, the first.
-- Sorted by the current name of the exercise. Sets are looked up only for the rows of the page.
create or replace function public.stats_records(exercise_id uuid default null, kind public.record_kind default null,
  page_offset integer default 0, page_limit integer default 20) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return (
    with exercises as materialized (
      select e.id, e.name from public.exercises as e
       where stats_records.exercise_id is null or e.id = stats_records.exercise_id),
    best as materialized (
      select b.exercise_id, b.kind, b.at_kg, b.at_reps, b.value, e.name
        from private.personal_bests((select auth.uid()), array(select m.id from exercises as m)) as b
          join exercises as e on e.id = b.exercise_id
       where stats_records.kind is null or b.kind = stats_records.kind),
    page as materialized (
      select * from best as b order by b.name, b.exercise_id, b.kind, b.at_kg, b.at_reps
       limit least(page_limit, 100) offset page_offset)
    select jsonb_build_object('total', (select count(*) from best), 'items', coalesce((
      select jsonb_agg(to_jsonb(f) - array['user_id'] order by p.name, p.exercise_id, p.kind, p.at_kg, p.at_reps)
        from page as p
          cross join lateral (
            -- Only from the index sets_history.
            select min(s.started_at) as began from public.sets as s
             where s.user_id = (select auth.uid()) and s.exercise_id = p.exercise_id and s.set_type <> 'warmup'
               and case p.kind when 'heaviest' then s.weight_kg when 'e1rm' then s.e1rm_kg when 'most_reps' then s.reps
                     when 'longest' then s.duration_seconds when 'farthest' then s.distance_m
                     when 'least_assist' then s.assist_kg end = p.value
               and (p.kind <> 'most_reps' or coalesce(s.weight_kg, s.assist_kg, 0) = p.at_kg)
               and (p.kind <> 'least_assist' or s.reps = p.at_reps)) as first
          cross join lateral (
            select m.* from private.record_candidates as m
             where m.user_id = (select auth.uid()) and m.exercise_id = p.exercise_id and m.kind = p.kind
               and m.value = p.value and m.at_kg is not distinct from p.at_kg
               and m.at_reps is not distinct from p.at_reps and m.started_at = first.began
             order by m.set_id limit 1) as f), '[]')));
end $$;

grant execute on function private.is_timed, private.personal_bests to authenticated, service_role;
