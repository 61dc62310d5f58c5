-- The tasks of clocks, in batches. Other people may be in the database: these are the last ones of all.
begin;
select * from no_plan();

insert into auth.users (id, email)
  select format('ffffffff-ffff-4fff-bfff-fffffffffff%s', n)::uuid, format('ana%s@people.example', n) from generate_series(0, 4) as n;
create temporary table runs (n integer generated always as identity, answer jsonb);
grant select, insert on runs to service_role;
-- As if a run had come as far as them.
insert into private.cron_positions (task, after)
  select task, 'ffffffff-ffff-4fff-bfff-ffffffffff00' from unnest(array['test', 'another', 'decay_affinity']) as task
  on conflict (task) do update set after = excluded.after, moved_at = clock_timestamp();

-- One run ---------------------------------------------------------------------------------------------------------------
select results_eq($$select (p).people, (p).done from (select private.next_people('test', 2) as p) as q$$,
  $$values (array['ffffffff-ffff-4fff-bfff-fffffffffff0', 'ffffffff-ffff-4fff-bfff-fffffffffff1']::uuid[], false)$$, 'the next people');
select results_eq($$select (p).people, (p).done from (select private.next_people('test', 2) as p) as q$$,
  $$values (array['ffffffff-ffff-4fff-bfff-fffffffffff2', 'ffffffff-ffff-4fff-bfff-fffffffffff3']::uuid[], false)$$, 'and the next');
select results_eq($$select (p).people[1], (p).done from (select private.next_people('another', 2) as p) as q$$,
  $$values ('ffffffff-ffff-4fff-bfff-fffffffffff0'::uuid, false)$$, 'each task has a position of its own');
select results_eq($$select (p).people, (p).done from (select private.next_people('test', 2) as p) as q$$,
  $$values (array['ffffffff-ffff-4fff-bfff-fffffffffff4']::uuid[], true)$$, 'the last ones end the run');
select results_eq($$select (p).people[1] from (select private.next_people('test', 2) as p) as q$$,
  $$select u.id from public.users as u order by u.id limit 1$$, 'and the next run begins with the first');
update private.cron_positions set moved_at = now() - interval '2 hours' where task = 'test';
select results_eq($$select (p).people[1] from (select private.next_people('test', 2) as p) as q$$,
  $$select u.id from public.users as u order by u.id limit 1$$, 'as does one that was left long ago');

-- Absence in batches ------------------------------------------------------------------------------------------------------
insert into public.workouts (user_id, client_id, request_hash, started_at, timezone)
  select id, gen_random_uuid(), '', now() - interval '15 days', 'UTC' from auth.users where email like 'ana_@people.example';
update public.users set affinity_score = 10 where id >= 'ffffffff-ffff-4fff-bfff-fffffffffff0';
set local role service_role;
insert into runs (answer) select public.decay_affinity(2) from generate_series(1, 3);
reset role;
select results_eq('select answer from runs order by n', $$values ('{"changed": 2, "done": false}'::jsonb),
  ('{"changed": 2, "done": false}'), ('{"changed": 1, "done": true}')$$, 'every batch takes its people');
select is((select count(*) from public.users where id >= 'ffffffff-ffff-4fff-bfff-fffffffffff0' and affinity_score = 8), 5::bigint,
  'and nobody is left out, or pays twice');

-- Purging in batches, the oldest first -------------------------------------------------------------------------------------
insert into public.idempotency_keys (user_id, key, operation, request_hash, created_at)
  select 'ffffffff-ffff-4fff-bfff-fffffffffff0', n::text, 'x', '', now() - interval '50 years' from generate_series(1, 3) as n;
prepare left_over as select count(*) from public.idempotency_keys where user_id = 'ffffffff-ffff-4fff-bfff-fffffffffff0';
set local role service_role;
select is(public.purge(2) ->> 'done', 'false', 'a batch that is full is not the last one');
reset role;
select results_eq('left_over', 'values (1::bigint)', 'no more rows than a batch may have');
set local role service_role;
select lives_ok('select public.purge(2)', 'another batch');
reset role;
select results_eq('left_over', 'values (0::bigint)', 'then the rest');

select * from finish();
rollback;
