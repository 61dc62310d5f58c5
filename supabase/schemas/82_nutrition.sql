-- Meal plans: the rules of their content, their foods, swapping one, and what generating and adapting a plan needs. No
-- meal plan has a food that the person's allergens or diet forbid.

-- The rules of meal plan content --------------------------------------------------------------------------------------

-- The fields of a meal plan's content: object, field, type, required, nullable, low, high, pattern. The pattern of
-- a name: a character that can be seen, as in private.is_nonblank.
create function private.meal_plan_fields() returns setof private.content_rule
language sql immutable rows 10 set search_path = '' as $$
  values
    ('content', 'days', 'array', true, false, 1::numeric, 14::numeric, null),
    ('day', 'name', 'string', true, false, 1, 80, private.visible_character()),
    ('day', 'weekday', 'integer', false, true, 1, 7, null),
    ('day', 'meals', 'array', true, false, 1, 8, null),
    ('meal', 'slot', 'string', true, false, 1, 20, '^(breakfast|lunch|dinner|snack)$'),
    ('meal', 'name', 'string', true, false, 1, 120, private.visible_character()),
    ('meal', 'notes', 'string', false, false, 0, 500, null),
    ('meal', 'items', 'array', true, false, 1, 20, null),
    ('item', 'food_id', 'string', true, false, 36, 36, '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'),
    ('item', 'grams', 'tenths', true, false, 1, 2000, null)
$$;

-- Every object of the content with its place, so that private.shape_problems checks all at once.
create function private.meal_plan_objects(content jsonb) returns setof private.content_object
language sql immutable rows 500 set search_path = '' as $$
  with days as (
    select jsonb_build_array('days', d.n - 1) as loc, d.value
      from jsonb_path_query(content, 'lax $.days[*]') with ordinality as d (value, n)),
  meals as (
    select days.loc || jsonb_build_array('meals', m.n - 1) as loc, m.value
      from days, jsonb_path_query(days.value, 'lax $.meals[*]') with ordinality as m (value, n))
  select 'content', '[]'::jsonb, content
  union all select 'day', loc, value from days
  union all select 'meal', loc, value from meals
  union all select 'item', m.loc || jsonb_build_array('items', i.n - 1), i.value
    from meals as m, jsonb_path_query(m.value, 'lax $.items[*]') with ordinality as i (value, n)
$$;

-- Each food of the content with its place.
create function private.planned_foods(content jsonb) returns table (loc jsonb, food_id uuid)
language sql immutable rows 200 set search_path = '' as $$
  select jsonb_build_array('days', d.n - 1, 'meals', m.n - 1, 'items', i.n - 1, 'food_id'), (i.value ->> 'food_id')::uuid
    from jsonb_array_elements(content -> 'days') with ordinality as d (value, n)
      cross join lateral jsonb_array_elements(d.value -> 'meals') with ordinality as m (value, n)
      cross join lateral jsonb_array_elements(m.value -> 'items') with ordinality as i (value, n)
$$;

-- Contents of the right shape that do not suit this person: unknown foods, and foods that they must not eat.
create function private.meal_plan_sense_problems(content jsonb, owner uuid, plan_id uuid)
returns table (loc jsonb, message text, type text)
language sql stable set search_path = '' as $$
  with planned as materialized (select * from private.planned_foods(content)),
  known as materialized (
    select f.id, f.hidden_at, private.food_conflict(f, u) as conflict
      from public.foods as f cross join private.person(owner) as u
     where f.id in (select planned.food_id from planned) and (f.user_id is null or f.user_id = owner))
  select p.loc, 'is not a food you can use', 'unknown_food'
    from planned as p left join known as k on k.id = p.food_id
   -- Each version is read once, and only when a food is hidden.
   where k.id is null or (k.hidden_at is not null and k.id not in (
     select e.food_id from public.plan_versions as v, private.planned_foods(v.content) as e
      where v.plan_id = meal_plan_sense_problems.plan_id))
  union all
  select p.loc, private.conflict_message(k.conflict),
         case when k.conflict -> 'allergens' <> '[]' then 'allergen' else 'diet' end
    from planned as p join known as k on k.id = p.food_id
   where k.conflict is not null
$$;

