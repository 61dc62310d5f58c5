-- What meal plans alone have: targets of a day, no food that the person's allergens or diet forbid, and
-- swap_meal_food. plans.sql has what plans of both kinds share, and the wrong contents of each kind.
begin;
select * from no_plan();

insert into auth.users (id, email) values
  ('00000000-0000-4000-8000-0000000000a0', 'ana@people.example'), ('00000000-0000-4000-8000-0000000000b0', 'bo@people.example');
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

-- Targets ------------------------------------------------------------------------------------------------------------
set local role authenticated;
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000a0", "role": "authenticated"}';
insert into public.plans (kind, name, status, content) select 'meal', 'Rice', 'active', content from sound;
select throws_ok($$update public.plans set target_energy_kcal = 1199$$, '23514', null, 'nobody is to eat less than 1200 kcal a day');
select throws_ok(format($$update public.plans set target_%s = %s$$, field, value), '23514', null, format('%s of %s is refused', field, value))
  from (values ('energy_kcal', 10001), ('protein_g', 0), ('protein_g', 1001), ('carbohydrate_g', -1), ('fat_g', 1001)) as t (field, value);

-- Allergens and diet -------------------------------------------------------------------------------------------------
insert into public.plans (kind, name, content) select 'meal', 'Milk', jsonb_set(content, food, '"00000000-0000-4000-8000-00000000f002"') from sound;
update public.users set allergens = '{milk,nuts}', diet = 'vegan' where id = '00000000-0000-4000-8000-0000000000a0';
select is(public.foods_used(p) #> '{0,conflict}', '{"allergens": ["milk"], "diet": "vegan"}', 'what speaks against a food is shown')
  from public.plans as p where name = 'Milk';
select is(public.foods_used(p) #> '{0,conflict}', 'null', 'and what does not, not') from public.plans as p where name = 'Rice';
select throws_ok($$insert into public.plans (kind, name, content) select 'meal', 'x', jsonb_set(content, food, '"00000000-0000-4000-8000-00000000f002"') from sound$$,
  'PT422', 'The meal plan has foods that your allergens or your diet forbid.', 'an allergen is not inserted');
select throws_ok($$update public.plans set content = jsonb_set(content, '{days,0,meals,0,items,0,food_id}', '"00000000-0000-4000-8000-00000000f0a0"')
  where name = 'Rice'$$, 'PT422', 'The meal plan has foods that your allergens or your diet forbid.', 'nor updated into a plan, in one''s own food either');
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
    public.swap_meal_food(m.id, 0, 0, 0, '00000000-0000-4000-8000-00000000f002') as s where m.name = 'Rice'$$,
  $$values ('{"food_id": "00000000-0000-4000-8000-00000000f002", "grams": 163}'::jsonb, 2)$$, '80 g of rice and 163 g of milk have one energy');
select is((select reason from public.plan_versions as v join public.plans as m on m.id = v.plan_id and m.version = v.version
  where m.name = 'Rice'), 'Swapped Test Rice for Test Milk', 'the version says what was swapped');
select throws_ok(format($$select public.swap_meal_food(m.id, %s, '%s') from public.plans as m where m.name = 'Rice'$$, place, food),
  'PT422', 'This cannot be swapped.', format('not swapped: %s for %s', place, title))
  from (values ('1, 0, 0', '00000000-0000-4000-8000-00000000f001', 'rice'), ('-1, 0, 0', '00000000-0000-4000-8000-00000000f001', 'rice'),
    ('0, 1, 0', '00000000-0000-4000-8000-00000000f001', 'rice'), ('0, 0, 1', '00000000-0000-4000-8000-00000000f001', 'rice'),
    ('null, null, null', '00000000-0000-4000-8000-00000000f001', 'rice'), ('0, 0, 0', '00000000-0000-4000-8000-00000000dead', 'nothing'),
    ('0, 0, 0', '00000000-0000-4000-8000-00000000f0b0', 'another''s food'),
    ('0, 0, 0', '00000000-0000-4000-8000-00000000f003', 'water')) as t (place, food, title);
select is_empty($$select public.swap_meal_food('00000000-0000-4000-8000-0000000030b0', 0, 0, 0, '00000000-0000-4000-8000-00000000f002')$$,
  'nothing is swapped in another''s plan');

-- The server's own key -----------------------------------------------------------------------------------------------
reset role;
update public.users set allergens = '{milk}' where id = '00000000-0000-4000-8000-0000000000a0';
set local role service_role;
set local request.jwt.claims = '{"role": "service_role"}';
select throws_ok($$insert into public.plans (kind, user_id, name, content) select 'meal', '00000000-0000-4000-8000-0000000000a0', 'x',
  jsonb_set(content, food, '"00000000-0000-4000-8000-00000000f002"') from sound$$, 'PT422', null, 'the service role writes no allergen of the plan''s owner');
select throws_ok($$insert into public.plans (kind, user_id, name, content) select 'meal', '00000000-0000-4000-8000-0000000000a0', 'x',
  jsonb_set(content, food, '"00000000-0000-4000-8000-00000000f0b0"') from sound$$, 'PT422', null, 'nor a food of somebody else');
select lives_ok($$insert into public.plans (kind, user_id, name, content) select 'meal', '00000000-0000-4000-8000-0000000000b0', 'x',
  jsonb_set(content, food, '"00000000-0000-4000-8000-00000000f002"') from sound$$, 'what one person avoids, another eats');

select * from finish();
rollback;
