-- Learning memories from the chat, and adding and correcting them by hand.

-- The newest twenty paraphrases, each once.
create function private.add_paraphrases(paraphrases text[], added text[]) returns text[]
language sql immutable set search_path = '' as $$
  select coalesce(array_agg(l.text order by l.n), '{}')
    from (select a.text, max(a.n) as n from unnest(paraphrases || added) with ordinality as a (text, n)
           where a.text is not null group by a.text order by 2 desc limit 20) as l
$$;

-- Keeps a statement: {"outcome", "id"}. `statement` is {kind, content, quote, salience, pinned, embedding ("[…]" or
-- null), embedding_model, replaces (the id of a memory that it contradicts, or null)}. In this order:
--   forgotten   it was dismissed before, in these words or nearly: nothing is kept (unless the person adds it by hand)
--   reinforced  an active memory says the same; the words are added to those that forgetting it removes
--   superseded  it replaces one, which stays as history
--   full        there are as many as the quota `memories` allows
--   learned     it is new
-- The caller must have locked the person's row, so that two requests do not learn the same at once.
create function private.keep_memory(owner uuid, statement jsonb, message_id uuid, by_hand boolean) returns jsonb
language plpgsql set search_path = '' as $$
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
end $$;

-- Keeps what the person said in a message. Nothing is learned ("off") while they have turned memory off.
create function private.learn_memory(owner uuid, statement jsonb, message_id uuid) returns jsonb
language plpgsql set search_path = '' as $$
declare
  enabled boolean;
begin
  perform private.lock_account(owner);
  select u.memory_enabled into enabled from public.users as u where u.id = owner;
  if enabled is not true then
    return jsonb_build_object('outcome', 'off', 'id', null);
  end if;
  return private.keep_memory(owner, statement, message_id, by_hand => false);
end $$;

-- The owner's memory, after locking first the account and then it; empty when there is none. Raises PT412 when it is in
-- none of the expected states.
create function private.lock_memory(owner uuid, memory_id uuid, unchanged_since timestamptz[]) returns public.memories
language plpgsql set search_path = '' as $$
declare
  memory public.memories;
begin
  perform private.assert_account(owner);
  select * into memory from public.memories as m
   where m.id = memory_id and m.user_id = owner and m.status <> 'dismissed' for update;
  if memory.id is not null and memory.updated_at <> all (unchanged_since) then
    raise sqlstate 'PT412' using message = 'It has changed.';
  end if;
  return memory;
end $$;

-- POST /memories: {"outcome", "memory"}. What the person adds by hand is kept, also if they had forgotten it once.
-- Definer, like the other functions that write memories: people may not. Each binds itself to auth.uid().
create function public.add_memory(payload jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  caller constant uuid := auth.uid();
  enabled boolean;
  answer jsonb;
begin
  perform private.assert_account(caller);
  select u.memory_enabled into enabled from public.users as u where u.id = caller;
  if not enabled then
    raise sqlstate 'PT409' using message = 'Memory is off; turn it on in the profile (memory_enabled) first.';
  end if;
  answer := private.keep_memory(caller, payload - 'quote', null, by_hand => true);
  if answer ->> 'outcome' = 'full' then
    perform private.refuse_quota('memories');
  end if;
  return (select jsonb_build_object('outcome', answer -> 'outcome', 'memory', private.memory_document(m))
            from public.memories as m where m.id = (answer ->> 'id')::uuid);
end $$;

-- PATCH /memories/{id}: the memory after the change, null when there is none. What the payload leaves out stays. A
-- corrected memory is in the person's own words: it loses the quote that it came from, but forgetting it also removes
-- the earlier words from the chat.
create function public.update_memory(memory_id uuid, payload jsonb, unchanged_since timestamptz[] default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  old_memory constant public.memories := private.lock_memory(auth.uid(), memory_id, unchanged_since);
  new_content constant text := coalesce(btrim(payload ->> 'content'), old_memory.content);
  is_corrected constant boolean := new_content <> old_memory.content;
  new_memory public.memories;
begin
  if old_memory.id is null then
    return null;
  elsif old_memory.status = 'superseded' then
    raise sqlstate 'PT409' using message = 'A newer memory has replaced this one; change that one.';
  elsif exists (select from public.memories as m
      where m.user_id = old_memory.user_id and m.status = 'active' and m.id <> old_memory.id
      and m.content_hash = private.words_hash(new_content)) then
    raise sqlstate 'PT409' using message = 'Another memory says this already.';
  end if;
  update public.memories as m set
      kind = coalesce((payload ->> 'kind')::public.memory_kind, m.kind),
      salience = coalesce((payload ->> 'salience')::real, m.salience),
      pinned = coalesce((payload ->> 'pinned')::boolean, m.pinned),
      content = new_content, content_hash = private.words_hash(new_content),
      embedding = case when is_corrected then private.unit_vector(payload ->> 'embedding') else m.embedding end,
      embedding_model = case when is_corrected then payload ->> 'embedding_model' else m.embedding_model end,
      source_message_id = case when not is_corrected then m.source_message_id end,
      source_quote = case when not is_corrected then m.source_quote end,
      paraphrases = case when is_corrected
        then private.add_paraphrases(m.paraphrases, array[m.content, m.source_quote]) else m.paraphrases end,
      stated_at = case when is_corrected then now() else m.stated_at end
   where m.id = old_memory.id returning m.* into new_memory;
  return private.memory_document(new_memory);
end $$;

grant execute on function public.add_memory, public.update_memory to authenticated;
