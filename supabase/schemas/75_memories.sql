-- What the companion remembers of a person, in their own words. A memory is active, superseded by a newer one, or
-- dismissed (forgotten). A dismissed one is a tombstone: only its embedding and two hashes are left, to know it when it is
-- said again. 76_memory_recall.sql finds memories, 77_memory_learning.sql adds and changes them,
-- 78_memory_forgetting.sql removes them.

create extension if not exists vector with schema extensions;

-- The words of a text that say something, each as what its forms have in common in the companion's four languages, since
-- nobody says which one it is in: the shortest of its stems, and of these again the shortest, for those of two forms may come
-- from two languages. A stop word of one of them says nothing, nor does what an apostrophe leaves ("I'm"). Each stem stands
-- behind its length, so that the least is the shortest: a subquery for each word would take seven times as long.
create function private.stems(value text) returns text[]
language sql immutable set search_path = '' as $$
  select coalesce(array_agg(distinct substr(s.stem, 2) order by substr(s.stem, 2)), '{}')
    from unnest(to_tsvector('pg_catalog.simple', left(value, 4000))) as w
      cross join lateral (select ts_lexize('english_stem', w.lexeme) as en, ts_lexize('german_stem', w.lexeme) as de,
        ts_lexize('spanish_stem', w.lexeme) as es, ts_lexize('norwegian_stem', w.lexeme) as nb offset 0) as l
      cross join lateral (select substr(least((chr(length(l.en[1])) || l.en[1]) collate "C", chr(length(l.de[1])) || l.de[1],
        chr(length(l.es[1])) || l.es[1], chr(length(l.nb[1])) || l.nb[1]), 2) as stem offset 0) as f
      cross join lateral (select ts_lexize('english_stem', f.stem) as en, ts_lexize('german_stem', f.stem) as de,
        ts_lexize('spanish_stem', f.stem) as es, ts_lexize('norwegian_stem', f.stem) as nb offset 0) as m
      cross join lateral (select case when '{}' in (m.en, m.de, m.es, m.nb) then '=' || f.stem
        else least((chr(length(m.en[1])) || m.en[1]) collate "C", chr(length(m.de[1])) || m.de[1],
          chr(length(m.es[1])) || m.es[1], chr(length(m.nb[1])) || m.nb[1]) end as stem offset 0) as s
   where '{}' not in (l.en, l.de, l.es, l.nb) and w.lexeme !~ '^([a-z]|re|ve|ll)$'
$$;

-- The stems of a text as entries of the full text index. Each begins with the first part of its owner's id, so that a
-- word that everyone uses has only as many entries as that person has memories.
create function private.owned_words(owner uuid, value text) returns tsvector
language sql immutable set search_path = '' as $$
  select array_to_tsvector(array(select left(owner::text, 8) || s.stem from unnest(private.stems(value)) as s (stem)))
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
  facts jsonb not null default '[]',
  decision public.fact_decision,
  decided_at timestamptz,
  asks_to_keep boolean not null default false,
  constraint memories_content_unless_dismissed check ((content is null) = (status = 'dismissed')),
  constraint memories_content_length check (private.is_nonblank(content, 500)),
  constraint memories_quote_length check (private.is_nonblank(source_quote, 500)),
  constraint memories_dismissed_is_emptied check (status <> 'dismissed'
    or (num_nonnulls(source_quote, source_message_id, superseded_by, last_used_at) = 0 and not pinned)),
  constraint memories_paraphrases_size check (private.texts_fit(paraphrases, 20, 500)),
  constraint memories_no_paraphrases_of_dismissed check (status <> 'dismissed' or paraphrases = '{}'),
  constraint memories_superseded_by_one check (superseded_by is null or status = 'superseded'),
  constraint memories_model_of_embedding check ((embedding is null) = (embedding_model is null)),
  constraint memories_model_length check (private.is_nonblank(embedding_model, 100)),
  -- Of length 1, so that an inner product is the cosine; this also refuses a vector of zeros.
  constraint memories_embedding_normal check (extensions.l2_norm(embedding) between 0.99 and 1.01),
  constraint memories_salience_range check (salience between 0 and 1),
  constraint memories_mentions_range check (mentions >= 1),
  constraint memories_facts_sound check (private.are_facts(facts)),
  constraint memories_no_facts_of_dismissed
    check (status <> 'dismissed' or (facts = '[]' and decision is null and not asks_to_keep)),
  constraint memories_decision_has_time check ((decision is null) = (decided_at is null))
) with (toast_tuple_target = 4080); -- a row has room for its words beside its embedding
-- Never compressed nor moved out of the row, so that the index holds the vectors themselves.
alter table public.memories alter column embedding set storage plain;
comment on table public.memories is 'What the companion remembers of a person; a dismissed row is a tombstone.';
comment on column public.memories.content_hash is
  'Hash of the content without case, spaces and punctuation; stays when the memory is forgotten.';
