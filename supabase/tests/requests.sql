-- What one person may ask of the database at a time. The functions see what PostgREST sets in each transaction.
begin;
select plan(21);
insert into auth.users (id, email) values ('00000000-0000-4000-8000-0000000000a0', 'ana@example.com');

select function_privs_are('private', 'check_request', array[]::text[], 'anon', array[]::text[], 'anon is sent away');
select function_privs_are('private', 'check_request', array[]::text[], 'authenticated', array['EXECUTE']);
select function_privs_are('private', 'check_request', array[]::text[], 'service_role', array['EXECUTE']);
select table_privs_are('private', 'write_allowances', 'authenticated', array[]::text[], 'nobody refills their writes');
select is((select setting from pg_roles, unnest(rolconfig) as setting
            where rolname = 'authenticator' and setting like 'pgrst.%'),
  'pgrst.db_pre_request=private.check_request', 'PostgREST calls it');
select is((select array_agg(setting order by setting) from pg_roles, unnest(rolconfig) as setting
            where rolname = 'authenticated'),
  array['idle_in_transaction_session_timeout=10s', 'lock_timeout=3s', 'statement_timeout=4s'], 'statements of people end');

create function pg_temp.request(method text, path text, headers json) returns void language sql as $$
  select set_config('request.method', method, true), set_config('request.path', path, true),
         set_config('request.headers', headers::text, true)
$$;
grant execute on function pg_temp.request(text, text, json) to authenticated;
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000a0", "role": "authenticated"}';
set local role authenticated;

-- Writes -------------------------------------------------------------------------------------------------------------
select pg_temp.request('POST', '/plans', '{"content-length": "100"}');
select lives_ok('select private.check_request() from generate_series(1, 200)', '200 writes at once');
select throws_ok('select private.check_request()', 'PGRST', null, 'and no more');
select pg_temp.request('GET', '/plans', '{}');
select lives_ok('select private.check_request()', 'reading goes on');
reset role;
update private.write_allowances set updated_at = now() - interval '2 seconds';
set local role authenticated;
select pg_temp.request('PATCH', '/plans', '{"content-length": "100"}');
select lives_ok('select private.check_request() from generate_series(1, 40)', '20 come back in a second');
select throws_ok('select private.check_request()', 'PGRST', null, 'and no more than that');
reset role;
update private.write_allowances set updated_at = now() + interval '7 days';
set local role authenticated;
select lives_ok('select private.check_request()', 'nobody waits for a clock that was a week ahead');

-- Bodies -------------------------------------------------------------------------------------------------------------
select pg_temp.request('POST', '/rpc/log_workout', '{"content-length": "4000001"}');
select throws_ok('select private.check_request()', 'PT413', null, 'a large body');
select pg_temp.request('POST', '/rpc/enqueue_job', '{"content-length": "12000001"}');
select throws_ok('select private.check_request()', 'PT413', null, 'a large file');
select pg_temp.request('POST', '/plans', '{"transfer-encoding": "chunked"}');
select throws_ok('select private.check_request()', 'PT411', null, 'a body without a length');
set local role service_role;
select lives_ok('select private.check_request() from generate_series(1, 300)', 'the service has none of these limits');

-- Queries ------------------------------------------------------------------------------------------------------------
set local role authenticated;
select throws_ok('select from public.exercises where name ~ ''a''', 'PT400', null, 'a regular expression');
select throws_ok('select from public.foods where to_tsvector(name) @@ to_tsquery(''a'')', 'PT400', null, 'a text search');
select throws_ok(
  'select * from "public"."exercises" LEFT JOIN LATERAL (select from "public"."sets" AS "s") AS x ON true',
  'PT400', null, 'a relation the wrong way');
select lives_ok(
  'select * from "public"."workouts" LEFT JOIN LATERAL (select from "public"."sets" AS "s") AS x ON true',
  'the right way');
set local request.method = '';
set local request.query_checked = '';
select lives_ok('select from public.exercises where name ~ ''a''', 'other clients than PostgREST are not asked');

select * from finish();
rollback;
