-- Without a model, a sentence encoder ("fuse-1") makes the vectors that hashed words made before ("offline-1"). Which cosines
-- mean the same, nearly the same and forgotten now depends on the embedding model, and so does whether embedding costs
-- something. The clock's embed-memories embeds the rows of the former model again; until then they are found by nobody, like
-- after every change of the model.

SET local check_function_bodies = off;

DROP FUNCTION "private"."memory_rules"();

CREATE OR REPLACE FUNCTION private.embedding_rules (
  model text,
  OUT   same_cosine real,
  OUT   near_cosine real,
  OUT   forgotten_cosine real,
  OUT   is_free boolean
)
  RETURNS record
  LANGUAGE sql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
  select r.same_cosine, r.near_cosine, r.forgotten_cosine, r.is_free
    from (values
      ('fuse-1', 0.95::real, 0.80::real, 0.92::real, true), -- src/ai/sentence_encoder.py
      (null, 0.95, 0.90, 0.92, false)) as r (model, same_cosine, near_cosine, forgotten_cosine, is_free)
   where r.model = embedding_rules.model or r.model is null
   order by r.model nulls last limit 1
$function$;

CREATE OR REPLACE FUNCTION private.embeddings_left (
  owner uuid,
  model text
)
  RETURNS integer
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
  select case when not (private.embedding_rules(model)).is_free then
    greatest(0, private.daily_limit('memory') - coalesce((
      select a.calls from public.ai_usage as a
       where a.user_id = owner and a.kind = 'memory' and a.day = (now() at time zone 'UTC')::date), 0)) end
$function$;

CREATE OR REPLACE FUNCTION private.keep_memory (
  owner      uuid,
  statement  jsonb,
  message_id uuid,
  by_hand    boolean
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  rules constant record := private.embedding_rules(statement ->> 'embedding_model');
  new_content constant text := btrim(statement ->> 'content');
  hash constant bytea := private.words_hash(new_content);
  quote constant text := btrim(statement ->> 'quote');
  vector constant extensions.halfvec := private.unit_vector(statement ->> 'embedding');
  model constant text := statement ->> 'embedding_model';
  new_salience constant real := coalesce((statement ->> 'salience')::real, 0.5);
  tombstones uuid[];
  replaced public.memories;
  memory_id uuid;
  outcome text;
begin
  select array_agg(t.id) into tombstones
    from (select m.id from public.memories as m
           where m.user_id = owner and m.status = 'dismissed' and m.content_hash = hash
          union
          select m.id from public.memories as m
           where m.user_id = owner and m.status = 'dismissed' and m.embedding_model = model
             and -(m.embedding operator(extensions.<#>) vector) >= rules.forgotten_cosine) as t;
  if tombstones is not null and not by_hand then
    return jsonb_build_object('outcome', 'forgotten', 'id', null);
  end if;
  select * into replaced from public.memories as m
   where m.id = (statement ->> 'replaces')::uuid and m.user_id = owner and m.status = 'active';

  select m.id into memory_id from public.memories as m
   where m.user_id = owner and m.status = 'active' and m.content_hash = hash;
  if memory_id is null and replaced.id is null then
    select m.id into memory_id
      from (select v.id, v.embedding operator(extensions.<#>) vector as distance from public.memories as v
             where v.user_id = owner and v.status = 'active' and v.embedding_model = model
             order by 2, 1 limit 5) as n
        join public.memories as m on m.id = n.id
     where -n.distance >= case when tsvector_to_array(m.words) = tsvector_to_array(private.owned_words(owner, new_content))
             then rules.near_cosine else rules.same_cosine end
       and private.distinguishing_terms(m.content) = private.distinguishing_terms(new_content)
     order by n.distance, n.id limit 1;
  end if;
  if memory_id is not null then
    update public.memories as m
       set mentions = m.mentions + 1, stated_at = now(), salience = greatest(m.salience, new_salience),
           paraphrases = private.add_paraphrases(m.paraphrases, array[quote])
     where m.id = memory_id;
    outcome := 'reinforced';
  elsif not by_hand and exists (select from public.memories as m where m.user_id = owner and m.status = 'dismissed'
      and m.kind = (statement ->> 'kind')::public.memory_kind and m.quote_hash = private.words_hash(quote)) then
    -- The same sentence again: a model may word what it learns from it in another way each time.
    return jsonb_build_object('outcome', 'forgotten', 'id', null);
  elsif private.quota_left(owner, 'memories') <= 0 then
    return jsonb_build_object('outcome', 'full', 'id', null);
  else
    insert into public.memories (user_id, kind, content, content_hash, embedding, embedding_model, salience, pinned,
      source_message_id, source_quote, quote_hash)
    values (owner, (statement ->> 'kind')::public.memory_kind, new_content, hash, vector, model, new_salience,
      coalesce((statement ->> 'pinned')::boolean, replaced.pinned, false), message_id, quote, private.words_hash(quote))
    returning memories.id into memory_id;
    outcome := 'learned';
  end if;
  delete from public.memories as m where m.id = any (tombstones);
  if replaced.id <> memory_id then
    update public.memories as m set status = 'superseded', superseded_by = memory_id, pinned = false
     where m.id = replaced.id;
    outcome := 'superseded';
  end if;
  return jsonb_build_object('outcome', outcome, 'id', memory_id);
end $function$;

CREATE OR REPLACE FUNCTION private.memory_rules (
  OUT candidates integer,
  OUT max_hits integer,
  OUT rank_offset real,
  OUT text_weight real,
  OUT fading real,
  OUT salience_span real,
  OUT half_lives jsonb
)
  RETURNS record
  LANGUAGE sql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
  select 50, 1000, 20::real, 0.5::real, 0.15::real, 0.1::real,
    '{"profile": 1460, "fact": 730, "preference": 365, "goal": 180, "event": 60}'::jsonb
$function$;

REVOKE ALL ON FUNCTION private.embedding_rules, private.memory_rules FROM PUBLIC;

GRANT EXECUTE ON FUNCTION private.embedding_rules, private.memory_rules TO service_role;
