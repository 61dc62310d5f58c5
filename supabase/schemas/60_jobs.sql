-- Background jobs, for work that takes longer than a request. People enqueue, watch and cancel them; the worker
-- (service role) does the rest.
create table public.jobs (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null default auth.uid() references auth.users on delete cascade,
  kind public.job_kind not null,
  input jsonb not null,
  attachment bytea,
  dedupe_key text not null,
  status public.job_status not null default 'queued',
  progress real not null default 0,
  message text,
  result jsonb,
  problem jsonb,
  attempts smallint not null default 0,
  run_after timestamptz not null default now(),
  lease_expires_at timestamptz,
  finished_at timestamptz,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  turn bigint not null default 0,
  -- Room for fifty excluded exercises and five hundred characters in any script.
  constraint jobs_input_size check (pg_column_size(input) <= 8192),
  -- Flat and without numbers: the text of a jsonb number may be a thousand times as long, and the worker reads many
  -- jobs at once.
  constraint jobs_input_flat check (jsonb_typeof(input) = 'object'
    and not input @? 'strict $.* ? (@.type() == "object" || @.type() == "array" || @.type() == "number")'),
  constraint jobs_attachment_size check (octet_length(attachment) <= 7340032),
  constraint jobs_dedupe_key_length check (private.is_nonblank(dedupe_key, 200)),
  constraint jobs_progress_range check (progress between 0 and 1),
  constraint jobs_message_length check (char_length(message) <= 300),
  constraint jobs_running_is_leased check ((status = 'running') = (lease_expires_at is not null)),
  constraint jobs_finished_at_when_over check ((status in ('succeeded', 'failed', 'cancelled')) = (finished_at is not null)),
  constraint jobs_problem_when_failed check ((status = 'failed') = (problem is not null))
);
comment on table public.jobs is 'Background jobs of a person: what was asked, their progress and their result.';
comment on column public.jobs.attachment is 'The file to work on, gzip; removed when the job is over.';
comment on column public.jobs.attempts is
  'How often it was claimed. A worker names the attempt that it holds, so that a stale one is refused.';
comment on column public.jobs.turn is
  'The order in which waiting jobs are claimed, set by private.assign_turn: a virtual finish time of fair queueing.';

create index jobs_owner on public.jobs (user_id, created_at desc, id desc);
create unique index jobs_open_once on public.jobs (user_id, dedupe_key) where status in ('queued', 'running');
-- The line of all, the line of one person, and the leases.
create index jobs_turn on public.jobs (turn, id) where status = 'queued';
create index jobs_open on public.jobs (user_id, turn, id) where status in ('queued', 'running');
create index jobs_leases on public.jobs (lease_expires_at) where status = 'running';
create index jobs_over on public.jobs (finished_at) where finished_at is not null;

-- Inputs, files and leases are the worker's alone.
revoke all on public.jobs from anon, authenticated;
grant select (id, user_id, kind, status, progress, message, result, problem, created_at, updated_at, finished_at)
  on public.jobs to authenticated;

alter table public.jobs enable row level security;
create policy "People watch their own jobs" on public.jobs
  for select to authenticated using ((select auth.uid()) = user_id);

create trigger jobs_set_updated_at before update on public.jobs
  for each row when (old.* is distinct from new.*) execute function private.set_updated_at();

-- The turn of the latest job that was claimed: the present, in the time that turns are counted in.
create sequence private.latest_turn minvalue 0 start 0;

-- Fair queueing (Demers, Keshav, Shenker 1989): a job's turn is the present, or the person's latest turn when that is
-- later, plus what the job costs. So whoever has many jobs waits for those who have few, and small jobs go first; but a
-- job that costs 8 is overtaken by each other person's jobs at a cost of 8 together at most, so none starves.
create function private.assign_turn() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  new.turn := greatest(
      (select s.last_value from private.latest_turn as s),
      (select max(j.turn) from public.jobs as j where j.user_id = new.user_id and j.status in ('queued', 'running')))
    -- One, and one for each MiB of the file.
    + 1 + coalesce(octet_length(new.attachment), 0) / 1048576;
  return new;
end $$;

create trigger jobs_assign_turn before insert on public.jobs
  for each row execute function private.assign_turn();

create function private.open_jobs(owner uuid) returns bigint
language sql stable set search_path = '' as $$
  select count(*) from public.jobs as j where j.user_id = owner and j.status in ('queued', 'running')
$$;

