-- public.plan_proposals: made by the worker, read and decided by their owner, written by no one.
begin;
select * from no_plan();

insert into auth.users (id, email) values
  ('00000000-0000-4000-8000-0000000000a0', 'ana@people.example'), ('00000000-0000-4000-8000-0000000000b0', 'bo@people.example');
insert into auth.users (id, is_anonymous) values ('00000000-0000-4000-8000-0000000000c0', true);
insert into public.exercises (id, user_id, slug, name, kind, primary_muscles) values
  ('00000000-0000-4000-8000-00000000e001', null, 'test-library-squat', 'Test Library Squat', 'weight_reps', '{quadriceps}'),
  ('00000000-0000-4000-8000-00000000e0a0', '00000000-0000-4000-8000-0000000000a0', null, 'Ana''s', 'weight_reps', '{abs}'),
  ('00000000-0000-4000-8000-00000000e0b0', '00000000-0000-4000-8000-0000000000b0', null, 'Bo''s', 'weight_reps', '{abs}');
create temporary table sound as select '{"days": [{"name": "Legs", "exercises": [
  {"exercise_id": "00000000-0000-4000-8000-00000000e001", "sets": [{"set_type": "working", "reps_max": 5}]}]}]}'::jsonb as content,
  '[{"rule": "linear.increase", "exercise_id": "00000000-0000-4000-8000-00000000e001", "path": "/days/0/exercises/0/sets/*/weight_kg",
     "from": [60], "to": [62.5], "evidence": [], "explanation": "You reached 60 kg."}]'::jsonb as changes;
grant select on sound to authenticated, service_role;
insert into public.plans (id, user_id, name, content)
  select id::uuid, user_id::uuid, 'Strength', content from sound, (values
    ('00000000-0000-4000-8000-0000000010a0', '00000000-0000-4000-8000-0000000000a0'),
    ('00000000-0000-4000-8000-0000000010b0', '00000000-0000-4000-8000-0000000000b0'),
    ('00000000-0000-4000-8000-0000000010c0', '00000000-0000-4000-8000-0000000000c0')) as t (id, user_id);
insert into public.plans (id, user_id, name) values ('00000000-0000-4000-8000-0000000010a2', '00000000-0000-4000-8000-0000000000a0', 'Empty');
insert into public.jobs (id, user_id, kind, input, dedupe_key, status, attempts, lease_expires_at)
  select format('00000000-0000-4000-8000-00000000%s', id)::uuid, format('00000000-0000-4000-8000-0000000000%s', who)::uuid, 'adapt_plan', '{}', id,
         'running', 1, now() + interval '1 hour'
    from (values ('f0a1', 'a0'), ('f0a2', 'a0'), ('f0a3', 'a0'), ('f0a4', 'a0'), ('f0b1', 'b0')) as t (id, who);

-- What the worker keeps: content with other days' names, so that it can be told apart.
create function pg_temp.keep(job text, plan text, base integer, name text, changes jsonb default null) returns jsonb language sql as $$
  select public.keep_plan_proposal(format('00000000-0000-4000-8000-00000000%s', job)::uuid, 1, jsonb_build_object(
    'plan_id', format('00000000-0000-4000-8000-0000000010%s', plan), 'base_version', base, 'source', 'rules',
    'content', jsonb_set(s.content, '{days,0,name}', to_jsonb(name)), 'changes', coalesce(keep.changes, s.changes))) from sound as s
$$;
create function pg_temp.state(job text) returns text language sql as $$
  select format('%s %s', o.status, o.base_version) from public.plan_proposals as o
   where o.id = format('00000000-0000-4000-8000-00000000%s', job)::uuid
$$;
create function pg_temp.ana(what text, job text, rest text default '') returns text language sql immutable as $$
  select format('select * from public.%s_plan_proposal(''00000000-0000-4000-8000-0000000010a0'', ''00000000-0000-4000-8000-00000000%s''%s)', what, job, rest)
$$;
grant execute on function pg_temp.keep, pg_temp.state, pg_temp.ana to authenticated, service_role;

-- Who may ask what ---------------------------------------------------------------------------------------------------
select table_privs_are('public', 'plan_proposals', 'anon', array[]::text[], 'anon can do nothing');
select table_privs_are('public', 'plan_proposals', 'authenticated', array['SELECT'], 'people read');
select is_empty($$select 1 from information_schema.column_privileges where table_schema = 'public' and table_name = 'plan_proposals'
  and grantee in ('anon', 'authenticated') and privilege_type <> 'SELECT'$$, 'no column is anyone''s to set');
