-- public.exercise_preferences: what a person thinks of exercises they can see, and of no others.
begin;
select plan(27);

insert into auth.users (id, email) values
  ('00000000-0000-4000-8000-0000000000a0', 'ana@people.example'), ('00000000-0000-4000-8000-0000000000b0', 'bo@people.example');
insert into auth.users (id, is_anonymous) values ('00000000-0000-4000-8000-0000000000c0', true);
insert into public.exercises (id, user_id, slug, name, kind, primary_muscles) values
  ('00000000-0000-4000-8000-00000000e001', null, 'test-library-squat', 'Test Library Squat', 'weight_reps', '{quadriceps}'),
  ('00000000-0000-4000-8000-00000000e0b0', '00000000-0000-4000-8000-0000000000b0', null, 'Bo''s Secret', 'reps', '{abs}');
insert into public.exercise_preferences (id, user_id, exercise_id, kind) values
  ('00000000-0000-4000-8000-00000000f0b0', '00000000-0000-4000-8000-0000000000b0', '00000000-0000-4000-8000-00000000e001', 'excluded');

-- Who may ask what ---------------------------------------------------------------------------------------------------
select table_privs_are('public', 'exercise_preferences', 'anon', array[]::text[], 'anon can do nothing');
select table_privs_are('public', 'exercise_preferences', 'authenticated', array['SELECT', 'DELETE'], 'people read and delete');
select column_privs_are('public', 'exercise_preferences', c, 'authenticated', array['INSERT', 'SELECT', 'UPDATE'], 'people set ' || c)
  from unnest(array['exercise_id', 'kind', 'reason']) as c;
select column_privs_are('public', 'exercise_preferences', c, 'authenticated', array['SELECT'], c || ' is nobody''s to set')
  from unnest(array['id', 'user_id', 'created_at', 'updated_at']) as c;
select policies_are('public', 'exercise_preferences', array['People read their own preferences',
  'People prefer exercises they can see', 'People change their own preferences', 'People delete their own preferences',
  'Only queries that the app needs']);

-- The owner ----------------------------------------------------------------------------------------------------------
set local role authenticated;
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000a0", "role": "authenticated"}';
select results_eq($$insert into public.exercise_preferences (exercise_id, kind) values
  ('00000000-0000-4000-8000-00000000e001', 'favourite') returning user_id$$,
  $$values ('00000000-0000-4000-8000-0000000000a0'::uuid)$$, 'people like what the library has');
select throws_ok($$insert into public.exercise_preferences (exercise_id, kind) values
  ('00000000-0000-4000-8000-00000000e001', 'excluded')$$, '23505', null, 'one opinion of an exercise');
select lives_ok($$update public.exercise_preferences set kind = 'excluded', reason = 'Knees'$$, 'people change their mind');
select throws_ok('update public.exercise_preferences set reason = ''''', '23514', null, 'an empty reason is none');
select throws_ok(format('update public.exercise_preferences set reason = %L', repeat('x', 10000000)), '23514', null, 'a reason is short');

-- Another person -----------------------------------------------------------------------------------------------------
select results_eq('select user_id from public.exercise_preferences', $$values ('00000000-0000-4000-8000-0000000000a0'::uuid)$$,
  'others'' opinions are not there');
select is_empty($$update public.exercise_preferences set kind = 'favourite' where id = '00000000-0000-4000-8000-00000000f0b0' returning id$$,
  'nor to change');
select is_empty($$delete from public.exercise_preferences where id = '00000000-0000-4000-8000-00000000f0b0' returning id$$, 'nor to delete');
select throws_ok($$insert into public.exercise_preferences (user_id, exercise_id, kind) values
  ('00000000-0000-4000-8000-0000000000b0', '00000000-0000-4000-8000-00000000e001', 'favourite')$$, '42501', null,
  'nothing is said in another''s name');
select throws_ok(format($$insert into public.exercise_preferences (exercise_id, kind) values (%L, 'favourite')$$, exercise), '42501',
  'new row violates row-level security policy for table "exercise_preferences"', 'refused alike: ' || title)
  from (values ('00000000-0000-4000-8000-00000000e0b0', 'another person''s exercise'),
               ('00000000-0000-4000-8000-00000000e999', 'one that does not exist')) as t (exercise, title);
select throws_ok(format($$update public.exercise_preferences set exercise_id = %L$$, exercise), '42501',
  'new row violates row-level security policy for table "exercise_preferences"', 'an update to it too: ' || title)
  from (values ('00000000-0000-4000-8000-00000000e0b0', 'another person''s exercise'),
               ('00000000-0000-4000-8000-00000000e999', 'one that does not exist')) as t (exercise, title);

-- An anonymous sign-in is an ordinary owner ---------------------------------------------------------------------------
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000c0", "role": "authenticated", "is_anonymous": true}';
select lives_ok($$insert into public.exercise_preferences (exercise_id, kind) values ('00000000-0000-4000-8000-00000000e001', 'favourite')$$,
  'an anonymous sign-in has opinions');
select is((select count(*)::integer from public.exercise_preferences), 1, 'its own');

-- No account, and the server's own key --------------------------------------------------------------------------------
reset role;
set local role anon;
select throws_ok('select 1 from public.exercise_preferences', '42501', null, 'anon reads nothing');
reset role;
set local role service_role;
select is((select count(*)::integer from public.exercise_preferences where exercise_id = '00000000-0000-4000-8000-00000000e001'), 3,
  'the service role sees all');

select * from finish();
rollback;
