-- Having meal plans made and adapted: what targets are computed from, and what the job is given to choose from.

-- What is known of a person that targets are computed from; null where they have not said or measured it.
create function private.nutrition_profile(owner uuid) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object('sex', u.sex, 'date_of_birth', u.date_of_birth,
    'age', extract(year from age((now() at time zone u.timezone)::date, u.date_of_birth))::integer,
    'activity_level', u.activity_level,
    'body_weight', (select m.value from public.measurements as m where m.user_id = u.id and m.kind = 'body_weight'
                     order by m.local_date desc limit 1),
    'height', (select m.value from public.measurements as m where m.user_id = u.id and m.kind = 'height'
                order by m.local_date desc limit 1))
    from public.users as u where u.id = owner
$$;

-- GET /nutrition/targets
create function public.nutrition_profile() returns jsonb
language sql stable set search_path = '' as $$
  select private.nutrition_profile((select auth.uid()))
$$;

-- Raises with the places that targets lack. Whoever says energy and protein themselves needs none, but for somebody who
-- is growing: what they must have at the least depends on all of it.
create function private.require_nutrition_data(owner uuid, wished jsonb) returns void
language plpgsql stable set search_path = '' as $$
declare
  profile constant jsonb := private.nutrition_profile(owner);
  problems jsonb;
begin
  if wished ->> 'energy_kcal' is not null and wished ->> 'protein_g' is not null
     and coalesce((profile ->> 'age')::integer >= 18, true) then
    return;
  end if;
  select jsonb_agg(jsonb_build_object('loc', f.loc, 'message', f.message, 'type', f.type)) into problems
    from (values
      ('["profile", "sex"]'::jsonb, 'is needed to compute targets', 'missing', profile ->> 'sex' is null),
      ('["profile", "date_of_birth"]', 'is needed to compute targets', 'missing', profile ->> 'age' is null),
      ('["profile", "date_of_birth"]', 'targets are computed from 10 years on', 'value_error', (profile ->> 'age')::integer < 10),
      ('["profile", "activity_level"]', 'is needed to compute targets', 'missing', profile ->> 'activity_level' is null),
      ('["measurements", "body_weight"]', 'is needed to compute targets', 'missing', profile ->> 'body_weight' is null),
      ('["measurements", "height"]', 'is needed to compute targets', 'missing', profile ->> 'height' is null)
    ) as f (loc, message, type, is_wrong)
   where f.is_wrong;
  if problems is not null then
    raise sqlstate 'PT422' using message = 'Your profile and measurements do not say enough to compute targets.',
      detail = problems::text;
  end if;
end $$;

-- The foods that a plan is made of: what the person can be offered, without alcohol.
create function private.meal_candidates(owner uuid) returns setof public.foods
language sql stable set search_path = '' as $$
  select f.* from private.food_candidates(owner) as f where f.alcohol_g = 0
$$;

-- Raises when a food that is asked for cannot be used. `places`: a list of {"loc", "food_id"}.
create function private.require_candidates(owner uuid, places jsonb) returns void
language plpgsql stable set search_path = '' as $$
declare
  problems jsonb;
begin
  select jsonb_agg(jsonb_build_object('loc', p.value -> 'loc', 'type', 'unknown_food',
      'message', 'is not a food that can be planned for you')) into problems
    from jsonb_array_elements(places) as p
   where coalesce(p.value ->> 'food_id', '') not in (select f.id::text from private.meal_candidates(owner) as f);
  if problems is not null then
    raise sqlstate 'PT422' using message = 'Some foods cannot be used.', detail = problems::text;
  end if;
end $$;

-- POST /meal-plans/generate: the job, or the one that does just this already. `request` is JSON as text, read by the job.
create function public.generate_meal_plan(request text) returns jsonb
language plpgsql set search_path = '' as $$
declare
  -- First, so that a guest hears that they are one; when the rest will not do, it is taken back.
  job constant jsonb := public.enqueue_job('generate_meal_plan', jsonb_build_object('request', request),
    'generate_meal_plan ' || md5(request));
begin
  perform private.require_nutrition_data(auth.uid(), request::jsonb -> 'targets');
  perform private.require_candidates(auth.uid(), coalesce((
    select jsonb_agg(jsonb_build_object('loc', jsonb_build_array('include', i.n - 1), 'food_id', i.value))
      from jsonb_path_query(request::jsonb, 'lax $.include[*]') with ordinality as i (value, n)), '[]'));
  return job;
end $$;

-- POST /meal-plans/{id}/adapt: the same for a plan that is there; null when there is none.
create function public.adapt_meal_plan(meal_plan_id uuid, request text) returns jsonb
language plpgsql set search_path = '' as $$
declare
  -- Longer ones are not kept anyway.
  asked constant jsonb := left(request, 8192)::jsonb;
  content jsonb;
  job jsonb;
