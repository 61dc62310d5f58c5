-- public.chat_messages: read and deleted by their owner, written by begin_chat and finish_chat alone; each is answered once.
begin;
select plan(114);

insert into auth.users (id, email) values
  ('00000000-0000-4000-8000-0000000000a0', 'ana@people.example'), ('00000000-0000-4000-8000-0000000000b0', 'bo@people.example');
insert into auth.users (id, is_anonymous) values ('00000000-0000-4000-8000-0000000000c0', true);
create temporary table sound as select '{"reply": "Noted.", "mood": "warm", "actions": [], "model": "offline", "finish": "stop",
  "input_tokens": 10, "output_tokens": 5, "latency_ms": 20, "evidence": [], "memories": []}'::jsonb as answer;
create temporary table noted (name text, id uuid);
grant all on sound, noted to authenticated, service_role;

-- Who may ask what ---------------------------------------------------------------------------------------------------
select table_privs_are('public', 'chat_messages', 'anon', array[]::text[], 'anon can do nothing');
select table_privs_are('public', 'chat_messages', 'authenticated', array['DELETE', 'SELECT'], 'people read and delete');
select is_empty($$select 1 from information_schema.column_privileges where table_schema = 'public' and table_name = 'chat_messages'
  and grantee in ('anon', 'authenticated') and privilege_type <> 'SELECT'$$, 'no column is anyone''s to set');
select policies_are('public', 'chat_messages', array['People read their own conversation', 'People delete their own conversation',
  'Only queries that the app needs']);

-- The owner ----------------------------------------------------------------------------------------------------------
set local role authenticated;
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000b0", "role": "authenticated"}';
insert into noted select 'bos', (public.begin_chat('00000000-0000-4000-8000-00000000c1a0', 'Bo''s secret') ->> 'message_id')::uuid;
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000a0", "role": "authenticated"}';
select is_empty('select 1 from public.chat_messages', 'what another person says is not paraphrases');
insert into noted select 'anas', (public.begin_chat('00000000-0000-4000-8000-00000000c1a0', 'Good morning') ->> 'message_id')::uuid;
select isnt((select id from noted where name = 'anas'), (select id from noted where name = 'bos'), 'another person''s client_id is free');
select results_eq('select id, user_id, role::text, message, answering_until > now() from public.chat_messages',
  $$select id, '00000000-0000-4000-8000-0000000000a0'::uuid, 'user', 'Good morning', true from noted where name = 'anas'$$,
  'what she says is kept, and being answered');
select is(public.begin_chat('00000000-0000-4000-8000-00000000c1a0', 'Good morning'), '{"state": "answering"}', 'by one request at a time');
select throws_ok($$select public.begin_chat('00000000-0000-4000-8000-00000000c1a0', 'Good evening')$$, 'PT409', null,
  'a client_id is for one message');
select lives_ok(format('select public.release_chat(%L)', id), 'a request that fails lets go') from noted where name = 'anas';
select is(public.begin_chat('00000000-0000-4000-8000-00000000c1a0', 'Good morning') ->> 'state', 'yours', 'so that the next need not wait');
select throws_ok($$insert into public.chat_messages (role, client_id, message) values ('user', gen_random_uuid(), 'x')$$, '42501', null,
  'a message is not written by hand');
select throws_ok(format($$insert into public.chat_messages (role, reply_to, message, mood, actions, model, finish, input_tokens, output_tokens,
  latency_ms) values ('assistant', %L, 'x', 'warm', '[]', 'x', 'stop', 0, 0, 0)$$, id), '42501', null, 'nor a reply to ' || name) from noted;
select throws_ok('update public.chat_messages set ' || change, '42501', null, 'nor is it changed: ' || change)
  from unnest(array['message = ''x''', 'role = ''assistant''', 'answering_until = null', 'user_id = user_id', 'reply_to = id']) as change;
select throws_ok('truncate public.chat_messages', '42501', null, 'nobody empties the table');

-- What is said, and what an answer may be ----------------------------------------------------------------------------------
select throws_ok(format('select public.begin_chat(%s)', arguments), code, null, 'refused: ' || left(arguments, 60))
  from (values ('null, ''Hi''', '23514'), ('gen_random_uuid(), null', '23502'), ('gen_random_uuid(), ''''', '23514'),
    ('gen_random_uuid(), E'' \n''', '23514'), ('gen_random_uuid(), repeat(''x'', 4001)', '23514'),
    ('gen_random_uuid(), repeat(''x'', 10000000)', '23514')) as t (arguments, code);