comment on column public.memories.paraphrases is
  'Other words in which the person said it. Forgetting removes them from the chat too; never shown.';
comment on column public.memories.stated_at is 'When the person last said it; recency counts from here.';
comment on column public.memories.mentions is 'How often the person has said it.';
comment on column public.memories.facts is
  'What it says in words of the profile: a list of {"field", "op", "value"} (private.is_fact).';
comment on column public.memories.decision is
  'Whether the person had its facts applied to the profile, or declined them; null while nothing is decided.';
comment on column public.memories.asks_to_keep is
  'Whether the person said it again after forgetting it, and is asked whether to keep it.';
comment on column public.memories.superseded_by is 'The memory that replaced it, if that still exists.';

create index memories_owner on public.memories (user_id, created_at desc, id desc);
-- Holds the embeddings of a person side by side, so that recall reads no table rows, which lie among everyone else's.
create index memories_vectors on public.memories (user_id, status, embedding_model) include (id, kind, stated_at, embedding);
create index memories_words on public.memories using gin (words) with (fastupdate = off);
create index memories_tombstones on public.memories (user_id, content_hash) where status = 'dismissed';
-- A person has each active memory once.
create unique index memories_once on public.memories (user_id, content_hash) where status = 'active';
create index memories_of_model on public.memories (user_id, embedding_model) where status <> 'dismissed';
-- Generating, checking and suggesting read the facts of a person each time.
create index memories_with_facts on public.memories (user_id, stated_at) where status = 'active' and facts <> '[]';
create index memories_to_keep on public.memories (user_id) where asks_to_keep;
create index memories_of_message on public.memories (source_message_id) where source_message_id is not null;

-- Embeddings, hashes and paraphrases are read by functions only: forgetting relies on them.
revoke all on public.memories from anon, authenticated;
grant select (id, user_id, kind, content, status, salience, pinned, mentions, source_message_id, source_quote,
  superseded_by, embedding_model, stated_at, last_used_at, created_at, updated_at, facts, decision, decided_at, asks_to_keep)
  on public.memories to authenticated;

alter table public.memories enable row level security;
create policy "People read their own memories" on public.memories
  for select to authenticated using ((select auth.uid()) = user_id and status <> 'dismissed');

-- Using or embedding a memory does not change updated_at: a person's If-Match should still hold.
create trigger memories_set_updated_at before update on public.memories for each row
  when ((old.kind, old.content, old.status, old.salience, old.pinned, old.mentions, old.source_quote, old.superseded_by,
      old.facts, old.decision, old.asks_to_keep)
    is distinct from (new.kind, new.content, new.status, new.salience, new.pinned, new.mentions, new.source_quote,
      new.superseded_by, new.facts, new.decision, new.asks_to_keep))
  execute function private.set_updated_at();

-- Tombstones are no memories; a memory that becomes one is taken from the counter by private.tombstone_memories().
create function private.count_added_memories() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform private.count_usage(r.user_id, 'memories', r.rows)
     from (select a.user_id, count(*) as rows from added as a where a.status <> 'dismissed'
            group by a.user_id order by a.user_id) as r;
  return null;
end $$;
create trigger memories_count_added after insert on public.memories referencing new table as added
  for each statement execute function private.count_added_memories();

create function private.count_removed_memories() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform private.count_usage(r.user_id, 'memories', -r.rows)
     from (select a.user_id, count(*) as rows from removed as a where a.status <> 'dismissed'
            group by a.user_id order by a.user_id) as r;
  return null;
end $$;
create trigger memories_count_removed after delete on public.memories referencing old table as removed
  for each statement execute function private.count_removed_memories();

-- What depends on the embedding model: which cosines mean what, what a word found is worth against them, and whether
-- embedding a text costs something. The last row is for every other model. The cosines of forgetting are below same_cosine:
-- learning too little does less harm than learning again what was forgotten. docs/decisions/0021-memory.md says where the
-- numbers come from.
create function private.embedding_rules(model text,
  out same_cosine real,               -- from here on two statements say the same
  out near_cosine real,               -- from here on they do when they also have the same words
  out forgotten_cosine real,          -- from here on a statement counts as one that was forgotten
  out text_weight real,               -- of the words found, by how rare they are, added to the cosine
  out is_free boolean)                -- made by this server; another model is asked, and the person's daily limit counts
