-- The order in which waiting jobs are claimed: fair by person, small ones first, none starves.
begin;
select plan(29);

insert into auth.users (id, email) select ('00000000-0000-4000-8000-0000000000' || n)::uuid, n || '@people.example'
  from unnest(array['a0', 'b0', 'c0', 'd0']) as n;
-- Whatever waits here already is not for this file's worker, which knows two kinds alone.
delete from public.jobs;
create function pg_temp.person(letter text) returns uuid language sql as $$
  select ('00000000-0000-4000-8000-0000000000' || letter || '0')::uuid
$$;
create function pg_temp.enqueue(letter text, name text, mib integer default 0) returns void language sql as $$
  insert into public.jobs (user_id, kind, input, dedupe_key, attachment)
  values (pg_temp.person(letter), 'import_account', '{}', name, decode(repeat('00', mib * 1048576), 'hex'))
$$;
create function pg_temp.claim(max_jobs integer, lease_seconds integer default 60) returns text language sql as $$
  select coalesce(string_agg(c.dedupe_key, ' ' order by c.n), '')
    from public.claim_jobs(max_jobs, lease_seconds, array['import_account', 'import_workouts']) with ordinality
      as c (id, user_id, kind, input, attachment, dedupe_key, status, progress, message, result, problem, attempts, run_after,
            lease_expires_at, finished_at, created_at, updated_at, turn, n)
$$;
create function pg_temp.finish() returns void language sql as $$
  update public.jobs set status = 'succeeded', lease_expires_at = null, finished_at = now(), attachment = null
   where status = 'running' and user_id in (select pg_temp.person(l) from unnest(array['a', 'b', 'c', 'd']) as l)
$$;

-- Three at once ------------------------------------------------------------------------------------------------------------
select pg_temp.enqueue('a', 'a' || n) from generate_series(1, 4) as n;
select is(pg_temp.claim(9), 'a1 a2 a3', 'three of a person run at once');
select is(pg_temp.claim(9), '', 'and no more');
select pg_temp.enqueue('b', 'b1');
select is(pg_temp.claim(9), 'b1', 'others do not wait for that');
update public.jobs set lease_expires_at = now() - interval '1 second' where dedupe_key = 'a2' and status = 'running';
select is(pg_temp.claim(9), 'a2', 'one whose worker is gone is claimed again, and is still one of three');
select pg_temp.finish();
select is(pg_temp.claim(9), 'a4', 'the fourth comes when one is over');
select pg_temp.finish();

-- Turns ----------------------------------------------------------------------------------------------------------------------
select pg_temp.enqueue('a', 'a' || n) from generate_series(1, 50) as n;
select is(pg_temp.claim(1), 'a1', 'who comes first is first');
select pg_temp.enqueue('b', 'b1');
select pg_temp.enqueue('b', 'b2');
select pg_temp.enqueue('c', 'c1');
select pg_temp.finish();
select is(array_agg(word order by word), array['a2', 'b1', 'c1'], 'whoever has few does not wait for those who have many')
  from regexp_split_to_table(pg_temp.claim(3), ' ') as word;
select pg_temp.finish();
select is(array_agg(word order by word), array['a3', 'b2'], 'people take turns') from regexp_split_to_table(pg_temp.claim(2), ' ') as word;
select pg_temp.finish();
update public.jobs set status = 'cancelled', finished_at = now() where user_id = pg_temp.person('a') and status = 'queued';

-- Small ones first, and no large one starves ---------------------------------------------------------------------------------
select pg_temp.enqueue('a', 'large', 4);
select pg_temp.enqueue('b', 'small');
select is(pg_temp.claim(1), 'small', 'a small job goes before a large one that came first');
select pg_temp.finish();
create temporary table claimed (n integer, job text);
do $$
begin
  for n in 1..20 loop
    perform pg_temp.enqueue('c', 'small ' || n);
    insert into claimed select n, pg_temp.claim(1);
    perform pg_temp.finish();
  end loop;