select policies_are('public', 'plan_proposals', array['People read proposals for their own plans']);

-- What the worker may keep ---------------------------------------------------------------------------------------------
set local role service_role;
select throws_ok($$select pg_temp.keep('f0a1', 'a0', 2, 'Other')$$, 'PT412', null, 'not for a version that the plan is not at');
select throws_ok($$select pg_temp.keep('f0a1', 'b0', 1, 'Other')$$, 'PT412', null, 'not for another person''s plan');
select throws_ok($$select pg_temp.keep('f0a1', 'a2', 1, 'Other')$$, 'PT412', null, 'nor for an empty one');
select throws_ok($$select pg_temp.keep('f0a1', 'a0', 1, '')$$, 'PT422', null, 'nor unsound content');
select throws_ok($$select public.keep_plan_proposal('00000000-0000-4000-8000-00000000f0a1', 2, '{}')$$, 'PT409', null, 'nor for a job that is not held');
select throws_ok($$select public.keep_plan_proposal('00000000-0000-4000-8000-00000000f0a1', 1, jsonb_build_object('plan_id',
  '00000000-0000-4000-8000-0000000010a0', 'base_version', 1, 'source', 'rules', 'changes', changes, 'content',
  jsonb_set(content, '{days,0,exercises,0,exercise_id}', '"00000000-0000-4000-8000-00000000e0b0"'))) from sound$$, 'PT422', null,
  'nor another person''s exercise');
