-- Replies offer what of the message the profile could have, and to forget a memory; the context says when no more can be
-- remembered. Follows supabase/schemas/70_chat.sql and supabase/schemas/71_chat_context.sql.

SET local check_function_bodies = off;

CREATE OR REPLACE FUNCTION private.are_actions (
  actions jsonb
)
  RETURNS boolean
  LANGUAGE sql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
  select case
    when jsonb_typeof(actions) <> 'array' or pg_column_size(actions) > 4096 then false
    else jsonb_array_length(actions) <= 10 and coalesce((
      select bool_and(case
          -- Few members before there is any text: the text of a number may be a thousand times as long as its jsonb.
          when jsonb_typeof(a.value) <> 'object' or (select count(*) from jsonb_object_keys(a.value)) > 5 then false
          when a.value ? 'body' and (jsonb_typeof(a.value -> 'body') <> 'object'
            or a.value ->> 'kind' not in ('log_workout', 'generate_plan', 'generate_meal_plan', 'adapt_plan')) then false
          else (a.value - 'body')::text ~ replace('^\{('
            '"kind": "(log_workout|review_memories|generate_plan|generate_meal_plan)"'
            '|"kind": "start_workout", "plan_id": UUID, "plan_day": ([0-9]|1[0-3])'
            '|"kind": "adapt_plan", "plan_id": UUID'
            '|"kind": "forget_memory", "memory_id": UUID'
            '|"kind": "accept_proposal", "plan_id": UUID, "proposal_id": UUID'
            '|"day": ([0-9]|1[0-3]), "kind": "swap_meal", "meal": [0-7], "meal_plan_id": UUID'
            ')\}$', 'UUID', '"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"') end)
        from jsonb_array_elements(actions) as a), true) end
$function$;

CREATE OR REPLACE FUNCTION private.chat_answer (
  owner    uuid,
  reply_id uuid
)
  RETURNS jsonb
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
  select jsonb_build_object(
    'message', jsonb_build_object('id', r.id, 'role', r.role, 'kind', r.kind, 'client_id', null, 'reply_to', r.reply_to,
      'message', r.message, 'mood', r.mood, 'actions', r.actions, 'model', r.model, 'finish', r.finish,
      'created_at', r.created_at),
    'evidence', coalesce((
      select jsonb_agg(jsonb_build_object('kind', e.kind, 'id', e.source_id, 'text', e.text, 'value', e.value)
                       order by e.created_at, e.id)
        from public.message_evidence as e where e.message_id = r.id), '[]'),
    'memories_learned', coalesce((
      select jsonb_agg(jsonb_build_object('id', m.id, 'kind', m.kind, 'content', m.content, 'quote', m.source_quote)
                       order by m.created_at, m.id)
        from public.memories as m
       where m.user_id = owner and m.source_message_id = r.reply_to and m.status = 'active'), '[]'),
    'actions', r.actions || coalesce((
      select jsonb_agg(o.value || '{"kind": "update_profile"}' order by o.n)
        from public.users as u cross join lateral jsonb_array_elements(public.unconfirmed(u)) with ordinality as o (value, n)
          join public.memories as m on m.id = (o.value ->> 'memory_id')::uuid
       where u.id = owner and m.user_id = owner and m.source_message_id = r.reply_to), '[]'),
    'affinity', jsonb_build_object('score', (select u.affinity_score from public.users as u where u.id = owner)))
    from public.chat_messages as r where r.id = reply_id and r.user_id = owner
$function$;

