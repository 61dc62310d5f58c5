-- Recall adds what the words that a question and a memory share are worth, the rarer the more, to the cosine of their
-- vectors, where two rankings were fused by their places before; weights are those of the embedding model. Words are stems
-- of four languages, not of English alone. match_memories() may be told a period, whose memories come first: the index of
-- vectors holds stated_at for it. Whether two statements say the same is told by the terms of four languages.

SET local check_function_bodies = off;

DROP FUNCTION "private"."embedding_rules"(text);

DROP FUNCTION "private"."memory_rules"();

DROP FUNCTION "private"."rank_memories"(uuid, extensions.halfvec, text, text, public.memory_kind[], public.memory_status[]);

DROP FUNCTION "public"."match_memories"(text, text, text, integer);

CREATE OR REPLACE FUNCTION private.distinguishing_terms (
  value text
)
  RETURNS text[]
  LANGUAGE sql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION private.embedding_rules (
  model text,
  OUT   same_cosine real,
  OUT   near_cosine real,
  OUT   forgotten_cosine real,
  OUT   text_weight real,
  OUT   is_free boolean
)
  RETURNS record
  LANGUAGE sql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
  select r.same_cosine, r.near_cosine, r.forgotten_cosine, r.text_weight, r.is_free
    from (values
      ('fuse-1', 0.95::real, 0.65::real, 0.92::real, 0.07::real, true), -- src/ai/sentence_encoder.py
      (null, 0.95, 0.90, 0.92, 0.03, false)) as r (model, same_cosine, near_cosine, forgotten_cosine, text_weight, is_free)
   where r.model = embedding_rules.model or r.model is null
   order by r.model nulls last limit 1
$function$;

CREATE OR REPLACE FUNCTION private.memory_rules (
  OUT candidates integer,
  OUT max_hits integer,
  OUT period_bonus real,
  OUT fading real,
  OUT salience_span real,
  OUT half_lives jsonb
)
  RETURNS record
  LANGUAGE sql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
  select 50, 1000, 0.3::real, 0.15::real, 0.1::real,
    '{"profile": 1460, "fact": 730, "preference": 365, "goal": 180, "event": 60}'::jsonb
$function$;

CREATE OR REPLACE FUNCTION private.owned_words (
  owner uuid,
  value text
)
  RETURNS tsvector
  LANGUAGE sql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
  select array_to_tsvector(array(select left(owner::text, 8) || s.stem from unnest(private.stems(value)) as s (stem)))
   where value is not null
$function$;

create function private.rank_memories(owner uuid, query_vector extensions.halfvec, query text, model text,
  kinds public.memory_kind[], statuses public.memory_status[], stated_from timestamptz default null,
  stated_until timestamptz default null)
returns table (id uuid, similarity real, score real)
-- The vectors of one person lie together in the index; these settings make the planner use it, also in a small table.
language plpgsql stable set search_path = '' set enable_seqscan = off set random_page_cost = 1.1 set jit = off as $$
#variable_conflict use_column
declare
  rules constant record := private.memory_rules();
  text_weight constant real := (private.embedding_rules(model)).text_weight;
  terms constant text[] := tsvector_to_array(private.owned_words(owner, left(query, 4000)));
  -- Any of its words is enough; a search engine would want all of them.
  any_term constant tsquery := (select string_agg(quote_literal(t.term), ' | ') from unnest(terms) as t (term))::tsquery;
  has_period constant boolean := stated_from is not null or stated_until is not null;
  since constant timestamptz := coalesce(stated_from, '-infinity');
  until constant timestamptz := coalesce(stated_until, 'infinity');
