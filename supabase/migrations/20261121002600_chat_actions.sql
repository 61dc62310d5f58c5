-- What the companion can offer beside training that is planned already: plans made and adapted, proposals to accept, meals
-- swapped. It changes nothing itself: the app asks for what the person takes up.

-- Each action in the one way that jsonb writes it: keys by length, then by letter.
create or replace function private.are_actions(actions jsonb) returns boolean
language sql immutable set search_path = '' as $$
  select case
    when jsonb_typeof(actions) <> 'array' or pg_column_size(actions) > 2048 then false
    else jsonb_array_length(actions) <= 10 and coalesce((
      select bool_and(case
          -- A number may be a thousand times as long as text: few members before there is any text.
          when jsonb_typeof(a.value) <> 'object' or (select count(*) from jsonb_object_keys(a.value)) > 4 then false
          else a.value::text ~ replace('^\{('
            '"kind": "(log_workout|review_memories|generate_plan|generate_meal_plan)"'
            '|"kind": "start_workout", "plan_id": UUID, "plan_day": ([0-9]|1[0-3])'
            '|"kind": "adapt_plan", "plan_id": UUID'
            '|"kind": "accept_proposal", "plan_id": UUID, "proposal_id": UUID'
            '|"day": ([0-9]|1[0-3]), "kind": "swap_meal", "meal": [0-7], "meal_plan_id": UUID'
            ')\}$', 'UUID', '"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"') end)
        from jsonb_array_elements(actions) as a), true) end
$$;

alter function private.chat_context rename to training_context;
comment on function private.training_context is 'What the companion may know of a person and their training.';

-- All that the companion may know. Texts in it are data: whoever makes a prompt of them quotes them.
create function private.chat_context(owner uuid, before_message uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return private.training_context(owner, before_message) || jsonb_build_object(
    'proposal', (
      select jsonb_build_object('id', r.id, 'plan_id', r.plan_id, 'changes', (
               select coalesce(jsonb_agg(left(c.value ->> 'explanation', 300) order by c.n), '[]')
                 from jsonb_array_elements(r.changes) with ordinality as c (value, n) where c.n <= 10))
        from public.plan_proposals as r join public.plans as p on p.id = r.plan_id
       where r.user_id = owner and r.status = 'open' and p.status = 'active'
       order by r.created_at desc, r.id desc limit 1),
    'meal_plan', (
      select jsonb_build_object('id', m.id, 'name', m.name, 'days', (
               select jsonb_agg(jsonb_build_object('day', d.n - 1, 'name', d.value ->> 'name',
                        'weekday', d.value -> 'weekday', 'meals', (
                          select jsonb_agg(jsonb_build_object('meal', e.n - 1, 'slot', e.value ->> 'slot',
                                   'name', e.value ->> 'name') order by e.n)
                            from jsonb_array_elements(d.value -> 'meals') with ordinality as e (value, n))) order by d.n)
                 from jsonb_array_elements(m.content -> 'days') with ordinality as d (value, n)))
        from public.meal_plans as m where m.user_id = owner and m.status = 'active'));
end $$;
