-- public.memories: what the companion remembers of a person. They read it; functions alone write it, bound to who calls.
begin;
select plan(117);

insert into auth.users (id, email) values
  ('00000000-0000-4000-8000-0000000000a0', 'ana@people.example'), ('00000000-0000-4000-8000-0000000000b0', 'bo@people.example');
insert into auth.users (id, is_anonymous) values ('00000000-0000-4000-8000-0000000000c0', true);
-- Vectors that point where they are told: axis(1) and axis(2) are as far apart as can be, lean(1, 2) lies near the first.
create function pg_temp.axis(n integer) returns text language sql as $$
  select '[' || string_agg(case when i = n then '1' else '0' end, ',' order by i) || ']' from generate_series(1, 768) as i $$;
create function pg_temp.lean(n integer, towards integer, by real) returns text language sql as $$
  select '[' || string_agg(case i when n then '1' when towards then by::text else '0' end, ',' order by i) || ']'
    from generate_series(1, 768) as i $$;
create function pg_temp.said(content text, embedding text, given jsonb default '{}') returns jsonb language sql as $$
  select jsonb_build_object('kind', 'fact', 'content', content, 'quote', content, 'embedding', embedding, 'embedding_model', 'm') || given $$;
grant execute on function pg_temp.axis, pg_temp.lean, pg_temp.said to public;
create temporary table noted (name text primary key, id uuid);
grant all on noted to authenticated, service_role;
insert into noted select 'bos', (private.learn_memory('00000000-0000-4000-8000-0000000000b0',
  pg_temp.said('My knee hurts, says Bo', pg_temp.axis(1), '{"kind": "injury"}'), null) ->> 'id')::uuid;

-- Who may ask what ---------------------------------------------------------------------------------------------------
select table_privs_are('public', 'memories', 'anon', array[]::text[], 'anon can do nothing');
select table_privs_are('public', 'memories', 'authenticated', array[]::text[], 'people have no right on all of it');
select column_privs_are('public', 'memories', c, 'authenticated', array['SELECT'], 'people read ' || c)
  from unnest(array['id', 'user_id', 'kind', 'content', 'status', 'salience', 'pinned', 'mentions', 'source_message_id', 'source_quote',
    'superseded_by', 'embedding_model', 'stated_at', 'last_used_at', 'created_at', 'updated_at', 'facts', 'decision', 'decided_at',
    'asks_to_keep']) as c;
select column_privs_are('public', 'memories', c, 'authenticated', array[]::text[], c || ' is the server''s')
  from unnest(array['embedding', 'content_hash', 'quote_hash', 'words', 'paraphrases']) as c;
select policies_are('public', 'memories', array['People read their own memories',
  'Only queries that the app needs']);

-- Learning -----------------------------------------------------------------------------------------------------------
insert into noted select 'knee', (private.learn_memory('00000000-0000-4000-8000-0000000000a0',
  pg_temp.said('My knee hurts', pg_temp.axis(1), '{"kind": "injury", "salience": 0.9}'), null) ->> 'id')::uuid;
select results_eq($$select content, kind::text, status::text, mentions, salience, source_quote from public.memories as m join noted as n using (id) where name = 'knee'$$,
  $$values ('My knee hurts', 'injury', 'active', 1, 0.9::real, 'My knee hurts')$$, 'a statement is learned');
select is(private.learn_memory('00000000-0000-4000-8000-0000000000a0', pg_temp.said(content, embedding, given::jsonb), null) ->> 'outcome', outcome, content || ': ' || outcome)
  from (values
    ('MY KNEE  hurts!', null, '{"embedding_model": null}', 'reinforced'),
    ('Knee pain', pg_temp.lean(1, 2, 0.1), '{}', 'reinforced'),
    ('Knee pain in 3 places', pg_temp.lean(1, 2, 0.1), '{}', 'learned'),
    ('No knee pain', pg_temp.lean(1, 2, 0.2), '{}', 'learned'),
    ('Right knee pain', pg_temp.lean(1, 2, 0.15), '{}', 'learned'),
    ('The same in another model', pg_temp.axis(1), '{"embedding_model": "other"}', 'learned'),
    ('I live in Oslo', pg_temp.axis(3), '{}', 'learned')) as t (content, embedding, given, outcome);
select is((select mentions from public.memories join noted using (id) where name = 'knee'), 3, 'how often it was said is counted');
select is((select mentions from public.memories join noted using (id) where name = 'bos'), 1, 'for nobody else');
select throws_ok(format('select private.learn_memory(%L, %L, null)', '00000000-0000-4000-8000-0000000000a0', pg_temp.said('x', pg_temp.axis(9)) || wrong), code, null,
    'refused: ' || left(wrong::text, 50))
  from (values ('{"kind": "mood"}'::jsonb, '22P02'), ('{"kind": null}', '23502'), ('{"content": " "}', '23514'), ('{"content": null}', '23502'),
    (jsonb_build_object('content', repeat('x', 501)), '23514'), (jsonb_build_object('quote', repeat('x', 501)), '23514'),
    ('{"salience": 1.5}', '23514'), ('{"salience": "NaN"}', '23514'), ('{"embedding": "[1,2]"}', '22000'), ('{"embedding": "x"}', '22P02'),
    ('{"embedding": null}', '23514'), ('{"embedding_model": null}', '23514'), ('{"replaces": "x"}', '22P02')) as t (wrong, code);
