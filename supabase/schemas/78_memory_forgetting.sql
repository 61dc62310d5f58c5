-- Forgetting memories: they also disappear from messages and from the evidence of replies. The memory and the newest
-- messages at once; older messages in batches, by a job, because a person may have said more than one request can read.

-- A message without these texts, in upper or lower case. "[forgotten]" may be longer than what it stands for.
create function private.redact_texts(message text, texts text[]) returns text
language plpgsql immutable set search_path = '' as $$
declare
  forgotten text;
begin
  foreach forgotten in array texts loop
    message := regexp_replace(message, '***=' || forgotten, '[forgotten]', 'gi');
  end loop;
  return message;
end $$;

-- The different words of a text, in lower case.
create function private.distinct_words(value text) returns text[]
language sql immutable set search_path = '' as $$
  select array(select distinct w.word from regexp_split_to_table(lower(value), '[^[:alnum:]]+') as w (word) where w.word <> '')
$$;

-- What is being forgotten: the words of memories that are tombstones already, until no message has them any more.
create table private.forgotten_texts (
  id bigint generated always as identity primary key,
  user_id uuid not null references auth.users on delete cascade,
  memory_id uuid not null,
  source_message_id uuid,
  text text not null,
  words text[] not null generated always as (private.distinct_words(text)) stored,
  forgotten_at timestamptz not null default clock_timestamp()
);
comment on table private.forgotten_texts is
  'Words of forgotten memories that may still be in messages. Rows go when all messages have been looked through.';
create index forgotten_texts_owner on private.forgotten_texts (user_id, id);
revoke all on private.forgotten_texts from anon, authenticated;
grant select, delete on private.forgotten_texts to service_role;

