-- Having meal plans made: who may ask for one, what must be known, and what the job learns.
begin;
select * from no_plan();

insert into auth.users (id, email) values
  ('00000000-0000-4000-8000-0000000000a0', 'ana@people.example'), ('00000000-0000-4000-8000-0000000000b0', 'bo@people.example');
insert into auth.users (id, is_anonymous) values ('00000000-0000-4000-8000-0000000000c0', true);
update public.users set sex = 'female', date_of_birth = current_date - interval '30 years 1 day', activity_level = 'light',
    diet = 'vegetarian', allergens = '{nuts}', dislikes = '{olives}'
 where id = '00000000-0000-4000-8000-0000000000a0';
insert into public.measurements (user_id, kind, value, measured_at) values
  ('00000000-0000-4000-8000-0000000000a0', 'body_weight', 70, now() - interval '9 days'),
  ('00000000-0000-4000-8000-0000000000a0', 'body_weight', 68.5, now() - interval '2 days'),
  ('00000000-0000-4000-8000-0000000000a0', 'height', 1.7, now() - interval '99 days'),
  ('00000000-0000-4000-8000-0000000000b0', 'height', 1.9, now());
insert into public.foods (id, user_id, slug, name, category, energy_kcal, protein_g, carbohydrate_g, fat_g, alcohol_g, allergens, diets) values
  ('00000000-0000-4000-8000-00000000f001', null, 'test-rice', 'Test rice', 'grain', 360, 7, 82, 0, 0, '{}', '{omnivore,pescatarian,vegetarian,vegan}'),
  ('00000000-0000-4000-8000-00000000f002', null, 'test-beef', 'Test beef', 'meat', 134, 20, 0, 6, 0, '{}', '{omnivore}'),
  ('00000000-0000-4000-8000-00000000f003', null, 'test-nuts', 'Test nuts', 'nut_seed', 600, 20, 25, 47, 0, '{nuts}', '{omnivore,pescatarian,vegetarian,vegan}'),
  ('00000000-0000-4000-8000-00000000f004', null, 'test-olives', 'Test olives', 'vegetable', 99, 0, 0, 11, 0, '{}', '{omnivore,pescatarian,vegetarian,vegan}'),
  ('00000000-0000-4000-8000-00000000f005', null, 'test-wine', 'Test wine', 'drink', 74, 0, 1, 0, 10, '{}', '{omnivore,pescatarian,vegetarian,vegan}'),
  ('00000000-0000-4000-8000-00000000f0a0', '00000000-0000-4000-8000-0000000000a0', null, 'Ana''s bread', 'bread', 253, 10, 50, 1.5, 0, '{}', '{omnivore,pescatarian,vegetarian}'),
  ('00000000-0000-4000-8000-00000000f0b0', '00000000-0000-4000-8000-0000000000b0', null, 'Bo''s bread', 'bread', 253, 10, 50, 1.5, 0, '{}', '{omnivore,pescatarian,vegetarian}');
create function pg_temp.content_of(food text) returns jsonb language sql set search_path = '' as $$
  select jsonb_build_object('days', jsonb_build_array(jsonb_build_object('name', 'Day', 'meals', jsonb_build_array(jsonb_build_object(
    'slot', 'lunch', 'name', 'Lunch', 'items', jsonb_build_array(jsonb_build_object('food_id', food, 'grams', 100)))))))
$$;
insert into public.plans (kind, id, user_id, name, content) values ('meal', '00000000-0000-4000-8000-0000000030a0', '00000000-0000-4000-8000-0000000000a0', 'Ana''s', pg_temp.content_of('00000000-0000-4000-8000-00000000f001')),
  ('meal', '00000000-0000-4000-8000-0000000030a1', '00000000-0000-4000-8000-0000000000a0', 'Empty', null),
  ('meal', '00000000-0000-4000-8000-0000000030b0', '00000000-0000-4000-8000-0000000000b0', 'Bo''s', pg_temp.content_of('00000000-0000-4000-8000-00000000f002'));
update public.jobs set run_after = now() + interval '9 minutes';
create temporary table noted (name text, id uuid);
grant all on noted to authenticated, service_role;
create function pg_temp.places(call text) returns text language plpgsql as $$
declare details text;
begin
  execute 'select public.' || call;
  return null;
exception when sqlstate 'PT422' then
  get stacked diagnostics details = pg_exception_detail;
  return (select string_agg((e -> 'loc')::text, ' ' order by (e -> 'loc')::text) from jsonb_array_elements(details::jsonb) as e);
end $$;
grant execute on function pg_temp.places to authenticated;
grant execute on function pg_temp.content_of to service_role;

