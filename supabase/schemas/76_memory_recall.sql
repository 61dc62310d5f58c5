-- Finding memories that answer a question.

-- The memories of one person and one embedding model, best first: the exact cosine with each of them, and what the words
-- that they share with the question are worth, the rarer the more; then a bonus for what was said in the period that the
-- question names, and weights for recency and salience. At most twice memory_rules().candidates, with a period thrice.
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

-- The caller's active memories that answer a question best; none when they have turned memory off. What was stated from
-- `stated_from` on and before `stated_until` comes first.
-- Definer: people may not read embeddings. Every row is bound to auth.uid().
create function public.match_memories(embedding text, query text, model text, max_results integer default 8,
  stated_from timestamptz default null, stated_until timestamptz default null)
returns table (id uuid, kind public.memory_kind, content text, created_at timestamptz, similarity real)
language plpgsql stable security definer set search_path = '' as $$
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
end $$;

-- GET /memories?q=: a page of the caller's memories that come nearest to a text; {"items", "total"}.
-- Definer: people may not read embeddings. Every row is bound to auth.uid().
create function public.search_memories(embedding text, query text, model text, page_offset integer, page_limit integer,
  kinds public.memory_kind[] default null, statuses public.memory_status[] default '{active}') returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  caller constant uuid := auth.uid();
  query_vector constant extensions.halfvec := private.unit_vector(embedding);
begin
  return (
    with found as materialized (
      select r.*, row_number() over (order by r.score desc, r.similarity desc, r.id) as place
        from private.rank_memories(caller, query_vector, query, model, kinds, array_remove(statuses, 'dismissed')) as r)
    select jsonb_build_object('total', (select count(*) from found), 'items', coalesce((
      select jsonb_agg(private.memory_document(m) order by f.place)
        from found as f join public.memories as m on m.id = f.id
       where f.place > search_memories.page_offset
         and f.place <= search_memories.page_offset + least(search_memories.page_limit, 100)), '[]')));
end $$;

-- Notes that a reply used these memories.
create function private.mark_memories_used(owner uuid, ids uuid[]) returns void
language sql set search_path = '' as $$
  update public.memories as m set last_used_at = now()
   where m.user_id = owner and m.id = any (ids) and m.status <> 'dismissed'
$$;

grant execute on function public.match_memories, public.search_memories to authenticated;
