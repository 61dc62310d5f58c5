-- public.plans: a person's own, one of them active, with no content but what validate_plan_content accepts.
begin;
select plan(53);

insert into auth.users (id, email) values
  ('00000000-0000-4000-8000-0000000000a0', 'ana@people.example'), ('00000000-0000-4000-8000-0000000000b0', 'bo@people.example');
insert into auth.users (id, is_anonymous) values ('00000000-0000-4000-8000-0000000000c0', true);
insert into public.exercises (id, user_id, slug, name, kind, primary_muscles) values
  ('00000000-0000-4000-8000-00000000e001', null, 'test-library-squat', 'Test Library Squat', 'weight_reps', '{quadriceps}'),
  ('00000000-0000-4000-8000-00000000e002', null, 'test-library-hold', 'Test Library Hold', 'duration', '{abs}'),
  ('00000000-0000-4000-8000-00000000e0b0', '00000000-0000-4000-8000-0000000000b0', null, 'Bo''s Secret', 'weight_reps', '{abs}');
create temporary table sound as select '{"days": [{"name": "Legs", "exercises": [
  {"exercise_id": "00000000-0000-4000-8000-00000000e001", "sets": [{"set_type": "working", "reps_max": 5, "weight_kg": 10}]}]}]}'::jsonb as content;
grant select on sound to authenticated;
insert into public.plans (id, user_id, name, content)
  select '00000000-0000-4000-8000-0000000010b0', '00000000-0000-4000-8000-0000000000b0', 'Bo''s', content from sound;

-- Who may ask what ---------------------------------------------------------------------------------------------------
select table_privs_are('public', 'plans', 'anon', array[]::text[], 'anon can do nothing');
select table_privs_are('public', 'plans', 'authenticated', array['SELECT', 'DELETE'], 'people read and delete');
select column_privs_are('public', 'plans', c, 'authenticated', array['INSERT', 'SELECT', 'UPDATE'], 'people set ' || c)
  from unnest(array['name', 'description', 'goal', 'duration_weeks', 'days_per_week', 'status', 'content']) as c;
select column_privs_are('public', 'plans', c, 'authenticated', array['SELECT'], c || ' is nobody''s to set')
  from unnest(array['id', 'user_id', 'source', 'version', 'created_at', 'updated_at']) as c;
select policies_are('public', 'plans', array['People read their own plans', 'People add their own plans',
  'People change their own plans', 'People delete their own plans']);

-- The owner ----------------------------------------------------------------------------------------------------------
set local role authenticated;
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000a0", "role": "authenticated"}';
select results_eq($$insert into public.plans (name) values ('Empty') returning user_id, status::text, source::text, version$$,
  $$values ('00000000-0000-4000-8000-0000000000a0'::uuid, 'draft', 'manual', 0)$$, 'a plan may start as an empty draft');
select results_eq($$insert into public.plans (name, content) select 'Full', content from sound returning version$$, 'values (1)',
  'or with content, its first version');
select results_eq($$update public.plans set name = 'Renamed' where name = 'Full' returning version$$, 'values (1)',
  'other words are no new version');
select results_eq($$update public.plans set content = jsonb_set(content, '{days,0,name}', '"Squats"') where name = 'Renamed' returning version$$,
  'values (2)', 'other content is');
select results_eq($$update public.plans set content = jsonb_set(content, '{days,0,exercises,0,sets,0,weight_kg}', ('10.' || repeat('0', 16000))::jsonb)
  where name = 'Renamed' returning version, content #>> '{days,0,exercises,0,sets,0,weight_kg}'$$, $$values (2, '10')$$,
  'an equal number in another, endless writing changes nothing');
select throws_ok($$update public.plans set content = null where name = 'Renamed'$$, 'PT422', null, 'content is not emptied');
select lives_ok($$update public.plans set status = 'active' where name = 'Renamed'$$, 'a plan with content may be active');
select throws_ok($$insert into public.plans (name, status, content) select 'Second', 'active', content from sound$$, '23505', null,
  'one at a time');
