-- Conversations with the companion: what the person said, what was answered, and what the answer rests on.

create type public.chat_role as enum ('user', 'assistant');
create type public.companion_mood as enum ('neutral', 'warm', 'proud', 'playful', 'concerned', 'encouraging');
create type public.evidence_kind as enum ('memory', 'set', 'plan');
create type public.answer_finish as enum ('stop', 'length');
create type public.usage_kind as enum ('chat');

-- What the app can offer, and no more of it: whoever reads the conversation reads this too, and a number in JSON may be
-- a thousand times as long as it is stored.
create function private.are_actions(actions jsonb) returns boolean
language sql immutable set search_path = '' as $$
  select case
    when jsonb_typeof(actions) <> 'array' or pg_column_size(actions) > 2048 then false
    else jsonb_array_length(actions) <= 10 and coalesce((
      select bool_and(case
          when a.value in ('{"kind": "log_workout"}', '{"kind": "review_memories"}') then true
          when jsonb_typeof(a.value) <> 'object' or a.value ->> 'kind' is distinct from 'start_workout'
            or a.value - array['kind', 'plan_id', 'plan_day'] <> '{}' then false
          else coalesce(jsonb_typeof(a.value -> 'plan_id') = 'string' and jsonb_typeof(a.value -> 'plan_day') = 'number'
            and a.value ->> 'plan_id' ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
            and a.value ->> 'plan_day' ~ '^([0-9]|1[0-3])$', false) end)
        from jsonb_array_elements(actions) as a), true) end
$$;
grant execute on function private.are_actions to service_role;

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
  constraint chat_messages_message_length check (private.says(message, 4000)),
  constraint chat_messages_actions_known check (private.are_actions(actions)),
  constraint chat_messages_model_length check (private.says(model, 100)),
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
  constraint message_evidence_text_length check (private.says(text, 600))
);
comment on table public.message_evidence is 'Which memories, sets and plans a reply of the companion used, as they were.';
create index message_evidence_owner on public.message_evidence (user_id, created_at desc, id desc);
create index message_evidence_of_source on public.message_evidence (user_id, source_id);

-- How much of the models a person used, by UTC day.
create table public.ai_usage (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references auth.users on delete cascade,
  day date not null,
  kind public.usage_kind not null,
  calls integer not null default 0,
  input_tokens bigint not null default 0,
  output_tokens bigint not null default 0,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  constraint ai_usage_once unique (user_id, day, kind),
  constraint ai_usage_counts_range check (calls >= 0 and input_tokens >= 0 and output_tokens >= 0)
);
comment on table public.ai_usage is 'Calls and tokens per person, UTC day and kind; what the daily limits count.';
create index ai_usage_owner on public.ai_usage (user_id, created_at desc, id desc);

revoke all on public.chat_messages, public.message_evidence, public.ai_usage from anon, authenticated;
grant select, delete on public.chat_messages to authenticated;
grant select on public.message_evidence, public.ai_usage to authenticated;
alter table public.chat_messages enable row level security;
alter table public.message_evidence enable row level security;
alter table public.ai_usage enable row level security;
create policy "People read their own conversation" on public.chat_messages
  for select to authenticated using ((select auth.uid()) = user_id);
create policy "People delete their own conversation" on public.chat_messages
  for delete to authenticated using ((select auth.uid()) = user_id);
create policy "People read what replies to them used" on public.message_evidence
  for select to authenticated using ((select auth.uid()) = user_id);
create policy "People read their own usage" on public.ai_usage
  for select to authenticated using ((select auth.uid()) = user_id);
create trigger chat_messages_touch before update on public.chat_messages
  for each row execute function private.touch();
create trigger message_evidence_touch before update on public.message_evidence
  for each row execute function private.touch();
create trigger ai_usage_touch before update on public.ai_usage
  for each row execute function private.touch();

-- How many calls of a kind a person has in a UTC day.
create function private.daily_limit(kind public.usage_kind) returns integer
language sql immutable set search_path = '' as $$
  select case kind when 'chat' then 200 end
$$;

-- Counts a call against the day's limit; PT429 when the day is used up. The caller holds the person's row.
create function private.count_call(owner uuid, kind public.usage_kind, most integer) returns void
language plpgsql set search_path = '' as $$
declare
  today constant date := (now() at time zone 'UTC')::date;
begin
  insert into public.ai_usage as a (user_id, day, kind, calls) values (owner, today, count_call.kind, 1)
  on conflict on constraint ai_usage_once do update set calls = a.calls + 1 where a.calls < most;
  if not found then
    raise sqlstate 'PT429' using message = format('That was the last of %s for today; the next is possible at %s.', most,
      to_char(today + 1, 'YYYY-MM-DD"T00:00:00Z"'));
  end if;
end $$;

-- Takes what a person wants forgotten out of the conversation: where it was said, and out of replies that used it.
create function private.forget_in_chat(owner uuid, memory_id uuid, message_id uuid, texts text[]) returns void
language plpgsql set search_path = '' as $$
declare
  forgotten text;
begin
  foreach forgotten in array array_remove(texts, null) loop
    -- The mark may be longer than what it stands for.
    update public.chat_messages as m set message = left(replace(m.message, forgotten, '[forgotten]'), 4000)
     where m.user_id = owner and position(forgotten in m.message) > 0
       and (m.id = forget_in_chat.message_id or m.reply_to = forget_in_chat.message_id or exists (
         select from public.message_evidence as e
          where e.user_id = owner and e.source_id = memory_id and e.message_id = m.id));
  end loop;
  delete from public.message_evidence as e where e.user_id = owner and e.source_id = memory_id;
end $$;
