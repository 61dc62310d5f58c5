-- Finding memories that answer a question.

-- The memories of one person and one embedding model, best first: by exact cosine over all of them and by full text,
-- fused by reciprocal rank, then weighted by recency and salience. At most twice memory_rules().candidates.
create function private.rank_memories(owner uuid, query_vector extensions.halfvec, query text, model text,
  kinds public.memory_kind[], statuses public.memory_status[])
returns table (id uuid, similarity real, score real)
-- The vectors of one person lie together in the index; these settings make the planner use it, also in a small table.
language plpgsql stable set search_path = '' set enable_seqscan = off set random_page_cost = 1.1 set jit = off as $$
#variable_conflict use_column
declare
  rules constant record := private.memory_rules();
  -- Any of its words is enough; a search engine would want all of them.
  terms constant tsquery := (select string_agg(quote_literal(w.lexeme), ' | ')
    from unnest(private.owned_words(owner, left(query, 4000))) as w)::tsquery;
begin
  return query
  with by_vector as materialized (
    select m.id, m.embedding operator(extensions.<#>) query_vector as distance
      from public.memories as m
     where m.user_id = owner and m.status = any (statuses) and m.embedding_model = model
       and (kinds is null or m.kind = any (kinds))
     order by 2, 1 limit rules.candidates),
  -- The only condition is the words, which carry their owner, so that the planner has no choice but their index; the
  -- others follow in by_words. A word in more than max_hits memories says little, and not all of these are read.
  hits as materialized (
    select m.id, m.user_id, m.kind, m.status, m.embedding_model, ts_rank(m.words, terms) as text_rank,
           m.embedding operator(extensions.<#>) query_vector as distance
      from public.memories as m where m.words @@ terms limit rules.max_hits),
  by_words as (
    select h.id, h.distance, h.text_rank from hits as h
     where h.user_id = owner and h.status = any (statuses) and h.embedding_model = model
       and (kinds is null or h.kind = any (kinds))
     order by h.text_rank desc, h.distance, h.id limit rules.candidates),
  ranked as (
    select id, distance, 1 / (rules.rank_offset + row_number() over (order by distance, id)) as points from by_vector
    union all
    select id, distance,
           rules.text_weight / (rules.rank_offset + row_number() over (order by text_rank desc, distance, id))
      from by_words),
  fused as (select id, min(distance) as distance, sum(points) as points from ranked group by id)
  select f.id, (-f.distance)::real,
         (f.points * (1 + rules.salience_span * (m.salience - 0.5)) * (1 - case
            when m.pinned or l.days is null or m.content ~* '\y(allerg|intoleran|anaphyla)' then 0
            else rules.fading * (1 - power(0.5::double precision,
              greatest(extract(epoch from now() - m.stated_at), 0) / 86400 / l.days))
          end))::real
    from fused as f join public.memories as m on m.id = f.id
      cross join lateral (select (rules.half_lives ->> m.kind::text)::double precision as days) as l
   order by 3 desc, 2 desc, 1;
end $$;

-- The caller's active memories that answer a question best; none when they have turned memory off.
-- Definer: people may not read embeddings. Every row is bound to auth.uid().
create function public.match_memories(embedding text, query text, model text, max_results integer default 8)
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
    from private.rank_memories(caller, query_vector, query, model, null, '{active}') as r
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
