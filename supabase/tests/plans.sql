-- public.plans of either kind: a person's own, one of each kind active, with no content but what validate_plan_content
-- accepts. meal_plans.sql has what meal plans alone have.
begin;
select * from no_plan();

insert into auth.users (id, email) values
  ('00000000-0000-4000-8000-0000000000a0', 'ana@people.example'), ('00000000-0000-4000-8000-0000000000b0', 'bo@people.example');
insert into auth.users (id, is_anonymous) values ('00000000-0000-4000-8000-0000000000c0', true);
insert into public.exercises (id, user_id, slug, name, kind, primary_muscles) values
  ('00000000-0000-4000-8000-00000000e001', null, 'test-library-squat', 'Test Library Squat', 'weight_reps', '{quadriceps}'),
  ('00000000-0000-4000-8000-00000000e002', null, 'test-library-hold', 'Test Library Hold', 'duration', '{abs}'),
  ('00000000-0000-4000-8000-00000000e0b0', '00000000-0000-4000-8000-0000000000b0', null, 'Bo''s Secret', 'weight_reps', '{abs}');
insert into public.foods (id, user_id, slug, name, energy_kcal, protein_g, carbohydrate_g, fat_g, allergens, diets) values
  ('00000000-0000-4000-8000-00000000f001', null, 'test-rice', 'Test Rice', 130, 2.7, 28.7, 0.3, '{}', '{omnivore,pescatarian,vegetarian,vegan}'),
  ('00000000-0000-4000-8000-00000000f0b0', '00000000-0000-4000-8000-0000000000b0', null, 'Bo''s Secret', 130, 2.7, 28.7, 0.3, '{}', '{omnivore}');
-- `noun` is what messages call a plan; `amount` is where a content has a number.
create temporary table kinds as select * from (values
  ('workout'::public.plan_kind, '10', 'plan', '{days,0,exercises,0,sets,0,weight_kg}'::text[], '{"days": [{"name": "Legs", "exercises": [
    {"exercise_id": "00000000-0000-4000-8000-00000000e001", "sets": [{"set_type": "working", "reps_max": 5, "weight_kg": 10}]}]}]}'::jsonb),
  ('meal', '30', 'meal plan', '{days,0,meals,0,items,0,grams}', '{"days": [{"name": "Monday", "weekday": 1, "meals": [{"slot": "lunch",
    "name": "Rice", "notes": "", "items": [{"food_id": "00000000-0000-4000-8000-00000000f001", "grams": 80}]}]}]}'))
  as t (kind, prefix, noun, amount, content);
create function pg_temp.plan_of(kind public.plan_kind, owner text) returns uuid language sql as $$
  select format('00000000-0000-4000-8000-00000000%s%s', prefix, owner)::uuid from kinds as k where k.kind = plan_of.kind
$$;
grant select on kinds to authenticated, service_role;
grant execute on function pg_temp.plan_of to authenticated;
insert into public.plans (kind, id, user_id, name, content)
  select kind, pg_temp.plan_of(kind, 'b0'), '00000000-0000-4000-8000-0000000000b0', 'Bo''s', content from kinds;

-- Who may ask what ---------------------------------------------------------------------------------------------------
select table_privs_are('public', 'plans', 'anon', array[]::text[], 'anon can do nothing');
select table_privs_are('public', 'plans', 'authenticated', array['SELECT', 'DELETE'], 'people read and delete');
select column_privs_are('public', 'plans', c, 'authenticated', array['INSERT', 'SELECT', 'UPDATE'], 'people set ' || c)
  from unnest(array['name', 'description', 'goal', 'duration_weeks', 'days_per_week', 'target_energy_kcal', 'target_protein_g',
    'target_carbohydrate_g', 'target_fat_g', 'status', 'content']) as c;
select column_privs_are('public', 'plans', 'kind', 'authenticated', array['INSERT', 'SELECT'], 'people choose a kind, once');
select column_privs_are('public', 'plans', c, 'authenticated', array['SELECT'], c || ' is nobody''s to set')
  from unnest(array['id', 'user_id', 'source', 'version', 'created_at', 'updated_at']) as c;
select policies_are('public', 'plans', array['People read their own plans', 'People add their own plans',
  'People change their own plans', 'People delete their own plans',
  'Only queries that the app needs']);

-- The owner ----------------------------------------------------------------------------------------------------------
set local role authenticated;
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000a0", "role": "authenticated"}';
select results_eq($$insert into public.plans (name) values ('Of no kind') returning kind::text$$, $$values ('workout')$$,
  'a plan is a workout plan unless it says otherwise');
