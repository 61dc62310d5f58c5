-- public.jobs: people enqueue, watch and cancel their own; the worker alone, with the server's key, does the rest.
begin;
select plan(105);

insert into auth.users (id, email) values
  ('00000000-0000-4000-8000-0000000000a0', 'ana@people.example'), ('00000000-0000-4000-8000-0000000000b0', 'bo@people.example');
insert into auth.users (id, is_anonymous) values ('00000000-0000-4000-8000-0000000000c0', true);
-- Whatever waits here already is not for this file's worker.
update public.jobs set run_after = now() + interval '9 minutes';
create temporary table noted (name text, id uuid);
grant all on noted to authenticated, service_role;

-- Who may ask what ---------------------------------------------------------------------------------------------------
select table_privs_are('public', 'jobs', 'anon', array[]::text[], 'anon can do nothing');
select table_privs_are('public', 'jobs', 'authenticated', array[]::text[], 'people have no right on all of it');
select column_privs_are('public', 'jobs', c, 'authenticated', array['SELECT'], 'people watch ' || c)
  from unnest(array['id', 'user_id', 'kind', 'status', 'progress', 'message', 'result', 'problem', 'created_at', 'updated_at', 'finished_at']) as c;
select column_privs_are('public', 'jobs', c, 'authenticated', array[]::text[], c || ' is the worker''s')
  from unnest(array['input', 'attachment', 'dedupe_key', 'attempts', 'run_after', 'lease_expires_at', 'turn']) as c;
select policies_are('public', 'jobs', array['People watch their own jobs',
  'Only queries that the app needs']);

-- The owner ----------------------------------------------------------------------------------------------------------
set local role authenticated;
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000b0", "role": "authenticated"}';
insert into noted select 'bos', (public.enqueue_job('import_workouts', '{"timezone": null}', 'file', 'H4sI') ->> 'id')::uuid;
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000a0", "role": "authenticated"}';
insert into noted select 'anas', (public.enqueue_job('import_workouts', '{"timezone": null}', 'file', 'H4sI') ->> 'id')::uuid;
select results_eq('select id, user_id, status::text from public.jobs',
  $$select id, '00000000-0000-4000-8000-0000000000a0'::uuid, 'queued' from noted where name = 'anas'$$, 'people watch their own jobs alone');
select is((public.enqueue_job('import_workouts', '{}', 'file') ->> 'id')::uuid, id, 'what is under way is not done twice')
  from noted where name = 'anas';
select throws_ok('select input from public.jobs', '42501', null, 'what the worker works on is not shown');
select throws_ok('select attachment from public.jobs', '42501', null, 'nor the file');
select throws_ok($$insert into public.jobs (kind, input, dedupe_key) values ('import_workouts', '{}', 'x')$$, '42501', null, 'a job is not written by hand');
select throws_ok('update public.jobs set status = ''succeeded''', '42501', null, 'nor its status changed');
select throws_ok('update public.jobs set result = ''{}''', '42501', null, 'nor its result');
select throws_ok('delete from public.jobs', '42501', null, 'nor is it deleted');
select throws_ok('truncate public.jobs', '42501', null, 'at all');

