-- What is forgotten goes out of the whole conversation, however often it was said and in whichever words it was learned.

alter table public.memories add column heard text[] not null default '{}',
  add constraint memories_heard_fits check (private.texts_fit(heard, 20, 500)),
  add constraint memories_nothing_heard_of_dismissed check (status <> 'dismissed' or heard = '{}');
comment on column public.memories.heard is 'Other words in which the person said it; for forgetting, never shown.';

-- The last twenty of other words, each once.
create function private.also_heard(heard text[], more text[]) returns text[]
language sql immutable set search_path = '' as $$
  select coalesce(array_agg(l.text order by l.n), '{}')
    from (select a.text, max(a.n) as n from unnest(heard || more) with ordinality as a (text, n)
           where a.text is not null group by a.text order by 2 desc limit 20) as l
$$;

-- Keeps a statement, as before; what says the same again adds its words to those by which it is forgotten.
create or replace function private.keep_memory(owner uuid, given jsonb, message_id uuid, by_hand boolean) returns jsonb
language plpgsql set search_path = '' as $$
declare
  rules constant record := private.memory_rules();
  said constant text := btrim(given ->> 'content');
  hash constant bytea := private.words_hash(said);
  quoted constant text := btrim(given ->> 'quote');
  vector constant extensions.halfvec := private.unit_vector(given ->> 'embedding');
  model constant text := given ->> 'embedding_model';
  weight constant real := coalesce((given ->> 'salience')::real, 0.5);
  buried uuid[];
  replaced public.memories;
  kept uuid;
  outcome text;
