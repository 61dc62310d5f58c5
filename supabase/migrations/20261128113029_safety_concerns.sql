-- Concerns: what the companion is worried about stands with its reply, and it says nothing of training until the person is fine.
-- Follows supabase/schemas/70_chat.sql, and 12_quotas, 65_imports and 79_check_ins, which know of it. What is urgent is told by
-- the API from now on: the version before this one does not, so its messages of that kind have the day's limit of all others.

set local check_function_bodies = off;

create type public.concern as enum (
  'cardiac', 'stroke', 'anaphylaxis', 'rhabdomyolysis', 'concussion', 'cauda_equina', 'syncope', 'pregnancy', 'self_harm',
  'eating_disorder', 'overtraining_fever');
create type public.concern_step as enum ('asked', 'warned', 'followed_up');

alter table public.chat_messages
  add column concern public.concern,
  add column concern_step public.concern_step,
  add constraint chat_messages_concern_of_reply check (case when concern is null then concern_step is null
    else concern_step is not null and reply_to is not null and actions = '[]' end);
comment on column public.chat_messages.concern is
  'Of a reply: what the companion is worried about. While the newest reply has one, it waits to hear that the person is fine.';
comment on column public.chat_messages.concern_step is
  'Whether that reply asked a question in doubt, warned with the careful text, or asked how the person is.';

drop function private.max_chat_calls(uuid, text);
drop function private.is_urgent(text);

create or replace function private.open_concern(owner uuid) returns jsonb
language sql stable set search_path = '' as $$
  select case when m.concern is not null then jsonb_build_object('concern', m.concern, 'step', m.concern_step) end
    from public.chat_messages as m where m.user_id = owner and m.reply_to is not null
   order by m.created_at desc, m.id desc limit 1
$$;

create or replace function private.max_chat_calls(owner uuid, is_urgent boolean) returns integer
language sql stable set search_path = '' as $$
  select case when is_urgent or private.open_concern(owner) is not null
              then private.quota_limit('urgent_chat_calls')::integer else private.daily_limit('chat') end
$$;

create or replace function private.chat_answer(owner uuid, reply_id uuid) returns jsonb
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

create or replace function public.begin_chat(client_id uuid, message text, is_urgent boolean default false,
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

create or replace function public.finish_chat(payload jsonb) returns jsonb
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

create or replace function private.quotas() returns table (name public.quota, "limit" bigint, per public.quota_period, when_full text,
  message text)
language sql immutable rows 23 set search_path = '' as $$
  values
    ('plans'::public.quota, 1000::bigint, 'account'::public.quota_period, 'refused', 'You have %s plans; delete one first.'),
    ('plan_versions', 50, 'plan', 'oldest_removed', null),
    ('plan_proposals', 50, 'plan', 'oldest_removed', null),
    ('json_bytes', 268435456, 'account', 'refused',
     'The versions and proposals of your plans take %s bytes; delete plans that you no longer need.'),
    ('workouts', 30000, 'account', 'refused', 'You have %s workouts; delete some first.'),
    ('deleted_workouts', 10000, 'account', 'oldest_removed', null),
    ('sets', 1000000, 'account', 'refused', 'Your workouts have %s sets; delete workouts that you no longer need.'),
    ('sets_per_day', 5000, 'training_day', 'refused',
     'The workouts of one day may have %s sets; check their dates, or delete one of that day.'),
    ('affinity_events', 100000, 'account', 'not_added', null),
    ('exercises', 1000, 'account', 'refused', 'You have %s exercises of your own; delete one first.'),
    ('hidden_exercises', 2000, 'account', 'refused',
     'You have deleted %s exercises that plans or workouts still use; delete some of those first.'),
    ('foods', 1000, 'account', 'refused', 'You have %s foods of your own; delete one first.'),
    ('hidden_foods', 2000, 'account', 'refused', 'You have deleted %s foods that meal plans still use; delete some of those first.'),
    ('measurements', 100000, 'account', 'refused', 'You have %s measurements; delete some first.'),
    ('messages', 300000, 'account', 'refused', 'Your conversation has %s messages; delete it to begin anew. Memories stay.'),
    ('memories', 20000, 'account', 'refused', 'You have %s memories; forget some first.'),
    ('open_jobs', 5, 'account', 'refused', 'You have %s jobs under way; wait for one, or cancel it.'),
    ('kept_jobs', 100, 'account', 'oldest_removed', null),
    ('idempotency_keys', 5000, 'account', 'refused', 'You have used %s idempotency keys within a day; wait, or send none.'),
    ('chat_calls', 200, 'utc_day', 'refused', 'That was the last of %s for today; the next is possible at %s.'),
    -- For messages that no model answers, and that nobody is to be refused (src/chat/safety).
    ('urgent_chat_calls', 1000, 'utc_day', 'refused', 'That was the last of %s for today; the next is possible at %s.'),
    ('plan_calls', 30, 'utc_day', 'refused', 'That was the last of %s for today; the next is possible at %s.'),
    ('memory_calls', 500, 'utc_day', 'refused', 'That was the last of %s for today; the next is possible at %s.')
$$;

create or replace function private.import_message(owner uuid, item json) returns jsonb
language plpgsql set search_path = '' as $$
begin
  -- In an export of this very account, messages that are here have other ids.
  if exists (select from public.chat_messages as m
      where m.user_id = owner and m.role::text = item ->> 'role'
        and m.created_at = (item ->> 'created_at')::timestamptz) then
    return jsonb_build_object('outcome', 'duplicate');
  end if;
  insert into public.chat_messages (id, user_id, role, client_id, reply_to, message, mood, actions, model, finish,
    input_tokens, output_tokens, latency_ms, created_at, kind, language, concern, concern_step)
  select r.id, owner, r.role, r.client_id, r.reply_to, r.message, r.mood, r.actions, r.model, r.finish, r.input_tokens,
    r.output_tokens, r.latency_ms, least(r.created_at, now()), coalesce(r.kind, 'message'), r.language, r.concern,
    r.concern_step
    from json_populate_record(null::public.chat_messages, item) as r
  on conflict do nothing;
  return jsonb_build_object('outcome', case when found then 'imported' else 'duplicate' end);
end $$;

create or replace function private.may_check_in(person public.users, at timestamptz) returns boolean
language plpgsql stable set search_path = '' as $$
begin
  return person.check_ins_enabled and person.closed_at is null
    and not private.is_quiet(at, person.timezone, person.check_ins_quiet_from, person.check_ins_quiet_to)
    and (select count(*) from private.check_ins as c
          where c.user_id = person.id and c.sent_at > at - interval '7 days' and c.sent_at < at + interval '10 minutes')
        < person.check_ins_max_per_week
    -- Not between a question and its answer.
    and not exists (
      select from public.chat_messages as m
       where m.user_id = person.id and m.created_at > at - interval '10 minutes'
         and m.answering_until between at and at + interval '10 minutes')
    -- Nor of training while the companion waits to hear that they are fine.
    and private.open_concern(person.id) is null
    and not coalesce(private.is_guest(person.id), true);
end $$;

grant execute on function private.open_concern to service_role;