language sql immutable set search_path = '' as $$
  select r.same_cosine, r.near_cosine, r.forgotten_cosine, r.text_weight, r.is_free
    from (values
      ('fuse-1', 0.95::real, 0.65::real, 0.92::real, 0.07::real, true), -- src/ai/sentence_encoder.py
      (null, 0.95, 0.90, 0.92, 0.03, false)) as r (model, same_cosine, near_cosine, forgotten_cosine, text_weight, is_free)
   where r.model = embedding_rules.model or r.model is null
   order by r.model nulls last limit 1
$$;

-- Every other number that memory depends on, but for quotas.
create function private.memory_rules(
  out candidates integer,             -- taken from each ranking before they are put together
  out max_hits integer,               -- rows that a search by words reads
  out period_bonus real,              -- added to the score of what was said in the period that a question names
  out fading real,                    -- the most that age takes from a score
  out salience_span real,             -- by how much salience 1 is ahead of salience 0
  out half_lives jsonb)               -- days in which a memory of a kind fades by half; injuries do not fade
language sql immutable set search_path = '' as $$
  select 50, 1000, 0.3::real, 0.15::real, 0.1::real,
    '{"profile": 1460, "fact": 730, "preference": 365, "goal": 180, "event": 60}'::jsonb
$$;

-- The hash of a text without case, white space and punctuation: equal for equal words. A memory has at most 500
-- characters; 501 are hashed, so that a longer text, which is refused later, costs no time here.
create function private.words_hash(value text) returns bytea
language sql immutable set search_path = '' as $$
  select sha256(convert_to(btrim(regexp_replace(lower(normalize(left(value, 501), nfkc)),
    '[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00bf\u2000-\u206f\u3000-\u3003]+', ' ', 'g')), 'UTF8'))
$$;

-- What turns a statement into a different one, in order: numbers, negations, sides, times; and all of its words where it
-- compares, since "dumbbells over barbells" and the reverse have the same ones. Embeddings of "80 kg" and "85 kg", or "like"
-- and "don't like", are near each other, but statements that differ in these terms are not the same.
create function private.distinguishing_terms(value text) returns text[]
language sql immutable set search_path = '' as $$
  select coalesce(array_agg(coalesce(m.found[1], m.found[2], 'not') order by m.n), '{}')
    || case when value ~* '\y(over|than|rather|prefer\w*|lieber|bevorzug\w*|als|prefier\w+|antes|heller|helst|foretrekk\w*|enn)\y'
       then array(select s.stem from unnest(to_tsvector('pg_catalog.simple', value)) as w
                   cross join lateral unnest(private.stems(w.lexeme)) as s (stem) order by w.positions[1]) else '{}' end
    from regexp_matches(lower(value), '([0-9]+(?:[.,:][0-9]+)*)'
      '|\y(left|right|link|recht|izquierd|derech|venstre|høyre'
      '|morning|noon|afternoon|evening|night|vormittag|mittag|nachmittag|abend|nacht|mañana|mediodía|tarde|noche'
      '|morgen|formiddag|ettermiddag|kveld|natt'
      '|mon|tues|wednes|thurs|fri|satur|sun|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag'
      '|lunes|martes|miércoles|jueves|viernes|sábado|domingo|mandag|tirsdag|onsdag|torsdag|fredag|lørdag|søndag'
      '|half|once|twice|two|three|four|five|six|seven|eight|nine|ten'
      '|halb|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|einmal'
      '|medi[oa]|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez'
      '|halv|to (?=ganger|dager|timer|økter)|tre|fire|fem|seks|sju|syv|åtte|ni|ti)(?:day)?(?:mal|e[nrms]?|[aot]s?|s|er|ene)?\y'
      '|([a-z]n[''’]t\y|\y(?:not|no|never|none|without|cannot|dont|doesnt|didnt|cant|wont|isnt|arent|stopped|quit|longer'
      '|anymore|nicht|kein\w*|nie|niemals|ohne|aufgehört|nunca|jamás|tampoco|sin|ningun\w*|dejé|dejado'
      '|ikke|aldri|ingen|uten|sluttet|sluttede)\y)', 'g')
      with ordinality as m (found, n)
$$;

-- The vector of "[0.1, …]", scaled to length 1.
create function private.unit_vector(embedding text) returns extensions.halfvec
language sql immutable set search_path = '' as $$
  select extensions.l2_normalize(embedding::extensions.halfvec(768))
$$;

