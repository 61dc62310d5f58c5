-- Adapting a plan is a proposal: other content, each change with the rule and the sets that caused it. The person accepts
-- or rejects it, and can take either back. Written by functions only: what is offered is not theirs to rewrite.

create function private.is_id(value text) returns boolean
language sql immutable set search_path = '' as $$
  select value ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
$$;

-- A list of changes as the rules make them: {rule, exercise_id, path, from, to, evidence: [set id, …], explanation}.
create function private.are_changes(changes jsonb) returns boolean
language sql immutable set search_path = '' as $$
  select case
    when jsonb_typeof(changes) <> 'array' or pg_column_size(changes) > 65536 then false
    when jsonb_array_length(changes) not between 1 and 60 then false
    when exists (select from jsonb_array_elements(changes) as c where jsonb_typeof(c.value) <> 'object') then false
    else (
      select bool_and((
        (select array_agg(k order by k) from jsonb_object_keys(c.value) as k)
          = '{evidence,exercise_id,explanation,from,path,rule,to}'
        and jsonb_typeof(c.value -> 'rule') = 'string' and c.value ->> 'rule' ~ '^[a-z0-9_.]{1,60}$'
        and jsonb_typeof(c.value -> 'path') = 'string' and c.value ->> 'path' ~ '^(/[a-z0-9_*]+){1,8}$'
        and jsonb_typeof(c.value -> 'exercise_id') = 'string' and private.is_id(c.value ->> 'exercise_id')
        and jsonb_typeof(c.value -> 'explanation') = 'string' and private.says(c.value ->> 'explanation', 500)
        and jsonb_typeof(c.value -> 'evidence') = 'array' and jsonb_array_length(c.value -> 'evidence') <= 100
        and not exists (select from jsonb_array_elements(c.value -> 'evidence') as e
                         where jsonb_typeof(e.value) <> 'string' or not private.is_id(e.value #>> '{}'))
      ) is true) from jsonb_array_elements(changes) as c) end
$$;
grant execute on function private.are_changes, private.is_id to service_role;

create table public.plan_proposals (
  id uuid primary key,
  user_id uuid not null references auth.users on delete cascade,
  plan_id uuid not null,
  base_version integer not null,
  content jsonb not null,
  changes jsonb not null,
  source public.plan_source not null,
  status public.proposal_status not null default 'open',
  reason text,
  decided_at timestamptz,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  constraint plan_proposals_plan_of_owner foreign key (plan_id, user_id) references public.plans (id, user_id)
    on delete cascade,
  constraint plan_proposals_base_version_range check (base_version >= 1),
  constraint plan_proposals_content_size check (pg_column_size(content) <= 524288),
  constraint plan_proposals_changes_shape check (private.are_changes(changes)),
  constraint plan_proposals_source_made check (source in ('ai', 'rules')),
  constraint plan_proposals_reason_length check (private.says(reason, 500)),
  constraint plan_proposals_reason_when_rejected check (reason is null or status = 'rejected'),
  constraint plan_proposals_decided_at_unless_open check ((status = 'open') = (decided_at is null))
);
comment on table public.plan_proposals is 'What the companion would change in a plan, and what became of the offer.';
comment on column public.plan_proposals.id is 'The job that made it: done again, it makes nothing new.';
comment on column public.plan_proposals.base_version is 'The version of the plan that it changes; no other can take it.';
comment on column public.plan_proposals.reason is 'Why the person rejected it.';
create index plan_proposals_owner on public.plan_proposals (user_id, created_at desc, id desc);
create index plan_proposals_of_plan on public.plan_proposals (plan_id, created_at desc, id desc);
create unique index plan_proposals_one_open on public.plan_proposals (plan_id) where status = 'open';

revoke all on public.plan_proposals from anon, authenticated;
grant select on public.plan_proposals to authenticated;
alter table public.plan_proposals enable row level security;
create policy "People read proposals for their own plans" on public.plan_proposals
  for select to authenticated using ((select auth.uid()) = user_id);
create trigger plan_proposals_touch before update on public.plan_proposals
  for each row when (old.* is distinct from new.*) execute function private.touch();

-- Another content is another base: what was offered for the one before is over. Definer: proposals are nobody's to write.
create function private.expire_plan_proposals() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  update public.plan_proposals as o set status = 'expired', decided_at = now()
   where o.plan_id = new.id and o.status = 'open';
  return null;
end $$;
create trigger plans_expire_proposals after update on public.plans
  for each row when (new.version <> old.version) execute function private.expire_plan_proposals();

-- Deciding -------------------------------------------------------------------------------------------------------------

-- The caller's proposal, locked after its plan: whoever changes a plan holds it when the trigger above comes for the
-- proposals, and whoever changes a status holds the person's row before any plan.
create function private.locked_proposal(plan_id uuid, proposal_id uuid) returns public.plan_proposals
language plpgsql set search_path = '' as $$
declare
  proposal public.plan_proposals;
begin
  perform from public.plans as p where p.id = locked_proposal.plan_id and p.user_id = auth.uid() for no key update;
  select * into proposal from public.plan_proposals as o
   where o.id = locked_proposal.proposal_id and o.plan_id = locked_proposal.plan_id and o.user_id = auth.uid() for update;
  return proposal;
end $$;

-- Other content for a plan of `owner`, who must be able to use what is in it: nothing below asks row-level security.
create function private.put_plan_content(owner uuid, plan_id uuid, content jsonb) returns void
language plpgsql set search_path = '' as $$
begin
  perform private.check_plan_exercises(owner, content);
  update public.plans as p set content = put_plan_content.content where p.id = put_plan_content.plan_id and p.user_id = owner;
exception when sqlstate 'PT422' then
  raise sqlstate 'PT409' using message = 'This no longer fits: an exercise in it is gone. Have the plan adapted again.';
end $$;

create function private.check_plan_exercises(owner uuid, content jsonb) returns void
language plpgsql stable set search_path = '' as $$
begin
  if exists (
    select from jsonb_path_query(content, '$.days[*].exercises[*].exercise_id') as used (id)
     where not exists (select from public.exercises as e where to_jsonb(e.id) = used.id
                          and (e.user_id is null or e.user_id = owner))) then
    raise sqlstate 'PT422' using message = 'The plan has an exercise that is not there.';
  end if;
end $$;

-- POST …/accept: the content becomes the plan's newest version. Accepting what was accepted changes nothing more.
create function public.accept_plan_proposal(plan_id uuid, proposal_id uuid) returns setof public.plans
language plpgsql security definer set search_path = '' as $$
declare
  mine constant uuid := auth.uid();
  proposal public.plan_proposals := private.locked_proposal(accept_plan_proposal.plan_id, accept_plan_proposal.proposal_id);
begin
  if proposal.status = 'open' then
    if proposal.base_version <> (select p.version from public.plans as p where p.id = proposal.plan_id) then
      raise sqlstate 'PT409' using message = 'The plan has changed since; have it adapted again.';
    end if;
    -- Decided first, so that the trigger on plans finds nothing to expire.
    update public.plan_proposals as o set status = 'accepted', decided_at = now() where o.id = proposal.id;
    perform set_config('slow_burn.changed_by', 'companion', true),
            set_config('slow_burn.reason', format('Accepted proposal %s', proposal.id), true);
    perform private.put_plan_content(mine, proposal.plan_id, proposal.content);
    perform set_config('slow_burn.changed_by', '', true), set_config('slow_burn.reason', '', true);
  elsif proposal.status <> 'accepted' then
    raise sqlstate 'PT409' using message = format('This proposal is %s, so it cannot be accepted.', proposal.status);
  end if;
  return query select p.* from public.plans as p where p.id = proposal.plan_id and p.user_id = mine;
end $$;

-- POST …/reject: nothing changes, and the reason is kept. Rejecting what was rejected changes nothing more.
create function public.reject_plan_proposal(plan_id uuid, proposal_id uuid, reason text default null)
returns setof public.plan_proposals
language plpgsql security definer set search_path = '' as $$
declare
  mine constant uuid := auth.uid();
  proposal public.plan_proposals := private.locked_proposal(reject_plan_proposal.plan_id, reject_plan_proposal.proposal_id);
begin
  if proposal.status = 'open' then
    update public.plan_proposals as o set status = 'rejected', decided_at = now(), reason = reject_plan_proposal.reason
     where o.id = proposal.id;
  elsif proposal.status <> 'rejected' then
    raise sqlstate 'PT409' using message = format('This proposal is %s, so it cannot be rejected.', proposal.status);
  end if;
  return query select o.* from public.plan_proposals as o where o.id = proposal.id and o.user_id = mine;
end $$;

-- POST …/undo: what was accepted is taken out of the plan again, what was rejected is offered again: open, for the plan
-- as it is now. Not once the plan has gone another way since.
create function public.undo_plan_proposal(plan_id uuid, proposal_id uuid) returns setof public.plan_proposals
language plpgsql security definer set search_path = '' as $$
declare
  mine constant uuid := auth.uid();
  proposal public.plan_proposals := private.locked_proposal(undo_plan_proposal.plan_id, undo_plan_proposal.proposal_id);
  base jsonb;
  current jsonb;
begin
  if proposal.id is null then
    return;
  end if;
  if proposal.status not in ('accepted', 'rejected') then
    raise sqlstate 'PT409' using message = format('This proposal is %s, so there is nothing to undo.', proposal.status);
  end if;
  select v.content into base from public.plan_versions as v
   where v.plan_id = proposal.plan_id and v.version = proposal.base_version;
  select p.content into current from public.plans as p where p.id = proposal.plan_id;
  if current is distinct from (case proposal.status when 'accepted' then proposal.content else base end) then
    raise sqlstate 'PT409' using message = 'The plan has changed since; restore an earlier version of it instead.';
  end if;
  if proposal.status = 'accepted' then
    perform set_config('slow_burn.reason', format('Took back proposal %s', proposal.id), true);
    perform private.put_plan_content(mine, proposal.plan_id, base);
    perform set_config('slow_burn.reason', '', true);
  end if;
  update public.plan_proposals as o set status = 'expired', decided_at = now()
   where o.plan_id = proposal.plan_id and o.status = 'open';
  return query
    update public.plan_proposals as o set status = 'open', decided_at = null, reason = null,
        base_version = (select p.version from public.plans as p where p.id = o.plan_id)
     where o.id = proposal.id returning o.*;
end $$;

-- GET …/proposals: newest first, without their content; null when there is no such plan.
create function public.plan_proposals_page(plan_id uuid, skip integer, most integer) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object(
      'total', (select count(*) from public.plan_proposals as o where o.plan_id = p.id),
      'items', coalesce((
        select jsonb_agg(to_jsonb(o) - 'content' order by o.created_at desc, o.id desc)
          from (select * from public.plan_proposals as o where o.plan_id = p.id
                 order by o.created_at desc, o.id desc offset skip limit most) as o), '[]'))
    from public.plans as p where p.id = plan_proposals_page.plan_id and p.user_id = (select auth.uid())
$$;

revoke execute on function public.accept_plan_proposal, public.reject_plan_proposal, public.undo_plan_proposal,
  public.plan_proposals_page from public, anon;
grant execute on function public.accept_plan_proposal, public.reject_plan_proposal, public.undo_plan_proposal,
  public.plan_proposals_page to authenticated;

-- Asking ---------------------------------------------------------------------------------------------------------------

-- POST /plans/{id}/adapt: the job, or the one that does just this already; null when there is no such plan.
create function public.adapt_plan(plan_id uuid, reason text default null, pain public.joint[] default '{}') returns jsonb
language plpgsql set search_path = '' as $$
declare
  request constant text := jsonb_build_object('plan_id', plan_id, 'reason', reason, 'pain', coalesce(pain, '{}'))::text;
  empty boolean;
begin
  select p.content is null into empty from public.plans as p
   where p.id = adapt_plan.plan_id and p.user_id = (select auth.uid());
  if empty is null then
    return null;
  elsif empty then
    raise sqlstate 'PT409' using message = 'An empty plan cannot be adapted; add content first.';
  end if;
  return public.enqueue_job('adapt_plan', jsonb_build_object('request', request),
    format('adapt_plan %s %s', plan_id, md5(request)));
end $$;
revoke execute on function public.adapt_plan from public, anon;
grant execute on function public.adapt_plan to authenticated;

-- Whether somebody has no account yet. Definer: nobody but the auth service reads its tables.
create function private.is_guest(person uuid) returns boolean
language sql stable security definer set search_path = '' as $$
  select u.is_anonymous from auth.users as u where u.id = person
$$;
grant execute on function private.is_guest to service_role;

-- Cron: each active plan of somebody who trained since it was last looked at, once a week. Guests have no plans adapted,
-- whoever asks. Running it twice asks for nothing more. How many jobs it enqueued.
create function public.adapt_plans() returns integer
language plpgsql set search_path = '' as $$
declare
  plan record;
  enqueued integer := 0;
begin
  for plan in
    select p.id, p.user_id, s.seen_at from public.plans as p
      cross join lateral (
        select greatest(p.created_at,
          (select max(o.created_at) from public.plan_proposals as o where o.plan_id = p.id),
          (select max(j.created_at) from public.jobs as j where j.user_id = p.user_id
              and j.kind = 'adapt_plan' and j.dedupe_key like format('adapt_plan %s %%', p.id))) as seen_at) as s
     where p.status = 'active'
       -- Half a day early, so that a clock that strikes once a day is not a day late each week.
       and s.seen_at < now() - interval '6 days 12 hours'
       and exists (select from public.workouts as w where w.user_id = p.user_id and w.created_at > s.seen_at)
       and not private.is_guest(p.user_id)
     order by p.user_id
  loop
    perform from public.users as u where u.id = plan.user_id for no key update;
    continue when not found; -- their account went meanwhile
    continue when (select count(*) from public.jobs as j
                    where j.user_id = plan.user_id and j.status in ('queued', 'running')) >= 5;
    insert into public.jobs (user_id, kind, input, dedupe_key)
    select plan.user_id, 'adapt_plan',
           jsonb_build_object('request', jsonb_build_object('plan_id', plan.id, 'reason', null, 'pain', '[]'::jsonb)::text),
           format('adapt_plan %s weekly', plan.id)
     -- A run at the same time may have been first.
     where not exists (select from public.jobs as j where j.user_id = plan.user_id and j.kind = 'adapt_plan'
                          and j.dedupe_key like format('adapt_plan %s %%', plan.id) and j.created_at > plan.seen_at);
    if found then
      enqueued := enqueued + 1;
    end if;
  end loop;
  return enqueued;
end $$;
comment on function public.adapt_plans is 'For the cron task; only the service role may.';
revoke execute on function public.adapt_plans from public, anon, authenticated;
grant execute on function public.adapt_plans to service_role;

-- What was done --------------------------------------------------------------------------------------------------------

-- The work sets of the 20 newest workouts that had an exercise, oldest first, each with the day and the version of the
-- plan that it followed.
create function private.exercise_sessions(owner uuid, exercise_id uuid) returns jsonb
language sql stable set search_path = '' as $$
  select coalesce(jsonb_agg(jsonb_build_object('local_date', w.local_date, 'logged_at', w.created_at, 'plan_id', w.plan_id,
           'plan_version', w.plan_version, 'plan_day', w.plan_day, 'sets', l.sets) order by d.started_at, d.workout_id), '[]')
    from (select distinct s.started_at, s.workout_id from public.sets as s
           where s.user_id = owner and s.exercise_id = $2 and s.set_type in ('working', 'failure', 'amrap')
           order by s.started_at desc, s.workout_id desc limit 20) as d
      join public.workouts as w on w.id = d.workout_id
      cross join lateral (
        select jsonb_agg(jsonb_build_object('id', s.id, 'set_type', s.set_type, 'reps', s.reps,
                 'weight_kg', s.weight_kg, 'duration_seconds', s.duration_seconds,
                 'distance_m', s.distance_m, 'e1rm_kg', s.e1rm_kg)
                 order by s.exercise_position, s.position) as sets
          from public.sets as s
         where s.workout_id = d.workout_id and s.exercise_id = $2
           and s.set_type in ('working', 'failure', 'amrap')) as l
$$;

-- What a plan asks for with an exercise.
create function private.asking(exercise jsonb) returns jsonb
language sql immutable set search_path = '' as $$
  select jsonb_build_array(exercise -> 'exercise_id', exercise -> 'sets', exercise -> 'progression')
$$;

-- Since when a plan has asked for its exercises just so (sets and progression): {"version", "at"} for each exercise of
-- each day, null where it always has (as far back as 30 versions). What was done before did not answer to them.
create function private.asked_since(plan_id uuid) returns jsonb
language sql stable set search_path = '' as $$
  with newest as materialized (
    select v.version, v.created_at, v.content from public.plan_versions as v
     where v.plan_id = asked_since.plan_id order by v.version desc limit 30),
  asked as materialized (
    select distinct v.version, private.asking(e.value) as asking
      from newest as v, jsonb_path_query(v.content, '$.days[*].exercises[*]') as e (value)),
  planned as materialized (
    select d.n as day, e.n as place, private.asking(e.value) as asking
      from (select v.content from newest as v order by v.version desc limit 1) as v,
        jsonb_array_elements(v.content -> 'days') with ordinality as d (value, n),
        jsonb_array_elements(d.value -> 'exercises') with ordinality as e (value, n)),
  -- Hundreds of exercises in 30 versions: each is sought once, in all versions together.
  since as (
    select p.asking, max(v.version) + 1 as version
      from (select distinct p.asking from planned as p) as p cross join newest as v
     where not exists (select from asked as a where a.version = v.version and a.asking = p.asking)
     group by p.asking),
  days as (
    select p.day, jsonb_agg(case when s.version is not null
               then jsonb_build_object('version', s.version, 'at', v.created_at) end order by p.place) as answers
      from planned as p left join since as s on s.asking = p.asking left join newest as v on v.version = s.version
     group by p.day)
  select jsonb_agg(d.answers order by d.day) from days as d
$$;
grant execute on function private.exercise_sessions, private.asking, private.asked_since to authenticated, service_role;

-- As before, and since when the day's exercises have been asked for just so.
create or replace function public.next_workout() returns jsonb
language sql stable set search_path = '' as $$
  with plan as materialized (
    select p.id, p.name, p.version, p.content, jsonb_array_length(p.content -> 'days') as days
      from public.plans as p where p.user_id = (select auth.uid()) and p.status = 'active'),
  followed as (
    select min(w.local_date) as first_on, count(*) as workouts,
           (array_agg(w.plan_day order by w.started_at desc, w.id desc) filter (where w.plan_day < p.days))[1] as last_day
      from plan as p join public.workouts as w on w.plan_id = p.id and w.user_id = (select auth.uid())),
  next as materialized (
    select p.*, f.first_on, coalesce((f.last_day + 1) % p.days, 0) as day from plan as p, followed as f),
  planned as (
    select distinct (e.value ->> 'exercise_id')::uuid as id
      from next as n, jsonb_array_elements(n.content -> 'days' -> n.day -> 'exercises') as e)
  select jsonb_build_object('plan_id', n.id, 'plan_name', n.name, 'plan_version', n.version, 'plan_day', n.day,
      'content', n.content -> 'days' -> n.day, 'deload_weeks', coalesce(n.content -> 'deload_weeks', '[]'),
      'asked_since', private.asked_since(n.id) -> n.day,
      'first_on', n.first_on, 'weight_unit', u.weight_unit, 'load_steps_kg', u.load_steps_kg,
      'today', (now() at time zone u.timezone)::date,
      'exercises', coalesce((
        select jsonb_object_agg(e.id, jsonb_build_object('name', e.name, 'kind', e.kind, 'equipment', e.equipment,
          'sessions', private.exercise_sessions(u.id, e.id)))
          from planned as x join public.exercises as e on e.id = x.id), '{}'))
    from next as n join public.users as u on u.id = (select auth.uid())
$$;

-- For the worker -------------------------------------------------------------------------------------------------------

-- Everything that adapting a plan of the job's owner follows from; null when there is no such plan, or nothing in it.
create function public.adaptation_context(job_id uuid, attempt integer, plan_id uuid) returns jsonb
language plpgsql set search_path = '' as $$
declare
  owner constant uuid := private.held_job(adaptation_context.job_id, attempt);
begin
  return (
    with followed as materialized (
      select w.local_date, w.plan_day from public.workouts as w where w.plan_id = adaptation_context.plan_id),
    planned as (
      select distinct (x.value #>> '{}')::uuid as id
        from public.plans as p, jsonb_path_query(p.content, '$.days[*].exercises[*].exercise_id') as x (value)
       where p.id = adaptation_context.plan_id and p.user_id = owner)
    select jsonb_build_object(
        'plan_id', p.id, 'plan_name', p.name, 'version', p.version, 'content', p.content,
        'days_per_week', p.days_per_week, 'asked_since', private.asked_since(p.id),
        'first_on', (select min(f.local_date) from followed as f),
        'workouts', (select coalesce(jsonb_agg(f.local_date order by f.local_date), '[]') from followed as f
                      where f.local_date > current_date - 70),
        'last_on', (select max(w.local_date) from public.workouts as w where w.user_id = owner),
        'today', (now() at time zone u.timezone)::date,
        'weight_unit', u.weight_unit, 'load_steps_kg', u.load_steps_kg, 'experience_level', u.experience_level,
        'injuries', u.injuries,
        'excluded', (select coalesce(jsonb_agg(r.exercise_id), '[]') from public.exercise_preferences as r
                      where r.user_id = owner and r.kind = 'excluded'),
        'exercises', (
          select coalesce(jsonb_object_agg(e.id, private.exercise_facts(e) ||
                   jsonb_build_object('sessions', private.exercise_sessions(owner, e.id))), '{}')
            from planned as x join public.exercises as e on e.id = x.id and (e.user_id is null or e.user_id = owner)),
        'candidates', (
          select coalesce(jsonb_agg(private.exercise_facts(e) ||
                   jsonb_build_object('is_favourite', r.id is not null) order by e.slug, e.id), '[]')
            from private.exercise_candidates(owner) as e
              left join public.exercise_preferences as r
                on r.user_id = owner and r.exercise_id = e.id and r.kind = 'favourite'),
        'proposals', (
          select coalesce(jsonb_agg(jsonb_build_object('status', o.status, 'changes', o.changes,
                   'on', (coalesce(o.decided_at, o.created_at) at time zone u.timezone)::date) order by o.decided_at), '[]')
            from (select * from public.plan_proposals as o where o.plan_id = p.id and o.status in ('accepted', 'rejected')
                   order by o.decided_at desc limit 20) as o))
      from public.plans as p join public.users as u on u.id = p.user_id
     where p.id = adaptation_context.plan_id and p.user_id = owner and p.content is not null);
end $$;

create function private.exercise_facts(exercise public.exercises) returns jsonb
language sql immutable set search_path = '' as $$
  select jsonb_build_object('id', exercise.id, 'slug', exercise.slug, 'name', exercise.name, 'kind', exercise.kind,
    'primary_muscles', exercise.primary_muscles, 'secondary_muscles', exercise.secondary_muscles,
    'equipment', exercise.equipment, 'category', exercise.category, 'level', exercise.level,
    'mechanic', exercise.mechanic, 'is_unilateral', exercise.is_unilateral,
    'contraindications', exercise.contraindications)
$$;

-- Stores what a job proposes: {plan_id, base_version, content, changes, source}. The open proposal before it expires.
-- What is kept: {source, changes: how many}. PT412 when the plan has changed meanwhile, or is gone.
create function public.keep_plan_proposal(job_id uuid, attempt integer, proposal jsonb) returns jsonb
language plpgsql set search_path = '' as $$
declare
  owner constant uuid := private.held_job(keep_plan_proposal.job_id, attempt);
  plan public.plans;
  problems jsonb;
  kept jsonb;
begin
  select * into plan from public.plans as p
   where p.id = (proposal ->> 'plan_id')::uuid and p.user_id = owner for no key update;
  select jsonb_build_object('source', o.source, 'changes', jsonb_array_length(o.changes)) into kept
    from public.plan_proposals as o where o.id = job_id and o.user_id = owner;
  if kept is not null then
    return kept; -- by an attempt that ended before it could say so
  elsif plan.version is distinct from (proposal ->> 'base_version')::integer then
    raise sqlstate 'PT412' using message = 'The plan has changed.';
  end if;
  problems := public.validate_plan_content(proposal -> 'content', plan.id);
  if problems <> '[]' then
    raise sqlstate 'PT422' using message = 'The plan is not sound.', detail = problems::text;
  end if;
  -- What is new in it must be something that the person can do; what is in the plan already may stay.
  if exists (
    select from jsonb_path_query(proposal -> 'content', '$.days[*].exercises[*].exercise_id') as new (id)
     where new.id not in (select old.id from jsonb_path_query(plan.content, '$.days[*].exercises[*].exercise_id') as old (id))
       and new.id not in (select to_jsonb(e.id) from private.exercise_candidates(owner) as e)) then
    raise sqlstate 'PT422' using message = 'The plan has an exercise that this person cannot do.';
  end if;
  if exists (select from jsonb_path_query(proposal, '$.changes[*].evidence[*] ? (@.type() == "string")') as e (id)
              where not exists (select from public.sets as s where s.id = (e.id #>> '{}')::uuid and s.user_id = owner)) then
    raise sqlstate 'PT422' using message = 'A change rests on a set that is not there.';
  end if;
  update public.plan_proposals as o set status = 'expired', decided_at = now()
   where o.plan_id = plan.id and o.status = 'open';
  insert into public.plan_proposals (id, user_id, plan_id, base_version, content, changes, source)
  values (job_id, owner, plan.id, plan.version, proposal -> 'content', proposal -> 'changes',
          (proposal ->> 'source')::public.plan_source);
  return jsonb_build_object('source', proposal ->> 'source', 'changes', jsonb_array_length(proposal -> 'changes'));
end $$;

revoke execute on function public.adaptation_context, public.keep_plan_proposal from public, anon, authenticated;
grant execute on function public.adaptation_context, public.keep_plan_proposal to service_role;
grant execute on function private.exercise_facts to service_role;
