-- Jobs are claimed fairly: three of a person at once, small ones first, and whoever has few does not wait for those who
-- have many. A worker claims the kinds that it knows, without their files, and renews all its leases in one call.
-- A worker of the version before goes on: it names no kinds, and gets the files along.

SET local check_function_bodies = off;

DROP INDEX "public"."jobs_waiting";

DROP FUNCTION "public"."claim_jobs"(integer, integer);

CREATE SEQUENCE "private"."latest_turn" AS bigint INCREMENT BY 1 MINVALUE 0 MAXVALUE 9223372036854775807 START WITH 0 CACHE 1 NO CYCLE;

ALTER TABLE "public"."jobs"
  ADD COLUMN "turn" bigint NOT NULL DEFAULT 0;

CREATE OR REPLACE FUNCTION private.assign_turn()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  new.turn := greatest(
      (select s.last_value from private.latest_turn as s),
      (select max(j.turn) from public.jobs as j where j.user_id = new.user_id and j.status in ('queued', 'running')))
    -- One, and one for each MiB of the file.
    + 1 + coalesce(octet_length(new.attachment), 0) / 1048576;
  return new;
end $function$;

CREATE OR REPLACE FUNCTION private.next_job (
  kinds  text[],
  passed uuid[]
)
  RETURNS uuid
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  busy constant uuid[] := array(
    select j.user_id from public.jobs as j where j.status = 'running' group by j.user_id having count(*) >= 3);
  chosen uuid;
begin
  -- The head of the line is enough, unless all of it is of busy people, or not to be claimed yet.
  select h.id into chosen
    from (select j.* from public.jobs as j where j.status = 'queued' order by j.turn, j.id limit 500) as h
   where h.user_id <> all (busy) and h.run_after <= now() and h.id <> all (passed)
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
         where j.user_id = p.user_id and j.status = 'queued' and j.run_after <= now() and j.id <> all (passed)
           and (kinds is null or j.kind::text = any (kinds))
         order by j.turn, j.id limit 1) as n
     where p.user_id <> all (busy)
     order by n.turn, n.id limit 1;
  end if;
  return chosen;
end $function$;

CREATE OR REPLACE FUNCTION public.claim_jobs (
  max_jobs      integer,
  lease_seconds integer,
  kinds         text[]  DEFAULT NULL::text[]
)
  RETURNS SETOF public.jobs
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
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
end $function$;

REVOKE ALL ON FUNCTION "public"."claim_jobs"(integer, integer, text[]) FROM PUBLIC, "anon", "authenticated";

CREATE OR REPLACE FUNCTION public.job_attachment (
  job_id  uuid,
  attempt integer
)
  RETURNS text
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  perform private.assert_lease(job_id, attempt);
  return (select translate(encode(j.attachment, 'base64'), E'\n', '') from public.jobs as j where j.id = job_id);
end $function$;

REVOKE ALL ON FUNCTION "public"."job_attachment"(uuid, integer) FROM PUBLIC, "anon", "authenticated";

CREATE OR REPLACE FUNCTION public.renew_leases (
  held          jsonb,
  lease_seconds integer
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
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
end $function$;

REVOKE ALL ON FUNCTION "public"."renew_leases"(jsonb, integer) FROM PUBLIC, "anon", "authenticated";

CREATE INDEX jobs_leases ON public.jobs USING btree (lease_expires_at)
  WHERE (status = 'running'::public.job_status);

CREATE INDEX jobs_open ON public.jobs USING btree (user_id, turn, id)
  WHERE (status = ANY (ARRAY['queued'::public.job_status, 'running'::public.job_status]));

CREATE INDEX jobs_turn ON public.jobs USING btree (turn, id)
  WHERE (status = 'queued'::public.job_status);

CREATE TRIGGER jobs_assign_turn
  BEFORE INSERT ON public.jobs
  FOR EACH ROW
  EXECUTE FUNCTION private.assign_turn();

COMMENT ON COLUMN "public"."jobs"."turn" IS 'The order in which waiting jobs are claimed, set by private.assign_turn: a virtual finish time of fair queueing.';

REVOKE ALL ON FUNCTION "private"."assign_turn"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "private"."assign_turn"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "private"."assign_turn"() TO "postgres";

REVOKE ALL ON FUNCTION "private"."next_job"(text[], uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "private"."next_job"(text[], uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "private"."next_job"(text[], uuid[]) TO "postgres";

GRANT EXECUTE ON FUNCTION "private"."next_job"(text[], uuid[]) TO "service_role";

REVOKE ALL ON FUNCTION "public"."claim_jobs"(integer, integer, text[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."claim_jobs"(integer, integer, text[]) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."claim_jobs"(integer, integer, text[]) TO "service_role";

REVOKE ALL ON FUNCTION "public"."job_attachment"(uuid, integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."job_attachment"(uuid, integer) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."job_attachment"(uuid, integer) TO "service_role";

REVOKE ALL ON FUNCTION "public"."renew_leases"(jsonb, integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."renew_leases"(jsonb, integer) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."renew_leases"(jsonb, integer) TO "service_role";

GRANT SELECT, UPDATE ON SEQUENCE "private"."latest_turn" TO "service_role";
