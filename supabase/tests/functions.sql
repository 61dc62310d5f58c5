-- The functions: who may call them, and that they do nothing to what is another person's.
begin;
select * from no_plan();

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
  ('create_food', '{json,text}'), ('delete_food', '{uuid}'), ('food_overlay', '{}'),
  ('create_plan', '{json,text}'), ('create_exercise', '{json,text}'), ('activate_plan', '{uuid,plan_kind}'),
  ('restore_plan_version', '{uuid,integer,plan_kind}'), ('delete_exercise', '{uuid}'), ('exercise_overlay', '{}'),
  ('validate_plan_content', '{jsonb,uuid,plan_kind}'), ('workout', '{uuid}'), ('work_done', '{workouts}'), ('log_workout', '{json}'),
  ('update_workout', '{uuid,json,timestamptz[]}'), ('delete_workout', '{uuid,timestamptz[]}'), ('next_workout', '{integer}'),
  ('exercise_substitutes', '{uuid}'),
  ('stats_summary', '{}'), ('stats_records', '{uuid,record_kind,integer,integer}'), ('stats_volume', '{date,date}'),
  ('stats_calendar', '{date,date}'), ('stats_exercise', '{uuid,date,date,integer}'),
  ('match_memories', '{text,text,text,integer,timestamptz,timestamptz}'), ('add_memory', '{jsonb}'), ('update_memory', '{uuid,jsonb,timestamptz[]}'),
  ('search_memories', '{text,text,text,integer,integer,memory_kind[],memory_status[]}'),
  ('forget_memory', '{uuid,timestamptz[]}'), ('forget_all_memories', '{}'), ('apply_memory', '{uuid,timestamptz[]}'),
  ('decline_memory', '{uuid,timestamptz[]}'), ('unconfirmed', '{users}'),
  ('enqueue_job', '{job_kind,jsonb,text,text,text}'), ('cancel_job', '{uuid}'), ('begin_chat', '{uuid,text,boolean,text}'),
  ('finish_chat', '{jsonb}'), ('release_chat', '{uuid}'), ('chat_evidence', '{uuid}'), ('chat_limits', '{}'), ('count_memory_call', '{}'),
  ('usage', '{}'), ('import_preview_context', '{}'), ('compare_import', '{json}'), ('generate_plan', '{text,text}'),
  ('generate_meal_plan', '{text,text}'), ('adapt_meal_plan', '{uuid,text,text}'), ('nutrition_profile', '{}'),
  ('adapt_plan', '{uuid,text,joint[],text}'), ('plan_proposals_page', '{uuid,integer,integer,plan_kind}'),
  ('accept_plan_proposal', '{uuid,uuid,plan_kind}'), ('reject_plan_proposal', '{uuid,uuid,text,plan_kind}'),
  ('undo_plan_proposal', '{uuid,uuid,plan_kind}'),
  ('foods_used', '{plans}'), ('swap_meal_food', '{uuid,integer,integer,integer,uuid,timestamptz[]}');
create temporary table servers (name text, arguments text[]);
insert into servers values
  ('claim_jobs', '{integer,integer,text[]}'), ('renew_leases', '{jsonb,integer}'), ('job_attachment', '{uuid,integer}'),
  ('heartbeat_job', '{uuid,integer,integer,real,text}'), ('finish_job', '{uuid,integer,jsonb}'),
  ('fail_job', '{uuid,integer,jsonb,boolean}'), ('release_job', '{uuid,integer}'), ('job_changes', '{uuid[]}'), ('purge', '{integer}'), ('decay_affinity', '{integer}'),
  ('import_batch', '{uuid,integer,text,json}'), ('import_context', '{uuid,integer}'),
  ('embed_memories', '{text,integer}'), ('forget_messages', '{uuid,integer,jsonb}'), ('memories_to_embed', '{uuid,integer,text,integer}'), ('store_embeddings', '{uuid,integer,text,jsonb}'),
  ('count_tokens', '{uuid,integer,bigint,bigint}'), ('adapt_plans', '{integer}'), ('check_ins_due', '{integer}'), ('keep_check_ins', '{jsonb}'),
  ('meal_context', '{uuid,integer,uuid}'),
  ('plan_context', '{uuid,integer}'), ('keep_generated_plan', '{uuid,integer,jsonb}'),
  ('adaptation_context', '{uuid,integer,uuid}'), ('keep_plan_proposal', '{uuid,integer,jsonb}'),
  ('close_account', '{uuid}'), ('unfinished_deletions', '{}');
