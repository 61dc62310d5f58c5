-- public.plan_versions: the history of a meal plan, written by trigger, read by its owner, changed by no one.
begin;
select * from no_plan();

insert into auth.users (id, email) values
  ('00000000-0000-4000-8000-0000000000a0', 'ana@people.example'), ('00000000-0000-4000-8000-0000000000b0', 'bo@people.example');
insert into auth.users (id, is_anonymous) values ('00000000-0000-4000-8000-0000000000c0', true);
insert into public.foods (id, user_id, slug, name, energy_kcal, protein_g, carbohydrate_g, fat_g, allergens, diets) values
  ('00000000-0000-4000-8000-00000000f001', null, 'test-rice', 'Test Rice', 130, 2.7, 28.7, 0.3, '{}', '{omnivore,pescatarian,vegetarian,vegan}');
create temporary table sound as select '{"days": [{"name": "Monday", "meals": [{"slot": "lunch", "name": "Rice",
  "items": [{"food_id": "00000000-0000-4000-8000-00000000f001", "grams": 80}]}]}]}'::jsonb as content;
grant select on sound to authenticated;
insert into public.plans (kind, id, user_id, name, content)
  select 'meal', id::uuid, user_id::uuid, 'Rice', content from sound, (values
    ('00000000-0000-4000-8000-0000000030a0', '00000000-0000-4000-8000-0000000000a0'),
    ('00000000-0000-4000-8000-0000000030b0', '00000000-0000-4000-8000-0000000000b0'),
    ('00000000-0000-4000-8000-0000000030c0', '00000000-0000-4000-8000-0000000000c0')) as t (id, user_id);

-- Who may ask what ---------------------------------------------------------------------------------------------------
select table_privs_are('public', 'plan_versions', 'anon', array[]::text[], 'anon can do nothing');
select table_privs_are('public', 'plan_versions', 'authenticated', array['SELECT'], 'people read');
select is_empty($$select 1 from information_schema.column_privileges where table_schema = 'public' and table_name = 'plan_versions'
  and grantee in ('anon', 'authenticated') and privilege_type <> 'SELECT'$$, 'no column is anyone''s to set');
select policies_are('public', 'plan_versions', array['People read the history of their own plans']);

-- The owner ----------------------------------------------------------------------------------------------------------
set local role authenticated;
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000a0", "role": "authenticated"}';
select results_eq('select version, changed_by::text, reason from public.plan_versions', $$values (1, 'person', null::text)$$,
  'the first content is the first version');
update public.plans set content = jsonb_set(content, '{days,0,name}', '"Tuesday"');
select results_eq($$select version, content #>> '{days,0,name}' from public.plan_versions order by version$$,
  $$values (1, 'Monday'), (2, 'Tuesday')$$, 'each content is kept');
update public.plans set name = 'Renamed', status = 'active';
select is((select count(*)::integer from public.plan_versions), 2, 'what is not content makes no version');
select results_eq($$select version from public.restore_plan_version('00000000-0000-4000-8000-0000000030a0', 1, 'meal')$$, 'values (3)',
  'a restored content is the newest version');
select results_eq('select changed_by::text, reason from public.plan_versions where version = 3',
  $$values ('person', 'Restored version 1')$$, 'and says where it is from');
update public.plans set content = jsonb_set(content, '{days,0,name}', '"After"');
select is((select reason from public.plan_versions where version = 4), null, 'a reason is for one change');
select results_eq($$select version from public.restore_plan_version('00000000-0000-4000-8000-0000000030a0', 4, 'meal')$$, 'values (4)',
  'restoring what is current changes nothing');
select is_empty($$select 1 from public.restore_plan_version('00000000-0000-4000-8000-0000000030a0', 99, 'meal')$$, 'an unknown version is none');
select throws_ok('insert into public.plan_versions select * from public.plan_versions', '42501', null, 'history is not written by hand');
select throws_ok('update public.plan_versions set reason = ''forged''', '42501', null, 'nor changed');
select throws_ok('delete from public.plan_versions', '42501', null, 'nor deleted');
select throws_ok('truncate public.plan_versions', '42501', null, 'at all');

-- Another person -----------------------------------------------------------------------------------------------------
select is_empty($$select 1 from public.plan_versions where plan_id = '00000000-0000-4000-8000-0000000030b0'$$,
  'another person''s history is not there');
select is_empty($$select 1 from public.restore_plan_version('00000000-0000-4000-8000-0000000030b0', 1, 'meal')$$, 'nor to restore');

-- An anonymous sign-in is an ordinary owner ---------------------------------------------------------------------------
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000c0", "role": "authenticated", "is_anonymous": true}';
select results_eq('select plan_id from public.plan_versions', $$values ('00000000-0000-4000-8000-0000000030c0'::uuid)$$,
  'an anonymous sign-in has a history of its own');

-- No account, and the server's own key --------------------------------------------------------------------------------
reset role;
set local role anon;
select throws_ok('select 1 from public.plan_versions', '42501', null, 'anon reads nothing');
reset role;
set local role service_role;
select is((select count(*)::integer from public.plan_versions where plan_id::text like '00000000-0000-4000-8000-0000000030%'), 6,
  'the service role sees all');

-- Foods that history uses ---------------------------------------------------------------------------------------------
reset role;
set local role authenticated;
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000a0", "role": "authenticated"}';
insert into public.foods (name, energy_kcal, protein_g, carbohydrate_g, fat_g) values ('Used', 130, 2.7, 28.7, 0.3), ('Unused', 130, 2.7, 28.7, 0.3);
update public.plans set content = jsonb_set(content, '{days,0,meals,0,items,0,food_id}', to_jsonb(f.id)) from public.foods as f where f.name = 'Used';
select is((select bool_and(public.delete_food(id)) from public.foods where name in ('Used', 'Unused')), true, 'both are deleted');
select results_eq($$select name, hidden_at is not null from public.foods where user_id is not null$$, $$values ('Used', true)$$,
  'the one that history uses is only hidden');
select lives_ok($$update public.plans set content = jsonb_set(content, '{days,0,name}', '"Again"')$$, 'its plan goes on using it');
select throws_ok($$insert into public.plans (kind, name, content) select 'meal', 'New', content from public.plans$$, 'PT422', null, 'a new plan does not');

delete from public.plans;
select is_empty('select 1 from public.plan_versions', 'history goes with the plan');

select * from finish();
rollback;
