-- The rules of plan content, as tables of rules: what Pydantic checks for good messages, Postgres checks for good.
-- A problem is {"loc": ["days", 0, …], "message": "…", "type": "…"}.

-- Every member that an object of plan content may have, what it must be, and its range: length of a text, size of a
-- list, value of a number. A "whole" is an integer.
create function private.plan_fields() returns table (
  thing text, field text, type text, required boolean, nullable boolean, low numeric, high numeric, pattern text)
language sql immutable rows 22 set search_path = '' as $$
  values
    ('content', 'days', 'array', true, false, 1, 14, null),
    ('content', 'deload_weeks', 'array', false, false, 0, 52, null),
    -- Not only white space, as Unicode has it: \s would leave out some of it.
    ('day', 'name', 'string', true, false, 1, 80,
      '[^\u0009-\u000d\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]'),
    ('day', 'weekday', 'whole', false, true, 1, 7, null),
    ('day', 'exercises', 'array', true, false, 1, 30, null),
    ('exercise', 'exercise_id', 'string', true, false, 36, 36, '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'),
    ('exercise', 'superset_group', 'string', false, true, 1, 8, null),
    ('exercise', 'rest_seconds', 'whole', false, true, 0, 3600, null),
    ('exercise', 'notes', 'string', false, false, 0, 500, null),
    ('exercise', 'progression', 'object', false, false, null, null, null),
    ('exercise', 'sets', 'array', true, false, 1, 20, null),
    ('progression', 'kind', 'string', true, false, 1, 20, '^(double_progression|linear|percent_e1rm|none)$'),
    ('progression', 'increment_kg', 'number', false, false, 0.1, 50, null),
    ('set', 'set_type', 'string', true, false, 1, 20, '^(warmup|working|drop|failure|amrap)$'),
    ('set', 'reps_min', 'whole', false, true, 1, 1000, null),
    ('set', 'reps_max', 'whole', false, true, 1, 1000, null),
    ('set', 'weight_kg', 'number', false, true, 0, 1000, null),
    ('set', 'percent_e1rm', 'number', false, true, 1, 120, null),
    ('set', 'rir', 'whole', false, true, 0, 10, null),
    ('set', 'duration_seconds', 'whole', false, true, 1, 86400, null),
    ('set', 'distance_m', 'number', false, true, 1, 1000000, null),
    ('set', 'tempo', 'string', false, true, 4, 4, '^[0-9X]{4}$')
$$;

-- Every object of the content with its place, so that the rules can be asked of all at once.
create function private.plan_objects(content jsonb) returns table (thing text, loc jsonb, value jsonb)
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

-- Wrong shapes: not an object, a member missing, unknown, or out of its range. The questions about a value are asked
-- here and not in a function of their own: there are thousands, and calling costs more than asking.
create function private.plan_shape_problems(content jsonb) returns table (loc jsonb, message text, type text)
language sql immutable set search_path = '' as $$
  with objects as materialized (select * from private.plan_objects(content)),
  sound as (select * from objects where jsonb_typeof(value) = 'object'),
  rules as materialized (select * from private.plan_fields())
  select o.loc, 'must be an object', 'object_type' from objects as o where jsonb_typeof(o.value) <> 'object'
  union all
  select o.loc || to_jsonb(r.field), 'is required', 'missing'
    from sound as o join rules as r using (thing)
   where r.required and not o.value ? r.field
  union all
  select o.loc || to_jsonb(m.key), p.problem, case when r.thing is null then 'extra_forbidden' else 'value_error' end
    from sound as o
      cross join lateral jsonb_each(o.value) as m
      left join rules as r on r.thing = o.thing and r.field = m.key
      cross join lateral (select case
        when r.thing is null then 'is not a known field'
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
          -- 10.000… is 10, but thousands of zeros are stored as one number and read as thousands of digits.
          when scale(m.value::numeric) > 20 then 'must have at most 20 decimals'
          when r.type = 'whole' and m.value::numeric % 1 <> 0 then 'must be a whole number' end
        end as problem) as p
   where p.problem is not null
$$;