select throws_ok(format('select private.learn_memory(%L, %L, null)', '00000000-0000-4000-8000-0000000000a0', pg_temp.said('x', replace(pg_temp.axis(1), '1', '0'))),
  '23514', null, 'a vector of nothing is none');

-- Words --------------------------------------------------------------------------------------------------------------
select ok(private.stems(one) && private.stems(other), one || ' has a word of ' || other)
  from (values ('I hate squats', 'Squatting'), ('Ich mag keine Kniebeugen', 'die Kniebeuge'), ('Odio las sentadillas', 'sentadilla'),
    ('Jeg hater armhevinger', 'armheving'), ('I''m allergic to peanuts', 'peanut allergies')) as t (one, other);
select is(private.stems(stopped), '{}', 'no word says anything: ' || stopped)
  from (values ('I''m not what you''ve been'), ('ich bin es nicht'), ('yo no soy'), ('jeg er ikke det'), (''), (null)) as t (stopped);
select is(private.owned_words('00000000-0000-4000-8000-0000000000a0', null), null, 'a tombstone has no words');

-- The owner ----------------------------------------------------------------------------------------------------------
set local role authenticated;
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000a0", "role": "authenticated"}';
select is((select count(*)::integer from public.memories), 6, 'people read their own alone');
select throws_ok('select embedding from public.memories', '42501', null, 'but no vectors');
select throws_ok($$insert into public.memories (kind, content, content_hash) values ('fact', 'x', '')$$, '42501', null, 'a memory is not written by hand');
select throws_ok('update public.memories set content = ''x''', '42501', null, 'nor changed');
select throws_ok('update public.memories set status = ''active''', '42501', null, 'nor revived');
select throws_ok('delete from public.memories', '42501', null, 'nor deleted, which would leave no tombstone');
select throws_ok('truncate public.memories', '42501', null, 'at all');
select results_eq($$select content, round(similarity::numeric, 2) from public.match_memories(pg_temp.axis(1), 'knee', 'm', 2)$$,
  $$values ('My knee hurts', 1.00), ('Knee pain in 3 places', 1.00)$$, 'the nearest come first');
select is_empty($$select 1 from public.match_memories(pg_temp.axis(1), 'knee', 'm', 50) where content like '%Bo%' or id = (select id from noted where name = 'bos')$$,
  'another person''s memory is not among them, however near');
select results_eq($$select content from public.match_memories(pg_temp.axis(1), 'knee', 'other', 50)$$, $$values ('The same in another model')$$,
  'nor are vectors of another model');
select results_eq($$select content from public.match_memories(pg_temp.axis(700), 'where do I live? in Oslo?', 'm', 1)$$, $$values ('I live in Oslo')$$,
  'words count where the vector says nothing');
select results_eq($$select content from public.match_memories(pg_temp.axis(1), 'knee', 'm', 1, '-infinity', '2020-01-01')$$,
  $$values ('My knee hurts')$$, 'a period in which nothing was said changes nothing');
select is((select min(n)::integer from (select content, row_number() over () as n from public.match_memories(pg_temp.axis(1), '', 'm', 50,
    now() - interval '1 minute', now() + interval '1 minute')) as t where content = 'I live in Oslo'), 5, 'nor does one in which all of it was');
select lives_ok(format('select public.match_memories(pg_temp.axis(1), ''knee'', ''m'', 8, %L, %L)', since, until), 'any period may be asked for')
  from (values ('infinity', '-infinity'), (null, '-infinity')) as t (since, until);
