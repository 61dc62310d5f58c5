-- public.plans: a person's own, with no content but what validate_plan_content accepts, and never a food that
-- their allergens or their diet forbid.
begin;
select * from no_plan();

insert into auth.users (id, email) values
  ('00000000-0000-4000-8000-0000000000a0', 'ana@people.example'), ('00000000-0000-4000-8000-0000000000b0', 'bo@people.example');
insert into auth.users (id, is_anonymous) values ('00000000-0000-4000-8000-0000000000c0', true);
insert into public.foods (id, user_id, slug, name, energy_kcal, protein_g, carbohydrate_g, fat_g, allergens, diets) values
  ('00000000-0000-4000-8000-00000000f001', null, 'test-rice', 'Test Rice', 130, 2.7, 28.7, 0.3, '{}', '{omnivore,pescatarian,vegetarian,vegan}'),
  ('00000000-0000-4000-8000-00000000f002', null, 'test-milk', 'Test Milk', 64, 3.4, 4.8, 3.5, '{milk}', '{omnivore,pescatarian,vegetarian}'),
  ('00000000-0000-4000-8000-00000000f003', null, 'test-water', 'Test Water', 0, 0, 0, 0, '{}', '{omnivore,pescatarian,vegetarian,vegan}'),
  ('00000000-0000-4000-8000-00000000f0a0', '00000000-0000-4000-8000-0000000000a0', null, 'Ana''s', 130, 2.7, 28.7, 0.3, '{nuts}', '{omnivore}'),
  ('00000000-0000-4000-8000-00000000f0b0', '00000000-0000-4000-8000-0000000000b0', null, 'Bo''s Secret', 130, 2.7, 28.7, 0.3, '{}', '{omnivore}');
create temporary table sound as select '{"days": [{"name": "Monday", "weekday": 1, "meals": [{"slot": "lunch", "name": "Rice", "notes": "",
  "items": [{"food_id": "00000000-0000-4000-8000-00000000f001", "grams": 80}]}]}]}'::jsonb as content,
  '{days,0,meals,0,items,0,food_id}'::text[] as food;
grant select on sound to authenticated, service_role;
insert into public.plans (kind, id, user_id, name, content)
  select 'meal', '00000000-0000-4000-8000-0000000030b0', '00000000-0000-4000-8000-0000000000b0', 'Bo''s', content from sound;

-- Who may ask what ---------------------------------------------------------------------------------------------------
select table_privs_are('public', 'plans', 'anon', array[]::text[], 'anon can do nothing');
select table_privs_are('public', 'plans', 'authenticated', array['SELECT', 'DELETE'], 'people read and delete');
select column_privs_are('public', 'plans', c, 'authenticated', array['INSERT', 'SELECT', 'UPDATE'], 'people set ' || c)
  from unnest(array['name', 'description', 'goal', 'duration_weeks', 'target_energy_kcal', 'target_protein_g',
    'target_carbohydrate_g', 'target_fat_g', 'status', 'content']) as c;
select column_privs_are('public', 'plans', c, 'authenticated', array['SELECT'], c || ' is nobody''s to set')
  from unnest(array['id', 'user_id', 'source', 'version', 'created_at', 'updated_at']) as c;
select policies_are('public', 'plans', array['People read their own plans', 'People add their own plans',
  'People change their own plans', 'People delete their own plans']);

-- The owner ----------------------------------------------------------------------------------------------------------
set local role authenticated;
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000a0", "role": "authenticated"}';
select results_eq($$insert into public.plans (kind, name) values ('meal', 'Empty') returning user_id, status::text, source::text, version$$,
  $$values ('00000000-0000-4000-8000-0000000000a0'::uuid, 'draft', 'manual', 0)$$, 'a meal plan may start as an empty draft');
select results_eq($$insert into public.plans (kind, name, content) select 'meal', 'Full', content from sound returning version$$, 'values (1)',
  'or with content, its first version');
select results_eq($$update public.plans set name = 'Renamed' where name = 'Full' returning version$$, 'values (1)',
  'other words are no new version');
select results_eq($$update public.plans set content = jsonb_set(content, '{days,0,name}', '"Every day"') where name = 'Renamed' returning version$$,
  'values (2)', 'other content is');
select results_eq($$update public.plans set content = jsonb_set(content, '{days,0,meals,0,items,0,grams}', ('80.' || repeat('0', 16000))::jsonb)
  where name = 'Renamed' returning version, content #>> '{days,0,meals,0,items,0,grams}'$$, $$values (2, '80')$$,
  'an equal number in another, endless writing changes nothing');
select throws_ok($$update public.plans set content = null where name = 'Renamed'$$, 'PT422', null, 'content is not emptied');
select lives_ok($$update public.plans set status = 'active' where name = 'Renamed'$$, 'a plan with content may be active');
select throws_ok($$insert into public.plans (kind, name, status, content) select 'meal', 'Second', 'active', content from sound$$, '23505', null,
  'one at a time');
