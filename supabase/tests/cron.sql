-- The tasks of clocks, in batches.
begin;
select * from no_plan();

insert into auth.users (id, email)
  select format('00000000-0000-4000-8000-0000000000a%s', n)::uuid, format('ana%s@people.example', n) from generate_series(0, 4) as n;
create temporary table runs (n integer generated always as identity, answer jsonb);
grant select, insert on runs to service_role;

-- One run ---------------------------------------------------------------------------------------------------------------
select results_eq($$select (p).people, (p).done from (select private.next_people('test', 2) as p) as q$$,
  $$values (array['00000000-0000-4000-8000-0000000000a0', '00000000-0000-4000-8000-0000000000a1']::uuid[], false)$$, 'the first people');
select results_eq($$select (p).people, (p).done from (select private.next_people('test', 2) as p) as q$$,
  $$values (array['00000000-0000-4000-8000-0000000000a2', '00000000-0000-4000-8000-0000000000a3']::uuid[], false)$$, 'then the next');
select results_eq($$select cardinality((p).people), (p).done from (select private.next_people('another', 2) as p) as q$$,
  $$values (2, false)$$, 'each task has a position of its own');
select results_eq($$select (p).people, (p).done from (select private.next_people('test', 2) as p) as q$$,
  $$values (array['00000000-0000-4000-8000-0000000000a4']::uuid[], true)$$, 'the last ones end the run');
select results_eq($$select (p).people[1], (p).done from (select private.next_people('test', 2) as p) as q$$,
  $$values ('00000000-0000-4000-8000-0000000000a0'::uuid, false)$$, 'and the next run begins with the first');
update private.cron_positions set moved_at = now() - interval '2 hours' where task = 'test';
select results_eq($$select (p).people[1], (p).done from (select private.next_people('test', 2) as p) as q$$,
  $$values ('00000000-0000-4000-8000-0000000000a0'::uuid, false)$$, 'as does one that was left long ago');

-- Absence in batches ------------------------------------------------------------------------------------------------------
insert into public.workouts (user_id, client_id, request_hash, started_at, timezone)
  select id, gen_random_uuid(), '', now() - interval '15 days', 'UTC' from auth.users where email like 'ana%';
update public.users set affinity_score = 10;
set local role service_role;
insert into runs (answer) select public.decay_affinity(2) from generate_series(1, 3);
reset role;
select results_eq('select answer from runs order by n', $$values ('{"changed": 2, "done": false}'::jsonb),
  ('{"changed": 2, "done": false}'), ('{"changed": 1, "done": true}')$$, 'every batch takes its people');
select is((select count(*) from public.users where affinity_score = 8), 5::bigint, 'and nobody is left out, or pays twice');

-- Purging in batches ------------------------------------------------------------------------------------------------------
insert into public.idempotency_keys (user_id, key, operation, request_hash, created_at)
  select '00000000-0000-4000-8000-0000000000a0', n::text, 'x', '', now() - interval '25 hours' from generate_series(1, 3) as n;
set local role service_role;
select is(public.purge(2), '{"changed": 2, "done": false}', 'no more rows than a batch may have');
select is(public.purge(2), '{"changed": 1, "done": true}', 'then the rest');

select * from finish();
rollback;