begin
  select array_agg(t.id) into buried
    from (select m.id from public.memories as m
           where m.user_id = owner and m.status = 'dismissed' and m.content_hash = hash
          union
          select m.id from public.memories as m
           where m.user_id = owner and m.status = 'dismissed' and m.embedding_model = model
             and -(m.embedding operator(extensions.<#>) vector) >= private.forgotten_from(model)) as t;
  if buried is not null and not by_hand then
    return jsonb_build_object('outcome', 'forgotten', 'id', null);
  end if;
  select * into replaced from public.memories as m
   where m.id = (given ->> 'replaces')::uuid and m.user_id = owner and m.status = 'active';

  select m.id into kept from public.memories as m
   where m.user_id = owner and m.status = 'active' and m.content_hash = hash;
  if kept is null and replaced.id is null then
    select m.id into kept
      from (select v.id, v.embedding operator(extensions.<#>) vector as distance from public.memories as v
             where v.user_id = owner and v.status = 'active' and v.embedding_model = model
             order by 2, 1 limit 5) as n
        join public.memories as m on m.id = n.id
     where -n.distance >= rules.same and private.turns_in(m.content) = private.turns_in(said)
     order by n.distance, n.id limit 1;
  end if;
  if kept is not null then
    update public.memories as m set mentions = m.mentions + 1, stated_at = now(), salience = greatest(m.salience, weight),
           heard = private.also_heard(m.heard, array[quoted])
     where m.id = kept;
    outcome := 'reinforced';
  elsif not by_hand and exists (select from public.memories as m where m.user_id = owner and m.status = 'dismissed'
      and m.kind = (given ->> 'kind')::public.memory_kind and m.quote_hash = private.words_hash(quoted)) then
    -- The same sentence again; a model may word what it learns from it in another way each time.
    return jsonb_build_object('outcome', 'forgotten', 'id', null);
  elsif (select count(*) from public.memories as m where m.user_id = owner and m.status <> 'dismissed') >= rules.most then
    return jsonb_build_object('outcome', 'full', 'id', null);
  else
    insert into public.memories (user_id, kind, content, content_hash, embedding, embedding_model, salience, pinned,
      source_message_id, source_quote, quote_hash)
    values (owner, (given ->> 'kind')::public.memory_kind, said, hash, vector, model, weight,
      coalesce((given ->> 'pinned')::boolean, replaced.pinned, false), message_id, quoted, private.words_hash(quoted))
    returning memories.id into kept;
    outcome := 'learned';
  end if;
  delete from public.memories as m where m.id = any (buried);
  if replaced.id <> kept then
    update public.memories as m set status = 'superseded', superseded_by = kept, pinned = false where m.id = replaced.id;
    outcome := 'superseded';
  end if;
  return jsonb_build_object('outcome', outcome, 'id', kept);
end $$;

-- PATCH /memories/{id}: as before, but the words of before stay known to forgetting, and their hash to not learning them
-- again.
create or replace function public.update_memory(memory_id uuid, payload jsonb, unchanged_since timestamptz[] default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  was constant public.memories := private.locked_memory(auth.uid(), memory_id, unchanged_since);
  said constant text := coalesce(btrim(payload ->> 'content'), was.content);
  corrected constant boolean := said <> was.content;
  done public.memories;
begin
  if was.id is null then
    return null;
  elsif was.status = 'superseded' then
    raise sqlstate 'PT409' using message = 'A newer memory has replaced this one; change that one.';
  elsif exists (select from public.memories as m where m.user_id = was.user_id and m.status = 'active' and m.id <> was.id
      and m.content_hash = private.words_hash(said)) then
    raise sqlstate 'PT409' using message = 'Another memory says this already.';
  end if;
  update public.memories as m set
      kind = coalesce((payload ->> 'kind')::public.memory_kind, m.kind),
      salience = coalesce((payload ->> 'salience')::real, m.salience),
      pinned = coalesce((payload ->> 'pinned')::boolean, m.pinned),
      content = said, content_hash = private.words_hash(said),
      embedding = case when corrected then private.unit_vector(payload ->> 'embedding') else m.embedding end,
      embedding_model = case when corrected then payload ->> 'embedding_model' else m.embedding_model end,
      source_message_id = case when not corrected then m.source_message_id end,
      source_quote = case when not corrected then m.source_quote end,
      heard = case when corrected then private.also_heard(m.heard, array[m.content, m.source_quote]) else m.heard end,
      stated_at = case when corrected then now() else m.stated_at end
   where m.id = was.id returning m.* into done;
  return private.memory_document(done);
end $$;

-- A message without some of what it says, in any case of letters. The mark may be longer than what it stands for.
create function private.without_texts(message text, texts text[]) returns text
language plpgsql immutable set search_path = '' as $$
declare
  forgotten text;
begin
  foreach forgotten in array texts loop
    message := regexp_replace(message, '***=' || forgotten, '[forgotten]', 'gi');
  end loop;
  return message;
end $$;

-- The different words of a text.
create function private.word_list(value text) returns text[]
language sql immutable set search_path = '' as $$
  select array(select distinct w.word from regexp_split_to_table(lower(value), '[^[:alnum:]]+') as w (word) where w.word <> '')
$$;

drop function private.forget_in_chat;
-- Takes what a person wants forgotten, one memory or all, out of everything that was said and out of what replies used.
-- In one pass: messages and texts meet by the word of the text that is in the fewest messages.
create function private.forget_in_chat(owner uuid, memory_id uuid default null) returns void
-- Nobody can estimate what is in the parts of the one statement.
language plpgsql set search_path = '' set enable_nestloop = off set jit = off as $$
begin
  with forgotten as materialized (
    select distinct m.id, m.source_message_id, t.text
      from public.memories as m
        cross join lateral unnest(m.heard || m.content || m.source_quote) as w (words)
        cross join lateral btrim(w.words, E' \t\n.,;:!?…"“”') as t (text)
     where m.user_id = owner and m.status <> 'dismissed' and (memory_id is null or m.id = memory_id) and t.text <> ''),
  said as materialized (
    select c.id, c.message, coalesce(c.reply_to, c.id) as about, private.word_list(c.message) as words
      from public.chat_messages as c where c.user_id = owner
    union all
    select e.id, e.text, null, private.word_list(e.text) from public.message_evidence as e
     where e.user_id = owner and e.kind = 'memory'),
  places as materialized (select s.id, w.word from said as s, unnest(s.words) as w (word)),
  counted as (select p.word, count(*) as places from places as p group by p.word),
  rarest as (
    select distinct on (f.text) f.text, w.word
      from (select distinct f.text from forgotten as f) as f
        cross join lateral unnest(private.word_list(f.text)) as w (word) left join counted as c on c.word = w.word
     order by f.text, c.places nulls first),
  candidates as (
    select p.id, r.text from rarest as r join places as p on p.word = r.word
    union
    -- Where it was learned it may be a part of words.
    select s.id, f.text from forgotten as f join said as s on s.about = f.source_message_id),
  found as (
    select s.id, left(private.without_texts(s.message, array_agg(c.text order by length(c.text) desc)), 4000) as message
      from candidates as c join said as s on s.id = c.id
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

-- Leaves the vector and the hashes of one memory, or of all; and of the tombstones no more than there may be memories.
-- How many were forgotten.
create or replace function private.bury_memories(owner uuid, memory_id uuid default null) returns integer
language plpgsql set search_path = '' as $$
declare
  buried integer;
begin
  perform private.forget_in_chat(owner, memory_id);
  update public.memories as m set status = 'dismissed', content = null, source_quote = null, source_message_id = null,
      heard = '{}', superseded_by = null, last_used_at = null, pinned = false, salience = 0.5, mentions = 1
   where m.user_id = owner and m.status <> 'dismissed' and (memory_id is null or m.id = memory_id);
  get diagnostics buried = row_count;
  delete from public.memories as m where m.id in (
    select t.id from public.memories as t where t.user_id = owner and t.status = 'dismissed'
     order by t.updated_at desc, t.id offset (private.memory_rules()).most);
  return buried;
end $$;

-- POST /chat, first half: as before, but the minute begins once the person's row is held.
create or replace function public.begin_chat(client_id uuid, message text, is_urgent boolean default false) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  mine constant uuid := auth.uid();
  said public.chat_messages;
  reply_id uuid;
begin
  if coalesce((auth.jwt() ->> 'is_anonymous')::boolean, false) then
    raise sqlstate 'PT403' using message = 'Sign up to talk with the companion: it would forget a guest.';
  end if;
  perform from public.users as u where u.id = mine for no key update;
  if not found then
    raise sqlstate 'PT401' using message = 'There is no such account.';
  end if;
  select * into said from public.chat_messages as m where m.user_id = mine and m.client_id = begin_chat.client_id;
  if said.id is null then
    insert into public.chat_messages (user_id, role, client_id, message)
    values (mine, 'user', begin_chat.client_id, begin_chat.message) returning * into said;
  elsif said.message <> begin_chat.message and position('[forgotten]' in said.message) = 0 then
    raise sqlstate 'PT409' using message = 'This client_id was used for a different message.';
  end if;
  select m.id into reply_id from public.chat_messages as m where m.reply_to = said.id;
  if reply_id is not null then
    return jsonb_build_object('state', 'answered', 'answer', private.chat_answer(mine, reply_id));
  elsif said.answering_until > now() then
    return jsonb_build_object('state', 'answering');
  end if;
  perform private.count_call(mine, 'chat', case when is_urgent then 1000 else private.daily_limit('chat') end);
  update public.chat_messages as m set answering_until = clock_timestamp() + interval '1 minute' where m.id = said.id;
  return jsonb_build_object('state', 'yours', 'message_id', said.id, 'message', said.message,
    'context', private.chat_context(mine, said.id));
end $$;

-- POST /chat, second half: as before, but an answer that was composed before something was forgotten is not kept.
create or replace function public.finish_chat(payload jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  mine constant uuid := auth.uid();
  said public.chat_messages;
  reply public.chat_messages;
  person public.users;
begin
  select * into person from public.users as u where u.id = mine for no key update;
  select * into said from public.chat_messages as m
   where m.id = (payload ->> 'message_id')::uuid and m.user_id = mine and m.role = 'user' for update;
  if said.id is null then
    raise sqlstate 'PT404' using message = 'There is no such message.';
  end if;
  select * into reply from public.chat_messages as m where m.reply_to = said.id;
  if reply.id is not null then
    return private.chat_answer(mine, reply.id);
  end if;
  -- The minute to answer began when the context was given.
  if exists (select from public.memories as m where m.user_id = mine and m.status = 'dismissed'
      and m.updated_at > said.answering_until - interval '1 minute') then
    raise sqlstate 'PT409' using message = 'Something was forgotten meanwhile; ask again.';
  end if;
  insert into public.chat_messages (user_id, role, reply_to, message, mood, actions, model, finish, input_tokens,
    output_tokens, latency_ms)
  select mine, 'assistant', said.id, r.reply, r.mood, r.actions, r.model, r.finish, r.input_tokens, r.output_tokens,
    r.latency_ms
    from jsonb_to_record(payload) as r (reply text, mood public.companion_mood, actions jsonb, model text,
      finish public.answer_finish, input_tokens integer, output_tokens integer, latency_ms integer)
  returning * into reply;
  insert into public.message_evidence (user_id, message_id, kind, source_id, text)
  select mine, reply.id, e.kind, e.id, left(t.text, 600)
    from (select value from jsonb_array_elements(payload -> 'evidence') limit 50) as given
      cross join lateral jsonb_to_record(given.value) as e (kind public.evidence_kind, id uuid)
      cross join lateral private.evidence_text(mine, e.kind, e.id) as t (text)
   where t.text is not null
  on conflict do nothing;
  if person.memory_enabled then
    -- Only the person's own words: a quote that they did not write teaches nothing.
    perform private.learn_memory(mine, m.value, said.id)
       from (select value from jsonb_array_elements(payload -> 'memories') limit 10) as m
      where position(m.value ->> 'quote' in said.message) > 0;
    perform private.use_memories(mine, array(select e.source_id from public.message_evidence as e
                                              where e.message_id = reply.id and e.kind = 'memory'));
  end if;
  update public.ai_usage as a
     set input_tokens = a.input_tokens + reply.input_tokens, output_tokens = a.output_tokens + reply.output_tokens
   where a.user_id = mine and a.kind = 'chat' and a.day = (now() at time zone 'UTC')::date;
  perform private.award(mine, 'conversation', 1, 'day', to_char(now() at time zone person.timezone, 'YYYY-MM-DD'), 0,
    null, format('You talked with your companion on %s.', to_char(now() at time zone person.timezone, 'FMDD Mon YYYY')));
  update public.chat_messages as m set answering_until = null where m.id = said.id;
  return private.chat_answer(mine, reply.id);
end $$;

-- A memory of an export, as before; one that is here already, also as history, is a duplicate.
create or replace function private.import_memory(owner uuid, given json) returns jsonb
language plpgsql set search_path = '' as $$
declare
  hash constant bytea := private.words_hash(given ->> 'content');
begin
  if exists (select from public.memories as m where m.user_id = owner and (m.id = (given ->> 'id')::uuid
      or (m.content_hash = hash and m.status::text = given ->> 'status'
        and (m.status = 'active' or m.created_at = (given ->> 'created_at')::timestamptz)))) then
    return jsonb_build_object('outcome', 'duplicate');
  elsif exists (select from public.memories as m where m.user_id = owner and m.status = 'dismissed'
      and m.content_hash = hash) then
    return jsonb_build_object('outcome', 'rejected', 'reason', 'It has been forgotten here.');
  elsif (select count(*) from public.memories as m where m.user_id = owner and m.status <> 'dismissed')
      >= (private.memory_rules()).most then
    return jsonb_build_object('outcome', 'rejected', 'reason', 'There are 20,000 memories already.');
  end if;
  insert into public.memories (id, user_id, kind, content, content_hash, status, salience, pinned, mentions, source_quote,
    quote_hash, superseded_by, stated_at, created_at)
  select r.id, owner, r.kind, r.content, hash, r.status, r.salience, r.pinned, r.mentions, r.source_quote,
    private.words_hash(r.source_quote), r.superseded_by, least(r.stated_at, now()), least(r.created_at, now())
    from json_populate_record(null::public.memories, given) as r where r.status <> 'dismissed';
  insert into public.jobs (user_id, kind, input, dedupe_key) values (owner, 'embed_memories', '{}', 'embed memories')
  on conflict (user_id, dedupe_key) where status in ('queued', 'running') do nothing;
  return jsonb_build_object('outcome', 'imported');
end $$;

-- A message of an export, as it was said; what its reply rested on is not part of one.
create or replace function private.import_message(owner uuid, given json) returns jsonb
language plpgsql set search_path = '' as $$
begin
  -- A document of this very account has other ids for what is here.
  if exists (select from public.chat_messages as m
      where m.user_id = owner and m.created_at = (given ->> 'created_at')::timestamptz and m.role::text = given ->> 'role') then
    return jsonb_build_object('outcome', 'duplicate');
  end if;
  insert into public.chat_messages (id, user_id, role, client_id, reply_to, message, mood, actions, model, finish,
    input_tokens, output_tokens, latency_ms, created_at)
  select r.id, owner, r.role, r.client_id, r.reply_to, r.message, r.mood, r.actions, r.model, r.finish, r.input_tokens,
    r.output_tokens, r.latency_ms, least(r.created_at, now())
    from json_populate_record(null::public.chat_messages, given) as r
  on conflict do nothing;
  return jsonb_build_object('outcome', case when found then 'imported' else 'duplicate' end);
end $$;
