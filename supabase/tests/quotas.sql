-- Quotas: counters agree with the rows whatever is written and by whom, and each quota refuses or removes.
begin;
select * from no_plan();

insert into auth.users (id, email) values
  ('00000000-0000-4000-8000-0000000000a0', 'ana@people.example'), ('00000000-0000-4000-8000-0000000000b0', 'bo@people.example');
insert into auth.users (id, is_anonymous) values ('00000000-0000-4000-8000-0000000000c0', true);
insert into public.exercises (id, user_id, slug, name, kind, primary_muscles) values
  ('00000000-0000-4000-8000-00000000e001', null, 'test-library-squat', 'Test Library Squat', 'weight_reps', '{quadriceps}');

-- What a person has of a quota, as they are told.
create function pg_temp.used(quota text) returns bigint language sql as $$
  select (q ->> 'used')::bigint from jsonb_array_elements(public.usage() -> 'quotas') as q where q ->> 'name' = quota
$$;
create function pg_temp.be(person text) returns text language sql as $$
  select set_config('request.jwt.claims', json_build_object('sub', '00000000-0000-4000-8000-0000000000' || person, 'role', 'authenticated')::text, true)
$$;
create function pg_temp.session(day date, sets integer) returns json language sql as $$
  select json_build_object('client_id', gen_random_uuid(), 'started_at', to_char(day, 'YYYY-MM-DD"T00:00:00Z"'), 'timezone', 'UTC',
    'exercises', json_build_array(json_build_object('exercise_id', '00000000-0000-4000-8000-00000000e001',
      'sets', (select json_agg(json_build_object('set_type', 'working', 'reps', 5, 'weight', json_build_object('value', 80, 'unit', 'kg')))
                 from generate_series(1, sets)))))
$$;
grant execute on function pg_temp.used, pg_temp.be, pg_temp.session to authenticated;
-- The counters, and what they should be.
create function pg_temp.counted(person uuid) returns jsonb language sql as $$
  select to_jsonb(c) - 'user_id' from private.usage_counts as c where c.user_id = person
$$;
create function pg_temp.rows_of(person uuid) returns jsonb language sql as $$
  select jsonb_build_object(
    'json_bytes', coalesce((select sum(octet_length(v.content::text)) from public.plan_versions as v where v.user_id = person), 0)
      + coalesce((select sum(octet_length(r.content::text)) from public.plan_proposals as r where r.user_id = person), 0),
    'workouts', (select count(*) from public.workouts as w where w.user_id = person),
    'sets', (select count(*) from public.sets as s where s.user_id = person),
    'measurements', (select count(*) from public.measurements as m where m.user_id = person),
    'messages', (select count(*) from public.chat_messages as m where m.user_id = person),
    'memories', (select count(*) from public.memories as m where m.user_id = person and m.status <> 'dismissed'),
    'affinity_events', (select count(*) from public.affinity_events as e where e.user_id = person))
$$;

-- Who may ask what ----------------------------------------------------------------------------------------------------
select is_empty($$select 1 from information_schema.table_privileges where table_schema = 'private' and table_name = 'usage_counts'
  and grantee in ('anon', 'authenticated')$$, 'nobody reads or writes counters');
select results_eq($$select q.name::text from private.quotas() as q order by q.name$$,
  $$select unnest(enum_range(null::public.quota))::text$$, 'every quota has a number');
select is((select count(*)::integer from private.quotas() where "limit" < 1), 0, 'and room for something');

-- Counters follow the rows ---------------------------------------------------------------------------------------------
set local role authenticated;
select pg_temp.be('a0');
select is((select count(*)::integer from jsonb_array_elements(public.usage() -> 'quotas') as q where (q ->> 'used')::bigint <> 0), 0,
  'a newcomer has used nothing');
select public.log_workout(pg_temp.session('2025-01-01', 3));
select public.log_workout(pg_temp.session(current_date, 4));
select is(array[pg_temp.used('workouts'), pg_temp.used('sets'), pg_temp.used('sets_per_day')], array[2, 7, 4]::bigint[], 'workouts and sets are counted');
select public.update_workout((select id from public.workouts where local_date = '2025-01-01'), pg_temp.session('2025-01-02', 9));
insert into public.measurements (kind, value, measured_at) values ('body_weight', 80, now() - interval '2 days'), ('body_weight', 81, now());
insert into public.measurements (kind, value, measured_at) values ('body_weight', 82, now())
  on conflict (user_id, kind, local_date) do update set value = excluded.value;
