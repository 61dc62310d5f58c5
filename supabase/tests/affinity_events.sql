-- public.affinity_events: a ledger that functions write, its owner reads and nobody changes; users.affinity_score is its sum.
begin;
select plan(48);

insert into auth.users (id, email) values
  ('00000000-0000-4000-8000-0000000000a0', 'ana@people.example'), ('00000000-0000-4000-8000-0000000000b0', 'bo@people.example');
insert into auth.users (id, is_anonymous) values ('00000000-0000-4000-8000-0000000000c0', true);
insert into public.exercises (id, user_id, slug, name, kind, primary_muscles) values
  ('00000000-0000-4000-8000-00000000e001', null, 'test-library-squat', 'Test Library Squat', 'weight_reps', '{quadriceps}');
insert into public.plans (id, user_id, name, status, content) values
  ('00000000-0000-4000-8000-0000000010a0', '00000000-0000-4000-8000-0000000000a0', 'Strength', 'active', '{"days": [{"name": "Legs", "exercises": [
    {"exercise_id": "00000000-0000-4000-8000-00000000e001", "sets": [{"set_type": "working", "reps_max": 5}]}]}]}');

-- Logs a session of one set, from a day of March 2026; its id.
create function pg_temp.trained(day integer, kg numeric default 100, extra jsonb default '{}') returns uuid
language sql set search_path = '' as $$
  select (public.log_workout((jsonb_build_object('client_id', gen_random_uuid(), 'timezone', 'UTC',
    'started_at', format('2026-03-%sT18:00:00Z', lpad(day::text, 2, '0')), 'exercises', jsonb_build_array(jsonb_build_object(
      'exercise_id', '00000000-0000-4000-8000-00000000e001', 'sets', jsonb_build_array(jsonb_build_object(
        'set_type', 'working', 'reps', 20, 'weight', jsonb_build_object('value', kg, 'unit', 'kg')))))) || extra)::json)
    #>> '{workout,id}')::uuid
$$;
create temporary table done (name text, id uuid);
grant all on done to authenticated;
grant execute on function pg_temp.trained to authenticated;
create temporary view ledger as select rule::text, points from public.affinity_events
  where user_id = '00000000-0000-4000-8000-0000000000a0' order by created_at, id;
create temporary view score as select affinity_score as is_now, (
  select coalesce(sum(e.points), 0)::integer from public.affinity_events as e where e.user_id = u.id) as sum_is
  from public.users as u where u.id = '00000000-0000-4000-8000-0000000000a0';
alter view ledger set (security_invoker = true);
alter view score set (security_invoker = true);
grant select on ledger, score to authenticated;

-- Who may ask what ---------------------------------------------------------------------------------------------------
select table_privs_are('public', 'affinity_events', 'anon', array[]::text[], 'anon can do nothing');
select table_privs_are('public', 'affinity_events', 'authenticated', array['SELECT'], 'people read');
select is_empty($$select 1 from information_schema.column_privileges where table_schema = 'public' and table_name = 'affinity_events'
  and grantee in ('anon', 'authenticated') and privilege_type <> 'SELECT'$$, 'no column is anyone''s to set');
select policies_are('public', 'affinity_events', array['People read their own affinity',
  'Only queries that the app needs']);
select column_privs_are('public', 'users', 'affinity_score', 'authenticated', array['SELECT'], 'the score is nobody''s to set');

-- The owner ----------------------------------------------------------------------------------------------------------
set local role authenticated;
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000a0", "role": "authenticated"}';
insert into done values ('first', pg_temp.trained(2));
select results_eq('select * from ledger', $$values ('workout_logged', 10)$$, 'the first workout of a day earns ten');
insert into done values ('second', pg_temp.trained(2));
select results_eq('select * from ledger', $$values ('workout_logged', 10), ('workout_logged', 2)$$, 'another that day two');
insert into done values ('third', pg_temp.trained(3, 105, '{"plan_id": "00000000-0000-4000-8000-0000000010a0", "plan_day": 0}'));
select results_eq('select * from ledger offset 2', $$values ('workout_logged', 10), ('planned_day', 3), ('personal_record', 5)$$,
  'a day of the plan three, and a record five');
select is((select is_now from score), 30, 'the score is their sum');
update public.users set days_per_week = 3;
insert into done values ('fourth', pg_temp.trained(4, 50));
select results_eq('select * from ledger offset 5', $$values ('workout_logged', 10), ('week_streak', 10)$$, 'a week as intended earns ten');
insert into done values ('fifth', pg_temp.trained(5, 50));
select results_eq('select * from ledger offset 7', $$values ('workout_logged', 10)$$, 'once');
select is((select sum_is from score), (select is_now from score), 'the score is their sum still');
select throws_ok('insert into public.affinity_events select * from public.affinity_events', '42501', null, 'an event is not written by hand');
select throws_ok('update public.affinity_events set points = 100', '42501', null, 'nor changed');
select throws_ok('delete from public.affinity_events', '42501', null, 'nor deleted');
select throws_ok('truncate public.affinity_events', '42501', null, 'at all');
select throws_ok('update public.users set affinity_score = 1000', '42501', null, 'nor the score');
select throws_ok($$select private.award('00000000-0000-4000-8000-0000000000a0', 'conversation', 1, 'day', 'x', 0, null, 'x')$$, '42501', null,
  'nobody awards themselves');
select throws_ok($$select private.recompute_week_award('00000000-0000-4000-8000-0000000000a0', '2026-03-02', null, true)$$, '42501', null, 'nor settles a week');
select throws_ok('select public.decay_affinity()', '42501', null, 'nor lets anyone''s affinity decay');

-- What is taken back ---------------------------------------------------------------------------------------------------
select is(public.delete_workout(id), true, 'a workout is deleted') from done where name = 'third';
select results_eq('select * from ledger offset 8', $$values ('reversal', -18)$$, 'and all that it earned is taken back, but not the week');
select is(public.delete_workout(id), true, 'another is deleted') from done where name = 'fifth';
select results_eq('select * from ledger offset 9', $$values ('reversal', -10), ('reversal', -10)$$, 'and with it the week');
select is((select is_now from score), (select sum_is from score), 'the score is their sum still');
select is((select count(*)::integer from public.affinity_events as e where e.workout_id = d.id), 4, 'the ledger outlives the workout')
  from done as d where name = 'third';
insert into done values ('again', pg_temp.trained(5, 50));
select results_eq('select * from ledger offset 11', $$values ('workout_logged', 10), ('week_streak', 10)$$, 'a week can be reached again');
select is(public.delete_workout(id), true, 'whatever is deleted') from done where name in ('first', 'second', 'fourth', 'again');
select results_eq('select * from score', 'values (0, 0)', 'nothing is left');

-- Another person, and an anonymous sign-in ------------------------------------------------------------------------------
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000b0", "role": "authenticated"}';
select is_empty('select 1 from public.affinity_events', 'another person''s affinity is not there');
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000c0", "role": "authenticated", "is_anonymous": true}';
insert into done values ('guest', pg_temp.trained(6));
select results_eq('select user_id, points from public.affinity_events', $$values ('00000000-0000-4000-8000-0000000000c0'::uuid, 10)$$,
  'an anonymous sign-in has affinity of its own');

-- No account, and the server's own key --------------------------------------------------------------------------------
reset role;
set local role anon;
select throws_ok('select 1 from public.affinity_events', '42501', null, 'anon reads nothing');
reset role;
set local role service_role;
select is((select count(distinct user_id)::integer from public.affinity_events where user_id::text like '00000000-0000-4000-8000-0000000000%'), 2,
  'the service role sees all');
select throws_ok($$update public.affinity_events set points = 1 where user_id = '00000000-0000-4000-8000-0000000000c0'$$, '42501', null,
  'and changes nothing');

-- What an event may be --------------------------------------------------------------------------------------------------
reset role;
select throws_ok(format('insert into public.affinity_events (user_id, rule, points, source_type, source_id, explanation) values (%L, %s)',
    '00000000-0000-4000-8000-0000000000b0', fields), '23514', null, 'refused: ' || left(fields, 60))
  from unnest(array[
    '''conversation'', 0, ''day'', ''x'', ''x''', '''conversation'', -1, ''day'', ''x'', ''x''', '''absence'', 1, ''day'', ''x'', ''x''',
    '''conversation'', 101, ''day'', ''x'', ''x''', '''conversation'', 1, ''day'', '''', ''x''',
    format('''conversation'', 1, ''day'', ''x'', %L', repeat('x', 301))]) as fields;
select throws_ok($$insert into public.affinity_events (user_id, rule, points, source_type, source_id, explanation)
  select user_id, rule, points, source_type, source_id, explanation from public.affinity_events$$, '23505', null, 'once for each source');

-- Absence -----------------------------------------------------------------------------------------------------------------
update public.workouts set started_at = now() - interval '16 days', ended_at = null where user_id = '00000000-0000-4000-8000-0000000000c0';
set local role service_role;
select ok((public.decay_affinity() ->> 'changed')::integer >= 2, 'sixteen days without a workout cost two days of affinity');
select is((select affinity_score from public.users where id = '00000000-0000-4000-8000-0000000000c0'), 6, 'two points each');
select is(public.decay_affinity(), '{"changed": 0, "done": true}', 'once');
reset role;
delete from auth.users where id = '00000000-0000-4000-8000-0000000000c0';
select is_empty($$select 1 from public.affinity_events where user_id = '00000000-0000-4000-8000-0000000000c0'$$,
  'a person''s ledger goes with the account');

select * from finish();
rollback;
