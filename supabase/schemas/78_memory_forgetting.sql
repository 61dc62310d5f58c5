-- Forgetting memories: they also disappear from messages and from the evidence of replies.

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

-- Removes what a person wants forgotten, one memory or all, from all messages and from the evidence of replies. In one
-- pass: a text is searched only in the messages that have its rarest word.
create function private.forget_in_chat(owner uuid, memory_id uuid default null) returns void
-- The planner cannot estimate the rows of the CTEs, and would choose nested loops.
language plpgsql set search_path = '' set enable_nestloop = off set jit = off as $$
begin
  with forgotten as materialized (
    select distinct m.id, m.source_message_id, t.text
      from public.memories as m
        cross join lateral unnest(m.paraphrases || m.content || m.source_quote) as w (words)
        cross join lateral btrim(w.words, E' \t\n.,;:!?…"“”') as t (text)
     where m.user_id = owner and m.status <> 'dismissed' and (memory_id is null or m.id = memory_id) and t.text <> ''),
  texts as materialized (
    select c.id, c.message, coalesce(c.reply_to, c.id) as message_id, private.distinct_words(c.message) as words
      from public.chat_messages as c where c.user_id = owner
    union all
    select e.id, e.text, null, private.distinct_words(e.text) from public.message_evidence as e
     where e.user_id = owner and e.kind = 'memory'),
  word_places as materialized (select s.id, w.word from texts as s, unnest(s.words) as w (word)),
  word_counts as (select p.word, count(*) as frequency from word_places as p group by p.word),
  rarest_words as (
    select distinct on (f.text) f.text, w.word
      from (select distinct f.text from forgotten as f) as f
        cross join lateral unnest(private.distinct_words(f.text)) as w (word) left join word_counts as c on c.word = w.word
     order by f.text, c.frequency nulls first),
  candidates as (
    select p.id, r.text from rarest_words as r join word_places as p on p.word = r.word
    union
    -- In the message where it was learned, it may also be a part of a word.
    select s.id, f.text from forgotten as f join texts as s on s.message_id = f.source_message_id),
  found as (
    select s.id, left(private.redact_texts(s.message, array_agg(c.text order by length(c.text) desc)), 4000) as message
      from candidates as c join texts as s on s.id = c.id
     where position(lower(c.text) in lower(s.message)) > 0 group by s.id, s.message),
  in_messages as (
    update public.chat_messages as m set message = f.message from found as f where m.id = f.id and m.user_id = owner),
  in_evidence as (
    update public.message_evidence as e set text = left(f.message, 600) from found as f
     where e.id = f.id and e.user_id = owner
       and e.source_id not in (select g.id from forgotten as g))
  delete from public.message_evidence as e using (select distinct f.id from forgotten as f) as f
   where e.user_id = owner and e.source_id = f.id;
end $$;

-- Turns one memory, or all, into tombstones, and deletes the oldest tombstones beyond max_memories. Returns the number
-- of memories that were forgotten.
create function private.tombstone_memories(owner uuid, memory_id uuid default null) returns integer
language plpgsql set search_path = '' as $$
declare
  forgotten integer;
begin
  perform private.forget_in_chat(owner, memory_id);
  update public.memories as m set status = 'dismissed', content = null, source_quote = null, source_message_id = null,
      paraphrases = '{}', superseded_by = null, last_used_at = null, pinned = false, salience = 0.5, mentions = 1
   where m.user_id = owner and m.status <> 'dismissed' and (memory_id is null or m.id = memory_id);
  get diagnostics forgotten = row_count;
  delete from public.memories as m where m.id in (
    select t.id from public.memories as t where t.user_id = owner and t.status = 'dismissed'
     order by t.updated_at desc, t.id offset (private.memory_rules()).max_memories);
  return forgotten;
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
  perform from public.users as u where u.id = caller for no key update;
  return private.tombstone_memories(caller);
end $$;

grant execute on function public.forget_memory, public.forget_all_memories to authenticated;
