-- public.workouts: read by their owner, written by log_workout and its kin alone, and by them exactly once.
begin;
select plan(64);

insert into auth.users (id, email) values
  ('00000000-0000-4000-8000-0000000000a0', 'ana@people.example'), ('00000000-0000-4000-8000-0000000000b0', 'bo@people.example');
insert into auth.users (id, is_anonymous) values ('00000000-0000-4000-8000-0000000000c0', true);
insert into public.exercises (id, user_id, slug, name, kind, primary_muscles) values
  ('00000000-0000-4000-8000-00000000e001', null, 'test-library-squat', 'Test Library Squat', 'weight_reps', '{quadriceps}');
insert into public.plans (id, user_id, name, status, content)
  select id::uuid, user_id::uuid, 'Strength', 'active', '{"days": [{"name": "Legs", "exercises": [
    {"exercise_id": "00000000-0000-4000-8000-00000000e001", "sets": [{"set_type": "working", "reps_max": 5}]}]}]}'
    from (values ('00000000-0000-4000-8000-0000000010a0', '00000000-0000-4000-8000-0000000000a0'),
                 ('00000000-0000-4000-8000-0000000010b0', '00000000-0000-4000-8000-0000000000b0')) as t (id, user_id);
create temporary table sound as select '{"client_id": "00000000-0000-4000-8000-00000000c1a0", "started_at": "2026-03-04T23:30:00Z",
  "ended_at": "2026-03-05T00:30:00Z", "timezone": "Europe/Oslo", "name": "Legs", "exercises": [
  {"exercise_id": "00000000-0000-4000-8000-00000000e001", "sets": [
    {"set_type": "working", "reps": 5, "weight": {"value": 100, "unit": "kg"}}]}]}'::jsonb as payload;
create temporary table kept (id uuid);
grant all on sound, kept to authenticated;

-- Who may ask what ---------------------------------------------------------------------------------------------------
select table_privs_are('public', 'workouts', 'anon', array[]::text[], 'anon can do nothing');
select table_privs_are('public', 'workouts', 'authenticated', array['SELECT'], 'people read');
select is_empty($$select 1 from information_schema.column_privileges where table_schema = 'public' and table_name = 'workouts'
  and grantee in ('anon', 'authenticated') and privilege_type <> 'SELECT'$$, 'no column is anyone''s to set');
select policies_are('public', 'workouts', array['People read their own workouts',
  'Only queries that the app needs']);

-- The owner ----------------------------------------------------------------------------------------------------------
set local role authenticated;
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000b0", "role": "authenticated"}';
select is(public.log_workout(payload::json) -> 'replayed', 'false', 'Bo logs a workout') from sound;
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000a0", "role": "authenticated"}';
select is_empty('select 1 from public.workouts', 'which Ana does not see');
select is(public.log_workout(payload::json) -> 'replayed', 'false', 'another person''s client_id is free') from sound;
select is(public.log_workout(payload::json) -> 'replayed', 'true', 'one''s own gives the same workout again') from sound;
select throws_ok(format('select public.log_workout(%L)', payload || '{"name": "Other"}'), 'PT409', null, 'and no other') from sound;
insert into kept select id from public.workouts;
select is((select count(*)::integer from kept), 1, 'there is one');
select results_eq('select user_id, source::text, local_date from public.workouts',
  $$values ('00000000-0000-4000-8000-0000000000a0'::uuid, 'app', '2026-03-05'::date)$$, 'of hers, on the day it was where she was');
select throws_ok($$insert into public.workouts (client_id, request_hash, started_at, timezone)
  values (gen_random_uuid(), '', '2026-01-01', 'UTC')$$, '42501', null, 'a workout is not written by hand');
select throws_ok('update public.workouts set name = ''x''', '42501', null, 'nor changed');
select throws_ok('delete from public.workouts', '42501', null, 'nor deleted');
select throws_ok('truncate public.workouts', '42501', null, 'at all');
select is(public.update_workout(id, (payload || '{"name": "Changed", "timezone": "UTC"}')::json) @> '{"name": "Changed", "local_date": "2026-03-04"}',
  true, 'update_workout changes it') from kept, sound;
select throws_ok(format('select public.update_workout(%L, %L, %L)', id, payload, '{2026-01-01}'), 'PT412', null,
  'but not when it is none of the states that were expected') from kept, sound;
select throws_ok(format('select public.delete_workout(%L, %L)', id, '{2026-01-01}'), 'PT412', null, 'nor is it deleted then') from kept;
select is(public.log_workout(payload::json) -> 'replayed', 'true', 'a changed workout is still the one that was logged') from sound;