select throws_ok($$update public.plans set status = 'active' where name = 'Empty'$$, '23514', null, 'and not an empty one');
select throws_ok($$insert into public.plans (kind, name, version) values ('meal', 'x', 9)$$, '42501', null, 'versions are not made up');
select throws_ok($$insert into public.plans (kind, name, source) values ('meal', 'x', 'ai')$$, '42501', null, 'nor who wrote a plan');
select throws_ok($$update public.plans set user_id = '00000000-0000-4000-8000-0000000000b0'$$, '42501', null, 'a plan is not given away');
select throws_ok($$update public.plans set target_energy_kcal = 1199$$, '23514', null, 'nobody is to eat less than 1200 kcal a day');
select throws_ok(format($$update public.plans set target_%s = %s$$, field, value), '23514', null, format('%s of %s is refused', field, value))
  from (values ('energy_kcal', 10001), ('protein_g', 0), ('protein_g', 1001), ('carbohydrate_g', -1), ('fat_g', 1001)) as t (field, value);

-- Content ------------------------------------------------------------------------------------------------------------
select throws_ok(format($$insert into public.plans (kind, name, content) select 'meal', 'x', jsonb_set(content, %L, %L) from sound$$, path, value),
  'PT422', 'The meal plan is not sound.', format('refused on insert: %s = %s', path, left(value, 50)))
  from (values
    ('{days}', '[]'), ('{days}', 'null'), ('{unknown}', '1'), ('{days,0,name}', '" \u00a0"'), ('{days,0,weekday}', '8'),
    ('{days,0,weekday}', '1.5'), ('{days,0,meals}', '[]'), ('{days,0,meals,0,slot}', '"brunch"'), ('{days,0,meals,0,name}', 'null'),
    ('{days,0,meals,0,notes}', 'null'), ('{days,0,meals,0,items}', '{}'), ('{days,0,meals,0,items,0,grams}', '0.9'),
    ('{days,0,meals,0,items,0,grams}', '80.05'), ('{days,0,meals,0,items,0,grams}', '"80"'), ('{days,0,meals,0,items,0,grams}', '1e131071'),
    ('{days,0,meals,0,items,0,energy_kcal}', '1'), ('{days,0,meals,0,items,0,food_id}', '"no id"'),
    ('{days,0,meals,0,items,0,food_id}', '"00000000-0000-4000-8000-00000000dead"'),
    ('{days,0,meals,0,items,0,food_id}', '"00000000-0000-4000-8000-00000000f0b0"')) as t (path, value);
select throws_ok($$update public.plans set content = '{"days": []}' where name = 'Renamed'$$, 'PT422', null, 'refused on update');
select throws_ok($$insert into public.plans (kind, name, content) values ('meal', 'x', 'null')$$, 'PT422', null, 'null is no content');
select throws_ok($$insert into public.plans (kind, name, content) values ('meal', 'x', to_jsonb(repeat('x', 10000000)))$$, 'PT422', null, 'ten megabytes are none');

