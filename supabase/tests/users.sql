-- public.users: each person reads and changes their own profile, and nothing of it that is not theirs to set.
begin;
select plan(42);

insert into auth.users (id, email, raw_user_meta_data) values
  ('00000000-0000-4000-8000-0000000000a0', 'ana@people.example', '{"name": "  Ana  "}'),
  ('00000000-0000-4000-8000-0000000000b0', 'bo@people.example', null);
insert into auth.users (id, is_anonymous) values ('00000000-0000-4000-8000-0000000000c0', true);

-- The row is made on sign-up -----------------------------------------------------------------------------------------
select is((select name from public.users where id = '00000000-0000-4000-8000-0000000000a0'), 'Ana',
  'a profile is made with the account, named by its metadata');
select is((select array[sport::text, sex::text, experience_level::text, days_per_week::text] from public.users
            where id = '00000000-0000-4000-8000-0000000000b0'), array[null, null, null, null]::text[],
  'nothing is chosen for a person');
select lives_ok($$insert into auth.users (id, raw_user_meta_data) values
  ('00000000-0000-4000-8000-0000000000d0', jsonb_build_object('full_name', repeat('x', 100000)))$$,
  'a sign-up never fails for its metadata');
select is((select char_length(name) from public.users where id = '00000000-0000-4000-8000-0000000000d0'), 120,
  'a long name is cut');

-- Who may ask what ---------------------------------------------------------------------------------------------------
select table_privs_are('public', 'users', 'anon', array[]::text[], 'anon can do nothing');
select table_privs_are('public', 'users', 'authenticated', array['SELECT'], 'people read');
select column_privs_are('public', 'users', 'name', 'authenticated', array['SELECT', 'UPDATE'], 'people set their name');
select column_privs_are('public', 'users', c, 'authenticated', array['SELECT'], c || ' is nobody''s to set')
  from unnest(array['id', 'affinity_score', 'created_at', 'updated_at']) as c;
select policies_are('public', 'users',
  array['People read their own profile', 'People change their own profile', 'Only queries that the app needs']);

-- The owner ----------------------------------------------------------------------------------------------------------
set local role authenticated;
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000a0", "role": "authenticated"}';
select results_eq('select id from public.users', $$values ('00000000-0000-4000-8000-0000000000a0'::uuid)$$,
  'the owner sees one profile: their own');
select lives_ok($$update public.users set name = 'Ana M.', sport = 'boxing', goals = '{Faster hands}',
  equipment = '{barbell,bench}', injuries = '{knee}', allergens = '{peanut}', timezone = 'Europe/Oslo'$$,
  'the owner changes it');
select cmp_ok((select updated_at from public.users), '>', (select created_at from public.users),
  'a change moves updated_at');
select throws_ok('update public.users set affinity_score = 1000', '42501', 'permission denied for table users',
  'the owner does not raise their affinity');
select throws_ok($$update public.users set id = '00000000-0000-4000-8000-0000000000b0'$$, '42501', null,
  'the owner does not become someone else');
select throws_ok('update public.users set updated_at = now()', '42501', null, 'nor set the version that If-Match compares');
select throws_ok($$insert into public.users (id) values ('00000000-0000-4000-8000-0000000000a1')$$, '42501', null,
  'nobody makes a profile by hand');
select throws_ok('delete from public.users', '42501', null, 'nobody deletes one: that is deleting the account');
select is_empty($$update public.users set name = 'Mallory' where id = '00000000-0000-4000-8000-0000000000b0' returning id$$,
  'another person''s profile is not there to change');

-- What a profile may say ---------------------------------------------------------------------------------------------
select throws_ok(format('update public.users set %s', change), '23514', null, 'refused: ' || left(change, 60))
  from unnest(array[
    'name = ''''', format('name = %L', repeat('x', 10000000)), 'days_per_week = 8', 'date_of_birth = ''1899-12-31''',
    'date_of_birth = current_date + 1', 'goals = ''{{a,b},{c,d}}''', 'goals = ''{""}''', 'goals = array[null]',
    'goals = array_fill(''x''::text, array[11])', 'equipment = ''{barbell,barbell}''',
    'equipment = ''{{barbell,bench},{rack,other}}''', 'timezone = ''Foo/Bar+5''', 'timezone = ''europe/oslo''',
    'timezone = ''EST5EDT''', 'timezone = ''../etc/passwd''', 'ai_consent_at = ''-infinity''',
    'ai_consent_at = now() + interval ''1 day''']) as change;

-- An anonymous sign-in is an ordinary owner ---------------------------------------------------------------------------
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000c0", "role": "authenticated", "is_anonymous": true}';
select results_eq($$update public.users set sport = 'running' returning id$$,
  $$values ('00000000-0000-4000-8000-0000000000c0'::uuid)$$, 'an anonymous sign-in changes its own profile, and no other');

-- No account, and the server's own key --------------------------------------------------------------------------------
reset role;
set local role anon;
select throws_ok('select 1 from public.users', '42501', null, 'anon reads nothing');
reset role;
set local role service_role;
select is((select count(*)::integer from public.users where id::text like '00000000-0000-4000-8000-0000000000%'), 4,
  'the service role sees everyone');

reset role;
delete from auth.users where id = '00000000-0000-4000-8000-0000000000b0';
select is_empty($$select 1 from public.users where id = '00000000-0000-4000-8000-0000000000b0'$$,
  'a profile goes with its account');

select * from finish();
rollback;
