-- public.plan_proposals: made by the worker for a plan of either kind, read and decided on by the plan's owner, written
-- by hand by no one.
begin;
select * from no_plan();

insert into auth.users (id, email) values
  ('00000000-0000-4000-8000-0000000000a0', 'ana@people.example'), ('00000000-0000-4000-8000-0000000000b0', 'bo@people.example');
insert into auth.users (id, is_anonymous) values ('00000000-0000-4000-8000-0000000000c0', true);
insert into public.exercises (id, user_id, slug, name, kind, primary_muscles) values
  ('00000000-0000-4000-8000-00000000e001', null, 'test-library-squat', 'Test Library Squat', 'weight_reps', '{quadriceps}'),
  ('00000000-0000-4000-8000-00000000e0a0', '00000000-0000-4000-8000-0000000000a0', null, 'Ana''s', 'weight_reps', '{abs}'),
  ('00000000-0000-4000-8000-00000000e0b0', '00000000-0000-4000-8000-0000000000b0', null, 'Bo''s', 'weight_reps', '{abs}');
insert into public.foods (id, user_id, slug, name, energy_kcal, protein_g, carbohydrate_g, fat_g, allergens, diets) values
  ('00000000-0000-4000-8000-00000000f001', null, 'test-rice', 'Test Rice', 130, 2.7, 28.7, 0.3, '{}', '{omnivore,pescatarian,vegetarian,vegan}'),
  ('00000000-0000-4000-8000-00000000f002', null, 'test-milk', 'Test Milk', 64, 3.4, 4.8, 3.5, '{milk}', '{omnivore,pescatarian,vegetarian}'),
  ('00000000-0000-4000-8000-00000000f0a0', '00000000-0000-4000-8000-0000000000a0', null, 'Ana''s', 130, 2.7, 28.7, 0.3, '{}', '{omnivore}'),
  ('00000000-0000-4000-8000-00000000f0b0', '00000000-0000-4000-8000-0000000000b0', null, 'Bo''s', 130, 2.7, 28.7, 0.3, '{}', '{omnivore}');
-- `item` is where a content has an exercise or a food, whose id ends in `letter` and who owns it.
create temporary table kinds as select * from (values
  ('workout'::public.plan_kind, 'adapt_plan'::public.job_kind, 'plan', '10', 'e', '{days,0,exercises,0,exercise_id}'::text[],
    '{"days": [{"name": "Old", "exercises": [
      {"exercise_id": "00000000-0000-4000-8000-00000000e001", "sets": [{"set_type": "working", "reps_max": 5}]}]}]}'::jsonb,
    '[{"rule": "linear.increase", "exercise_id": "00000000-0000-4000-8000-00000000e001", "path": "/days/0/exercises/0/sets/*/weight_kg",
       "from": [60], "to": [62.5], "evidence": [], "explanation": "You reached 60 kg."}]'::jsonb),
  ('meal', 'adapt_meal_plan', 'meal plan', '30', 'f', '{days,0,meals,0,items,0,food_id}',
    '{"days": [{"name": "Old", "meals": [
      {"slot": "lunch", "name": "Lunch", "items": [{"food_id": "00000000-0000-4000-8000-00000000f001", "grams": 80}]}]}]}',
    '[{"rule": "swap", "path": "/days/0", "from": null, "to": null, "evidence": [], "explanation": "So it is."}]')
  ) as t (kind, job_kind, noun, prefix, letter, item, content, changes);
create function pg_temp.plan_of(kind public.plan_kind, owner text) returns uuid language sql as $$
  select format('00000000-0000-4000-8000-00000000%s%s', prefix, owner)::uuid from kinds as k where k.kind = plan_of.kind
$$;
create function pg_temp.job_of(kind public.plan_kind, job text) returns uuid language sql as $$
  select format('00000000-0000-4000-8000-0000000%s%s', prefix, job)::uuid from kinds as k where k.kind = job_of.kind
$$;
create function pg_temp.item_of(kind public.plan_kind, owner text) returns uuid language sql as $$
  select format('00000000-0000-4000-8000-00000000%s0%s', letter, owner)::uuid from kinds as k where k.kind = item_of.kind
$$;
insert into public.plans (kind, id, user_id, name, content)
  select kind, pg_temp.plan_of(kind, owner), ('00000000-0000-4000-8000-0000000000' || owner)::uuid, 'Mine', content
    from kinds, unnest(array['a0', 'b0', 'c0']) as owner
  union all select kind, pg_temp.plan_of(kind, 'a2'), '00000000-0000-4000-8000-0000000000a0', 'Empty', null from kinds;
