-- What the companion remembers of a person, in their own words. A memory is active, superseded by a newer one, or
-- dismissed: then only its vector and two hashes are left, so that it is not learned again.
create extension if not exists vector with schema extensions;

-- The words of a text for one person's index entries: each begins with the first part of whose it is, so that a word that
-- everyone uses has as many entries as that person has memories, and no more.
create function private.owned_words(owner uuid, value text) returns tsvector
language sql immutable set search_path = '' as $$
  select array_to_tsvector(array(
    select left(owner::text, 8) || w.lexeme from unnest(to_tsvector('pg_catalog.english', left(value, 4000))) as w))
   where value is not null
$$;

create table public.memories (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null default auth.uid() references auth.users on delete cascade,
  kind public.memory_kind not null,
  content text,
  content_hash bytea not null,
  words tsvector generated always as (private.owned_words(user_id, content)) stored,
  embedding extensions.halfvec(768),
  embedding_model text,
  status public.memory_status not null default 'active',
  salience real not null default 0.5,
  pinned boolean not null default false,
  mentions integer not null default 1,
  source_message_id uuid references public.chat_messages on delete set null,
  source_quote text,
  quote_hash bytea,
  superseded_by uuid,
  paraphrases text[] not null default '{}',
  stated_at timestamptz not null default clock_timestamp(),
  last_used_at timestamptz,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  constraint memories_content_unless_dismissed check ((content is null) = (status = 'dismissed')),
  constraint memories_content_length check (private.is_nonblank(content, 500)),
  constraint memories_quote_length check (private.is_nonblank(source_quote, 500)),
  constraint memories_nothing_left_of_dismissed check (status <> 'dismissed'
    or (num_nonnulls(source_quote, source_message_id, superseded_by, last_used_at) = 0 and not pinned)),
  constraint memories_paraphrases_size check (private.texts_fit(paraphrases, 20, 500)),
  constraint memories_no_paraphrases_of_dismissed check (status <> 'dismissed' or paraphrases = '{}'),
  constraint memories_superseded_by_one check (superseded_by is null or status = 'superseded'),
  constraint memories_model_of_embedding check ((embedding is null) = (embedding_model is null)),
  constraint memories_model_length check (private.is_nonblank(embedding_model, 100)),
  -- So that an inner product is a cosine, and a vector of nothing is none.
  constraint memories_embedding_normal check (extensions.l2_norm(embedding) between 0.99 and 1.01),
  constraint memories_salience_range check (salience between 0 and 1),
  constraint memories_mentions_range check (mentions >= 1)
) with (toast_tuple_target = 4080); -- beside its vector a row has room for its words
-- Never compressed nor moved out of the row, nor out of the index.
alter table public.memories alter column embedding set storage plain;
comment on table public.memories is 'What the companion remembers of a person; a dismissed row is a tombstone.';
comment on column public.memories.content_hash is 'Of the content without case, spaces and punctuation; stays when it is forgotten.';
comment on column public.memories.paraphrases is 'Other words in which the person said it; for forgetting, never shown.';
comment on column public.memories.stated_at is 'When the person last said it; what recency counts from.';
comment on column public.memories.mentions is 'How often the person has said it.';
comment on column public.memories.superseded_by is 'The memory that replaced it, if that is still there.';
create index memories_owner on public.memories (user_id, created_at desc, id desc);

-- A person's vectors side by side, read without touching the rows, which lie among everyone else's.
create index memories_vectors on public.memories (user_id, status, embedding_model) include (id, kind, embedding);
create index memories_words on public.memories using gin (words) with (fastupdate = off);
create index memories_tombstones on public.memories (user_id, content_hash) where status = 'dismissed';

-- Nobody remembers the same twice.
create unique index memories_once on public.memories (user_id, content_hash) where status = 'active';
create index memories_of_model on public.memories (embedding_model, user_id) where status <> 'dismissed';
create index memories_of_message on public.memories (source_message_id) where source_message_id is not null;
revoke all on public.memories from anon, authenticated;
grant select (id, user_id, kind, content, status, salience, pinned, mentions, source_message_id, source_quote,
  superseded_by, embedding_model, stated_at, last_used_at, created_at, updated_at) on public.memories to authenticated;