select public.add_memory('{"kind": "fact", "content": "I live in Oslo"}');
select public.add_memory('{"kind": "fact", "content": "I own a bike"}');
select public.add_memory(jsonb_build_object('kind', 'fact', 'content', 'I live in Bergen', 'replaces', id)) from public.memories where content like '%Oslo';
select public.forget_memory(id) from public.memories where content like '%bike';
select public.finish_chat(jsonb_build_object('message_id', begun ->> 'message_id', 'reply', 'Hello', 'mood', 'warm', 'actions', '[]'::jsonb,
  'model', 'offline', 'finish', 'stop', 'input_tokens', 0, 'output_tokens', 0, 'latency_ms', 1, 'evidence', '[]'::jsonb, 'memories', '[]'::jsonb))
  from (select public.begin_chat(gen_random_uuid(), 'Hi') as begun) as b;
insert into public.plans (name, content) values ('Legs', '{"days": [{"name": "Legs", "exercises": [
  {"exercise_id": "00000000-0000-4000-8000-00000000e001", "sets": [{"set_type": "working", "reps_max": 5}]}]}]}');
update public.plans set content = jsonb_set(content, '{days,0,name}', '"More legs"');
insert into public.exercises (name, kind, primary_muscles) values ('Own', 'reps', '{abs}');
reset role;
select is(pg_temp.counted('00000000-0000-4000-8000-0000000000a0'), pg_temp.rows_of('00000000-0000-4000-8000-0000000000a0'), 'counters agree with the rows');
select is((select count(*)::integer from jsonb_each(pg_temp.counted('00000000-0000-4000-8000-0000000000a0')) as c where c.value::bigint = 0), 0, 'of each there is one');
set local role authenticated;
select is(array[pg_temp.used('plans'), pg_temp.used('plan_versions'), pg_temp.used('exercises'), pg_temp.used('chat_calls'), pg_temp.used('memories'),
  pg_temp.used('messages'), pg_temp.used('measurements')], array[1, 2, 1, 1, 2, 2, 2]::bigint[], 'and the person is told');
select public.delete_workout(id) from public.workouts;
delete from public.measurements;
delete from public.plans;
delete from public.chat_messages;
select public.forget_all_memories();
reset role;
select is(pg_temp.counted('00000000-0000-4000-8000-0000000000a0'), pg_temp.rows_of('00000000-0000-4000-8000-0000000000a0'), 'deleting gives everything back');
select is((select sum(c.value::bigint)::integer from jsonb_each(pg_temp.counted('00000000-0000-4000-8000-0000000000a0') - 'affinity_events') as c), 0,
  'to the last; only the ledger of affinity stays');

-- A quota that is used up ---------------------------------------------------------------------------------------------
insert into private.usage_counts (user_id, json_bytes, workouts, sets, measurements, messages, memories)
select '00000000-0000-4000-8000-0000000000b0', private.quota_limit('json_bytes'), private.quota_limit('workouts'), private.quota_limit('sets') - 1,
  private.quota_limit('measurements'), private.quota_limit('messages') - 1, private.quota_limit('memories');
set local role authenticated;
select pg_temp.be('b0');
select throws_ok($$select public.log_workout(pg_temp.session('2025-01-01', 1))$$, 'PT409', 'You have 30,000 workouts; delete some first.', 'a workout too many');
select throws_ok($$insert into public.measurements (kind, value) values ('body_weight', 80)$$, 'PT409', null, 'a measurement too many');
select throws_ok($$select public.add_memory('{"kind": "fact", "content": "One more"}')$$, 'PT409', 'You have 20,000 memories; forget some first.', 'a memory too many');
select throws_ok($$insert into public.plans (name, content) values ('Legs', '{"days": [{"name": "Legs", "exercises": [
  {"exercise_id": "00000000-0000-4000-8000-00000000e001", "sets": [{"set_type": "working", "reps_max": 5}]}]}]}')$$, 'PT409', null, 'a version too many');
select lives_ok($$insert into public.plans (name) values ('Empty')$$, 'an empty plan takes no room');
select is(public.begin_chat(gen_random_uuid(), 'Hi') ->> 'state', 'yours', 'the last message');
select throws_ok($$select public.begin_chat(gen_random_uuid(), 'Hi')$$, 'PT409', null, 'and one too many');
reset role;
select is_empty($$select 1 from public.workouts where user_id = '00000000-0000-4000-8000-0000000000b0'$$, 'what is refused is not kept');
update private.usage_counts set workouts = 0 where user_id = '00000000-0000-4000-8000-0000000000b0';
set local role authenticated;
select throws_ok($$select public.log_workout(pg_temp.session('2025-01-01', 2))$$, 'PT409', null, 'a set too many');
select lives_ok($$select public.log_workout(pg_temp.session('2025-01-01', 1))$$, 'but room for one');