create temporary table definers (name text);
insert into definers values ('delete_food'), ('delete_exercise'), ('log_workout'), ('update_workout'), ('delete_workout'), ('enqueue_job'), ('cancel_job'),
  ('begin_chat'), ('finish_chat'), ('release_chat'), ('count_memory_call'), ('usage'),
  ('accept_plan_proposal'), ('reject_plan_proposal'), ('undo_plan_proposal'),
  ('match_memories'), ('search_memories'), ('add_memory'), ('update_memory'), ('forget_memory'), ('forget_all_memories'),
  ('apply_memory'), ('decline_memory');
select set_eq($$select proname::text from pg_proc where pronamespace = 'public'::regnamespace$$,
  'select name from callable union all select name from servers', 'these are all the functions that the API shows: give a new one a test');
select function_privs_are('public', name, arguments, 'service_role', array['EXECUTE'], 'the server calls ' || name) from servers;
select function_privs_are('public', name, arguments, who, array[]::text[], who || ' does not call ' || name)
  from servers, unnest(array['authenticated', 'anon', 'public']) as who;
select isnt_definer('public', name, arguments::name[], name || ' has no more rights than the server') from servers;
select function_privs_are('public', name, arguments, 'authenticated', array['EXECUTE'], 'people call ' || name) from callable;
select function_privs_are('public', name, arguments, 'anon', array[]::text[], 'anon does not call ' || name) from callable;
select function_privs_are('public', name, arguments, 'public', array[]::text[], 'nor does everyone: ' || name) from callable;
select is_definer('public', name, arguments::name[], name || ' has rights that people have not') from callable natural join definers;
select isnt_definer('public', name, arguments::name[], name || ' has no more rights than its caller')
  from callable where name not in (select name from definers);
select schema_privs_are('private', 'anon', array[]::text[], 'private is closed to anon');
select schema_privs_are('private', 'authenticated', array['USAGE'], 'people make nothing in private');
select function_privs_are('private', name, arguments::text[], 'authenticated', array[]::text[], 'people do not call ' || name)
  from (values ('set_updated_at', '{}'), ('create_profile', '{}'), ('keep_plan_version', '{}'), ('limit_custom_exercises', '{}'),
    ('check_exercise_kind', '{}'), ('refuse_ledger_update', '{}'), ('set_measurement_date', '{}'), ('recompute_week_award', '{uuid,date,uuid,boolean}'), ('has_planned_day_award', '{workouts}'),
    ('recompute_first_of_day', '{workouts,date}'), ('recompute_workout_awards', '{workouts,jsonb,boolean}'),
    ('award', '{uuid,affinity_rule,integer,affinity_source,text,integer,uuid,text,integer}'), ('check_workout', '{uuid,json}'),
    ('write_workout', '{uuid,json,bytea,workout_source,uuid}'), ('assert_lease', '{uuid,integer}'),
    ('lock_workout', '{uuid,uuid,timestamptz[]}'), ('import_profile', '{uuid,uuid,json}'), ('import_workout', '{uuid,uuid,json}'),
    ('are_actions', '{jsonb}'), ('count_call', '{uuid,usage_kind,integer}'), ('forget_in_messages', '{uuid,jsonb,integer}'), ('enqueue_forgetting', '{uuid}'), ('next_people', '{text,integer}'), ('redact_texts', '{text,text[]}'), ('distinct_words', '{text}'), ('add_paraphrases', '{text[],text[]}'), ('chat_context', '{uuid,uuid}'),
    ('chat_answer', '{uuid,uuid}'), ('evidence_text', '{uuid,evidence_kind,uuid}'), ('describe_set', '{sets}'),
    ('limit_custom_foods', '{}'), ('import_food', '{uuid,json}'), ('import_row', '{uuid,uuid,text,json}'),
    ('keep_memory', '{uuid,jsonb,uuid,boolean}'), ('tombstones', '{uuid,bytea,halfvec,text}'),
    ('same_memory', '{uuid,text,halfvec,text,jsonb,boolean}'), ('superseded_memories', '{uuid,uuid,jsonb,uuid}'),
    ('end_facts', '{uuid,uuid,jsonb}'), ('apply_facts', '{memories}'), ('apply_value', '{users,text,text,jsonb}'),
    ('apply_to_list', '{users,text,text,jsonb}'), ('apply_exclusion', '{uuid,text,jsonb}'),
    ('apply_measurement', '{uuid,measurement_kind,jsonb,timestamptz}'), ('end_outdated_facts', '{}'), ('learn_memory', '{uuid,jsonb,uuid}'), ('mark_memories_used', '{uuid,uuid[]}'),
    ('tombstone_memories', '{uuid,uuid}'), ('lock_memory', '{uuid,uuid,timestamptz[]}'), ('import_memory', '{uuid,json}'),
    ('rank_memories', '{uuid,halfvec,text,text,memory_kind[],memory_status[],timestamptz,timestamptz}'), ('stems', '{text}'), ('embedding_rules', '{text}'), ('are_plan_changes', '{plan_kind,jsonb}'), ('is_uuid', '{text}'),
    ('lock_proposal', '{plan_kind,uuid,uuid}'), ('apply_proposal', '{plan_proposals,jsonb}'), ('plan_targets', '{plans}'),
    ('are_plan_targets', '{jsonb}'), ('lock_person', '{}'), ('earned_awards', '{workouts,jsonb,boolean}'),
    ('check_planned_exercises', '{uuid,jsonb,jsonb}'), ('check_workout_proposal', '{uuid,jsonb,plan_proposals}'),
    ('import_plan', '{uuid,plan_kind,json}'), ('is_guest', '{uuid}'),
    ('is_quiet', '{timestamptz,text,time,time}'), ('may_check_in', '{users,timestamptz}'), ('has_checked_in', '{uuid,check_in_cause,text}'),
    ('last_check_in', '{users,check_in_cause}'), ('is_around', '{users,date}'), ('plan_weekdays', '{jsonb}'), ('scheduled_since', '{plans}'),
    ('next_plan_day', '{plans}'), ('missed_sessions', '{users,date}'), ('deload_week', '{users,date}'), ('record_anniversary', '{users,date}'),
    ('mentions_pain', '{text}'), ('pain_notes', '{users,date,date}'), ('week_of_pain', '{users,date}'),
    ('due_check_in', '{uuid,timestamptz}'), ('keep_check_in', '{jsonb}'), ('set_activated_at', '{}')) as f (name, arguments);

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