begin
  select p.content into content from public.meal_plans as p
   where p.id = adapt_meal_plan.meal_plan_id and p.user_id = (select auth.uid());
  if not found then
    return null;
  end if;
  job := public.enqueue_job('adapt_meal_plan',
    jsonb_build_object('meal_plan_id', adapt_meal_plan.meal_plan_id, 'request', request),
    format('adapt_meal_plan %s %s', adapt_meal_plan.meal_plan_id, md5(request)));
  if content is null then
    raise sqlstate 'PT409' using message = 'An empty meal plan cannot be adapted; add content first.';
  end if;
  if asked ->> 'kind' = 'swap_meal' and content #> array['days', asked ->> 'day', 'meals', asked ->> 'meal'] is null then
    raise sqlstate 'PT422' using message = 'There is no such meal.', detail = jsonb_build_array(jsonb_build_object(
      'loc', jsonb_build_array(case when content #> array['days', asked ->> 'day'] is null then 'day' else 'meal' end),
      'message', 'is not in the plan', 'type', 'value_error'))::text;
  elsif asked ->> 'kind' = 'rescale' then
    perform private.require_nutrition_data(auth.uid(), asked);
  elsif asked ->> 'kind' = 'use_up' then
    perform private.require_candidates(auth.uid(), coalesce((
      select jsonb_agg(jsonb_build_object('loc', jsonb_build_array('foods', f.n - 1, 'food_id'), 'food_id', f.value -> 'food_id'))
        from jsonb_path_query(asked, 'lax $.foods[*]') with ordinality as f (value, n)), '[]'));
  end if;
  return job;
end $$;

revoke execute on function public.nutrition_profile, public.generate_meal_plan, public.adapt_meal_plan from public, anon;
grant execute on function public.nutrition_profile, public.generate_meal_plan, public.adapt_meal_plan to authenticated;
grant execute on function private.nutrition_profile, private.meal_candidates to authenticated, service_role;
grant execute on function private.require_nutrition_data, private.require_candidates to authenticated;

-- For the worker --------------------------------------------------------------------------------------------------------

-- What is asked of a food to plan with it.
create function private.food_facts(food public.foods) returns jsonb
language sql immutable set search_path = '' as $$
  select jsonb_build_object('id', food.id, 'name', food.name, 'category', food.category, 'servings', food.servings,
    'energy_kcal', food.energy_kcal, 'protein_g', food.protein_g, 'carbohydrate_g', food.carbohydrate_g, 'fat_g', food.fat_g,
    'fibre_g', food.fibre_g, 'sugar_g', food.sugar_g, 'salt_g', food.salt_g)
$$;

-- The foods of a plan, and whether their owner may not, or will not, eat them any more.
create function private.planned_food_facts(content jsonb, owner uuid) returns jsonb
language sql stable set search_path = '' as $$
  select coalesce(jsonb_agg(private.food_facts(f) || jsonb_build_object('conflict',
      not private.food_is_allowed(f, u.diet, u.allergens) or private.food_is_disliked(f, u.dislikes))), '[]')
    from public.foods as f join public.users as u on u.id = owner
   where f.id in (select i.food_id from private.planned_foods(content) as i) and (f.user_id is null or f.user_id = owner)
$$;

-- Who a meal plan is for, the foods it may be of, the plan that is adapted with the foods it is of, and what this job has
-- made already, if a worker was here before.
create function public.meal_context(job_id uuid, attempt integer, meal_plan_id uuid default null) returns jsonb
language plpgsql set search_path = '' as $$
declare
  owner constant uuid := private.held_job(meal_context.job_id, attempt);
begin
  return jsonb_build_object(
    'profile', private.nutrition_profile(owner),
    'person', (select jsonb_build_object('diet', u.diet, 'allergens', u.allergens, 'dislikes', u.dislikes, 'goals', u.goals,
        'weekday', extract(isodow from now() at time zone u.timezone))
        from public.users as u where u.id = owner),
    'foods', coalesce((select jsonb_agg(private.food_facts(f) order by f.id) from private.meal_candidates(owner) as f), '[]'),
    'plan', (select jsonb_build_object('id', p.id, 'version', p.version, 'content', p.content,
        'energy_kcal', p.target_energy_kcal, 'protein_g', p.target_protein_g, 'carbohydrate_g', p.target_carbohydrate_g,
        'fat_g', p.target_fat_g,
        'foods', private.planned_food_facts(p.content, owner))
        from public.meal_plans as p where p.id = meal_context.meal_plan_id and p.user_id = owner),
    'made', (select jsonb_build_object('source', m.source, 'content', m.content,
        'foods', private.planned_food_facts(m.content, owner))
        from (select p.source, v.content from public.meal_plans as p
                join public.meal_plan_versions as v on v.meal_plan_id = p.id and v.version = 1
               where p.id = meal_context.job_id and p.user_id = owner
              union all
              select q.source, q.content from public.meal_plan_proposals as q
               where q.id = meal_context.job_id and q.user_id = owner) as m));
end $$;
revoke execute on function public.meal_context from public, anon, authenticated;
grant execute on function public.meal_context to service_role;
grant execute on function private.food_facts, private.planned_food_facts to service_role;