alter table public.memories enable row level security;
create policy "People read their own memories" on public.memories
  for select to authenticated using ((select auth.uid()) = user_id and status <> 'dismissed');

-- Being used or embedded is no change that anyone edits against.
create trigger memories_set_updated_at before update on public.memories for each row
  when ((old.kind, old.content, old.status, old.salience, old.pinned, old.mentions, old.source_quote, old.superseded_by)
    is distinct from (new.kind, new.content, new.status, new.salience, new.pinned, new.mentions, new.source_quote,
      new.superseded_by))
  execute function private.set_updated_at();

-- Every number that memory depends on (docs/decisions/0021-memory.md says where they come from).
create function private.memory_rules(
  out max_memories integer,        -- memories of a person, and tombstones beside them
  out same_cosine real,           -- cosine from which two statements say the same
  out candidates integer,  -- taken from each ranking before they are fused
  out max_hits integer,   -- rows that a search by words reads
  out rank_offset real,    -- of reciprocal rank fusion: the smaller, the more the first places count
  out text_weight real,    -- of a place in the text's ranking, against 1 for the vector's
  out fading real,         -- the most that age takes from a score
  out salience_span real,  -- by how much salience 1 is ahead of salience 0
  out half_lives jsonb)    -- days after which a memory of a kind has faded by half; injuries do not fade
language sql immutable set search_path = '' as $$
  select 20000, 0.95::real, 50, 1000, 20::real, 0.5::real, 0.15::real, 0.1::real,
    '{"profile": 1460, "fact": 730, "preference": 365, "goal": 180, "event": 60}'::jsonb
$$;

-- Cosine from which a statement counts as one that was forgotten. Lower than `same_cosine`: learning too little harms less here
-- than learning it again. Hashed words are farther apart than what a model makes of the same meaning.
create function private.forgotten_from(model text) returns real
language sql immutable set search_path = '' as $$
  select case when model like 'offline%' then 0.89 else 0.92 end::real
$$;

-- Of a text without case, white space and punctuation: equal for equal words. No memory is longer than 500 characters, and
-- what is longer is refused later: here and above it must not take long.
create function private.words_hash(value text) returns bytea
language sql immutable set search_path = '' as $$
  select sha256(convert_to(btrim(regexp_replace(lower(normalize(left(value, 501), nfkc)),
    '[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00bf\u2000-\u206f\u3000-\u3003]+', ' ', 'g')), 'UTF8'))
$$;

-- What turns a statement into another one, in order: numbers, negations, sides, times. "80 kg" and "85 kg" are near each
-- other, "like" and "don't like" too: what differs in these is not the same.
create function private.turns_in(value text) returns text[]
language sql immutable set search_path = '' as $$
  select coalesce(array_agg(coalesce(m.found[1], m.found[2], 'not') order by m.n), '{}')
    from regexp_matches(lower(value), '([0-9]+(?:[.,:][0-9]+)*)'
      '|\y(left|right|morning|afternoon|evening|night|mon|tues|wednes|thurs|fri|satur|sun)(?:day)?s?\y'
      '|([a-z]n[''’]t\y|\y(?:not|no|never|none|without|cannot|dont|doesnt|didnt|cant|wont|isnt|arent|stopped|quit|longer'
      '|anymore)\y)', 'g') with ordinality as m (found, n)
$$;

-- "[0.1, …]", of length 1 whatever it had.
create function private.unit_vector(embedding text) returns extensions.halfvec
language sql immutable set search_path = '' as $$
  select extensions.l2_normalize(embedding::extensions.halfvec(768))
$$;

-- What a person sees of a memory.
create function private.memory_document(memory public.memories) returns jsonb
language sql immutable set search_path = '' as $$
  select jsonb_build_object('id', memory.id, 'kind', memory.kind, 'content', memory.content, 'status', memory.status,
    'salience', memory.salience, 'pinned', memory.pinned, 'mentions', memory.mentions,
    'source_message_id', memory.source_message_id, 'source_quote', memory.source_quote,
    'superseded_by', memory.superseded_by, 'stated_at', memory.stated_at, 'last_used_at', memory.last_used_at,
    'created_at', memory.created_at, 'updated_at', memory.updated_at)