-- Asking ---------------------------------------------------------------------------------------------------------------
set local role authenticated;
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000b0", "role": "authenticated"}';
select is(pg_temp.places('generate_meal_plan(''{}'')'),
  '["measurements", "body_weight"] ["profile", "activity_level"] ["profile", "date_of_birth"] ["profile", "sex"]', 'what is missing is named');
select is(pg_temp.places('generate_meal_plan(''{"targets": {"energy_kcal": 2000}}'')') is not null, true, 'energy alone does not do');
select is_empty('select 1 from public.jobs', 'and there is no job');
select is_empty('select 1 from public.ai_usage', 'nor is it counted');
select is(pg_temp.places('generate_meal_plan(''{"targets": {"energy_kcal": 2000, "protein_g": 100}}'')'), null, 'energy and protein do');
select throws_ok('select public.generate_meal_plan(''no json'')', '22P02', null, 'a request is JSON');
select throws_ok(format('select public.generate_meal_plan(%L)', to_jsonb(repeat('x', 9000))), '23514', null, 'of eight kilobytes at most');
select is(public.nutrition_profile() - 'height', '{"sex": null, "date_of_birth": null, "age": null, "activity_level": null, "body_weight": null, "careful": null}',
  'each sees their own');
update public.users set date_of_birth = current_date - interval '15 years' where id = '00000000-0000-4000-8000-0000000000b0';
select is(pg_temp.places('generate_meal_plan(''{"targets": {"energy_kcal": 2000, "protein_g": 101}}'')') is not null, true,
  'but not for those who grow');
update public.users set date_of_birth = current_date - interval '9 years' where id = '00000000-0000-4000-8000-0000000000b0';
select matches(pg_temp.places('generate_meal_plan(''{}'')'), 'date_of_birth', 'small children are not computed');
select is(public.adapt_meal_plan('00000000-0000-4000-8000-0000000030a0', '{"kind": "swap_meal", "day": 0, "meal": 0}'), null,
  'another person''s plan is not there');
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000c0", "role": "authenticated", "is_anonymous": true}';
select throws_ok('select public.generate_meal_plan(''{}'')', 'PT403', null, 'a guest is told so first');
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000a0", "role": "authenticated"}';
select is(public.nutrition_profile() - 'date_of_birth',
  '{"sex": "female", "age": 30, "activity_level": "light", "body_weight": 68.5, "height": 1.7, "careful": null}', 'the newest weight counts');
select is(pg_temp.places(format('generate_meal_plan(%L)', jsonb_build_object('include', jsonb_build_array(
  '00000000-0000-4000-8000-00000000f001', '00000000-0000-4000-8000-00000000' || f)))), '["include", 1]', 'nobody includes ' || what)
  from (values ('f002', 'what the diet forbids'), ('f003', 'an allergen'), ('f004', 'what they dislike'), ('f005', 'alcohol'),
    ('f0b0', 'another person''s food'), ('dead', 'what is not there')) as t (f, what);
insert into noted select 'anas', (public.generate_meal_plan('{}') ->> 'id')::uuid;
select is(kind::text, 'generate_meal_plan', 'a job comes of it') from public.jobs;
select is((public.generate_meal_plan('{}') ->> 'id')::uuid, id, 'the same again is the same job') from noted;
select throws_ok('select public.adapt_meal_plan(''00000000-0000-4000-8000-0000000030a1'', ''{"kind": "swap_meal"}'')', 'PT409', null,
  'an empty plan is not adapted');
select is(pg_temp.places(format('adapt_meal_plan(''00000000-0000-4000-8000-0000000030a0'', %L)', asked)), place, 'refused: ' || asked)
  from (values ('{"kind": "swap_meal", "day": 1, "meal": 0}', '["day"]'), ('{"kind": "swap_meal", "day": 0, "meal": 1}', '["meal"]'),
    ('{"kind": "use_up", "foods": [{"food_id": "00000000-0000-4000-8000-00000000f003"}]}', '["foods", 0, "food_id"]'),
    ('{"kind": "use_up", "foods": [{"grams": 1}]}', '["foods", 0, "food_id"]')) as t (asked, place);
insert into noted select 'adapt', (public.adapt_meal_plan('00000000-0000-4000-8000-0000000030a0', '{"kind": "rescale"}') ->> 'id')::uuid;
select throws_ok('select public.meal_context(gen_random_uuid(), 1)', '42501', null, 'people do not do what the worker does');
select throws_ok('select private.require_candidates(''00000000-0000-4000-8000-0000000000b0'', 1)', null, null, 'nor what is private');
reset role;
set local role anon;
select throws_ok('select public.' || call, '42501', null, 'nor does anon call ' || call)
  from unnest(array['generate_meal_plan(''{}'')', 'adapt_meal_plan(gen_random_uuid(), ''{}'')', 'nutrition_profile()',
    'meal_context(gen_random_uuid(), 1)']) as call;

