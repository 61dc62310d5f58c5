-- Conversations with the companion: what the person said, what was answered, and what the answer rests on. One turn is two
-- transactions: begin_chat keeps what the person said and gives all that an answer may rest on; finish_chat keeps the answer
-- with its evidence, what was learned, and the point for talking. Between them a model is asked. Definer, like all that write
-- these tables: each function binds itself to auth.uid().

-- What the companion can offer. It changes nothing itself: the app asks for what the person accepts. Each action is written
-- in the one way that jsonb writes it: keys by length, then by letter.
create function private.are_actions(actions jsonb) returns boolean
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

create table public.chat_messages (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null default auth.uid() references auth.users on delete cascade,
  role public.chat_role not null,
  client_id uuid,
  reply_to uuid,
  message text not null,
  mood public.companion_mood,
  actions jsonb,
  model text,
  finish public.answer_finish,
  input_tokens integer,
  output_tokens integer,
  latency_ms integer,
  answering_until timestamptz,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  constraint chat_messages_once unique (user_id, client_id),
  constraint chat_messages_id_of_owner unique (id, user_id),
  constraint chat_messages_one_reply unique (reply_to),
  constraint chat_messages_reply_of_owner foreign key (reply_to, user_id) references public.chat_messages (id, user_id)
    on delete cascade,
  constraint chat_messages_message_length check (private.is_nonblank(message, 4000)),
  constraint chat_messages_actions_known check (private.are_actions(actions)),
  constraint chat_messages_model_length check (private.is_nonblank(model, 100)),
  constraint chat_messages_counts_range check (input_tokens >= 0 and output_tokens >= 0 and latency_ms >= 0),
  -- What a person says has their client's id; a reply has the message it answers, and says who wrote it.
  constraint chat_messages_of_role check (case role
    when 'user' then client_id is not null and num_nonnulls(reply_to, mood, actions, model, finish, input_tokens,
      output_tokens, latency_ms) = 0
    else client_id is null and answering_until is null and num_nulls(reply_to, mood, actions, model, finish,
      input_tokens, output_tokens, latency_ms) = 0 end)
);
comment on table public.chat_messages is 'What was said between a person and the companion.';
comment on column public.chat_messages.client_id is 'Made by the client: the same message sent again is the same message.';
comment on column public.chat_messages.answering_until is 'Until when some request is answering it, so that others wait instead of asking a model too.';
create index chat_messages_owner on public.chat_messages (user_id, created_at desc, id desc);

-- What a reply rests on. The texts are read from the things themselves, never taken from a model.
create table public.message_evidence (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references auth.users on delete cascade,
  message_id uuid not null,
  kind public.evidence_kind not null,
  source_id uuid not null,
  text text not null,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  constraint message_evidence_once unique (message_id, kind, source_id),
  constraint message_evidence_message_of_owner foreign key (message_id, user_id)
    references public.chat_messages (id, user_id) on delete cascade,
  constraint message_evidence_text_length check (private.is_nonblank(text, 600))
);
comment on table public.message_evidence is 'Which memories, sets and plans a reply of the companion used, as they were.';
create index message_evidence_owner on public.message_evidence (user_id, created_at desc, id desc);
create index message_evidence_of_source on public.message_evidence (user_id, source_id);
revoke all on public.chat_messages, public.message_evidence from anon, authenticated;
grant select, delete on public.chat_messages to authenticated;
grant select on public.message_evidence to authenticated;
alter table public.chat_messages enable row level security;
alter table public.message_evidence enable row level security;
create policy "People read their own conversation" on public.chat_messages
  for select to authenticated using ((select auth.uid()) = user_id);
create policy "People delete their own conversation" on public.chat_messages
  for delete to authenticated using ((select auth.uid()) = user_id);
create policy "People read what replies to them used" on public.message_evidence
  for select to authenticated using ((select auth.uid()) = user_id);
create trigger chat_messages_set_updated_at before update on public.chat_messages
  for each row execute function private.set_updated_at();
create trigger message_evidence_set_updated_at before update on public.message_evidence
  for each row execute function private.set_updated_at();

-- What the companion may know of a person and their training.
create function private.training_context(owner uuid, before_message uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
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
      'sessions', coalesce((
        select jsonb_agg(jsonb_build_object('date', w.local_date, 'name', w.name, 'plan_day', w.plan_day,
                 'records', private.workout_records(owner, w.id),
                 'sets', (
                   select jsonb_agg(jsonb_build_object('id', s.id, 'exercise', s.exercise_name, 'reps', s.reps,
                            'weight_kg', s.weight_kg, 'duration_seconds', s.duration_seconds, 'distance_m', s.distance_m,
                            'text', private.set_text(s)) order by s.exercise_position, s.position)
                     from (select * from public.sets as s where s.workout_id = w.id and s.set_type <> 'warmup'
                            order by s.exercise_position, s.position limit 50) as s)) order by w.started_at desc, w.id desc)
          from (select * from public.workouts as w where w.user_id = owner
                 order by w.started_at desc, w.id desc limit 5) as w), '[]'),
      'conversation', coalesce((
        select jsonb_agg(jsonb_build_object('role', m.role, 'message', m.message) order by m.created_at, m.id)
          from (select * from public.chat_messages as m where m.user_id = owner and m.id <> before_message
                 order by m.created_at desc, m.id desc limit 12) as m), '[]'))
      from public.users as u where u.id = owner);
