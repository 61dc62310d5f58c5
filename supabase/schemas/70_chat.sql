-- Conversations with the companion: what the person said, what was answered, and what the answer rests on. A turn is
-- two transactions, between which a model is asked. begin_chat stores the person's message and returns what an answer
-- may rest on; finish_chat stores the answer with its evidence, what was learned, and the point for talking.
-- Definer, like all functions that write these tables: people may not write them. Each function binds itself to
-- auth.uid().

-- What the companion can offer. It does nothing itself: the app sends the request when the person accepts. Each action
-- is compared in the one form in which jsonb writes it: keys by length, then by letter. `body` is what its endpoint takes.
create function private.are_actions(actions jsonb) returns boolean
language sql immutable set search_path = '' as $$
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
  kind public.message_kind not null default 'message',
  language text,
  concern public.concern,
  concern_step public.concern_step,
  constraint chat_messages_once unique (user_id, client_id),
  constraint chat_messages_id_of_owner unique (id, user_id),
  constraint chat_messages_one_reply unique (reply_to),
  constraint chat_messages_reply_of_owner foreign key (reply_to, user_id) references public.chat_messages (id, user_id)
    on delete cascade,
  constraint chat_messages_message_length check (private.is_nonblank(message, 4000)),
  constraint chat_messages_actions_known check (private.are_actions(actions)),
  constraint chat_messages_model_length check (private.is_nonblank(model, 100)),
  constraint chat_messages_counts_range check (input_tokens >= 0 and output_tokens >= 0 and latency_ms >= 0),
  -- A person's message has their client's id. A reply has the message that it answers, and says who wrote it. A check-in
  -- answers none: it is written from templates.
  constraint chat_messages_fields_of_role check (case role
    when 'user' then kind = 'message' and client_id is not null and num_nonnulls(reply_to, mood, actions, model, finish,
      input_tokens, output_tokens, latency_ms) = 0
    else client_id is null and answering_until is null and language is null
      and num_nulls(mood, actions, model, finish, input_tokens, output_tokens, latency_ms) = 0
      and case kind when 'check_in' then reply_to is null and model = 'check-in' else reply_to is not null end end),
  constraint chat_messages_language_code check (language ~ '^[a-z]{2}$'),
  -- With a concern nothing is offered: there is no training until the person is fine.
  constraint chat_messages_concern_of_reply check (case when concern is null then concern_step is null
    else concern_step is not null and reply_to is not null and actions = '[]' end)
);
comment on table public.chat_messages is 'Messages of a person and replies of the companion.';
comment on column public.chat_messages.client_id is 'Made by the client for each message: sending it again adds none.';
comment on column public.chat_messages.answering_until is
  'Until when one request answers the message, so that others wait instead of asking a model too.';

comment on column public.chat_messages.kind is 'A check_in is a message that the companion wrote first, which answers none.';
comment on column public.chat_messages.concern is
  'Of a reply: what the companion is worried about. While the newest reply has one, it waits to hear that the person is fine.';
comment on column public.chat_messages.concern_step is
  'Whether that reply asked a question in doubt, warned with the careful text, or asked how the person is.';
comment on column public.chat_messages.language is 'Of a person''s message: the language that it is in, as two letters.';

create index chat_messages_owner on public.chat_messages (user_id, created_at desc, id desc);

revoke all on public.chat_messages from anon, authenticated;
grant select, delete on public.chat_messages to authenticated;

alter table public.chat_messages enable row level security;
create policy "People read their own conversation" on public.chat_messages
  for select to authenticated using ((select auth.uid()) = user_id);
create policy "People delete their own conversation" on public.chat_messages
  for delete to authenticated using ((select auth.uid()) = user_id);

create trigger chat_messages_set_updated_at before update on public.chat_messages
  for each row execute function private.set_updated_at();
create trigger chat_messages_lock_person before delete on public.chat_messages
  for each statement when (current_user = 'authenticated') execute function private.lock_person();
create trigger chat_messages_count_added after insert on public.chat_messages referencing new table as added
  for each statement execute function private.count_added('messages');
create trigger chat_messages_count_removed after delete on public.chat_messages referencing old table as removed
  for each statement execute function private.count_removed('messages');

-- What a reply rests on: one row for each thing and each value of it that the reply shows. The texts are read from the
-- things themselves, never taken from a model.
create table public.message_evidence (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references auth.users on delete cascade,
  message_id uuid not null,
  kind public.evidence_kind not null,
  source_id uuid not null,
  text text not null,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  value text,
  constraint message_evidence_once unique nulls not distinct (message_id, kind, source_id, value),
  constraint message_evidence_value_length check (private.is_nonblank(value, 200)),
  constraint message_evidence_message_of_owner foreign key (message_id, user_id)
    references public.chat_messages (id, user_id) on delete cascade,
  constraint message_evidence_text_length check (private.is_nonblank(text, 600))
);
comment on table public.message_evidence is
  'What a reply of the companion used, in the words of that time.';