-- What a workout may be ------------------------------------------------------------------------------------------------
select throws_ok(format('select public.log_workout(%L)', payload || '{"client_id": "00000000-0000-4000-8000-00000000c1a1"}' || change::jsonb),
  code, null, 'refused: ' || left(change, 60))
  from sound, (values
    ('{"timezone": "Foo/Bar+5"}', 'PT422'), ('{"timezone": null}', 'PT422'), ('{"started_at": "2999-01-01T00:00:00Z"}', 'PT422'),
    ('{"ended_at": "2999-01-01T00:00:00Z"}', 'PT422'), ('{"started_at": "infinity"}', 'PT422'),
    ('{"started_at": "1969-12-31T23:59:59Z"}', '23514'), ('{"ended_at": "2026-03-04T23:29:59Z"}', '23514'),
    ('{"ended_at": "2026-03-05T23:30:01Z"}', '23514'), ('{"started_at": null}', '23502'), ('{"client_id": null}', '23502'),
    ('{"perceived_exertion": 0}', '23514'), ('{"perceived_exertion": 11}', '23514'), ('{"plan_day": 14}', '23514'),
    ('{"plan_day": -1}', '23514'), ('{"plan_day": 99999}', '22003'), ('{"name": " "}', '23514'),
    (json_build_object('name', repeat('x', 10000000))::text, '23514'), (json_build_object('notes', repeat('x', 10000000))::text, '23514'),
    ('{"exercises": []}', 'PT422'), ('{"exercises": {}}', '22023'), ('{"exercises": null}', '22023'),
    ('{"plan_id": "00000000-0000-4000-8000-0000000010b0"}', 'PT422'), ('{"plan_id": "00000000-0000-4000-8000-00000000dead"}', 'PT422'))
    as t (change, code);
select throws_ok(format('select public.log_workout(%L)', payload - 'exercises' || '{"client_id": "00000000-0000-4000-8000-00000000c1a1"}'),
  'PT422', null, 'refused: no exercises') from sound;
select throws_ok(format('select public.update_workout(%L, %L)', id, payload - 'exercises'), 'PT422', null, 'nor are they taken away')
  from sound, kept;
select throws_ok(format('select public.log_workout(%L)', payload), code, null, 'refused: ' || payload)
  from (values ('[]', 'PT422'), ('5', 'PT422'), ('null', 'PT422'), ('{}', 'PT422')) as t (payload, code);
select is((select count(*)::integer from public.workouts), 1, 'nothing of all this was kept');

-- Another person -----------------------------------------------------------------------------------------------------
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000b0", "role": "authenticated"}';
select is(public.workout(id), null, 'another person''s workout is not there') from kept;
select is(public.update_workout(id, payload::json), null, 'nor to change') from kept, sound;
select is(public.delete_workout(id), false, 'nor to delete') from kept;
select is((select count(*)::integer from public.workouts), 1, 'each has their own');

-- An anonymous sign-in is an ordinary owner, and an account that is gone is none ----------------------------------------
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000c0", "role": "authenticated", "is_anonymous": true}';
select is(public.log_workout(payload::json) -> 'replayed', 'false', 'an anonymous sign-in logs workouts') from sound;
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-00000000dead", "role": "authenticated"}';
select throws_ok(format('select public.log_workout(%L)', payload), 'PT401', null, 'a token of no account logs nothing') from sound;

-- No account, and the server's own key --------------------------------------------------------------------------------
reset role;
set local role anon;
select throws_ok('select 1 from public.workouts', '42501', null, 'anon reads nothing');
select throws_ok('select public.log_workout(''{}'')', '42501', null, 'and logs nothing');
reset role;
set local role service_role;
select is((select count(*)::integer from public.workouts where client_id = '00000000-0000-4000-8000-00000000c1a0'), 3,
  'the service role sees all');

-- What a workout points at ---------------------------------------------------------------------------------------------
reset role;
select throws_ok($$update public.workouts set plan_id = '00000000-0000-4000-8000-0000000010b0'
  where user_id = '00000000-0000-4000-8000-0000000000a0'$$, '23503', null, 'another person''s plan cannot be followed, whoever writes it');
set local role authenticated;
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000a0", "role": "authenticated"}';
select is(public.update_workout(id, (payload || '{"plan_id": "00000000-0000-4000-8000-0000000010a0", "plan_day": 0}')::json) ->> 'plan_version',
  '1', 'a workout that follows a plan says which version') from kept, sound;
delete from public.plans;
select results_eq('select plan_id, plan_version, plan_day::integer from public.workouts', 'values (null::uuid, null::integer, null::integer)',
  'and no longer says so when the plan is deleted');
select is(public.delete_workout(id), true, 'delete_workout deletes it') from kept;
select is(public.delete_workout(id), false, 'once') from kept;
reset role;
delete from auth.users where id = '00000000-0000-4000-8000-0000000000b0';
select is_empty($$select 1 from public.workouts where user_id = '00000000-0000-4000-8000-0000000000b0'$$,
  'a person''s workouts go with the account');

select * from finish();
rollback;