end $$;

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
        from public.plans as m where m.user_id = owner and m.kind = 'meal' and m.status = 'active'));
end $$;

-- A set as a person reads it.
create function private.set_text(done public.sets) returns text
language sql stable set search_path = '' as $$
  select concat_ws(' ', done.exercise_name || ':',
    case when done.reps is not null then done.reps || ' ×' end,
    case when done.entered_value is not null then trim_scale(done.entered_value) || ' ' || done.entered_unit
         when done.reps is not null then 'bodyweight' end,
    case when done.kind = 'assisted' then 'of help' end,
    case when done.distance_m is not null then trim_scale(done.distance_m) || ' m' end,
    case when done.duration_seconds is not null then done.duration_seconds || ' s' end,
    'on', to_char(done.local_date, 'FMDD Mon YYYY'))
$$;

-- What a piece of evidence says: null when it is not there, or not this person's.
create function private.evidence_text(owner uuid, kind public.evidence_kind, source_id uuid) returns text
language sql stable set search_path = '' as $$
  select case kind
    when 'memory' then (select m.content from public.memories as m
                         where m.id = source_id and m.user_id = owner and m.status = 'active')
    when 'set' then (select private.set_text(s) from public.sets as s where s.id = source_id and s.user_id = owner)
    when 'plan' then (select p.name from public.plans as p where p.id = source_id and p.user_id = owner) end
$$;

-- An answer as the API gives it, also when it is asked for again.
create function private.chat_answer(owner uuid, reply_id uuid) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object(
    'message', jsonb_build_object('id', r.id, 'role', r.role, 'client_id', null, 'reply_to', r.reply_to,
      'message', r.message, 'mood', r.mood, 'actions', r.actions, 'model', r.model, 'finish', r.finish,
      'created_at', r.created_at),
    'evidence', coalesce((
      select jsonb_agg(jsonb_build_object('kind', e.kind, 'id', e.source_id, 'text', e.text) order by e.created_at, e.id)
        from public.message_evidence as e where e.message_id = r.id), '[]'),
    'memories_learned', coalesce((
      select jsonb_agg(jsonb_build_object('id', m.id, 'kind', m.kind, 'content', m.content, 'quote', m.source_quote)
                       order by m.created_at, m.id)
        from public.memories as m
       where m.user_id = owner and m.source_message_id = r.reply_to and m.status = 'active'), '[]'),
    'actions', r.actions,
    'affinity', jsonb_build_object('score', (select u.affinity_score from public.users as u where u.id = owner)))
    from public.chat_messages as r where r.id = reply_id and r.user_id = owner
$$;

-- POST /chat, first half. `state`: answered (with the `answer`), answering (by another request), or yours: then this
-- request has a minute to answer, and the call counts against the day's limit (but what is urgent, and answered
-- without a model, is not turned away at that).
create function public.begin_chat(client_id uuid, message text, is_urgent boolean default false) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  caller constant uuid := auth.uid();
  said public.chat_messages;
  reply_id uuid;
begin
  if coalesce((auth.jwt() ->> 'is_anonymous')::boolean, false) then
    raise sqlstate 'PT403' using message = 'Sign up to talk with the companion: it would forget a guest.';
  end if;
  perform from public.users as u where u.id = caller for no key update;
  if not found then
    raise sqlstate 'PT401' using message = 'There is no such account.';
  end if;
  select * into said from public.chat_messages as m where m.user_id = caller and m.client_id = begin_chat.client_id;
  if said.id is null then
    insert into public.chat_messages (user_id, role, client_id, message)
    values (caller, 'user', begin_chat.client_id, begin_chat.message) returning * into said;
  elsif said.message <> begin_chat.message and position('[forgotten]' in said.message) = 0 then
    raise sqlstate 'PT409' using message = 'This client_id was used for a different message.';
  end if;
  select m.id into reply_id from public.chat_messages as m where m.reply_to = said.id;
  if reply_id is not null then
    return jsonb_build_object('state', 'answered', 'answer', private.chat_answer(caller, reply_id));
  elsif said.answering_until > now() then
    return jsonb_build_object('state', 'answering');
  end if;
  perform private.count_call(caller, 'chat', case when is_urgent then 1000 else private.daily_limit('chat') end);
  update public.chat_messages as m set answering_until = clock_timestamp() + interval '1 minute' where m.id = said.id;
  return jsonb_build_object('state', 'yours', 'message_id', said.id, 'message', said.message,
    'context', private.chat_context(caller, said.id));
