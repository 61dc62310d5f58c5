-- public.plan_proposals: made by the worker, read and decided on by the plan's owner, written by hand by no one.
begin;
select * from no_plan();

insert into auth.users (id, email) values
  ('00000000-0000-4000-8000-0000000000a0', 'ana@people.example'), ('00000000-0000-4000-8000-0000000000b0', 'bo@people.example');
insert into public.foods (id, user_id, slug, name, energy_kcal, protein_g, carbohydrate_g, fat_g, allergens, diets) values
  ('00000000-0000-4000-8000-00000000f001', null, 'test-rice', 'Test Rice', 130, 2.7, 28.7, 0.3, '{}', '{omnivore,pescatarian,vegetarian,vegan}'),
  ('00000000-0000-4000-8000-00000000f002', null, 'test-milk', 'Test Milk', 64, 3.4, 4.8, 3.5, '{milk}', '{omnivore,pescatarian,vegetarian}'),
  ('00000000-0000-4000-8000-00000000f0a0', '00000000-0000-4000-8000-0000000000a0', null, 'Ana''s', 130, 2.7, 28.7, 0.3, '{}', '{omnivore}');
create temporary table contents as
  select name, format('{"days": [{"name": "%s", "meals": [{"slot": "lunch", "name": "Lunch", "items": [{"food_id":
    "00000000-0000-4000-8000-00000000%s", "grams": 80}]}]}]}', name, food)::jsonb as content
    from (values ('rice', 'f001'), ('milk', 'f002'), ('own', 'f0a0'), ('more', 'f001')) as t (name, food);
grant select on contents to authenticated, service_role;
insert into public.plans (kind, id, user_id, name, content)
  select 'meal', id::uuid, user_id::uuid, 'Rice', content from contents, (values
    ('00000000-0000-4000-8000-0000000030a0', '00000000-0000-4000-8000-0000000000a0'),
    ('00000000-0000-4000-8000-0000000030b0', '00000000-0000-4000-8000-0000000000b0')) as t (id, user_id) where name = 'rice';
-- Jobs that are held, one for each proposal.
insert into public.jobs (id, user_id, kind, input, dedupe_key, status, attempts, lease_expires_at)
  select ('00000000-0000-4000-8000-00000000b00' || n)::uuid, '00000000-0000-4000-8000-0000000000a0', 'adapt_meal_plan', '{}', 'job ' || n, 'running', 1,
    now() + interval '1 hour' from generate_series(1, 9) as n;

-- Who may ask what ---------------------------------------------------------------------------------------------------
select table_privs_are('public', 'plan_proposals', 'anon', array[]::text[], 'anon can do nothing');
select table_privs_are('public', 'plan_proposals', 'authenticated', array['SELECT'], 'people read');
select is_empty($$select 1 from information_schema.column_privileges where table_schema = 'public' and table_name = 'plan_proposals'
  and grantee in ('anon', 'authenticated') and privilege_type <> 'SELECT'$$, 'no column is anyone''s to set');
select policies_are('public', 'plan_proposals', array['People read proposals for their own plans']);

-- The worker ---------------------------------------------------------------------------------------------------------
create function pg_temp.proposed(job integer, name text, base integer default 1, plan text default '30a0') returns jsonb language sql as $$
  select public.keep_plan_proposal(('00000000-0000-4000-8000-00000000b00' || job)::uuid, 1, jsonb_build_object(
    'kind', 'meal', 'plan_id', '00000000-0000-4000-8000-00000000' || plan, 'base_version', base, 'source', 'rules', 'content', c.content, 'changes',
    '[{"rule": "swap", "path": "/days/0", "from": null, "to": null, "evidence": [], "explanation": "So it is."}]'::jsonb))
    from contents as c where c.name = proposed.name
$$;
create function pg_temp.status(job integer) returns text language sql as $$
  select status::text from public.plan_proposals where id = ('00000000-0000-4000-8000-00000000b00' || job)::uuid
$$;
create function pg_temp.decided(verdict text, job integer) returns text language plpgsql as $$
declare
  answer text;
begin
  execute format('select x.id::text from public.%s_plan_proposal(''00000000-0000-4000-8000-0000000030a0'', %L, kind => ''meal'') as x', verdict,
    '00000000-0000-4000-8000-00000000b00' || job) into answer;
  return answer;