-- Jobs that are held, one for each proposal: the owner and a number.
insert into public.jobs (id, user_id, kind, input, dedupe_key, status, attempts, lease_expires_at)
  select pg_temp.job_of(kind, owner || n), ('00000000-0000-4000-8000-0000000000' || owner)::uuid, job_kind, '{}', kind || owner || n,
         'running', 1, now() + interval '1 hour'
    from kinds, (values ('a0', 1), ('a0', 2), ('a0', 3), ('a0', 4), ('b0', 1)) as t (owner, n);

-- What the worker keeps: the plan's content with its day named so that it can be told apart, or with another item.
create function pg_temp.keep(kind public.plan_kind, job text, base integer, name text, plan text default 'a0', changes jsonb default null,
  item text default '01', source text default 'rules')
returns jsonb language sql as $$
  select public.keep_plan_proposal(pg_temp.job_of(k.kind, job), 1, jsonb_build_object('kind', k.kind, 'plan_id', pg_temp.plan_of(k.kind, plan),
    'base_version', base, 'source', source, 'changes', coalesce(keep.changes, k.changes), 'content',
    jsonb_set(jsonb_set(k.content, '{days,0,name}', to_jsonb(name)), k.item, to_jsonb(pg_temp.item_of(k.kind, keep.item))))) from kinds as k
   where k.kind = keep.kind
$$;
create function pg_temp.state(kind public.plan_kind, job text) returns text language sql as $$
  select format('%s %s', p.status, p.base_version) from public.plan_proposals as p where p.id = pg_temp.job_of(kind, job)
$$;
-- What Ana, or who is signed in, decides: the id of what is answered, or null.
create function pg_temp.decide(verdict text, kind public.plan_kind, job text, plan text default 'a0') returns uuid language plpgsql as $$
declare
  answer uuid;
begin
  execute format('select x.id from public.%s_plan_proposal(%L, %L, kind => %L) as x', verdict, pg_temp.plan_of(kind, plan),
    pg_temp.job_of(kind, job), kind) into answer;
  return answer;
