-- public.users by actor.
begin;
set local search_path = public, extensions;
-- Ana and Bo have accounts; Gil signed in anonymously.
insert into auth.users (id, aud, role, email, is_anonymous) values
  ('a0000000-0000-4000-8000-000000000001', 'authenticated', 'authenticated', 'ana@tap.example', false),
  ('b0000000-0000-4000-8000-000000000002', 'authenticated', 'authenticated', 'bo@tap.example', false),
  ('c0000000-0000-4000-8000-000000000003', 'authenticated', 'authenticated', null, true);
select plan(14);
select is((select count(*) from public.users where id::text ~ '^[abc]0000000-'), 3::bigint, 'sign-up makes a profile for everyone');

set local role authenticated;
select set_config('request.jwt.claims', '{"sub": "a0000000-0000-4000-8000-000000000001", "role": "authenticated"}', true);
select results_eq('select id from public.users', $$values ('a0000000-0000-4000-8000-000000000001'::uuid)$$, 'the owner sees only herself');
select lives_ok($$update public.users set name = 'Ana', timezone = 'Europe/Oslo'$$, 'the owner changes her profile');
select throws_ok('update public.users set affinity_score = 9', '42501', null, 'nobody raises their own affinity');
select throws_ok('delete from public.users', '42501', null, 'a profile goes with its account only');
select throws_ok($$insert into public.users (id) values (gen_random_uuid())$$, '42501', null, 'nobody makes a profile by hand');
select throws_ok($$update public.users set timezone = 'EST'$$, '23514', null, 'a time zone is an IANA one');
select throws_ok('update public.users set days_per_week = 8', '23514', null, 'a week has seven days');
select throws_ok($$update public.users set equipment = '{dumbbell,dumbbell}'$$, '23514', null, 'equipment is a set');

set local role authenticated;
select set_config('request.jwt.claims', '{"sub": "b0000000-0000-4000-8000-000000000002", "role": "authenticated"}', true);
select is_empty($$update public.users set name = 'x' where id = 'a0000000-0000-4000-8000-000000000001' returning id$$, 'another person changes nothing of hers');

set local role authenticated;
select set_config('request.jwt.claims', '{"sub": "c0000000-0000-4000-8000-000000000003", "role": "authenticated"}', true);
select results_eq($$update public.users set sport = 'running' returning id$$, $$values ('c0000000-0000-4000-8000-000000000003'::uuid)$$, 'an anonymous sign-in is an ordinary owner');

set local role anon;
select throws_ok('select from public.users', '42501', null, 'anon sees nothing');

set local role service_role;
select is((select name from public.users where id = 'a0000000-0000-4000-8000-000000000001'), 'Ana', 'the service sees everyone');

reset role;
delete from auth.users where id = 'a0000000-0000-4000-8000-000000000001';
select is_empty($$select from public.users where id = 'a0000000-0000-4000-8000-000000000001'$$, 'the profile goes with the account');
select * from finish();
rollback;
