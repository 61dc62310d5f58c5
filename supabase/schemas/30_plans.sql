-- Plans of a person: workout plans and meal plans. A plan is draft, active, completed or archived. Each content becomes
-- a version; proposals of changes wait for the person's decision. 31_plan_content.sql validates contents.
create table public.plans (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null default auth.uid() references auth.users on delete cascade,
  kind public.plan_kind not null default 'workout',
  name text not null,
  description text,
  goal text,
  duration_weeks smallint,
  days_per_week smallint,
  target_energy_kcal integer,
  target_protein_g integer,
  target_carbohydrate_g integer,
  target_fat_g integer,
  status public.plan_status not null default 'draft',
  source public.plan_source not null default 'manual',
  model text,
  content jsonb,
  version integer not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  activated_at timestamptz,
  constraint plans_id_of_owner unique (id, user_id),
  constraint plans_name_length check (private.is_nonblank(name, 120)),
  constraint plans_description_length check (private.is_nonblank(description, 2000)),
  constraint plans_goal_length check (private.is_nonblank(goal, 200)),
  constraint plans_duration_weeks_range check (duration_weeks between 1 and 52),
  constraint plans_days_per_week_range check (days_per_week between 1 and 7),
  constraint plans_target_energy_kcal_range check (target_energy_kcal between 1200 and 10000),
  constraint plans_target_protein_g_range check (target_protein_g between 1 and 1000),
  constraint plans_target_carbohydrate_g_range check (target_carbohydrate_g between 0 and 2000),
  constraint plans_target_fat_g_range check (target_fat_g between 0 and 1000),
  constraint plans_fields_of_kind check (case kind
    when 'workout' then num_nonnulls(target_energy_kcal, target_protein_g, target_carbohydrate_g, target_fat_g) = 0
    else days_per_week is null end),
  constraint plans_model_when_ai check (private.is_nonblank(model, 100) and (model is null or source = 'ai')),
  constraint plans_active_has_content check (status <> 'active' or content is not null),
  constraint plans_activated_at_while_active check ((status = 'active') = (activated_at is not null))
);
comment on table public.plans is
  'Workout plans and meal plans; content is what validate_plan_content accepts, or null in an empty draft.';
comment on column public.plans.version is 'Number of the newest row in plan_versions; 0 before the first content.';
comment on column public.plans.days_per_week is 'Workout plans only.';
comment on column public.plans.target_energy_kcal is
  'Meal plans only. Per day, like the other targets; at least 1200 kcal.';
comment on column public.plans.model is 'The model that made the first content, if one did.';
comment on column public.plans.activated_at is 'Of an active plan: since when it is. Set by a trigger.';

create unique index plans_one_active on public.plans (user_id, kind) where status = 'active';
create index plans_owner on public.plans (user_id, created_at desc, id desc);
create index plans_of_kind on public.plans (user_id, kind, created_at desc, id desc);

revoke all on public.plans from anon, authenticated;
grant select, delete on public.plans to authenticated;
grant insert (kind, name, description, goal, duration_weeks, days_per_week, target_energy_kcal, target_protein_g,
  target_carbohydrate_g, target_fat_g, status, content) on public.plans to authenticated;
grant update (name, description, goal, duration_weeks, days_per_week, target_energy_kcal, target_protein_g,
  target_carbohydrate_g, target_fat_g, status, content) on public.plans to authenticated;

alter table public.plans enable row level security;
create policy "People read their own plans" on public.plans
  for select to authenticated using ((select auth.uid()) = user_id);
create policy "People add their own plans" on public.plans
  for insert to authenticated with check ((select auth.uid()) = user_id);
create policy "People change their own plans" on public.plans
  for update to authenticated using ((select auth.uid()) = user_id) with check ((select auth.uid()) = user_id);
create policy "People delete their own plans" on public.plans
  for delete to authenticated using ((select auth.uid()) = user_id);