-- By counting ---------------------------------------------------------------------------------------------------------
reset role;
update private.usage_counts set sets = 0 where user_id = '00000000-0000-4000-8000-0000000000b0';
insert into public.sets (user_id, workout_id, exercise_id, exercise_name, kind, exercise_position, position, set_type, reps, entered_value, entered_unit, started_at, local_date)
select s.user_id, s.workout_id, s.exercise_id, s.exercise_name, s.kind, n / 100, n % 100, s.set_type, s.reps, s.entered_value, s.entered_unit, s.started_at, s.local_date
  from public.sets as s, generate_series(1, 4998) as n where s.user_id = '00000000-0000-4000-8000-0000000000b0';
set local role authenticated;
select throws_ok($$select public.log_workout(pg_temp.session('2025-01-01', 2))$$, 'PT409',
  'The workouts of one day may have 5,000 sets; check their dates, or delete one of that day.', 'a day has an end');
select lives_ok($$select public.log_workout(pg_temp.session('2025-01-01', 1))$$, 'with its last set');
select lives_ok($$select public.log_workout(pg_temp.session('2025-01-02', 2))$$, 'and the next day begins anew');
select throws_ok($$insert into public.plans (name) select n::text from generate_series(1, 1000) as n$$, 'PT409', 'You have 1,000 plans; delete one first.',
  'a person has 1000 plans at most, in one statement too');
reset role;
insert into public.exercises (user_id, name, kind, primary_muscles, hidden_at)
select '00000000-0000-4000-8000-0000000000b0', 'Hidden ' || n, 'reps', '{abs}', now() from generate_series(1, 1999) as n;
insert into public.exercises (user_id, name, kind, primary_muscles) values ('00000000-0000-4000-8000-0000000000b0', 'Shown', 'reps', '{abs}');
update public.exercises set hidden_at = now() where name = 'Shown';
select throws_ok($$insert into public.exercises (user_id, name, kind, primary_muscles, hidden_at) values
  ('00000000-0000-4000-8000-0000000000b0', 'x', 'reps', '{abs}', now())$$, 'PT409', null, 'hidden exercises have an end too');
insert into public.exercises (user_id, name, kind, primary_muscles) values ('00000000-0000-4000-8000-0000000000b0', 'Shown again', 'reps', '{abs}');
select throws_ok($$update public.exercises set hidden_at = now() where name = 'Shown again'$$, 'PT409', null, 'whichever way they come to be');

-- Jobs that have ended make room ---------------------------------------------------------------------------------------
insert into public.jobs (user_id, kind, input, dedupe_key, status, finished_at)
select '00000000-0000-4000-8000-0000000000b0', 'import_workouts', '{}', n::text, 'succeeded', now() from generate_series(1, 150) as n;
set local role authenticated;
select ok(pg_temp.used('kept_jobs') <= 101, 'of 150 jobs about 100 are kept');
select public.enqueue_job('import_workouts', '{}', 'open ' || n) from generate_series(1, 5) as n;
select is(array[pg_temp.used('open_jobs'), pg_temp.used('kept_jobs')], array[5, 99]::bigint[], 'a new one removes the oldest');
select throws_ok($$select public.enqueue_job('import_workouts', '{}', 'one more')$$, 'PT409', 'You have 5 jobs under way; wait for one, or cancel it.', 'and five are open');

-- Versions -------------------------------------------------------------------------------------------------------------
reset role;
update private.usage_counts set json_bytes = 0 where user_id = '00000000-0000-4000-8000-0000000000b0';
set local role authenticated;
insert into public.plans (name, content) values ('Old', '{"days": [{"name": "1", "exercises": [
  {"exercise_id": "00000000-0000-4000-8000-00000000e001", "sets": [{"set_type": "working", "reps_max": 5}]}]}]}');
reset role;
update public.plan_versions set accepted = true where version = 1 and user_id = '00000000-0000-4000-8000-0000000000b0';
do $$ begin
  for n in 2..60 loop
    update public.plans set content = jsonb_set(content, '{days,0,name}', to_jsonb(n::text)) where name = 'Old' and user_id = '00000000-0000-4000-8000-0000000000b0';
  end loop;