-- A food as meal plans need it: nutrients per 100 g, and servings.
create function private.food_facts(food public.foods) returns jsonb
language sql immutable set search_path = '' as $$
  select jsonb_build_object('id', food.id, 'name', food.name, 'category', food.category, 'servings', food.servings,
    'energy_kcal', food.energy_kcal, 'protein_g', food.protein_g, 'carbohydrate_g', food.carbohydrate_g, 'fat_g', food.fat_g,
    'fibre_g', food.fibre_g, 'sugar_g', food.sugar_g, 'salt_g', food.salt_g)
$$;

-- The foods of a meal plan: nutrients per 100 g, servings, and why one does not suit the person, or null. Empty for a
-- workout plan.
-- A computed column: `select=*,foods_used`. The argument has no name, so that nobody can call it with a made-up plan.
create function public.foods_used(public.plans) returns jsonb
language sql stable set search_path = '' as $$
  select coalesce(jsonb_agg(private.food_facts(f) || jsonb_build_object('conflict', private.food_conflict(f, u))
                            order by lower(f.name), f.id), '[]')
    from public.foods as f cross join private.person(($1).user_id) as u
   where f.id in (select p.food_id from private.planned_foods(($1).content) as p)
     and (f.user_id is null or f.user_id = ($1).user_id)
$$;
comment on function public.foods_used is
  'The foods of a meal plan: nutrients per 100 g, servings, and conflicts with diet and allergens.';

-- Swapping a food -----------------------------------------------------------------------------------------------------

-- Raises PT422 with one problem of this field.
create function private.refuse_swap(field text, message text, type text default 'value_error') returns void
language plpgsql set search_path = '' as $$
begin
  raise sqlstate 'PT422' using message = 'This cannot be swapped.',
    detail = jsonb_build_array(jsonb_build_object('loc', jsonb_build_array(field), 'message', message, 'type', type));
end $$;

-- POST /meal-plans/{id}/swap: replaces the food of an item by another, in grams that have the same energy: whole grams
-- from 20 g on, tenths below. Where the item had no energy (water), the grams stay. Day, meal and item count from 0, as
-- in the content. `unchanged_since`: the states of updated_at that the client knows, because the places that it names
-- may have changed since.
create function public.swap_meal_food(plan_id uuid, day integer, meal integer, item integer, food_id uuid,
  unchanged_since timestamptz[] default null) returns setof public.plans
language plpgsql set search_path = '' as $$
declare
  path constant text[] := array['days', day::text, 'meals', meal::text, 'items', item::text];
  plan public.plans;
  old_food public.foods;
  new_food public.foods;
  conflict jsonb;
  grams numeric;