-- The history of a plan's content: written by a trigger and never changed. Older versions go when there are many
-- (private.prune_versions), the others with the plan.
create table public.plan_versions (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references auth.users on delete cascade,
  plan_id uuid not null references public.plans on delete cascade,
  version integer not null,
  content jsonb not null,
  changed_by public.plan_author not null,
  reason text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  accepted boolean not null default false,
  bytes integer generated always as (octet_length(content::text)) stored,
  constraint plan_versions_number unique (plan_id, version),
  constraint plan_versions_reason_length check (private.is_nonblank(reason, 500))
);
comment on table public.plan_versions is
  'The contents that a plan has had, who changed it and why: the newest, and all that came by an accepted proposal.';
comment on column public.plan_versions.accepted is 'Whether an accepted proposal made it; then it stays.';

create index plan_versions_owner on public.plan_versions (user_id, created_at desc, id desc);
create trigger plan_versions_count_added after insert on public.plan_versions referencing new table as added
  for each statement execute function private.count_added_bytes();
create trigger plan_versions_count_removed after delete on public.plan_versions referencing old table as removed
  for each statement execute function private.count_removed_bytes();

revoke all on public.plan_versions from anon, authenticated;
grant select on public.plan_versions to authenticated;

alter table public.plan_versions enable row level security;
create policy "People read the history of their own plans" on public.plan_versions
  for select to authenticated using ((select auth.uid()) = user_id);

