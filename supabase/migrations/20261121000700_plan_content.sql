-- The rules of plan content, as tables of rules: what Pydantic checks for good messages, Postgres checks for good.
-- A problem is {"loc": ["days", 0, …], "message": "…", "type": "…"}.

-- Every member that an object of plan content may have, what it must be, and its range: length of a text, size of a
-- list, value of a number. A "whole" is an integer.
create function private.plan_fields() returns table (
  thing text, field text, type text, required boolean, low numeric, high numeric, pattern text)
language sql immutable set search_path = '' as $$
  values
    ('content', 'days', 'array', true, 1, 14, null),
    ('content', 'deload_weeks', 'array', false, 0, 52, null),
    ('day', 'name', 'string', true, 1, 80, null),
    ('day', 'weekday', 'whole', false, 1, 7, null),
    ('day', 'exercises', 'array', true, 1, 30, null),
    ('exercise', 'exercise_id', 'string', true, 36, 36,
      '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'),
    ('exercise', 'superset_group', 'string', false, 1, 8, null),
    ('exercise', 'rest_seconds', 'whole', false, 0, 3600, null),
    ('exercise', 'notes', 'string', false, 0, 500, null),
    ('exercise', 'progression', 'object', false, null, null, null),
    ('exercise', 'sets', 'array', true, 1, 20, null),
    ('progression', 'kind', 'string', true, 1, 20, '^(double_progression|linear|percent_e1rm|none)$'),
    ('progression', 'increment_kg', 'number', false, 0.1, 50, null),
    ('set', 'set_type', 'string', true, 1, 20, '^(warmup|working|drop|failure|amrap)$'),
    ('set', 'reps_min', 'whole', false, 1, 1000, null),
    ('set', 'reps_max', 'whole', false, 1, 1000, null),
    ('set', 'weight_kg', 'number', false, 0, 1000, null),
    ('set', 'percent_e1rm', 'number', false, 1, 120, null),
    ('set', 'rir', 'whole', false, 0, 10, null),
    ('set', 'duration_seconds', 'whole', false, 1, 86400, null),
    ('set', 'distance_m', 'number', false, 1, 1000000, null),
    ('set', 'tempo', 'string', false, 4, 4, '^[0-9X]{4}$')
$$;

