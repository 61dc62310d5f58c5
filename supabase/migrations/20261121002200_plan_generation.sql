-- Making plans for people: a person asks, a job looks at what they can do, and keeps what was made as a draft.

-- Fifty exercises to avoid and five hundred characters in any script fit.
alter table public.jobs drop constraint jobs_input_size,
  add constraint jobs_input_size check (pg_column_size(input) <= 8192);

-- POST /plans/generate: the job, or the one that does just this already. `request` is JSON as text, read by the job.
create function public.generate_plan(request text, dedupe_key text) returns jsonb
language plpgsql set search_path = '' as $$
declare
  -- First, so that a guest hears that they are one; when the profile will not do, it is taken back.
  job constant jsonb := public.enqueue_job('generate_plan', jsonb_build_object('request', request), dedupe_key);
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
end $$;
revoke execute on function public.generate_plan from public, anon;
grant execute on function public.generate_plan to authenticated;

-- For the worker --------------------------------------------------------------------------------------------------------

-- Who a plan is for, the exercises that they can do, and what this job has made already, if a worker was here before.
create function public.plan_context(job_id uuid, attempt integer) returns jsonb
language plpgsql set search_path = '' as $$
declare
  owner constant uuid := private.held_job(plan_context.job_id, attempt);
begin
  return (select jsonb_build_object(
    'person', jsonb_build_object('sport', u.sport, 'experience_level', u.experience_level,
      'days_per_week', u.days_per_week, 'goals', u.goals, 'equipment', u.equipment, 'injuries', u.injuries,
      'weight_unit', u.weight_unit, 'load_steps_kg', u.load_steps_kg),
    'exercises', coalesce((
      select jsonb_agg(jsonb_build_object('id', e.id, 'slug', e.slug, 'name', e.name, 'kind', e.kind,
               'primary_muscles', e.primary_muscles, 'secondary_muscles', e.secondary_muscles, 'equipment', e.equipment,
               'category', e.category, 'level', e.level, 'mechanic', e.mechanic, 'is_unilateral', e.is_unilateral,
               'contraindications', e.contraindications, 'is_favourite', p.id is not null) order by e.slug, e.id)
        from private.exercise_candidates(owner) as e
          left join public.exercise_preferences as p
            on p.user_id = owner and p.exercise_id = e.id and p.kind = 'favourite'), '[]'),
    'made', (select jsonb_build_object('content', v.content, 'source', p.source, 'reason', v.reason)
               from public.plans as p join public.plan_versions as v on v.plan_id = p.id and v.version = 1
              where p.id = plan_context.job_id and p.user_id = owner))
    from public.users as u where u.id = owner);
end $$;

-- Keeps what a job made as a draft with the job's id, once. The model is not trusted, nor is the worker: what the person
-- cannot do is refused here, beside all that makes any plan unsound. The service role sees everybody's exercises, so
-- validate_plan_content alone would not do.
create function public.keep_generated_plan(job_id uuid, attempt integer, plan jsonb) returns void
language plpgsql set search_path = '' as $$
declare
  owner constant uuid := private.held_job(keep_generated_plan.job_id, attempt);
  problems jsonb;
begin
  select jsonb_agg(jsonb_build_object('loc', '["content"]' || o.loc || '["exercise_id"]',
           'message', 'is not an exercise that this person can do', 'type', 'unknown_exercise')) into problems
    from private.plan_objects(plan -> 'content') as o
   where o.thing = 'exercise'
     and coalesce(o.value -> 'exercise_id', 'null') not in (select to_jsonb(e.id) from private.exercise_candidates(owner) as e);
  if problems is not null then
    raise sqlstate 'PT422' using message = 'The plan is not sound.', detail = problems::text;
  end if;
  if (jsonb_typeof(plan -> 'content') = 'object' and plan ->> 'source' in ('ai', 'rules')) is not true then
    raise sqlstate 'PT422' using message = 'A generated plan has content, and says what made it.';
  end if;
  perform set_config('slow_burn.changed_by', 'companion', true), set_config('slow_burn.reason', plan ->> 'reason', true);
  insert into public.plans (id, user_id, name, description, goal, duration_weeks, days_per_week, source, content)
  select keep_generated_plan.job_id, owner, r.name, r.description, r.goal, r.duration_weeks, r.days_per_week, r.source,
         nullif(r.content, 'null')
    from jsonb_populate_record(null::public.plans, plan) as r
  on conflict (id) do nothing;
  perform set_config('slow_burn.changed_by', '', true), set_config('slow_burn.reason', '', true);
end $$;

revoke execute on function public.plan_context, public.keep_generated_plan from public, anon, authenticated;
grant execute on function public.plan_context, public.keep_generated_plan to service_role;
