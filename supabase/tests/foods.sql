-- public.foods: a library that everyone signed in reads and no one writes, and each person's own.
begin;
select * from no_plan();

insert into auth.users (id, email) values
  ('00000000-0000-4000-8000-0000000000a0', 'ana@people.example'), ('00000000-0000-4000-8000-0000000000b0', 'bo@people.example');
insert into auth.users (id, is_anonymous) values ('00000000-0000-4000-8000-0000000000c0', true);
delete from public.foods;
insert into public.foods (id, user_id, slug, name, aliases, category, energy_kcal, protein_g, carbohydrate_g, fat_g, fibre_g, allergens, diets)
values
  ('00000000-0000-4000-8000-00000000f001', null, 'test-milk', 'Milk, whole', '{}', 'dairy', 64, 3.3, 4.8, 3.6, 0, '{milk}',
   '{omnivore,pescatarian,vegetarian}'),
  ('00000000-0000-4000-8000-00000000f002', null, 'test-olives', 'Olives, green', '{}', 'vegetable', 145, 1, 4, 15, 3.3, '{}',
   '{omnivore,pescatarian,vegetarian,vegan}'),
  ('00000000-0000-4000-8000-00000000f003', null, 'test-olive-oil', 'Olive oil', '{EVOO}', 'oil_fat', 900, 0, 0, 100, 0, '{}',
   '{omnivore,pescatarian,vegetarian,vegan}'),
  ('00000000-0000-4000-8000-00000000f004', null, 'test-cod', 'Cod, raw', '{}', 'fish', 78, 18, 0, 0.7, 0, '{fish}',
   '{omnivore,pescatarian}'),
  ('00000000-0000-4000-8000-00000000f005', null, 'test-blueberries', 'Blueberries', '{Jalapeño jam}', 'fruit', 57, 0.7, 14.5, 0.3, 2.4, '{}',
   '{omnivore,pescatarian,vegetarian,vegan}'),
  ('00000000-0000-4000-8000-00000000f006', null, 'test-beef', 'Beef mince', '{}', 'meat', 170, 20, 0, 10, 0, '{}', '{omnivore}'),
  ('00000000-0000-4000-8000-00000000f0b0', '00000000-0000-4000-8000-0000000000b0', null, 'Bo''s Secret', '{}', 'other', 100, 25, 0, 0, 0, '{}',
   '{omnivore}');

-- Who may ask what ---------------------------------------------------------------------------------------------------
select table_privs_are('public', 'foods', 'anon', array[]::text[], 'anon can do nothing');
select table_privs_are('public', 'foods', 'authenticated', array['SELECT'], 'people read; deleting is delete_food()''s');
select column_privs_are('public', 'foods', c, 'authenticated', array['INSERT', 'SELECT', 'UPDATE'], 'people say ' || c)
  from unnest(array['name', 'energy_kcal', 'servings', 'diets']) as c;
select column_privs_are('public', 'foods', c, 'authenticated', array['SELECT'], c || ' is nobody''s to set')
  from unnest(array['id', 'user_id', 'slug', 'hidden_at', 'created_at', 'updated_at']) as c;
select policies_are('public', 'foods', array['Everyone signed in reads the library and their own foods',
  'People add their own foods', 'People change their own foods',
  'Only queries that the app needs']);

-- The owner ----------------------------------------------------------------------------------------------------------
set local role authenticated;
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000a0", "role": "authenticated"}';
select lives_ok($$insert into public.foods (name, energy_kcal, protein_g, carbohydrate_g, fat_g, fibre_g, sugar_g, servings)
  values ('Test Bar', 400, 20, 45, 18, 10, 20, '[{"name": "bar", "grams": 42.5}]')$$, 'people add foods');
select results_eq($$select user_id, slug from public.foods where name = 'Test Bar'$$,
  $$values ('00000000-0000-4000-8000-0000000000a0'::uuid, null::text)$$, 'which are theirs, and not the library''s');
