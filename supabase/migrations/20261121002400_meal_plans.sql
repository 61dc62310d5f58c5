-- Meal plans, as workout plans are (20261121000600, 20261121000700): a content in versions, one plan active, changes
-- proposed and decided on. What is more: nobody is ever planned a food that their allergens or their diet forbid.
create table public.meal_plans (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null default auth.uid() references auth.users on delete cascade,
  name text not null,
  description text,
  goal text,
  duration_weeks smallint,
  target_energy_kcal integer,
  target_protein_g integer,
  target_carbohydrate_g integer,
  target_fat_g integer,
  status public.plan_status not null default 'draft',
  source public.plan_source not null default 'manual',
  content jsonb,
  version integer not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint meal_plans_name_length check (private.says(name, 120)),
  constraint meal_plans_description_length check (private.says(description, 2000)),
  constraint meal_plans_goal_length check (private.says(goal, 200)),
  constraint meal_plans_duration_weeks_range check (duration_weeks between 1 and 52),
  constraint meal_plans_target_energy_kcal_range check (target_energy_kcal between 1200 and 10000),
  constraint meal_plans_target_protein_g_range check (target_protein_g between 1 and 1000),
  constraint meal_plans_target_carbohydrate_g_range check (target_carbohydrate_g between 0 and 2000),
  constraint meal_plans_target_fat_g_range check (target_fat_g between 0 and 1000),
  constraint meal_plans_active_has_content check (status <> 'active' or content is not null),
  constraint meal_plans_of_owner unique (id, user_id)
);
comment on table public.meal_plans is 'Meal plans; content is what validate_meal_plan_content accepts, or null in an empty draft.';
comment on column public.meal_plans.version is 'Number of the newest row in meal_plan_versions; 0 before the first content.';
comment on column public.meal_plans.target_energy_kcal is 'A day''s, like the other targets; never below 1200 kcal.';
create unique index meal_plans_one_active on public.meal_plans (user_id) where status = 'active';
create index meal_plans_owner on public.meal_plans (user_id, created_at desc, id desc);

revoke all on public.meal_plans from anon, authenticated;
grant select, delete on public.meal_plans to authenticated;
grant insert (name, description, goal, duration_weeks, target_energy_kcal, target_protein_g, target_carbohydrate_g,
  target_fat_g, status, content) on public.meal_plans to authenticated;
grant update (name, description, goal, duration_weeks, target_energy_kcal, target_protein_g, target_carbohydrate_g,
  target_fat_g, status, content) on public.meal_plans to authenticated;

alter table public.meal_plans enable row level security;
create policy "People read their own meal plans" on public.meal_plans
  for select to authenticated using ((select auth.uid()) = user_id);
create policy "People add their own meal plans" on public.meal_plans
  for insert to authenticated with check ((select auth.uid()) = user_id);
create policy "People change their own meal plans" on public.meal_plans
  for update to authenticated using ((select auth.uid()) = user_id) with check ((select auth.uid()) = user_id);
create policy "People delete their own meal plans" on public.meal_plans
  for delete to authenticated using ((select auth.uid()) = user_id);

-- The history of a meal plan's content: immutable, written by trigger, gone with the plan.
create table public.meal_plan_versions (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references auth.users on delete cascade,
  meal_plan_id uuid not null references public.meal_plans on delete cascade,
  version integer not null,
  content jsonb not null,
  changed_by public.plan_author not null,
  reason text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint meal_plan_versions_number unique (meal_plan_id, version),
  constraint meal_plan_versions_reason_length check (private.says(reason, 500))
);
comment on table public.meal_plan_versions is 'Every content a meal plan has had, who changed it and why. Append-only.';
create index meal_plan_versions_owner on public.meal_plan_versions (user_id, created_at desc, id desc);

revoke all on public.meal_plan_versions from anon, authenticated;
grant select on public.meal_plan_versions to authenticated;
alter table public.meal_plan_versions enable row level security;
create policy "People read the history of their own meal plans" on public.meal_plan_versions
  for select to authenticated using ((select auth.uid()) = user_id);