end $$;

-- An answer that failed: the person's message stays, and asking again need not wait.
create function public.release_chat(message_id uuid) returns void
language sql security definer set search_path = '' as $$
  update public.chat_messages as m set answering_until = null where m.id = message_id and m.user_id = auth.uid()
$$;

-- POST /chat, second half: {message_id, reply, mood, actions, model, finish, input_tokens, output_tokens, latency_ms,
-- evidence: [{kind, id}], memories: [as private.learn_memory takes them]}. Done twice, the first answer
-- stays. An answer that was composed before something was forgotten is not kept.
create function public.finish_chat(payload jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  caller constant uuid := auth.uid();
  said public.chat_messages;
  reply public.chat_messages;
  person public.users;
begin
  select * into person from public.users as u where u.id = caller for no key update;
  select * into said from public.chat_messages as m
   where m.id = (payload ->> 'message_id')::uuid and m.user_id = caller and m.role = 'user' for update;
  if said.id is null then
    raise sqlstate 'PT404' using message = 'There is no such message.';
  end if;
  select * into reply from public.chat_messages as m where m.reply_to = said.id;
  if reply.id is not null then
    return private.chat_answer(caller, reply.id);
  end if;
  -- The minute to answer began when the context was given.
  if exists (select from public.memories as m where m.user_id = caller and m.status = 'dismissed'
      and m.updated_at > said.answering_until - interval '1 minute') then
    raise sqlstate 'PT409' using message = 'Something was forgotten meanwhile; ask again.';
  end if;
  insert into public.chat_messages (user_id, role, reply_to, message, mood, actions, model, finish, input_tokens,
    output_tokens, latency_ms)
  select caller, 'assistant', said.id, r.reply, r.mood, r.actions, r.model, r.finish, r.input_tokens, r.output_tokens,
    r.latency_ms
    from jsonb_to_record(payload) as r (reply text, mood public.companion_mood, actions jsonb, model text,
      finish public.answer_finish, input_tokens integer, output_tokens integer, latency_ms integer)
  returning * into reply;
  insert into public.message_evidence (user_id, message_id, kind, source_id, text)
  select caller, reply.id, e.kind, e.id, left(t.text, 600)
    from (select value from jsonb_array_elements(payload -> 'evidence') limit 50) as given
      cross join lateral jsonb_to_record(given.value) as e (kind public.evidence_kind, id uuid)
      cross join lateral private.evidence_text(caller, e.kind, e.id) as t (text)
   where t.text is not null
  on conflict do nothing;
  if person.memory_enabled then
    -- Only the person's own words: a quote that they did not write teaches nothing.
    perform private.learn_memory(caller, m.value, said.id)
       from (select value from jsonb_array_elements(payload -> 'memories') limit 10) as m
      where position(m.value ->> 'quote' in said.message) > 0;
    perform private.use_memories(caller, array(select e.source_id from public.message_evidence as e
                                              where e.message_id = reply.id and e.kind = 'memory'));
  end if;
  update public.ai_usage as a
     set input_tokens = a.input_tokens + reply.input_tokens, output_tokens = a.output_tokens + reply.output_tokens
   where a.user_id = caller and a.kind = 'chat' and a.day = (now() at time zone 'UTC')::date;
  perform private.award(caller, 'conversation', 1, 'day', to_char(now() at time zone person.timezone, 'YYYY-MM-DD'), 0,
    null, format('You talked with your companion on %s.', to_char(now() at time zone person.timezone, 'FMDD Mon YYYY')));
  update public.chat_messages as m set answering_until = null where m.id = said.id;
  return private.chat_answer(caller, reply.id);
end $$;

-- GET /chat/messages/{id}/evidence: null when there is no such reply.
create function public.chat_evidence(message_id uuid) returns jsonb
language sql stable set search_path = '' as $$
  select coalesce((
    select jsonb_agg(jsonb_build_object('kind', e.kind, 'id', e.source_id, 'text', e.text) order by e.created_at, e.id)
      from public.message_evidence as e where e.message_id = m.id), '[]')
    from public.chat_messages as m where m.id = chat_evidence.message_id and m.user_id = (select auth.uid())
$$;

-- GET /chat: what of the day is left.
create function public.chat_limits() returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object('per_day', private.daily_limit('chat'), 'used', coalesce((
           select a.calls from public.ai_usage as a
            where a.user_id = (select auth.uid()) and a.kind = 'chat' and a.day = (now() at time zone 'UTC')::date), 0),
         'resets_at', ((now() at time zone 'UTC')::date + 1)::timestamp at time zone 'UTC')
$$;

grant execute on function private.are_actions to service_role;
grant execute on function public.begin_chat, public.release_chat, public.finish_chat, public.chat_evidence,
  public.chat_limits to authenticated;
