-- Work over all people, or over all of a person's messages, goes in batches: the tasks of the clock take the next people
-- each time, and forgetting goes on with older messages in a job.

SET local check_function_bodies = off;

DROP INDEX "public"."memories_of_model";

DROP FUNCTION "private"."forget_in_chat"(uuid, uuid);

DROP FUNCTION "public"."adapt_plans"();

DROP FUNCTION "public"."decay_affinity"();

DROP FUNCTION "public"."embed_memories"(text);

DROP FUNCTION "public"."purge"();

CREATE TABLE "private"."cron_positions" (
  "task"     text                     NOT NULL,
  "after"    uuid                     NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000'::uuid,
  "moved_at" timestamp with time zone NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT "cron_positions_pkey" PRIMARY KEY (task)
);

CREATE TABLE "private"."forgotten_texts" (
  "id"                bigint                   GENERATED ALWAYS AS IDENTITY NOT NULL,
  "user_id"           uuid                     NOT NULL,
  "memory_id"         uuid                     NOT NULL,
  "source_message_id" uuid,
  "text"              text                     NOT NULL,
  "words"             text[]                   NOT NULL GENERATED ALWAYS AS (private.distinct_words(text)) STORED,
  "forgotten_at"      timestamp with time zone NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT "forgotten_texts_pkey" PRIMARY KEY (id)
);

ALTER TYPE "public"."job_kind" ADD VALUE 'forget_memories' AFTER 'adapt_meal_plan';


SET local check_function_bodies = off;

CREATE OR REPLACE FUNCTION private.batch_result (
  changed integer,
  done    boolean
)
  RETURNS jsonb
  LANGUAGE sql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
  select jsonb_build_object('changed', changed, 'done', done)
$function$;

CREATE OR REPLACE FUNCTION private.enqueue_forgetting (
  owner uuid
)
  RETURNS void
  LANGUAGE sql
  SET search_path TO ''
  AS $function$
  insert into public.jobs (user_id, kind, input, dedupe_key) values (owner, 'forget_memories', '{}', 'forget memories')
  on conflict (user_id, dedupe_key) where status in ('queued', 'running') do nothing
$function$;