-- A new job removes the oldest of those that have ended.
create function private.prune_jobs() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  delete from public.jobs as j where j.id in (
    select k.id from public.jobs as k where k.user_id = new.user_id and k.finished_at is not null
     order by k.created_at desc, k.id desc offset private.quota_limit('kept_jobs') - 1);
  return new;
end $$;
create trigger jobs_prune before insert on public.jobs
  for each row execute function private.prune_jobs();

-- A job as its owner sees it.
create function private.job_document(job public.jobs) returns jsonb
language sql immutable set search_path = '' as $$
  select jsonb_build_object('id', job.id, 'kind', job.kind, 'status', job.status, 'progress', job.progress,
    'message', job.message, 'result', job.result, 'problem', job.problem, 'created_at', job.created_at,
    'updated_at', job.updated_at)
$$;

-- The new job, or an open one with the same dedupe_key. `attachment` is gzip in base64.
-- Definer: people may not write status, attempts and the rest. The job is bound to auth.uid().
create function public.enqueue_job(kind public.job_kind, input jsonb, dedupe_key text, attachment text default null,
  idempotency_key text default null)
returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  caller constant uuid := auth.uid();
  -- dedupe_key stands for the whole request.
  earlier constant uuid := private.claim_idempotency_key(idempotency_key, 'enqueue_job ' || kind, to_json(dedupe_key));
  job public.jobs;
begin
  perform private.assert_account(caller);
  if earlier is not null then
    select * into job from public.jobs as j where j.user_id = caller and j.id = earlier;
    return private.created_answer(case when found then private.job_document(job) end, true) -> 'answer';
  end if;
  select * into job from public.jobs as j
   where j.user_id = caller and j.dedupe_key = enqueue_job.dedupe_key and j.status in ('queued', 'running');
  if found then
    perform private.store_resource(idempotency_key, job.id);
    return private.job_document(job);
  end if;
  if private.open_jobs(caller) >= private.quota_limit('open_jobs') then
    perform private.refuse_quota('open_jobs');
  end if;
  insert into public.jobs (user_id, kind, input, dedupe_key, attachment)
  values (caller, enqueue_job.kind, enqueue_job.input, enqueue_job.dedupe_key, decode(enqueue_job.attachment, 'base64'))
  returning * into job;
  perform private.store_resource(idempotency_key, job.id);
  return private.job_document(job);
end $$;

-- DELETE /jobs/{id}: true when the job is cancelled, now or before; null when there is none. PT409 when it has ended.
-- Definer: people may not write jobs. Every statement is bound to auth.uid().
create function public.cancel_job(job_id uuid) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  status public.job_status;
begin
  select j.status into status from public.jobs as j where j.id = job_id and j.user_id = auth.uid() for update;
  if status in ('succeeded', 'failed') then
    raise sqlstate 'PT409' using message = 'The job is over.';
  end if;
  update public.jobs as j set status = 'cancelled', lease_expires_at = null, finished_at = now(), attachment = null
   where j.id = job_id and j.user_id = auth.uid() and j.status in ('queued', 'running');
  return status is not null or null;
end $$;

-- For the worker ------------------------------------------------------------------------------------------------------

-- The next of the jobs that wait, of these kinds (all for null), without those of people who have three running and
-- without `passed`. Null when there is none.
create function private.next_job(kinds text[], passed uuid[]) returns uuid
language plpgsql stable set search_path = '' as $$
declare
  busy constant uuid[] := array(
    select j.user_id from public.jobs as j where j.status = 'running' group by j.user_id having count(*) >= 3);
  -- No job waits longer: one that is to was told so by a clock that was wrong.
  latest constant timestamptz := now() + interval '10 minutes';
  chosen uuid;
begin
  -- The head of the line is enough, unless all of it is of busy people, or not to be claimed yet.
  select h.id into chosen
    from (select j.* from public.jobs as j where j.status = 'queued' order by j.turn, j.id limit 500) as h
   where h.user_id <> all (busy) and (h.run_after <= now() or h.run_after > latest) and h.id <> all (passed)
     and (kinds is null or h.kind::text = any (kinds))
   order by h.turn, h.id limit 1;
  if chosen is null and (select count(*) from (select from public.jobs as j where j.status = 'queued' limit 501) as l) > 500 then
    -- Person by person, with one look into the index for each, however long their lines are.
    with recursive people (user_id) as (
      (select j.user_id from public.jobs as j where j.status in ('queued', 'running') order by j.user_id limit 1)
      union all
      select (select j.user_id from public.jobs as j
               where j.status in ('queued', 'running') and j.user_id > p.user_id order by j.user_id limit 1)
        from people as p where p.user_id is not null)
    select n.id into chosen
      from people as p cross join lateral (
        select j.id, j.turn from public.jobs as j
         where j.user_id = p.user_id and j.status = 'queued' and (j.run_after <= now() or j.run_after > latest) and j.id <> all (passed)
           and (kinds is null or j.kind::text = any (kinds))
         order by j.turn, j.id limit 1) as n
     where p.user_id <> all (busy)
     order by n.turn, n.id limit 1;
  end if;
  return chosen;