select results_eq(format($$insert into public.plans (kind, name) values (%L, 'Empty') returning user_id, status::text, source::text, version$$, kind),
  $$values ('00000000-0000-4000-8000-0000000000a0'::uuid, 'draft', 'manual', 0)$$, kind || ': a plan may start as an empty draft') from kinds;
select results_eq(format($$insert into public.plans (kind, name, content) values (%L, 'Full', %L) returning version$$, kind, content),
  'values (1)', kind || ': or with content, its first version') from kinds;
select results_eq(format($$update public.plans set name = 'Renamed' where name = 'Full' and kind = %L returning version$$, kind),
  'values (1)', kind || ': other words are no new version') from kinds;
select results_eq(format($$update public.plans set content = jsonb_set(content, '{days,0,name}', '"Other"')
  where name = 'Renamed' and kind = %L returning version$$, kind), 'values (2)', kind || ': other content is') from kinds;
select results_eq(format($$update public.plans set content = jsonb_set(content, %L, %L)
  where name = 'Renamed' and kind = %L returning version, content #>> %L$$, amount, (content #>> amount) || '.' || repeat('0', 16000), kind, amount),
  format('values (2, %L)', content #>> amount), kind || ': an equal number in another, endless writing changes nothing') from kinds;
select throws_ok(format($$update public.plans set content = null where name = 'Renamed' and kind = %L$$, kind), 'PT422', null,
  kind || ': content is not emptied') from kinds;
select lives_ok(format($$update public.plans set status = 'active' where name = 'Renamed' and kind = %L$$, kind),
  kind || ': a plan with content may be active') from kinds;
select set_eq($$select kind, name from public.plans where status = 'active'$$, $$select kind, 'Renamed' from kinds$$, 'beside one of the other kind');
select throws_ok(format($$insert into public.plans (kind, name, status, content) values (%L, 'Second', 'active', %L)$$, kind, content),
  '23505', null, kind || ': one at a time') from kinds;
select throws_ok(format($$update public.plans set status = 'active' where name = 'Empty' and kind = %L$$, kind), '23514', null,
  kind || ': and not an empty one') from kinds;
select throws_ok(format($$insert into public.plans (kind, name, version) values (%L, 'x', 9)$$, kind), '42501', null,
  kind || ': versions are not made up') from kinds;
select throws_ok(format($$insert into public.plans (kind, name, source) values (%L, 'x', 'ai')$$, kind), '42501', null,
  kind || ': nor who wrote a plan') from kinds;
select throws_ok(format($$update public.plans set user_id = '00000000-0000-4000-8000-0000000000b0' where kind = %L$$, kind), '42501', null,
  kind || ': a plan is not given away') from kinds;
select throws_ok(format($$update public.plans set duration_weeks = 53 where name = 'Empty' and kind = %L$$, kind), '23514', null,
  kind || ': a year at most') from kinds;
select throws_ok(format($$update public.plans set description = %L where kind = %L$$, repeat('x', 10000000), kind), '23514', null,
  kind || ': a description is short') from kinds;

-- Content ------------------------------------------------------------------------------------------------------------
select throws_ok(format($$update public.plans set content = '{"days": []}' where name = 'Renamed' and kind = %L$$, kind), 'PT422', null,
  kind || ': refused on update') from kinds;
select throws_ok(format($$insert into public.plans (kind, name, content) values (%L, 'x', 'null')$$, kind), 'PT422', null,
  kind || ': null is no content') from kinds;
select throws_ok(format($$insert into public.plans (kind, name, content) values (%L, 'x', to_jsonb(repeat('x', 10000000)))$$, kind), 'PT422', null,
  kind || ': ten megabytes are none') from kinds;

-- What only one kind has, and wrong content of each kind -------------------------------------------------------------
select throws_ok(format('insert into public.plans (kind, name, %I) values (%L, ''x'', %s)', field, kind, value), '23514',
  'new row for relation "plans" violates check constraint "plans_fields_of_kind"', format('%s: has no %s', kind, field))
  from (values ('workout', 'target_energy_kcal', 2000), ('workout', 'target_protein_g', 100), ('workout', 'target_carbohydrate_g', 100),
    ('workout', 'target_fat_g', 100), ('meal', 'days_per_week', 3)) as t (kind, field, value);
select throws_ok(format($$insert into public.plans (kind, name, content) select kind, 'x', jsonb_set(content, %L, %L) from kinds where kind = %L$$,
  path, value, kind), 'PT422', format('The %s is not sound.', noun), format('%s: refused on insert: %s = %s', kind, path, left(value, 50)))
  from kinds join (values
    ('workout'::public.plan_kind, '{days}', '[]'), ('workout', '{days}', 'null'), ('workout', '{unknown}', '1'),
    ('workout', '{deload_weeks}', 'null'), ('workout', '{deload_weeks}', '[2, 2.0]'), ('workout', '{days,0,name}', '" \u00a0"'),
    ('workout', '{days,0,exercises,0,notes}', 'null'), ('workout', '{days,0,exercises,0,exercise_id}', '"no id"'),
    ('workout', '{days,0,exercises,0,sets,0,reps_max}', '1e9'), ('workout', '{days,0,exercises,0,sets,0,duration_seconds}', '5'),
    ('workout', '{days,0,exercises,0,progression}', '{"kind": "none", "increment_kg": null}'),
    ('workout', '{days,0,exercises,0,exercise_id}', '"00000000-0000-4000-8000-00000000e0b0"'),
    ('workout', '{days,0,exercises,0,exercise_id}', '"00000000-0000-4000-8000-00000000e002"'),
    ('meal', '{days}', '[]'), ('meal', '{days}', 'null'), ('meal', '{unknown}', '1'), ('meal', '{days,0,name}', '" \u00a0"'),
    ('meal', '{days,0,weekday}', '8'), ('meal', '{days,0,weekday}', '1.5'), ('meal', '{days,0,meals}', '[]'),
    ('meal', '{days,0,meals,0,slot}', '"brunch"'), ('meal', '{days,0,meals,0,name}', 'null'), ('meal', '{days,0,meals,0,notes}', 'null'),
    ('meal', '{days,0,meals,0,items}', '{}'), ('meal', '{days,0,meals,0,items,0,grams}', '0.9'),
    ('meal', '{days,0,meals,0,items,0,grams}', '80.05'), ('meal', '{days,0,meals,0,items,0,grams}', '"80"'),
    ('meal', '{days,0,meals,0,items,0,grams}', '1e131071'), ('meal', '{days,0,meals,0,items,0,energy_kcal}', '1'),
    ('meal', '{days,0,meals,0,items,0,food_id}', '"no id"'),
    ('meal', '{days,0,meals,0,items,0,food_id}', '"00000000-0000-4000-8000-00000000dead"'),
    ('meal', '{days,0,meals,0,items,0,food_id}', '"00000000-0000-4000-8000-00000000f0b0"')) as wrong (kind, path, value) using (kind);
select throws_ok($$insert into public.plans (kind, name, duration_weeks, content)
  select kind, 'x', 3, content || '{"deload_weeks": [4.0]}' from kinds where kind = 'workout'$$,
  'PT422', null, 'workout: deload weeks lie within the plan');

-- Another person -----------------------------------------------------------------------------------------------------
select is_empty(format($$select 1 from public.plans where name = 'Bo''s' and kind = %L$$, kind), kind || ': another person''s plan is not there')
  from kinds;
select is_empty(format($$update public.plans set name = 'x' where id = %L returning id$$, pg_temp.plan_of(kind, 'b0')), kind || ': nor to change')
  from kinds;
select is_empty(format($$delete from public.plans where id = %L returning id$$, pg_temp.plan_of(kind, 'b0')), kind || ': nor to delete') from kinds;
select is_empty(format($$select public.activate_plan(%L, %L)$$, pg_temp.plan_of(kind, 'b0'), kind), kind || ': nor to activate') from kinds;
select throws_ok(format($$insert into public.plans (kind, name, user_id) values (%L, 'x', '00000000-0000-4000-8000-0000000000b0')$$, kind),
  '42501', null, kind || ': nothing is planned in another''s name') from kinds;

-- An anonymous sign-in is an ordinary owner --------------------------------------------------------------------------
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000c0", "role": "authenticated", "is_anonymous": true}';
select results_eq(format($$insert into public.plans (kind, name) values (%L, 'Mine') returning user_id$$, kind),
  $$values ('00000000-0000-4000-8000-0000000000c0'::uuid)$$, kind || ': an anonymous sign-in has plans of its own') from kinds;

-- No account, and the server's own key -------------------------------------------------------------------------------
reset role;
set local role anon;
select throws_ok('select 1 from public.plans', '42501', null, 'anon reads nothing');
reset role;
set local role service_role;
set local request.jwt.claims = '{"role": "service_role"}';
select throws_ok(format($$insert into public.plans (kind, user_id, name, content) values (%L, '00000000-0000-4000-8000-0000000000a0', 'x', '{}')$$,
  kind), 'PT422', null, kind || ': even the service role writes no unsound content') from kinds;

select * from finish();
rollback;
