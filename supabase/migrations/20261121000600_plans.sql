-- A person's workout plans. At most one is active; every content a plan ever had is kept in plan_versions.
create table public.plans (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null default auth.uid() references auth.users on delete cascade,
  name text not null,
  description text,
  goal text,
  duration_weeks smallint,
  days_per_week smallint,
  status public.plan_status not null default 'draft',
  source public.plan_source not null default 'manual',
  content jsonb,
  version integer not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint plans_name_length check (private.says(name, 120)),
  constraint plans_description_length check (private.says(description, 2000)),
  constraint plans_goal_length check (private.says(goal, 200)),
  constraint plans_duration_weeks_range check (duration_weeks between 1 and 52),
  constraint plans_days_per_week_range check (days_per_week between 1 and 7),
  constraint plans_active_has_content check (status <> 'active' or content is not null)
);
comment on table public.plans is 'Workout plans; content is what validate_plan_content accepts, or null in an empty draft.';
comment on column public.plans.version is 'Number of the newest row in plan_versions; 0 before the first content.';
create unique index plans_one_active on public.plans (user_id) where status = 'active';
create index plans_owner on public.plans (user_id, created_at desc, id desc);

revoke all on public.plans from anon, authenticated;
grant select, delete on public.plans to authenticated;
grant insert (name, description, goal, duration_weeks, days_per_week, status, content) on public.plans to authenticated;
grant update (name, description, goal, duration_weeks, days_per_week, status, content) on public.plans to authenticated;

alter table public.plans enable row level security;
create policy "People read their own plans" on public.plans
  for select to authenticated using ((select auth.uid()) = user_id);
create policy "People add their own plans" on public.plans
  for insert to authenticated with check ((select auth.uid()) = user_id);
create policy "People change their own plans" on public.plans
  for update to authenticated using ((select auth.uid()) = user_id) with check ((select auth.uid()) = user_id);
create policy "People delete their own plans" on public.plans
  for delete to authenticated using ((select auth.uid()) = user_id);

-- The history of a plan's content: immutable, written by trigger, gone with the plan.
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
  constraint plan_versions_number unique (plan_id, version),
  constraint plan_versions_reason_length check (private.says(reason, 500))
);
comment on table public.plan_versions is 'Every content a plan has had, who changed it and why. Append-only.';
create index plan_versions_owner on public.plan_versions (user_id, created_at desc, id desc);

revoke all on public.plan_versions from anon, authenticated;
grant select on public.plan_versions to authenticated;
alter table public.plan_versions enable row level security;
create policy "People read the history of their own plans" on public.plan_versions
  for select to authenticated using ((select auth.uid()) = user_id);

-- Content is checked whenever it changes, whoever writes it; anything else about a plan may change without asking
-- again whether an exercise that was fine then still is.
create function private.check_plan() returns trigger
language plpgsql set search_path = '' as $$
declare
  problems jsonb;
begin
  if tg_op = 'UPDATE' and new.content is null and old.content is not null then
    raise sqlstate 'PT422' using message = 'The plan is not sound.',
      detail = '[{"loc": ["content"], "message": "cannot be emptied", "type": "value_error"}]';
  end if;
  if tg_op = 'INSERT' or new.content is distinct from old.content then
    -- Until this change is done, delete_exercise() waits, and then finds the exercise in use.
    perform from public.exercises as e
      where e.user_id = new.user_id
        and to_jsonb(e.id) in (select jsonb_path_query(new.content, '$.days[*].exercises[*].exercise_id'))
        for key share;
    problems := case when new.content is null then '[]' else public.validate_plan_content(new.content, new.id) end;
    if problems <> '[]' then
      raise sqlstate 'PT422' using message = 'The plan is not sound.',
        detail = (select jsonb_agg(jsonb_set(p, '{loc}', '["content"]' || (p -> 'loc')))
                    from jsonb_array_elements(problems) as p);
    end if;
    new.version := case when tg_op = 'UPDATE' then old.version else 0 end + (new.content is not null)::integer;
  else
    -- Equal is not alike: 10 may come as 10.000…, in any length, and it has not been checked.
    new.content := old.content;
  end if;
  if (select max(week::numeric) from jsonb_array_elements_text(new.content -> 'deload_weeks') as week)
     > new.duration_weeks then
    raise sqlstate 'PT422' using message = 'The plan is not sound.',
      detail = '[{"loc": ["content", "deload_weeks"], "message": "must lie within duration_weeks", "type": "value_error"}]';
  end if;
  return new;
end $$;
create trigger plans_check before insert or update on public.plans
  for each row execute function private.check_plan();
create trigger plans_touch before update on public.plans
  for each row when (old.* is distinct from new.*) execute function private.touch();