end $$;
grant execute on function pg_temp.decided, pg_temp.proposed, pg_temp.status to authenticated, service_role;
set local role service_role;
set local request.jwt.claims = '{"role": "service_role"}';
select is(pg_temp.proposed(1, 'more'), '{"source": "rules", "model": null, "changes": 1}', 'a job proposes');
select is(pg_temp.status(1), 'open', 'which is open');
select is(pg_temp.proposed(1, 'milk') ->> 'changes', '1', 'once: trying it again changes nothing');
select is((select content #>> '{days,0,name}' from public.plan_proposals where user_id = '00000000-0000-4000-8000-0000000000a0'), 'more', 'it is what it was');
select is(pg_temp.proposed(2, 'own') ->> 'changes', '1', 'a newer proposal');
select is(pg_temp.status(1), 'expired', 'expires the older');
select throws_ok($$select pg_temp.proposed(3, 'more', 9)$$, 'PT412', 'The meal plan has changed.', 'one for another version comes too late');
select is(pg_temp.status(2), 'open', 'and expires nothing');
select throws_ok($$select pg_temp.proposed(4, 'more', 1, '30b0')$$, 'PT412', null, 'nobody gets proposals from another person''s job');
select throws_ok($$select pg_temp.proposed(4, 'more', 1, 'dead')$$, 'PT412', null, 'nor a plan that is gone');
select throws_ok($$select public.keep_plan_proposal('00000000-0000-4000-8000-00000000b004', 2, '{}')$$, 'PT409', null, 'a stale worker proposes nothing');
select throws_ok(format($$insert into public.plan_proposals (id, user_id, kind, plan_id, base_version, content, changes, source, status, decided_at)
  select gen_random_uuid(), '00000000-0000-4000-8000-0000000000a0', 'meal', '00000000-0000-4000-8000-0000000030a0', 1, content, %L, %L, 'expired', now() from contents where name = 'more'$$,
  changes, source), '23514', null, title)
  from (values ('{}', 'ai', 'changes are a list'), ('[]', 'ai', 'of some'), ('[1]', 'ai', 'of objects'), ('[{"rule": 1}]', 'ai', 'whose members'),
    ('[{"rule": "x", "path": [], "evidence": {}, "explanation": "x"}]', 'ai', 'are what they should be'), ('[{"rule": "x", "path": "/days", "from": null, "to": null, "evidence": [], "explanation": "x"}]', 'manual', 'no person proposes')) as t (changes, source, title);
reset role;
update public.users set allergens = '{milk}' where id = '00000000-0000-4000-8000-0000000000a0';
set local role service_role;
select throws_ok($$select pg_temp.proposed(5, 'milk')$$, 'PT422', 'The meal plan has foods that your allergens or your diet forbid.', 'no allergen is proposed');
select throws_ok($$select public.keep_generated_plan('00000000-0000-4000-8000-00000000b005', 1, jsonb_build_object('kind', 'meal', 'name', 'x', 'source', 'ai',
  'content', content)) from contents where name = 'milk'$$, 'PT422', 'The meal plan has foods that your allergens or your diet forbid.', 'nor generated');
select throws_ok(format($$select public.keep_generated_plan('00000000-0000-4000-8000-00000000b005', 1, %L)$$, plan), 'PT422', null, 'not generated: ' || plan)
  from unnest(array['{}', '{"kind": "meal", "name": "x", "source": "manual", "content": {}}', '{"kind": "meal", "name": "x", "source": "ai", "content": null}', '[]', 'null']) as plan;
select lives_ok($$select public.keep_generated_plan('00000000-0000-4000-8000-00000000b005', 1, jsonb_build_object('kind', 'meal', 'name', 'Made', 'source', 'rules',
  'target_energy_kcal', 2000, 'content', content, 'user_id', '00000000-0000-4000-8000-0000000000b0', 'status', 'active')) from contents where name = 'rice'$$, 'a meal plan is generated');
select lives_ok($$select public.keep_generated_plan('00000000-0000-4000-8000-00000000b005', 1, jsonb_build_object('kind', 'meal', 'name', 'Twice', 'source', 'ai',
  'content', content)) from contents where name = 'rice'$$, 'once');
select results_eq($$select p.name, p.user_id, p.status::text, p.source::text, p.target_energy_kcal, v.changed_by::text, v.reason from public.plans as p
    join public.plan_versions as v on v.plan_id = p.id where p.id = '00000000-0000-4000-8000-00000000b005'$$,
  $$values ('Made', '00000000-0000-4000-8000-0000000000a0'::uuid, 'draft', 'rules', 2000, 'companion', 'Made as you asked')$$, 'as a draft of the job''s owner');
select is((select source::text from public.plans where name = 'Rice' limit 1), 'manual', 'and nothing else is');

-- The owner decides ---------------------------------------------------------------------------------------------------
reset role;
set local role authenticated;
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000a0", "role": "authenticated"}';
select throws_ok('insert into public.plan_proposals select * from public.plan_proposals', '42501', null, 'nobody makes proposals by hand');
select throws_ok('update public.plan_proposals set content = ''{}''', '42501', null, 'nor changes what was proposed');
select throws_ok('update public.plan_proposals set status = ''accepted''', '42501', null, 'nor decides past the functions');
select throws_ok('delete from public.plan_proposals', '42501', null, 'nor deletes any');
select throws_ok($$select pg_temp.decided('accept', 1)$$, 'PT409', null, 'what is expired is not accepted');
select throws_ok($$select pg_temp.decided('reject', 1)$$, 'PT409', null, 'nor rejected');
select throws_ok($$select pg_temp.decided('undo', 1)$$, 'PT409', null, 'nor undone');
select throws_ok($$select pg_temp.decided('undo', 2)$$, 'PT409', null, 'nor is what is open');
select is(pg_temp.decided('accept', 2), '00000000-0000-4000-8000-0000000030a0', 'an open one is accepted');
select results_eq($$select version, content #>> '{days,0,name}' from public.plans where id = '00000000-0000-4000-8000-0000000030a0'$$,
  $$values (2, 'own')$$, 'and becomes the newest version');
select results_eq($$select changed_by::text, reason from public.plan_versions where version = 2$$,
  $$values ('companion', 'Accepted proposal 00000000-0000-4000-8000-00000000b002')$$, 'which says where it is from');
select is(pg_temp.decided('accept', 2), '00000000-0000-4000-8000-0000000030a0', 'accepting it again');
select is((select version from public.plans where id = '00000000-0000-4000-8000-0000000030a0'), 2, 'changes nothing more');
select throws_ok($$select pg_temp.decided('reject', 2)$$, 'PT409', null, 'nor is it rejected now');
select is(pg_temp.decided('undo', 2), '00000000-0000-4000-8000-00000000b002', 'it is taken back');
select results_eq($$select p.version, p.content #>> '{days,0,name}', q.status::text, q.base_version from public.plans as p
  join public.plan_proposals as q on q.plan_id = p.id and q.id = '00000000-0000-4000-8000-00000000b002'$$,
  $$values (3, 'rice', 'open', 3)$$, 'the plan is as it was, and the proposal open');
select results_eq($$select status::text, reason, decided_at is not null from public.reject_plan_proposal('00000000-0000-4000-8000-0000000030a0',
  '00000000-0000-4000-8000-00000000b002', 'No nuts', 'meal')$$, $$values ('rejected', 'No nuts', true)$$, 'it is rejected, and why');
select results_eq($$select reason from public.reject_plan_proposal('00000000-0000-4000-8000-0000000030a0',
  '00000000-0000-4000-8000-00000000b002', 'x', 'meal')$$, $$values ('No nuts')$$, 'once');
select is(pg_temp.decided('undo', 2), '00000000-0000-4000-8000-00000000b002', 'that is taken back too');
select throws_ok($$select public.reject_plan_proposal('00000000-0000-4000-8000-0000000030a0', '00000000-0000-4000-8000-00000000b002', repeat('x', 10000000), 'meal')$$,
  '23514', null, 'a reason is short');
select is(public.delete_food('00000000-0000-4000-8000-00000000f0a0'), true, 'a food that was proposed is deleted');
select is((select hidden_at is not null from public.foods where id = '00000000-0000-4000-8000-00000000f0a0'), true, 'and stays, hidden');
update public.plans set content = jsonb_set(content, '{days,0,name}', '"mine"') where id = '00000000-0000-4000-8000-0000000030a0';
select is(pg_temp.status(2), 'expired', 'whatever else changes the plan expires what was proposed for it');

-- Another person -----------------------------------------------------------------------------------------------------
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000b0", "role": "authenticated"}';
select is_empty('select 1 from public.plan_proposals', 'another person''s proposals are not there');
select is(pg_temp.decided(verdict, 2), null, verdict || ' finds nothing') from unnest(array['accept', 'reject', 'undo']) as verdict;

-- No account -----------------------------------------------------------------------------------------------------------
reset role;
set local role anon;
select throws_ok('select 1 from public.plan_proposals', '42501', null, 'anon reads nothing');

reset role;
delete from public.plans;
select is_empty('select 1 from public.plan_proposals', 'proposals go with the plan');

select * from finish();
rollback;
