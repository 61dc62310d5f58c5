-- What makes a job takes an Idempotency-Key: asked again after the job is over, it answers with that job. The functions
-- have one parameter more, with a default; the version that is still running leaves it out.
-- Follows supabase/schemas/35_training.sql, 60_jobs.sql and 82_nutrition.sql.

SET local check_function_bodies = off;

DROP FUNCTION "public"."adapt_meal_plan"(uuid, text);

DROP FUNCTION "public"."adapt_plan"(uuid, text, public.joint[]);

DROP FUNCTION "public"."enqueue_job"(public.job_kind, jsonb, text, text);

DROP FUNCTION "public"."generate_meal_plan"(text);

DROP FUNCTION "public"."generate_plan"(text);

CREATE OR REPLACE FUNCTION public.adapt_meal_plan (
  plan_id         uuid,
  request         text,
  idempotency_key text DEFAULT NULL::text
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  -- Jobs refuse a longer input anyway (jobs_input_size).
  change constant jsonb := left(request, 8192)::jsonb;
  content jsonb;
  job jsonb;
begin
  select p.content into content from public.plans as p
   where p.id = adapt_meal_plan.plan_id and p.kind = 'meal' and p.user_id = (select auth.uid());
  if not found then
    return null;
  end if;
  job := public.enqueue_job('adapt_meal_plan',
    jsonb_build_object('plan_id', adapt_meal_plan.plan_id, 'request', request),
    format('adapt_meal_plan %s %s', adapt_meal_plan.plan_id, md5(request)),
    idempotency_key => adapt_meal_plan.idempotency_key);
  if content is null then
    raise sqlstate 'PT409' using message = 'An empty meal plan cannot be adapted; add content first.';
  end if;
  if change ->> 'kind' = 'swap_meal' and content #> array['days', change ->> 'day', 'meals', change ->> 'meal'] is null then
    raise sqlstate 'PT422' using message = 'There is no such meal.', detail = jsonb_build_array(jsonb_build_object(
      'loc', jsonb_build_array(case when content #> array['days', change ->> 'day'] is null then 'day' else 'meal' end),
      'message', 'is not in the plan', 'type', 'value_error'))::text;
  elsif change ->> 'kind' = 'rescale' then
    perform private.require_nutrition_data(auth.uid(), change);
  elsif change ->> 'kind' = 'use_up' then
    perform private.require_candidates(auth.uid(), coalesce((
      select jsonb_agg(jsonb_build_object('loc', jsonb_build_array('foods', f.n - 1, 'food_id'),
               'food_id', f.value -> 'food_id'))
        from jsonb_path_query(change, 'lax $.foods[*]') with ordinality as f (value, n)), '[]'));
  end if;
  return job;
end $function$;

REVOKE ALL ON FUNCTION "public"."adapt_meal_plan"(uuid, text, text) FROM PUBLIC, "anon";

CREATE OR REPLACE FUNCTION public.adapt_plan (
  plan_id         uuid,
  reason          text           DEFAULT NULL::text,
  pain            public.joint[] DEFAULT '{}'::public.joint[],
  idempotency_key text           DEFAULT NULL::text
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  request constant text := jsonb_build_object('reason', reason, 'pain', coalesce(pain, '{}'))::text;
  empty boolean;
begin
  select p.content is null into empty from public.plans as p
   where p.id = adapt_plan.plan_id and p.kind = 'workout' and p.user_id = (select auth.uid());
  if empty is null then
    return null;
  elsif empty then
    raise sqlstate 'PT409' using message = 'An empty plan cannot be adapted; add content first.';
  end if;
  return public.enqueue_job('adapt_plan', jsonb_build_object('plan_id', plan_id, 'request', request),
    format('adapt_plan %s %s', plan_id, md5(request)), idempotency_key => adapt_plan.idempotency_key);
end $function$;

REVOKE ALL ON FUNCTION "public"."adapt_plan"(uuid, text, public.joint[], text) FROM PUBLIC, "anon";

CREATE OR REPLACE FUNCTION public.enqueue_job (
  kind            public.job_kind,
  input           jsonb,
  dedupe_key      text,
  attachment      text            DEFAULT NULL::text,
  idempotency_key text            DEFAULT NULL::text
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
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
end $function$;

REVOKE ALL ON FUNCTION "public"."enqueue_job"(public.job_kind, jsonb, text, text, text) FROM PUBLIC, "anon";

CREATE OR REPLACE FUNCTION public.generate_meal_plan (
  request         text,
  idempotency_key text DEFAULT NULL::text
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  -- Enqueue first, so that a guest gets the error for guests. Missing data raises and rolls this back.
  job constant jsonb := public.enqueue_job('generate_meal_plan', jsonb_build_object('request', request),
    'generate_meal_plan ' || md5(request), idempotency_key => generate_meal_plan.idempotency_key);
begin
  perform private.require_nutrition_data(auth.uid(), request::jsonb -> 'targets');
  perform private.require_candidates(auth.uid(), coalesce((
    select jsonb_agg(jsonb_build_object('loc', jsonb_build_array('include', i.n - 1), 'food_id', i.value))
      from jsonb_path_query(request::jsonb, 'lax $.include[*]') with ordinality as i (value, n)), '[]'));
  return job;
end $function$;

REVOKE ALL ON FUNCTION "public"."generate_meal_plan"(text, text) FROM PUBLIC, "anon";

CREATE OR REPLACE FUNCTION public.generate_plan (
  request         text,
  idempotency_key text DEFAULT NULL::text
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  -- Enqueue first, so that a guest gets the error for guests. An incomplete profile raises and rolls this back.
  job constant jsonb := public.enqueue_job('generate_plan', jsonb_build_object('request', request),
    'generate_plan ' || md5(request), idempotency_key => generate_plan.idempotency_key);
  missing jsonb;
begin
  select jsonb_agg(jsonb_build_object('loc', jsonb_build_array('profile', f.field),
           'message', 'is needed to make a plan', 'type', 'missing')) into missing
    from public.users as u cross join lateral (values
      ('sport', u.sport is null),
      ('experience_level', u.experience_level is null),
      ('days_per_week', u.days_per_week is null and request::jsonb ->> 'days_per_week' is null)) as f (field, is_missing)
   where u.id = (select auth.uid()) and f.is_missing;
  if missing is not null then
    raise sqlstate 'PT422' using message = 'Your profile does not say enough to make a plan.', detail = missing::text;
  end if;
  return job;
end $function$;

REVOKE ALL ON FUNCTION "public"."generate_plan"(text, text) FROM PUBLIC, "anon";

GRANT EXECUTE ON FUNCTION "public"."adapt_meal_plan"(uuid, text, text) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."adapt_meal_plan"(uuid, text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."adapt_meal_plan"(uuid, text, text) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."adapt_meal_plan"(uuid, text, text) TO "service_role";

GRANT EXECUTE ON FUNCTION "public"."adapt_plan"(uuid, text, public.joint[], text) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."adapt_plan"(uuid, text, public.joint[], text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."adapt_plan"(uuid, text, public.joint[], text) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."adapt_plan"(uuid, text, public.joint[], text) TO "service_role";

GRANT EXECUTE ON FUNCTION "public"."enqueue_job"(public.job_kind, jsonb, text, text, text) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."enqueue_job"(public.job_kind, jsonb, text, text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."enqueue_job"(public.job_kind, jsonb, text, text, text) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."enqueue_job"(public.job_kind, jsonb, text, text, text) TO "service_role";

GRANT EXECUTE ON FUNCTION "public"."generate_meal_plan"(text, text) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."generate_meal_plan"(text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."generate_meal_plan"(text, text) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."generate_meal_plan"(text, text) TO "service_role";

GRANT EXECUTE ON FUNCTION "public"."generate_plan"(text, text) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."generate_plan"(text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."generate_plan"(text, text) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."generate_plan"(text, text) TO "service_role";
