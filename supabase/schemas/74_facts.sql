-- Facts: what a memory says of the person in words of the profile, so that planning can act on it.

-- Whether it is a fact: {"field", "op", "value"} with an operation and a value of the field. src/memories/facts.py has the
-- same rules.
create function private.is_fact(fact jsonb) returns boolean
language plpgsql stable set search_path = '' as $$
declare
  field constant text := fact ->> 'field';
  op constant text := fact ->> 'op';
  value constant jsonb := fact -> 'value';
  word text;
begin
  -- The text of a number may be a thousand times as long as its jsonb, so it is only compared as a number.
  if jsonb_typeof(fact) <> 'object' or pg_column_size(fact) > 4096 then
    return false;
  elsif jsonb_typeof(value) = 'string' then
    word := fact ->> 'value';
  end if;
  return fact - 'field' - 'op' - 'value' = '{}' and coalesce(case
      when field in ('diet', 'pregnancy') then op in ('set', 'remove')
      when field in ('allergens', 'dislikes', 'injuries', 'excluded_exercises', 'equipment', 'goals', 'conditions',
        'medication') then op in ('add', 'remove')
      else op = 'set' end
    and case field
      when 'allergens' then word = any (enum_range(null::public.allergen)::text[])
      when 'diet' then word = any (enum_range(null::public.diet)::text[])
      when 'equipment' then word = any (enum_range(null::public.equipment)::text[])
      when 'sport' then word = any (enum_range(null::public.sport)::text[])
      when 'experience_level' then word = any (enum_range(null::public.experience_level)::text[])
      when 'weight_unit' then word = any (enum_range(null::public.weight_unit)::text[])
      when 'distance_unit' then word = any (enum_range(null::public.distance_unit)::text[])
      when 'dislikes' then private.is_nonblank(word, 80) and word = lower(word)
      when 'excluded_exercises' then private.is_nonblank(word, 80) and word = lower(word)
      when 'goals' then private.is_nonblank(word, 200)
      when 'medication' then private.is_nonblank(word, 120)
      when 'residence' then private.is_nonblank(word, 120)
      when 'work' then private.is_nonblank(word, 120)
      when 'conditions' then word ~ '^[a-z][a-z0-9]*(_[a-z0-9]+)*$' and char_length(word) <= 40
      when 'timezone' then private.is_timezone(word)
      when 'date_of_birth' then private.is_birth_date(word)
      when 'injuries' then private.is_injury(value)
      when 'pregnancy' then value = 'true'
      when 'days_per_week' then private.is_number_between(value, 1, 7, true)
      when 'session_minutes' then private.is_number_between(value, 15, 180, true)
      when 'age' then private.is_number_between(value, 1, 120, true)
      when 'height' then private.is_number_between(value, 0.5, 2.6, false)
      when 'body_weight' then private.is_number_between(value, 20, 500, false)
      else false end, false);
end $$;

create function private.is_number_between(value jsonb, low numeric, high numeric, is_whole boolean) returns boolean
language sql immutable set search_path = '' as $$
  select case when jsonb_typeof(value) <> 'number' then false
              when value::numeric not between low and high then false
              else not is_whole or value::numeric % 1 = 0 end
$$;

-- A day that exists, from 1900 to today, as YYYY-MM-DD.
create function private.is_birth_date(value text) returns boolean
language plpgsql stable set search_path = '' as $$
begin
  return value ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' and value::date between '1900-01-01' and current_date;
exception when datetime_field_overflow then
  return false;
end $$;

-- {"joint", "side", "since", "severity"}; all but the joint may be null or left out.
create function private.is_injury(value jsonb) returns boolean
language sql immutable set search_path = '' as $$
  select case when jsonb_typeof(value) <> 'object' then false
    when jsonb_path_exists(value, '$.* ? (@.type() != "string" && @ != null)') then false
    else value - 'joint' - 'side' - 'since' - 'severity' = '{}'
     and coalesce(value ->> 'joint' = any (enum_range(null::public.joint)::text[]), false)
     and coalesce(value ->> 'side' = any (enum_range(null::public.set_side)::text[]), true)
     and coalesce(value ->> 'severity' = any (enum_range(null::public.injury_severity)::text[]), true)
     and coalesce(value ->> 'since' ~ '^(19|20)[0-9]{2}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?$', true) end
$$;

-- The facts of one memory: a list of at most twelve.
create function private.are_facts(facts jsonb) returns boolean
language sql stable set search_path = '' as $$
  select case when jsonb_typeof(facts) <> 'array' or pg_column_size(facts) > 16384 then false
    when jsonb_array_length(facts) > 12 then false
    else coalesce((select bool_and(private.is_fact(f.value)) from jsonb_array_elements(facts) as f), true) end