select throws_ok($$update public.plans set status = 'active' where name = 'Empty'$$, '23514', null, 'and not an empty one');
select throws_ok($$insert into public.plans (name, version) values ('x', 9)$$, '42501', null, 'versions are not made up');
select throws_ok($$insert into public.plans (name, source) values ('x', 'ai')$$, '42501', null, 'nor who wrote a plan');
select throws_ok($$update public.plans set user_id = '00000000-0000-4000-8000-0000000000b0'$$, '42501', null, 'a plan is not given away');

-- Content ------------------------------------------------------------------------------------------------------------
select throws_ok(format($$insert into public.plans (name, content) select 'x', jsonb_set(content, %L, %L) from sound$$, path, value),
  'PT422', 'The plan is not sound.', format('refused on insert: %s = %s', path, left(value, 50)))
  from (values
    ('{days}', '[]'), ('{days}', 'null'), ('{unknown}', '1'), ('{deload_weeks}', 'null'), ('{deload_weeks}', '[2, 2.0]'),
    ('{days,0,name}', '" \u00a0"'), ('{days,0,exercises,0,notes}', 'null'), ('{days,0,exercises,0,exercise_id}', '"no id"'),
    ('{days,0,exercises,0,sets,0,reps_max}', '1e9'), ('{days,0,exercises,0,sets,0,duration_seconds}', '5'),
    ('{days,0,exercises,0,progression}', '{"kind": "none", "increment_kg": null}'),
    ('{days,0,exercises,0,exercise_id}', '"00000000-0000-4000-8000-00000000e0b0"'),
    ('{days,0,exercises,0,exercise_id}', '"00000000-0000-4000-8000-00000000e002"')) as t (path, value);
select throws_ok($$update public.plans set content = '{"days": []}' where name = 'Renamed'$$, 'PT422', null, 'refused on update');
select throws_ok($$insert into public.plans (name, content) values ('x', 'null')$$, 'PT422', null, 'null is no content');
select throws_ok($$insert into public.plans (name, duration_weeks, content) select 'x', 3, content || '{"deload_weeks": [4.0]}' from sound$$,
  'PT422', null, 'deload weeks lie within the plan');
select throws_ok($$update public.plans set duration_weeks = 53 where name = 'Empty'$$, '23514', null, 'a year at most');
select throws_ok(format('update public.plans set description = %L', repeat('x', 10000000)), '23514', null, 'a description is short');

-- Another person -----------------------------------------------------------------------------------------------------
select is_empty($$select 1 from public.plans where name = 'Bo''s'$$, 'another person''s plan is not there');
select is_empty($$update public.plans set name = 'x' where id = '00000000-0000-4000-8000-0000000010b0' returning id$$, 'nor to change');
select is_empty($$delete from public.plans where id = '00000000-0000-4000-8000-0000000010b0' returning id$$, 'nor to delete');
select throws_ok($$insert into public.plans (name, user_id) values ('x', '00000000-0000-4000-8000-0000000000b0')$$, '42501', null,
  'nothing is planned in another''s name');

-- An anonymous sign-in is an ordinary owner ---------------------------------------------------------------------------
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000c0", "role": "authenticated", "is_anonymous": true}';
select results_eq($$insert into public.plans (name) values ('Mine') returning user_id$$,
  $$values ('00000000-0000-4000-8000-0000000000c0'::uuid)$$, 'an anonymous sign-in has plans of its own');

-- No account, and the server's own key --------------------------------------------------------------------------------
reset role;
set local role anon;
select throws_ok('select 1 from public.plans', '42501', null, 'anon reads nothing');
reset role;
set local role service_role;
select throws_ok($$insert into public.plans (user_id, name, content) values ('00000000-0000-4000-8000-0000000000a0', 'x', '{}')$$,
  'PT422', null, 'even the service role writes no unsound content');

select * from finish();
rollback;