end $$;
select results_eq($$select v.version from public.plan_versions as v join public.plans as p on p.id = v.plan_id
  where p.user_id = '00000000-0000-4000-8000-0000000000b0' and p.name = 'Old' order by v.version$$, 'select 1 union all select generate_series(11, 60)',
  'the last 50 versions are kept, and those that were accepted');
set local role authenticated;
select is(pg_temp.used('plan_versions'), 50::bigint, 'as the person is told');
reset role;
select is((pg_temp.counted('00000000-0000-4000-8000-0000000000b0') ->> 'json_bytes')::bigint,
  (pg_temp.rows_of('00000000-0000-4000-8000-0000000000b0') ->> 'json_bytes')::bigint, 'and what is removed takes no room');

-- Proposals --------------------------------------------------------------------------------------------------------------
create temporary table old as select p.id from public.plans as p where p.name = 'Old' and p.user_id = '00000000-0000-4000-8000-0000000000b0';
grant select on old to authenticated;
insert into public.plan_proposals (id, user_id, plan_id, kind, base_version, content, changes, source, status, decided_at)
select ('00000000-0000-4000-8000-0000' || lpad(n::text, 8, '0'))::uuid, p.user_id, p.id, p.kind, p.version, p.content,
       '[{"rule": "deload", "exercise_id": "00000000-0000-4000-8000-00000000e001", "path": "/days/0", "from": null, "to": null, "evidence": [],
          "explanation": "So it is."}]', 'rules', case when n <= 60 then 'accepted' when n <= 120 then 'expired' else 'open' end::public.proposal_status,
       case when n <= 120 then now() - interval '1 year' + n * interval '1 day' end
  from public.plans as p join old using (id), generate_series(1, 121) as n;
create function pg_temp.kept(statuses text[]) returns integer[] language sql as $$
  select array_agg(right(r.id::text, 8)::integer order by r.id) from public.plan_proposals as r join old on old.id = r.plan_id
   where r.status::text = any (statuses)
$$;
grant execute on function pg_temp.kept to authenticated;
set local role authenticated;
select public.reject_plan_proposal(old.id, '00000000-0000-4000-8000-000000000121') from old;
select is(pg_temp.kept('{accepted,rejected}'), array(select generate_series(12, 60)) || 121, 'the last 50 decisions are kept');
select is(pg_temp.kept('{expired}'), array(select generate_series(61, 120)), 'whatever else expired');
select public.undo_plan_proposal(old.id, '00000000-0000-4000-8000-000000000121') from old;
select is(pg_temp.kept('{open}'), array[121], 'the last decision is taken back, and what is open is not counted');
select is(pg_temp.kept('{accepted,rejected}'), array(select generate_series(12, 60)), 'nothing more goes then');
update public.plans as p set content = jsonb_set(content, '{days,0,name}', '"Other"') from old where p.id = old.id;
select is(pg_temp.kept('{expired}'), array(select generate_series(72, 121)), 'the last 50 that expired are kept');
select is(pg_temp.used('plan_proposals'), 50::bigint, 'as the person is told');
reset role;
select is((pg_temp.counted('00000000-0000-4000-8000-0000000000b0') ->> 'json_bytes')::bigint,
  (pg_temp.rows_of('00000000-0000-4000-8000-0000000000b0') ->> 'json_bytes')::bigint, 'and what is removed takes no room');

-- Deleted workouts ------------------------------------------------------------------------------------------------------
insert into public.deleted_workouts (user_id, client_id, created_at)
select '00000000-0000-4000-8000-0000000000b0', ('00000000-0000-4000-8000-0000' || lpad(n::text, 8, '0'))::uuid, now() - interval '1 year' + n * interval '1 minute'
  from generate_series(1, 10000) as n;
insert into public.deleted_workouts (user_id, client_id, created_at) values
  ('00000000-0000-4000-8000-0000000000c0', '00000000-0000-4000-8000-000000000001', '2020-01-01');
create temporary table last_one as select w.id, w.client_id from public.workouts as w
  where w.user_id = '00000000-0000-4000-8000-0000000000b0' order by w.id limit 1;
grant select on last_one to authenticated;
set local role authenticated;
select public.delete_workout(id) from last_one;
select is(pg_temp.used('deleted_workouts'), 10000::bigint, 'the ids of the last 10,000 deleted workouts are kept');
reset role;
select results_eq($$select d.client_id from public.deleted_workouts as d where d.user_id = '00000000-0000-4000-8000-0000000000b0'
    and d.client_id in ('00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002', (select client_id from last_one)) order by d.created_at$$,
  $$select '00000000-0000-4000-8000-000000000002'::uuid union all select client_id from last_one$$, 'the oldest went');
