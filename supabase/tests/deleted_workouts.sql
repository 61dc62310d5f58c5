-- public.deleted_workouts: kept by a trigger when a workout goes, read by its owner, written by no one.
begin;
select * from no_plan();

insert into auth.users (id, email) values
  ('00000000-0000-4000-8000-0000000000a0', 'ana@people.example'), ('00000000-0000-4000-8000-0000000000b0', 'bo@people.example');
insert into auth.users (id, is_anonymous) values ('00000000-0000-4000-8000-0000000000c0', true);
insert into public.deleted_workouts (user_id, client_id) select u.id, u.id from auth.users as u;

-- Who may ask what ---------------------------------------------------------------------------------------------------
select table_privs_are('public', 'deleted_workouts', 'anon', array[]::text[], 'anon can do nothing');
select table_privs_are('public', 'deleted_workouts', 'authenticated', array['SELECT'], 'people read');
select is_empty($$select 1 from information_schema.column_privileges where table_schema = 'public' and table_name = 'deleted_workouts'
  and grantee in ('anon', 'authenticated') and privilege_type <> 'SELECT'$$, 'no column is anyone''s to set');
select policies_are('public', 'deleted_workouts', array['People read which workouts they deleted',
  'Only queries that the app needs']);

-- Each person, and a guest -------------------------------------------------------------------------------------------
set local role authenticated;
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000a0", "role": "authenticated"}';
select results_eq('select user_id::text from public.deleted_workouts', $$values ('00000000-0000-4000-8000-0000000000a0')$$,
  'Ana reads her own');
select throws_ok($$insert into public.deleted_workouts (user_id, client_id) values ('00000000-0000-4000-8000-0000000000a0', gen_random_uuid())$$,
  '42501', null, 'and writes none');
select throws_ok('delete from public.deleted_workouts', '42501', null, 'nor takes one back');
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000c0", "role": "authenticated", "is_anonymous": true}';
select results_eq('select user_id::text from public.deleted_workouts', $$values ('00000000-0000-4000-8000-0000000000c0')$$,
  'a guest reads theirs');
reset role;
set local role anon;
select throws_ok('select 1 from public.deleted_workouts', '42501', null, 'nobody else reads any');
reset role;

-- An account that goes takes them along, and leaves none for its workouts.
delete from auth.users where id = '00000000-0000-4000-8000-0000000000a0';
select is_empty($$select 1 from public.deleted_workouts where user_id = '00000000-0000-4000-8000-0000000000a0'$$, 'gone with the account');

select * from finish();
rollback;