-- A memory as its owner sees it.
create function private.memory_document(memory public.memories) returns jsonb
language sql immutable set search_path = '' as $$
  select jsonb_build_object('id', memory.id, 'kind', memory.kind, 'content', memory.content, 'status', memory.status,
    'salience', memory.salience, 'pinned', memory.pinned, 'mentions', memory.mentions,
    'source_message_id', memory.source_message_id, 'source_quote', memory.source_quote,
    'superseded_by', memory.superseded_by, 'stated_at', memory.stated_at, 'last_used_at', memory.last_used_at,
    'created_at', memory.created_at, 'updated_at', memory.updated_at, 'facts', memory.facts, 'decision', memory.decision,
    'asks_to_keep', memory.asks_to_keep)
$$;

-- Embedding -----------------------------------------------------------------------------------------------------------

-- Cron, with the model that is used now: enqueues a job for each of the next people with memories that have no embedding
-- of it. Returns the number of jobs, and whether it was the last batch: {"changed", "done"}.
create function public.embed_memories(model text, max_people integer default 1000) returns jsonb
language plpgsql set search_path = '' as $$
declare
  batch record;
  enqueued integer;
begin
  select * into batch from private.next_people('embed_memories', max_people);
  insert into public.jobs (user_id, kind, input, dedupe_key)
  select p.id, 'embed_memories', '{}', 'embed memories' from unnest(batch.people) as p (id)
   -- Three questions that the index answers, where "is distinct from" would read all of a person's memories.
   where exists (select from public.memories as m
                  where m.user_id = p.id and m.status <> 'dismissed' and m.embedding_model is null)
      or exists (select from public.memories as m
                  where m.user_id = p.id and m.status <> 'dismissed' and m.embedding_model < embed_memories.model)
      or exists (select from public.memories as m
                  where m.user_id = p.id and m.status <> 'dismissed' and m.embedding_model > embed_memories.model)
  on conflict (user_id, dedupe_key) where status in ('queued', 'running') do nothing;
  get diagnostics enqueued = row_count;
  return private.batch_result(enqueued, batch.done);
end $$;

-- How many memories without an embedding this model may embed today for the person: those of an import count like those
-- that they add. Null where embedding costs nothing.
create function private.embeddings_left(owner uuid, model text) returns integer
language sql stable set search_path = '' as $$
  select case when not (private.embedding_rules(model)).is_free then
    greatest(0, private.daily_limit('memory') - coalesce((
      select a.calls from public.ai_usage as a
       where a.user_id = owner and a.kind = 'memory' and a.day = (now() at time zone 'UTC')::date), 0)) end
$$;

-- For the worker: the next memories of the job's owner that need an embedding: [{"id", "content", "updated_at"}]. First
-- those that have none, which count against the day; then those of another model, which is not the person's doing.
-- Active ones first, then the newest. Guests have nothing embedded that costs something.
create function public.memories_to_embed(job_id uuid, attempt integer, model text, max_rows integer) returns jsonb
language plpgsql set search_path = '' as $$
declare
  owner constant uuid := private.assert_lease(job_id, attempt);
  embeddings_left constant integer := private.embeddings_left(owner, model);
  rows jsonb;
begin
  if embeddings_left is not null and private.is_guest(owner) then
    return '[]';
  end if;
  select jsonb_agg(jsonb_build_object('id', n.id, 'content', n.content, 'updated_at', n.updated_at)) into rows
    from (select m.id, m.content, m.updated_at from public.memories as m
           where m.user_id = owner and m.status <> 'dismissed' and m.embedding_model is null
           order by m.status, m.stated_at desc, m.id limit least(max_rows, embeddings_left)) as n;
  if rows is not null and embeddings_left is not null then
    insert into public.ai_usage as a (user_id, day, kind, calls)
    values (owner, (now() at time zone 'UTC')::date, 'memory', jsonb_array_length(rows))
    on conflict on constraint ai_usage_once do update set calls = a.calls + excluded.calls;
  elsif rows is null then
    select jsonb_agg(jsonb_build_object('id', n.id, 'content', n.content, 'updated_at', n.updated_at)) into rows
      from (select m.id, m.content, m.updated_at from public.memories as m
             where m.user_id = owner and m.status <> 'dismissed' and m.embedding_model <> model
             order by m.status, m.stated_at desc, m.id limit max_rows) as n;
  end if;
  return coalesce(rows, '[]');
end $$;

-- For the worker: stores embeddings of the model; rows are [{"id", "updated_at", "embedding": "[…]"}]. A memory that
-- was corrected or forgotten meanwhile is left as it is. Returns the number that was stored.
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

grant execute on function private.embeddings_left, private.unit_vector, private.stems, private.owned_words, private.words_hash, private.memory_rules,
  private.embedding_rules to service_role;
grant execute on function public.embed_memories, public.memories_to_embed, public.store_embeddings to service_role;
