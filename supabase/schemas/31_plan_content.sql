-- Validation of plan contents: their shape by tables of rules, their meaning by queries about exercises, foods and the
-- person. Pydantic checks shapes too, for better messages; this check cannot be bypassed. The rules of each kind are in
-- 35_training.sql (workout plans) and 82_nutrition.sql (meal plans). A problem is {"loc": ["days", 0, …], "message",
-- "type"}.

-- A field of an object of the content: its type, and its range (the length of a text, the size of a list, the value of
-- a number). `type`: array, object, string, number, integer, or tenths (a number with at most one decimal).
create type private.content_rule as (
  object text, field text, type text, required boolean, nullable boolean, low numeric, high numeric, pattern text);

-- An object of the content, with its place.
create type private.content_object as (object text, loc jsonb, value jsonb);

-- Problems of shape: not an object, or a field that is missing, unknown or out of its range. The conditions are inline
-- and not in a function of their own: there are thousands, and a call takes longer than a condition.
create function private.shape_problems(objects private.content_object[], rules private.content_rule[])
returns table (loc jsonb, message text, type text)
language sql immutable set search_path = '' as $$
  with sound as (select * from unnest(objects) as o where jsonb_typeof(o.value) = 'object')
  select o.loc, 'must be an object', 'object_type' from unnest(objects) as o where jsonb_typeof(o.value) <> 'object'
  union all
  select o.loc || to_jsonb(r.field), 'is required', 'missing'
    from sound as o join unnest(rules) as r using (object)
   where r.required and not o.value ? r.field
  union all
  select o.loc || to_jsonb(m.key), p.problem, case when r.object is null then 'extra_forbidden' else 'value_error' end
    from sound as o
      cross join lateral jsonb_each(o.value) as m
      left join unnest(rules) as r on r.object = o.object and r.field = m.key
      cross join lateral (select case
        when r.object is null then 'is not a known field'
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
          -- 10.000… is 10, but thousands of zeros are stored in few bytes and read as thousands of digits.
          when scale(m.value::numeric) > 20 then 'must have at most 20 decimals'
          when r.type = 'integer' and m.value::numeric % 1 <> 0 then 'must be a whole number'
          when r.type = 'tenths' and m.value::numeric % 0.1 <> 0 then 'must have at most one decimal' end
        end as problem) as p
   where p.problem is not null
$$;

-- Problems of a content for its owner: [] when there are none, 20 at most. The owner is a parameter and not auth.uid(),
-- because the worker writes for many. `plan_id`: the plan that the content is for; exercises and foods in its history
-- may be used again although the person has deleted them.
-- Without jit: the planner expects millions of sets where there are hundreds, and compiling for them would take
-- longest.
create function private.plan_problems(kind public.plan_kind, content jsonb, owner uuid, plan_id uuid) returns jsonb
language plpgsql stable set search_path = '' set jit = off as $$
declare
  too_long constant jsonb := '[{"loc": [], "message": "must be at most 256 KiB", "type": "too_long"}]';
  problems jsonb;
begin
  -- The stored size first: a number like 1e131071 is short in it. Its text may only be taken after the shape check,
  -- which refuses such numbers.
  if pg_column_size(content) > 524288 then
    return too_long;
  end if;
  if kind = 'workout' then
    select jsonb_agg(to_jsonb(p)) into problems
      from (select * from private.shape_problems(array(select o from private.workout_plan_objects(content) as o),
                                                 array(select f from private.workout_plan_fields() as f)) limit 20) as p;
  else
    select jsonb_agg(to_jsonb(p)) into problems
      from (select * from private.shape_problems(array(select o from private.meal_plan_objects(content) as o),
                                                 array(select f from private.meal_plan_fields() as f)) limit 20) as p;
  end if;
  if problems is not null then
    return problems;
  elsif octet_length(content::text) > 262144 then
    return too_long;
  end if;
  -- Meaning is only checked when the shape is right.
  if kind = 'workout' then
    select jsonb_agg(to_jsonb(p)) into problems
      from (select * from private.workout_plan_sense_problems(content, owner, plan_problems.plan_id) limit 20) as p;
  else
    select jsonb_agg(to_jsonb(p)) into problems
      from (select * from private.meal_plan_sense_problems(content, owner, plan_problems.plan_id) limit 20) as p;
  end if;
  return coalesce(problems, '[]');
end $$;

-- The problems of a content for the caller.
create function public.validate_plan_content(content jsonb, plan_id uuid default null,
  kind public.plan_kind default 'workout') returns jsonb
language sql stable set search_path = '' as $$
  select private.plan_problems(kind, content, (select auth.uid()), plan_id)
$$;
comment on function public.validate_plan_content is 'List of {loc, message, type}; empty when the content is valid.';

-- Raises PT422 when the content is not valid for its owner, and keeps it valid until the transaction ends: it locks the
-- exercises or foods, and the person. Whoever deletes one of these, or names an allergen, waits; and when this waits
-- for them, it sees their change.
create function private.check_plan_content(kind public.plan_kind, owner uuid, content jsonb, plan_id uuid) returns void
language plpgsql set search_path = '' as $$
declare
  problems jsonb;
begin
  if kind = 'workout' then
    perform from public.exercises as e
      where e.user_id = owner
        and to_jsonb(e.id) in (select jsonb_path_query(content, '$.days[*].exercises[*].exercise_id')) for key share;
  else
    perform from public.users as u where u.id = owner for share;
    perform from public.foods as f
      where f.user_id = owner
        and to_jsonb(f.id) in (select jsonb_path_query(content, '$.days[*].meals[*].items[*].food_id')) for share;
  end if;
  problems := private.plan_problems(kind, content, owner, check_plan_content.plan_id);
  if problems <> '[]' then
    raise sqlstate 'PT422' using
      message = case when problems @? '$[*] ? (@.type == "allergen" || @.type == "diet")'
        then 'The meal plan has foods that your allergens or your diet forbid.'
        else format('The %s is not sound.', private.plan_noun(kind)) end,
      detail = (select jsonb_agg(jsonb_set(p, '{loc}', '["content"]' || (p -> 'loc')))
                  from jsonb_array_elements(problems) as p);
  end if;
end $$;

grant execute on function private.shape_problems, private.plan_problems, private.check_plan_content
  to authenticated, service_role;
grant execute on function public.validate_plan_content to authenticated, service_role;