begin
  return query
  with by_vector as materialized (
    select m.id, m.embedding operator(extensions.<#>) query_vector as distance
      from public.memories as m
     where m.user_id = owner and m.status = any (statuses) and m.embedding_model = model
       and (kinds is null or m.kind = any (kinds))
     order by 2, 1 limit rules.candidates),
  of_period as materialized (
    select m.id, m.embedding operator(extensions.<#>) query_vector as distance
      from public.memories as m
     where has_period and m.user_id = owner and m.status = any (statuses) and m.embedding_model = model
       and (kinds is null or m.kind = any (kinds)) and m.stated_at >= since and m.stated_at < until
     order by 2, 1 limit rules.candidates),
  -- The only condition is the words, which carry their owner, so that the planner has no choice but their index; the
  -- others follow in found_words. A word in more than max_hits memories says little, and not all of these are read.
  hits as materialized (
    select m.id, m.user_id, m.kind, m.status, m.embedding_model, m.words,
           m.embedding operator(extensions.<#>) query_vector as distance
      from public.memories as m where m.words @@ any_term limit rules.max_hits),
  found_words as materialized (
    select h.id, h.distance, w.word
      from hits as h cross join lateral unnest(tsvector_to_array(h.words)) as w (word)
     where w.word = any (terms) and h.user_id = owner and h.status = any (statuses) and h.embedding_model = model
       and (kinds is null or h.kind = any (kinds))),
  word_worths as (
    select f.word, ln(1 + (c.memories - count(*) + 0.5) / (count(*) + 0.5)) as worth
      from found_words as f
        cross join (select greatest(u.memories, (select count(*) from hits)) as memories
                      from (select coalesce(max(u.memories), 0) as memories from private.usage_counts as u
                             where u.user_id = owner) as u) as c
     group by f.word, c.memories),
  by_words as materialized (
    select f.id, min(f.distance) as distance, sum(w.worth) as worth
      from found_words as f join word_worths as w on w.word = f.word
     group by f.id),
  candidates as (
    select c.id, min(c.distance) as distance
      from (select id, distance from by_vector union all select id, distance from of_period
            union all (select id, distance from by_words order by worth desc, distance, id limit rules.candidates)) as c
     group by c.id)
  select c.id, (-c.distance)::real,
         ((greatest(-c.distance, 0) + text_weight * coalesce(w.worth, 0)
            + case when has_period and m.stated_at >= since and m.stated_at < until then rules.period_bonus else 0 end)
          * (1 + rules.salience_span * (m.salience - 0.5)) * (1 - case
            when m.pinned or l.days is null or m.content ~* '\y(allerg|intoleran|anaphyla)' then 0
            else rules.fading * (1 - power(0.5::double precision,
              greatest(extract(epoch from now() - m.stated_at), 0) / 86400 / l.days))
          end))::real
    from candidates as c join public.memories as m on m.id = c.id
      left join by_words as w on w.id = c.id
      cross join lateral (select (rules.half_lives ->> m.kind::text)::double precision as days) as l
   order by 3 desc, 2 desc, 1;
end $$;

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

CREATE OR REPLACE FUNCTION public.match_memories (
  embedding    text,
  query        text,
  model        text,
  max_results  integer                  DEFAULT 8,
  stated_from  timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  stated_until timestamp with time zone DEFAULT NULL::timestamp WITH time zone
)
  RETURNS TABLE (
    id         uuid,
    kind       public.memory_kind,
    content    text,
    created_at timestamp with time zone,
    similarity real
  )
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
#variable_conflict use_column
declare
  caller constant uuid := auth.uid();
  query_vector constant extensions.halfvec := private.unit_vector(embedding); -- once, not for each row
begin
  if (select u.memory_enabled from public.users as u where u.id = caller) is not true then
    return;
  end if;
  return query
  select m.id, m.kind, m.content, m.created_at, r.similarity
    from private.rank_memories(caller, query_vector, query, model, null, '{active}', stated_from, stated_until) as r
      join public.memories as m on m.id = r.id
   order by r.score desc, r.similarity desc, r.id limit least(greatest(max_results, 0), 50);
end $function$;

REVOKE ALL ON FUNCTION private.stems, private.embedding_rules, private.memory_rules, private.rank_memories,
  public.match_memories FROM PUBLIC;

GRANT EXECUTE ON FUNCTION private.stems, private.embedding_rules, private.memory_rules TO service_role;

GRANT EXECUTE ON FUNCTION public.match_memories TO authenticated;

-- Writes the generated words anew. Their column stays where it is, and nobody who reads waits.
UPDATE public.memories SET content = content WHERE content IS NOT NULL;

CREATE INDEX memories_vectors_with_time ON public.memories USING btree (user_id, status, embedding_model)
  INCLUDE (id, kind, stated_at, embedding);

DROP INDEX public.memories_vectors;

ALTER INDEX public.memories_vectors_with_time RENAME TO memories_vectors;