comment on column public.message_evidence.value is 'The number or date of it that the reply shows, as it shows it.';

create index message_evidence_owner on public.message_evidence (user_id, created_at desc, id desc);
create index message_evidence_of_source on public.message_evidence (user_id, source_id);

revoke all on public.message_evidence from anon, authenticated;
grant select on public.message_evidence to authenticated;

alter table public.message_evidence enable row level security;
create policy "People read what replies to them used" on public.message_evidence
  for select to authenticated using ((select auth.uid()) = user_id);

create trigger message_evidence_set_updated_at before update on public.message_evidence
  for each row execute function private.set_updated_at();

-- The text of a piece of evidence; null when it does not exist, or is not this person's.
create function private.evidence_text(owner uuid, kind public.evidence_kind, source_id uuid) returns text
language sql stable set search_path = '' as $$
  select case kind
    when 'memory' then (select m.content from public.memories as m
                         where m.id = source_id and m.user_id = owner and m.status = 'active')
    when 'set' then (select private.describe_set(s) from public.sets as s where s.id = source_id and s.user_id = owner)
    when 'plan' then (select p.name from public.plans as p where p.id = source_id and p.user_id = owner)
    when 'workout' then (select concat_ws(', ', w.name, to_char(w.local_date, 'FMDD Mon YYYY'))
                           from public.workouts as w where w.id = source_id and w.user_id = owner)
    when 'exercise' then (select e.name from public.exercises as e
                           where e.id = source_id and (e.user_id is null or e.user_id = owner))
    when 'measurement' then (select format('%s on %s', replace(m.kind::text, '_', ' '), to_char(m.local_date, 'FMDD Mon YYYY'))
                               from public.measurements as m where m.id = source_id and m.user_id = owner)
    when 'food' then (select f.name from public.foods as f
                       where f.id = source_id and (f.user_id is null or f.user_id = owner))
    when 'affinity' then (select e.explanation from public.affinity_events as e
                           where e.id = evidence_text.source_id and e.user_id = owner)
    -- What is computed from the profile, such as targets, has the person themselves as its source.
    when 'profile' then case when source_id = owner then 'Your profile' end end
$$;