select is((select count(*)::integer from public.deleted_workouts where user_id = '00000000-0000-4000-8000-0000000000c0'), 1, 'and nobody else''s');

-- Affinity --------------------------------------------------------------------------------------------------------------
update private.usage_counts set affinity_events = private.quota_limit('affinity_events') - 1 where user_id = '00000000-0000-4000-8000-0000000000b0';
create temporary view ledger with (security_invoker = true) as select count(*) as events, sum(points) as points, (
    select u.affinity_score from public.users as u where u.id = '00000000-0000-4000-8000-0000000000b0') as score
  from public.affinity_events where user_id = '00000000-0000-4000-8000-0000000000b0';
create temporary table earlier as select * from ledger;
grant select on ledger, earlier to authenticated;
set local role authenticated;
select lives_ok($$select public.log_workout(pg_temp.session('2025-02-01', 1))$$, 'the last event of affinity');
select is((select l.events - e.events from ledger as l, earlier as e), 1::bigint, 'is written');
select is(pg_temp.used('affinity_events'), 100000::bigint, 'then the ledger is full');
select lives_ok($$select public.log_workout(pg_temp.session('2025-02-02', 1))$$, 'a workout is logged all the same');
select lives_ok($$select public.delete_workout(w.id) from public.workouts as w where w.local_date = '2025-02-02'$$, 'and deleted');
select is((select l.events - e.events from ledger as l, earlier as e), 1::bigint, 'nothing is earned or lost');
select is((select score from ledger), (select points::integer from ledger), 'and the score is the sum of the ledger');
select is((select q ->> 'when_full' from jsonb_array_elements(public.usage() -> 'quotas') as q where q ->> 'name' = 'affinity_events'), 'not_added',
  'as the person is told');
reset role;

-- Idempotency keys ------------------------------------------------------------------------------------------------------
insert into public.idempotency_keys (user_id, key, operation, request_hash, created_at)
select '00000000-0000-4000-8000-0000000000b0', n::text, 'x', '', now() - interval '23 hours' from generate_series(1, 4999) as n;
insert into public.idempotency_keys (user_id, key, operation, request_hash, created_at)
select '00000000-0000-4000-8000-0000000000b0', 'old ' || n::text, 'x', '', now() - interval '25 hours' from generate_series(1, 9) as n;
delete from public.plans where user_id = '00000000-0000-4000-8000-0000000000b0';
set local role authenticated;
select is(public.create_plan('{"name": "Last"}', 'last') ->> 'replayed', 'false', 'the last key of a day');
select throws_ok($$select public.create_plan('{"name": "More"}', 'more')$$, 'PT409', 'You have used 5,000 idempotency keys within a day; wait, or send none.', 'and one too many');
select is(public.create_plan('{"name": "Last"}', 'last') ->> 'replayed', 'true', 'a key that is known answers as before');
select lives_ok($$select public.create_plan('{"name": "More"}')$$, 'and none is needed');
select is(array[pg_temp.used('idempotency_keys'), pg_temp.used('plans')], array[5000, 2]::bigint[], 'as the person is told');
reset role;
update public.idempotency_keys set created_at = now() - interval '24 hours' where key = '1' and user_id = '00000000-0000-4000-8000-0000000000b0';
set local role authenticated;
select lives_ok($$select public.create_plan('{"name": "More"}', 'more')$$, 'after a day there is room');
reset role;

-- Guests, strangers, accounts that go -----------------------------------------------------------------------------------
set local role authenticated;
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000c0", "role": "authenticated", "is_anonymous": true}';
select is(jsonb_array_length(public.usage() -> 'quotas'), (select count(*)::integer from private.quotas()), 'a guest has quotas like others');
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-00000000dead", "role": "authenticated"}';
select throws_ok('select public.usage()', 'PT401', 'This account no longer exists.', 'a token of no account has none');
reset role;
set local role anon;
select throws_ok('select public.usage()', '42501', null, 'nor has anon');
reset role;
delete from auth.users where id in ('00000000-0000-4000-8000-0000000000a0', '00000000-0000-4000-8000-0000000000b0');
select is_empty($$select 1 from private.usage_counts where user_id::text like '00000000-0000-4000-8000-0000000000_0'$$, 'counters go with the account');

select * from finish();
rollback;
