-- What reads sets and messages by their workout or message also names the person: in a partitioned table that is one part.

SET local check_function_bodies = off;

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
      'memory_enabled', u.memory_enabled,
      'profile', jsonb_build_object('name', u.name, 'sport', u.sport, 'experience_level', u.experience_level,
        'days_per_week', u.days_per_week, 'goals', u.goals, 'equipment', u.equipment, 'injuries', u.injuries,
        'weight_unit', u.weight_unit, 'distance_unit', u.distance_unit, 'timezone', u.timezone),
      'affinity', jsonb_build_object('score', u.affinity_score, 'events', coalesce((
        select jsonb_agg(jsonb_build_object('points', e.points, 'explanation', e.explanation) order by e.created_at desc)
          from (select * from public.affinity_events as e where e.user_id = owner
                 order by e.created_at desc, e.id desc limit 5) as e), '[]')),
      'plan', (
        select jsonb_build_object('id', p.id, 'name', p.name, 'goal', p.goal, 'days', (
                 select jsonb_agg(jsonb_build_object('day', d.n - 1, 'name', d.value ->> 'name', 'exercises', (
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
      from public.users as u where u.id = owner);
end $function$;

CREATE OR REPLACE FUNCTION private.replace_workout (
  old_workout public.workouts,
  payload     json
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  new_workout public.workouts;
  records jsonb;
begin
  perform private.check_workout(old_workout.user_id, payload);
  update public.workouts as w set
      plan_id = r.plan_id, plan_day = r.plan_day, name = r.name, started_at = r.started_at, ended_at = r.ended_at,
      timezone = r.timezone, perceived_exertion = r.perceived_exertion, notes = r.notes,
      plan_version = case when r.plan_id is not distinct from old_workout.plan_id then old_workout.plan_version else (
        select nullif(p.version, 0) from public.plans as p where p.id = r.plan_id) end
    from json_to_record(payload) as r (plan_id uuid, plan_day smallint, name text, started_at timestamptz,
      ended_at timestamptz, timezone text, perceived_exertion smallint, notes text)
   where w.id = old_workout.id returning w.* into new_workout;
  delete from public.sets as s where s.user_id = old_workout.user_id and s.workout_id = old_workout.id;
  perform private.write_sets(new_workout, payload -> 'exercises');
  if old_workout.source = 'app' then
    records := private.workout_records(old_workout.user_id, new_workout.id);
    -- Gains before losses, for the reason given at private.recompute_workout_awards.
    perform private.recompute_first_of_day(new_workout, old_workout.local_date)
      where old_workout.local_date <> new_workout.local_date;
    perform private.recompute_workout_awards(new_workout, records,
      new_workout.plan_id is not distinct from old_workout.plan_id
      -- Without its plan, which has been deleted, a workout has no day of it either.
      and (old_workout.plan_id is null or new_workout.plan_day is not distinct from old_workout.plan_day)
      and private.has_planned_day_award(old_workout));
    perform private.recompute_first_of_day(new_workout, new_workout.local_date)
      where old_workout.local_date <> new_workout.local_date;
    perform private.recompute_week_award(old_workout.user_id, week, old_workout.id, true)
       from unnest(array[date_trunc('week', old_workout.local_date)::date,
                         date_trunc('week', new_workout.local_date)::date]) as week
      where old_workout.local_date <> new_workout.local_date;
  end if;
  return records;
end $function$;

CREATE OR REPLACE FUNCTION private.workout_differences (
  workout public.workouts,
  item    json
)
  RETURNS jsonb
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
  with file as (
    select d.n - 1 as exercise_position, s.n - 1 as position, (d.value ->> 'exercise_id')::uuid as exercise_id,
           d.value ->> 'superset_group' as superset_group, case when s.n = 1 then d.value ->> 'notes' end as notes,
           coalesce((r.weight ->> 'value')::numeric, (r.assist ->> 'value')::numeric) as load,
           coalesce(r.weight ->> 'unit', r.assist ->> 'unit') as unit,
           r.set_type, r.reps, r.rpe, r.duration_seconds, r.distance_m
      from json_array_elements(item -> 'exercises') with ordinality as d (value, n)
        cross join lateral json_array_elements(d.value -> 'sets') with ordinality as s (value, n)
        cross join lateral json_to_record(s.value) as r (set_type text, reps integer, weight json, assist json,
          rpe numeric, duration_seconds integer, distance_m numeric)),
  both_sets as (
    select exercise_position, position, h.id is null as only_file, f.exercise_id is null as only_here,
           h.exercise_id, h.exercise_name, h.set_type::text as set_type, h.reps, h.entered_value, h.entered_unit::text as
           entered_unit, coalesce(h.weight_kg, h.assist_kg) as kg, h.duration_seconds, h.distance_m, h.rpe,
           h.superset_group, h.exercise_notes, f as file,
           f.load * case f.unit when 'lb' then 0.45359237 else 1 end as file_kg, round(f.distance_m, 2) as file_distance_m
      from (select * from public.sets as s where s.user_id = workout.user_id and s.workout_id = workout.id) as h
        full join file as f using (exercise_position, position)),
  compared as (
    select s.exercise_position, s.position, v.n, v.field, v.here, v.file
      from both_sets as s cross join lateral (values
        (1, 'set', case when s.only_here then 'one' end, case when s.only_file then 'one' end,
          s.only_here or s.only_file),
        (2, 'exercise', s.exercise_name,
          case when s.exercise_id <> (s.file).exercise_id then (
            select e.name from public.exercises as e where e.id = (s.file).exercise_id) end,
          s.exercise_id <> (s.file).exercise_id),
        (3, 'set_type', s.set_type, (s.file).set_type, s.set_type <> (s.file).set_type),
        (4, 'reps', s.reps::text, (s.file).reps::text, s.reps is distinct from (s.file).reps),
        (5, 'weight', trim_scale(s.entered_value) || ' ' || s.entered_unit,
          trim_scale((s.file).load) || ' ' || (s.file).unit,
          (s.kg is null) <> (s.file_kg is null) or abs(s.kg - s.file_kg) > 0.01),
        (6, 'duration', s.duration_seconds || ' s', (s.file).duration_seconds || ' s',
          s.duration_seconds is distinct from (s.file).duration_seconds),
        (7, 'distance', trim_scale(s.distance_m) || ' m', trim_scale(s.file_distance_m) || ' m',
          s.distance_m is distinct from s.file_distance_m),
        (8, 'rpe', trim_scale(s.rpe)::text, trim_scale((s.file).rpe)::text, s.rpe is distinct from (s.file).rpe),
        (9, 'superset', s.superset_group, (s.file).superset_group,
          s.superset_group is distinct from (s.file).superset_group),
        (10, 'notes', left(s.exercise_notes, 60), left((s.file).notes, 60),
          s.exercise_notes is distinct from (s.file).notes)) as v (n, field, here, file, differs)
     where v.differs and (v.field = 'set' or not (s.only_here or s.only_file))
    union all
    select null, null, v.n, v.field, v.here, v.file
      from json_to_record(item) as r (name text, started_at timestamptz, ended_at timestamptz, timezone text, notes text)
        cross join lateral (values
          (1, 'name', workout.name, r.name, workout.name is distinct from r.name),
          (2, 'started_at', to_char(workout.started_at at time zone workout.timezone, 'YYYY-MM-DD HH24:MI ') || workout.timezone,
            to_char(r.started_at at time zone r.timezone, 'YYYY-MM-DD HH24:MI ') || r.timezone,
            workout.started_at <> r.started_at or workout.timezone <> r.timezone),
          (3, 'ended_at', to_char(workout.ended_at at time zone workout.timezone, 'YYYY-MM-DD HH24:MI ') || workout.timezone,
            to_char(r.ended_at at time zone r.timezone, 'YYYY-MM-DD HH24:MI ') || r.timezone,
            -- Another start moves the end along.
            (workout.ended_at - workout.started_at) is distinct from (r.ended_at - r.started_at)),
          (4, 'notes', left(workout.notes, 60), left(r.notes, 60), workout.notes is distinct from r.notes))
          as v (n, field, here, file, differs)
     where v.differs)
  select coalesce(jsonb_agg(jsonb_build_object('exercise', c.exercise_position, 'set', c.position, 'field', c.field,
           'here', c.here, 'file', c.file) order by c.exercise_position nulls first, c.position, c.n), '[]')
    from compared as c
$function$;

CREATE OR REPLACE FUNCTION private.workout_document (
  owner      uuid,
  workout_id uuid,
  records    jsonb
)
  RETURNS jsonb
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return (select to_jsonb(w) - array['user_id', 'request_hash', 'import_id', 'award_round', 'edited_at'] || jsonb_build_object(
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
                  'distance_m', s.distance_m, 'average_heart_rate', s.average_heart_rate,
                  'max_heart_rate', s.max_heart_rate, 'e1rm_kg', s.e1rm_kg) order by s.position)) as exercise
                from public.sets as s where s.user_id = w.user_id and s.workout_id = w.id
               group by s.exercise_position, s.exercise_id) as e), '[]'),
    'records', records,
    'affinity', jsonb_build_object(
      'score', (select u.affinity_score from public.users as u where u.id = owner),
      'events', coalesce((
        select jsonb_agg(jsonb_build_object('rule', a.rule, 'points', a.points, 'explanation', a.explanation)
                         order by a.created_at, a.id)
          from public.affinity_events as a where a.user_id = owner and a.workout_id = w.id), '[]')))
    from public.workouts as w where w.id = workout_document.workout_id and w.user_id = owner);