CREATE OR REPLACE FUNCTION private.forget_in_messages (
  owner        uuid,
  "position"   jsonb,
  max_messages integer
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  SET enable_nestloop TO 'off'
  SET jit TO 'off'
  AS $function$
declare
  ids constant uuid[] := array(
    select m.id from public.chat_messages as m
     where m.user_id = owner
       and (m.created_at, m.id) < (coalesce(("position" ->> 'created_at')::timestamptz, 'infinity'),
         coalesce(("position" ->> 'id')::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
     order by m.created_at desc, m.id desc limit max_messages);
begin
  with forgotten as materialized (
    select f.memory_id, f.source_message_id, f.text, f.words, f.forgotten_at from private.forgotten_texts as f
     where f.user_id = owner),
  texts as materialized (
    select c.id, c.message, coalesce(c.reply_to, c.id) as message_id, c.created_at,
           private.distinct_words(c.message) as words
      from public.chat_messages as c where c.user_id = owner and c.id = any (ids)
    union all
    select e.id, e.text, null, e.created_at, private.distinct_words(e.text) from public.message_evidence as e
     where e.user_id = owner and e.message_id = any (ids) and e.kind = 'memory'),
  word_places as materialized (select s.id, w.word from texts as s, unnest(s.words) as w (word)),
  word_counts as (select p.word, count(*) as frequency from word_places as p group by p.word),
  rarest_words as (
    select distinct on (f.text) f.text, w.word
      from forgotten as f
        cross join lateral unnest(f.words) as w (word) left join word_counts as c on c.word = w.word
     order by f.text, c.frequency nulls first),
  candidates as (
    select p.id, r.text from rarest_words as r join word_places as p on p.word = r.word
    union
    -- In the message where it was learned, it may also be a part of a word.
    select s.id, f.text from forgotten as f join texts as s on s.message_id = f.source_message_id),
  found as (
    select s.id, left(private.redact_texts(s.message, array_agg(c.text order by length(c.text) desc)), 4000) as message
      from candidates as c join texts as s on s.id = c.id
     where position(lower(c.text) in lower(s.message)) > 0
       -- What the person says again afterwards stays.
       and exists (select from forgotten as f where f.text = c.text and f.forgotten_at >= s.created_at)
     group by s.id, s.message),
  in_messages as (
    update public.chat_messages as m set message = f.message from found as f where m.id = f.id and m.user_id = owner),
  in_evidence as (
    update public.message_evidence as e set text = left(f.message, 600) from found as f
     where e.id = f.id and e.user_id = owner
       and e.source_id not in (select g.memory_id from forgotten as g))
  delete from public.message_evidence as e using (select distinct f.memory_id from forgotten as f) as f
   where e.message_id = any (ids) and e.user_id = owner and e.source_id = f.memory_id;
  if cardinality(ids) < max_messages then
    return null;
  end if;
  return (select jsonb_build_object('created_at', m.created_at, 'id', m.id) from public.chat_messages as m
           where m.user_id = owner and m.id = ids[max_messages]);
end $function$;

CREATE OR REPLACE FUNCTION private.messages_at_once()
  RETURNS integer
  LANGUAGE sql
  IMMUTABLE
  SET search_path TO ''
  AS $function$ select 500 $function$;

CREATE OR REPLACE FUNCTION private.next_people (
  task       text,
  max_people integer,
  OUT        people uuid[],
  OUT        done boolean
)
  RETURNS record
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  last uuid;
begin
  insert into private.cron_positions as p (task) values (next_people.task)
  on conflict on constraint cron_positions_pkey do update
    set after = case when p.moved_at < clock_timestamp() - interval '1 hour' then excluded.after else p.after end
  returning p.after into last;
  people := array(select u.id from public.users as u where u.id > last order by u.id limit max_people);
  done := cardinality(people) < max_people;
  update private.cron_positions as p
     set after = coalesce(case when not done then people[max_people] end, '00000000-0000-0000-0000-000000000000'),
         moved_at = clock_timestamp()
   where p.task = next_people.task;
end $function$;

CREATE OR REPLACE FUNCTION private.tombstone_memories (
  owner     uuid,
  memory_id uuid DEFAULT NULL::uuid
)
  RETURNS integer
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  forgotten integer;
begin
  insert into private.forgotten_texts (user_id, memory_id, source_message_id, text)
  select distinct owner, m.id, m.source_message_id, t.text
    from public.memories as m
      cross join lateral unnest(m.paraphrases || m.content || m.source_quote) as w (words)
      cross join lateral btrim(w.words, E' \t\n.,;:!?…"“”') as t (text)
   where m.user_id = owner and m.status <> 'dismissed' and (memory_id is null or m.id = memory_id) and t.text <> '';
  update public.memories as m set status = 'dismissed', content = null, source_quote = null, source_message_id = null,
      paraphrases = '{}', superseded_by = null, last_used_at = null, pinned = false, salience = 0.5, mentions = 1
   where m.user_id = owner and m.status <> 'dismissed' and (memory_id is null or m.id = memory_id);
  get diagnostics forgotten = row_count;
  delete from public.memories as m where m.id in (
    select t.id from public.memories as t where t.user_id = owner and t.status = 'dismissed'
     order by t.updated_at desc, t.id offset (private.memory_rules()).max_memories);
  if private.forget_in_messages(owner, null, private.messages_at_once()) is null then
    delete from private.forgotten_texts as f where f.user_id = owner;
  else
    perform private.enqueue_forgetting(owner);
  end if;
  return forgotten;
end $function$;

CREATE OR REPLACE FUNCTION public.adapt_plans (
  max_people integer DEFAULT 1000
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  batch record;
  plan record;
  enqueued integer := 0;
begin
  select * into batch from private.next_people('adapt_plans', max_people);
  for plan in
    select p.id, p.user_id, s.seen_at from public.plans as p
      cross join lateral (
        select greatest(p.created_at,
          (select max(o.created_at) from public.plan_proposals as o where o.plan_id = p.id),
          (select max(j.created_at) from public.jobs as j where j.user_id = p.user_id
              and j.kind = 'adapt_plan' and j.input ->> 'plan_id' = p.id::text)) as seen_at) as s
     where p.user_id = any (batch.people) and p.kind = 'workout' and p.status = 'active'
       -- Half a day early, so that a cron task that runs once a day is not a day late each week.
       and s.seen_at < now() - interval '6 days 12 hours'
       and exists (select from public.workouts as w where w.user_id = p.user_id and w.created_at > s.seen_at)
       and not private.is_guest(p.user_id)
     order by p.user_id
  loop
    perform from public.users as u where u.id = plan.user_id for no key update skip locked;
    continue when not found;
    continue when (select count(*) from public.jobs as j
                    where j.user_id = plan.user_id and j.status in ('queued', 'running')) >= 5;
    insert into public.jobs (user_id, kind, input, dedupe_key)
    select plan.user_id, 'adapt_plan',
           jsonb_build_object('plan_id', plan.id, 'request', '{}'), format('adapt_plan %s weekly', plan.id)
     -- A concurrent run may have enqueued it.
     where not exists (select from public.jobs as j where j.user_id = plan.user_id and j.kind = 'adapt_plan'
                          and j.input ->> 'plan_id' = plan.id::text and j.created_at > plan.seen_at);
    if found then
      enqueued := enqueued + 1;
    end if;
  end loop;
  return private.batch_result(enqueued, batch.done);
end $function$;

REVOKE ALL ON FUNCTION "public"."adapt_plans"(integer) FROM PUBLIC, "anon", "authenticated";

CREATE OR REPLACE FUNCTION public.decay_affinity (
  max_people integer DEFAULT 250
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  batch record;
  person record;
  absent_day date;
  written integer := 0;
begin
  select * into batch from private.next_people('decay_affinity', max_people);
  for person in
    select u.id, l.today, l.last_day, greatest(l.last_day + 15, l.today - 6, l.last_written + 1) as first_day
      from public.users as u
        cross join lateral (
          select (now() at time zone u.timezone)::date as today,
                 (select max(w.local_date) from public.workouts as w where w.user_id = u.id) as last_day,
                 (select max(e.source_id)::date from public.affinity_events as e
                   where e.user_id = u.id and e.rule = 'absence' and e.source_type = 'day') as last_written) as l
     where u.id = any (batch.people) and u.affinity_score > 0 and l.last_day is not null
       and l.today >= greatest(l.last_day + 15, l.last_written + 1)
     order by u.id
  loop
    perform from public.users as u where u.id = person.id for no key update skip locked;
    continue when not found;
    for absent_day in select d::date from generate_series(person.first_day, person.today, interval '1 day') as d
    loop
      exit when (select u.affinity_score from public.users as u where u.id = person.id) = 0;
      written := written + private.award(person.id, 'absence', -2, 'day', absent_day::text, 0, null,
        format('%s days without a workout.', absent_day - person.last_day))::integer;
    end loop;
  end loop;
  return private.batch_result(written, batch.done);
end $function$;

REVOKE ALL ON FUNCTION "public"."decay_affinity"(integer) FROM PUBLIC, "anon", "authenticated";

CREATE OR REPLACE FUNCTION public.embed_memories (
  model      text,
  max_people integer DEFAULT 1000
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  batch record;
  enqueued integer;
begin
  select * into batch from private.next_people('embed_memories', max_people);
  insert into public.jobs (user_id, kind, input, dedupe_key)
  select p.id, 'embed_memories', '{}', 'embed memories' from unnest(batch.people) as p (id)
   -- Three questions that the index answers, where "is distinct from" would read all of a person's memories.
   where exists (select from public.memories as m
                  where m.user_id = p.id and m.status <> 'dismissed' and m.embedding_model is null)
      or exists (select from public.memories as m
                  where m.user_id = p.id and m.status <> 'dismissed' and m.embedding_model < embed_memories.model)
      or exists (select from public.memories as m
                  where m.user_id = p.id and m.status <> 'dismissed' and m.embedding_model > embed_memories.model)
  on conflict (user_id, dedupe_key) where status in ('queued', 'running') do nothing;
  get diagnostics enqueued = row_count;
  return private.batch_result(enqueued, batch.done);
end $function$;

REVOKE ALL ON FUNCTION "public"."embed_memories"(text, integer) FROM PUBLIC, "anon", "authenticated";

CREATE OR REPLACE FUNCTION public.forget_messages (
  job_id     uuid,
  attempt    integer,
  "position" jsonb
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  owner constant uuid := private.assert_lease(job_id, attempt);
  last_text bigint := ("position" ->> 'last_text')::bigint;
  reached jsonb;
begin
  perform from public.users as u where u.id = owner for no key update;
  if last_text is null then
    select max(f.id) into last_text from private.forgotten_texts as f where f.user_id = owner;
    if last_text is null then
      return null;
    end if;
  end if;
  reached := private.forget_in_messages(owner, nullif("position" - 'last_text', '{}'), private.messages_at_once());
  if reached is null then
    delete from private.forgotten_texts as f where f.user_id = owner and f.id <= last_text;
    return '{}'::jsonb;
  end if;
  return reached || jsonb_build_object('last_text', last_text);
end $function$;

REVOKE ALL ON FUNCTION "public"."forget_messages"(uuid, integer, jsonb) FROM PUBLIC, "anon", "authenticated";

CREATE OR REPLACE FUNCTION public.purge (
  max_rows integer DEFAULT 5000
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
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
end $function$;

REVOKE ALL ON FUNCTION "public"."purge"(integer) FROM PUBLIC, "anon", "authenticated";

ALTER TABLE "private"."forgotten_texts"
  ADD CONSTRAINT "forgotten_texts_user_id_fkey" FOREIGN KEY (user_id) REFERENCES auth.users(id) ON DELETE CASCADE;

CREATE INDEX forgotten_texts_owner ON private.forgotten_texts USING btree (user_id, id);

CREATE INDEX memories_of_model ON public.memories USING btree (user_id, embedding_model)
  WHERE (status <> 'dismissed'::public.memory_status);

COMMENT ON FUNCTION "public"."adapt_plans"(integer) IS 'For the cron task; only the service role may call it.';

COMMENT ON FUNCTION "public"."decay_affinity"(integer) IS 'For the cron task; only the service role may call it.';

COMMENT ON TABLE "private"."cron_positions" IS 'The last person that each task of the clock has looked at.';

COMMENT ON TABLE "private"."forgotten_texts" IS 'Words of forgotten memories that may still be in messages. Rows go when all messages have been looked through.';

REVOKE ALL ON FUNCTION "private"."batch_result"(integer, boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION "private"."batch_result"(integer, boolean) FROM "postgres";

GRANT EXECUTE ON FUNCTION "private"."batch_result"(integer, boolean) TO "postgres";

GRANT EXECUTE ON FUNCTION "private"."batch_result"(integer, boolean) TO "service_role";

REVOKE ALL ON FUNCTION "private"."distinct_words"(text) FROM "service_role";

GRANT EXECUTE ON FUNCTION "private"."distinct_words"(text) TO "service_role";

REVOKE ALL ON FUNCTION "private"."enqueue_forgetting"(uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "private"."enqueue_forgetting"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "private"."enqueue_forgetting"(uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "private"."enqueue_forgetting"(uuid) TO "service_role";

REVOKE ALL ON FUNCTION "private"."forget_in_messages"(uuid, jsonb, integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION "private"."forget_in_messages"(uuid, jsonb, integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "private"."forget_in_messages"(uuid, jsonb, integer) TO "postgres";

GRANT EXECUTE ON FUNCTION "private"."forget_in_messages"(uuid, jsonb, integer) TO "service_role";

REVOKE ALL ON FUNCTION "private"."messages_at_once"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "private"."messages_at_once"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "private"."messages_at_once"() TO "postgres";

GRANT EXECUTE ON FUNCTION "private"."messages_at_once"() TO "service_role";

REVOKE ALL ON FUNCTION "private"."next_people"(text, integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION "private"."next_people"(text, integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "private"."next_people"(text, integer) TO "postgres";

GRANT EXECUTE ON FUNCTION "private"."next_people"(text, integer) TO "service_role";

REVOKE ALL ON FUNCTION "private"."redact_texts"(text, text[]) FROM "service_role";

GRANT EXECUTE ON FUNCTION "private"."redact_texts"(text, text[]) TO "service_role";

REVOKE ALL ON FUNCTION "public"."adapt_plans"(integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."adapt_plans"(integer) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."adapt_plans"(integer) TO "service_role";

REVOKE ALL ON FUNCTION "public"."decay_affinity"(integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."decay_affinity"(integer) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."decay_affinity"(integer) TO "service_role";

REVOKE ALL ON FUNCTION "public"."embed_memories"(text, integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."embed_memories"(text, integer) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."embed_memories"(text, integer) TO "service_role";

REVOKE ALL ON FUNCTION "public"."forget_messages"(uuid, integer, jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."forget_messages"(uuid, integer, jsonb) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."forget_messages"(uuid, integer, jsonb) TO "service_role";

REVOKE ALL ON FUNCTION "public"."purge"(integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."purge"(integer) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."purge"(integer) TO "service_role";

GRANT INSERT, SELECT, UPDATE ON TABLE "private"."cron_positions" TO "service_role";

GRANT DELETE, SELECT ON TABLE "private"."forgotten_texts" TO "service_role";
