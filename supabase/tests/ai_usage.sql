-- public.ai_usage: how often people asked a model, by UTC day; begin_chat stops at 200, memories at 500, and nobody sets it back.
begin;
select plan(54);

insert into auth.users (id, email) values
  ('00000000-0000-4000-8000-0000000000a0', 'ana@people.example'), ('00000000-0000-4000-8000-0000000000b0', 'bo@people.example');
insert into auth.users (id, is_anonymous) values ('00000000-0000-4000-8000-0000000000c0', true);
create temporary table noted (name text, id uuid);
grant all on noted to authenticated;

-- Answers a message; nothing but its tokens counts here.
create function pg_temp.answered(message_id uuid, tokens integer) returns jsonb
language sql set search_path = '' as $$
  select public.finish_chat(jsonb_build_object('message_id', message_id, 'reply', 'Well.', 'mood', 'warm', 'actions', '[]'::jsonb,
    'model', 'x', 'finish', 'stop', 'input_tokens', tokens, 'output_tokens', 1, 'latency_ms', 1))
$$;
grant execute on function pg_temp.answered to authenticated;

-- Who may ask what ---------------------------------------------------------------------------------------------------
select table_privs_are('public', 'ai_usage', 'anon', array[]::text[], 'anon can do nothing');
select table_privs_are('public', 'ai_usage', 'authenticated', array['SELECT'], 'people read');
select is_empty($$select 1 from information_schema.column_privileges where table_schema = 'public' and table_name = 'ai_usage'
  and grantee in ('anon', 'authenticated') and privilege_type <> 'SELECT'$$, 'no column is anyone''s to set');
select policies_are('public', 'ai_usage', array['People read their own usage',
  'Only queries that the app needs']);

-- The owner ----------------------------------------------------------------------------------------------------------
set local role authenticated;
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000b0", "role": "authenticated"}';
select lives_ok($$select public.begin_chat(gen_random_uuid(), 'Hi')$$, 'Bo asks something');
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000a0", "role": "authenticated"}';
select is_empty('select 1 from public.ai_usage', 'which is not Ana''s');
insert into noted select 'first', (public.begin_chat('00000000-0000-4000-8000-00000000c1a0', 'Hi') ->> 'message_id')::uuid;
select results_eq('select user_id, day, kind::text, calls, input_tokens, output_tokens from public.ai_usage',
  $$values ('00000000-0000-4000-8000-0000000000a0'::uuid, (now() at time zone 'UTC')::date, 'chat', 1, 0::bigint, 0::bigint)$$, 'a call is counted');
select is(public.begin_chat('00000000-0000-4000-8000-00000000c1a0', 'Hi') ->> 'state', 'answering', 'waiting for it');
select is((select calls from public.ai_usage), 1, 'is no call');
select lives_ok(format('select public.release_chat(%L)', id), 'when it fails') from noted where name = 'first';
select is(public.begin_chat('00000000-0000-4000-8000-00000000c1a0', 'Hi') ->> 'state', 'yours', 'asking again');
select is((select calls from public.ai_usage), 2, 'is another one');
select isnt(pg_temp.answered(id, 10), null, 'an answer') from noted where name = 'first';
select isnt(pg_temp.answered(id, 99), null, 'and the same again') from noted where name = 'first';
select results_eq('select calls, input_tokens, output_tokens from public.ai_usage', 'values (2, 10::bigint, 1::bigint)', 'count their tokens once');
select is(public.begin_chat('00000000-0000-4000-8000-00000000c1a0', 'Hi') ->> 'state', 'answered', 'reading it');
select is((select calls from public.ai_usage), 2, 'is no call either');
insert into noted select 'large', (public.begin_chat(gen_random_uuid(), 'Hi') ->> 'message_id')::uuid;
select isnt(pg_temp.answered(id, 2147483647), null, 'the longest answer') from noted where name = 'large';
select is((select input_tokens from public.ai_usage), 2147483657, 'is counted too');
select throws_ok(format('select pg_temp.answered(%L, -5)', public.begin_chat(gen_random_uuid(), 'Hi') ->> 'message_id'), '23514', null,
  'tokens are not given back');
select throws_ok($$insert into public.ai_usage (user_id, day, kind) values ('00000000-0000-4000-8000-0000000000a0', '2026-01-01', 'chat')$$, '42501',
  null, 'usage is not written by hand');
select throws_ok('update public.ai_usage set ' || change, '42501', null, 'nor changed: ' || change)
  from unnest(array['calls = 0', 'day = ''2020-01-01''', 'user_id = user_id', 'input_tokens = 0']) as change;
select throws_ok('delete from public.ai_usage', '42501', null, 'nor deleted');
select throws_ok('truncate public.ai_usage', '42501', null, 'at all');
select throws_ok($$select private.count_call('00000000-0000-4000-8000-0000000000a0', 'chat', 1000)$$, '42501', null, 'nobody has a limit of their own');