-- Sound shapes that make no sense for a person who trains. Only asked when the shape is right.
create function private.plan_sense_problems(content jsonb, plan_id uuid) returns table (loc jsonb, message text, type text)
language sql stable set search_path = '' as $$
  with planned as materialized (
    select jsonb_build_array('days', d.n - 1, 'exercises', p.n - 1) as loc, p.value, e.id, e.kind, e.hidden_at,
           coalesce(p.value #>> '{progression,kind}', 'none') as progression
      from jsonb_array_elements(content -> 'days') with ordinality as d (value, n)
        cross join lateral jsonb_array_elements(d.value -> 'exercises') with ordinality as p (value, n)
        left join public.exercises as e on e.id = (p.value ->> 'exercise_id')::uuid),
  sets as materialized (
    select p.loc || jsonb_build_array('sets', s.n - 1) as loc, s.value, p.kind, p.progression,
           s.value ->> 'set_type' in ('failure', 'amrap') as open_ended
      from planned as p cross join lateral jsonb_array_elements(p.value -> 'sets') with ordinality as s (value, n))
  -- Row-level security hides other people's exercises, so theirs are unknown here too.
  select loc || '["exercise_id"]', 'is not an exercise you can use', 'unknown_exercise' from planned
   where id is null or (hidden_at is not null and not exists (
     select from public.plan_versions as v
      where v.plan_id = plan_sense_problems.plan_id
        and v.content @? format('$.days[*].exercises[*] ? (@.exercise_id == "%s")', planned.id)::jsonpath))
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
  select loc || '["reps_max"]', 'is required for this kind of exercise', 'missing' from sets
   where kind in ('weight_reps', 'reps', 'bodyweight_reps', 'assisted') and value ->> 'reps_max' is null
     and not open_ended
  union all
  select loc || '["duration_seconds"]', 'is required for this kind of exercise', 'missing' from sets
   where kind in ('duration', 'weight_duration') and value ->> 'duration_seconds' is null and not open_ended
  union all
  select loc || '["distance_m"]', 'or duration_seconds is required for this kind of exercise', 'missing' from sets
   where kind = 'distance_duration' and value ->> 'distance_m' is null and value ->> 'duration_seconds' is null
  union all
  select loc || to_jsonb(f.field), 'does not belong to this kind of exercise', 'extra_forbidden'
    from sets, (values
      ('reps_min', '{weight_reps,reps,bodyweight_reps,assisted}'::public.exercise_kind[]),
      ('reps_max', '{weight_reps,reps,bodyweight_reps,assisted}'),
      ('weight_kg', '{weight_reps,bodyweight_reps,weight_duration,distance_duration}'),
      ('percent_e1rm', '{weight_reps,bodyweight_reps}'),
      ('duration_seconds', '{duration,weight_duration,distance_duration}'),
      ('distance_m', '{distance_duration}')) as f (field, kinds)
   where value ->> f.field is not null and not kind = any (f.kinds)
  union all
  select jsonb_build_array('deload_weeks', w.n - 1), 'must be different whole weeks from 1 to 52', 'value_error'
    from (select value, n, row_number() over (partition by value order by n) as time
            from jsonb_array_elements(content -> 'deload_weeks') with ordinality as w (value, n)) as w
   where w.time > 1 or case when jsonb_typeof(w.value) <> 'number' then true
                            when w.value::numeric not between 1 and 52 then true
                            else w.value::numeric % 1 <> 0 or scale(w.value::numeric) > 20 end
$$;

-- Problems of plan content, [] when there are none, 20 at most. `plan_id`: the plan it is for, whose history may
-- go on using an exercise that the person has deleted since.
-- Without jit: the planner expects millions of sets where there are hundreds, and compiling for them takes longest.
create function public.validate_plan_content(content jsonb, plan_id uuid default null) returns jsonb
language plpgsql stable set search_path = '' set jit = off as $$
declare
  too_long constant jsonb := '[{"loc": [], "message": "must be at most 256 KiB", "type": "too_long"}]';
  problems jsonb;
begin
  -- As it is stored first: a number like 1e131071 is short here, and its text may only be asked for once it is known
  -- that there are none.
  if pg_column_size(content) > 524288 then
    return too_long;
  end if;
  select jsonb_agg(to_jsonb(p)) into problems
    from (select * from private.plan_shape_problems(content) limit 20) as p;
  if problems is null and octet_length(content::text) > 262144 then
    return too_long;
  end if;
  if problems is null then
    select jsonb_agg(to_jsonb(p)) into problems
      from (select * from private.plan_sense_problems(content, validate_plan_content.plan_id) limit 20) as p;
  end if;
  return coalesce(problems, '[]');
end $$;
comment on function public.validate_plan_content is 'List of {loc, message, type}; empty when the content is sound.';
revoke execute on function public.validate_plan_content from public, anon;
grant execute on function private.plan_fields, private.plan_objects, private.plan_shape_problems,
  private.plan_sense_problems to authenticated, service_role;
grant execute on function public.validate_plan_content to authenticated, service_role;