end $$;
select ok((select n from claimed where job = 'large') between 2 and 6, 'but not before it for ever: after five of another person it is due');
select is((select count(*)::integer from claimed where job <> ''), 20, 'something is claimed each time');
select pg_temp.claim(1), pg_temp.finish();
select is((select count(*)::integer from public.jobs where status = 'queued' and run_after <= now()), 0, 'nothing is left');

-- The second way: a long line of one who is busy ---------------------------------------------------------------------------
select pg_temp.enqueue('a', 'a' || n) from generate_series(1, 600) as n;
select is(pg_temp.claim(3), 'a1 a2 a3', 'one person has a long line');
select is(pg_temp.claim(3), '', 'and is busy');
select pg_temp.enqueue('b', 'b1');
update public.jobs set turn = turn + 1000 where dedupe_key = 'b1' and status = 'queued';
select is(pg_temp.claim(3), 'b1', 'who stands behind it is found');
update public.jobs set status = 'cancelled', finished_at = now() where user_id = pg_temp.person('a') and status = 'queued';
select pg_temp.finish();

-- Kinds ------------------------------------------------------------------------------------------------------------------------
insert into public.jobs (user_id, kind, input, dedupe_key) values (pg_temp.person('a'), 'embed_memories', '{}', 'e');
select is(pg_temp.claim(3), '', 'a kind that the worker does not know is left for another');
select is((select count(*)::integer from public.claim_jobs(3, 60, array['embed_memories', 'a kind of the next version'])), 1, 'who knows it');
select pg_temp.finish();

-- Files and leases -----------------------------------------------------------------------------------------------------------
select pg_temp.enqueue('a', 'file', 1);
select is((select attachment from public.claim_jobs(1, 60, array['import_account'])), null, 'files are not along');
set local role service_role;
select is(octet_length(decode(public.job_attachment(id, 1), 'base64')), 1048576, 'but to be had') from public.jobs where dedupe_key = 'file';
select throws_ok(format('select public.job_attachment(%L, 2)', id), 'PT409', null, 'by the worker who holds the job')
  from public.jobs where dedupe_key = 'file';
create temporary table held as select jsonb_build_object(id, 1) as leases, id from public.jobs where dedupe_key = 'file';
grant select on held to authenticated;
select is((select public.renew_leases(leases, 60) from held), '[]', 'what is held is not lost');
update public.jobs set lease_expires_at = now() - interval '1 second' where dedupe_key = 'file';
select is((select public.renew_leases(leases, 60) from held), '[]', 'nor what nobody else has claimed');
select ok((select lease_expires_at > now() + interval '50 seconds' from public.jobs where dedupe_key = 'file'), 'it is renewed');
select is((select public.renew_leases(jsonb_build_object(id, 2), 60) from held), (select jsonb_build_array(id) from held), 'another attempt is not held');
set local role authenticated;
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000a0", "role": "authenticated"}';
select is(public.cancel_job(id), true, 'a job that runs is cancelled') from held;
select throws_ok(call, '42501', null, 'people do not call ' || call)
  from unnest(array['select public.renew_leases(''{}'', 60)']) as call;
reset role;
set local role service_role;
select is((select public.renew_leases(leases, 60) from held), (select jsonb_build_array(id) from held), 'and its worker is told');


-- Clocks that were wrong -----------------------------------------------------------------------------------------------------
reset role;
delete from public.jobs;
select pg_temp.enqueue('a', 'ahead', 1);
update public.jobs set run_after = now() + interval '7 days' where dedupe_key = 'ahead';
set local role service_role;
select is((select count(*)::integer from public.claim_jobs(1, 604800, array['import_account'])), 1, 'a job that was told to wait for a week does not');
select is((select attempts::integer from public.claim_jobs(1, 60, array['import_account'])), 2, 'a lease of a week ends with the next claim');

select * from finish();
rollback;