-- One value against one rule; null when it fits.
create function private.value_problem(value jsonb, type text, low numeric, high numeric, pattern text) returns text
language sql immutable set search_path = '' as $$
  select case
    when type = 'object' and jsonb_typeof(value) <> 'object' then 'must be an object'
    when type = 'array' then case
      when jsonb_typeof(value) <> 'array' then 'must be a list'
      when jsonb_array_length(value) not between low and high
        then format('must have %s to %s items', low, high) end
    when type = 'string' then case
      when jsonb_typeof(value) <> 'string' then 'must be a text'
      when char_length(value #>> '{}') not between low and high
        then format('must have %s to %s characters', low, high)
      when (value #>> '{}') !~ pattern then 'has an unknown value' end
    when type in ('number', 'whole') then case
      when jsonb_typeof(value) <> 'number' then 'must be a number'
      when (value #>> '{}')::numeric not between low and high then format('must be from %s to %s', low, high)
      when type = 'whole' and (value #>> '{}')::numeric % 1 <> 0 then 'must be a whole number' end
  end
$$;

-- Every object of the content with its place and its parent's, so that the rules can be asked of all at once.
create function private.plan_objects(content jsonb) returns table (thing text, parent jsonb, loc jsonb, value jsonb)
language sql immutable set search_path = '' as $$
  with days as (
    select jsonb_build_array('days', d.n - 1) as loc, d.value
      from jsonb_path_query(content, 'lax $.days[*]') with ordinality as d (value, n)),
  exercises as (
    select days.loc as parent, days.loc || jsonb_build_array('exercises', e.n - 1) as loc, e.value
      from days, jsonb_path_query(days.value, 'lax $.exercises[*]') with ordinality as e (value, n))
  select 'content', null::jsonb, '[]'::jsonb, content
  union all select 'day', '[]', loc, value from days
  union all select 'exercise', parent, loc, value from exercises
  union all select 'progression', loc, loc || '["progression"]', value -> 'progression' from exercises
    where jsonb_typeof(value -> 'progression') = 'object'
  union all select 'set', e.loc, e.loc || jsonb_build_array('sets', s.n - 1), s.value
    from exercises as e, jsonb_path_query(e.value, 'lax $.sets[*]') with ordinality as s (value, n)
$$;

-- Wrong shapes: not an object, a member missing, unknown, or out of its range.
create function private.plan_shape_problems(content jsonb) returns table (loc jsonb, message text, type text)
language sql immutable set search_path = '' as $$
  with objects as (select * from private.plan_objects(content)),
  sound as (select * from objects where jsonb_typeof(value) = 'object'),
  rules as (select * from private.plan_fields())
  select o.loc, 'must be an object', 'object_type' from objects as o where jsonb_typeof(o.value) <> 'object'
  union all
  select o.loc || to_jsonb(r.field), 'is required', 'missing'
    from sound as o join rules as r using (thing)
   where r.required and coalesce(o.value -> r.field, 'null') = 'null'
  union all
  select o.loc || to_jsonb(k.key), 'is not a known field', 'extra_forbidden'
    from sound as o, jsonb_object_keys(o.value) as k (key)
   where not exists (select from rules as r where r.thing = o.thing and r.field = k.key)
  union all
  select o.loc || to_jsonb(r.field), p.problem, 'value_error'
    from sound as o join rules as r using (thing),
      lateral (select o.value -> r.field as value) as v,
      lateral (select private.value_problem(v.value, r.type, r.low, r.high, r.pattern) as problem) as p
   where v.value <> 'null' and p.problem is not null
$$;

-- Sound shapes that make no sense for a person who trains. Only asked when the shape is right.
create function private.plan_sense_problems(content jsonb, plan_id uuid) returns table (loc jsonb, message text, type text)
language sql stable set search_path = '' as $$
  with objects as (select * from private.plan_objects(content)),
  planned as (
    select o.loc, o.value, e.id, e.kind, e.hidden_at,
           coalesce(o.value #>> '{progression,kind}', 'none') as progression
      from objects as o left join public.exercises as e on e.id = (o.value ->> 'exercise_id')::uuid
     where o.thing = 'exercise'),
  sets as (
    select o.loc, o.value, p.kind, p.progression
      from objects as o join planned as p on o.thing = 'set' and o.parent = p.loc)
  -- Row-level security hides other people's exercises, so theirs are unknown here too.
  select loc || '["exercise_id"]', 'is not an exercise you can use', 'unknown_exercise' from planned
   where id is null or (hidden_at is not null and not exists (
     select from public.plan_versions as v
      where v.plan_id = plan_sense_problems.plan_id
        and v.content @? format('$.days[*].exercises[*] ? (@.exercise_id == "%s")', planned.id)::jsonpath))
  union all
  select loc || '["progression","increment_kg"]', 'is required for this progression', 'missing' from planned
   where progression in ('double_progression', 'linear') and coalesce(value #> '{progression,increment_kg}', 'null') = 'null'
  union all
  select loc || '["progression","increment_kg"]', 'does not belong to this progression', 'extra_forbidden' from planned
   where progression in ('percent_e1rm', 'none') and coalesce(value #> '{progression,increment_kg}', 'null') <> 'null'
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
     and value ->> 'set_type' not in ('failure', 'amrap')
  union all
  select loc || '["duration_seconds"]', 'is required for this kind of exercise', 'missing' from sets
   where kind in ('duration', 'weight_duration') and value ->> 'duration_seconds' is null
     and value ->> 'set_type' not in ('failure', 'amrap')
  union all
  select loc || '["distance_m"]', 'or duration_seconds is required for this kind of exercise', 'missing' from sets
   where kind = 'distance_duration' and value ->> 'distance_m' is null and value ->> 'duration_seconds' is null
  union all
  select loc || to_jsonb(f.field), 'does not belong to this kind of exercise', 'extra_forbidden'
    from sets, (values
      ('reps_max', '{weight_reps,reps,bodyweight_reps,assisted}'::public.exercise_kind[]),
      ('reps_min', '{weight_reps,reps,bodyweight_reps,assisted}'),
      ('weight_kg', '{weight_reps,bodyweight_reps,weight_duration,distance_duration}'),
      ('percent_e1rm', '{weight_reps,bodyweight_reps}'),
      ('duration_seconds', '{duration,weight_duration,distance_duration}'),
      ('distance_m', '{distance_duration}')) as f (field, kinds)
   where value ->> f.field is not null and not kind = any (f.kinds)
  union all
  select jsonb_build_array('deload_weeks', w.n - 1), 'must be different weeks from 1 to 52', 'value_error'
    from jsonb_path_query(content, '$.deload_weeks[*]') with ordinality as w (value, n)
   where private.value_problem(w.value, 'whole', 1, 52, null) is not null
      or exists (select from jsonb_path_query(content, '$.deload_weeks[*]') with ordinality as before (value, n)
                  where before.value = w.value and before.n < w.n)
$$;

-- Problems of plan content, [] when there are none, 20 at most. `plan_id`: the plan it is for, whose history may
-- go on using an exercise that the person has deleted since.
create function public.validate_plan_content(content jsonb, plan_id uuid default null) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  problems jsonb;
begin
  if octet_length(content::text) > 262144 then
    return '[{"loc": [], "message": "must be at most 256 KiB", "type": "too_long"}]';
  end if;
  select jsonb_agg(to_jsonb(p)) into problems
    from (select * from private.plan_shape_problems(content) limit 20) as p;
  if problems is null then
    select jsonb_agg(to_jsonb(p)) into problems
      from (select * from private.plan_sense_problems(content, validate_plan_content.plan_id) limit 20) as p;
  end if;
  return coalesce(problems, '[]');
end $$;
comment on function public.validate_plan_content is 'List of {loc, message, type}; empty when the content is sound.';
revoke execute on function public.validate_plan_content from public, anon;
grant execute on function private.plan_fields, private.value_problem, private.plan_objects,
  private.plan_shape_problems, private.plan_sense_problems to authenticated, service_role;
grant execute on function public.validate_plan_content to authenticated, service_role;