select lives_ok($$update public.foods set salt_g = 1 where name = 'Test Bar'$$, 'and change them');
select throws_ok($$insert into public.foods (name, energy_kcal, protein_g, carbohydrate_g, fat_g) values ('TEST bar', 0, 0, 0, 0)$$,
  '23505', null, 'a name is taken once, whatever its capitals');
select lives_ok($$insert into public.foods (name, energy_kcal, protein_g, carbohydrate_g, fat_g, alcohol_g) values ('Ale', 45, 0.5, 4, 0, 4)$$,
  'alcohol is energy');
select lives_ok($$insert into public.foods (name, energy_kcal, protein_g, carbohydrate_g, fat_g, diets) values ('Water', 0, 0, 0, 0,
  '{vegan,vegetarian,pescatarian,omnivore}')$$, 'water has none');
select results_eq($$select count(*)::integer from public.foods where slug = 'test-milk'$$, 'values (1)', 'the library is read');
select throws_ok($$insert into public.foods (name, energy_kcal, protein_g, carbohydrate_g, fat_g, slug, user_id) values ('x', 0, 0, 0, 0, 'x', null)$$,
  '42501', null, 'the library is not added to');
select throws_ok('update public.foods set user_id = null', '42501', null, 'a food does not become the library''s');
select throws_ok('update public.foods set hidden_at = now()', '42501', null, 'nobody hides one by hand');
select is_empty($$update public.foods set name = 'x' where slug is not null returning id$$, 'the library does not change');
select throws_ok('delete from public.foods', '42501', null, 'nobody deletes past delete_food()');

-- Another person -----------------------------------------------------------------------------------------------------
select is_empty($$select 1 from public.foods where id = '00000000-0000-4000-8000-00000000f0b0'$$, 'another person''s food is not there');
select is_empty($$update public.foods set name = 'x' where id = '00000000-0000-4000-8000-00000000f0b0' returning id$$, 'nor to change');
select throws_ok($$insert into public.foods (name, energy_kcal, protein_g, carbohydrate_g, fat_g, user_id)
  values ('x', 0, 0, 0, 0, '00000000-0000-4000-8000-0000000000b0')$$, '42501', null, 'nothing is made in another''s name');
select lives_ok($$insert into public.foods (name, energy_kcal, protein_g, carbohydrate_g, fat_g) values ('Bo''s Secret', 0, 0, 0, 0)$$,
  'a name that another person has is free');

-- What a food may be -------------------------------------------------------------------------------------------------
select throws_ok(format('update public.foods set %s where name = ''Test Bar''', change), '23514', null, 'refused: ' || left(change, 80))
  from unnest(array[
    'name = ''''', format('name = %L', repeat('x', 10000000)), format('aliases = array[%L]', repeat('x', 10000000)),
    'aliases = array_fill(''x''::text, array[21])', 'aliases = ''{{a,b},{c,d}}''',
    -- 4 * 20 + 4 * 35 + 2 * 10 + 9 * 18 = 402
    'energy_kcal = 361', 'energy_kcal = 443', 'energy_kcal = 0', 'protein_g = 0, energy_kcal = 400', 'energy_kcal = ''NaN''',
    'protein_g = ''NaN''', 'protein_g = ''NaN'', energy_kcal = ''NaN''', 'protein_g = -1', 'carbohydrate_g = -1', 'fat_g = ''NaN''',
    'fibre_g = 46', 'fibre_g = -1', 'sugar_g = 46', 'sugar_g = ''NaN''', 'fibre_g = ''NaN''', 'salt_g = 101', 'salt_g = ''NaN''',
    'alcohol_g = -1', 'alcohol_g = ''NaN''', 'protein_g = 40, energy_kcal = 480',
    'allergens = ''{milk,milk}''', 'allergens = ''{milk,null}''', 'diets = ''{}''', 'diets = ''{vegan}''', 'diets = ''{omnivore,vegan}''',
    'diets = ''{omnivore,vegetarian}''', 'diets = ''{omnivore,pescatarian,vegan}''', 'diets = ''{omnivore,null}''',
    'diets = ''{omnivore,pescatarian,vegetarian,vegan}'', allergens = ''{egg}''',
    'diets = ''{omnivore,pescatarian,vegetarian,vegan}'', category = ''cheese''',
    'diets = ''{omnivore,pescatarian,vegetarian}'', allergens = ''{molluscs}''',
    'diets = ''{omnivore,pescatarian,vegetarian}'', category = ''seafood''', 'diets = ''{omnivore,pescatarian}'', category = ''poultry''',
    'servings = ''null''', 'servings = ''{}''', 'servings = ''[1]''', 'servings = ''[null]''', 'servings = ''[[]]''',
    'servings = ''[{"name": "cup"}]''', 'servings = ''[{"grams": 5}]''', 'servings = ''[{"name": "cup", "grams": null}]''',
    'servings = ''[{"name": "cup", "grams": "5"}]''', 'servings = ''[{"name": 5, "grams": 5}]''', 'servings = ''[{"name": " ", "grams": 5}]''',
    'servings = ''[{"name": "cup", "grams": 0}]''', 'servings = ''[{"name": "cup", "grams": 2000.5}]''',
    'servings = ''[{"name": "cup", "grams": 1e131071}]''', 'servings = ''[{"name": "cup", "grams": 1e-16000}]''',
    'servings = ''[{"name": "cup", "grams": 1.001}]''', 'servings = ''[{"name": "cup", "grams": 5, "more": 1}]''',
    format('servings = ''[{"name": "cup", "grams": 1.%s}]''', repeat('0', 16000)),
    format('servings = %L', (select jsonb_agg('{"name": "cup", "grams": 5}'::jsonb) from generate_series(1, 11))),
    format('servings = %L', to_jsonb(repeat('x', 10000000))),
    format('servings = %L', jsonb_build_array(jsonb_build_object('name', repeat('x', 10000000), 'grams', 5)))]) as change;
