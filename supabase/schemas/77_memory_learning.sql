-- Learning memories from the chat, and adding and correcting them by hand.

-- The newest twenty paraphrases, each once.
create function private.add_paraphrases(paraphrases text[], added text[]) returns text[]
language sql immutable set search_path = '' as $$
  select coalesce(array_agg(l.text order by l.n), '{}')
    from (select a.text, max(a.n) as n from unnest(paraphrases || added) with ordinality as a (text, n)
           where a.text is not null group by a.text order by 2 desc limit 20) as l
$$;

-- The tombstones of what was forgotten in these words, or nearly.
create function private.tombstones(owner uuid, hash bytea, vector extensions.halfvec, model text) returns uuid[]
language plpgsql stable set search_path = '' as $$
declare
  forgotten_cosine constant real := (private.embedding_rules(model)).forgotten_cosine;
begin
  return array(
    select m.id from public.memories as m
     where m.user_id = owner and m.status = 'dismissed' and m.content_hash = hash
    union
    select m.id from public.memories as m
     where m.user_id = owner and m.status = 'dismissed' and m.embedding_model = model
       and -(m.embedding operator(extensions.<#>) vector) >= forgotten_cosine);
end $$;

-- The active memory that says the same: in the same words, or (`nearly`) with a vector near enough, the same
-- distinguishing terms, and no facts that it does not have. Null when there is none.
create function private.same_memory(owner uuid, content text, vector extensions.halfvec, model text, facts jsonb,
  nearly boolean) returns uuid
language plpgsql stable set search_path = '' as $$
declare
  rules constant record := private.embedding_rules(model);
  memory_id uuid;
begin
  select m.id into memory_id from public.memories as m
   where m.user_id = owner and m.status = 'active' and m.content_hash = private.words_hash(same_memory.content);
  if memory_id is null and nearly then
    select m.id into memory_id
      from (select v.id, v.embedding operator(extensions.<#>) vector as distance from public.memories as v
             where v.user_id = owner and v.status = 'active' and v.embedding_model = model
             order by 2, 1 limit 5) as n
        join public.memories as m on m.id = n.id
     where -n.distance >= case
             when tsvector_to_array(m.words) = tsvector_to_array(private.owned_words(owner, same_memory.content))
             then rules.near_cosine else rules.same_cosine end
       and private.distinguishing_terms(m.content) = private.distinguishing_terms(same_memory.content)
       and (m.facts = '[]' or private.remaining_facts(same_memory.facts, m.facts, same_too => true) = '[]')
     order by n.distance, n.id limit 1;
  end if;
  return memory_id;
end $$;

-- The other active memories that a statement with these facts takes the place of: those all of whose facts end by them,
-- and `replaces`, the one that was named as contradicted, unless it has constraints that the new facts do not speak of. A
-- peanut allergy does not end because a sentence about milk was understood to contradict it.
create function private.superseded_memories(owner uuid, memory_id uuid, new_facts jsonb, replaces uuid) returns uuid[]
language sql stable set search_path = '' as $$
  select array(
    select m.id from public.memories as m
     where new_facts <> '[]' and m.user_id = owner and m.status = 'active' and m.facts <> '[]' and m.id <> memory_id
       and private.remaining_facts(m.facts, new_facts) = '[]'
    union
    select m.id from public.memories as m
     where m.id = replaces and m.user_id = owner and m.status = 'active' and m.id <> memory_id
       and not exists (
         select from jsonb_array_elements(private.remaining_facts(m.facts, new_facts, same_too => true)) as f
          where private.constrains(f.value)))
$$;

-- Ends the facts of others that these take the place of, where the memory goes on with the rest of its own.
create function private.end_facts(owner uuid, memory_id uuid, new_facts jsonb) returns void
language sql set search_path = '' as $$
  update public.memories as m set facts = private.remaining_facts(m.facts, new_facts)
   where new_facts <> '[]' and m.user_id = owner and m.status = 'active' and m.facts <> '[]' and m.id <> memory_id
     and private.remaining_facts(m.facts, new_facts) <> m.facts
$$;

-- Keeps a statement: {"outcome", "id"}. `statement` is {kind, content, quote, salience, pinned, embedding ("[…]" or
-- null), embedding_model, replaces (the id of a memory that it contradicts, or null), facts}. The first outcome that fits:
--   full           there are as many as the quota `memories` allows
--   learned_again  it was dismissed before, in these words or nearly: the person is asked whether to keep it
--   superseded     it replaces others, which stay as history
--   learned        it is new
--   reinforced     an active memory says the same; the words are added to those that forgetting it removes, and the facts
--                  to its own, which are offered again
-- The caller must have locked the person's row, so that two requests do not learn the same at once.
create function private.keep_memory(owner uuid, statement jsonb, message_id uuid, by_hand boolean) returns jsonb
language plpgsql set search_path = '' as $$
declare
  new_content constant text := btrim(statement ->> 'content');
  hash constant bytea := private.words_hash(new_content);
  quote constant text := btrim(statement ->> 'quote');
  vector constant extensions.halfvec := private.unit_vector(statement ->> 'embedding');
  model constant text := statement ->> 'embedding_model';
  new_kind constant public.memory_kind := statement ->> 'kind';
  new_salience constant real := coalesce((statement ->> 'salience')::real, 0.5);
  new_facts constant jsonb := private.sound_facts(statement -> 'facts');
  replaced constant uuid := (select m.id from public.memories as m
    where m.id = (statement ->> 'replaces')::uuid and m.user_id = owner and m.status = 'active');
  tombstones constant uuid[] := private.tombstones(owner, hash, vector, model);
  was_forgotten constant boolean := not by_hand and (tombstones <> '{}' or exists (
    -- The same sentence again: a model may word what it learns from it in another way each time.
    select from public.memories as m where m.user_id = owner and m.status = 'dismissed' and m.kind = new_kind
      and m.quote_hash = private.words_hash(quote)));
  memory_id uuid := private.same_memory(owner, new_content, vector, model, new_facts, nearly => replaced is null);
  is_new constant boolean := memory_id is null;
  superseded uuid[];
begin
  if is_new and private.quota_left(owner, 'memories') <= 0 then
    return jsonb_build_object('outcome', 'full', 'id', null);
  end if;
  memory_id := coalesce(memory_id, gen_random_uuid());
  superseded := private.superseded_memories(owner, memory_id, new_facts, replaced);
  if is_new then
    insert into public.memories (id, user_id, kind, content, content_hash, embedding, embedding_model, salience, pinned,
      source_message_id, source_quote, quote_hash, facts, asks_to_keep)
    values (memory_id, owner, new_kind, new_content, hash, vector, model, new_salience,
      coalesce((statement ->> 'pinned')::boolean,
        exists (select from public.memories as m where m.id = any (superseded) and m.pinned)),
      message_id, quote, private.words_hash(quote), new_facts, was_forgotten);
  else
    update public.memories as m
       set mentions = m.mentions + 1, stated_at = now(), salience = greatest(m.salience, new_salience),
           paraphrases = private.add_paraphrases(m.paraphrases, array[quote]),
           facts = private.sound_facts(new_facts || private.remaining_facts(m.facts, new_facts, same_too => true)),
           decision = case when new_facts = '[]' then m.decision end,
           decided_at = case when new_facts = '[]' then m.decided_at end,
           asks_to_keep = m.asks_to_keep and not by_hand
     where m.id = memory_id;
  end if;
  if by_hand then
    delete from public.memories as m where m.id = any (tombstones);
  end if;
  update public.memories as m set status = 'superseded', superseded_by = memory_id, pinned = false, asks_to_keep = false
   where m.id = any (superseded);
  perform private.end_facts(owner, memory_id, new_facts);
  return jsonb_build_object('id', memory_id, 'outcome', case
    when is_new and was_forgotten then 'learned_again'
    when superseded <> '{}' then 'superseded'
    when is_new then 'learned' else 'reinforced' end);
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
-- the earlier words from the chat. `facts` are those of the new content; without them, the facts stay.
create function public.update_memory(memory_id uuid, payload jsonb, unchanged_since timestamptz[] default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  old_memory constant public.memories := private.lock_memory(auth.uid(), memory_id, unchanged_since);
  new_content constant text := coalesce(btrim(payload ->> 'content'), old_memory.content);
  is_corrected constant boolean := new_content <> old_memory.content;
  new_facts constant jsonb := case when is_corrected and payload ? 'facts' then private.sound_facts(payload -> 'facts')
                                   else old_memory.facts end;
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
      stated_at = case when is_corrected then now() else m.stated_at end,
      facts = new_facts,
      decision = case when new_facts = m.facts then m.decision end,
      decided_at = case when new_facts = m.facts then m.decided_at end
   where m.id = old_memory.id returning m.* into new_memory;
  if new_facts <> old_memory.facts then
    perform private.end_facts(old_memory.user_id, old_memory.id, new_facts);
  end if;
  return private.memory_document(new_memory);
end $$;

grant execute on function public.add_memory, public.update_memory to authenticated;