-- Whether these are changes of a proposal: objects with the keys rule, path, from, to, evidence, explanation, and in a
-- workout plan exercise_id. Evidence is ids of logged sets (workout) or sentences (meal). The size is checked first, so
-- that nothing long is parsed.
create function private.are_plan_changes(kind public.plan_kind, changes jsonb) returns boolean
language sql immutable set search_path = '' as $$
  select case
    when pg_column_size(changes) > case kind when 'workout' then 65536 else 262144 end
      or jsonb_typeof(changes) <> 'array' then false
    when jsonb_array_length(changes) not between 1 and case kind when 'workout' then 60 else 500 end then false
    when exists (select from jsonb_array_elements(changes) as c where jsonb_typeof(c.value) <> 'object') then false
    else (
      select bool_and((
        (select array_agg(k order by k) from jsonb_object_keys(c.value) as k) = case kind
          when 'workout' then '{evidence,exercise_id,explanation,from,path,rule,to}'::text[]
          else '{evidence,explanation,from,path,rule,to}' end
        and jsonb_typeof(c.value -> 'rule') = 'string' and c.value ->> 'rule' ~ '^[a-z0-9_.]{1,60}$'
        and jsonb_typeof(c.value -> 'path') = 'string' and c.value ->> 'path' ~ '^(/[a-z0-9_*]+){1,8}$'
        and (kind = 'meal' or jsonb_typeof(c.value -> 'exercise_id') = 'string' and private.is_uuid(c.value ->> 'exercise_id'))
        and jsonb_typeof(c.value -> 'explanation') = 'string' and private.is_nonblank(c.value ->> 'explanation', 500)
        and jsonb_typeof(c.value -> 'evidence') = 'array' and jsonb_array_length(c.value -> 'evidence') <= 100
        and not exists (
          select from jsonb_array_elements(c.value -> 'evidence') as e
           where jsonb_typeof(e.value) <> 'string' or not case kind
             when 'workout' then private.is_uuid(e.value #>> '{}') else private.is_nonblank(e.value #>> '{}', 200) end)
      ) is true) from jsonb_array_elements(changes) as c) end
$$;

-- The daily targets of a proposal: all four, named like the columns of plans without their prefix.
create function private.are_plan_targets(targets jsonb) returns boolean
language sql immutable set search_path = '' as $$
  select case when jsonb_typeof(targets) <> 'object' or pg_column_size(targets) > 1024 then false else (
    select count(*) = 4 and bool_and(t.key in ('energy_kcal', 'protein_g', 'carbohydrate_g', 'fat_g')
      and jsonb_typeof(t.value) in ('number', 'null') and t.value::text ~ '^(null|[0-9]{1,5})$')
      from jsonb_each(targets) as t) end
$$;

-- Proposed changes of a plan, which wait for its owner's decision. Only functions write them: people decide on
-- proposals, but may not rewrite them.
--   open      waits; at most one for each plan
--   accepted  its content became the plan's newest version; undo takes that back and opens it again
--   rejected  the plan stayed as it was, the reason is kept; undo opens it again
--   expired   the plan got another content, or a newer proposal; nothing follows
-- Undo is possible while the plan is as the decision left it. Older ones go when there are many
-- (private.prune_proposals), the others with their plan.
create table public.plan_proposals (
  id uuid primary key,
  user_id uuid not null references auth.users on delete cascade,
  plan_id uuid not null,
  kind public.plan_kind not null,
  base_version integer not null,
  content jsonb not null,
  changes jsonb not null,
  targets jsonb,
  applied_targets jsonb,
  source public.plan_source not null,
  model text,
  status public.proposal_status not null default 'open',
  reason text,
  decided_at timestamptz,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  bytes integer generated always as (octet_length(content::text)) stored,
  constraint plan_proposals_plan_of_owner foreign key (plan_id, user_id) references public.plans (id, user_id)
    on delete cascade,
  constraint plan_proposals_base_version_range check (base_version >= 1),
  constraint plan_proposals_content_size check (pg_column_size(content) <= 524288),
  constraint plan_proposals_changes_shape check (private.are_plan_changes(kind, changes)),
  constraint plan_proposals_targets_shape
    check (targets is null or (kind = 'meal' and private.are_plan_targets(targets) is true)),
  constraint plan_proposals_source_generated check (source in ('ai', 'rules')),
  constraint plan_proposals_model_when_ai check (private.is_nonblank(model, 100) and (model is null or source = 'ai')),
  constraint plan_proposals_reason_length check (private.is_nonblank(reason, 500)),
  constraint plan_proposals_reason_when_rejected check (reason is null or status = 'rejected'),
  constraint plan_proposals_decided_at_unless_open check ((status = 'open') = (decided_at is null))
);
comment on table public.plan_proposals is 'Changes that the companion proposes for a plan, and the decision on them.';
comment on column public.plan_proposals.id is
  'Id of the job that made it, so that a repeated job makes no second proposal.';
comment on column public.plan_proposals.kind is 'The kind of its plan; decides the shape of the changes.';
comment on column public.plan_proposals.base_version is
  'The version of the plan that it changes; it cannot be accepted for another.';
comment on column public.plan_proposals.targets is
  'New daily targets of a meal plan; while accepted, the former targets, which undo restores. Null: they stay.';
comment on column public.plan_proposals.applied_targets is
  'While accepted: the targets that it gave the plan. It cannot be undone once the plan has others.';
comment on column public.plan_proposals.model is 'The model that chose or worded it, if one did.';
comment on column public.plan_proposals.reason is 'Why the person rejected it.';

create index plan_proposals_owner on public.plan_proposals (user_id, created_at desc, id desc);
create index plan_proposals_of_plan on public.plan_proposals (plan_id, created_at desc, id desc);
create unique index plan_proposals_one_open on public.plan_proposals (plan_id) where status = 'open';

revoke all on public.plan_proposals from anon, authenticated;
grant select on public.plan_proposals to authenticated;

alter table public.plan_proposals enable row level security;
create policy "People read proposals for their own plans" on public.plan_proposals
  for select to authenticated using ((select auth.uid()) = user_id);

create trigger plan_proposals_set_updated_at before update on public.plan_proposals
  for each row execute function private.set_updated_at();
create trigger plan_proposals_count_added after insert on public.plan_proposals referencing new table as added
  for each statement execute function private.count_added_bytes();
create trigger plan_proposals_count_removed after delete on public.plan_proposals referencing old table as removed
  for each statement execute function private.count_removed_bytes();

-- Versions ------------------------------------------------------------------------------------------------------------

-- The word for a plan of this kind in messages to people.
create function private.plan_noun(kind public.plan_kind) returns text
language sql immutable set search_path = '' as $$
  select case kind when 'workout' then 'plan' else 'meal plan' end
$$;

-- Raises PT422 with one problem at `loc`.
create function private.refuse_plan(kind public.plan_kind, loc jsonb, message text) returns void
language plpgsql set search_path = '' as $$
begin
  raise sqlstate 'PT422' using message = format('The %s is not sound.', private.plan_noun(kind)),
    detail = jsonb_build_array(jsonb_build_object('loc', loc, 'message', refuse_plan.message, 'type', 'value_error'));
end $$;

-- Content is validated whenever it changes, whoever writes it. A meal plan is validated again when it becomes active:
-- the person may have named an allergen or a diet since. Other fields change without validating the content.
create function private.check_plan() returns trigger
language plpgsql set search_path = '' as $$
begin
  if tg_op = 'UPDATE' and new.content is null and old.content is not null then
    perform private.refuse_plan(new.kind, '["content"]', 'cannot be emptied');
  end if;
  if tg_op = 'INSERT' or new.content is distinct from old.content then
    if new.content is not null then
      perform private.check_plan_content(new.kind, new.user_id, new.content, new.id);
    end if;
    new.version := case when tg_op = 'UPDATE' then old.version else 0 end + (new.content is not null)::integer;
  else
    -- jsonb equality ignores decimals: 10 equals 10.000…, which may be of any length and has not been checked. Keep the
    -- content that was.
    new.content := old.content;
    if new.kind = 'meal' and new.status = 'active' and old.status <> 'active' and new.content is not null then
      perform private.check_plan_content(new.kind, new.user_id, new.content, new.id);
    end if;
  end if;
  if (select max(week::numeric) from jsonb_array_elements_text(new.content -> 'deload_weeks') as week)
     > new.duration_weeks then
    perform private.refuse_plan(new.kind, '["content", "deload_weeks"]', 'must lie within duration_weeks');
  end if;
  return new;
end $$;
create trigger plans_check before insert or update on public.plans
  for each row execute function private.check_plan();
create function private.set_activated_at() returns trigger
language plpgsql set search_path = '' as $$
begin
  new.activated_at := case when new.status <> 'active' then null
                           when tg_op = 'UPDATE' and old.status = 'active' then old.activated_at
                           else now() end;
  return new;
end $$;
comment on function private.set_activated_at() is 'Trigger: sets activated_at when a plan becomes active.';
create trigger plans_set_activated_at before insert or update of status on public.plans
  for each row execute function private.set_activated_at();
create trigger plans_set_updated_at before update on public.plans
  for each row when (old.* is distinct from new.*) execute function private.set_updated_at();

-- All functions lock in one order: the account (private.lock_account), then the plan, then its proposals.
create trigger plans_lock_person before insert or update or delete on public.plans
  for each statement when (current_user = 'authenticated') execute function private.lock_person();

create function private.limit_plans() returns trigger
language plpgsql set search_path = '' as $$
begin
  if (select count(*) from public.plans as p where p.user_id = new.user_id) >= private.quota_limit('plans') then
    perform private.refuse_quota('plans');
  end if;
  return new;
end $$;
create trigger plans_limit before insert on public.plans
  for each row execute function private.limit_plans();

-- Sets who changes content and why, for the versions that this transaction writes from here on, and whether by accepting
-- a proposal. Without arguments: the person's own plain write.
create function private.describe_change(changed_by public.plan_author default null, reason text default null,
  accepted boolean default false) returns void
language sql set search_path = '' as $$
  select set_config('slow_burn.changed_by', coalesce(describe_change.changed_by::text, ''), true),
         set_config('slow_burn.reason', coalesce(left(describe_change.reason, 500), ''), true),
         set_config('slow_burn.accepted', describe_change.accepted::text, true)
$$;

-- Expires the open proposal of a plan: it was made for another content, or a newer one takes its place.
create function private.expire_proposals(plan_id uuid) returns void
language sql set search_path = '' as $$
  update public.plan_proposals as r set status = 'expired', decided_at = clock_timestamp()
   where r.plan_id = expire_proposals.plan_id and r.status = 'open'
$$;

-- Keeps the last 50 proposals of a plan that were decided, and the last 50 that expired (quota plan_proposals): what comes
-- next depends on decisions, and is not to forget them because many others expired. Definer: people may not write
-- proposals.
create function private.prune_proposals() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  delete from public.plan_proposals as r where r.id = any (array(
    select o.id from public.plan_proposals as o
     where o.plan_id = new.plan_id and o.status <> 'open' and (o.status = 'expired') = (new.status = 'expired')
     order by o.decided_at desc, o.id desc offset private.quota_limit('plan_proposals')));
  return null;
end $$;
create trigger plan_proposals_prune after update of status on public.plan_proposals
  for each row when (new.status <> 'open') execute function private.prune_proposals();

-- Removes the versions of a plan before the last 50 (quota plan_versions), but for those that were accepted.
create function private.prune_versions(plan_id uuid, newest integer) returns void
language sql set search_path = '' as $$
  delete from public.plan_versions as v
   where v.plan_id = prune_versions.plan_id and v.version <= newest - private.quota_limit('plan_versions') and not v.accepted
$$;

-- Stores the new version, and expires open proposals, which were made for another content.
-- Definer: people may not write history, and may decide on proposals only through the functions below.
create function private.keep_plan_version() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into public.plan_versions (user_id, plan_id, version, content, changed_by, reason, accepted)
  values (new.user_id, new.id, new.version, new.content,
    coalesce(nullif(current_setting('slow_burn.changed_by', true), ''), 'person')::public.plan_author,
    nullif(current_setting('slow_burn.reason', true), ''),
    coalesce(nullif(current_setting('slow_burn.accepted', true), ''), 'false')::boolean);
  perform private.prune_versions(new.id, new.version);
  perform private.expire_proposals(new.id);
  return null;
end $$;
create trigger plans_keep_first_version after insert on public.plans
  for each row when (new.content is not null) execute function private.keep_plan_version();
create trigger plans_keep_version after update on public.plans
  for each row when (new.version <> old.version and new.content is not null) execute function private.keep_plan_version();

-- A plan with its foods.
create function private.plan_answer(plan public.plans) returns jsonb
language sql stable set search_path = '' as $$
  select to_jsonb(plan) || jsonb_build_object('foods_used', public.foods_used(plan))
$$;

-- POST /plans and /meal-plans: {"answer": row, "replayed": whether the key had been used for the same request before}.
-- `payload` has the kind and the columns that people may write.
create function public.create_plan(payload json, idempotency_key text default null) returns jsonb
language plpgsql set search_path = '' as $$
declare
  earlier_id constant uuid := private.claim_idempotency_key(idempotency_key, 'create_plan', payload);
  plan public.plans;
begin
  if earlier_id is not null then
    return private.created_answer((select private.plan_answer(p) from public.plans as p where p.id = earlier_id), true);
  end if;
  insert into public.plans (kind, name, description, goal, duration_weeks, days_per_week, target_energy_kcal,
    target_protein_g, target_carbohydrate_g, target_fat_g, content)
  select coalesce(r.kind, 'workout'), r.name, r.description, r.goal, r.duration_weeks, r.days_per_week, r.target_energy_kcal,
    r.target_protein_g, r.target_carbohydrate_g, r.target_fat_g, nullif(r.content, 'null')
    from json_populate_record(null::public.plans, payload) as r
  returning * into plan;
  perform private.store_resource(idempotency_key, plan.id);
  return private.created_answer(private.plan_answer(plan), false);
end $$;

-- POST …/activate: activates this plan, and archives the one of its kind that was active.
create function public.activate_plan(plan_id uuid, kind public.plan_kind default 'workout') returns setof public.plans
language plpgsql set search_path = '' as $$
begin
  -- Lock here, not only in the trigger plans_lock_person: a statement does not see what was committed while its own
  -- trigger waited.
  perform private.assert_account(auth.uid());
  if exists (select from public.plans as p
              where p.id = activate_plan.plan_id and p.kind = activate_plan.kind and p.content is null) then
    raise sqlstate 'PT409' using
      message = format('An empty %s cannot be activated; add content first.', private.plan_noun(activate_plan.kind));
  end if;
  update public.plans as p set status = 'archived'
   where p.user_id = (select auth.uid()) and p.kind = activate_plan.kind and p.status = 'active'
     and p.id <> activate_plan.plan_id
     and exists (select from public.plans as own where own.id = activate_plan.plan_id and own.kind = activate_plan.kind);
  return query update public.plans as p set status = 'active'
   where p.user_id = (select auth.uid()) and p.kind = activate_plan.kind and p.id = activate_plan.plan_id returning p.*;
end $$;

-- POST …/versions/{n}/restore: an older content becomes the newest version; restoring the current one changes nothing.
create function public.restore_plan_version(plan_id uuid, version integer, kind public.plan_kind default 'workout')
returns setof public.plans
language plpgsql set search_path = '' as $$
begin
  perform private.describe_change(null, format('Restored version %s', restore_plan_version.version));
  return query update public.plans as p set content = v.content
    from public.plan_versions as v
   where p.user_id = (select auth.uid()) and p.kind = restore_plan_version.kind and p.id = restore_plan_version.plan_id
     and v.plan_id = p.id and v.version = restore_plan_version.version
  returning p.*;
  perform private.describe_change();
end $$;

-- Deciding on proposals -----------------------------------------------------------------------------------------------

-- The caller's proposal, after locking the account, its plan and itself in this order; null when there is none.
create function private.lock_proposal(kind public.plan_kind, plan_id uuid, proposal_id uuid) returns public.plan_proposals
language plpgsql set search_path = '' as $$
declare
  proposal public.plan_proposals;
begin
  perform private.assert_account(auth.uid());
  perform from public.plans as p
    where p.id = lock_proposal.plan_id and p.kind = lock_proposal.kind and p.user_id = auth.uid() for no key update;
  select * into proposal from public.plan_proposals as r
   where r.id = lock_proposal.proposal_id and r.plan_id = lock_proposal.plan_id and r.kind = lock_proposal.kind
     and r.user_id = auth.uid() for no key update;
  return proposal;
end $$;

-- The targets of a plan, in the form that a proposal has them.
create function private.plan_targets(plan public.plans) returns jsonb
language sql immutable set search_path = '' as $$
  select jsonb_build_object('energy_kcal', plan.target_energy_kcal, 'protein_g', plan.target_protein_g,
    'carbohydrate_g', plan.target_carbohydrate_g, 'fat_g', plan.target_fat_g)
$$;

-- Gives the plan this content. Where the proposal has targets, it exchanges them with those of the plan, so that a
-- second exchange takes them back.
create function private.apply_proposal(proposal public.plan_proposals, content jsonb) returns public.plans
language plpgsql set search_path = '' as $$
declare
  plan public.plans;
begin
  select * into plan from public.plans as p where p.id = proposal.plan_id;
  if proposal.targets is not null then
    update public.plan_proposals as r set targets = private.plan_targets(plan) where r.id = proposal.id;
    plan.target_energy_kcal := (proposal.targets ->> 'energy_kcal')::integer;
    plan.target_protein_g := (proposal.targets ->> 'protein_g')::integer;
    plan.target_carbohydrate_g := (proposal.targets ->> 'carbohydrate_g')::integer;
    plan.target_fat_g := (proposal.targets ->> 'fat_g')::integer;
  end if;
  update public.plans as p set content = apply_proposal.content, target_energy_kcal = plan.target_energy_kcal,
      target_protein_g = plan.target_protein_g, target_carbohydrate_g = plan.target_carbohydrate_g,
      target_fat_g = plan.target_fat_g
   where p.id = plan.id returning p.* into plan;
  return plan;
end $$;

-- POST …/accept: the proposed content becomes the newest version. Accepting again changes nothing more.
-- Definer, like the next two: people may not write proposals. lock_proposal() finds only those of auth.uid().
create function public.accept_plan_proposal(plan_id uuid, proposal_id uuid, kind public.plan_kind default 'workout')
returns setof public.plans
language plpgsql security definer set search_path = '' as $$
declare
  proposal constant public.plan_proposals := private.lock_proposal(kind, plan_id, proposal_id);
begin
  if proposal.status = 'open' then
    if proposal.base_version <> (select p.version from public.plans as p where p.id = proposal.plan_id) then
      raise sqlstate 'PT409' using
        message = format('The %s has changed since; have it adapted again.', private.plan_noun(proposal.kind));
    end if;
    -- The person may have named an injury or excluded an exercise since it was made. (A meal plan is checked as a whole.)
    if proposal.kind = 'workout' then
      perform private.check_planned_exercises(proposal.user_id, proposal.content,
        (select p.content from public.plans as p where p.id = proposal.plan_id));
    end if;
    -- Set the status first, so that the trigger on plans does not expire this proposal.
    update public.plan_proposals as r
       set status = 'accepted', decided_at = clock_timestamp(), applied_targets = r.targets where r.id = proposal.id;
    perform private.describe_change('companion', format('Accepted proposal %s', proposal.id), true);
    perform private.apply_proposal(proposal, proposal.content);
    perform private.describe_change();
  elsif proposal.status <> 'accepted' then
    raise sqlstate 'PT409' using message = format('This proposal is %s, so it cannot be accepted.', proposal.status);
  end if;
  return query select p.* from public.plans as p where p.id = proposal.plan_id and p.user_id = auth.uid();
end $$;

-- POST …/reject: the plan stays, and the reason is stored. Rejecting again changes nothing more.
create function public.reject_plan_proposal(plan_id uuid, proposal_id uuid, reason text default null,
  kind public.plan_kind default 'workout') returns setof public.plan_proposals
language plpgsql security definer set search_path = '' as $$
declare
  proposal constant public.plan_proposals := private.lock_proposal(kind, plan_id, proposal_id);
begin
  if proposal.status = 'open' then
    update public.plan_proposals as r
       set status = 'rejected', decided_at = clock_timestamp(), reason = reject_plan_proposal.reason
     where r.id = proposal.id;
  elsif proposal.status <> 'rejected' then
    raise sqlstate 'PT409' using message = format('This proposal is %s, so it cannot be rejected.', proposal.status);
  end if;
  return query select r.* from public.plan_proposals as r where r.id = proposal.id and r.user_id = auth.uid();
end $$;

-- POST …/undo: takes an accepted proposal out of the plan, or reopens a rejected one. Either is open afterwards, for
-- the plan as it is now. PT409 when the plan has changed in another way since.
create function public.undo_plan_proposal(plan_id uuid, proposal_id uuid, kind public.plan_kind default 'workout')
returns setof public.plan_proposals
language plpgsql security definer set search_path = '' as $$
declare
  proposal constant public.plan_proposals := private.lock_proposal(kind, plan_id, proposal_id);
  plan public.plans;
  base jsonb;
begin
  if proposal.status not in ('accepted', 'rejected') then
    raise sqlstate 'PT409' using message = format('This proposal is %s, so there is nothing to undo.', proposal.status);
  end if;
  select * into plan from public.plans as p where p.id = proposal.plan_id;
  select v.content into base from public.plan_versions as v
   where v.plan_id = plan.id and v.version = proposal.base_version;
  if plan.content is distinct from (case proposal.status when 'accepted' then proposal.content else base end)
    or (base is null and plan.id is not null) -- it has been pruned
    or proposal.applied_targets <> private.plan_targets(plan) then
    raise sqlstate 'PT409' using message = format(
      'The %s has changed since; restore an earlier version of it instead.', private.plan_noun(proposal.kind));
  end if;
  if proposal.status = 'accepted' then
    perform private.describe_change(null, format('Took back proposal %s', proposal.id));
    plan := private.apply_proposal(proposal, base);
    perform private.describe_change();
  end if;
  perform private.expire_proposals(plan.id);
  return query update public.plan_proposals as r
      set status = 'open', decided_at = null, reason = null, applied_targets = null, base_version = plan.version
    where r.id = proposal.id and r.user_id = auth.uid() returning r.*;
end $$;

-- GET …/proposals: newest first, without their content; null when there is no such plan.
create function public.plan_proposals_page(plan_id uuid, page_offset integer, page_limit integer,
  kind public.plan_kind default 'workout') returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object(
      'total', (select count(*) from public.plan_proposals as r where r.plan_id = p.id),
      'items', coalesce((
        select jsonb_agg(to_jsonb(r) - 'content' order by r.created_at desc, r.id desc)
          from (select * from public.plan_proposals as r where r.plan_id = p.id
                 order by r.created_at desc, r.id desc offset page_offset limit page_limit) as r), '[]'))
    from public.plans as p
   where p.id = plan_proposals_page.plan_id and p.kind = plan_proposals_page.kind and p.user_id = (select auth.uid())
$$;

-- For the worker ------------------------------------------------------------------------------------------------------

-- Stores the plan that a job made, once, as a draft with the job's id. Neither the model nor the worker is trusted:
-- exercises that the person cannot do and foods that they must not eat are refused here. `plan`: kind, name,
-- description, goal, duration_weeks, days_per_week, the targets, source (ai or rules), model, content, reason.
create function public.keep_generated_plan(job_id uuid, attempt integer, plan jsonb) returns void
language plpgsql set search_path = '' as $$
declare
  owner constant uuid := private.assert_lease(keep_generated_plan.job_id, attempt);
  generated public.plans;
begin
  if (jsonb_typeof(plan -> 'content') = 'object' and plan ->> 'source' in ('ai', 'rules')) is not true then
    raise sqlstate 'PT422' using message = 'A generated plan has content, and says what made it.';
  end if;
  generated := jsonb_populate_record(null::public.plans, '{"kind": "workout"}' || plan);
  if generated.kind = 'workout' then
    perform private.check_planned_exercises(owner, generated.content, '{}');
  end if;
  perform private.describe_change('companion', coalesce(plan ->> 'reason', 'Made as you asked'));
  insert into public.plans (id, user_id, kind, name, description, goal, duration_weeks, days_per_week, target_energy_kcal,
    target_protein_g, target_carbohydrate_g, target_fat_g, source, model, content)
  select keep_generated_plan.job_id, owner, generated.kind, generated.name, generated.description, generated.goal,
    generated.duration_weeks, generated.days_per_week, generated.target_energy_kcal, generated.target_protein_g,
    generated.target_carbohydrate_g, generated.target_fat_g, generated.source, generated.model, generated.content
   where not exists (select from public.plans as p where p.id = keep_generated_plan.job_id);
  perform private.describe_change();
end $$;

-- Stores the proposal that a job made, once; the open proposal before it expires. Returns {"source", "model",
-- "changes": their number} of what is stored. `proposal`: kind, plan_id, base_version, content, changes, targets (or
-- null), source (ai or rules), model. PT412 when the plan has changed or is gone: the job then starts again with the
-- plan as it is.
create function public.keep_plan_proposal(job_id uuid, attempt integer, proposal jsonb) returns jsonb
language plpgsql set search_path = '' as $$
declare
  owner constant uuid := private.assert_lease(keep_plan_proposal.job_id, attempt);
  generated constant public.plan_proposals :=
    jsonb_populate_record(null::public.plan_proposals, '{"kind": "workout"}' || proposal);
  plan public.plans;
  stored jsonb;
begin
  select * into plan from public.plans as p
   where p.id = generated.plan_id and p.kind = generated.kind and p.user_id = owner for no key update;
  select jsonb_build_object('source', r.source, 'model', r.model, 'changes', jsonb_array_length(r.changes)) into stored
    from public.plan_proposals as r where r.id = job_id and r.user_id = owner;
  if stored is not null then
    return stored; -- by an earlier attempt of the job
  elsif plan.version is distinct from generated.base_version then
    raise sqlstate 'PT412' using message = format('The %s has changed.', private.plan_noun(generated.kind));
  end if;
  perform private.check_plan_content(generated.kind, owner, generated.content, plan.id);
  if generated.kind = 'workout' then
    perform private.check_workout_proposal(owner, plan.content, generated);
  end if;
  perform private.expire_proposals(plan.id);
  insert into public.plan_proposals (id, user_id, plan_id, kind, base_version, content, changes, targets, source, model)
  values (job_id, owner, plan.id, generated.kind, plan.version, generated.content, coalesce(generated.changes, 'null'),
    nullif(generated.targets, 'null'), generated.source, generated.model);
  return jsonb_build_object('source', generated.source, 'model', generated.model,
    'changes', jsonb_array_length(generated.changes));
end $$;

grant execute on function private.plan_noun, private.refuse_plan, private.check_plan, private.describe_change
  to authenticated, service_role;
grant execute on function private.plan_answer to authenticated;
grant execute on function private.are_plan_changes, private.are_plan_targets to service_role;
grant execute on function public.create_plan, public.activate_plan, public.restore_plan_version,
  public.accept_plan_proposal, public.reject_plan_proposal, public.undo_plan_proposal, public.plan_proposals_page
  to authenticated;
grant execute on function private.expire_proposals, private.prune_versions, public.keep_generated_plan, public.keep_plan_proposal
  to service_role;