select throws_ok(format('update public.foods set %s where name = ''Test Bar''', change), '22003', null, 'too large: ' || change)
  from unnest(array['energy_kcal = 1e131071', 'protein_g = ''Infinity''', 'salt_g = 1e999']) as change;
select throws_ok($$insert into public.foods (name, energy_kcal, protein_g, carbohydrate_g, fat_g)
  select 'Number ' || n, 0, 0, 0, 0 from generate_series(1, 1000) as n$$, 'PT409', null, 'a person has 1000 at most, in one statement too');

-- What a person can be offered ---------------------------------------------------------------------------------------
create function pg_temp.offered(owner uuid) returns text[] language sql as $$
  select array_agg(right(c.id::text, 2) order by c.id) from private.food_candidates(owner) as c where c.slug is not null or c.user_id <> owner
$$;
select is(pg_temp.offered('00000000-0000-4000-8000-0000000000a0'), '{01,02,03,04,05,06}', 'without a diet, everything');
select ok(exists (select from private.food_candidates('00000000-0000-4000-8000-0000000000a0') where name = 'Test Bar'), 'one''s own as well');
select is(pg_temp.offered('00000000-0000-4000-8000-0000000000b0'), null, 'another person''s wishes are not there to ask');
update public.users set diet = 'pescatarian' where id = '00000000-0000-4000-8000-0000000000a0';
select is(pg_temp.offered('00000000-0000-4000-8000-0000000000a0'), '{01,02,03,04,05}', 'a pescatarian eats no meat');
update public.users set diet = 'vegan' where id = '00000000-0000-4000-8000-0000000000a0';
select is(pg_temp.offered('00000000-0000-4000-8000-0000000000a0'), '{02,03,05}', 'a vegan eats plants');
select ok(not exists (select from private.food_candidates('00000000-0000-4000-8000-0000000000a0') where name = 'Test Bar'), 'of one''s own, too');
update public.users set diet = null, allergens = '{milk,fish}' where id = '00000000-0000-4000-8000-0000000000a0';
select is(pg_temp.offered('00000000-0000-4000-8000-0000000000a0'), '{02,03,05,06}', 'allergens are left out');
update public.users set allergens = '{}', dislikes = '{Olive}' where id = '00000000-0000-4000-8000-0000000000a0';
select is(pg_temp.offered('00000000-0000-4000-8000-0000000000a0'), '{01,04,05,06}', 'so is what is disliked, in any number');
select is(private.food_is_disliked(f, array[dislike]), disliked, format('"%s" %s mean %s', dislike, case when disliked then 'does' else 'does not' end, f.name))
  from (values ('f002', 'green olives', true), ('f002', 'OLIVES', true), ('f002', 'black olives', false), ('f002', 'live', false),
               ('f003', 'evoo', true), ('f003', 'oil', true), ('f005', 'berries', true), ('f005', 'nuts', false), ('f004', 'red meat', false), ('f005', 'blueberry', true),
               ('f005', 'jalapeno', true), ('f004', 'fish', true), ('f004', 'seafood', true), ('f001', '-', false)) as t (id, dislike, disliked)
    join public.foods as f on f.id = ('00000000-0000-4000-8000-00000000' || t.id)::uuid;