end $function$;

CREATE OR REPLACE FUNCTION public.begin_chat (
  client_id uuid,
  message   text,
  is_urgent boolean DEFAULT false
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  caller constant uuid := auth.uid();
  user_message public.chat_messages;
  reply_id uuid;
begin
  if coalesce((auth.jwt() ->> 'is_anonymous')::boolean, false) then
    raise sqlstate 'PT403' using message = 'Sign up to talk with the companion: it would forget a guest.';
  end if;
  perform private.assert_account(caller);
  select * into user_message from public.chat_messages as m
   where m.user_id = caller and m.client_id = begin_chat.client_id;
  if user_message.id is null then
    insert into public.chat_messages (user_id, role, client_id, message)
    values (caller, 'user', begin_chat.client_id, begin_chat.message) returning * into user_message;
  elsif user_message.message <> begin_chat.message and position('[forgotten]' in user_message.message) = 0 then
    raise sqlstate 'PT409' using message = 'This client_id was used for a different message.';
  end if;
  select m.id into reply_id from public.chat_messages as m
   where m.user_id = user_message.user_id and m.reply_to = user_message.id;
  if reply_id is not null then
    return jsonb_build_object('state', 'answered', 'answer', private.chat_answer(caller, reply_id));
  elsif user_message.answering_until > now() then
    return jsonb_build_object('state', 'answering');
  end if;
  perform private.count_call(caller, 'chat', private.max_chat_calls(caller, user_message.message));
  update public.chat_messages as m set answering_until = clock_timestamp() + interval '1 minute'
   where m.user_id = user_message.user_id and m.id = user_message.id;
  return jsonb_build_object('state', 'yours', 'message_id', user_message.id, 'message', user_message.message,
    'context', private.chat_context(caller, user_message.id));
end $function$;

CREATE OR REPLACE FUNCTION public.finish_chat (
  payload jsonb
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  caller constant uuid := auth.uid();
  user_message public.chat_messages;
  reply public.chat_messages;
  sender public.users;
begin
  perform private.assert_account(caller);
  select * into sender from public.users as u where u.id = caller;
  select * into user_message from public.chat_messages as m
   where m.id = (payload ->> 'message_id')::uuid and m.user_id = caller and m.role = 'user' for update;
  if user_message.id is null then
    raise sqlstate 'PT404' using message = 'There is no such message.';
  end if;
  select * into reply from public.chat_messages as m
   where m.user_id = user_message.user_id and m.reply_to = user_message.id;
  if reply.id is not null then
    return private.chat_answer(caller, reply.id);
  end if;
  -- The minute to answer began when begin_chat returned the context.
  if exists (select from public.memories as m where m.user_id = caller and m.status = 'dismissed'
      and m.updated_at > user_message.answering_until - interval '1 minute') then
    raise sqlstate 'PT409' using message = 'Something was forgotten meanwhile; ask again.';
  end if;
  insert into public.chat_messages (user_id, role, reply_to, message, mood, actions, model, finish, input_tokens,
    output_tokens, latency_ms)
  select caller, 'assistant', user_message.id, r.reply, r.mood, r.actions, r.model, r.finish, r.input_tokens, r.output_tokens,
    r.latency_ms
    from jsonb_to_record(payload) as r (reply text, mood public.companion_mood, actions jsonb, model text,
      finish public.answer_finish, input_tokens integer, output_tokens integer, latency_ms integer)
  returning * into reply;
  insert into public.message_evidence (user_id, message_id, kind, source_id, text)
  select caller, reply.id, e.kind, e.id, left(t.text, 600)
    from (select value from jsonb_array_elements(payload -> 'evidence') limit 50) as item
      cross join lateral jsonb_to_record(item.value) as e (kind public.evidence_kind, id uuid)
      cross join lateral private.evidence_text(caller, e.kind, e.id) as t (text)
   where t.text is not null
  on conflict do nothing;
  if sender.memory_enabled then
    -- Learn only from the person's own words: a quote that is not in their message teaches nothing.
    perform private.learn_memory(caller, m.value, user_message.id)
       from (select value from jsonb_array_elements(payload -> 'memories') limit 10) as m
      where position(m.value ->> 'quote' in user_message.message) > 0;
    perform private.mark_memories_used(caller, array(select e.source_id from public.message_evidence as e
                                              where e.message_id = reply.id and e.kind = 'memory'));
  end if;
  update public.ai_usage as a
     set input_tokens = a.input_tokens + reply.input_tokens, output_tokens = a.output_tokens + reply.output_tokens
   where a.user_id = caller and a.kind = 'chat' and a.day = (now() at time zone 'UTC')::date;
  perform private.award(caller, 'conversation', 1, 'day', to_char(now() at time zone sender.timezone, 'YYYY-MM-DD'), 0,
    null, format('You talked with your companion on %s.', to_char(now() at time zone sender.timezone, 'FMDD Mon YYYY')));
  update public.chat_messages as m set answering_until = null
   where m.user_id = user_message.user_id and m.id = user_message.id;
  return private.chat_answer(caller, reply.id);
end $function$;

CREATE OR REPLACE FUNCTION public.work_done (
  public .workouts
)
  RETURNS jsonb
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
  select jsonb_build_object('sets', coalesce(sum(e.sets), 0), 'volume_kg', coalesce(round(sum(e.volume_kg), 3), 0),
      'exercises', coalesce(jsonb_agg(jsonb_build_object(
        'exercise_id', e.exercise_id, 'exercise_name', e.exercise_name, 'sets', e.sets) order by e.exercise_position), '[]'))
    from (select s.exercise_position, s.exercise_id, s.exercise_name,
                 count(*) filter (where s.set_type <> 'warmup') as sets,
                 sum(s.weight_kg * s.reps) filter (where s.set_type <> 'warmup') as volume_kg
            from public.sets as s where s.user_id = ($1).user_id and s.workout_id = ($1).id
           group by s.exercise_position, s.exercise_id, s.exercise_name) as e
$function$;