select is(public.create_food('{"name": "New", "aliases": [], "category": "other", "energy_kcal": 100, "protein_g": 25, "carbohydrate_g": 0,
  "fat_g": 0, "fibre_g": 0, "sugar_g": 0, "salt_g": 0, "alcohol_g": 0, "allergens": [], "diets": ["omnivore"], "servings": [],
  "slug": "new", "user_id": null, "hidden_at": "2020-01-01"}') -> 'answer'
  @> '{"user_id": "00000000-0000-4000-8000-0000000000a0", "slug": null, "hidden_at": null}', true, 'a food is the person''s own');
select is(public.food_overlay() #>> '{foods,0,name}', 'New', 'and they get it');

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

-- Workouts (workouts.sql, sets.sql and affinity_events.sql have the rest) ---------------------------------------------------
create temporary table session as select json_build_object('client_id', '00000000-0000-4000-8000-00000000c1a0', 'timezone', 'UTC',
  'started_at', '2026-03-04T18:00:00Z', 'ended_at', '2026-03-04T19:00:00Z', 'exercises', json_build_array(json_build_object(
    'exercise_id', '00000000-0000-4000-8000-00000000e001', 'sets', '[{"set_type": "working", "reps": 5, "weight": {"value": 100, "unit": "kg"}}]'::json)))
  as payload;
grant select on session to authenticated;
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000b0", "role": "authenticated"}';
select is(public.log_workout(payload) -> 'replayed', 'false', 'Bo logs a workout') from session;
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000a0", "role": "authenticated"}';
select is((public.stats_summary() ->> 'workouts')::integer, 0, 'which does not count for Ana');
select is(public.stats_records(), '{"total": 0, "items": []}', 'nor is it her record');
select is(public.stats_volume('2026-01-01', '2026-12-31'), '[]', 'nor her volume');
select is(public.stats_calendar('2026-01-01', '2026-12-31'), '[]', 'nor in her calendar');
select is(public.stats_exercise('00000000-0000-4000-8000-00000000e001', '2026-01-01', '2026-12-31', 9) -> 'points', '[]', 'nor in her history');
select is(public.stats_exercise('00000000-0000-4000-8000-00000000e0b0', '2026-01-01', '2026-12-31', 9), null, 'another person''s exercise is not there');
select is(public.log_workout((payload::jsonb || '{"user_id": "00000000-0000-4000-8000-0000000000b0", "source": "import", "award_round": 9,
  "id": "00000000-0000-4000-8000-00000000dead", "local_date": "2020-01-01", "plan_version": 9}')::json) -> 'workout'
  @> '{"source": "app", "local_date": "2026-03-04", "plan_version": null}', true, 'what is not the person''s to set is not taken from them') from session;
select results_eq('select user_id, award_round from public.workouts', $$values ('00000000-0000-4000-8000-0000000000a0'::uuid, 0)$$, 'it is hers');
select is((public.stats_summary() ->> 'workouts')::integer, 1, 'and counts for her');
select is(public.stats_calendar('2026-01-01', '2026-12-31') #>> '{0,date}', '2026-03-04', 'on its day');
select is((public.stats_records('00000000-0000-4000-8000-00000000e001', 'heaviest') #>> '{items,0,value}')::numeric, 100.000, 'with its record');
select is(jsonb_array_length(public.stats_exercise('00000000-0000-4000-8000-00000000e001', '2026-01-01', '2026-12-31', 9) -> 'points'), 1,
  'in the history of its exercise');
select throws_ok('select public.' || call, code, null, 'refused: ' || call)
  from (values ('stats_records(page_offset => -1)', '2201X'), ('stats_records(page_limit => -1)', '2201W'), ('stats_records(kind => ''best'')', '22P02')) as t (call, code);
select isnt(public.next_workout(), null, 'next comes from the active plan');
select is(public.next_workout(0) -> 'plan_day', '0', 'or any day of it');
select is(public.next_workout(d), null, 'and no day that it does not have') from unnest(array[-1, 14]) as d;
select is(public.exercise_substitutes('00000000-0000-4000-8000-00000000e001') #>> '{exercise,name}', 'Test Library Squat',
  'something may stand in for an exercise');
select is(public.exercise_substitutes('00000000-0000-4000-8000-00000000e0b0'), null, 'another person''s exercise is not there');

-- Talking (chat_messages.sql, message_evidence.sql and ai_usage.sql have the rest) -------------------------------------------
create temporary table talked (who text, state jsonb);
grant all on talked to authenticated;
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000b0", "role": "authenticated"}';
insert into talked select 'bo', public.begin_chat(gen_random_uuid(), 'Bo''s secret');
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000a0", "role": "authenticated"}';
insert into talked select 'ana', public.begin_chat(gen_random_uuid(), 'Hi');
insert into talked select 'ana again', public.begin_chat(gen_random_uuid(), 'What is next?');
select is((select array_agg(k order by k) from jsonb_object_keys(state -> 'context') as k),
  '{affinity,concern,conversation,meal_plan,memory_enabled,memory_full,now,plan,profile,proposal,sessions,told}', 'what a reply may rest on') from talked where who = 'ana';
select is(state #>> '{context,plan,name}', 'Second', 'the active plan') from talked where who = 'ana';
select is(state #> '{context,plan,days}', '[{"day": 0, "name": "Legs", "weekday": null, "exercises": ["Test Library Squat"]}]', 'with its days') from talked where who = 'ana';
select is(jsonb_array_length(state #> '{context,sessions}'), 1, 'one''s own sessions') from talked where who = 'ana';
select is(state #>> '{context,sessions,0,sets,0,text}', 'Test Library Squat: 5 × 100 kg on 4 Mar 2026', 'as a person reads them') from talked where who = 'ana';
select is(state #> '{context,conversation}', '[{"role": "user", "message": "Hi"}]', 'one''s own conversation, but for the message itself')
  from talked where who = 'ana again';
select is(state #> '{context,plan}', 'null', 'another person has another plan: none') from talked where who = 'bo';
select is(state #> '{context,conversation}', '[]', 'and nothing said before') from talked where who = 'bo';
select is(public.chat_evidence((state ->> 'message_id')::uuid), null, 'another person''s evidence is not there') from talked where who = 'bo';
select throws_ok(format('select public.finish_chat(%L)', jsonb_build_object('message_id', state ->> 'message_id', 'reply', 'x')), 'PT404', null,
  'nor a message of theirs to answer') from talked where who = 'bo';
select throws_ok('select * from private.import_profile(''00000000-0000-4000-8000-0000000000a0'', ''00000000-0000-4000-8000-0000000000a0'', ''{"name": "x"}'')', '42501', null,
  'nobody imports past the worker');

-- An anonymous sign-in is an ordinary owner ------------------------------------------------------------------------------
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000c0", "role": "authenticated", "is_anonymous": true}';
select is(public.create_plan('{"name": "Mine"}') #>> '{answer,user_id}', '00000000-0000-4000-8000-0000000000c0', 'an anonymous sign-in makes plans');
select is(public.exercise_overlay(), '{"exercises": [], "preferences": {}, "equipment": []}', 'and starts with nothing');
select is(public.food_overlay(), '{"foods": [], "diet": null, "allergens": []}', 'nor with foods');
select is(public.next_workout(), null, 'not even a next workout');
select throws_ok($$select public.begin_chat(gen_random_uuid(), 'Hi')$$, 'PT403', null, 'but does not talk');
select throws_ok($$select public.enqueue_job('generate_plan', '{}', 'mine')$$, 'PT403', null, 'nor has plans made');

select * from finish();
rollback;