$$;

-- What is compared to tell whether two facts of a field are about the same: the joint of an injury, the words of a food or
-- an exercise without plurals and in any order, a number whatever its zeros.
create function private.fact_key(field text, value jsonb) returns text
language sql immutable set search_path = '' as $$
  select case
    when field = 'injuries' then value ->> 'joint'
    when field in ('dislikes', 'excluded_exercises') then array_to_string(array(
      select distinct w.word from unnest(private.food_words(value #>> '{}')) as w (word) order by w.word), ' ')
    when jsonb_typeof(value) = 'number' then trim_scale(value::numeric)::text
    when field in ('goals', 'medication', 'residence', 'work') then lower(btrim(value #>> '{}', E' \t\n.!'))
    else value #>> '{}' end
$$;

-- Whether two facts are about the same member of a field, or the same value. An injury without a side may be on either.
create function private.facts_meet(fact jsonb, other jsonb) returns boolean
language sql immutable set search_path = '' as $$
  select fact -> 'field' = other -> 'field'
     and private.fact_key(fact ->> 'field', fact -> 'value') = private.fact_key(other ->> 'field', other -> 'value')
     and (fact ->> 'field' <> 'injuries'
       or coalesce(fact #>> '{value,side}' = other #>> '{value,side}', true))
$$;

-- Whether a new fact takes the place of an old one: another value of what there is one of, a retraction of what was
-- said, or the return of what was retracted.
create function private.fact_overrides(new_fact jsonb, old_fact jsonb) returns boolean
language sql immutable set search_path = '' as $$
  select case
    when new_fact -> 'field' <> old_fact -> 'field' then false
    when new_fact ->> 'op' = 'set' and old_fact ->> 'op' = 'set' then not private.facts_meet(new_fact, old_fact)
    else (new_fact ->> 'op' = 'remove') <> (old_fact ->> 'op' = 'remove') and private.facts_meet(new_fact, old_fact) end
$$;

-- Those of the old facts that stay beside the new ones. `same_too`: nor do those that the new ones say again. "My knee hurts
-- when I squat" excludes squats only for as long as the knee hurts: when all injuries of a memory have healed, its
-- exclusions end, too.
create function private.remaining_facts(old_facts jsonb, new_facts jsonb, same_too boolean default false) returns jsonb
language sql immutable set search_path = '' as $$
  with kept as (
    select o.value, o.n
      from jsonb_array_elements(old_facts) with ordinality as o (value, n)
     where not exists (
       select from jsonb_array_elements(new_facts) as f
        where private.fact_overrides(f.value, o.value)
           or (same_too and f.value -> 'op' = o.value -> 'op' and private.facts_meet(f.value, o.value))))
  select coalesce(jsonb_agg(k.value order by k.n), '[]') from kept as k
   where k.value ->> 'field' <> 'excluded_exercises'
      or not old_facts @> '[{"field": "injuries", "op": "add"}]' or not new_facts @> '[{"field": "injuries", "op": "remove"}]'
      or exists (select from kept as i where i.value @> '{"field": "injuries", "op": "add"}')
$$;

-- The sound ones of a statement's facts, each once, and twelve at most: words of a person or a model never make a turn fail.
create function private.sound_facts(facts jsonb) returns jsonb
language sql stable set search_path = '' as $$
  select coalesce(jsonb_agg(d.value order by d.n), '[]')
    from (select f.value, min(f.n) as n
            from jsonb_array_elements(case when jsonb_typeof(facts) = 'array' and pg_column_size(facts) <= 65536
                                           then facts else '[]' end) with ordinality as f (value, n)
           where private.is_fact(f.value) group by f.value order by 2 limit 12) as d
$$;

-- What generated plans must keep to from the moment it is said, and what leads to the careful path.
create function private.constrains(fact jsonb) returns boolean
language sql immutable set search_path = '' as $$
  select fact ->> 'field' in ('allergens', 'diet', 'injuries', 'dislikes', 'excluded_exercises', 'pregnancy', 'conditions',
    'medication') and fact ->> 'op' <> 'remove'
$$;

-- What the profile has a place for: offered until it is applied or declined.
create function private.is_offered(field text) returns boolean
language sql immutable set search_path = '' as $$
  select field not in ('pregnancy', 'conditions', 'medication', 'age', 'residence', 'work')
$$;

grant execute on function private.fact_key, private.facts_meet, private.fact_overrides, private.remaining_facts,
  private.sound_facts, private.constrains, private.is_offered to authenticated, service_role;
grant execute on function private.is_fact, private.is_number_between, private.is_birth_date, private.is_injury, private.are_facts
  to authenticated, service_role;