-- Definer: nobody may write history by hand. Who and why come from the function that made the change, for this
-- transaction only; a plain write is the person's own.
create function private.keep_plan_version() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into public.plan_versions (user_id, plan_id, version, content, changed_by, reason)
  values (new.user_id, new.id, new.version, new.content,
    coalesce(nullif(current_setting('slow_burn.changed_by', true), ''), 'person')::public.plan_author,
    nullif(current_setting('slow_burn.reason', true), ''));
  return null;
end $$;
create trigger plans_keep_first_version after insert on public.plans
  for each row when (new.content is not null) execute function private.keep_plan_version();
create trigger plans_keep_version after update on public.plans
  for each row when (new.version <> old.version) execute function private.keep_plan_version();

-- POST /plans: {"answer": row, "replayed": whether the key had been used for the same request before}.
create function public.create_plan(payload json, idempotency_key text default null) returns jsonb
language plpgsql set search_path = '' as $$
declare
  answer jsonb := private.earlier_answer(idempotency_key, 'create_plan', payload);
  made public.plans;
begin
  if answer is not null then
    return jsonb_build_object('replayed', true, 'answer', answer);
  end if;
  insert into public.plans (name, description, goal, duration_weeks, days_per_week, content)
  select r.name, r.description, r.goal, r.duration_weeks, r.days_per_week, nullif(r.content, 'null')
    from json_populate_record(null::public.plans, payload) as r
  returning * into made;
  answer := to_jsonb(made);
  perform private.keep_answer(idempotency_key, answer);
  return jsonb_build_object('replayed', false, 'answer', answer);
end $$;

-- Whoever changes a status waits here, before any plan is locked: activate_plan() locks two plans, and one of them
-- might be held by a change that waits for the other. One change at a time for a person.
create function private.queue_status_change() returns trigger
language plpgsql set search_path = '' as $$
begin
  perform from public.users as u where u.id = (select auth.uid()) for no key update;
  return null;
end $$;
create trigger plans_queue_status_change before update of status on public.plans
  for each statement execute function private.queue_status_change();

-- POST /plans/{id}/activate: this plan becomes the active one, the one that was is archived.
create function public.activate_plan(plan_id uuid) returns setof public.plans
language plpgsql set search_path = '' as $$
begin
  -- The trigger above would be too late: a statement does not see what was done while its trigger waited.
  perform from public.users as u where u.id = (select auth.uid()) for no key update;
  if exists (select from public.plans as p where p.id = activate_plan.plan_id and p.content is null) then
    raise sqlstate 'PT409' using message = 'An empty plan cannot be activated; add content first.';
  end if;
  update public.plans as p set status = 'archived'
   where p.user_id = (select auth.uid()) and p.status = 'active' and p.id <> activate_plan.plan_id
     and exists (select from public.plans as mine where mine.id = activate_plan.plan_id);
  return query update public.plans as p set status = 'active'
   where p.user_id = (select auth.uid()) and p.id = activate_plan.plan_id returning p.*;
end $$;

-- POST /plans/{id}/versions/{n}/restore: an older content becomes the newest version; restoring what is current
-- changes nothing.
create function public.restore_plan_version(plan_id uuid, version integer) returns setof public.plans
language plpgsql set search_path = '' as $$
begin
  perform set_config('slow_burn.reason', format('Restored version %s', restore_plan_version.version), true);
  return query update public.plans as p set content = v.content
    from public.plan_versions as v
   where p.user_id = (select auth.uid()) and p.id = restore_plan_version.plan_id
     and v.plan_id = p.id and v.version = restore_plan_version.version
  returning p.*;
  perform set_config('slow_burn.reason', '', true);
end $$;

-- DELETE /exercises/{id}: gone when nothing uses it, hidden when history does. True when there was one.
create function private.exercise_is_used(exercise_id uuid) returns boolean
language sql stable set search_path = '' as $$
  select exists (
    select from public.plan_versions as v
     where v.user_id = (select auth.uid())
       and v.content @? format('$.days[*].exercises[*] ? (@.exercise_id == "%s")', exercise_id)::jsonpath)
$$;

-- Definer: people have no delete right on exercises, so that this choice cannot be gone around.
create function public.delete_exercise(exercise_id uuid) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  mine constant uuid := auth.uid();
begin
  -- First wait for whoever is just now planning with it (private.check_plan), then look.
  perform from public.exercises as e where e.id = delete_exercise.exercise_id and e.user_id = mine for update;
  if private.exercise_is_used(delete_exercise.exercise_id) then
    update public.exercises as e set hidden_at = now()
     where e.id = delete_exercise.exercise_id and e.user_id = mine and e.hidden_at is null;
  else
    delete from public.exercises as e
     where e.id = delete_exercise.exercise_id and e.user_id = mine and e.hidden_at is null;
  end if;
  return found;
end $$;

revoke execute on function public.create_plan, public.activate_plan, public.restore_plan_version,
  public.delete_exercise from public, anon;
grant execute on function public.create_plan, public.activate_plan, public.restore_plan_version,
  public.delete_exercise to authenticated;
grant execute on function private.check_plan, private.exercise_is_used to authenticated, service_role;