select lives_ok(format('select public.match_memories(pg_temp.axis(1), %L, ''m'')', query), 'a query may be anything: ' || left(query, 20))
  from (values (''), ('the of and'), ($$' | & ! : * ( \ "$$), (repeat('word ', 100000))) as t (query);
select is((select count(*)::integer from public.match_memories(pg_temp.axis(1), '', 'm', 2147483647)), 5, 'and however many are wanted');
select is(public.search_memories(pg_temp.axis(1), 'knee', 'm', 0, 1, '{injury}') #>> '{items,0,content}', 'My knee hurts', 'search shows what it found');
select is(public.search_memories(pg_temp.axis(1), 'knee', 'm', 0, 9, null, '{dismissed}') ->> 'total', '0', 'of what is forgotten, nothing');
insert into noted select 'by hand', (public.add_memory(pg_temp.said('I moved to Bergen', pg_temp.axis(4),
  '{"user_id": "00000000-0000-4000-8000-0000000000b0", "status": "dismissed", "quote": "forged", "mentions": 99}')) #>> '{memory,id}')::uuid;
select results_eq($$select user_id, status::text, source_quote, mentions from public.memories join noted using (id) where name = 'by hand'$$,
  $$values ('00000000-0000-4000-8000-0000000000a0'::uuid, 'active', null::text, 1)$$, 'what is not the person''s to set is not taken from them');
select is(public.add_memory(pg_temp.said('Taken over', pg_temp.axis(5), jsonb_build_object('replaces', id))) ->> 'outcome', 'learned',
  'another person''s memory is not replaced') from noted where name = 'bos';
select is(public.update_memory(id, '{"pinned": true}') ->> 'pinned', 'true', 'a memory is pinned') from noted where name = 'knee';
select throws_ok(format('select public.update_memory(%L, ''{"pinned": true}'', ''{2020-01-01}'')', id), 'PT412', null, 'not when it has changed')
  from noted where name = 'knee';
select throws_ok(format('select public.update_memory(%L, ''{"content": "i moved to bergen"}'')', id), 'PT409', null, 'nor to what another says')
  from noted where name = 'knee';
select is(public.update_memory(id, '{"pinned": true, "content": "x"}'), null, 'another person''s memory is not there') from noted where name = 'bos';
select is(public.forget_memory(id), false, 'nor to forget') from noted where name = 'bos';
select is(public.forget_memory('00000000-0000-4000-8000-00000000dead'), false, 'like one that does not exist');
select is(public.forget_memory(id), true, 'the own one is') from noted where name = 'knee';
select is_empty($$select 1 from public.memories join noted using (id) where name = 'knee'$$, 'and then is not there any more');
select is(public.forget_memory(id), false, 'once') from noted where name = 'knee';
select is(public.update_memory(id, '{"content": "My knee hurts"}'), null, 'nor can it be brought back') from noted where name = 'knee';
reset role;
select results_eq($$select status::text, content, words::text, source_quote, pinned, embedding is not null from public.memories join noted using (id) where name = 'knee'$$,
  $$values ('dismissed', null, null, null, false, true)$$, 'its vector is left, and nothing of its words');
select is(private.learn_memory('00000000-0000-4000-8000-0000000000a0', pg_temp.said(content, embedding, given::jsonb), null) ->> 'outcome', 'learned_again',
    'what is said again is learned again: ' || content)
  from (values ('my knee hurts', pg_temp.axis(9), '{"embedding_model": "new"}'), ('Hurting knee', pg_temp.lean(1, 9, 0.3), '{}')) as t (content, embedding, given);
select is(private.learn_memory('00000000-0000-4000-8000-0000000000b0', pg_temp.said('My knee hurts', pg_temp.lean(1, 9, 0.4)), null) ->> 'outcome', 'learned',
  'what one forgot, another may remember');
select is((select array_agg(asks_to_keep) from public.memories as m where m.user_id = '00000000-0000-4000-8000-0000000000a0'
  and m.content in ('my knee hurts', 'Hurting knee')), '{true,true}', 'and asked about');
select is((select bool_or(asks_to_keep) from public.memories as m where m.user_id = '00000000-0000-4000-8000-0000000000b0'), false,
  'which nobody else is');

-- An anonymous sign-in is an ordinary owner, and an account that is gone is none -------------------------------------------
set local role authenticated;
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000c0", "role": "authenticated", "is_anonymous": true}';
select is(public.add_memory(pg_temp.said('I am nobody', pg_temp.axis(1))) ->> 'outcome', 'learned', 'an anonymous sign-in has memories of its own');
select is((select count(*)::integer from public.match_memories(pg_temp.axis(1), '', 'm')), 1, 'and no others');
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-00000000dead", "role": "authenticated"}';
select throws_ok($$select public.add_memory(pg_temp.said('x', pg_temp.axis(1)))$$, 'PT401', null, 'a token of no account remembers nothing');
select is_empty($$select 1 from public.match_memories(pg_temp.axis(1), 'knee', 'm')$$, 'and recalls nothing');
select throws_ok('select public.forget_all_memories()', 'PT401', null, 'and forgets nothing');

-- Memory turned off ------------------------------------------------------------------------------------------------------
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000a0", "role": "authenticated"}';
update public.users set memory_enabled = false;
select throws_ok($$select public.add_memory(pg_temp.said('x', pg_temp.axis(1)))$$, 'PT409', null, 'nothing is added');
select is_empty($$select 1 from public.match_memories(pg_temp.axis(1), 'knee', 'm')$$, 'nothing is recalled');
select is(public.search_memories(pg_temp.axis(3), 'Oslo', 'm', 0, 1) #>> '{items,0,content}', 'I live in Oslo', 'the person still finds theirs');
select is(public.forget_all_memories(), 9, 'and forgets them all');

-- No account, and the server's own key --------------------------------------------------------------------------------
reset role;
select is_empty($$select 1 from public.memories where user_id = '00000000-0000-4000-8000-0000000000a0' and (content is not null or status <> 'dismissed')$$,
  'all of them');
set local role anon;
select throws_ok('select 1 from public.memories', '42501', null, 'anon reads nothing');
select throws_ok($$select public.match_memories('[]', '', 'm')$$, '42501', null, 'and matches nothing');
reset role;
delete from auth.users where id = '00000000-0000-4000-8000-0000000000a0';
select is_empty($$select 1 from public.memories where user_id = '00000000-0000-4000-8000-0000000000a0'$$, 'tombstones go with the account');

select * from finish();
rollback;