end $$;

-- Claims waiting jobs in the order of their turns, and before them running ones whose lease has expired; at most three
-- of a person run at once. A job that was claimed five times and never ended fails. `kinds`: those that the worker has
-- handlers for; what else there is, is left for another one. Files are not along (public.job_attachment), but for
-- workers of the version before, which name no kinds.
create function public.claim_jobs(max_jobs integer, lease_seconds integer, kinds text[] default null)
returns setof public.jobs
language plpgsql set search_path = '' as $$
declare
  job public.jobs;
  chosen uuid;
  passed uuid[] := '{}';
begin
  -- One worker at a time, so that two do not count the same jobs of a person. Whoever claims waits for nothing else.
  perform pg_advisory_xact_lock(hashtext('claim_jobs'));
  update public.jobs as j set status = 'failed', lease_expires_at = null, finished_at = now(), attachment = null,
      problem = '{"code": "gave_up", "title": "Gave up", "detail": "It was tried five times and never came to an end."}'
   where j.id in (select k.id from public.jobs as k where k.status = 'running' and k.lease_expires_at < now()
                     and k.attempts >= 5 for update skip locked);
  -- No lease is longer than some minutes: one that ends later was written by a clock that was wrong.
  update public.jobs as j set lease_expires_at = now() - interval '1 second'
   where j.status = 'running' and j.lease_expires_at > now() + interval '10 minutes';
  while max_jobs > 0 and cardinality(passed) < 50 loop
    select k.id into chosen from public.jobs as k
     where k.status = 'running' and k.lease_expires_at < now() and k.id <> all (passed)
       and (kinds is null or k.kind::text = any (kinds))
     order by k.lease_expires_at limit 1 for update skip locked;
    chosen := coalesce(chosen, private.next_job(kinds, passed));
    exit when chosen is null;
    -- Not when somebody is just changing it: cancelling it, or deleting the account.
    perform from public.jobs as k where k.id = chosen and k.status in ('queued', 'running') for update skip locked;
    if found then
      update public.jobs as j
         set status = 'running', attempts = j.attempts + 1, lease_expires_at = now() + make_interval(secs => lease_seconds)
       where j.id = chosen returning j.* into job;
      perform setval('private.latest_turn', greatest(job.turn, (select s.last_value from private.latest_turn as s)));
      if kinds is not null then
        job.attachment := null;
      end if;
      return next job;
      max_jobs := max_jobs - 1;
    end if;
    passed := passed || chosen;
  end loop;
end $$;

-- Renews the leases of a worker, {"<id of a job>": <attempt>}, in one call for all. Answers the jobs that it holds no
-- more: cancelled, over, or held by another. Waits for no lock, so that a batch under way keeps nobody waiting.
create function public.renew_leases(held jsonb, lease_seconds integer) returns jsonb
language plpgsql set search_path = '' as $$
begin
  update public.jobs as j set lease_expires_at = now() + make_interval(secs => lease_seconds)
   where j.id in (
     select k.id from public.jobs as k join jsonb_each_text(held) as h on k.id = h.key::uuid and k.attempts = h.value::integer
      -- Not each second, but when a quarter of it is over.
      where k.status = 'running' and k.lease_expires_at < now() + make_interval(secs => lease_seconds * 0.75)
        for no key update of k skip locked);
  return (select coalesce(jsonb_agg(h.key), '[]') from jsonb_each_text(held) as h
           where not exists (select from public.jobs as j
                              where j.id = h.key::uuid and j.attempts = h.value::integer and j.status = 'running'));
end $$;

-- The file of a job: gzip in base64, on one line. Null when it has none.
create function public.job_attachment(job_id uuid, attempt integer) returns text
language plpgsql set search_path = '' as $$
begin
  perform private.assert_lease(job_id, attempt);
  return (select translate(encode(j.attachment, 'base64'), E'\n', '') from public.jobs as j where j.id = job_id);
end $$;

-- The owner of the job while this attempt holds it, after locking the account and the job. Raises PT409 once the job is
-- cancelled, over, or held by another worker, and when the account is being deleted.
create function private.assert_lease(job_id uuid, attempt integer) returns uuid
language plpgsql set search_path = '' as $$
declare
  owner constant uuid := (select j.user_id from public.jobs as j where j.id = job_id);