-- Allergens and diet -------------------------------------------------------------------------------------------------
insert into public.plans (kind, name, content) select 'meal', 'Milk', jsonb_set(content, food, '"00000000-0000-4000-8000-00000000f002"') from sound;
update public.users set allergens = '{milk,nuts}', diet = 'vegan' where id = '00000000-0000-4000-8000-0000000000a0';
select is(public.foods_used(p) #> '{0,conflict}', '{"allergens": ["milk"], "diet": "vegan"}', 'what speaks against a food is shown')
  from public.plans as p where name = 'Milk';
select is(public.foods_used(p) #> '{0,conflict}', 'null', 'and what does not, not') from public.plans as p where name = 'Renamed';
select throws_ok($$insert into public.plans (kind, name, content) select 'meal', 'x', jsonb_set(content, food, '"00000000-0000-4000-8000-00000000f002"') from sound$$,
  'PT422', 'The meal plan has foods that your allergens or your diet forbid.', 'an allergen is not inserted');
select throws_ok($$update public.plans set content = jsonb_set(content, '{days,0,meals,0,items,0,food_id}', '"00000000-0000-4000-8000-00000000f0a0"')
  where name = 'Renamed'$$, 'PT422', 'The meal plan has foods that your allergens or your diet forbid.', 'nor updated into a plan, in one''s own food either');
select throws_ok($$update public.plans set content = jsonb_set(content, '{days,0,name}', '"x"') where name = 'Milk'$$, 'PT422', null,
  'a plan with it does not change but for the better');
select throws_ok($$update public.plans set status = 'active' where name = 'Milk'$$, 'PT422', null, 'nor become active');
select lives_ok($$update public.plans set name = 'Old milk', status = 'archived' where name = 'Milk'$$, 'but is put away');
select is(jsonb_path_query_array(public.validate_plan_content(jsonb_set(content, food, '"00000000-0000-4000-8000-00000000f002"'), kind => 'meal'), '$[*].message'),
  '["contains milk, which you avoid, and does not fit a vegan diet"]', 'it says why') from sound;
update public.users set allergens = '{}', diet = null where id = '00000000-0000-4000-8000-0000000000a0';
select lives_ok($$update public.plans set content = jsonb_set(content, '{days,0,name}', '"x"') where name = 'Old milk'$$,
  'without a diet and allergens everything is fine');

-- swap_meal_food -----------------------------------------------------------------------------------------------------
select results_eq($$select s.content #> '{days,0,meals,0,items,0}', s.version from public.plans as m,
    public.swap_meal_food(m.id, 0, 0, 0, '00000000-0000-4000-8000-00000000f002') as s where m.name = 'Renamed'$$,
  $$values ('{"food_id": "00000000-0000-4000-8000-00000000f002", "grams": 163}'::jsonb, 3)$$, '80 g of rice and 163 g of milk have one energy');
select is((select reason from public.plan_versions as v join public.plans as m on m.id = v.plan_id and m.version = v.version
  where m.name = 'Renamed'), 'Swapped Test Rice for Test Milk', 'the version says what was swapped');
select throws_ok(format($$select public.swap_meal_food(m.id, %s, '%s') from public.plans as m where m.name = 'Renamed'$$, place, food),
  'PT422', 'This cannot be swapped.', format('not swapped: %s for %s', place, title))
  from (values ('1, 0, 0', '00000000-0000-4000-8000-00000000f001', 'rice'), ('-1, 0, 0', '00000000-0000-4000-8000-00000000f001', 'rice'),
    ('0, 1, 0', '00000000-0000-4000-8000-00000000f001', 'rice'), ('0, 0, 1', '00000000-0000-4000-8000-00000000f001', 'rice'),
    ('null, null, null', '00000000-0000-4000-8000-00000000f001', 'rice'), ('0, 0, 0', '00000000-0000-4000-8000-00000000dead', 'nothing'),
    ('0, 0, 0', '00000000-0000-4000-8000-00000000f0b0', 'another''s food'),
    ('0, 0, 0', '00000000-0000-4000-8000-00000000f003', 'water')) as t (place, food, title);
select is_empty($$select public.swap_meal_food('00000000-0000-4000-8000-0000000030b0', 0, 0, 0, '00000000-0000-4000-8000-00000000f002')$$,
  'nothing is swapped in another''s plan');

-- Another person -----------------------------------------------------------------------------------------------------
select is_empty($$select 1 from public.plans where name = 'Bo''s'$$, 'another person''s meal plan is not there');
select is_empty($$update public.plans set name = 'x' where id = '00000000-0000-4000-8000-0000000030b0' returning id$$, 'nor to change');
select is_empty($$delete from public.plans where id = '00000000-0000-4000-8000-0000000030b0' returning id$$, 'nor to delete');
select throws_ok($$insert into public.plans (kind, name, user_id) values ('meal', 'x', '00000000-0000-4000-8000-0000000000b0')$$, '42501', null,
  'nothing is planned in another''s name');
select is_empty($$select public.activate_plan('00000000-0000-4000-8000-0000000030b0', 'meal')$$, 'nor activated');

-- An anonymous sign-in is an ordinary owner ---------------------------------------------------------------------------
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000c0", "role": "authenticated", "is_anonymous": true}';
select results_eq($$insert into public.plans (kind, name) values ('meal', 'Mine') returning user_id$$,
  $$values ('00000000-0000-4000-8000-0000000000c0'::uuid)$$, 'an anonymous sign-in has meal plans of its own');

-- No account, and the server's own key --------------------------------------------------------------------------------
reset role;
set local role anon;
select throws_ok('select 1 from public.plans', '42501', null, 'anon reads nothing');
reset role;
update public.users set allergens = '{milk}' where id = '00000000-0000-4000-8000-0000000000a0';
set local role service_role;
set local request.jwt.claims = '{"role": "service_role"}';
select throws_ok($$insert into public.plans (kind, user_id, name, content) values ('meal', '00000000-0000-4000-8000-0000000000a0', 'x', '{}')$$,
  'PT422', null, 'even the service role writes no unsound content');
select throws_ok($$insert into public.plans (kind, user_id, name, content) select 'meal', '00000000-0000-4000-8000-0000000000a0', 'x',
  jsonb_set(content, food, '"00000000-0000-4000-8000-00000000f002"') from sound$$, 'PT422', null, 'nor an allergen of the plan''s owner');
select throws_ok($$insert into public.plans (kind, user_id, name, content) select 'meal', '00000000-0000-4000-8000-0000000000a0', 'x',
  jsonb_set(content, food, '"00000000-0000-4000-8000-00000000f0b0"') from sound$$, 'PT422', null, 'nor a food of somebody else');
select lives_ok($$insert into public.plans (kind, user_id, name, content) select 'meal', '00000000-0000-4000-8000-0000000000b0', 'x',
  jsonb_set(content, food, '"00000000-0000-4000-8000-00000000f002"') from sound$$, 'what one person avoids, another eats');

select * from finish();
rollback;
