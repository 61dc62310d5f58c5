-- public.exercises and public.exercise_preferences by actor.
begin;
set local search_path = public, extensions;
-- Ana and Bo have accounts; Gil signed in anonymously.
insert into auth.users (id, aud, role, email, is_anonymous) values
  ('a0000000-0000-4000-8000-000000000001', 'authenticated', 'authenticated', 'ana@tap.example', false),
  ('b0000000-0000-4000-8000-000000000002', 'authenticated', 'authenticated', 'bo@tap.example', false),
  ('c0000000-0000-4000-8000-000000000003', 'authenticated', 'authenticated', null, true);
select plan(20);

set local role authenticated;
select set_config('request.jwt.claims', '{"sub": "a0000000-0000-4000-8000-000000000001", "role": "authenticated"}', true);
select cmp_ok((select count(*) from public.exercises where user_id is null), '>=', 300::bigint, 'everyone signed in reads the library');
select is_empty($$update public.exercises set name = 'x' where slug = 'bench-press' returning id$$, 'nobody changes the library');
select throws_ok('delete from public.exercises', '42501', null, 'nobody deletes past delete_exercise()');
select throws_ok($$insert into public.exercises (slug, name, kind, primary_muscles) values ('x', 'x', 'reps', '{chest}')$$, '42501', null, 'nobody adds to the library');
select throws_ok($$insert into public.exercises (user_id, name, kind, primary_muscles) values (gen_random_uuid(), 'x', 'reps', '{chest}')$$, '42501', null, 'nobody adds for someone else');
select lives_ok($$insert into public.exercises (name, kind, primary_muscles) values ('Mine', 'reps', '{chest}')$$, 'the owner adds her own');
select throws_ok($$insert into public.exercises (name, kind, primary_muscles) values ('MINE', 'reps', '{chest}')$$, '23505', null, 'a name once per person');
select throws_ok($$insert into public.exercises (name, kind, primary_muscles) values ('x', 'reps', '{}')$$, '23514', null, 'an exercise trains something');
select throws_ok($$insert into public.exercises (name, kind, primary_muscles, equipment) values ('x', 'reps', '{chest}', '{bodyweight,box}')$$, '23514', null, 'bodyweight stands alone');
select lives_ok($$insert into public.exercise_preferences (exercise_id, kind) select id, 'favourite' from public.exercises where name = 'Mine'$$, 'the owner prefers her own');
select lives_ok($$insert into public.exercise_preferences (exercise_id, kind, reason) select id, 'excluded', 'shoulder' from public.exercises where slug = 'bench-press'$$, 'and excludes from the library');

set local role authenticated;
select set_config('request.jwt.claims', '{"sub": "b0000000-0000-4000-8000-000000000002", "role": "authenticated"}', true);
select is_empty($$select from public.exercises where name = 'Mine'$$, 'another person does not see it');
select is_empty('select from public.exercise_preferences', 'nor the preferences');
select is_empty('delete from public.exercise_preferences returning id', 'and deletes none');
reset role;
select set_config('tap.mine', (select id::text from public.exercises where name = 'Mine'), true);
set local role authenticated;
select set_config('request.jwt.claims', '{"sub": "b0000000-0000-4000-8000-000000000002", "role": "authenticated"}', true);
select throws_ok(format($$insert into public.exercise_preferences (exercise_id, kind) values (%L, 'favourite')$$, current_setting('tap.mine')), '42501', null, 'what cannot be seen cannot be preferred');
select is(public.delete_exercise(current_setting('tap.mine')::uuid), false, 'nor deleted');

set local role authenticated;
select set_config('request.jwt.claims', '{"sub": "c0000000-0000-4000-8000-000000000003", "role": "authenticated"}', true);
select lives_ok($$insert into public.exercises (name, kind, primary_muscles) values ('Mine', 'reps', '{chest}')$$, 'an anonymous sign-in is an ordinary owner');

set local role anon;
select throws_ok('select from public.exercises', '42501', null, 'anon sees not even the library');
select throws_ok('select public.exercise_overlay()', '42501', null, 'and calls nothing');

set local role authenticated;
select set_config('request.jwt.claims', '{"sub": "a0000000-0000-4000-8000-000000000001", "role": "authenticated"}', true);
select is(public.delete_exercise(current_setting('tap.mine')::uuid), true, 'the owner deletes her own');
select * from finish();
rollback;