select throws_ok(format($$select pg_temp.keep('f0a1', 'a0', 1, 'Other', %L)$$, bad), '23514', null, 'changes: ' || title)
  from sound, lateral (values ('[]'::jsonb, 'none'), ('{}', 'no list'), ('[1]', 'no object'), ('null', 'null'),
    (jsonb_set(changes, '{0,more}', '1'), 'an unknown field'), (changes #- '{0,to}', 'a missing one'),
    (jsonb_set(changes, '{0,rule}', '"Drop Table"'), 'no rule'), (jsonb_set(changes, '{0,path}', '"days"'), 'no path'),
    (jsonb_set(changes, '{0,exercise_id}', '"x"'), 'no exercise'), (jsonb_set(changes, '{0,explanation}', '" "'), 'nothing said'),
    (jsonb_set(changes, '{0,explanation}', to_jsonb(repeat('x', 501))), 'too much said'), (jsonb_set(changes, '{0,evidence}', '{}'), 'no evidence'),
    (('[' || rtrim(repeat((changes ->> 0) || ',', 61), ',') || ']')::jsonb, 'sixty-one'),
    (jsonb_set(changes, '{0,to}', to_jsonb(repeat('x', 70000))), 'more than 64 KiB')) as t (bad, title);
select throws_ok(format($$select pg_temp.keep('f0a1', 'a0', 1, 'Other', %L)$$, jsonb_set(changes, '{0,evidence}', '["00000000-0000-4000-8000-00000000dead"]')),
  'PT422', null, 'evidence that is not there') from sound;
select lives_ok($$select pg_temp.keep('f0a1', 'a0', 1, 'First')$$, 'what is sound is kept');
select lives_ok($$select pg_temp.keep('f0a1', 'a0', 1, 'Again')$$, 'doing it again');
select is((select content #>> '{days,0,name}' from public.plan_proposals where user_id = '00000000-0000-4000-8000-0000000000a0'), 'First', 'changes nothing');
select isnt(pg_temp.keep('f0b1', 'b0', 1, 'Bo''s'), null, 'kept');

-- The owner ------------------------------------------------------------------------------------------------------------
set local role authenticated;
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000a0", "role": "authenticated"}';
select results_eq('select id, status::text from public.plan_proposals',
  $$values ('00000000-0000-4000-8000-00000000f0a1'::uuid, 'open')$$, 'people see what is offered to them');
select throws_ok('update public.plan_proposals set status = ''accepted''', '42501', null, 'it is not theirs to change');
select throws_ok('update public.plan_proposals set changes = ''[]''', '42501', null, 'in any part');
select throws_ok('insert into public.plan_proposals select * from public.plan_proposals', '42501', null, 'nor to write');
select throws_ok('delete from public.plan_proposals', '42501', null, 'nor to delete');

select is((select version from public.accept_plan_proposal('00000000-0000-4000-8000-0000000010a0', '00000000-0000-4000-8000-00000000f0a1')), 2,
  'accepting makes a new version');
select results_eq($$select changed_by::text, reason, content #>> '{days,0,name}' from public.plan_versions where version = 2 and plan_id = '00000000-0000-4000-8000-0000000010a0'$$,
  $$values ('companion', 'Accepted proposal 00000000-0000-4000-8000-00000000f0a1', 'First')$$, 'which says whose it is, and why');
select is(pg_temp.state('f0a1'), 'accepted 1', 'it is accepted');
select is((select version from public.accept_plan_proposal('00000000-0000-4000-8000-0000000010a0', '00000000-0000-4000-8000-00000000f0a1')), 2,
  'accepting again changes nothing');
select throws_ok(pg_temp.ana('reject', 'f0a1'), 'PT409', null, 'what is accepted is not rejected');
select is((select count(*)::integer from public.undo_plan_proposal('00000000-0000-4000-8000-0000000010a0', '00000000-0000-4000-8000-00000000f0a1')), 1, 'it is taken back');
select is(pg_temp.state('f0a1'), 'open 3', 'and offered again for the plan as it is now');
select results_eq($$select version, content #>> '{days,0,name}' from public.plans where id = '00000000-0000-4000-8000-0000000010a0'$$, $$values (3, 'Legs')$$,
  'which is as it was');
select results_eq($$select changed_by::text, reason from public.plan_versions where version = 3$$,
  $$values ('person', 'Took back proposal 00000000-0000-4000-8000-00000000f0a1')$$, 'in words of its own');
select throws_ok(pg_temp.ana('undo', 'f0a1'), 'PT409', null, 'what is open is not taken back');
select is((select reason from public.reject_plan_proposal('00000000-0000-4000-8000-0000000010a0', '00000000-0000-4000-8000-00000000f0a1', 'Too heavy')), 'Too heavy',
  'rejecting keeps why');
select is(pg_temp.state('f0a1'), 'rejected 3', 'and changes nothing');
select lives_ok(pg_temp.ana('reject', 'f0a1'), 'rejecting again changes nothing');
select throws_ok(pg_temp.ana('accept', 'f0a1'), 'PT409', null, 'what is rejected is not accepted');
select is((select reason from public.undo_plan_proposal('00000000-0000-4000-8000-0000000010a0', '00000000-0000-4000-8000-00000000f0a1')), null, 'it can be offered again');
select throws_ok(pg_temp.ana('reject', 'f0a1', ', repeat(''x'', 501)'), '23514', null, 'a reason has its length');
update public.plans set name = 'Renamed' where id = '00000000-0000-4000-8000-0000000010a0';
select is(pg_temp.state('f0a1'), 'open 3', 'another name is no other content');
update public.plans set content = jsonb_set(content, '{days,0,name}', '"Mine"') where id = '00000000-0000-4000-8000-0000000010a0';
select is(pg_temp.state('f0a1'), 'expired 3', 'other content expires it');
select throws_ok(pg_temp.ana(what, 'f0a1'), 'PT409', null, 'what is expired is over: ' || what) from unnest(array['accept', 'reject', 'undo']) as what;

-- A newer one, and what no longer fits ----------------------------------------------------------------------------------
set local role service_role;
select isnt(pg_temp.keep('f0a2', 'a0', 4, 'Second'), null, 'kept');
select isnt(pg_temp.keep('f0a3', 'a0', 4, 'Third'), null, 'kept');
select is(pg_temp.state('f0a2') || ', ' || pg_temp.state('f0a3'), 'expired 4, open 4', 'a newer one expires the older');
set local role authenticated;
select lives_ok(pg_temp.ana('accept', 'f0a3'), 'the newer one is accepted');
update public.plans set content = jsonb_set(content, '{days,0,name}', '"Otherwise"') where id = '00000000-0000-4000-8000-0000000010a0';
select throws_ok(pg_temp.ana('undo', 'f0a3'), 'PT409', null, 'not taken back once the plan has gone another way');
set local role service_role;
select isnt(public.keep_plan_proposal('00000000-0000-4000-8000-00000000f0a4', 1, jsonb_build_object('plan_id',
  '00000000-0000-4000-8000-0000000010a0', 'base_version', 6, 'source', 'ai', 'changes', changes, 'content',
  jsonb_set(content, '{days,0,exercises,0,exercise_id}', '"00000000-0000-4000-8000-00000000e0a0"'))), null, 'kept') from sound;
set local role authenticated;
select ok(public.delete_exercise('00000000-0000-4000-8000-00000000e0a0'), 'an exercise that only a proposal has is deleted');
select throws_ok(pg_temp.ana('accept', 'f0a4'), 'PT422', null, 'an exercise that has gone since');
select is(pg_temp.state('f0a4'), 'open 6', 'changes nothing');

-- Asking, and what is shown ---------------------------------------------------------------------------------------------
select is((public.plan_proposals_page('00000000-0000-4000-8000-0000000010a0', 0, 2) ->> 'total')::integer, 4, 'a page knows how many there are');
select is(jsonb_array_length(public.plan_proposals_page('00000000-0000-4000-8000-0000000010a0', 3, 2) -> 'items'), 1, 'and shows its part');
select is(public.plan_proposals_page('00000000-0000-4000-8000-0000000010a0', 0, 1) #> '{items,0,content}', null, 'without content');
select is(public.plan_proposals_page('00000000-0000-4000-8000-0000000010b0', 0, 1), null, 'another person''s plan is not there');
select is(public.adapt_plan('00000000-0000-4000-8000-0000000010b0'), null, 'nor to adapt');
select throws_ok($$select public.adapt_plan('00000000-0000-4000-8000-0000000010a2')$$, 'PT409', null, 'nor is there anything to adapt in an empty one');
reset role;
delete from public.jobs where user_id = '00000000-0000-4000-8000-0000000000a0';
set local role authenticated;
select is(public.adapt_plan('00000000-0000-4000-8000-0000000010a0', 'Tired', '{knee}') ->> 'id',
  public.adapt_plan('00000000-0000-4000-8000-0000000010a0', 'Tired', '{knee}') ->> 'id', 'the same while under way is the same');

-- Another person ------------------------------------------------------------------------------------------------------
select is_empty(format('select * from public.%s_plan_proposal(''00000000-0000-4000-8000-0000000010%s'', ''00000000-0000-4000-8000-00000000f0b1'')', what, plan),
  'another person''s is not there to ' || what) from unnest(array['accept', 'reject', 'undo']) as what, unnest(array['a0', 'b0']) as plan;
reset role;
select is(pg_temp.state('f0b1'), 'open 1', 'and stays as it was');
set local role anon;
select throws_ok('select 1 from public.plan_proposals', '42501', null, 'anon reads nothing');
reset role;

-- Once a week -----------------------------------------------------------------------------------------------------------
update public.jobs set status = 'cancelled', finished_at = now(), lease_expires_at = null where status in ('queued', 'running');
-- Whoever else is in this database does not train.
update public.plans set status = 'archived' where status = 'active' and user_id::text not like '00000000-0000-4000-8000-0000000000%';
update public.jobs set created_at = now() - interval '8 days';
update public.plan_proposals set created_at = now() - interval '8 days';
update public.plans set status = 'active', created_at = now() - interval '9 days' where id::text like '00000000-0000-4000-8000-0000000010_0';
create function pg_temp.train() returns jsonb language sql as $$
  select public.log_workout(json_build_object('client_id', gen_random_uuid(), 'timezone', 'UTC', 'started_at', now() - interval '1 day', 'exercises',
    json_build_array(json_build_object('exercise_id', '00000000-0000-4000-8000-00000000e001', 'sets',
      '[{"set_type": "working", "reps": 5, "weight": {"value": 100, "unit": "kg"}}]'::json))))
$$;
grant execute on function pg_temp.train to authenticated;
set local role authenticated;
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000a0", "role": "authenticated"}';
select isnt(pg_temp.train(), null, 'Ana trains');
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000c0", "role": "authenticated", "is_anonymous": true}';
select isnt(pg_temp.train(), null, 'and so does a guest');
reset role;
set local request.jwt.claims = '{"role": "service_role"}';
set local role service_role;
select is(public.adapt_plans(), 1, 'who trained and has an account is looked at');
select is(public.adapt_plans(), 0, 'once');
select results_eq($$select user_id from public.jobs where status = 'queued'$$, $$values ('00000000-0000-4000-8000-0000000000a0'::uuid)$$, 'who did not is not');
reset role;
select is((select calls from public.ai_usage where user_id = '00000000-0000-4000-8000-0000000000a0'), 1, 'which counts against nobody''s day');

delete from public.plans where user_id = '00000000-0000-4000-8000-0000000000a0';
select is_empty($$select 1 from public.plan_proposals where user_id = '00000000-0000-4000-8000-0000000000a0'$$, 'proposals go with their plan');

select * from finish();
rollback;
