-- public.idempotency_keys: no one reads, writes or forges what was answered before; the functions alone do.
begin;
select plan(24);

insert into auth.users (id, email) values
  ('00000000-0000-4000-8000-0000000000a0', 'ana@people.example'), ('00000000-0000-4000-8000-0000000000b0', 'bo@people.example');
insert into auth.users (id, is_anonymous) values ('00000000-0000-4000-8000-0000000000c0', true);

-- Who may ask what ---------------------------------------------------------------------------------------------------
select table_privs_are('public', 'idempotency_keys', 'anon', array[]::text[], 'anon can do nothing');
select table_privs_are('public', 'idempotency_keys', 'authenticated', array[]::text[], 'nor can people');
select is_empty($$select 1 from information_schema.column_privileges where table_schema = 'public' and table_name = 'idempotency_keys'
  and grantee in ('anon', 'authenticated')$$, 'not on any column');
select policies_are('public', 'idempotency_keys', array['People own their idempotency keys',
  'Only queries that the app needs']);

-- A key gives its first answer again ----------------------------------------------------------------------------------
create temporary table answers (name text, answer jsonb);
grant all on answers to authenticated;
set local role authenticated;
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000a0", "role": "authenticated"}';
insert into answers values ('first', public.create_plan('{"name": "Once"}', 'key'));
insert into answers values ('again', public.create_plan('{"name": "Once"}', 'key'));
select is((select answer -> 'replayed' from answers where name = 'first'), 'false', 'the first request is not a repeat');
select is((select answer -> 'replayed' from answers where name = 'again'), 'true', 'the second is');
select is((select count(distinct answer -> 'answer')::integer from answers), 1, 'and gets the same answer');
select is((select count(*)::integer from public.plans), 1, 'one plan was made');
select throws_ok($$select public.create_plan('{"name": "Other"}', 'key')$$, 'PT409', null, 'another request with the key is refused');
select throws_ok($$select public.create_exercise('{"name": "Once"}', 'key')$$, 'PT409', null, 'and so is another operation');
select is(public.create_plan('{"name": "Once"}') -> 'replayed', 'false', 'without a key each request is new');
select throws_ok(format('select public.create_plan(''{"name": "x"}'', %L)', repeat('k', 201)), '23514', null, 'a key is short');
select throws_ok($$select public.create_plan('{"name": "x"}', '')$$, '23514', null, 'and not empty');
select throws_ok($$select public.create_plan('{"name": "", "content": null}', 'failed')$$, '23514', null, 'a request that fails');
select is(public.create_plan('{"name": "Better"}', 'failed') -> 'replayed', 'false', 'leaves its key free');
-- As jsonb this would become a gigabyte of zeros before it is hashed.
select lives_ok(format('select public.create_plan(''{"name": "x", "ignored": [%s1]}'', ''huge'')', repeat('1e131071,', 8000)),
  'a number with many digits is not written out');
select throws_ok('select 1 from public.idempotency_keys', '42501', null, 'people do not read keys');
select throws_ok($$insert into public.idempotency_keys (key, operation, request_hash) values ('k', 'create_plan', '')$$, '42501', null,
  'nor write them');
select throws_ok('update public.idempotency_keys set resource_id = null', '42501', null, 'nor forge answers');

-- Another person, and an anonymous sign-in ----------------------------------------------------------------------------
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000b0", "role": "authenticated"}';
select is(public.create_plan('{"name": "Once"}', 'key') -> 'replayed', 'false', 'a key is a person''s own');
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000c0", "role": "authenticated", "is_anonymous": true}';
select is(public.create_plan('{"name": "Once"}', 'key') -> 'replayed', 'false', 'an anonymous sign-in has its own too');

-- No account, the server's own key, and a day later -------------------------------------------------------------------
reset role;
set local role anon;
select throws_ok($$select public.create_plan('{"name": "x"}', 'key')$$, '42501', null, 'anon calls nothing');
reset role;
set local role service_role;
select is((select count(*)::integer from public.idempotency_keys where key = 'key'), 3, 'the service role sees all');
reset role;
update public.idempotency_keys set created_at = now() - interval '25 hours';
set local role authenticated;
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000a0", "role": "authenticated"}';
select is(public.create_plan('{"name": "Once"}', 'key') -> 'replayed', 'false', 'after a day a key is free again');

select * from finish();
rollback;
