-- public.plan_versions: the history of a plan of either kind, written by trigger, read by its owner, changed by no one.
begin;
select * from no_plan();

insert into auth.users (id, email) values
  ('00000000-0000-4000-8000-0000000000a0', 'ana@people.example'), ('00000000-0000-4000-8000-0000000000b0', 'bo@people.example');
insert into auth.users (id, is_anonymous) values ('00000000-0000-4000-8000-0000000000c0', true);
insert into public.exercises (id, user_id, slug, name, kind, primary_muscles) values
  ('00000000-0000-4000-8000-00000000e001', null, 'test-library-squat', 'Test Library Squat', 'weight_reps', '{quadriceps}');
insert into public.foods (id, user_id, slug, name, energy_kcal, protein_g, carbohydrate_g, fat_g, allergens, diets) values
  ('00000000-0000-4000-8000-00000000f001', null, 'test-rice', 'Test Rice', 130, 2.7, 28.7, 0.3, '{}', '{omnivore,pescatarian,vegetarian,vegan}');
-- `item` is where a content has an exercise or a food.
create temporary table kinds as select * from (values
  ('workout'::public.plan_kind, '10', '{days,0,exercises,0,exercise_id}'::text[], '{"days": [{"name": "First", "exercises": [
    {"exercise_id": "00000000-0000-4000-8000-00000000e001", "sets": [{"set_type": "working", "reps_max": 5}]}]}]}'::jsonb),
  ('meal', '30', '{days,0,meals,0,items,0,food_id}', '{"days": [{"name": "First", "meals": [{"slot": "lunch", "name": "Rice",
    "items": [{"food_id": "00000000-0000-4000-8000-00000000f001", "grams": 80}]}]}]}')) as t (kind, prefix, item, content);
create function pg_temp.plan_of(kind public.plan_kind, owner text) returns uuid language sql as $$
  select format('00000000-0000-4000-8000-00000000%s%s', prefix, owner)::uuid from kinds as k where k.kind = plan_of.kind
$$;
create function pg_temp.restored(kind public.plan_kind, owner text, version integer) returns integer language sql as $$
  select version from public.restore_plan_version(pg_temp.plan_of(kind, owner), restored.version, kind)
$$;
grant select on kinds to authenticated, service_role;
grant execute on function pg_temp.plan_of, pg_temp.restored to authenticated, service_role;
insert into public.plans (kind, id, user_id, name, content)
  select kind, pg_temp.plan_of(kind, owner), ('00000000-0000-4000-8000-0000000000' || owner)::uuid, 'Mine', content
    from kinds, unnest(array['a0', 'b0', 'c0']) as owner;

-- Who may ask what ---------------------------------------------------------------------------------------------------
select table_privs_are('public', 'plan_versions', 'anon', array[]::text[], 'anon can do nothing');
select table_privs_are('public', 'plan_versions', 'authenticated', array['SELECT'], 'people read');
select is_empty($$select 1 from information_schema.column_privileges where table_schema = 'public' and table_name = 'plan_versions'
  and grantee in ('anon', 'authenticated') and privilege_type <> 'SELECT'$$, 'no column is anyone''s to set');
select policies_are('public', 'plan_versions', array['People read the history of their own plans',
  'Only queries that the app needs']);

-- The owner ----------------------------------------------------------------------------------------------------------
set local role authenticated;
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000a0", "role": "authenticated"}';
select results_eq(format('select version, changed_by::text, reason from public.plan_versions where plan_id = %L', pg_temp.plan_of(kind, 'a0')),
  $$values (1, 'person', null::text)$$, kind || ': the first content is the first version') from kinds;
update public.plans set content = jsonb_set(content, '{days,0,name}', '"Second"');
select results_eq(format($$select version, content #>> '{days,0,name}' from public.plan_versions where plan_id = %L order by version$$,
  pg_temp.plan_of(kind, 'a0')), $$values (1, 'First'), (2, 'Second')$$, kind || ': each content is kept') from kinds;
update public.plans set name = 'Renamed', status = 'active';
select is((select count(*)::integer from public.plan_versions where plan_id = pg_temp.plan_of(kind, 'a0')), 2,
  kind || ': what is not content makes no version') from kinds;
select is(pg_temp.restored(kind, 'a0', 1), 3, kind || ': a restored content is the newest version') from kinds;
select results_eq(format('select changed_by::text, reason from public.plan_versions where version = 3 and plan_id = %L', pg_temp.plan_of(kind, 'a0')),
  $$values ('person', 'Restored version 1')$$, kind || ': and says where it is from') from kinds;
update public.plans set content = jsonb_set(content, '{days,0,name}', '"After"');
select is((select reason from public.plan_versions where version = 4 and plan_id = pg_temp.plan_of(kind, 'a0')), null,
  kind || ': a reason is for one change') from kinds;