$$;

-- Recall ----------------------------------------------------------------------------------------------------------------

-- One person's memories of one embedding model, by how well they answer: exact cosine over all of them and full text,
-- fused by reciprocal rank, then weighted by recency and salience. At most twice memory_rules().candidates.
create function private.rank_memories(owner uuid, wanted extensions.halfvec, query text, model text,
  kinds public.memory_kind[], statuses public.memory_status[])
returns table (id uuid, similarity real, score real)
-- One person's vectors lie together in the index, however large a part of a small table they are.
language plpgsql stable set search_path = '' set enable_seqscan = off set random_page_cost = 1.1 set jit = off as $$
#variable_conflict use_column
declare
  rules constant record := private.memory_rules();
  -- Any of its words, where a search engine would want all of them.
  terms constant tsquery := (select string_agg(quote_literal(w.lexeme), ' | ')
    from unnest(private.owned_words(owner, left(query, 4000))) as w)::tsquery;
begin
  return query
  with nearest as materialized (
    select m.id, m.embedding operator(extensions.<#>) wanted as distance
      from public.memories as m
     where m.user_id = owner and m.status = any (statuses) and m.embedding_model = model
       and (kinds is null or m.kind = any (kinds))
     order by 2, 1 limit rules.candidates),
  -- By the words alone, which are this person's: there is one index for that, and no other is to be thought better. Words
  -- that are in more than a thousand memories tell little, and not all of these are read.
  hits as materialized (
    select m.id, m.user_id, m.kind, m.status, m.embedding_model, ts_rank(m.words, terms) as likeness,
           m.embedding operator(extensions.<#>) wanted as distance
      from public.memories as m where m.words @@ terms limit rules.max_hits),
  said as (
    select h.id, h.distance, h.likeness from hits as h
     where h.user_id = owner and h.status = any (statuses) and h.embedding_model = model
       and (kinds is null or h.kind = any (kinds))
     order by h.likeness desc, h.distance, h.id limit rules.candidates),
  places as (
    select id, distance, 1 / (rules.rank_offset + row_number() over (order by distance, id)) as points from nearest
    union all
    select id, distance, rules.text_weight / (rules.rank_offset + row_number() over (order by likeness desc, distance, id))
      from said),
  fused as (select id, min(distance) as distance, sum(points) as points from places group by id)
  select f.id, (-f.distance)::real,
         (f.points * (1 + rules.salience_span * (m.salience - 0.5)) * (1 - case
            when m.pinned or l.days is null or m.content ~* '\y(allerg|intoleran|anaphyla)' then 0
            else rules.fading * (1 - power(0.5::double precision, greatest(extract(epoch from now() - m.stated_at), 0) / 86400 / l.days))
          end))::real
    from fused as f join public.memories as m on m.id = f.id
      cross join lateral (select (rules.half_lives ->> m.kind::text)::double precision as days) as l
   order by 3 desc, 2 desc, 1;
end $$;

-- The caller's active memories that answer a question best; none when they have turned memory off.
-- Definer: nobody reads vectors; every row is bound to auth.uid(). The vector is cast once, before the query.
create function public.match_memories(embedding text, query text, model text, max_results integer default 8)
returns table (id uuid, kind public.memory_kind, content text, source_quote text, salience real, pinned boolean,
  mentions integer, stated_at timestamptz, created_at timestamptz, similarity real, score real)
language plpgsql stable security definer set search_path = '' as $$
#variable_conflict use_column
declare
  caller constant uuid := auth.uid();
  wanted constant extensions.halfvec := private.unit_vector(embedding);
begin
  if (select u.memory_enabled from public.users as u where u.id = caller) is not true then
    return;
  end if;
  return query
  select m.id, m.kind, m.content, m.source_quote, m.salience, m.pinned, m.mentions, m.stated_at, m.created_at,
         r.similarity, r.score
    from private.rank_memories(caller, wanted, query, model, null, '{active}') as r join public.memories as m on m.id = r.id
   order by r.score desc, r.similarity desc, r.id limit least(greatest(max_results, 0), 50);
end $$;

-- GET /memories?q=: a page of what the caller searches in all that they can see; {"items", "total"}.
create function public.search_memories(embedding text, query text, model text, page_offset integer, page_limit integer,
  kinds public.memory_kind[] default null, statuses public.memory_status[] default '{active}') returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  caller constant uuid := auth.uid();
  wanted constant extensions.halfvec := private.unit_vector(embedding);
begin
  return (
    with found as materialized (
      select r.*, row_number() over (order by r.score desc, r.similarity desc, r.id) as place
        from private.rank_memories(caller, wanted, query, model, kinds, array_remove(statuses, 'dismissed')) as r)
    select jsonb_build_object('total', (select count(*) from found), 'items', coalesce((
      select jsonb_agg(private.memory_document(m) order by f.place)
        from found as f join public.memories as m on m.id = f.id
       where f.place > search_memories.page_offset and f.place <= search_memories.page_offset + least(search_memories.page_limit, 100)), '[]')));
end $$;

-- Notes that a reply used these. The caller of this function has checked whose they are, and so does it.
create function private.use_memories(owner uuid, ids uuid[]) returns void
language sql set search_path = '' as $$
  update public.memories as m set last_used_at = now()
   where m.user_id = owner and m.id = any (ids) and m.status <> 'dismissed'
$$;

-- Learning --------------------------------------------------------------------------------------------------------------

-- The newest twenty paraphrases, each once.
create function private.add_paraphrases(paraphrases text[], more text[]) returns text[]
language sql immutable set search_path = '' as $$
  select coalesce(array_agg(l.text order by l.n), '{}')
    from (select a.text, max(a.n) as n from unnest(paraphrases || more) with ordinality as a (text, n)
           where a.text is not null group by a.text order by 2 desc limit 20) as l
$$;

-- Keeps a statement: {"outcome", "id"}. `given` is {kind, content, quote, salience, pinned, embedding ("[…]" or null),
-- embedding_model, replaces (the id of a memory that it contradicts, or null)}. In this order:
--   forgotten   it was dismissed before, in these words or nearly: nothing is kept (unless the person asks for it by hand)
--   reinforced  an active memory says the same; the words are added to those that forgetting it removes
--   superseded  it replaces one, which stays as history
--   full        there are memory_rules().max_memories already
--   learned     it is new
-- The caller holds the person's row, so that two requests do not learn the same at once.
create function private.keep_memory(owner uuid, given jsonb, message_id uuid, by_hand boolean) returns jsonb
language plpgsql set search_path = '' as $$
declare
  rules constant record := private.memory_rules();
  said constant text := btrim(given ->> 'content');
  hash constant bytea := private.words_hash(said);
  quoted constant text := btrim(given ->> 'quote');
  vector constant extensions.halfvec := private.unit_vector(given ->> 'embedding');
  model constant text := given ->> 'embedding_model';
  weight constant real := coalesce((given ->> 'salience')::real, 0.5);
  tombstones uuid[];
  replaced public.memories;
  kept uuid;
  outcome text;
begin
  select array_agg(t.id) into tombstones
    from (select m.id from public.memories as m
           where m.user_id = owner and m.status = 'dismissed' and m.content_hash = hash
          union
          select m.id from public.memories as m
           where m.user_id = owner and m.status = 'dismissed' and m.embedding_model = model
             and -(m.embedding operator(extensions.<#>) vector) >= private.forgotten_from(model)) as t;
  if tombstones is not null and not by_hand then
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
     where -n.distance >= rules.same_cosine and private.turns_in(m.content) = private.turns_in(said)
     order by n.distance, n.id limit 1;
  end if;
  if kept is not null then
    update public.memories as m set mentions = m.mentions + 1, stated_at = now(), salience = greatest(m.salience, weight),
           paraphrases = private.add_paraphrases(m.paraphrases, array[quoted])
     where m.id = kept;
    outcome := 'reinforced';
  elsif not by_hand and exists (select from public.memories as m where m.user_id = owner and m.status = 'dismissed'
      and m.kind = (given ->> 'kind')::public.memory_kind and m.quote_hash = private.words_hash(quoted)) then
    -- The same sentence again; a model may word what it learns from it in another way each time.
    return jsonb_build_object('outcome', 'forgotten', 'id', null);
  elsif (select count(*) from public.memories as m where m.user_id = owner and m.status <> 'dismissed') >= rules.max_memories then
    return jsonb_build_object('outcome', 'full', 'id', null);
  else
    insert into public.memories (user_id, kind, content, content_hash, embedding, embedding_model, salience, pinned,
      source_message_id, source_quote, quote_hash)
    values (owner, (given ->> 'kind')::public.memory_kind, said, hash, vector, model, weight,
      coalesce((given ->> 'pinned')::boolean, replaced.pinned, false), message_id, quoted, private.words_hash(quoted))
    returning memories.id into kept;
    outcome := 'learned';
  end if;
  delete from public.memories as m where m.id = any (tombstones);
  if replaced.id <> kept then
    update public.memories as m set status = 'superseded', superseded_by = kept, pinned = false where m.id = replaced.id;
    outcome := 'superseded';
  end if;
  return jsonb_build_object('outcome', outcome, 'id', kept);
end $$;

-- What the person said in a message. Nothing is learned ("off") while they have turned memory off.
create function private.learn_memory(owner uuid, given jsonb, message_id uuid) returns jsonb
language plpgsql set search_path = '' as $$
declare
  enabled boolean;
begin
  select u.memory_enabled into enabled from public.users as u where u.id = owner for no key update;
  if enabled is not true then
    return jsonb_build_object('outcome', 'off', 'id', null);
  end if;
  return private.keep_memory(owner, given, message_id, by_hand => false);
end $$;

-- The caller's memory, locked, or no row. Raises PT412 when it is none of the expected states.
create function private.lock_memory(owner uuid, memory_id uuid, unchanged_since timestamptz[]) returns public.memories
language plpgsql set search_path = '' as $$
declare
  found_one public.memories;
begin
  perform from public.users as u where u.id = owner for no key update;
  select * into found_one from public.memories as m
   where m.id = memory_id and m.user_id = owner and m.status <> 'dismissed' for update;
  if found_one.id is not null and found_one.updated_at <> all (unchanged_since) then
    raise sqlstate 'PT412' using message = 'It has changed.';
  end if;
  return found_one;
end $$;

-- POST /memories: {"outcome", "memory"}. What the person adds by hand is wanted, also if they had forgotten it once.
-- Definer, like the others: rows are written by these functions alone.
create function public.add_memory(payload jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  caller constant uuid := auth.uid();
  enabled boolean;
  answer jsonb;
begin
  select u.memory_enabled into enabled from public.users as u where u.id = caller for no key update;
  if enabled is null then
    raise sqlstate 'PT401' using message = 'There is no such account.';
  elsif not enabled then
    raise sqlstate 'PT409' using message = 'Memory is off; turn it on in the profile (memory_enabled) first.';
  end if;
  answer := private.keep_memory(caller, payload - 'quote', null, by_hand => true);
  if answer ->> 'outcome' = 'full' then
    raise sqlstate 'PT409' using message = 'You have 20,000 memories; forget some first.';
  end if;
  return (select jsonb_build_object('outcome', answer -> 'outcome', 'memory', private.memory_document(m))
            from public.memories as m where m.id = (answer ->> 'id')::uuid);
end $$;

-- PATCH /memories/{id}: the memory after the change, null when there is none. What is left out of the payload stays. A
-- corrected memory is the person's own word: the quote that it came from no longer stands for it, but forgetting the memory
-- also removes the earlier words.
create function public.update_memory(memory_id uuid, payload jsonb, unchanged_since timestamptz[] default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  was constant public.memories := private.lock_memory(auth.uid(), memory_id, unchanged_since);
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
      paraphrases = case when corrected then private.add_paraphrases(m.paraphrases, array[m.content, m.source_quote]) else m.paraphrases end,
      stated_at = case when corrected then now() else m.stated_at end
   where m.id = was.id returning m.* into done;
  return private.memory_document(done);
end $$;

-- Forgetting -------------------------------------------------------------------------------------------------------------

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

-- Takes what a person wants forgotten, one memory or all, out of everything that was said and out of what replies used.
-- In one pass: messages and texts meet by the word of the text that is in the fewest messages.
create function private.forget_in_chat(owner uuid, memory_id uuid default null) returns void
-- Nobody can estimate what is in the parts of the one statement.
language plpgsql set search_path = '' set enable_nestloop = off set jit = off as $$
begin
  with forgotten as materialized (
    select distinct m.id, m.source_message_id, t.text
      from public.memories as m
        cross join lateral unnest(m.paraphrases || m.content || m.source_quote) as w (words)
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

-- DELETE /memories/{id}: whether there was one.
create function public.forget_memory(memory_id uuid, unchanged_since timestamptz[] default null) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  was constant public.memories := private.lock_memory(auth.uid(), memory_id, unchanged_since);
begin
  return was.id is not null and private.tombstone_memories(was.user_id, was.id) = 1;
end $$;

-- DELETE /memories: how many there were.
create function public.forget_all_memories() returns integer
language plpgsql security definer set search_path = '' as $$
declare
  caller constant uuid := auth.uid();
begin
  perform from public.users as u where u.id = caller for no key update;
  return private.tombstone_memories(caller);
end $$;

-- For the worker: embedding what has no vector of the model that is used now --------------------------------------------

-- Cron, with the model that is used now: a job for each person who has such memories, unless there is one already.
create function public.embed_memories(model text) returns integer
language sql set search_path = '' as $$
  with people as (
    -- By the index, which "is distinct from" would not use.
    select distinct m.user_id from public.memories as m
     where m.status <> 'dismissed' and (m.embedding_model < model or m.embedding_model > model or m.embedding_model is null)
     limit 1000),
  enqueued as (
    insert into public.jobs (user_id, kind, input, dedupe_key)
    select p.user_id, 'embed_memories', '{}', 'embed memories' from people as p
    on conflict (user_id, dedupe_key) where status in ('queued', 'running') do nothing returning 1)
  select count(*)::integer from enqueued
$$;

-- What the job's owner has that needs a vector, the newest first: [{"id", "content", "updated_at"}].
create function public.memories_to_embed(job_id uuid, attempt integer, model text, max_rows integer) returns jsonb
language plpgsql set search_path = '' as $$
declare
  owner constant uuid := private.assert_lease(job_id, attempt);
begin
  return (select coalesce(jsonb_agg(jsonb_build_object('id', n.id, 'content', n.content, 'updated_at', n.updated_at)), '[]')
            from (select m.id, m.content, m.updated_at from public.memories as m
                   where m.user_id = owner and m.status <> 'dismissed' and m.embedding_model is distinct from model
                   order by m.status, m.stated_at desc, m.id limit memories_to_embed.max_rows) as n);
end $$;

-- Stores vectors of the model: rows are [{"id", "updated_at", "embedding": "[…]"}]. A memory that was corrected or
-- forgotten meanwhile is left alone. How many were stored.
create function public.store_embeddings(job_id uuid, attempt integer, model text, rows jsonb) returns integer
language plpgsql set search_path = '' as $$
declare
  owner constant uuid := private.assert_lease(job_id, attempt);
  stored integer;
begin
  update public.memories as m set embedding = private.unit_vector(r.embedding), embedding_model = model
    from jsonb_to_recordset(rows) as r (id uuid, updated_at timestamptz, embedding text)
   where m.id = r.id and m.user_id = owner and m.updated_at = r.updated_at and m.status <> 'dismissed';
  get diagnostics stored = row_count;
  return stored;
end $$;

grant execute on function private.unit_vector, private.owned_words, private.words_hash, private.memory_rules
  to service_role;
grant execute on function public.match_memories, public.search_memories, public.add_memory, public.update_memory,
  public.forget_memory, public.forget_all_memories to authenticated;
grant execute on function public.embed_memories, public.memories_to_embed, public.store_embeddings to service_role;