select throws_ok(format('select public.finish_chat(%L)', answer || jsonb_build_object('message_id', id) || change::jsonb), code, null,
  'refused: ' || left(change, 60))
  from sound, noted, (values
    ('{"reply": null}', '23502'), ('{"reply": " "}', '23514'), (json_build_object('reply', repeat('x', 4001))::text, '23514'),
    (json_build_object('reply', repeat('x', 10000000))::text, '23514'), ('{"mood": null}', '23514'), ('{"mood": "furious"}', '22P02'),
    ('{"actions": null}', '23514'), ('{"actions": {}}', '23514'), ('{"actions": [1]}', '23514'), ('{"actions": [[]]}', '23514'),
    ('{"actions": [{"kind": "sing"}]}', '23514'), ('{"actions": [{"kind": "log_workout", "x": 1}]}', '23514'),
    ('{"actions": [{"kind": "log_workout", "body": []}]}', '23514'), ('{"actions": [{"kind": "log_workout", "body": "x"}]}', '23514'),
    ('{"actions": [{"kind": "review_memories", "body": {}}]}', '23514'),
    ('{"actions": [{"kind": "start_workout"}]}', '23514'),
    ('{"actions": [{"kind": "start_workout", "plan_id": "x", "plan_day": 0}]}', '23514'),
    ('{"actions": [{"kind": "start_workout", "plan_id": "00000000-0000-4000-8000-00000000dead", "plan_day": 14}]}', '23514'),
    ('{"actions": [{"kind": "start_workout", "plan_id": "00000000-0000-4000-8000-00000000dead", "plan_day": 1.5}]}', '23514'),
    (json_build_object('actions', json_build_array(repeat('x', 10000000)))::text, '23514'),
    -- A few bytes that would be 118 MB when the API asks for them.
    (format('{"actions": [%s0]}', repeat('1e131071,', 449)), '23514'),
    ('{"model": null}', '23514'), ('{"model": " "}', '23514'), (json_build_object('model', repeat('x', 101))::text, '23514'),
    ('{"finish": "error"}', '22P02'), ('{"input_tokens": -1}', '23514'), ('{"input_tokens": null}', '23514'),
    ('{"output_tokens": 2147483648}', '22003'), ('{"latency_ms": "soon"}', '22P02'), ('{"message_id": null}', 'PT404'),
    ('{"message_id": "x"}', '22P02'), ('{"evidence": 5}', '22023'), ('{"evidence": [5]}', '22023'), ('{"memories": 5}', '22023')) as t (change, code)
 where name = 'anas';
select throws_ok(format('select public.finish_chat(%L)', payload), code, null, 'refused: ' || coalesce(payload, 'nothing'))
  from (values (null, 'PT404'), ('null', 'PT404'), ('5', 'PT404'), ('[]', 'PT404'), ('{}', 'PT404')) as t (payload, code);
select is((select count(*)::integer from public.chat_messages), 1, 'nothing of all this was kept');

-- An answer --------------------------------------------------------------------------------------------------------------
select is(public.finish_chat(answer || jsonb_build_object('message_id', id, 'actions', '[{"kind": "log_workout"}]'::jsonb,
  'id', '00000000-0000-4000-8000-00000000dead', 'user_id', '00000000-0000-4000-8000-0000000000b0', 'role', 'user', 'kind', 'check_in'))
  #- '{message,id}' #- '{message,created_at}', jsonb_build_object('message', jsonb_build_object('role', 'assistant', 'kind', 'message', 'client_id', null,
  'reply_to', id, 'message', 'Noted.', 'mood', 'warm', 'actions', '[{"kind": "log_workout"}]'::jsonb, 'model', 'offline', 'finish', 'stop', 'concern', null),
  'actions', '[{"kind": "log_workout"}]'::jsonb, 'evidence', '[]'::jsonb, 'memories_learned', '[]'::jsonb, 'affinity', '{"score": 1}'::jsonb),
  'an answer is kept, and what is not the person''s to set is not taken from them') from sound, noted where name = 'anas';
insert into noted select 'reply', id from public.chat_messages where role = 'assistant';
select is(public.finish_chat(answer || jsonb_build_object('message_id', id, 'reply', 'Other.')) #>> '{message,message}', 'Noted.',
  'the first answer stays') from sound, noted where name = 'anas';
select is(public.begin_chat('00000000-0000-4000-8000-00000000c1a0', 'Good morning') #>> '{answer,message,message}', 'Noted.',
  'and is given again');