select is(pg_temp.restored(kind, 'a0', 4), 4, kind || ': restoring what is current changes nothing') from kinds;
select is((select count(*)::integer from public.plan_versions where plan_id = pg_temp.plan_of(kind, 'a0')), 4,
  kind || ': and makes no version') from kinds;
select is(pg_temp.restored(kind, 'a0', 99), null, kind || ': an unknown version is none') from kinds;
select is_empty(format('select 1 from public.restore_plan_version(%L, 1, %L)', pg_temp.plan_of(plan.kind, 'a0'), asked.kind),
  format('a %s plan is no %s plan to restore', plan.kind, asked.kind)) from kinds as plan join kinds as asked on plan.kind <> asked.kind;
select throws_ok('insert into public.plan_versions (plan_id) select plan_id from public.plan_versions', '42501', null, 'history is not written by hand');
select throws_ok(format('update public.plan_versions set reason = ''forged'' where plan_id = %L', pg_temp.plan_of(kind, 'a0')), '42501', null,
  kind || ': nor changed') from kinds;
select throws_ok(format('delete from public.plan_versions where plan_id = %L', pg_temp.plan_of(kind, 'a0')), '42501', null,
  kind || ': nor deleted') from kinds;
select throws_ok('truncate public.plan_versions', '42501', null, 'at all');

-- Another person -----------------------------------------------------------------------------------------------------
select is_empty(format('select 1 from public.plan_versions where plan_id = %L', pg_temp.plan_of(kind, 'b0')),
  kind || ': another person''s history is not there') from kinds;
select is_empty(format('select 1 from public.restore_plan_version(%L, 1, %L)', pg_temp.plan_of(kind, 'b0'), kind), kind || ': nor to restore')
  from kinds;

-- An anonymous sign-in is an ordinary owner ---------------------------------------------------------------------------
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000c0", "role": "authenticated", "is_anonymous": true}';
select set_eq('select plan_id from public.plan_versions', $$select pg_temp.plan_of(kind, 'c0') from kinds$$,
  'an anonymous sign-in has a history of its own, and no other');
select results_eq(format('select version from public.plan_versions where plan_id = %L', pg_temp.plan_of(kind, 'c0')), 'values (1)',
  kind || ': with what it wrote') from kinds;

-- No account, and the server's own key --------------------------------------------------------------------------------
reset role;
set local role anon;
select throws_ok('select 1 from public.plan_versions', '42501', null, 'anon reads nothing');
reset role;
set local role service_role;
select is((select count(*)::integer from public.plan_versions where plan_id in (select pg_temp.plan_of(kind, owner)
  from unnest(array['a0', 'b0', 'c0']) as owner)), 6, kind || ': the service role sees all') from kinds;

-- Exercises and foods that history uses -------------------------------------------------------------------------------
reset role;
set local role authenticated;
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000a0", "role": "authenticated"}';
insert into public.exercises (name, kind, primary_muscles) values ('Used', 'reps', '{abs}'), ('Unused', 'reps', '{abs}');
insert into public.foods (name, energy_kcal, protein_g, carbohydrate_g, fat_g) values ('Used', 130, 2.7, 28.7, 0.3), ('Unused', 130, 2.7, 28.7, 0.3);
create temporary view own_items as
  select 'workout'::public.plan_kind as kind, id, name, hidden_at from public.exercises where user_id is not null
  union all select 'meal', id, name, hidden_at from public.foods where user_id is not null;
update public.plans as p set content = jsonb_set(p.content, k.item, to_jsonb(i.id))
  from kinds as k join own_items as i using (kind) where k.kind = p.kind and i.name = 'Used';
select is((select bool_and(public.delete_exercise(id)) from public.exercises where name in ('Used', 'Unused')), true, 'both exercises are deleted');
select is((select bool_and(public.delete_food(id)) from public.foods where name in ('Used', 'Unused')), true, 'both foods are deleted');
select results_eq(format('select name, hidden_at is not null from own_items where kind = %L', kind), $$values ('Used', true)$$,
  kind || ': the one that history uses is only hidden') from kinds;
select lives_ok(format($$update public.plans set content = jsonb_set(content, '{days,0,name}', '"Again"') where kind = %L$$, kind),
  kind || ': its plan goes on using it') from kinds;
select throws_ok(format($$insert into public.plans (kind, name, content) select kind, 'New', content from public.plans where kind = %L$$, kind),
  'PT422', null, kind || ': a new plan does not') from kinds;
select is_empty($$update public.exercises set name = 'Back' where hidden_at is not null returning id$$, 'a hidden exercise does not change');

delete from public.plans;
select is_empty('select 1 from public.plan_versions', 'history goes with the plans');

select * from finish();
rollback;