begin
  perform private.assert_account(auth.uid());
  select * into plan from public.plans as p
   where p.id = swap_meal_food.plan_id and p.kind = 'meal' and p.user_id = (select auth.uid()) for no key update;
  if plan.id is null then
    return;
  elsif plan.updated_at <> all (unchanged_since) then
    raise sqlstate 'PT412' using message = 'It has changed.';
  elsif (day >= 0 and plan.content #> path[1:2] is not null) is not true then
    perform private.refuse_swap('day', 'is not in the plan');
  elsif (meal >= 0 and plan.content #> path[1:4] is not null) is not true then
    perform private.refuse_swap('meal', 'is not in the day');
  elsif (item >= 0 and plan.content #> path is not null) is not true then
    perform private.refuse_swap('item', 'is not in the meal');
  end if;
  select * into old_food from public.foods as f where f.id = (plan.content #> path ->> 'food_id')::uuid;
  select * into new_food from public.foods as f where f.id = swap_meal_food.food_id and f.hidden_at is null;
  select private.food_conflict(new_food, u) into conflict from private.person((select auth.uid())) as u;
  grams := (plan.content #> path ->> 'grams')::numeric;
  if old_food.energy_kcal > 0 and new_food.energy_kcal > 0 then
    grams := grams * old_food.energy_kcal / new_food.energy_kcal;
    grams := round(grams, case when grams < 20 then 1 else 0 end);
  end if;
  if new_food.id is null then
    perform private.refuse_swap('food_id', 'is not a food you can use', 'unknown_food');
  elsif conflict is not null then
    perform private.refuse_swap('food_id', private.conflict_message(conflict),
      case when conflict -> 'allergens' <> '[]' then 'allergen' else 'diet' end);
  elsif old_food.energy_kcal > 0 and new_food.energy_kcal = 0 then
    perform private.refuse_swap('food_id', 'has no energy that could replace what is there');
  elsif grams not between 1 and 2000 then
    perform private.refuse_swap('food_id', format('would take %s g, and an item has 1 to 2000 g', grams));
  end if;
  perform private.describe_change(null, format('Swapped %s for %s', old_food.name, new_food.name));
  return query update public.plans as p
      set content = jsonb_set(plan.content, path, jsonb_build_object('food_id', new_food.id, 'grams', trim_scale(grams)))
    where p.id = plan.id returning p.*;
  perform private.describe_change(null, null);
end $$;

-- Targets, generating and adapting ------------------------------------------------------------------------------------

-- Why no formula computes what this person needs: {"kind", "message"}, null when nothing speaks against it. The formulas
-- were made for other bodies than that of a pregnant woman, and numbers can feed an eating disorder.
create function private.careful_reason(owner uuid) returns jsonb
language sql stable set search_path = '' as $$
  select case f.field
    when 'pregnancy' then jsonb_build_object('kind', 'pregnancy', 'message', 'You told me that you are pregnant. What you '
      'and your child need now is for your midwife or doctor to say, not for a formula. If they have given you numbers, '
      'enter energy and protein yourself.')
    else jsonb_build_object('kind', 'eating_disorder', 'message', 'You told me about an eating disorder. I compute no '
      'targets then, because numbers from a formula can do harm. Please settle them with your doctor or dietitian; '
      'what they have given you, you can enter as energy and protein yourself.') end
    from private.facts_in_force(owner, '{pregnancy,conditions}') as f
   where (f.field = 'pregnancy' and f.op = 'set') or (f.field = 'conditions' and f.op = 'add' and f.key = 'eating_disorder')
   order by f.field desc limit 1
$$;

-- What targets are computed from; null where the person has not said or measured it. `careful`: why they are not.
create function private.nutrition_profile(owner uuid) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object('sex', u.sex, 'date_of_birth', u.date_of_birth,
    'age', extract(year from age((now() at time zone u.timezone)::date, u.date_of_birth))::integer,
    'activity_level', u.activity_level,
    'body_weight', (select m.value from public.measurements as m where m.user_id = u.id and m.kind = 'body_weight'
                     order by m.local_date desc limit 1),
    'height', (select m.value from public.measurements as m where m.user_id = u.id and m.kind = 'height'
                order by m.local_date desc limit 1),
    'careful', private.careful_reason(u.id))
    from public.users as u where u.id = owner
$$;

-- GET /nutrition/targets
create function public.nutrition_profile() returns jsonb
language sql stable set search_path = '' as $$
  select private.nutrition_profile((select auth.uid()))
$$;

-- Raises PT422 with the data that computing targets lacks, or why none are computed. Nothing is needed when energy and
-- protein are given, except under 18: their minimum depends on all of it.
create function private.require_nutrition_data(owner uuid, requested jsonb) returns void
language plpgsql stable set search_path = '' as $$
declare
  profile constant jsonb := private.nutrition_profile(owner);
  is_given constant boolean := requested ->> 'energy_kcal' is not null and requested ->> 'protein_g' is not null;
  problems jsonb;
begin
  if not is_given and profile -> 'careful' <> 'null' then
    raise sqlstate 'PT422' using message = profile #>> '{careful,message}', detail = jsonb_build_array(jsonb_build_object(
      'loc', jsonb_build_array('memories', profile #> '{careful,kind}'),
      'message', 'no targets are computed; enter energy and protein yourself', 'type', profile #> '{careful,kind}'))::text;
  elsif is_given and coalesce((profile ->> 'age')::integer >= 18, true) then
    return;
  end if;
  select jsonb_agg(jsonb_build_object('loc', f.loc, 'message', f.message, 'type', f.type)) into problems
    from (values
      ('["profile", "sex"]'::jsonb, 'is needed to compute targets', 'missing', profile ->> 'sex' is null),
      ('["profile", "date_of_birth"]', 'is needed to compute targets', 'missing', profile ->> 'age' is null),
      ('["profile", "date_of_birth"]', 'targets are computed from 10 years on', 'value_error',
        (profile ->> 'age')::integer < 10),
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

-- The foods of generated meal plans: what the person can be offered, without alcohol.
create function private.meal_candidates(owner uuid) returns setof public.foods
language sql stable set search_path = '' as $$
  select f.* from private.food_candidates(owner) as f where f.alcohol_g = 0
$$;

-- Raises PT422 when a requested food cannot be planned for the person. `places`: a list of {"loc", "food_id"}.
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

-- POST /meal-plans/generate: the new job, or an open one with the same request. `request` is JSON as text, which the
-- job reads.
create function public.generate_meal_plan(request text, idempotency_key text default null) returns jsonb
language plpgsql set search_path = '' as $$
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
end $$;

-- POST /meal-plans/{id}/adapt: the new job, or an open one with the same request; null when there is no such plan.
create function public.adapt_meal_plan(plan_id uuid, request text, idempotency_key text default null) returns jsonb
language plpgsql set search_path = '' as $$
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
end $$;

-- For the worker ------------------------------------------------------------------------------------------------------

-- The foods of a content, each with `conflict`: whether the owner must not eat or dislikes it.
create function private.planned_food_facts(content jsonb, owner uuid) returns jsonb
language sql stable set search_path = '' as $$
  select coalesce(jsonb_agg(private.food_facts(f) || jsonb_build_object('conflict',
      not private.food_is_allowed(f, u.diet, u.allergens) or private.food_is_disliked(f, u.dislikes))), '[]')
    from public.foods as f cross join private.person(owner) as u
   where f.id in (select i.food_id from private.planned_foods(content) as i) and (f.user_id is null or f.user_id = owner)
$$;

-- What generating or adapting a meal plan needs: the person, the foods that can be planned, the plan to adapt with its
-- foods, and as `made` what an earlier attempt of the job has stored.
create function public.meal_context(job_id uuid, attempt integer, plan_id uuid default null) returns jsonb
language plpgsql set search_path = '' as $$
declare
  owner constant uuid := private.assert_lease(meal_context.job_id, attempt);
begin
  return jsonb_build_object(
    'profile', private.nutrition_profile(owner),
    'person', (select jsonb_build_object('diet', u.diet, 'allergens', u.allergens, 'dislikes', u.dislikes, 'goals', u.goals,
        'weekday', extract(isodow from now() at time zone u.timezone))
        from private.person(owner) as u),
    'told', private.told(owner),
    'foods', coalesce((select jsonb_agg(private.food_facts(f) order by f.id) from private.meal_candidates(owner) as f), '[]'),
    'plan', (select jsonb_build_object('id', p.id, 'version', p.version, 'content', p.content,
        'energy_kcal', p.target_energy_kcal, 'protein_g', p.target_protein_g, 'carbohydrate_g', p.target_carbohydrate_g,
        'fat_g', p.target_fat_g,
        'foods', private.planned_food_facts(p.content, owner))
        from public.plans as p where p.id = meal_context.plan_id and p.kind = 'meal' and p.user_id = owner),
    'made', (select jsonb_build_object('source', m.source, 'model', m.model, 'content', m.content,
        'foods', private.planned_food_facts(m.content, owner))
        from (select p.source, p.model, v.content from public.plans as p
                join public.plan_versions as v on v.plan_id = p.id and v.version = 1
               where p.id = meal_context.job_id and p.user_id = owner
              union all
              select r.source, r.model, r.content from public.plan_proposals as r
               where r.id = meal_context.job_id and r.user_id = owner) as m));
end $$;

grant execute on function private.careful_reason to authenticated, service_role;
grant execute on function private.meal_plan_fields, private.meal_plan_objects, private.planned_foods,
  private.meal_plan_sense_problems, private.food_facts, private.refuse_swap, private.nutrition_profile,
  private.meal_candidates to authenticated, service_role;
grant execute on function private.require_nutrition_data, private.require_candidates to authenticated;
grant execute on function private.planned_food_facts to service_role;
grant execute on function public.foods_used, public.swap_meal_food, public.nutrition_profile, public.generate_meal_plan,
  public.adapt_meal_plan to authenticated;
grant execute on function public.meal_context to service_role;
