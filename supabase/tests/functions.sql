-- The functions: who may call them, and that they do nothing to what is another person's.
begin;
select plan(69);

insert into auth.users (id, email) values
  ('00000000-0000-4000-8000-0000000000a0', 'ana@people.example'), ('00000000-0000-4000-8000-0000000000b0', 'bo@people.example');
insert into auth.users (id, is_anonymous) values ('00000000-0000-4000-8000-0000000000c0', true);
insert into public.exercises (id, user_id, slug, name, kind, primary_muscles) values
  ('00000000-0000-4000-8000-00000000e001', null, 'test-library-squat', 'Test Library Squat', 'weight_reps', '{quadriceps}'),
  ('00000000-0000-4000-8000-00000000e0a0', '00000000-0000-4000-8000-0000000000a0', null, 'Ana''s', 'reps', '{abs}'),
  ('00000000-0000-4000-8000-00000000e0b0', '00000000-0000-4000-8000-0000000000b0', null, 'Bo''s Secret', 'weight_reps', '{abs}');
create temporary table sound as select '{"days": [{"name": "Legs", "exercises": [
  {"exercise_id": "00000000-0000-4000-8000-00000000e001", "sets": [{"set_type": "working", "reps_max": 5}]}]}]}'::jsonb as content;
create temporary table limits as
  with exercises as (select jsonb_agg(content #> '{days,0,exercises,0}' || jsonb_build_object('notes', repeat('ö', 500))) as many
                       from sound, generate_series(1, 30))
  select jsonb_build_object('days', jsonb_agg(jsonb_build_object('name', 'Day', 'exercises', many))) as long,
         '[{"loc": [], "message": "must be at most 256 KiB", "type": "too_long"}]'::jsonb as too_long
    from exercises, generate_series(1, 14);
grant select on sound, limits to authenticated;
insert into public.plans (id, user_id, name, status, content)
  select id::uuid, user_id::uuid, name, status::public.plan_status, content from sound, (values
    ('00000000-0000-4000-8000-0000000010a0', '00000000-0000-4000-8000-0000000000a0', 'First', 'active'),
    ('00000000-0000-4000-8000-0000000010a1', '00000000-0000-4000-8000-0000000000a0', 'Second', 'draft'),
    ('00000000-0000-4000-8000-0000000010b0', '00000000-0000-4000-8000-0000000000b0', 'Bo''s', 'draft')) as t (id, user_id, name, status);
insert into public.plans (id, user_id, name) values
  ('00000000-0000-4000-8000-0000000010a2', '00000000-0000-4000-8000-0000000000a0', 'Empty');

-- Who may call what --------------------------------------------------------------------------------------------------
create temporary table callable (name text, arguments text[]);
insert into callable values
  ('create_plan', '{json,text}'), ('create_exercise', '{json,text}'), ('activate_plan', '{uuid}'),
  ('restore_plan_version', '{uuid,integer}'), ('delete_exercise', '{uuid}'), ('exercise_overlay', '{}'),
  ('validate_plan_content', '{jsonb,uuid}');
select set_eq($$select proname::text from pg_proc where pronamespace = 'public'::regnamespace$$, 'select name from callable',
  'these are all the functions that the API shows: give a new one a test');
select function_privs_are('public', name, arguments, 'authenticated', array['EXECUTE'], 'people call ' || name) from callable;
select function_privs_are('public', name, arguments, 'anon', array[]::text[], 'anon does not call ' || name) from callable;
select function_privs_are('public', name, arguments, 'public', array[]::text[], 'nor does everyone: ' || name) from callable;
select is_definer('public', 'delete_exercise', '{uuid}'::name[], 'delete_exercise has rights that people have not');
select isnt_definer('public', name, arguments::name[], name || ' has no more rights than its caller')
  from callable where name <> 'delete_exercise';
select schema_privs_are('private', 'anon', array[]::text[], 'private is closed to anon');
select schema_privs_are('private', 'authenticated', array['USAGE'], 'people make nothing in private');
select function_privs_are('private', name, arguments::text[], 'authenticated', array[]::text[], 'people do not call ' || name)
  from (values ('touch', '{}'), ('create_profile', '{}'), ('keep_plan_version', '{}'), ('limit_custom_exercises', '{}')) as f (name, arguments);

-- activate_plan ------------------------------------------------------------------------------------------------------
set local role authenticated;
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000a0", "role": "authenticated"}';
select results_eq($$select name, status::text from public.activate_plan('00000000-0000-4000-8000-0000000010a1')$$,
  $$values ('Second', 'active')$$, 'a plan becomes active');
select is((select status::text from public.plans where name = 'First'), 'archived', 'the one that was is archived');
select results_eq($$select name, status::text from public.activate_plan('00000000-0000-4000-8000-0000000010a1')$$,
  $$values ('Second', 'active')$$, 'once more changes nothing');
select throws_ok($$select public.activate_plan('00000000-0000-4000-8000-0000000010a2')$$, 'PT409', null, 'an empty plan is not activated');
select is_empty($$select public.activate_plan('00000000-0000-4000-8000-0000000010b0')$$, 'another person''s plan is not there');
select is_empty($$select public.activate_plan('00000000-0000-4000-8000-00000000dead')$$, 'like one that does not exist');
select is((select status::text from public.plans where name = 'Second'), 'active', 'trying it archives nothing');

-- create_plan and create_exercise (idempotency_keys.sql has the keys) ---------------------------------------------------
select is(public.create_plan(jsonb_build_object('name', 'Made', 'content', content)::json) -> 'answer' ->> 'version', '1', 'a plan is made')
  from sound;
select is(public.create_plan('{"name": "Mine", "user_id": "00000000-0000-4000-8000-0000000000b0", "status": "active", "version": 9,
  "source": "ai", "id": "00000000-0000-4000-8000-00000000dead"}') -> 'answer' @> '{"user_id": "00000000-0000-4000-8000-0000000000a0",
  "status": "draft", "version": 0, "source": "manual"}', true, 'what is not the person''s to set is not taken from them');
select throws_ok($$select public.create_plan('{"name": "x", "content": {"days": []}}')$$, 'PT422', null, 'content is checked');
select throws_ok($$select public.create_plan('[]')$$, '22023', null, 'a plan is an object');
select throws_ok($$select public.create_plan('{}')$$, '23502', null, 'with a name');
select is(public.create_exercise('{"name": "New", "kind": "reps", "aliases": [], "primary_muscles": ["abs"], "secondary_muscles": [],
  "equipment": ["bodyweight"], "category": "strength", "level": "beginner", "is_unilateral": false, "contraindications": [],
  "instructions": "", "slug": "new", "user_id": null, "hidden_at": "2020-01-01"}') -> 'answer'
  @> '{"user_id": "00000000-0000-4000-8000-0000000000a0", "slug": null, "hidden_at": null}', true, 'an exercise is the person''s own');

-- delete_exercise (plan_versions.sql has what history uses) -------------------------------------------------------------
select is(public.delete_exercise('00000000-0000-4000-8000-00000000e0b0'), false, 'another person''s exercise is not there to delete');
select is(public.delete_exercise('00000000-0000-4000-8000-00000000e001'), false, 'nor the library''s');
select is(public.delete_exercise('00000000-0000-4000-8000-00000000dead'), false, 'like one that does not exist');
select is(public.delete_exercise(null), false, 'nothing is nothing');
select is(public.delete_exercise('00000000-0000-4000-8000-00000000e0a0'), true, 'the own one is');
select is(public.delete_exercise('00000000-0000-4000-8000-00000000e0a0'), false, 'once');

-- validate_plan_content ------------------------------------------------------------------------------------------------
select is(public.validate_plan_content(content), '[]', 'sound content has no problems') from sound;
select is(public.validate_plan_content(jsonb_set(content, '{days,0,exercises,0,exercise_id}', to_jsonb(id))),
  '[{"loc": ["days", 0, "exercises", 0, "exercise_id"], "message": "is not an exercise you can use", "type": "unknown_exercise"}]',
  'alike: ' || title)
  from sound, (values ('00000000-0000-4000-8000-00000000e0b0', 'another person''s exercise'),
                      ('00000000-0000-4000-8000-00000000dead', 'one that does not exist')) as t (id, title);
select is(public.validate_plan_content(jsonb_build_object('days', (select jsonb_agg(n) from generate_series(1, 14) as n))),
  (select jsonb_agg(jsonb_build_object('loc', jsonb_build_array('days', n), 'message', 'must be an object', 'type', 'object_type'))
     from generate_series(0, 13) as n), 'each problem says where it is');
select is(jsonb_array_length(public.validate_plan_content(jsonb_build_object('days', (select jsonb_agg(n) from generate_series(1, 9999) as n)))),
  20, 'twenty problems are enough');
select is(public.validate_plan_content(to_jsonb(repeat('x', 10000000))), too_long, 'ten megabytes are too long') from limits;
select is(public.validate_plan_content(long), too_long, 'so is each part at its longest') from limits;
select is(public.validate_plan_content(jsonb_set(content, '{days,0,exercises,0,sets,0,weight_kg}', value::jsonb)) #>> '{0,message}', message,
  'a number: ' || left(value, 20))
  from sound, (values ('1e131071', 'must be from 0 to 1000'), ('10.' || repeat('0', 16000), 'must have at most 20 decimals'),
                      ('1e-300', 'must have at most 20 decimals'), ('-0.0001', 'must be from 0 to 1000')) as t (value, message);

-- exercise_overlay -----------------------------------------------------------------------------------------------------
select is(public.exercise_overlay() #>> '{exercises,0,name}', 'New', 'people get their own exercises');
select is(jsonb_array_length(public.exercise_overlay() -> 'exercises'), 1, 'and no others, nor what they deleted');

-- An anonymous sign-in is an ordinary owner ------------------------------------------------------------------------------
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000c0", "role": "authenticated", "is_anonymous": true}';
select is(public.create_plan('{"name": "Mine"}') #>> '{answer,user_id}', '00000000-0000-4000-8000-0000000000c0', 'an anonymous sign-in makes plans');
select is(public.exercise_overlay(), '{"exercises": [], "preferences": {}, "equipment": []}', 'and starts with nothing');

select * from finish();
rollback;
