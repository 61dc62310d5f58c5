-- When the injuries of a memory have healed, the exercises end that it excluded for them.

-- Those of the old facts that stay beside the new ones. `same_too`: nor do those that the new ones say again. "My knee hurts
-- when I squat" excludes squats only for as long as the knee hurts: when all injuries of a memory have healed, its
-- exclusions end, too.
create or replace function private.remaining_facts(old_facts jsonb, new_facts jsonb, same_too boolean default false) returns jsonb
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