-- The limit --------------------------------------------------------------------------------------------------------------
reset role;
update public.ai_usage set calls = 199 where user_id = '00000000-0000-4000-8000-0000000000a0';
set local role authenticated;
select is(public.begin_chat('00000000-0000-4000-8000-00000000c1a1', 'Hi') ->> 'state', 'yours', 'the 200th call of a day is the last');
select throws_like($$select public.begin_chat('00000000-0000-4000-8000-00000000c1a2', 'Hi')$$, '%200 for today; the next is possible at %T00:00:00Z.',
  'and it is said when the next may come');
select throws_ok($$select public.begin_chat('00000000-0000-4000-8000-00000000c1a2', 'Hi')$$, 'PT429', null, 'too many are too many');
select is_empty($$select 1 from public.chat_messages where client_id = '00000000-0000-4000-8000-00000000c1a2'$$, 'what is refused is not kept');
select is(public.begin_chat('00000000-0000-4000-8000-00000000c1a1', 'Hi') ->> 'state', 'answering', 'the last one is answered still');
select is(public.begin_chat('00000000-0000-4000-8000-00000000c1a0', 'Hi') ->> 'state', 'answered', 'and what was, can be read');
select is(public.begin_chat('00000000-0000-4000-8000-00000000c1a2', 'My chest is tight', true) ->> 'state', 'yours', 'what is urgent is never turned away');
select is((select calls from public.ai_usage), 201, 'but counted');
select lives_ok($$select public.release_chat(id) from public.chat_messages where client_id = '00000000-0000-4000-8000-00000000c1a2'$$, 'but as a message like others');
select is(public.begin_chat('00000000-0000-4000-8000-00000000c1a2', 'My chest is tight', true) ->> 'state', 'yours', 'and answered again');
update public.users set timezone = 'Pacific/Kiritimati';
select throws_ok($$select public.begin_chat(gen_random_uuid(), 'Hi')$$, 'PT429', null, 'the day is the same everywhere');
delete from public.chat_messages;
select throws_ok($$select public.begin_chat(gen_random_uuid(), 'Hi')$$, 'PT429', null, 'deleting the conversation gives nothing back');
reset role;
update public.ai_usage set day = day - 1 where user_id = '00000000-0000-4000-8000-0000000000a0';
set local role authenticated;
select is(public.begin_chat(gen_random_uuid(), 'Hi') ->> 'state', 'yours', 'the next day is a new one');
select results_eq('select calls from public.ai_usage order by day', 'values (202), (1)', 'with its own count');

-- Memories ------------------------------------------------------------------------------------------------------------------
select lives_ok('select public.count_memory_call() from generate_series(1, 3)', 'memories are embedded');
select results_eq($$select calls, input_tokens from public.ai_usage where kind = 'memory'$$, 'values (3, 0::bigint)', 'and counted of their own');
reset role;
update public.ai_usage set calls = 500 where user_id = '00000000-0000-4000-8000-0000000000a0' and kind = 'memory';
set local role authenticated;
select throws_like('select public.count_memory_call()', '%500 for today; the next is possible at %T00:00:00Z.', 'until the day is used up');
select is(public.begin_chat(gen_random_uuid(), 'Hi') ->> 'state', 'yours', 'talking goes on');

-- Another person, and a guest ----------------------------------------------------------------------------------------------
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000b0", "role": "authenticated"}';
select results_eq('select user_id, calls from public.ai_usage', $$values ('00000000-0000-4000-8000-0000000000b0'::uuid, 1)$$,
  'each has their own');
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000c0", "role": "authenticated", "is_anonymous": true}';
select throws_ok($$select public.begin_chat(gen_random_uuid(), 'Hi')$$, 'PT403', null, 'a guest uses nothing');
select throws_ok('select public.count_memory_call()', 'PT403', null, 'nor has memories embedded');
select is_empty('select 1 from public.ai_usage', 'and has nothing to see');

-- No account, and the server's own key --------------------------------------------------------------------------------
reset role;
set local role anon;
select throws_ok('select 1 from public.ai_usage', '42501', null, 'anon reads nothing');
reset role;
set local role service_role;
select is((select count(*)::integer from public.ai_usage where user_id in ('00000000-0000-4000-8000-0000000000a0', '00000000-0000-4000-8000-0000000000b0')),
  4, 'the service role sees all');
reset role;
select throws_ok($$update public.ai_usage set calls = -1 where user_id = '00000000-0000-4000-8000-0000000000a0'$$, '23514', null,
  'nobody has calls in hand, whoever writes it');
delete from auth.users where id = '00000000-0000-4000-8000-0000000000a0';
select is_empty($$select 1 from public.ai_usage where user_id = '00000000-0000-4000-8000-0000000000a0'$$, 'usage goes with the account');

select * from finish();
rollback;