-- A list of changes as the rules make them: {rule, path, from, to, evidence: [text, …], explanation}. The size comes first:
-- nothing long is looked at.
create function private.are_meal_changes(changes jsonb) returns boolean
language sql immutable set search_path = '' as $$
  select case
    when pg_column_size(changes) > 262144 or jsonb_typeof(changes) <> 'array' then false
    when jsonb_array_length(changes) not between 1 and 500 then false
    when exists (select from jsonb_array_elements(changes) as c where jsonb_typeof(c.value) <> 'object') then false
    else (
      select bool_and((
        (select array_agg(k order by k) from jsonb_object_keys(c.value) as k) = '{evidence,explanation,from,path,rule,to}'
        and jsonb_typeof(c.value -> 'rule') = 'string' and c.value ->> 'rule' ~ '^[a-z0-9_.]{1,60}$'
        and jsonb_typeof(c.value -> 'path') = 'string' and c.value ->> 'path' ~ '^(/[a-z0-9_*]+){1,8}$'
        and jsonb_typeof(c.value -> 'explanation') = 'string' and private.says(c.value ->> 'explanation', 500)
        and jsonb_typeof(c.value -> 'evidence') = 'array' and jsonb_array_length(c.value -> 'evidence') <= 100
        and not exists (select from jsonb_array_elements(c.value -> 'evidence') as e
                         where jsonb_typeof(e.value) <> 'string' or not private.says(e.value #>> '{}', 200))
      ) is true) from jsonb_array_elements(changes) as c) end
$$;

-- Changes of a meal plan that wait for its owner's decision.
-- Targets that come with a proposal: all four, as the columns of a meal plan are named.
create function private.are_meal_targets(targets jsonb) returns boolean
language sql immutable set search_path = '' as $$
  select case when jsonb_typeof(targets) <> 'object' or pg_column_size(targets) > 1024 then false else (
    select count(*) = 4 and bool_and(t.key in ('energy_kcal', 'protein_g', 'carbohydrate_g', 'fat_g')
      and jsonb_typeof(t.value) in ('number', 'null') and t.value::text ~ '^(null|[0-9]{1,5})$')
      from jsonb_each(targets) as t) end
$$;

create table public.meal_plan_proposals (
  id uuid primary key,
  user_id uuid not null references auth.users on delete cascade,
  meal_plan_id uuid not null,
  base_version integer not null,
  content jsonb not null,
  changes jsonb not null,
  targets jsonb,
  applied_targets jsonb,
  source public.plan_source not null,
  status public.proposal_status not null default 'open',
  reason text,
  decided_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint meal_plan_proposals_targets_shape check (targets is null or private.are_meal_targets(targets) is true),
  constraint meal_plan_proposals_plan_of_owner foreign key (meal_plan_id, user_id) references public.meal_plans (id, user_id)
    on delete cascade,
  constraint meal_plan_proposals_base_version_range check (base_version >= 1),
  constraint meal_plan_proposals_source_made check (source in ('ai', 'rules')),
  constraint meal_plan_proposals_changes_shape check (private.are_meal_changes(changes)),
  constraint meal_plan_proposals_reason_length check (private.says(reason, 500)),
  constraint meal_plan_proposals_reason_when_rejected check (reason is null or status = 'rejected'),
  constraint meal_plan_proposals_decided_at_unless_open check ((status = 'open') = (decided_at is null))
);
comment on table public.meal_plan_proposals is 'Proposed contents of meal plans: each change with its rule and why.';
comment on column public.meal_plan_proposals.id is 'The job that made it: done again, it makes nothing new.';
comment on column public.meal_plan_proposals.changes is 'List of {rule, path, from, to, evidence, explanation}.';
comment on column public.meal_plan_proposals.targets is
  'What the targets of the plan become with it; once accepted, what they become when it is taken back. Null: they stay.';
comment on column public.meal_plan_proposals.applied_targets is
  'The targets that it gave the plan, while it is accepted: with others than these it is not taken back.';
comment on column public.meal_plan_proposals.reason is 'Why it was rejected, in the person''s words.';
create unique index meal_plan_proposals_one_open on public.meal_plan_proposals (meal_plan_id) where status = 'open';
create index meal_plan_proposals_owner on public.meal_plan_proposals (user_id, created_at desc, id desc);
create index meal_plan_proposals_plan on public.meal_plan_proposals (meal_plan_id, created_at desc, id desc);

revoke all on public.meal_plan_proposals from anon, authenticated;
grant select on public.meal_plan_proposals to authenticated;
alter table public.meal_plan_proposals enable row level security;
create policy "People read proposals for their own meal plans" on public.meal_plan_proposals
  for select to authenticated using ((select auth.uid()) = user_id);

-- The rules of content, as a table of rules (see private.plan_fields). "tenths" is a number with at most one decimal. ------
create type private.content_rule as (
  thing text, field text, type text, required boolean, nullable boolean, low numeric, high numeric, pattern text);
create type private.content_object as (thing text, loc jsonb, value jsonb);

create function private.meal_plan_fields() returns setof private.content_rule
language sql immutable rows 10 set search_path = '' as $$
  values
    ('content', 'days', 'array', true, false, 1::numeric, 14::numeric, null),
    ('day', 'name', 'string', true, false, 1, 80,
      '[^\u0009-\u000d\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]'),
    ('day', 'weekday', 'whole', false, true, 1, 7, null),
    ('day', 'meals', 'array', true, false, 1, 8, null),
    ('meal', 'slot', 'string', true, false, 1, 20, '^(breakfast|lunch|dinner|snack)$'),
    ('meal', 'name', 'string', true, false, 1, 120,
      '[^\u0009-\u000d\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]'),
    ('meal', 'notes', 'string', false, false, 0, 500, null),
    ('meal', 'items', 'array', true, false, 1, 20, null),
    ('item', 'food_id', 'string', true, false, 36, 36, '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'),
    ('item', 'grams', 'tenths', true, false, 1, 2000, null)
$$;

-- Every object of the content with its place, so that the rules can be asked of all at once.
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

-- Wrong shapes: not an object, a member missing, unknown, or out of its range. The questions about a value are asked
-- here and not in a function of their own: there are thousands, and calling costs more than asking.
create function private.shape_problems(objects private.content_object[], rules private.content_rule[])
returns table (loc jsonb, message text, type text)
language sql immutable set search_path = '' as $$
  with sound as (select * from unnest(objects) as o where jsonb_typeof(o.value) = 'object')
  select o.loc, 'must be an object', 'object_type' from unnest(objects) as o where jsonb_typeof(o.value) <> 'object'
  union all
  select o.loc || to_jsonb(r.field), 'is required', 'missing'
    from sound as o join unnest(rules) as r using (thing)
   where r.required and not o.value ? r.field
  union all
  select o.loc || to_jsonb(m.key), p.problem, case when r.thing is null then 'extra_forbidden' else 'value_error' end
    from sound as o
      cross join lateral jsonb_each(o.value) as m
      left join unnest(rules) as r on r.thing = o.thing and r.field = m.key
      cross join lateral (select case
        when r.thing is null then 'is not a known field'
        when m.value = 'null' and r.nullable then null
        when r.type = 'object' then case
          when jsonb_typeof(m.value) <> 'object' then 'must be an object' end
        when r.type = 'array' then case
          when jsonb_typeof(m.value) <> 'array' then 'must be a list'
          when jsonb_array_length(m.value) not between r.low and r.high
            then format('must have %s to %s items', r.low, r.high) end
        when r.type = 'string' then case
          when jsonb_typeof(m.value) <> 'string' then 'must be a text'
          when char_length(m.value #>> '{}') not between r.low and r.high
            then format('must have %s to %s characters', r.low, r.high)
          when (m.value #>> '{}') !~ r.pattern then 'is not an accepted value' end
        else case
          when jsonb_typeof(m.value) <> 'number' then 'must be a number'
          when m.value::numeric not between r.low and r.high then format('must be from %s to %s', r.low, r.high)
          -- 10.000… is 10, but thousands of zeros are stored as one number and read as thousands of digits.
          when scale(m.value::numeric) > 20 then 'must have at most 20 decimals'
          when r.type = 'whole' and m.value::numeric % 1 <> 0 then 'must be a whole number'
          when r.type = 'tenths' and m.value::numeric % 0.1 <> 0 then 'must have at most one decimal' end
        end as problem) as p
   where p.problem is not null
$$;

-- The shapes of workout plans are asked about in the same place now.
create or replace function private.plan_shape_problems(content jsonb) returns table (loc jsonb, message text, type text)
language sql immutable set search_path = '' as $$
  select * from private.shape_problems(
    array(select row(o.thing, o.loc, o.value)::private.content_object from private.plan_objects(content) as o),
    array(select row(r.thing, r.field, r.type, r.required, r.nullable, r.low, r.high, r.pattern)::private.content_rule
            from private.plan_fields() as r))
$$;

-- Foods that a person may not be planned -------------------------------------------------------------------------------

-- Why a food is not for this person: {"allergens": [those they avoid], "diet": theirs, if it does not fit}; null when it is.
create function private.food_conflict(food public.foods, person public.users) returns jsonb
language sql stable set search_path = '' as $$
  select case when not private.food_is_allowed(food, person.diet, person.allergens) then jsonb_build_object(
    'allergens', array(select a from unnest(food.allergens) as a where a = any (person.allergens) order by a),
    'diet', case when not person.diet = any (food.diets) then person.diet end) end
$$;

-- The same in words.
create function private.conflict_words(conflict jsonb) returns text
language sql immutable set search_path = '' as $$
  select concat_ws(', and ',
    'contains ' || (select string_agg(a, ', ') from jsonb_array_elements_text(conflict -> 'allergens') as a) || ', which you avoid',
    'does not fit a ' || (conflict ->> 'diet') || ' diet')
$$;

-- Each food of the content with its place.
create function private.planned_foods(content jsonb) returns table (loc jsonb, food_id uuid)
language sql immutable rows 200 set search_path = '' as $$
  select jsonb_build_array('days', d.n - 1, 'meals', m.n - 1, 'items', i.n - 1, 'food_id'), (i.value ->> 'food_id')::uuid
    from jsonb_array_elements(content -> 'days') with ordinality as d (value, n)
      cross join lateral jsonb_array_elements(d.value -> 'meals') with ordinality as m (value, n)
      cross join lateral jsonb_array_elements(m.value -> 'items') with ordinality as i (value, n)
$$;

-- Sound shapes that are not for this person. Only asked when the shape is right. Whose person it is, is said and not
-- asked of auth.uid(): the worker writes for many.
create function private.meal_plan_sense_problems(content jsonb, owner uuid, meal_plan_id uuid)
returns table (loc jsonb, message text, type text)
language sql stable set search_path = '' as $$
  with planned as materialized (select * from private.planned_foods(content)),
  known as materialized (
    select f.id, f.hidden_at, private.food_conflict(f, u) as conflict
      from public.foods as f left join public.users as u on u.id = owner
     where f.id in (select planned.food_id from planned) and (f.user_id is null or f.user_id = owner))
  select p.loc, 'is not a food you can use', 'unknown_food'
    from planned as p left join known as k on k.id = p.food_id
   -- Each version is read once, and only when there is something hidden.
   where k.id is null or (k.hidden_at is not null and k.id not in (
     select e.food_id from public.meal_plan_versions as v, private.planned_foods(v.content) as e
      where v.meal_plan_id = meal_plan_sense_problems.meal_plan_id))
  union all
  select p.loc, private.conflict_words(k.conflict), case when k.conflict -> 'allergens' <> '[]' then 'allergen' else 'diet' end
    from planned as p join known as k on k.id = p.food_id
   where k.conflict is not null
$$;

create function private.meal_plan_problems(content jsonb, owner uuid, meal_plan_id uuid) returns jsonb
language plpgsql stable set search_path = '' set jit = off as $$
declare
  too_long constant jsonb := '[{"loc": [], "message": "must be at most 256 KiB", "type": "too_long"}]';
  problems jsonb;
begin
  -- As it is stored first: see validate_plan_content.
  if pg_column_size(content) > 524288 then
    return too_long;
  end if;
  select jsonb_agg(to_jsonb(p)) into problems
    from (select * from private.shape_problems(array(select o from private.meal_plan_objects(content) as o),
                                               array(select r from private.meal_plan_fields() as r)) limit 20) as p;
  if problems is null and octet_length(content::text) > 262144 then
    return too_long;
  end if;
  if problems is null then
    select jsonb_agg(to_jsonb(p)) into problems
      from (select * from private.meal_plan_sense_problems(content, owner, meal_plan_problems.meal_plan_id) limit 20) as p;
  end if;
  return coalesce(problems, '[]');
end $$;

-- Problems of meal plan content for whoever asks, [] when there are none, 20 at most. `meal_plan_id`: the plan it is for,
-- whose history may go on using a food that the person has deleted since.
create function public.validate_meal_plan_content(content jsonb, meal_plan_id uuid default null) returns jsonb
language sql stable set search_path = '' as $$
  select private.meal_plan_problems(content, (select auth.uid()), meal_plan_id)
$$;
comment on function public.validate_meal_plan_content is 'List of {loc, message, type}; empty when the content is sound.';

-- Raises when the content is not sound for this person, and until the transaction ends keeps it from becoming so: whoever
-- changes the profile or a food of theirs, or deletes one, waits, and whoever waits for them here then sees the change.
create function private.check_meal_content(owner uuid, content jsonb, meal_plan_id uuid) returns void
language plpgsql set search_path = '' as $$
declare
  problems jsonb;
begin
  perform from public.users as u where u.id = owner for share;
  perform from public.foods as f
    where f.user_id = owner and to_jsonb(f.id) in (select jsonb_path_query(content, '$.days[*].meals[*].items[*].food_id'))
      for share;
  problems := private.meal_plan_problems(content, owner, check_meal_content.meal_plan_id);
  if problems <> '[]' then
    raise sqlstate 'PT422' using
      message = case when problems @? '$[*] ? (@.type == "allergen" || @.type == "diet")'
        then 'The meal plan has foods that your allergens or your diet forbid.' else 'The meal plan is not sound.' end,
      detail = (select jsonb_agg(jsonb_set(p, '{loc}', '["content"]' || (p -> 'loc'))) from jsonb_array_elements(problems) as p);
  end if;
end $$;

-- Content is checked whenever it changes, whoever writes it, and once more when a plan becomes the one that is eaten by:
-- the person may have said since what they must not eat.
create function private.check_meal_plan() returns trigger
language plpgsql set search_path = '' as $$
begin
  if tg_op = 'UPDATE' and new.content is null and old.content is not null then
    raise sqlstate 'PT422' using message = 'The meal plan is not sound.',
      detail = '[{"loc": ["content"], "message": "cannot be emptied", "type": "value_error"}]';
  end if;
  if tg_op = 'INSERT' or new.content is distinct from old.content then
    if new.content is not null then
      perform private.check_meal_content(new.user_id, new.content, new.id);
    end if;
    new.version := case when tg_op = 'UPDATE' then old.version else 0 end + (new.content is not null)::integer;
  else
    -- Equal is not alike: 10 may come as 10.000…, in any length, and it has not been checked.
    new.content := old.content;
    if new.status = 'active' and old.status <> 'active' and new.content is not null then
      perform private.check_meal_content(new.user_id, new.content, new.id);
    end if;
  end if;
  return new;
end $$;
create trigger meal_plans_check before insert or update on public.meal_plans
  for each row execute function private.check_meal_plan();
create trigger meal_plans_touch before update on public.meal_plans
  for each row when (old.* is distinct from new.*) execute function private.touch();
-- Everyone locks in one order: the person, then the plan, then its proposals. Here the person comes first also where
-- check_meal_content would ask for them only when the plan is locked already.
create trigger meal_plans_queue_change before update of status, content on public.meal_plans
  for each statement execute function private.queue_status_change();

-- Definer: nobody may write history by hand, nor decide on proposals past the functions below. See keep_plan_version.
create function private.keep_meal_plan_version() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into public.meal_plan_versions (user_id, meal_plan_id, version, content, changed_by, reason)
  values (new.user_id, new.id, new.version, new.content,
    coalesce(nullif(current_setting('slow_burn.changed_by', true), ''), 'person')::public.plan_author,
    nullif(current_setting('slow_burn.reason', true), ''));
  -- What was proposed for another content than this.
  update public.meal_plan_proposals as p set status = 'expired', decided_at = clock_timestamp()
   where p.meal_plan_id = new.id and p.status = 'open';
  return null;
end $$;
create trigger meal_plans_keep_first_version after insert on public.meal_plans
  for each row when (new.content is not null) execute function private.keep_meal_plan_version();
create trigger meal_plans_keep_version after update on public.meal_plans
  for each row when (new.version <> old.version and new.content is not null) execute function private.keep_meal_plan_version();

create function private.check_meal_plan_proposal() returns trigger
language plpgsql set search_path = '' as $$
begin
  perform private.check_meal_content(new.user_id, new.content, new.meal_plan_id);
  return new;
end $$;
create trigger meal_plan_proposals_check before insert or update of content on public.meal_plan_proposals
  for each row execute function private.check_meal_plan_proposal();
create trigger meal_plan_proposals_touch before update on public.meal_plan_proposals
  for each row when (old.* is distinct from new.*) execute function private.touch();

-- What goes with a meal plan when it is read: every food of it, what is in 100 g, and why it does not suit, if it does not.
-- A computed column: `select=*,foods_used`. Unnamed, so that it cannot be called with a plan that is made up.
create function public.foods_used(public.meal_plans) returns jsonb
language sql stable set search_path = '' as $$
  select coalesce(jsonb_agg(jsonb_build_object('id', f.id, 'name', f.name, 'category', f.category, 'servings', f.servings,
      'energy_kcal', f.energy_kcal, 'protein_g', f.protein_g, 'carbohydrate_g', f.carbohydrate_g, 'fat_g', f.fat_g,
      'fibre_g', f.fibre_g, 'sugar_g', f.sugar_g, 'salt_g', f.salt_g, 'conflict', private.food_conflict(f, u))
      order by lower(f.name), f.id), '[]')
    from public.foods as f join public.users as u on u.id = ($1).user_id
   where f.id in (select p.food_id from private.planned_foods(($1).content) as p)
     and (f.user_id is null or f.user_id = ($1).user_id)
$$;
comment on function public.foods_used is 'The foods of a meal plan: nutrients per 100 g, servings, and what speaks against each.';

-- POST /meal-plans: {"answer": row and foods_used, "replayed": whether the key had been used for the same request before}.
create function public.create_meal_plan(payload json, idempotency_key text default null) returns jsonb
language plpgsql set search_path = '' as $$
declare
  answer jsonb := private.earlier_answer(idempotency_key, 'create_meal_plan', payload);
  made public.meal_plans;
begin
  if answer is not null then
    return jsonb_build_object('replayed', true, 'answer', answer);
  end if;
  insert into public.meal_plans (name, description, goal, duration_weeks, target_energy_kcal, target_protein_g,
    target_carbohydrate_g, target_fat_g, content)
  select r.name, r.description, r.goal, r.duration_weeks, r.target_energy_kcal, r.target_protein_g,
    r.target_carbohydrate_g, r.target_fat_g, nullif(r.content, 'null')
    from json_populate_record(null::public.meal_plans, payload) as r
  returning * into made;
  answer := to_jsonb(made) || jsonb_build_object('foods_used', public.foods_used(made));
  perform private.keep_answer(idempotency_key, answer);
  return jsonb_build_object('replayed', false, 'answer', answer);
end $$;

-- POST /meal-plans/{id}/activate: this plan becomes the active one, the one that was is archived.
create function public.activate_meal_plan(meal_plan_id uuid) returns setof public.meal_plans
language plpgsql set search_path = '' as $$
begin
  -- The statement must see what was done while it waited.
  perform from public.users as u where u.id = (select auth.uid()) for no key update;
  if exists (select from public.meal_plans as p where p.id = activate_meal_plan.meal_plan_id and p.content is null) then
    raise sqlstate 'PT409' using message = 'An empty meal plan cannot be activated; add content first.';
  end if;
  update public.meal_plans as p set status = 'archived'
   where p.user_id = (select auth.uid()) and p.status = 'active' and p.id <> activate_meal_plan.meal_plan_id
     and exists (select from public.meal_plans as mine where mine.id = activate_meal_plan.meal_plan_id);
  return query update public.meal_plans as p set status = 'active'
   where p.user_id = (select auth.uid()) and p.id = activate_meal_plan.meal_plan_id returning p.*;
end $$;

-- POST /meal-plans/{id}/versions/{n}/restore: an older content becomes the newest version; restoring what is current
-- changes nothing.
create function public.restore_meal_plan_version(meal_plan_id uuid, version integer) returns setof public.meal_plans
language plpgsql set search_path = '' as $$
begin
  perform set_config('slow_burn.reason', format('Restored version %s', restore_meal_plan_version.version), true);
  return query update public.meal_plans as p set content = v.content
    from public.meal_plan_versions as v
   where p.user_id = (select auth.uid()) and p.id = restore_meal_plan_version.meal_plan_id
     and v.meal_plan_id = p.id and v.version = restore_meal_plan_version.version
  returning p.*;
  perform set_config('slow_burn.reason', '', true);
end $$;

create function private.refuse_swap(field text, message text, type text default 'value_error') returns void
language plpgsql set search_path = '' as $$
begin
  raise sqlstate 'PT422' using message = 'This cannot be swapped.',
    detail = jsonb_build_array(jsonb_build_object('loc', jsonb_build_array(field), 'message', message, 'type', type));
end $$;

-- POST /meal-plans/{id}/swap: another food instead of this item, in grams that have the same energy: whole ones from 20 on,
-- tenths below. Where the item had no energy (water), the grams stay. Counted from 0, as in the content. `unchanged_since`:
-- updated_at as the client knows it, for the places that it names may have become others.
create function public.swap_meal_food(meal_plan_id uuid, day integer, meal integer, item integer, food_id uuid,
  unchanged_since timestamptz[] default null) returns setof public.meal_plans
language plpgsql set search_path = '' as $$
declare
  place constant text[] := array['days', day::text, 'meals', meal::text, 'items', item::text];
  plan public.meal_plans;
  former public.foods;
  other public.foods;
  conflict jsonb;
  grams numeric;
begin
  perform from public.users as u where u.id = (select auth.uid()) for no key update;
  select * into plan from public.meal_plans as p
   where p.id = swap_meal_food.meal_plan_id and p.user_id = (select auth.uid()) for no key update;
  if plan.id is null then
    return;
  elsif plan.updated_at <> all (unchanged_since) then
    raise sqlstate 'PT412' using message = 'It has changed.';
  elsif (day >= 0 and plan.content #> place[1:2] is not null) is not true then
    perform private.refuse_swap('day', 'is not in the plan');
  elsif (meal >= 0 and plan.content #> place[1:4] is not null) is not true then
    perform private.refuse_swap('meal', 'is not in the day');
  elsif (item >= 0 and plan.content #> place is not null) is not true then
    perform private.refuse_swap('item', 'is not in the meal');
  end if;
  select * into former from public.foods as f where f.id = (plan.content #> place ->> 'food_id')::uuid;
  select * into other from public.foods as f where f.id = swap_meal_food.food_id and f.hidden_at is null;
  select private.food_conflict(other, u) into conflict from public.users as u where u.id = (select auth.uid());
  grams := (plan.content #> place ->> 'grams')::numeric;
  if former.energy_kcal > 0 and other.energy_kcal > 0 then
    grams := grams * former.energy_kcal / other.energy_kcal;
    grams := round(grams, case when grams < 20 then 1 else 0 end);
  end if;
  if other.id is null then
    perform private.refuse_swap('food_id', 'is not a food you can use', 'unknown_food');
  elsif conflict is not null then
    perform private.refuse_swap('food_id', private.conflict_words(conflict),
      case when conflict -> 'allergens' <> '[]' then 'allergen' else 'diet' end);
  elsif former.energy_kcal > 0 and other.energy_kcal = 0 then
    perform private.refuse_swap('food_id', 'has no energy that could replace what is there');
  elsif grams not between 1 and 2000 then
    perform private.refuse_swap('food_id', format('would take %s g, and an item has 1 to 2000 g', grams));
  end if;
  perform set_config('slow_burn.reason', left(format('Swapped %s for %s', former.name, other.name), 500), true);
  return query update public.meal_plans as p
      set content = jsonb_set(plan.content, place, jsonb_build_object('food_id', other.id, 'grams', trim_scale(grams)))
    where p.id = plan.id returning p.*;
  perform set_config('slow_burn.reason', '', true);
end $$;

-- Deciding on proposals ------------------------------------------------------------------------------------------------

-- The proposal, once nobody else can change it, its plan, or the person; null when there is none.
create function private.locked_meal_plan_proposal(owner uuid, meal_plan_id uuid, proposal_id uuid)
returns public.meal_plan_proposals
language plpgsql set search_path = '' as $$
declare
  proposal public.meal_plan_proposals;
begin
  perform from public.users as u where u.id = owner for no key update;
  perform from public.meal_plans as p where p.id = locked_meal_plan_proposal.meal_plan_id and p.user_id = owner
    for no key update;
  select * into proposal from public.meal_plan_proposals as q
   where q.id = proposal_id and q.meal_plan_id = locked_meal_plan_proposal.meal_plan_id and q.user_id = owner
     for no key update;
  return proposal;
end $$;

-- The targets of a plan as a proposal has them.
create function private.targets_of(plan public.meal_plans) returns jsonb
language sql immutable set search_path = '' as $$
  select jsonb_build_object('energy_kcal', plan.target_energy_kcal, 'protein_g', plan.target_protein_g,
    'carbohydrate_g', plan.target_carbohydrate_g, 'fat_g', plan.target_fat_g)
$$;

-- The plan gets the targets of the proposal, and the proposal those of the plan: doing it again takes it back.
create function private.exchange_meal_targets(proposal public.meal_plan_proposals) returns void
language plpgsql set search_path = '' as $$
declare
  plan public.meal_plans;
begin
  if proposal.targets is null then
    return;
  end if;
  select * into plan from public.meal_plans as p where p.id = proposal.meal_plan_id;
  update public.meal_plans as p
     set target_energy_kcal = (proposal.targets ->> 'energy_kcal')::integer,
         target_protein_g = (proposal.targets ->> 'protein_g')::integer,
         target_carbohydrate_g = (proposal.targets ->> 'carbohydrate_g')::integer,
         target_fat_g = (proposal.targets ->> 'fat_g')::integer
   where p.id = plan.id;
  update public.meal_plan_proposals as q set targets = private.targets_of(plan) where q.id = proposal.id;
end $$;

-- POST …/accept: what was proposed becomes the plan's newest version. An open proposal is one for the plan's current content:
-- any change of that expires it. Accepting what was accepted changes nothing more.
-- Definer, like the next two: proposals are not the person's to write.
create function public.accept_meal_plan_proposal(meal_plan_id uuid, proposal_id uuid) returns setof public.meal_plans
language plpgsql security definer set search_path = '' as $$
declare
  proposal constant public.meal_plan_proposals :=
    private.locked_meal_plan_proposal(auth.uid(), meal_plan_id, proposal_id);
begin
  if proposal.status = 'open' then
    -- Decided first, so that the trigger on meal plans finds nothing to expire.
    update public.meal_plan_proposals as q
       set status = 'accepted', decided_at = clock_timestamp(), applied_targets = q.targets where q.id = proposal.id;
    perform set_config('slow_burn.changed_by', 'companion', true),
            set_config('slow_burn.reason', format('Accepted proposal %s', proposal.id), true);
    update public.meal_plans as p set content = proposal.content where p.id = proposal.meal_plan_id;
    perform private.exchange_meal_targets(proposal);
    perform set_config('slow_burn.changed_by', '', true), set_config('slow_burn.reason', '', true);
  elsif proposal.status <> 'accepted' then
    raise sqlstate 'PT409' using message = format('This proposal is %s, so it cannot be accepted.', proposal.status);
  end if;
  return query select p.* from public.meal_plans as p where p.id = proposal.meal_plan_id;
end $$;

-- POST …/reject: nothing changes, and the reason is kept. Rejecting what was rejected changes nothing more.
create function public.reject_meal_plan_proposal(meal_plan_id uuid, proposal_id uuid, reason text default null)
returns setof public.meal_plan_proposals
language plpgsql security definer set search_path = '' as $$
declare
  proposal constant public.meal_plan_proposals :=
    private.locked_meal_plan_proposal(auth.uid(), meal_plan_id, proposal_id);
begin
  if proposal.status = 'open' then
    update public.meal_plan_proposals as q
       set status = 'rejected', decided_at = clock_timestamp(), reason = reject_meal_plan_proposal.reason
     where q.id = proposal.id;
  elsif proposal.status <> 'rejected' then
    raise sqlstate 'PT409' using message = format('This proposal is %s, so it cannot be rejected.', proposal.status);
  end if;
  return query select q.* from public.meal_plan_proposals as q where q.id = proposal.id;
end $$;

-- POST …/undo: what was accepted is taken out of the plan again, what was rejected is offered again: open, for the plan as it
-- is now. Not once the plan has gone another way since.
create function public.undo_meal_plan_proposal(meal_plan_id uuid, proposal_id uuid)
returns setof public.meal_plan_proposals
language plpgsql security definer set search_path = '' as $$
declare
  proposal constant public.meal_plan_proposals :=
    private.locked_meal_plan_proposal(auth.uid(), meal_plan_id, proposal_id);
  plan public.meal_plans;
  base jsonb;
begin
  select * into plan from public.meal_plans as p where p.id = proposal.meal_plan_id;
  select v.content into base from public.meal_plan_versions as v
   where v.meal_plan_id = plan.id and v.version = proposal.base_version;
  if proposal.status not in ('accepted', 'rejected') then
    raise sqlstate 'PT409' using message = format('This proposal is %s, so there is nothing to undo.', proposal.status);
  elsif plan.content is distinct from (case proposal.status when 'accepted' then proposal.content else base end)
    or proposal.applied_targets <> private.targets_of(plan) then
    raise sqlstate 'PT409' using message = 'The meal plan has changed since; restore an earlier version of it instead.';
  end if;
  if proposal.status = 'accepted' then
    perform set_config('slow_burn.reason', format('Took back proposal %s', proposal.id), true);
    update public.meal_plans as p set content = base where p.id = plan.id returning p.version into plan.version;
    perform private.exchange_meal_targets(proposal);
    perform set_config('slow_burn.reason', '', true);
  end if;
  update public.meal_plan_proposals as q set status = 'expired', decided_at = clock_timestamp()
   where q.meal_plan_id = plan.id and q.status = 'open';
  return query update public.meal_plan_proposals as q
      set status = 'open', decided_at = null, reason = null, applied_targets = null, base_version = plan.version
    where q.id = proposal.id returning q.*;
end $$;

-- GET …/proposals: newest first, without their content; null when there is no such plan.
create function public.meal_plan_proposals_page(meal_plan_id uuid, skip integer, most integer) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object(
      'total', (select count(*) from public.meal_plan_proposals as q where q.meal_plan_id = p.id),
      'items', coalesce((
        select jsonb_agg(to_jsonb(q) - 'content' order by q.created_at desc, q.id desc)
          from (select * from public.meal_plan_proposals as q where q.meal_plan_id = p.id
                 order by q.created_at desc, q.id desc offset skip limit most) as q), '[]'))
    from public.meal_plans as p where p.id = meal_plan_proposals_page.meal_plan_id and p.user_id = (select auth.uid())
$$;

-- For the worker -------------------------------------------------------------------------------------------------------

-- Keeps what a job made as a draft, once; {"id"}. `meal_plan`: name, description, goal, duration_weeks, target_energy_kcal,
-- target_protein_g, target_carbohydrate_g, target_fat_g, source (ai or rules), content, reason.
create function public.keep_generated_meal_plan(job_id uuid, attempt integer, meal_plan jsonb) returns jsonb
language plpgsql set search_path = '' as $$
declare
  owner constant uuid := private.held_job(keep_generated_meal_plan.job_id, attempt);
begin
  if (meal_plan ->> 'source' in ('ai', 'rules') and jsonb_typeof(meal_plan -> 'content') = 'object') is not true then
    raise sqlstate 'PT422' using message = 'A generated meal plan has content, and says what made it.';
  end if;
  perform from public.users as u where u.id = owner for no key update;
  if not exists (select from public.meal_plans as p where p.id = keep_generated_meal_plan.job_id) then
    perform set_config('slow_burn.changed_by', 'companion', true),
            set_config('slow_burn.reason', coalesce(left(meal_plan ->> 'reason', 500), 'Made as you asked'), true);
    insert into public.meal_plans (id, user_id, name, description, goal, duration_weeks, target_energy_kcal,
      target_protein_g, target_carbohydrate_g, target_fat_g, source, content)
    select keep_generated_meal_plan.job_id, owner, r.name, r.description, r.goal, r.duration_weeks, r.target_energy_kcal,
      r.target_protein_g, r.target_carbohydrate_g, r.target_fat_g, r.source, r.content
      from jsonb_populate_record(null::public.meal_plans, meal_plan) as r;
    perform set_config('slow_burn.changed_by', '', true), set_config('slow_burn.reason', '', true);
  end if;
  return jsonb_build_object('id', keep_generated_meal_plan.job_id);
end $$;

-- Keeps what a job proposes, once; {"id", "status"}, null when the plan is gone. Where the plan has another version by now,
-- the proposal is kept as expired. `proposal`: meal_plan_id, base_version, content, changes, targets
-- (or null), source (ai or rules).
create function public.keep_meal_plan_proposal(job_id uuid, attempt integer, proposal jsonb) returns jsonb
language plpgsql set search_path = '' as $$
declare
  owner constant uuid := private.held_job(keep_meal_plan_proposal.job_id, attempt);
  given constant public.meal_plan_proposals := jsonb_populate_record(null::public.meal_plan_proposals, proposal);
  current_version integer;
  answer jsonb;
begin
  perform from public.users as u where u.id = owner for no key update;
  select p.version into current_version from public.meal_plans as p
   where p.id = given.meal_plan_id and p.user_id = owner for no key update;
  if current_version is not null and not exists (
    select from public.meal_plan_proposals as q where q.id = keep_meal_plan_proposal.job_id) then
    if given.base_version = current_version then
      update public.meal_plan_proposals as q set status = 'expired', decided_at = clock_timestamp()
       where q.meal_plan_id = given.meal_plan_id and q.status = 'open';
    end if;
    insert into public.meal_plan_proposals (id, user_id, meal_plan_id, base_version, content, changes, targets, source, status,
      decided_at)
    select keep_meal_plan_proposal.job_id, owner, given.meal_plan_id, given.base_version, given.content, given.changes,
      nullif(given.targets, 'null'), given.source, case when is_current then 'open' else 'expired' end::public.proposal_status,
      case when not is_current then clock_timestamp() end
      from (select given.base_version = current_version as is_current) as c;
  end if;
  select jsonb_build_object('id', q.id, 'status', q.status) into answer
    from public.meal_plan_proposals as q where q.id = keep_meal_plan_proposal.job_id and q.user_id = owner;
  return answer;
end $$;

-- A meal plan with its history, as private.import_plan has it. Only its current content has to suit the person: what they
-- once ate by may well be why they know of an allergy. restore_meal_plan_version() asks again.
create function private.import_meal_plan(owner uuid, given json) returns jsonb
language plpgsql set search_path = '' as $$
declare
  imported constant uuid := (given ->> 'id')::uuid;
  count constant integer := coalesce(json_array_length(given -> 'versions'), 0);
  earlier json;
  problems jsonb;
begin
  insert into public.meal_plans (id, user_id, name, description, goal, duration_weeks, target_energy_kcal,
    target_protein_g, target_carbohydrate_g, target_fat_g, source, created_at)
  select imported, owner, r.name, r.description, r.goal, r.duration_weeks, r.target_energy_kcal, r.target_protein_g,
    r.target_carbohydrate_g, r.target_fat_g, r.source, clock_timestamp()
    from json_populate_record(null::public.meal_plans, given) as r
  on conflict (id) do nothing;
  if not found then
    return jsonb_build_object('outcome', 'duplicate');
  end if;
  -- A meal plan may go on having a food that was deleted since it had it. It had these: a version 0 says so for now.
  insert into public.meal_plan_versions (user_id, meal_plan_id, version, content, changed_by)
  select owner, imported, 0, jsonb_build_object('days', jsonb_build_array(jsonb_build_object('meals', jsonb_build_array(
      jsonb_build_object('items', jsonb_agg(jsonb_build_object('food_id', f.id))))))), 'person'
    from public.foods as f
   where f.user_id = owner and f.hidden_at is not null and to_jsonb(f.id) = any (array(
     select jsonb_path_query(given::jsonb, '$.versions[*].content.days[*].meals[*].items[*].food_id')))
  having count(*) > 0;
  for earlier in select v.value from json_array_elements(given -> 'versions') with ordinality as v (value, n)
                  where v.n < count loop
    problems := jsonb_path_query_array(private.meal_plan_problems((earlier -> 'content')::jsonb, owner, imported),
      '$[*] ? (@.type != "allergen" && @.type != "diet")');
    if problems <> '[]' then
      raise sqlstate 'PT422' using message = 'An earlier version of the meal plan is not sound.', detail = problems;
    end if;
  end loop;
  insert into public.meal_plan_versions (user_id, meal_plan_id, version, content, changed_by, reason)
  select owner, imported, v.n, (v.value -> 'content')::jsonb, (v.value ->> 'changed_by')::public.plan_author, v.value ->> 'reason'
    from json_array_elements(given -> 'versions') with ordinality as v (value, n) where v.n < count;
  if count > 0 then
    earlier := given -> 'versions' -> (count - 1);
    perform set_config('slow_burn.changed_by', earlier ->> 'changed_by', true),
            set_config('slow_burn.reason', coalesce(earlier ->> 'reason', ''), true);
    update public.meal_plans as p set version = count - 1 where p.id = imported;
    update public.meal_plans as p set content = (earlier -> 'content')::jsonb where p.id = imported;
    perform set_config('slow_burn.changed_by', '', true), set_config('slow_burn.reason', '', true);
  end if;
  delete from public.meal_plan_versions as v where v.meal_plan_id = imported and v.version = 0;
  update public.meal_plans as p
     set status = case when given ->> 'status' = 'active' and exists (
       select from public.meal_plans as a where a.user_id = owner and a.status = 'active') then 'archived'
       else (given ->> 'status')::public.plan_status end
   where p.id = imported;
  return jsonb_build_object('outcome', 'imported');
end $$;

-- 20261121002100, and one section more.
create or replace function private.import_row(owner uuid, job_id uuid, section text, given json) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return case section
    when 'profile' then private.import_profile(owner, given)
    when 'exercises' then private.import_exercise(owner, given)
    when 'foods' then private.import_food(owner, given)
    when 'preferences' then private.import_preference(owner, given)
    when 'plans' then private.import_plan(owner, given)
    when 'meal_plans' then private.import_meal_plan(owner, given)
    when 'workouts' then private.import_workout(owner, job_id, given)
    when 'measurements' then private.import_measurement(owner, given)
    when 'memories' then private.import_memory(owner, given)
    when 'messages' then private.import_message(owner, given)
    when 'hidden_exercises' then private.import_hidden(owner, given) end;
end $$;

-- A custom food stays, hidden, where a meal plan of its owner has it, had it, or is proposed to have it.
create or replace function private.food_is_used(food_id uuid) returns boolean
language sql stable set search_path = '' as $$
  select exists (
    select from public.meal_plan_versions as v
     where v.user_id = (select auth.uid())
       and v.content @? format('$.days[*].meals[*].items[*] ? (@.food_id == "%s")', food_id)::jsonpath)
   or exists (
    select from public.meal_plan_proposals as q
     where q.user_id = (select auth.uid())
       and q.content @? format('$.days[*].meals[*].items[*] ? (@.food_id == "%s")', food_id)::jsonpath)
$$;

revoke execute on function public.validate_meal_plan_content, public.foods_used, public.create_meal_plan,
  public.activate_meal_plan, public.restore_meal_plan_version, public.swap_meal_food, public.accept_meal_plan_proposal,
  public.reject_meal_plan_proposal, public.undo_meal_plan_proposal, public.meal_plan_proposals_page, public.keep_generated_meal_plan,
  public.keep_meal_plan_proposal from public, anon, authenticated;
grant execute on function public.validate_meal_plan_content, public.foods_used, public.create_meal_plan,
  public.activate_meal_plan, public.restore_meal_plan_version, public.swap_meal_food, public.accept_meal_plan_proposal,
  public.reject_meal_plan_proposal, public.undo_meal_plan_proposal, public.meal_plan_proposals_page to authenticated;
grant execute on function public.keep_generated_meal_plan, public.keep_meal_plan_proposal to service_role;
grant execute on function private.meal_plan_fields, private.meal_plan_objects, private.shape_problems,
  private.food_conflict, private.conflict_words, private.planned_foods, private.meal_plan_sense_problems,
  private.meal_plan_problems, private.check_meal_content, private.check_meal_plan, private.refuse_swap
  to authenticated, service_role;
grant execute on function private.are_meal_changes, private.are_meal_targets, private.check_meal_plan_proposal, private.import_meal_plan to service_role;