select is(private.food_words(text), words, text)
  from (values ('Tomatoes, cherry', '{tomato,cherrie}'::text[]), ('tomato', '{tomato}'), ('Peaches & Crème', '{peach,creme}'), ('peach', '{peach}'),
               ('cookie', '{cookie}'), ('Cookies', '{cookie}'), ('swiss', '{swiss}'), ('  ', '{""}')) as t (text, words);
select is(private.food_is_allowed(f, null, null), true, 'who says nothing eats everything') from public.foods as f where f.slug = 'test-beef';

select is_empty($$select m from private.food_families() as f, unnest(f.members) as m where array_to_string(private.food_words(m), ' ') <> m
  union all select f.family from private.food_families() as f where array_to_string(private.food_words(f.family), ' ') <> f.family$$,
  'families are written as words are folded');

-- Deleting -----------------------------------------------------------------------------------------------------------
select is(public.delete_food(id::uuid), false, 'not to delete: ' || title)
  from (values ('00000000-0000-4000-8000-00000000f0b0', 'another person''s'), ('00000000-0000-4000-8000-00000000f001', 'the library''s'),
               ('00000000-0000-4000-8000-00000000dead', 'what is not there'), (null, 'nothing')) as t (id, title);
select is(public.delete_food((select f.id from public.foods as f where f.name = 'Ale')), true, 'people delete their own');
select is_empty($$select 1 from public.foods where name = 'Ale'$$, 'which is gone where nothing uses it');
reset role;
update public.foods set hidden_at = now() where name = 'Water';
set local role authenticated;
select is_empty($$update public.foods set name = 'Fire' where name = 'Water' returning id$$, 'what is hidden stays as it was');
select is(public.delete_food((select f.id from public.foods as f where f.name = 'Water')), false, 'and is deleted once');
select ok(not exists (select from private.food_candidates('00000000-0000-4000-8000-0000000000a0') where name = 'Water'), 'nor is it offered');
select ok(not exists (select from jsonb_array_elements(public.food_overlay() -> 'foods') as f where f ->> 'name' = 'Water'), 'or found');

-- An anonymous sign-in is an ordinary owner ---------------------------------------------------------------------------
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000c0", "role": "authenticated", "is_anonymous": true}';
select results_eq($$insert into public.foods (name, energy_kcal, protein_g, carbohydrate_g, fat_g) values ('Mine', 0, 0, 0, 0) returning user_id$$,
  $$values ('00000000-0000-4000-8000-0000000000c0'::uuid)$$, 'an anonymous sign-in has foods of its own');

-- No account, and the server's own key --------------------------------------------------------------------------------
reset role;
set local role anon;
select throws_ok('select 1 from public.foods', '42501', null, 'anon does not read the library');
reset role;
set local role service_role;
select is((select count(*)::integer from private.food_candidates('00000000-0000-4000-8000-0000000000b0')), 7, 'the server asks for anyone: theirs and the library''s');
reset role;
delete from auth.users where id = '00000000-0000-4000-8000-0000000000b0';
select is_empty($$select 1 from public.foods where id = '00000000-0000-4000-8000-00000000f0b0'$$, 'a person''s foods go with the account');

select * from finish();
rollback;