CREATE OR REPLACE FUNCTION private.chat_context (
  owner          uuid,
  before_message uuid
)
  RETURNS jsonb
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return (
    select jsonb_build_object(
      'now', to_char(now() at time zone u.timezone, 'YYYY-MM-DD"T"HH24:MI'),
      'memory_enabled', u.memory_enabled, 'memory_full', private.quota_left(owner, 'memories') <= 0,
      'profile', jsonb_build_object('name', u.name, 'sport', u.sport, 'experience_level', u.experience_level,
        'days_per_week', u.days_per_week, 'goals', u.goals, 'equipment', u.equipment, 'injuries', u.injuries,
        'weight_unit', u.weight_unit, 'distance_unit', u.distance_unit, 'timezone', u.timezone, 'diet', u.diet,
        'allergens', u.allergens, 'dislikes', u.dislikes, 'session_minutes', u.session_minutes),
      'told', private.told(owner),
      'affinity', jsonb_build_object('score', u.affinity_score, 'events', coalesce((
        select jsonb_agg(jsonb_build_object('points', e.points, 'explanation', e.explanation) order by e.created_at desc)
          from (select * from public.affinity_events as e where e.user_id = owner
                 order by e.created_at desc, e.id desc limit 5) as e), '[]')),
      'plan', (
        select jsonb_build_object('id', p.id, 'name', p.name, 'goal', p.goal, 'days', (
                 select jsonb_agg(jsonb_build_object('day', d.n - 1, 'name', d.value ->> 'name',
                          'weekday', d.value -> 'weekday', 'exercises', (
                          select jsonb_agg(x.name order by e.n)
                            from jsonb_array_elements(d.value -> 'exercises') with ordinality as e (value, n)
                              join public.exercises as x on x.id = (e.value ->> 'exercise_id')::uuid)) order by d.n)
                   from jsonb_array_elements(p.content -> 'days') with ordinality as d (value, n)),
               'next_day', coalesce((
                 select (w.plan_day + 1) % jsonb_array_length(p.content -> 'days') from public.workouts as w
                  where w.user_id = owner and w.plan_id = p.id and w.plan_day < jsonb_array_length(p.content -> 'days')
                  order by w.started_at desc, w.id desc limit 1), 0))
          from public.plans as p where p.user_id = owner and p.kind = 'workout' and p.status = 'active'),
      'proposal', (
        select jsonb_build_object('id', r.id, 'plan_id', r.plan_id, 'changes', (
                 select coalesce(jsonb_agg(left(c.value ->> 'explanation', 300) order by c.n), '[]')
                   from jsonb_array_elements(r.changes) with ordinality as c (value, n) where c.n <= 10))
          from public.plan_proposals as r join public.plans as p on p.id = r.plan_id
         where r.user_id = owner and r.kind = 'workout' and r.status = 'open' and p.status = 'active'
         order by r.created_at desc, r.id desc limit 1),
      'meal_plan', (
        select jsonb_build_object('id', m.id, 'name', m.name, 'days', (
                 select jsonb_agg(jsonb_build_object('day', d.n - 1, 'name', d.value ->> 'name',
                          'weekday', d.value -> 'weekday', 'meals', (
                            select jsonb_agg(jsonb_build_object('meal', e.n - 1, 'slot', e.value ->> 'slot',
                                     'name', e.value ->> 'name') order by e.n)
                              from jsonb_array_elements(d.value -> 'meals') with ordinality as e (value, n))) order by d.n)
                   from jsonb_array_elements(m.content -> 'days') with ordinality as d (value, n)))
          from public.plans as m where m.user_id = owner and m.kind = 'meal' and m.status = 'active'),
      'sessions', coalesce((
        select jsonb_agg(jsonb_build_object('date', w.local_date, 'name', w.name, 'plan_day', w.plan_day,
                 'records', private.workout_records(owner, w.id),
                 'sets', (
                   select jsonb_agg(jsonb_build_object('id', s.id, 'exercise', s.exercise_name, 'reps', s.reps,
                            'weight_kg', s.weight_kg, 'duration_seconds', s.duration_seconds, 'distance_m', s.distance_m,
                            'text', private.describe_set(s)) order by s.exercise_position, s.position)
                     from (select * from public.sets as s
                            where s.user_id = owner and s.workout_id = w.id and s.set_type <> 'warmup'
                            order by s.exercise_position, s.position limit 50) as s)) order by w.started_at desc, w.id desc)
          from (select * from public.workouts as w where w.user_id = owner
                 order by w.started_at desc, w.id desc limit 5) as w), '[]'),
      'conversation', coalesce((
        select jsonb_agg(jsonb_build_object('role', m.role, 'message', m.message) order by m.created_at, m.id)
          from (select * from public.chat_messages as m where m.user_id = owner and m.id <> before_message
                 order by m.created_at desc, m.id desc limit 12) as m), '[]'))
      from private.person(owner) as u where u.id is not null);
end $function$;