select throws_ok(format('select public.finish_chat(%L)', answer || jsonb_build_object('message_id', id)), 'PT404', null, 'a reply is not replied to')
  from sound, noted where name = 'reply';
select results_eq('select answering_until from public.chat_messages', 'values (null::timestamptz), (null)', 'nobody answers any more');
select is((select affinity_score from public.users), 1, 'talking earns a point');
insert into noted select 'second', (public.begin_chat(gen_random_uuid(), 'And now?') ->> 'message_id')::uuid;
select is(public.finish_chat(answer || jsonb_build_object('message_id', id)) #> '{affinity,score}', '1', 'once a day')
  from sound, noted where name = 'second';

-- A concern ----------------------------------------------------------------------------------------------------------
create temporary table worried (name text, begun jsonb);
insert into worried select 'alarm', public.begin_chat(gen_random_uuid(), 'My chest is crushed', true);
insert into worried select 'meanwhile', public.begin_chat(gen_random_uuid(), 'What is next?');
select is(begun #> '{context,concern}', 'null', 'nothing is worrying at ' || name) from worried;
select throws_ok(format('select public.finish_chat(%L)', answer || jsonb_build_object('message_id', begun -> 'message_id') || change::jsonb), code, null,
  'refused: ' || change) from sound, worried, (values ('{"concern": "cardiac"}', '23514'), ('{"concern_step": "warned"}', '23514'),
    ('{"concern": "x", "concern_step": "warned"}', '22P02'), ('{"concern": "cardiac", "concern_step": "x"}', '22P02'),
    ('{"concern": "cardiac", "concern_step": "warned", "actions": [{"kind": "log_workout"}]}', '23514')) as t (change, code)
 where name = 'alarm';
select is(public.finish_chat(answer || jsonb_build_object('message_id', begun -> 'message_id', 'concern', 'cardiac', 'concern_step', 'warned'))
  #>> '{message,concern}', 'cardiac', 'a reply says what it is worried about') from sound, worried where name = 'alarm';
select throws_ok(format('select public.finish_chat(%L)', answer || jsonb_build_object('message_id', begun -> 'message_id')), 'PT409', null,
  'a reply that knows nothing of it is not kept') from sound, worried where name = 'meanwhile';
insert into worried select 'after', public.begin_chat(gen_random_uuid(), 'What is next?');
select is(begun #> '{context,concern}', '{"step": "warned", "concern": "cardiac"}', 'the next one knows') from worried where name = 'after';
select is(public.finish_chat(answer || jsonb_build_object('message_id', begun -> 'message_id', 'concern', 'cardiac', 'concern_step', 'followed_up'))
  #>> '{message,concern}', 'cardiac', 'and asks how she is') from sound, worried where name = 'after';
select is(public.finish_chat(answer || jsonb_build_object('message_id', begun -> 'message_id', 'is_fine', true)) #> '{message,concern}', 'null',
  'until she says that she is fine') from sound, worried where name = 'meanwhile';
select is(public.begin_chat(gen_random_uuid(), 'And then?') #> '{context,concern}', 'null', 'then it is over');
select is(public.finish_chat(answer || jsonb_build_object('message_id', public.begin_chat(gen_random_uuid(), 'Again', true) -> 'message_id',
  'concern', 'stroke', 'concern_step', 'asked')) #>> '{message,concern}', 'stroke', 'there is another') from sound;
delete from public.chat_messages where message in ('Again', 'What is next?', 'My chest is crushed', 'And then?');
select is(public.begin_chat(gen_random_uuid(), 'Hello') #> '{context,concern}', 'null', 'which ends with the conversation');
delete from public.chat_messages where message = 'Hello';

-- Another person -----------------------------------------------------------------------------------------------------
select throws_ok(format('select public.finish_chat(%L)', answer || jsonb_build_object('message_id', id)), 'PT404', null,
  'another person''s message is not there to answer') from sound, noted where name = 'bos';
select lives_ok(format('select public.release_chat(%L)', id), 'nor to release') from noted where name = 'bos';
prepare theirs as delete from public.chat_messages where id = (select id from noted where name = 'bos') returning id;
select is_empty('execute theirs', 'nor to delete');
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000b0", "role": "authenticated"}';
select results_eq('select id, answering_until > now() from public.chat_messages', $$select id, true from noted where name = 'bos'$$,
  'it is as it was');
select is(public.begin_chat(client_id, message) ->> 'state', 'answering', 'nobody else answers it meanwhile') from public.chat_messages;
reset role;
update public.chat_messages set answering_until = now() + interval '7 days' where id = (select id from noted where name = 'bos');
set local role authenticated;
select is(public.begin_chat(client_id, message) ->> 'state', 'yours', 'but for a week, which a wrong clock said') from public.chat_messages;

-- A guest, and an account that is gone ---------------------------------------------------------------------------------
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000c0", "role": "authenticated", "is_anonymous": true}';
select throws_ok($$select public.begin_chat(gen_random_uuid(), 'Hi')$$, 'PT403', null, 'a guest does not talk');
select throws_ok($$select public.begin_chat(gen_random_uuid(), 'Hi', true)$$, 'PT403', null, 'not even urgently');
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-00000000dead", "role": "authenticated"}';
select throws_ok($$select public.begin_chat(gen_random_uuid(), 'Hi')$$, 'PT401', null, 'a token of no account says nothing');

-- No account, and the server's own key --------------------------------------------------------------------------------
reset role;
set local role anon;
select throws_ok('select 1 from public.chat_messages', '42501', null, 'anon reads nothing');
select throws_ok($$select public.begin_chat(gen_random_uuid(), 'Hi')$$, '42501', null, 'and says nothing');
reset role;
set local role service_role;
select is((select count(*)::integer from public.chat_messages where id in (select id from noted)), 4, 'the service role sees all');

-- What a message is, whoever writes it -----------------------------------------------------------------------------------
reset role;
select throws_ok(format('insert into public.chat_messages (user_id, %s) values (''00000000-0000-4000-8000-0000000000a0'', %s)', columns, what),
  code, null, 'refused: ' || title)
  from (values
    ('role, message', '''user'', ''x''', '23514', 'a message without its client''s id'),
    ('role, client_id, message, mood', '''user'', gen_random_uuid(), ''x'', ''warm''', '23514', 'a message with a mood'),
    ('role, client_id, message, model', '''user'', gen_random_uuid(), ''x'', ''x''', '23514', 'a message that a model wrote'),
    ('role, message', '''assistant'', ''x''', '23514', 'a reply to nothing'),
    ('role, client_id, message', '''user'', ''00000000-0000-4000-8000-00000000c1a0'', ''x''', '23505', 'the same client''s id twice'))
    as t (columns, what, code, title);
select throws_ok(format($$insert into public.chat_messages (user_id, role, reply_to, message, mood, actions, model, finish, input_tokens,
  output_tokens, latency_ms) values ('00000000-0000-4000-8000-0000000000a0', 'assistant', %L, 'x', 'warm', '[]', 'x', 'stop', 0, 0, 0)$$, id),
  code, null, title)
  from noted join (values ('bos', '23503', 'nobody replies to another person''s message'), ('anas', '23505', 'nor twice to one''s own'))
    as t (name, code, title) using (name);

-- What is forgotten goes out of what was said -----------------------------------------------------------------------------
insert into noted values ('long', gen_random_uuid());
insert into public.chat_messages (id, user_id, role, client_id, message)
  select id, '00000000-0000-4000-8000-0000000000a0', 'user', gen_random_uuid(), repeat('a ', 2000) from noted where name = 'long';
insert into public.memories (user_id, kind, content, content_hash)
  select '00000000-0000-4000-8000-0000000000a0', 'fact', t, private.words_hash(t) from unnest(array['A.', 'secret']) as t;
select lives_ok($$select private.tombstone_memories('00000000-0000-4000-8000-0000000000a0')$$, 'also out of the longest message');
select matches(message, '^(\[forgotten\] )+', 'which says so') from public.chat_messages where id = (select id from noted where name = 'long');
select is(message, 'Bo''s secret', 'nothing of what another person said') from public.chat_messages where id = (select id from noted where name = 'bos');

-- Deleting, and the end of an account -------------------------------------------------------------------------------------
set local role authenticated;
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000a0", "role": "authenticated"}';
prepare mine as delete from public.chat_messages where id = (select id from noted where name = 'anas') returning id;
select isnt_empty('execute mine', 'people delete what they said');
select is_empty($$select 1 from public.chat_messages where id = (select id from noted where name = 'reply')$$, 'its reply goes along');
reset role;
delete from auth.users where id = '00000000-0000-4000-8000-0000000000a0';
select is_empty($$select 1 from public.chat_messages where user_id = '00000000-0000-4000-8000-0000000000a0'$$,
  'a person''s conversation goes with the account');
select isnt_empty($$select 1 from public.chat_messages where user_id = '00000000-0000-4000-8000-0000000000b0'$$, 'and no other');

select * from finish();
rollback;
