-- public.exercises: a library that everyone signed in reads and no one writes, and each person's own.
begin;
select plan(43);

insert into auth.users (id, email) values
  ('00000000-0000-4000-8000-0000000000a0', 'ana@people.example'), ('00000000-0000-4000-8000-0000000000b0', 'bo@people.example');
insert into auth.users (id, is_anonymous) values ('00000000-0000-4000-8000-0000000000c0', true);
insert into public.exercises (id, user_id, slug, name, kind, primary_muscles) values
  ('00000000-0000-4000-8000-00000000e001', null, 'test-library-squat', 'Test Library Squat', 'weight_reps', '{quadriceps}'),
  ('00000000-0000-4000-8000-00000000e0b0', '00000000-0000-4000-8000-0000000000b0', null, 'Bo''s Secret', 'reps', '{abs}');

-- Who may ask what ---------------------------------------------------------------------------------------------------
select table_privs_are('public', 'exercises', 'anon', array[]::text[], 'anon can do nothing');
select table_privs_are('public', 'exercises', 'authenticated', array['SELECT'], 'people read; deleting is delete_exercise()''s');
select column_privs_are('public', 'exercises', 'name', 'authenticated', array['INSERT', 'SELECT', 'UPDATE'], 'people name theirs');
select column_privs_are('public', 'exercises', c, 'authenticated', array['SELECT'], c || ' is nobody''s to set')
  from unnest(array['id', 'user_id', 'slug', 'hidden_at', 'created_at', 'updated_at']) as c;
select policies_are('public', 'exercises', array['Everyone signed in reads the library and their own exercises',
  'People add their own exercises', 'People change their own exercises',
  'Only queries that the app needs']);

-- The owner ----------------------------------------------------------------------------------------------------------
set local role authenticated;
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000a0", "role": "authenticated"}';
select lives_ok($$insert into public.exercises (name, kind, primary_muscles) values ('Test Sprint', 'distance_duration', '{cardio}')$$,
  'people add exercises');
select results_eq($$select user_id, slug from public.exercises where name = 'Test Sprint'$$,
  $$values ('00000000-0000-4000-8000-0000000000a0'::uuid, null::text)$$, 'which are theirs, and not the library''s');
select lives_ok($$update public.exercises set instructions = 'Push.' where name = 'Test Sprint'$$, 'and change them');
select throws_ok($$insert into public.exercises (name, kind, primary_muscles) values ('TEST sprint', 'reps', '{abs}')$$,
  '23505', null, 'a name is taken once, whatever its capitals');
select results_eq($$select count(*)::integer from public.exercises where slug = 'test-library-squat'$$, 'values (1)', 'the library is read');
select throws_ok($$insert into public.exercises (name, kind, primary_muscles, slug, user_id) values ('x', 'reps', '{abs}', 'x', null)$$,
  '42501', null, 'the library is not added to');
select throws_ok('update public.exercises set user_id = null', '42501', null, 'an exercise does not become the library''s');
select throws_ok('update public.exercises set hidden_at = now()', '42501', null, 'nobody hides one by hand');
select is_empty($$update public.exercises set name = 'x' where slug is not null returning id$$, 'the library does not change');
select throws_ok('delete from public.exercises', '42501', null, 'nobody deletes past delete_exercise()');

-- Another person -----------------------------------------------------------------------------------------------------
select is_empty($$select 1 from public.exercises where id = '00000000-0000-4000-8000-00000000e0b0'$$,
  'another person''s exercise is not there');
select is_empty($$update public.exercises set name = 'x' where id = '00000000-0000-4000-8000-00000000e0b0' returning id$$,
  'nor to change');
select throws_ok($$insert into public.exercises (name, kind, primary_muscles, user_id) values ('x', 'reps', '{abs}',
  '00000000-0000-4000-8000-0000000000b0')$$, '42501', null, 'nothing is made in another''s name');
select lives_ok($$insert into public.exercises (name, kind, primary_muscles) values ('Bo''s Secret', 'reps', '{abs}')$$,
  'a name that another person has is free');

-- What an exercise may be --------------------------------------------------------------------------------------------
select throws_ok(format('update public.exercises set %s where name = ''Test Sprint''', change), '23514', null,
  'refused: ' || left(change, 60))
  from unnest(array[
    'name = ''''', format('name = %L', repeat('x', 10000000)), format('instructions = %L', repeat('x', 10000000)),
    format('aliases = array[%L]', repeat('x', 10000000)), 'aliases = array_fill(''x''::text, array[21])',
    'aliases = ''{{a,b},{c,d}}''', 'primary_muscles = ''{}''', 'primary_muscles = ''{abs,abs}''',
    'primary_muscles = ''{{abs,lats},{chest,neck}}''', 'primary_muscles = ''{abs,null}''', 'secondary_muscles = ''{cardio}''',
    'equipment = ''{}''', 'equipment = ''{bodyweight,barbell}''', 'contraindications = ''{knee,knee}''']) as change;
select throws_ok($$insert into public.exercises (name, kind, primary_muscles)
  select 'Number ' || n, 'reps', '{abs}' from generate_series(1, 1000) as n$$, 'PT409', null,
  'a person has 1000 at most, in one statement too');

-- An anonymous sign-in is an ordinary owner ---------------------------------------------------------------------------
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000c0", "role": "authenticated", "is_anonymous": true}';
select results_eq($$insert into public.exercises (name, kind, primary_muscles) values ('Mine', 'reps', '{abs}') returning user_id$$,
  $$values ('00000000-0000-4000-8000-0000000000c0'::uuid)$$, 'an anonymous sign-in has exercises of its own');

-- No account, and the server's own key --------------------------------------------------------------------------------
reset role;
set local role anon;
select throws_ok('select 1 from public.exercises', '42501', null, 'anon does not read the library');
reset role;
set local role service_role;
select is((select count(*)::integer from public.exercises where id::text like '00000000-0000-4000-8000-00000000e%'), 2,
  'the service role sees all');
reset role;
delete from auth.users where id = '00000000-0000-4000-8000-0000000000b0';
select is_empty($$select 1 from public.exercises where id = '00000000-0000-4000-8000-00000000e0b0'$$,
  'a person''s exercises go with the account');

select * from finish();
rollback;
