-- What holds for every table, policy and function, whatever its name. tests/stack/database/test_catalogue.py asks for more.
begin;
select plan(9);

select is_empty($$select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relrowsecurity$$,
  'every table has row-level security');
select is_empty($$select tablename, policyname from pg_policies where schemaname = 'public' and roles <> '{authenticated}'$$,
  'every policy is for people who have signed in');
select is_empty($$select relname from pg_class as c where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
  and not exists (select from pg_policy where polrelid = c.oid)$$, 'every table says whose its rows are');
select is_empty($$select relname from pg_class, unnest(array['select', 'insert', 'update', 'delete', 'truncate', 'references', 'trigger']) as p
  where relnamespace in ('public'::regnamespace, 'private'::regnamespace) and relkind in ('r', 'p', 'v', 'm', 'f')
    and has_table_privilege('anon', oid, p)$$, 'anon has no right on any table');
select is_empty($$select oid::regclass from pg_class where relnamespace = 'public'::regnamespace and relkind = 'S'
  and (has_sequence_privilege('anon', oid, 'usage') or has_sequence_privilege('authenticated', oid, 'update'))$$, 'nor on any sequence');
select is_empty($$select oid::regprocedure from pg_proc where pronamespace in ('public'::regnamespace, 'private'::regnamespace)
  and has_function_privilege('anon', oid, 'execute')$$, 'nor on any function');
select is_empty($$select oid::regprocedure from pg_proc where pronamespace in ('public'::regnamespace, 'private'::regnamespace)
  and not coalesce(proconfig::text like '%search_path=%', false)$$, 'every function has a fixed search path');
select is_empty($$select relname from pg_class as c where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
  and not exists (select from pg_constraint where conrelid = c.oid and confrelid = 'auth.users'::regclass and confdeltype = 'c')$$,
  'every row goes with the account');

-- The next table and function of ours start closed, however open the platform's defaults are.
create table public.test_new (id integer);
create function public.test_new() returns integer language sql set search_path = '' as 'select 1';
select ok(not has_table_privilege('anon', 'public.test_new', 'select') and not has_table_privilege('authenticated', 'public.test_new', 'select')
  and not has_function_privilege('anon', 'public.test_new()', 'execute') and not has_function_privilege('authenticated', 'public.test_new()', 'execute'),
  'what a migration makes is closed until it grants');

select * from finish();
rollback;