-- A reply as the API returns it, at first and when it is asked for again: `actions` are what was offered, and what of the
-- message the profile could have and the person has not decided on yet.
create function private.chat_answer(owner uuid, reply_id uuid) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object(
    'message', jsonb_build_object('id', r.id, 'role', r.role, 'kind', r.kind, 'client_id', null, 'reply_to', r.reply_to,
      'message', r.message, 'mood', r.mood, 'actions', r.actions, 'model', r.model, 'finish', r.finish,
      'concern', r.concern, 'created_at', r.created_at),
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
$$;

-- What the companion waits to hear the end of: {concern, step} of the newest reply, null when it has none. A check-in is no
-- reply. Messages of the future were written by a clock that was wrong, and are newest all the same.
create function private.open_concern(owner uuid) returns jsonb
language sql stable set search_path = '' as $$
  select case when m.concern is not null then jsonb_build_object('concern', m.concern, 'step', m.concern_step) end
    from public.chat_messages as m where m.user_id = owner and m.reply_to is not null
   order by m.created_at desc, m.id desc limit 1
$$;

-- The calls that the day has for a message. Urgent ones have more, and so have those while the companion is worried: no model
-- answers them. The caller says what is urgent, because the words of four languages and their likenesses are not for SQL;
-- whoever lies about it gains no model's answer, and has no more than urgent_chat_calls.
create function private.max_chat_calls(owner uuid, is_urgent boolean) returns integer
language sql stable set search_path = '' as $$
  select case when is_urgent or private.open_concern(owner) is not null
              then private.quota_limit('urgent_chat_calls')::integer else private.daily_limit('chat') end
$$;

-- POST /chat, first half. `state`: answered (with the `answer`), answering (by another request), or yours: then this
-- request has a minute to answer, and the call counts against the day's limit. `is_urgent`: whether a fixed, careful text will
-- answer it. `language`: the two letters of the language that the message is in, when it is known. The context has the open
-- concern.
create function public.begin_chat(client_id uuid, message text, is_urgent boolean default false,
  language text default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
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
    insert into public.chat_messages (user_id, role, client_id, message, language)
    values (caller, 'user', begin_chat.client_id, begin_chat.message, begin_chat.language) returning * into user_message;
  elsif user_message.message <> begin_chat.message and position('[forgotten]' in user_message.message) = 0 then
    raise sqlstate 'PT409' using message = 'This client_id was used for a different message.';
  end if;
  select m.id into reply_id from public.chat_messages as m
   where m.user_id = user_message.user_id and m.reply_to = user_message.id;
  if reply_id is not null then
    return jsonb_build_object('state', 'answered', 'answer', private.chat_answer(caller, reply_id));
  -- It takes a minute: a later end was written by a clock that was wrong.
  elsif user_message.answering_until between now() and now() + interval '10 minutes' then
    return jsonb_build_object('state', 'answering');
  end if;
  perform private.count_call(caller, 'chat', private.max_chat_calls(caller, begin_chat.is_urgent));
  update public.chat_messages as m set answering_until = clock_timestamp() + interval '1 minute'
   where m.user_id = user_message.user_id and m.id = user_message.id;
  return jsonb_build_object('state', 'yours', 'message_id', user_message.id, 'message', user_message.message,
    'context', private.chat_context(caller, user_message.id)
      || jsonb_build_object('concern', private.open_concern(caller)));
end $$;

-- When answering failed: the person's message stays, and another request may answer it at once.
create function public.release_chat(message_id uuid) returns void
language sql security definer set search_path = '' as $$
  update public.chat_messages as m set answering_until = null where m.id = message_id and m.user_id = auth.uid()
$$;

-- POST /chat, second half: {message_id, reply, mood, actions, model, finish, input_tokens, output_tokens, latency_ms,
-- evidence: [{kind, id, value}], memories: [as private.learn_memory takes them], concern, concern_step, is_fine}. When it is
-- called twice, the first answer stays. PT409 when something was forgotten while the answer was composed: it may rest on that.
-- PT409 too when the companion is worried by now, the reply knows nothing of it, and the person has not said that they are
-- fine (`is_fine`): it would talk of training.
create function public.finish_chat(payload jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
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
  if payload ->> 'concern' is null and coalesce((payload ->> 'is_fine')::boolean, false) is false
      and private.open_concern(caller) is not null then
    raise sqlstate 'PT409' using message = 'The companion first wants to hear how you are; say it again.';
  end if;
  insert into public.chat_messages (user_id, role, reply_to, message, mood, actions, model, finish, input_tokens,
    output_tokens, latency_ms, concern, concern_step)
  select caller, 'assistant', user_message.id, r.reply, r.mood, r.actions, r.model, r.finish, r.input_tokens, r.output_tokens,
    r.latency_ms, r.concern, r.concern_step
    from jsonb_to_record(payload) as r (reply text, mood public.companion_mood, actions jsonb, model text,
      finish public.answer_finish, input_tokens integer, output_tokens integer, latency_ms integer, concern public.concern,
      concern_step public.concern_step)
  returning * into reply;
  insert into public.message_evidence (user_id, message_id, kind, source_id, text, value)
  select caller, reply.id, e.kind, e.id, left(t.text, 600), e.value
    from (select value from jsonb_array_elements(payload -> 'evidence') limit 50) as item
      cross join lateral jsonb_to_record(item.value) as e (kind public.evidence_kind, id uuid, value text)
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
end $$;

-- GET /chat/messages/{id}/evidence: null when there is no such reply.
create function public.chat_evidence(message_id uuid) returns jsonb
language sql stable set search_path = '' as $$
  select coalesce((
    select jsonb_agg(jsonb_build_object('kind', e.kind, 'id', e.source_id, 'text', e.text, 'value', e.value)
                       order by e.created_at, e.id)
      from public.message_evidence as e where e.message_id = m.id), '[]')
    from public.chat_messages as m where m.id = chat_evidence.message_id and m.user_id = (select auth.uid())
$$;

-- GET /chat: the limit of the day, how much of it is used, and when the next day begins.
create function public.chat_limits() returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object('per_day', private.daily_limit('chat'), 'used', coalesce((
           select a.calls from public.ai_usage as a
            where a.user_id = (select auth.uid()) and a.kind = 'chat' and a.day = (now() at time zone 'UTC')::date), 0),
         'resets_at', ((now() at time zone 'UTC')::date + 1)::timestamp at time zone 'UTC')
$$;

grant execute on function private.are_actions, private.open_concern to service_role;
grant execute on function public.begin_chat, public.release_chat, public.finish_chat, public.chat_evidence,
  public.chat_limits to authenticated;