begin
  -- The account first, and then the job: the order of all locks.
  if private.lock_account(owner) then
    perform from public.jobs as j
      where j.id = job_id and j.status = 'running' and j.attempts = attempt for no key update;
    if found then
      return owner;
    end if;
  end if;
  raise sqlstate 'PT409' using message = 'The job is no longer held.';
end $$;

-- Extends the lease and stores the progress, which never goes back.
create function public.heartbeat_job(job_id uuid, attempt integer, lease_seconds integer, progress real, message text)
returns void
language plpgsql set search_path = '' as $$
begin
  perform private.assert_lease(job_id, attempt);
  update public.jobs as j set lease_expires_at = now() + make_interval(secs => lease_seconds),
      progress = greatest(j.progress, heartbeat_job.progress), message = left(coalesce(heartbeat_job.message, j.message), 300)
   where j.id = job_id;
end $$;

-- Ends the job with its result.
create function public.finish_job(job_id uuid, attempt integer, result jsonb) returns void
language plpgsql set search_path = '' as $$
begin
  perform private.assert_lease(job_id, attempt);
  update public.jobs as j set status = 'succeeded', progress = 1, message = null, result = finish_job.result,
      lease_expires_at = null, finished_at = now(), attachment = null
   where j.id = job_id;
end $$;

-- Ends the job with a problem, or queues it again: after 10, 20, 40 and 80 seconds, give or take a quarter.
create function public.fail_job(job_id uuid, attempt integer, problem jsonb, retryable boolean) returns void
language plpgsql set search_path = '' as $$
begin
  perform private.assert_lease(job_id, attempt);
  if retryable and attempt < 5 then
    update public.jobs as j set status = 'queued', lease_expires_at = null,
        run_after = now() + interval '5 seconds' * power(2, attempt) * (0.75 + random() / 2)
     where j.id = job_id;
  else
    update public.jobs as j set status = 'failed', problem = fail_job.problem, lease_expires_at = null, finished_at = now(),
        attachment = null
     where j.id = job_id;
  end if;
end $$;

-- When each of these jobs changed last, for a server that watches them for many people in one question. A job that is
-- gone has no row. It says nothing else: each person reads their own job with their own token.
create function public.job_changes(job_ids uuid[]) returns table (id uuid, updated_at timestamptz)
language sql stable set search_path = '' as $$
  select j.id, j.updated_at from public.jobs as j where j.id = any (job_ids)
$$;

-- Puts the job back in the queue when its worker is told to stop. The attempt does not count.
create function public.release_job(job_id uuid, attempt integer) returns void
language plpgsql set search_path = '' as $$
begin
  perform private.assert_lease(job_id, attempt);
  update public.jobs as j set status = 'queued', attempts = j.attempts - 1, lease_expires_at = null, run_after = now()
   where j.id = job_id;
end $$;

-- Cron: deletes idempotency keys after 24 hours, and jobs 30 days after their end, at most `max_rows` of each. Enqueues
-- the forgetting of what a job that failed or was cancelled has left. Running it twice changes nothing more. Returns the
-- number of rows, and whether it was the last batch: {"changed", "done"}.
create function public.purge(max_rows integer default 5000) returns jsonb
language plpgsql set search_path = '' as $$
declare
  keys integer;
  old_jobs integer;
begin
  delete from public.idempotency_keys as k where k.id = any (array(
    select o.id from public.idempotency_keys as o where o.created_at < now() - interval '24 hours'
     order by o.created_at limit max_rows for update skip locked));
  get diagnostics keys = row_count;
  delete from public.jobs as j where j.id = any (array(
    select o.id from public.jobs as o where o.finished_at < now() - interval '30 days'
     order by o.finished_at limit max_rows for update skip locked));
  get diagnostics old_jobs = row_count;
  perform private.enqueue_forgetting(f.user_id)
     from (select distinct t.user_id from private.forgotten_texts as t limit 1000) as f;
  return private.batch_result(keys + old_jobs, keys < max_rows and old_jobs < max_rows);
end $$;

grant select, update on sequence private.latest_turn to service_role;
grant execute on function private.assert_lease, private.next_job, private.open_jobs to service_role;
grant execute on function public.enqueue_job, public.cancel_job to authenticated;
grant execute on function public.claim_jobs, public.renew_leases, public.job_attachment, public.heartbeat_job,
  public.finish_job, public.fail_job, public.release_job, public.job_changes, public.purge to service_role;