-- What a job may be ------------------------------------------------------------------------------------------------------
select throws_ok(format('select public.enqueue_job(%s)', arguments), code, null, 'refused: ' || left(arguments, 60))
  from (values
    ('''train_model'', ''{}'', ''x''', '22P02'), ('null, ''{}'', ''x''', '23502'), ('''import_account'', null, ''x''', '23502'),
    ('''import_account'', ''{}'', null', '23502'), ('''import_account'', ''{}'', '' ''', '23514'),
    (format('''import_account'', ''{}'', %L', repeat('x', 201)), '23514'),
    (format('''import_account'', %L, ''x''', to_jsonb(repeat('x', 10000000))), '23514'),
    (format('''import_account'', ''{}'', ''x'', %L', repeat('xxxx', 2500000)), '23514'),
    ('''import_account'', ''{}'', ''x'', ''no base64!''', '22023'),
    -- A few bytes that would be 131 kB when the worker asks for them.
    (format('''import_account'', ''{"x": [%s0]}'', ''x''', repeat('1e131071,', 3000)), '23514'),
    -- Deeper than the worker's parser goes, and it reads several people's jobs at once.
    (format('''import_account'', ''{"x": %s%s}'', ''x''', repeat('[', 1000), repeat(']', 1000)), '23514'),
    ('''import_account'', ''{"x": {}}'', ''x''', '23514'), ('''import_account'', ''{"x": []}'', ''x''', '23514'),
    ('''import_account'', ''[]'', ''x''', '23514'), ('''import_account'', ''"x"'', ''x''', '23514'), ('''import_account'', ''null'', ''x''', '23514'),
    ('''import_account'', ''5'', ''x''', '23514')) as t (arguments, code);
select lives_ok(format('select public.enqueue_job(''import_account'', ''{}'', %L)', 'job ' || n), 'a job under way: ' || n) from generate_series(2, 5) as n;
select throws_ok('select public.enqueue_job(''import_account'', ''{}'', ''job 6'')', 'PT409', null, 'five at most');
select is(public.enqueue_job('import_account', '{}', 'job 5') ->> 'status', 'queued', 'the same again is not a sixth');

-- Another person -----------------------------------------------------------------------------------------------------
select is_empty($$select 1 from public.jobs where id = (select id from noted where name = 'bos')$$, 'another person''s job is not there');
select is(public.cancel_job(id), null, 'nor to cancel') from noted where name = 'bos';
select is(public.cancel_job('00000000-0000-4000-8000-00000000dead'), null, 'like one that does not exist');

-- Cancelling -----------------------------------------------------------------------------------------------------------
insert into noted select 'cancelled', (public.enqueue_job('import_account', '{}', 'job 2') ->> 'id')::uuid;
select is(public.cancel_job(id), true, 'a job is cancelled') from noted where name = 'cancelled';
select is(public.cancel_job(id), true, 'once more changes nothing') from noted where name = 'cancelled';
select results_eq($$select status::text, finished_at is not null from public.jobs where id = (select id from noted where name = 'cancelled')$$,
  $$values ('cancelled', true)$$, 'it is over');
select isnt((public.enqueue_job('import_account', '{}', 'job 2') ->> 'id')::uuid, id, 'the same can be enqueued again')
  from noted where name = 'cancelled';
select throws_ok('select public.' || call, '42501', null, 'people do not call ' || call)
  from unnest(array['claim_jobs(1, 60)', 'heartbeat_job(gen_random_uuid(), 1, 60, 1, '''')', 'finish_job(gen_random_uuid(), 1, ''{}'')',
    'fail_job(gen_random_uuid(), 1, ''{}'', false)', 'release_job(gen_random_uuid(), 1)', 'purge()', 'job_changes(array[gen_random_uuid()])',
    'renew_leases(''{}'', 60)', 'job_attachment(gen_random_uuid(), 1)',
    'import_batch(gen_random_uuid(), 1, ''profile'', ''[]'')', 'import_context(gen_random_uuid(), 1)']) as call;
select throws_ok('select private.assert_lease(gen_random_uuid(), 1)', '42501', null, 'nor what the worker''s functions ask');

-- An anonymous sign-in is an ordinary owner, and an account that is gone is none ------------------------------------------
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000c0", "role": "authenticated", "is_anonymous": true}';
select is(public.enqueue_job('import_workouts', '{}', 'file') ->> 'status', 'queued', 'an anonymous sign-in enqueues');
select is((select count(*)::integer from public.jobs), 1, 'a job of its own');
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-00000000dead", "role": "authenticated"}';
select throws_ok('select public.enqueue_job(''import_workouts'', ''{}'', ''file'')', 'PT401', null, 'a token of no account enqueues nothing');

-- No account -----------------------------------------------------------------------------------------------------------
reset role;
set local role anon;
select throws_ok('select 1 from public.jobs', '42501', null, 'anon reads nothing');
select throws_ok('select public.enqueue_job(''import_workouts'', ''{}'', ''file'')', '42501', null, 'and enqueues nothing');
select throws_ok('select public.claim_jobs(1, 60)', '42501', null, 'and claims nothing');

-- The worker -----------------------------------------------------------------------------------------------------------
reset role;
update public.jobs set run_after = now() + interval '9 minutes' where id <> (select id from noted where name = 'bos');
set local role service_role;
select results_eq('select id, status::text, attempts::integer, attachment from public.claim_jobs(9, 60)',
  $$select id, 'running', 1, decode('H4sI', 'base64') from noted where name = 'bos'$$, 'the worker claims what waits');
select is_empty('select 1 from public.claim_jobs(9, 60)', 'which then waits no more');
select throws_ok(format('select public.%s', format(call, id)), 'PT409', null, 'not held: ' || call)
  from noted, unnest(array['heartbeat_job(%L, 2, 60, 1, '''')', 'finish_job(%L, 2, ''{}'')', 'fail_job(%L, 2, ''{}'', true)', 'release_job(%L, 0)',
    'import_context(%L, 2)', 'import_batch(%L, 2, ''profile'', ''[]'')']) as call where name = 'bos';
select lives_ok(format('select public.heartbeat_job(%L, 1, 60, 0.5, %L)', id, repeat('x', 10000)), 'it says how far it is') from noted where name = 'bos';
select lives_ok(format('select public.heartbeat_job(%L, 1, 60, 0.25, null)', id), 'more than once') from noted where name = 'bos';
select results_eq('select progress, char_length(message) from public.jobs where id = (select id from noted where name = ''bos'')',
  'values (0.5::real, 300)', 'and never less than before');
select lives_ok(format('select public.release_job(%L, 1)', id), 'it gives a job back') from noted where name = 'bos';
select is((select attempts::integer from public.claim_jobs(9, 60)), 1, 'which is no attempt');
select lives_ok(format('select public.fail_job(%L, 1, ''{}'', true)', id), 'what fails is tried again') from noted where name = 'bos';
select is_empty('select 1 from public.claim_jobs(9, 60)', 'later');
reset role;
update public.jobs set run_after = now() where id = (select id from noted where name = 'bos');
set local role service_role;
select is((select attempts::integer from public.claim_jobs(9, -1)), 2, 'then');
select is((select attempts::integer from public.claim_jobs(9, -1)), 3, 'a worker that is not paraphrases of loses its job');
select is((select attempts::integer from public.claim_jobs(9, -1)), 4, 'again');
select is((select attempts::integer from public.claim_jobs(9, -1)), 5, 'and again');
select is_empty('select 1 from public.claim_jobs(9, -1)', 'five times');
select results_eq('select status::text, problem ->> ''code'', attachment from public.jobs where id = (select id from noted where name = ''bos'')',
  $$values ('failed', 'gave_up', null::bytea)$$, 'then it is over, and the file gone');
set local role authenticated;
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000b0", "role": "authenticated"}';
select throws_ok(format('select public.cancel_job(%L)', id), 'PT409', null, 'what is over is not cancelled') from noted where name = 'bos';

-- purge, and the end of an account ----------------------------------------------------------------------------------------
reset role;
update public.jobs set finished_at = now() - interval '31 days' where id in (select id from noted where name in ('bos', 'cancelled'));
set local role service_role;
select ok((public.purge() ->> 'changed')::integer >= 2, 'what has been over for a month goes');
select is(public.purge(), '{"changed": 0, "done": true}', 'once');
reset role;
select is_empty('select 1 from public.jobs where id in (select id from noted where name in (''bos'', ''cancelled''))', 'it is gone');
select isnt_empty('select 1 from public.jobs where id = (select id from noted where name = ''anas'')', 'what waits is not');
delete from auth.users where id = '00000000-0000-4000-8000-0000000000a0';
select is_empty($$select 1 from public.jobs where user_id = '00000000-0000-4000-8000-0000000000a0'$$, 'a person''s jobs go with the account');

select * from finish();
rollback;