end $$;
create function pg_temp.day_of(kind public.plan_kind) returns text language sql as $$
  select format('%s %s', p.version, p.content #>> '{days,0,name}') from public.plans as p where p.id = pg_temp.plan_of(day_of.kind, 'a0')
$$;
grant select on kinds to authenticated, service_role;
grant execute on function pg_temp.plan_of, pg_temp.job_of, pg_temp.item_of, pg_temp.keep, pg_temp.state, pg_temp.decide, pg_temp.day_of
  to authenticated, service_role;

-- Who may ask what ---------------------------------------------------------------------------------------------------
select table_privs_are('public', 'plan_proposals', 'anon', array[]::text[], 'anon can do nothing');
select table_privs_are('public', 'plan_proposals', 'authenticated', array['SELECT'], 'people read');
select is_empty($$select 1 from information_schema.column_privileges where table_schema = 'public' and table_name = 'plan_proposals'
  and grantee in ('anon', 'authenticated') and privilege_type <> 'SELECT'$$, 'no column is anyone''s to set');
select policies_are('public', 'plan_proposals', array['People read proposals for their own plans',
  'Only queries that the app needs']);

-- What the worker may keep ---------------------------------------------------------------------------------------------
set local role service_role;
set local request.jwt.claims = '{"role": "service_role"}';
select throws_ok(format('select pg_temp.keep(%L, ''a01'', %s)', kind, arguments), 'PT412', format('The %s has changed.', noun), kind || ': not for ' || title)
  from kinds, (values ('2, ''Other''', 'a version that the plan is not at'), ('1, ''Other'', ''b0''', 'another person''s plan'),
    ('1, ''Other'', ''a2''', 'an empty plan'), ('1, ''Other'', ''de''', 'a plan that is gone')) as t (arguments, title);
select throws_ok(format('select pg_temp.keep(%L, ''a01'', 1, '''')', kind), 'PT422', null, kind || ': nor unsound content') from kinds;
select throws_ok(format('select pg_temp.keep(%L, ''a01'', 1, ''Other'', item => ''b0'')', kind), 'PT422', null,
  kind || ': nor what is another person''s in it') from kinds;
select throws_ok(format('select public.keep_plan_proposal(%L, 2, ''{}'')', pg_temp.job_of(kind, 'a01')), 'PT409', null,
  kind || ': nor for a job that is not held') from kinds;
select throws_ok(format('select pg_temp.keep(%L, ''a01'', 1, ''Other'', changes => %L)', kind, bad), '23514', null, kind || ', changes: ' || title)
  from kinds, lateral (values ('[]'::jsonb, 'none'), ('{}', 'no list'), ('[1]', 'no object'), ('null', 'null'), ('[{"rule": 1}]', 'only a rule'),
    (jsonb_set(changes, '{0,more}', '1'), 'an unknown field'), (changes #- '{0,to}', 'a missing one'),
    (jsonb_set(changes, '{0,rule}', '"Drop Table"'), 'no rule'), (jsonb_set(changes, '{0,path}', '"days"'), 'no path'),
    (jsonb_set(changes, '{0,path}', '[]'), 'a path that is a list'), (jsonb_set(changes, '{0,exercise_id}', '"x"'), 'no exercise'),
    (jsonb_set(changes, '{0,explanation}', '" "'), 'nothing said'),
    (jsonb_set(changes, '{0,explanation}', to_jsonb(repeat('x', 501))), 'too much said'), (jsonb_set(changes, '{0,evidence}', '{}'), 'no evidence'),
    (('[' || rtrim(repeat((changes ->> 0) || ',', case kind when 'workout' then 61 else 501 end), ',') || ']')::jsonb, 'one too many'),
    (jsonb_set(changes, '{0,to}', to_jsonb((select string_agg(md5(n::text), '') from generate_series(1, 9000) as n))), 'too large')) as t (bad, title);
select throws_ok(format('select pg_temp.keep(''workout'', ''a01'', 1, ''Other'', changes => %L)',
  jsonb_set(changes, '{0,evidence}', '["00000000-0000-4000-8000-00000000dead"]')), 'PT422', null, 'workout: evidence that is not there')
  from kinds where kind = 'workout';
select throws_ok(format('select pg_temp.keep(%L, ''a01'', 1, ''Other'', source => ''manual'')', kind), '23514', null, kind || ': no person proposes')
  from kinds;
reset role;
update public.users set allergens = '{milk}' where id = '00000000-0000-4000-8000-0000000000a0';
set local role service_role;
select throws_ok('select pg_temp.keep(''meal'', ''a01'', 1, ''Other'', item => ''02'')', 'PT422',
  'The meal plan has foods that your allergens or your diet forbid.', 'meal: no allergen is proposed');
select is(pg_temp.keep(kind, 'a01', 1, 'First'), '{"source": "rules", "model": null, "changes": 1}', kind || ': what is sound is kept') from kinds;
select is(pg_temp.state(kind, 'a01'), 'open 1', kind || ': open') from kinds;
select is(pg_temp.keep(kind, 'a01', 1, 'Again') ->> 'changes', '1', kind || ': doing it again') from kinds;
select is((select content #>> '{days,0,name}' from public.plan_proposals where id = pg_temp.job_of(k.kind, 'a01')), 'First',
  k.kind || ': changes nothing') from kinds as k;
select throws_ok(format('select pg_temp.keep(%L, ''a02'', 9, ''Late'')', kind), 'PT412', null, kind || ': one for another version comes too late') from kinds;
select is(pg_temp.state(kind, 'a01'), 'open 1', kind || ': and expires nothing') from kinds;
select isnt(pg_temp.keep(kind, 'b01', 1, 'Bo''s', 'b0'), null, kind || ': kept for Bo') from kinds;

-- The owner ------------------------------------------------------------------------------------------------------------
set local role authenticated;
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000a0", "role": "authenticated"}';
select set_eq('select id, status::text from public.plan_proposals', $$select pg_temp.job_of(kind, 'a01'), 'open' from kinds$$,
  'people see what is offered to them');
select throws_ok('update public.plan_proposals set status = ''accepted''', '42501', null, 'it is not theirs to change');
select throws_ok('update public.plan_proposals set changes = ''[]''', '42501', null, 'in any part');
select throws_ok('update public.plan_proposals set content = ''{}''', '42501', null, 'nor in its content');
select throws_ok('insert into public.plan_proposals (id) select id from public.plan_proposals', '42501', null, 'nor to write');
select throws_ok('delete from public.plan_proposals', '42501', null, 'nor to delete');

select is(pg_temp.decide('accept', kind, 'a01'), pg_temp.plan_of(kind, 'a0'), kind || ': accepting answers with the plan') from kinds;
select is(pg_temp.day_of(kind), '2 First', kind || ': which has a new version') from kinds;
select results_eq(format('select changed_by::text, reason from public.plan_versions where version = 2 and plan_id = %L', pg_temp.plan_of(kind, 'a0')),
  format('values (''companion'', ''Accepted proposal %s'')', pg_temp.job_of(kind, 'a01')), kind || ': which says whose it is, and why') from kinds;
select is(pg_temp.state(kind, 'a01'), 'accepted 1', kind || ': it is accepted') from kinds;
select is(pg_temp.decide('accept', kind, 'a01'), pg_temp.plan_of(kind, 'a0'), kind || ': accepting again') from kinds;
select is(pg_temp.day_of(kind), '2 First', kind || ': changes nothing') from kinds;
select throws_ok(format('select pg_temp.decide(''reject'', %L, ''a01'')', kind), 'PT409', null, kind || ': what is accepted is not rejected') from kinds;
select is(pg_temp.decide('undo', kind, 'a01'), pg_temp.job_of(kind, 'a01'), kind || ': it is taken back') from kinds;
select is(pg_temp.state(kind, 'a01'), 'open 3', kind || ': and offered again for the plan as it is now') from kinds;
select is(pg_temp.day_of(kind), '3 Old', kind || ': which is as it was') from kinds;
select results_eq(format('select changed_by::text, reason from public.plan_versions where version = 3 and plan_id = %L', pg_temp.plan_of(kind, 'a0')),
  format('values (''person'', ''Took back proposal %s'')', pg_temp.job_of(kind, 'a01')), kind || ': in words of its own') from kinds;
select throws_ok(format('select pg_temp.decide(''undo'', %L, ''a01'')', kind), 'PT409', null, kind || ': what is open is not taken back') from kinds;
select throws_ok(format('select public.reject_plan_proposal(%L, %L, repeat(''x'', %s), %L)', pg_temp.plan_of(kind, 'a0'), pg_temp.job_of(kind, 'a01'), length, kind),
  '23514', null, format('%s: a reason of %s characters is too long', kind, length)) from kinds, unnest(array[501, 10000000]) as length;
select results_eq(format('select status::text, reason, decided_at is not null from public.reject_plan_proposal(%L, %L, %L, %L)',
  pg_temp.plan_of(kind, 'a0'), pg_temp.job_of(kind, 'a01'), said, kind), $$values ('rejected', 'Not now', true)$$, kind || ': ' || title)
  from kinds, (values ('Not now', 'rejecting keeps why'), ('Another', 'rejecting again changes nothing')) as t (said, title);
select is(pg_temp.state(kind, 'a01'), 'rejected 3', kind || ': nor the plan') from kinds;
select throws_ok(format('select pg_temp.decide(''accept'', %L, ''a01'')', kind), 'PT409', null, kind || ': what is rejected is not accepted') from kinds;
select is(pg_temp.decide('undo', kind, 'a01'), pg_temp.job_of(kind, 'a01'), kind || ': it can be offered again') from kinds;
select is((select reason from public.plan_proposals where id = pg_temp.job_of(k.kind, 'a01')), null, k.kind || ': without the reason') from kinds as k;
update public.plans set name = 'Renamed' where id in (select pg_temp.plan_of(kind, 'a0') from kinds);
select is(pg_temp.state(kind, 'a01'), 'open 3', kind || ': another name is no other content') from kinds;
update public.plans set content = jsonb_set(content, '{days,0,name}', '"Mine"') where id in (select pg_temp.plan_of(kind, 'a0') from kinds);
select is(pg_temp.state(kind, 'a01'), 'expired 3', kind || ': other content expires it') from kinds;
select throws_ok(format('select pg_temp.decide(%L, %L, ''a01'')', verdict, kind), 'PT409', null, format('%s: what is expired is over: %s', kind, verdict))
  from kinds, unnest(array['accept', 'reject', 'undo']) as verdict;

-- A newer one, and what no longer fits ----------------------------------------------------------------------------------
set local role service_role;
select isnt(pg_temp.keep(kind, 'a02', 4, 'Second'), null, kind || ': kept') from kinds;
select isnt(pg_temp.keep(kind, 'a03', 4, 'Third'), null, kind || ': kept') from kinds;
select is(pg_temp.state(kind, 'a02') || ', ' || pg_temp.state(kind, 'a03'), 'expired 4, open 4', kind || ': a newer one expires the older') from kinds;
set local role authenticated;
select is(pg_temp.decide('accept', kind, 'a03'), pg_temp.plan_of(kind, 'a0'), kind || ': the newer one is accepted') from kinds;
update public.plans set content = jsonb_set(content, '{days,0,name}', '"Otherwise"') where id in (select pg_temp.plan_of(kind, 'a0') from kinds);
select throws_ok(format('select pg_temp.decide(''undo'', %L, ''a03'')', kind), 'PT409', null, kind || ': not taken back once the plan has gone another way')
  from kinds;
set local role service_role;
select isnt(pg_temp.keep(kind, 'a04', 6, 'Own', item => 'a0', source => 'ai'), null, kind || ': kept') from kinds;
set local role authenticated;
select ok(public.delete_exercise(pg_temp.item_of('workout', 'a0')), 'workout: an exercise that only a proposal has is deleted');
select ok(public.delete_food(pg_temp.item_of('meal', 'a0')), 'meal: and a food');
select ok((select hidden_at is not null from public.exercises where id = pg_temp.item_of('workout', 'a0')), 'workout: and stays, hidden');
select ok((select hidden_at is not null from public.foods where id = pg_temp.item_of('meal', 'a0')), 'meal: and stays, hidden');
select throws_ok(format('select pg_temp.decide(''accept'', %L, ''a04'')', kind), 'PT422', null, kind || ': what has gone since is not accepted') from kinds;
select is(pg_temp.state(kind, 'a04'), 'open 6', kind || ': which changes nothing') from kinds;

-- Asking, and what is shown ---------------------------------------------------------------------------------------------
select is((public.plan_proposals_page(pg_temp.plan_of(kind, 'a0'), 0, 2, kind) ->> 'total')::integer, 4, kind || ': a page knows how many there are')
  from kinds;
select is(jsonb_array_length(public.plan_proposals_page(pg_temp.plan_of(kind, 'a0'), 3, 2, kind) -> 'items'), 1, kind || ': and shows its part') from kinds;
select is(public.plan_proposals_page(pg_temp.plan_of(kind, 'a0'), 0, 1, kind) #> '{items,0,content}', null, kind || ': without content') from kinds;
select is(public.plan_proposals_page(pg_temp.plan_of(kind, 'b0'), 0, 1, kind), null, kind || ': another person''s plan is not there') from kinds;

-- Another person ------------------------------------------------------------------------------------------------------
select is(pg_temp.decide(verdict, kind, 'b01', plan), null, format('%s: another person''s is not there to %s on %s', kind, verdict, plan))
  from kinds, unnest(array['accept', 'reject', 'undo']) as verdict, unnest(array['a0', 'b0']) as plan;
reset role;
select is(pg_temp.state(kind, 'b01'), 'open 1', kind || ': and stays as it was') from kinds;
set local role authenticated;
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000c0", "role": "authenticated", "is_anonymous": true}';
select is_empty('select 1 from public.plan_proposals', 'a guest sees none of them');
reset role;
set local role anon;
select throws_ok('select 1 from public.plan_proposals', '42501', null, 'anon reads nothing');

-- Asking for a workout plan to be adapted ---------------------------------------------------------------------------------
reset role;
delete from public.jobs where user_id = '00000000-0000-4000-8000-0000000000a0';
set local role authenticated;
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000a0", "role": "authenticated"}';
select is(public.adapt_plan('00000000-0000-4000-8000-0000000010b0'), null, 'another person''s plan is not there to adapt');
select throws_ok($$select public.adapt_plan('00000000-0000-4000-8000-0000000010a2')$$, 'PT409', null, 'nor is there anything to adapt in an empty one');
select is(public.adapt_plan('00000000-0000-4000-8000-0000000010a0', 'Tired', '{knee}') ->> 'id',
  public.adapt_plan('00000000-0000-4000-8000-0000000010a0', 'Tired', '{knee}') ->> 'id', 'the same while under way is the same');
reset role;

-- Once a week, for workout plans ----------------------------------------------------------------------------------------------------------
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
select is(public.adapt_plans(), '{"changed": 1, "done": true}', 'who trained and has an account is looked at');
select is(public.adapt_plans(), '{"changed": 0, "done": true}', 'once');
select results_eq($$select user_id from public.jobs where status = 'queued'$$, $$values ('00000000-0000-4000-8000-0000000000a0'::uuid)$$, 'who did not is not');
reset role;
select is((select calls from public.ai_usage where user_id = '00000000-0000-4000-8000-0000000000a0'), 1, 'which counts against nobody''s day');

delete from public.plans where user_id = '00000000-0000-4000-8000-0000000000a0';
select is_empty($$select 1 from public.plan_proposals where user_id = '00000000-0000-4000-8000-0000000000a0'$$, 'proposals go with their plan');

select * from finish();
rollback;