-- Removes what is being forgotten from the next `max_messages` messages before the position (null: from the newest on)
-- and from the evidence of their replies. A text is searched only in the messages that have its rarest word. Returns
-- the new position, null after the last message. The caller must have locked the person's row.
create function private.forget_in_messages(owner uuid, "position" jsonb, max_messages integer) returns jsonb
-- The planner cannot estimate the rows of the CTEs, and would choose nested loops.
language plpgsql set search_path = '' set enable_nestloop = off set jit = off as $$
declare
  ids constant uuid[] := array(
    select m.id from public.chat_messages as m
     where m.user_id = owner
       and (m.created_at, m.id) < (coalesce(("position" ->> 'created_at')::timestamptz, 'infinity'),
         coalesce(("position" ->> 'id')::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
     order by m.created_at desc, m.id desc limit max_messages);
begin
  with forgotten as materialized (
    select f.memory_id, f.source_message_id, f.text, f.words, f.forgotten_at from private.forgotten_texts as f
     where f.user_id = owner),
  texts as materialized (
    select c.id, c.message, coalesce(c.reply_to, c.id) as message_id, c.created_at,
           private.distinct_words(c.message) as words
      from public.chat_messages as c where c.user_id = owner and c.id = any (ids)
    union all
    select e.id, e.text, null, e.created_at, private.distinct_words(e.text) from public.message_evidence as e
     where e.user_id = owner and e.message_id = any (ids) and e.kind = 'memory'),
  word_places as materialized (select s.id, w.word from texts as s, unnest(s.words) as w (word)),
  word_counts as (select p.word, count(*) as frequency from word_places as p group by p.word),
  rarest_words as (
    select distinct on (f.text) f.text, w.word
      from forgotten as f
        cross join lateral unnest(f.words) as w (word) left join word_counts as c on c.word = w.word
     order by f.text, c.frequency nulls first),
  candidates as (
    select p.id, r.text from rarest_words as r join word_places as p on p.word = r.word
    union
    -- In the message where it was learned, it may also be a part of a word.
    select s.id, f.text from forgotten as f join texts as s on s.message_id = f.source_message_id),
  found as (
    select s.id, left(private.redact_texts(s.message, array_agg(c.text order by length(c.text) desc)), 4000) as message
      from candidates as c join texts as s on s.id = c.id
     where position(lower(c.text) in lower(s.message)) > 0
       -- What the person says again afterwards stays.
       and exists (select from forgotten as f where f.text = c.text and f.forgotten_at >= s.created_at)
     group by s.id, s.message),
  in_messages as (
    update public.chat_messages as m set message = f.message from found as f where m.id = f.id and m.user_id = owner),
  in_evidence as (
    update public.message_evidence as e set text = left(f.message, 600) from found as f
     where e.id = f.id and e.user_id = owner
       and e.source_id not in (select g.memory_id from forgotten as g))
  delete from public.message_evidence as e using (select distinct f.memory_id from forgotten as f) as f
   where e.message_id = any (ids) and e.user_id = owner and e.source_id = f.memory_id;
  if cardinality(ids) < max_messages then
    return null;
  end if;
  return (select jsonb_build_object('created_at', m.created_at, 'id', m.id) from public.chat_messages as m
           where m.user_id = owner and m.id = ids[max_messages]);
end $$;

-- How many messages are looked through in one transaction: the longest ones take about a second.
create function private.messages_at_once() returns integer
language sql immutable set search_path = '' as $$ select 500 $$;

-- Turns one memory, or all, into tombstones, and removes them from the newest messages; a job goes on with the older
-- ones. Deletes the oldest tombstones beyond the quota of memories. Returns the number of memories that were forgotten.
-- The caller must have locked the person's row.
create function private.tombstone_memories(owner uuid, memory_id uuid default null) returns integer
language plpgsql set search_path = '' as $$
declare
  forgotten integer;
begin
  insert into private.forgotten_texts (user_id, memory_id, source_message_id, text)
  select distinct owner, m.id, m.source_message_id, t.text
    from public.memories as m
      cross join lateral unnest(m.paraphrases || m.content || m.source_quote) as w (words)
      cross join lateral btrim(w.words, E' \t\n.,;:!?…"“”') as t (text)
   where m.user_id = owner and m.status <> 'dismissed' and (memory_id is null or m.id = memory_id) and t.text <> '';
  update public.memories as m set status = 'dismissed', content = null, source_quote = null, source_message_id = null,
      paraphrases = '{}', superseded_by = null, last_used_at = null, pinned = false, salience = 0.5, mentions = 1,
      facts = '[]', decision = null, decided_at = null, asks_to_keep = false
   where m.user_id = owner and m.status <> 'dismissed' and (memory_id is null or m.id = memory_id);
  get diagnostics forgotten = row_count;
  perform private.count_usage(owner, 'memories', -forgotten);
  delete from public.memories as m where m.id in (
    select t.id from public.memories as t where t.user_id = owner and t.status = 'dismissed'
     order by t.updated_at desc, t.id offset private.quota_limit('memories'));
  if private.forget_in_messages(owner, null, private.messages_at_once()) is null then
    delete from private.forgotten_texts as f where f.user_id = owner;
  else
    perform private.enqueue_forgetting(owner);
  end if;
  return forgotten;
end $$;

-- A job that is under way already goes on until nothing is left, so one is enough.
create function private.enqueue_forgetting(owner uuid) returns void
language sql set search_path = '' as $$
  insert into public.jobs (user_id, kind, input, dedupe_key) values (owner, 'forget_memories', '{}', 'forget memories')
  on conflict (user_id, dedupe_key) where status in ('queued', 'running') do nothing
$$;

-- For the worker: removes what is being forgotten from the next messages. `position` is null at first, then what was
-- returned. Returns null when nothing is left to forget. What is forgotten meanwhile begins with the newest message
-- again: `last_text` is the last text that all messages of this round were looked through for.
create function public.forget_messages(job_id uuid, attempt integer, "position" jsonb) returns jsonb
language plpgsql set search_path = '' as $$
declare
  owner constant uuid := private.assert_lease(job_id, attempt);
  last_text bigint := ("position" ->> 'last_text')::bigint;
  reached jsonb;
begin
  if last_text is null then
    select max(f.id) into last_text from private.forgotten_texts as f where f.user_id = owner;
    if last_text is null then
      return null;
    end if;
  end if;
  reached := private.forget_in_messages(owner, nullif("position" - 'last_text', '{}'), private.messages_at_once());
  if reached is null then
    delete from private.forgotten_texts as f where f.user_id = owner and f.id <= last_text;
    return '{}'::jsonb;
  end if;
  return reached || jsonb_build_object('last_text', last_text);
end $$;

-- DELETE /memories/{id}: whether there was one. Definer: see add_memory().
create function public.forget_memory(memory_id uuid, unchanged_since timestamptz[] default null) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  memory constant public.memories := private.lock_memory(auth.uid(), memory_id, unchanged_since);
begin
  return memory.id is not null and private.tombstone_memories(memory.user_id, memory.id) = 1;
end $$;

-- DELETE /memories: the number of memories that were forgotten. Definer: see add_memory().
create function public.forget_all_memories() returns integer
language plpgsql security definer set search_path = '' as $$
declare
  caller constant uuid := auth.uid();
begin
  perform private.assert_account(caller);
  return private.tombstone_memories(caller);
end $$;

grant execute on function public.forget_memory, public.forget_all_memories to authenticated;
grant execute on function public.forget_messages, private.forget_in_messages, private.messages_at_once, private.redact_texts,
  private.distinct_words, private.enqueue_forgetting to service_role;