-- The worker -------------------------------------------------------------------------------------------------------------
reset role;
update public.users set allergens = '{}', diet = 'omnivore' where id = '00000000-0000-4000-8000-0000000000a0';
update public.plans set content = pg_temp.content_of('00000000-0000-4000-8000-00000000f002')
 where id = '00000000-0000-4000-8000-0000000030a0';
update public.users set allergens = '{nuts}', diet = 'vegetarian' where id = '00000000-0000-4000-8000-0000000000a0';
set local role service_role;
select is((select count(*) from public.claim_jobs(9, 60) join noted using (id)), 2::bigint, 'the worker takes them');
select throws_ok(format('select public.meal_context(%L, 2)', id), 'PT409', null, 'another worker learns nothing') from noted;
create temporary table context as
  select public.meal_context(id, 1, '00000000-0000-4000-8000-0000000030a0') as it, name from noted;
select results_eq($$select f ->> 'name' from context, jsonb_array_elements(it -> 'foods') as f
   where context.name = 'anas' and f ->> 'id' like '00000000-0000-4000-8000-00000000f%' order by 1$$,
  $$values ('Ana''s bread'), ('Test rice')$$, 'it learns what they may and like to eat');
select is(it #> '{plan,foods,0,conflict}', 'true', 'and what of the plan no longer suits') from context where name = 'adapt';
select is(it -> 'made', 'null', 'nothing has been made') from context;
select is(public.meal_context(id, 1, '00000000-0000-4000-8000-0000000030b0') -> 'plan', 'null', 'another person''s plan is not there') from noted;
select public.keep_generated_plan(id, 1, jsonb_build_object('kind', 'meal', 'name', 'Made', 'source', 'rules', 'content',
  pg_temp.content_of('00000000-0000-4000-8000-00000000f001'))) from noted where name = 'anas';
select is(public.meal_context(id, 1) #>> '{made,source}', 'rules', 'what was made, a worker that comes after it learns')
  from noted where name = 'anas';
select is(public.meal_context(id, 1) #>> '{made,foods,0,name}', 'Test rice', 'with its foods') from noted where name = 'anas';

-- What a job may make ----------------------------------------------------------------------------------------------------
reset role;
insert into public.jobs (id, user_id, kind, input, dedupe_key, status, attempts, lease_expires_at)
  values ('00000000-0000-4000-8000-00000000b005', '00000000-0000-4000-8000-0000000000a0', 'generate_meal_plan', '{}', 'held', 'running', 1,
    now() + interval '1 hour');
set local role service_role;
select throws_ok($$select public.keep_generated_plan('00000000-0000-4000-8000-00000000b005', 1, jsonb_build_object('kind', 'meal', 'name', 'x',
  'source', 'ai', 'content', pg_temp.content_of('00000000-0000-4000-8000-00000000f003')))$$, 'PT422',
  'The meal plan has foods that your allergens or your diet forbid.', 'no allergen is generated');
select throws_ok(format($$select public.keep_generated_plan('00000000-0000-4000-8000-00000000b005', 1, %L)$$, plan), 'PT422', null, 'not generated: ' || plan)
  from unnest(array['{}', '{"kind": "meal", "name": "x", "source": "manual", "content": {}}',
    '{"kind": "meal", "name": "x", "source": "ai", "content": null}', '[]', 'null']) as plan;
select lives_ok(format($$select public.keep_generated_plan('00000000-0000-4000-8000-00000000b005', 1, jsonb_build_object('kind', 'meal',
  'name', %L, 'source', 'rules', 'target_energy_kcal', 2000, 'content', pg_temp.content_of('00000000-0000-4000-8000-00000000f001'),
  'user_id', '00000000-0000-4000-8000-0000000000b0', 'status', 'active'))$$, name), title)
  from (values ('Once', 'a meal plan is generated'), ('Twice', 'and doing it again')) as t (name, title);
select results_eq($$select p.name, p.user_id, p.status::text, p.source::text, p.target_energy_kcal, v.changed_by::text, v.reason
    from public.plans as p join public.plan_versions as v on v.plan_id = p.id where p.id = '00000000-0000-4000-8000-00000000b005'$$,
  $$values ('Once', '00000000-0000-4000-8000-0000000000a0'::uuid, 'draft', 'rules', 2000, 'companion', 'Made as you asked')$$,
  'makes one draft of the job''s owner');
select is((select source::text from public.plans where id = '00000000-0000-4000-8000-0000000030a0'), 'manual', 'and a plan that a person wrote says so');

select * from finish();
rollback;
