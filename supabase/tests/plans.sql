-- public.plans, public.plan_versions and public.idempotency_keys by actor.
begin;
set local search_path = public, extensions;
-- Ana and Bo have accounts; Gil signed in anonymously.
insert into auth.users (id, aud, role, email, is_anonymous) values
  ('a0000000-0000-4000-8000-000000000001', 'authenticated', 'authenticated', 'ana@tap.example', false),
  ('b0000000-0000-4000-8000-000000000002', 'authenticated', 'authenticated', 'bo@tap.example', false),
  ('c0000000-0000-4000-8000-000000000003', 'authenticated', 'authenticated', null, true);
select plan(24);
select set_config('tap.bench', (select id::text from public.exercises where slug = 'bench-press'), true);
select set_config('tap.content', jsonb_build_object('days', jsonb_build_array(jsonb_build_object('name', 'Push',
  'exercises', jsonb_build_array(jsonb_build_object('exercise_id', current_setting('tap.bench'),
  'sets', jsonb_build_array(jsonb_build_object('set_type', 'working', 'reps_max', 5)))))))::text, true);

set local role authenticated;
select set_config('request.jwt.claims', '{"sub": "a0000000-0000-4000-8000-000000000001", "role": "authenticated"}', true);
select lives_ok($$insert into public.plans (name) values ('Empty')$$, 'a draft may be empty');
select throws_ok($$update public.plans set status = 'active'$$, '23514', null, 'but not active');
select lives_ok($$insert into public.plans (name, content) values ('Full', current_setting('tap.content')::jsonb)$$, 'the owner adds a plan');
select results_eq('select version, changed_by::text from public.plan_versions', $$values (1, 'person')$$, 'its history begins');
select throws_ok($$insert into public.plans (name, content) values ('x', '{"days": []}')$$, 'PT422', null, 'content is checked');
select throws_ok($$insert into public.plans (name, user_id) values ('x', 'b0000000-0000-4000-8000-000000000002')$$, '42501', null, 'nobody adds for someone else');
select throws_ok('update public.plans set version = 7', '42501', null, 'the version is not theirs to set');
select throws_ok($$update public.plans set source = 'ai'$$, '42501', null, 'nor the source');
select throws_ok($$insert into public.plan_versions (user_id, plan_id, version, content, changed_by) select user_id, id, 9, content, 'companion' from public.plans$$, '42501', null, 'history is not written by hand');
select throws_ok('update public.plan_versions set reason = null', '42501', null, 'nor rewritten');
select throws_ok('delete from public.plan_versions', '42501', null, 'nor shortened');
select throws_ok('select from public.idempotency_keys', '42501', null, 'kept answers are not for reading');
select lives_ok($$select public.activate_plan(id) from public.plans where name = 'Full'$$, 'the owner activates');
select throws_ok($$insert into public.plans (name, status, content) values ('x', 'active', current_setting('tap.content')::jsonb)$$, '23505', null, 'one active plan each');
select throws_ok($$update public.plans set content = null where name = 'Full'$$, 'PT422', null, 'content is not emptied');
select is((public.create_plan('{"name": "Once"}', 'k') ->> 'replayed')::boolean, false, 'a key makes something once');
select is((public.create_plan('{"name": "Once"}', 'k') ->> 'replayed')::boolean, true, 'and then gives the same');
select throws_ok($$select public.create_plan('{"name": "Other"}', 'k')$$, 'PT409', null, 'but not for something else');

reset role;
select set_config('tap.full', (select id::text from public.plans where name = 'Full'), true);
set local role authenticated;
select set_config('request.jwt.claims', '{"sub": "b0000000-0000-4000-8000-000000000002", "role": "authenticated"}', true);
select is_empty('select from public.plans', 'another person sees no plan');
select is_empty('select from public.plan_versions', 'and no history');
select is_empty($$select public.activate_plan(current_setting('tap.full')::uuid)$$, 'and activates none of hers');
select is_empty('delete from public.plans returning id', 'and deletes none');

set local role authenticated;
select set_config('request.jwt.claims', '{"sub": "c0000000-0000-4000-8000-000000000003", "role": "authenticated"}', true);
select lives_ok($$insert into public.plans (name) values ('Mine')$$, 'an anonymous sign-in is an ordinary owner');

set local role anon;
select throws_ok('select from public.plans', '42501', null, 'anon sees nothing');
select * from finish();
rollback;
