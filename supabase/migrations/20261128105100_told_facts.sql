-- Memories carry facts, and what a person has told reaches everything that is generated, checked or suggested for them.

set check_function_bodies = off;

alter table public.users
  add column session_minutes smallint,
  add constraint users_session_minutes_range check (session_minutes between 15 and 180);

alter table public.memories
  add column facts jsonb not null default '[]',
  add column decision public.fact_decision,
  add column decided_at timestamptz,
  add column asks_to_keep boolean not null default false,
  add constraint memories_facts_sound check (private.are_facts(facts)),
  add constraint memories_no_facts_of_dismissed
    check (status <> 'dismissed' or (facts = '[]' and decision is null and not asks_to_keep)),
  add constraint memories_decision_has_time check ((decision is null) = (decided_at is null));

comment on column public.users.session_minutes is
  'How long a session may take, where a request for a plan does not say it.';

grant update (name, date_of_birth, sex, sport, experience_level, days_per_week, goals, activity_level, weight_unit,
  distance_unit, timezone, equipment, load_steps_kg, injuries, diet, allergens, dislikes, memory_enabled, ai_consent_at,
  check_ins_enabled, check_ins_max_per_week, check_ins_quiet_from, check_ins_quiet_to, session_minutes)
  on public.users to authenticated;

-- The exercises that a person can do: with their equipment, at their level, without strain on injured joints, and
-- without those they excluded, in the profile or by what they told. Generated and adapted plans choose from these.
create or replace function private.exercise_candidates(owner uuid) returns setof public.exercises
language sql stable set search_path = '' as $$
  select e.*
    from private.person(owner) as u
      join public.exercises as e on (e.user_id is null or e.user_id = u.id) and e.hidden_at is null
   where u.id is not null
     and e.equipment <@ (u.equipment || '{bodyweight}'::public.equipment[])
     and not e.contraindications && u.injuries
     and e.level <= coalesce(u.experience_level, 'beginner')
     and e.id not in (select x from private.excluded_exercises(owner) as x)
$$;

-- POST …/accept: the proposed content becomes the newest version. Accepting again changes nothing more.
-- Definer, like the next two: people may not write proposals. lock_proposal() finds only those of auth.uid().
create or replace function public.accept_plan_proposal(plan_id uuid, proposal_id uuid, kind public.plan_kind default 'workout')
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

-- Everything that GET /workouts/next computes from: the active plan, the day that is next, and for each exercise of
-- that day its last sessions (private.exercise_sessions) and since when the plan has prescribed it in this way. Null
-- without an active plan.
create or replace function public.next_workout() returns jsonb
language sql stable set search_path = '' as $$
  with plan as materialized (
    select p.id, p.name, p.version, p.content, jsonb_array_length(p.content -> 'days') as days
      from public.plans as p where p.user_id = (select auth.uid()) and p.kind = 'workout' and p.status = 'active'),
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
      'prescribed_since', private.prescribed_since(n.id) -> n.day,
      'first_on', n.first_on, 'weight_unit', u.weight_unit, 'load_steps_kg', u.load_steps_kg,
      'today', (now() at time zone u.timezone)::date,
      'injuries', u.injuries, 'told', private.told(u.id),
      'exercises', coalesce((
        select jsonb_object_agg(e.id, jsonb_build_object('name', e.name, 'kind', e.kind, 'equipment', e.equipment,
          'contraindications', e.contraindications, 'is_excluded', x.id in (select private.excluded_exercises((select auth.uid()))),
          'sessions', private.exercise_sessions(u.id, e.id)))
          from planned as x join public.exercises as e on e.id = x.id), '{}'))
    from next as n cross join private.person((select auth.uid())) as u
$$;

-- What generating a plan needs: the person, the exercises that they can do, and as `made` the plan that an earlier
-- attempt of the job has stored.
create or replace function public.plan_context(job_id uuid, attempt integer) returns jsonb
language plpgsql set search_path = '' as $$
declare
  owner constant uuid := private.assert_lease(plan_context.job_id, attempt);
begin
  return (select jsonb_build_object(
    'person', jsonb_build_object('sport', u.sport, 'experience_level', u.experience_level,
      'days_per_week', u.days_per_week, 'session_minutes', u.session_minutes, 'goals', u.goals, 'equipment', u.equipment,
      'injuries', u.injuries, 'weight_unit', u.weight_unit, 'load_steps_kg', u.load_steps_kg),
    'told', private.told(owner),
    'exercises', coalesce((
      select jsonb_agg(private.exercise_facts(e) || jsonb_build_object('is_favourite', p.id is not null)
               order by e.slug, e.id)
        from private.exercise_candidates(owner) as e
          left join public.exercise_preferences as p
            on p.user_id = owner and p.exercise_id = e.id and p.kind = 'favourite'), '[]'),
    'made', (select jsonb_build_object('content', v.content, 'source', p.source, 'model', p.model)
               from public.plans as p join public.plan_versions as v on v.plan_id = p.id and v.version = 1
              where p.id = plan_context.job_id and p.user_id = owner))
    from private.person(owner) as u where u.id is not null);
end $$;

-- Everything that adapting a plan of the job's owner needs; null when there is no such plan, or it is empty.
create or replace function public.adaptation_context(job_id uuid, attempt integer, plan_id uuid) returns jsonb
language plpgsql set search_path = '' as $$
declare
  owner constant uuid := private.assert_lease(adaptation_context.job_id, attempt);
begin
  return (
    with followed as materialized (
      select w.local_date, w.plan_day from public.workouts as w where w.plan_id = adaptation_context.plan_id),
    planned as (
      select distinct (x.value #>> '{}')::uuid as id
        from public.plans as p, jsonb_path_query(p.content, '$.days[*].exercises[*].exercise_id') as x (value)
       where p.id = adaptation_context.plan_id and p.kind = 'workout' and p.user_id = owner)
    select jsonb_build_object(
        'plan_id', p.id, 'plan_name', p.name, 'version', p.version, 'content', p.content,
        'days_per_week', p.days_per_week, 'prescribed_since', private.prescribed_since(p.id),
        'first_on', (select min(f.local_date) from followed as f),
        'workouts', (select coalesce(jsonb_agg(f.local_date order by f.local_date), '[]') from followed as f
                      where f.local_date > current_date - 70),
        'last_on', (select max(w.local_date) from public.workouts as w where w.user_id = owner),
        'today', (now() at time zone u.timezone)::date,
        'weight_unit', u.weight_unit, 'load_steps_kg', u.load_steps_kg, 'experience_level', u.experience_level,
        'injuries', u.injuries, 'told', private.told(owner),
        'excluded', to_jsonb(array(select private.excluded_exercises(owner))),
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
      from public.plans as p cross join private.person(owner) as u
     where p.id = adaptation_context.plan_id and p.kind = 'workout' and p.user_id = owner and p.content is not null);
end $$;

-- A profile that has not been changed here becomes the imported one. Any other only gets what it lacks: an old export
-- removes no allergen and no injury, does not turn memory or check-ins on, and gives no consent again.
-- A duplicate is one that changes nothing, unless an earlier attempt of this job changed it.
create or replace function private.import_profile(owner uuid, job_id uuid, item json) returns jsonb
language plpgsql set search_path = '' as $$
declare
  changed_at timestamptz;
begin
  update public.users as u set name = r.name, date_of_birth = r.date_of_birth, sex = r.sex, sport = r.sport,
      experience_level = r.experience_level, days_per_week = r.days_per_week, goals = r.goals,
      activity_level = r.activity_level, weight_unit = r.weight_unit, distance_unit = r.distance_unit,
      timezone = r.timezone, equipment = r.equipment, load_steps_kg = r.load_steps_kg, injuries = r.injuries,
      diet = r.diet, allergens = r.allergens, dislikes = r.dislikes, memory_enabled = r.memory_enabled,
      ai_consent_at = r.ai_consent_at,
      -- Exports of before 0.5 do not have these.
      check_ins_enabled = coalesce(r.check_ins_enabled, u.check_ins_enabled),
      check_ins_max_per_week = coalesce(r.check_ins_max_per_week, u.check_ins_max_per_week),
      check_ins_quiet_from = coalesce(r.check_ins_quiet_from, u.check_ins_quiet_from),
      check_ins_quiet_to = coalesce(r.check_ins_quiet_to, u.check_ins_quiet_to),
      session_minutes = r.session_minutes
    from json_populate_record(null::public.users, item) as r where u.id = owner and u.updated_at = u.created_at;
  if not found then
    update public.users as u set name = coalesce(u.name, r.name), date_of_birth = coalesce(u.date_of_birth, r.date_of_birth),
        sex = coalesce(u.sex, r.sex), sport = coalesce(u.sport, r.sport),
        experience_level = coalesce(u.experience_level, r.experience_level),
        days_per_week = coalesce(u.days_per_week, r.days_per_week),
        goals = case u.goals when '{}' then r.goals else u.goals end,
        activity_level = coalesce(u.activity_level, r.activity_level),
        weight_unit = case u.weight_unit when 'kg' then r.weight_unit else u.weight_unit end,
        distance_unit = case u.distance_unit when 'km' then r.distance_unit else u.distance_unit end,
        timezone = case u.timezone when 'UTC' then r.timezone else u.timezone end,
        equipment = case u.equipment when '{}' then r.equipment else u.equipment end,
        load_steps_kg = case u.load_steps_kg when '{}' then r.load_steps_kg else u.load_steps_kg end,
        injuries = u.injuries || array(select j from unnest(r.injuries) as j where j <> all (u.injuries)),
        diet = coalesce(u.diet, r.diet),
        allergens = u.allergens || array(select a from unnest(r.allergens) as a where a <> all (u.allergens)),
        dislikes = case u.dislikes when '{}' then r.dislikes else u.dislikes end,
        memory_enabled = u.memory_enabled and r.memory_enabled,
        check_ins_enabled = u.check_ins_enabled and coalesce(r.check_ins_enabled, true),
        check_ins_max_per_week = case u.check_ins_max_per_week when 1 then coalesce(r.check_ins_max_per_week, 1)
                                   else u.check_ins_max_per_week end,
        check_ins_quiet_from = case when u.check_ins_quiet_from = '22:00' and u.check_ins_quiet_to = '08:00'
                                 then coalesce(r.check_ins_quiet_from, '22:00') else u.check_ins_quiet_from end,
        check_ins_quiet_to = case when u.check_ins_quiet_from = '22:00' and u.check_ins_quiet_to = '08:00'
                               then coalesce(r.check_ins_quiet_to, '08:00') else u.check_ins_quiet_to end,
        session_minutes = coalesce(u.session_minutes, r.session_minutes)
      from json_populate_record(null::public.users, item) as r where u.id = owner;
  end if;
  select u.updated_at into changed_at from public.users as u where u.id = owner;
  return jsonb_build_object('outcome', private.import_outcome(job_id, changed_at));
end $$;

-- A memory of an export, without an embedding, which a job makes. What has been forgotten here does not come back. A
-- memory that is here already, active or superseded, is a duplicate.
create or replace function private.import_memory(owner uuid, item json) returns jsonb
language plpgsql set search_path = '' as $$
declare
  hash constant bytea := private.words_hash(item ->> 'content');
begin
  if exists (select from public.memories as m where m.user_id = owner and (m.id = (item ->> 'id')::uuid
      or (m.content_hash = hash and m.status::text = item ->> 'status'
        and (m.status = 'active' or m.created_at = (item ->> 'created_at')::timestamptz)))) then
    return jsonb_build_object('outcome', 'duplicate');
  elsif exists (select from public.memories as m where m.user_id = owner and m.status = 'dismissed'
      and m.content_hash = hash) then
    return jsonb_build_object('outcome', 'rejected', 'reason', 'It has been forgotten here.');
  end if;
  insert into public.memories (id, user_id, kind, content, content_hash, status, salience, pinned, mentions, source_quote,
    quote_hash, superseded_by, stated_at, created_at, facts, decision, decided_at, asks_to_keep)
  select r.id, owner, r.kind, r.content, hash, r.status, r.salience, r.pinned, r.mentions, r.source_quote,
    private.words_hash(r.source_quote), r.superseded_by, least(r.stated_at, now()), least(r.created_at, now()), coalesce(r.facts, '[]'),
    r.decision, case when r.decision is not null then now() end, coalesce(r.asks_to_keep, false)
    from json_populate_record(null::public.memories, item) as r where r.status <> 'dismissed';
  insert into public.jobs (user_id, kind, input, dedupe_key) values (owner, 'embed_memories', '{}', 'embed memories')
  on conflict (user_id, dedupe_key) where status in ('queued', 'running') do nothing;
  return jsonb_build_object('outcome', 'imported');
end $$;

-- Texts in it are data and no instructions: prompts quote them. `before_message`: the message to answer, which is left out.
create or replace function private.chat_context(owner uuid, before_message uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return (
    select jsonb_build_object(
      'now', to_char(now() at time zone u.timezone, 'YYYY-MM-DD"T"HH24:MI'),
      'memory_enabled', u.memory_enabled,
      'profile', jsonb_build_object('name', u.name, 'sport', u.sport, 'experience_level', u.experience_level,
        'days_per_week', u.days_per_week, 'goals', u.goals, 'equipment', u.equipment, 'injuries', u.injuries,
        'weight_unit', u.weight_unit, 'distance_unit', u.distance_unit, 'timezone', u.timezone),
      'affinity', jsonb_build_object('score', u.affinity_score, 'events', coalesce((
        select jsonb_agg(jsonb_build_object('points', e.points, 'explanation', e.explanation) order by e.created_at desc)
          from (select * from public.affinity_events as e where e.user_id = owner
                 order by e.created_at desc, e.id desc limit 5) as e), '[]')),
      'plan', (
        select jsonb_build_object('id', p.id, 'name', p.name, 'goal', p.goal, 'days', (
                 select jsonb_agg(jsonb_build_object('day', d.n - 1, 'name', d.value ->> 'name', 'exercises', (
                          select jsonb_agg(x.name order by e.n)
                            from jsonb_array_elements(d.value -> 'exercises') with ordinality as e (value, n)
                              join public.exercises as x on x.id = (e.value ->> 'exercise_id')::uuid)) order by d.n)
                   from jsonb_array_elements(p.content -> 'days') with ordinality as d (value, n)),
               'next_day', coalesce((
                 select (w.plan_day + 1) % jsonb_array_length(p.content -> 'days') from public.workouts as w
                  where w.user_id = owner and w.plan_id = p.id and w.plan_day < jsonb_array_length(p.content -> 'days')
                  order by w.started_at desc, w.id desc limit 1), 0))
          from public.plans as p where p.user_id = owner and p.kind = 'workout' and p.status = 'active'),
      'proposal', (
        select jsonb_build_object('id', r.id, 'plan_id', r.plan_id, 'changes', (
                 select coalesce(jsonb_agg(left(c.value ->> 'explanation', 300) order by c.n), '[]')
                   from jsonb_array_elements(r.changes) with ordinality as c (value, n) where c.n <= 10))
          from public.plan_proposals as r join public.plans as p on p.id = r.plan_id
         where r.user_id = owner and r.kind = 'workout' and r.status = 'open' and p.status = 'active'
         order by r.created_at desc, r.id desc limit 1),
      'meal_plan', (
        select jsonb_build_object('id', m.id, 'name', m.name, 'days', (
                 select jsonb_agg(jsonb_build_object('day', d.n - 1, 'name', d.value ->> 'name',
                          'weekday', d.value -> 'weekday', 'meals', (
                            select jsonb_agg(jsonb_build_object('meal', e.n - 1, 'slot', e.value ->> 'slot',
                                     'name', e.value ->> 'name') order by e.n)
                              from jsonb_array_elements(d.value -> 'meals') with ordinality as e (value, n))) order by d.n)
                   from jsonb_array_elements(m.content -> 'days') with ordinality as d (value, n)))
          from public.plans as m where m.user_id = owner and m.kind = 'meal' and m.status = 'active'),
      'sessions', coalesce((
        select jsonb_agg(jsonb_build_object('date', w.local_date, 'name', w.name, 'plan_day', w.plan_day,
                 'records', private.workout_records(owner, w.id),
                 'sets', (
                   select jsonb_agg(jsonb_build_object('id', s.id, 'exercise', s.exercise_name, 'reps', s.reps,
                            'weight_kg', s.weight_kg, 'duration_seconds', s.duration_seconds, 'distance_m', s.distance_m,
                            'text', private.describe_set(s)) order by s.exercise_position, s.position)
                     from (select * from public.sets as s
                            where s.user_id = owner and s.workout_id = w.id and s.set_type <> 'warmup'
                            order by s.exercise_position, s.position limit 50) as s)) order by w.started_at desc, w.id desc)
          from (select * from public.workouts as w where w.user_id = owner
                 order by w.started_at desc, w.id desc limit 5) as w), '[]'),
      'conversation', coalesce((
        select jsonb_agg(jsonb_build_object('role', m.role, 'message', m.message) order by m.created_at, m.id)
          from (select * from public.chat_messages as m where m.user_id = owner and m.id <> before_message
                 order by m.created_at desc, m.id desc limit 12) as m), '[]'))
      from private.person(owner) as u where u.id is not null);
end $$;

-- What is compared to tell whether two facts of a field are about the same: the joint of an injury, the words of a food or
-- an exercise without plurals and in any order, a number whatever its zeros.
create or replace function private.fact_key(field text, value jsonb) returns text
language sql immutable set search_path = '' as $$
  select case
    when field = 'injuries' then value ->> 'joint'
    when field in ('dislikes', 'excluded_exercises') then array_to_string(array(
      select distinct w.word from unnest(private.food_words(value #>> '{}')) as w (word) order by w.word), ' ')
    when jsonb_typeof(value) = 'number' then trim_scale(value::numeric)::text
    when field in ('goals', 'medication', 'residence', 'work') then lower(btrim(value #>> '{}', E' \t\n.!'))
    else value #>> '{}' end
$$;

-- Whether two facts are about the same member of a field, or the same value. An injury without a side may be on either.
create or replace function private.facts_meet(fact jsonb, other jsonb) returns boolean
language sql immutable set search_path = '' as $$
  select fact -> 'field' = other -> 'field'
     and private.fact_key(fact ->> 'field', fact -> 'value') = private.fact_key(other ->> 'field', other -> 'value')
     and (fact ->> 'field' <> 'injuries'
       or coalesce(fact #>> '{value,side}' = other #>> '{value,side}', true))
$$;

-- Whether a new fact takes the place of an old one: another value of what there is one of, a retraction of what was
-- said, or the return of what was retracted.
create or replace function private.fact_overrides(new_fact jsonb, old_fact jsonb) returns boolean
language sql immutable set search_path = '' as $$
  select case
    when new_fact -> 'field' <> old_fact -> 'field' then false
    when new_fact ->> 'op' = 'set' and old_fact ->> 'op' = 'set' then not private.facts_meet(new_fact, old_fact)
    else (new_fact ->> 'op' = 'remove') <> (old_fact ->> 'op' = 'remove') and private.facts_meet(new_fact, old_fact) end
$$;

-- Those of the old facts that stay beside the new ones. `same_too`: nor do those that the new ones say again.
create or replace function private.remaining_facts(old_facts jsonb, new_facts jsonb, same_too boolean default false) returns jsonb
language sql immutable set search_path = '' as $$
  select coalesce(jsonb_agg(o.value order by o.n), '[]')
    from jsonb_array_elements(old_facts) with ordinality as o (value, n)
   where not exists (
     select from jsonb_array_elements(new_facts) as f
      where private.fact_overrides(f.value, o.value)
         or (same_too and f.value -> 'op' = o.value -> 'op' and private.facts_meet(f.value, o.value)))
$$;

-- The sound ones of a statement's facts, each once, and twelve at most: words of a person or a model never make a turn fail.
create or replace function private.sound_facts(facts jsonb) returns jsonb
language sql stable set search_path = '' as $$
  select coalesce(jsonb_agg(d.value order by d.n), '[]')
    from (select f.value, min(f.n) as n
            from jsonb_array_elements(case when jsonb_typeof(facts) = 'array' and pg_column_size(facts) <= 65536
                                           then facts else '[]' end) with ordinality as f (value, n)
           where private.is_fact(f.value) group by f.value order by 2 limit 12) as d
$$;

-- What generated plans must keep to from the moment it is said, and what leads to the careful path.
create or replace function private.constrains(fact jsonb) returns boolean
language sql immutable set search_path = '' as $$
  select fact ->> 'field' in ('allergens', 'diet', 'injuries', 'dislikes', 'excluded_exercises', 'pregnancy', 'conditions',
    'medication') and fact ->> 'op' <> 'remove'
$$;

-- What the profile has a place for: offered until it is applied or declined.
create or replace function private.is_offered(field text) returns boolean
language sql immutable set search_path = '' as $$
  select field not in ('pregnancy', 'conditions', 'medication', 'age', 'residence', 'work')
$$;

grant execute on function private.fact_key, private.facts_meet, private.fact_overrides, private.remaining_facts,
  private.sound_facts, private.constrains, private.is_offered to authenticated, service_role;

comment on column public.memories.facts is
  'What it says in words of the profile: a list of {"field", "op", "value"} (private.is_fact).';

comment on column public.memories.decision is
  'Whether the person had its facts applied to the profile, or declined them; null while nothing is decided.';

comment on column public.memories.asks_to_keep is
  'Whether the person said it again after forgetting it, and is asked whether to keep it.';

-- Generating, checking and suggesting read the facts of a person each time.
create index memories_with_facts on public.memories (user_id, stated_at) where status = 'active' and facts <> '[]';

create index memories_to_keep on public.memories (user_id) where asks_to_keep;

grant select (id, user_id, kind, content, status, salience, pinned, mentions, source_message_id, source_quote,
  superseded_by, embedding_model, stated_at, last_used_at, created_at, updated_at, facts, decision, decided_at, asks_to_keep)
  on public.memories to authenticated;

-- Using or embedding a memory does not change updated_at: a person's If-Match should still hold.
drop trigger memories_set_updated_at on public.memories;
create trigger memories_set_updated_at before update on public.memories for each row
  when ((old.kind, old.content, old.status, old.salience, old.pinned, old.mentions, old.source_quote, old.superseded_by,
      old.facts, old.decision, old.asks_to_keep)
    is distinct from (new.kind, new.content, new.status, new.salience, new.pinned, new.mentions, new.source_quote,
      new.superseded_by, new.facts, new.decision, new.asks_to_keep))
  execute function private.set_updated_at();

-- A memory as its owner sees it.
create or replace function private.memory_document(memory public.memories) returns jsonb
language sql immutable set search_path = '' as $$
  select jsonb_build_object('id', memory.id, 'kind', memory.kind, 'content', memory.content, 'status', memory.status,
    'salience', memory.salience, 'pinned', memory.pinned, 'mentions', memory.mentions,
    'source_message_id', memory.source_message_id, 'source_quote', memory.source_quote,
    'superseded_by', memory.superseded_by, 'stated_at', memory.stated_at, 'last_used_at', memory.last_used_at,
    'created_at', memory.created_at, 'updated_at', memory.updated_at, 'facts', memory.facts, 'decision', memory.decision,
    'asks_to_keep', memory.asks_to_keep)
$$;

-- The tombstones of what was forgotten in these words, or nearly.
create or replace function private.tombstones(owner uuid, hash bytea, vector extensions.halfvec, model text) returns uuid[]
language plpgsql stable set search_path = '' as $$
declare
  forgotten_cosine constant real := (private.embedding_rules(model)).forgotten_cosine;
begin
  return array(
    select m.id from public.memories as m
     where m.user_id = owner and m.status = 'dismissed' and m.content_hash = hash
    union
    select m.id from public.memories as m
     where m.user_id = owner and m.status = 'dismissed' and m.embedding_model = model
       and -(m.embedding operator(extensions.<#>) vector) >= forgotten_cosine);
end $$;

-- The active memory that says the same: in the same words, or (`nearly`) with a vector near enough, the same
-- distinguishing terms, and no facts that it does not have. Null when there is none.
create or replace function private.same_memory(owner uuid, content text, vector extensions.halfvec, model text, facts jsonb,
  nearly boolean) returns uuid
language plpgsql stable set search_path = '' as $$
declare
  rules constant record := private.embedding_rules(model);
  memory_id uuid;
begin
  select m.id into memory_id from public.memories as m
   where m.user_id = owner and m.status = 'active' and m.content_hash = private.words_hash(same_memory.content);
  if memory_id is null and nearly then
    select m.id into memory_id
      from (select v.id, v.embedding operator(extensions.<#>) vector as distance from public.memories as v
             where v.user_id = owner and v.status = 'active' and v.embedding_model = model
             order by 2, 1 limit 5) as n
        join public.memories as m on m.id = n.id
     where -n.distance >= case
             when tsvector_to_array(m.words) = tsvector_to_array(private.owned_words(owner, same_memory.content))
             then rules.near_cosine else rules.same_cosine end
       and private.distinguishing_terms(m.content) = private.distinguishing_terms(same_memory.content)
       and (m.facts = '[]' or private.remaining_facts(same_memory.facts, m.facts, same_too => true) = '[]')
     order by n.distance, n.id limit 1;
  end if;
  return memory_id;
end $$;

-- The other active memories that a statement with these facts takes the place of: those all of whose facts end by them,
-- and `replaces`, the one that was named as contradicted, unless it has constraints that the new facts do not speak of. A
-- peanut allergy does not end because a sentence about milk was understood to contradict it.
create or replace function private.superseded_memories(owner uuid, memory_id uuid, new_facts jsonb, replaces uuid) returns uuid[]
language sql stable set search_path = '' as $$
  select array(
    select m.id from public.memories as m
     where new_facts <> '[]' and m.user_id = owner and m.status = 'active' and m.facts <> '[]' and m.id <> memory_id
       and private.remaining_facts(m.facts, new_facts) = '[]'
    union
    select m.id from public.memories as m
     where m.id = replaces and m.user_id = owner and m.status = 'active' and m.id <> memory_id
       and not exists (
         select from jsonb_array_elements(private.remaining_facts(m.facts, new_facts, same_too => true)) as f
          where private.constrains(f.value)))
$$;

-- Ends the facts of others that these take the place of, where the memory goes on with the rest of its own.
create or replace function private.end_facts(owner uuid, memory_id uuid, new_facts jsonb) returns void
language sql set search_path = '' as $$
  update public.memories as m set facts = private.remaining_facts(m.facts, new_facts)
   where new_facts <> '[]' and m.user_id = owner and m.status = 'active' and m.facts <> '[]' and m.id <> memory_id
     and private.remaining_facts(m.facts, new_facts) <> m.facts
$$;

-- Keeps a statement: {"outcome", "id"}. `statement` is {kind, content, quote, salience, pinned, embedding ("[…]" or
-- null), embedding_model, replaces (the id of a memory that it contradicts, or null), facts}. The first outcome that fits:
--   full           there are as many as the quota `memories` allows
--   learned_again  it was dismissed before, in these words or nearly: the person is asked whether to keep it
--   superseded     it replaces others, which stay as history
--   learned        it is new
--   reinforced     an active memory says the same; the words are added to those that forgetting it removes, and the facts
--                  to its own, which are offered again
-- The caller must have locked the person's row, so that two requests do not learn the same at once.
create or replace function private.keep_memory(owner uuid, statement jsonb, message_id uuid, by_hand boolean) returns jsonb
language plpgsql set search_path = '' as $$
declare
  new_content constant text := btrim(statement ->> 'content');
  hash constant bytea := private.words_hash(new_content);
  quote constant text := btrim(statement ->> 'quote');
  vector constant extensions.halfvec := private.unit_vector(statement ->> 'embedding');
  model constant text := statement ->> 'embedding_model';
  new_kind constant public.memory_kind := statement ->> 'kind';
  new_salience constant real := coalesce((statement ->> 'salience')::real, 0.5);
  new_facts constant jsonb := private.sound_facts(statement -> 'facts');
  replaced constant uuid := (select m.id from public.memories as m
    where m.id = (statement ->> 'replaces')::uuid and m.user_id = owner and m.status = 'active');
  tombstones constant uuid[] := private.tombstones(owner, hash, vector, model);
  was_forgotten constant boolean := not by_hand and (tombstones <> '{}' or exists (
    -- The same sentence again: a model may word what it learns from it in another way each time.
    select from public.memories as m where m.user_id = owner and m.status = 'dismissed' and m.kind = new_kind
      and m.quote_hash = private.words_hash(quote)));
  memory_id uuid := private.same_memory(owner, new_content, vector, model, new_facts, nearly => replaced is null);
  is_new constant boolean := memory_id is null;
  superseded uuid[];
begin
  if is_new and private.quota_left(owner, 'memories') <= 0 then
    return jsonb_build_object('outcome', 'full', 'id', null);
  end if;
  memory_id := coalesce(memory_id, gen_random_uuid());
  superseded := private.superseded_memories(owner, memory_id, new_facts, replaced);
  if is_new then
    insert into public.memories (id, user_id, kind, content, content_hash, embedding, embedding_model, salience, pinned,
      source_message_id, source_quote, quote_hash, facts, asks_to_keep)
    values (memory_id, owner, new_kind, new_content, hash, vector, model, new_salience,
      coalesce((statement ->> 'pinned')::boolean,
        exists (select from public.memories as m where m.id = any (superseded) and m.pinned)),
      message_id, quote, private.words_hash(quote), new_facts, was_forgotten);
  else
    update public.memories as m
       set mentions = m.mentions + 1, stated_at = now(), salience = greatest(m.salience, new_salience),
           paraphrases = private.add_paraphrases(m.paraphrases, array[quote]),
           facts = private.sound_facts(new_facts || private.remaining_facts(m.facts, new_facts, same_too => true)),
           decision = case when new_facts = '[]' then m.decision end,
           decided_at = case when new_facts = '[]' then m.decided_at end,
           asks_to_keep = m.asks_to_keep and not by_hand
     where m.id = memory_id;
  end if;
  if by_hand then
    delete from public.memories as m where m.id = any (tombstones);
  end if;
  update public.memories as m set status = 'superseded', superseded_by = memory_id, pinned = false, asks_to_keep = false
   where m.id = any (superseded);
  perform private.end_facts(owner, memory_id, new_facts);
  return jsonb_build_object('id', memory_id, 'outcome', case
    when is_new and was_forgotten then 'learned_again'
    when superseded <> '{}' then 'superseded'
    when is_new then 'learned' else 'reinforced' end);
end $$;

-- PATCH /memories/{id}: the memory after the change, null when there is none. What the payload leaves out stays. A
-- corrected memory is in the person's own words: it loses the quote that it came from, but forgetting it also removes
-- the earlier words from the chat. `facts` are those of the new content; without them, the facts stay.
create or replace function public.update_memory(memory_id uuid, payload jsonb, unchanged_since timestamptz[] default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  old_memory constant public.memories := private.lock_memory(auth.uid(), memory_id, unchanged_since);
  new_content constant text := coalesce(btrim(payload ->> 'content'), old_memory.content);
  is_corrected constant boolean := new_content <> old_memory.content;
  new_facts constant jsonb := case when is_corrected and payload ? 'facts' then private.sound_facts(payload -> 'facts')
                                   else old_memory.facts end;
  new_memory public.memories;
begin
  if old_memory.id is null then
    return null;
  elsif old_memory.status = 'superseded' then
    raise sqlstate 'PT409' using message = 'A newer memory has replaced this one; change that one.';
  elsif exists (select from public.memories as m
      where m.user_id = old_memory.user_id and m.status = 'active' and m.id <> old_memory.id
      and m.content_hash = private.words_hash(new_content)) then
    raise sqlstate 'PT409' using message = 'Another memory says this already.';
  end if;
  update public.memories as m set
      kind = coalesce((payload ->> 'kind')::public.memory_kind, m.kind),
      salience = coalesce((payload ->> 'salience')::real, m.salience),
      pinned = coalesce((payload ->> 'pinned')::boolean, m.pinned),
      content = new_content, content_hash = private.words_hash(new_content),
      embedding = case when is_corrected then private.unit_vector(payload ->> 'embedding') else m.embedding end,
      embedding_model = case when is_corrected then payload ->> 'embedding_model' else m.embedding_model end,
      source_message_id = case when not is_corrected then m.source_message_id end,
      source_quote = case when not is_corrected then m.source_quote end,
      paraphrases = case when is_corrected
        then private.add_paraphrases(m.paraphrases, array[m.content, m.source_quote]) else m.paraphrases end,
      stated_at = case when is_corrected then now() else m.stated_at end,
      facts = new_facts,
      decision = case when new_facts = m.facts then m.decision end,
      decided_at = case when new_facts = m.facts then m.decided_at end
   where m.id = old_memory.id returning m.* into new_memory;
  if new_facts <> old_memory.facts then
    perform private.end_facts(old_memory.user_id, old_memory.id, new_facts);
  end if;
  return private.memory_document(new_memory);
end $$;

-- Turns one memory, or all, into tombstones, and removes them from the newest messages; a job goes on with the older
-- ones. Deletes the oldest tombstones beyond the quota of memories. Returns the number of memories that were forgotten.
-- The caller must have locked the person's row.
create or replace function private.tombstone_memories(owner uuid, memory_id uuid default null) returns integer
language plpgsql set search_path = '' as $$
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
      paraphrases = '{}', superseded_by = null, last_used_at = null, pinned = false, salience = 0.5, mentions = 1,
      facts = '[]', decision = null, decided_at = null, asks_to_keep = false
   where m.user_id = owner and m.status <> 'dismissed' and (memory_id is null or m.id = memory_id);
  get diagnostics forgotten = row_count;
  perform private.count_usage(owner, 'memories', -forgotten);
  delete from public.memories as m where m.id in (
    select t.id from public.memories as t where t.user_id = owner and t.status = 'dismissed'
     order by t.updated_at desc, t.id offset private.quota_limit('memories'));
  if private.forget_in_messages(owner, null, private.messages_at_once()) is null then
    delete from private.forgotten_texts as f where f.user_id = owner;
  else
    perform private.enqueue_forgetting(owner);
  end if;
  return forgotten;
end $$;

-- What a person has told, as planning sees it: which facts of their memories are in force, the profile with these, and
-- deciding on what is offered. A fact is
--   undecided  in force where safety or what is generated depends on it, and offered for the profile;
--   applied    written into the profile, which is what counts from then on;
--   declined   no longer in force.
-- What the profile has no place for (pregnancy, conditions, medication) is in force until it is retracted, forgotten, or
-- declined. What a person changes in the profile by hand ends what they had told of it before.
create type private.told_fact as (memory_id uuid, field public.fact_field, op public.fact_op, value jsonb, key text,
  quote text, said_at timestamptz);

-- The decision on one of a memory's facts. What is not offered is not decided on together with what is.
create or replace function private.decision_on(fact jsonb, facts jsonb, decision public.fact_decision) returns public.fact_decision
language sql immutable set search_path = '' as $$
  select case when decision is null or private.is_offered(fact ->> 'field') then decision
    when decision = 'declined'
      and not exists (select from jsonb_array_elements(facts) as f where private.is_offered(f.value ->> 'field')) then decision end
$$;

-- The facts of all active memories.
create or replace function private.told_facts(owner uuid) returns table (memory_id uuid, field public.fact_field, op public.fact_op,
  value jsonb, quote text, said_at timestamptz, decision public.fact_decision)
language sql stable set search_path = '' as $$
  select m.id, (f.value ->> 'field')::public.fact_field, (f.value ->> 'op')::public.fact_op, f.value -> 'value',
         coalesce(m.source_quote, m.content), m.stated_at, private.decision_on(f.value, m.facts, m.decision)
    from public.memories as m cross join lateral jsonb_array_elements(m.facts) as f
   where m.user_id = owner and m.status = 'active' and m.facts <> '[]'
$$;

-- The undecided facts that are in force: of those that are about the same, the newest. While memory is off, only safety
-- and care are.
create or replace function private.facts_in_force(owner uuid) returns setof private.told_fact
language sql stable rows 10 set search_path = '' as $$
  select distinct on (t.field, k.key, t.value ->> 'side')
         t.memory_id, t.field, t.op, t.value, k.key, t.quote, t.said_at
    from private.told_facts(owner) as t
      cross join lateral (select private.fact_key(t.field::text, t.value) as key) as k
   where t.decision is null
     and (t.field in ('allergens', 'diet', 'injuries', 'pregnancy', 'conditions', 'medication')
       or exists (select from public.users as u where u.id = owner and u.memory_enabled))
   order by t.field, k.key, t.value ->> 'side', t.said_at desc, t.memory_id
$$;

-- The person as they are: the profile with what they have told of allergens, diet, injuries and dislikes. Whatever is
-- generated, checked or suggested reads this and never the profile alone; told exclusions of exercises are in
-- private.excluded_exercises. A retraction counts at once, but for an allergen of the profile, which stays until the
-- person applies its removal.
create or replace function private.person(owner uuid) returns public.users
language plpgsql stable set search_path = '' as $$
declare
  told constant private.told_fact[] := array(
    select f from private.facts_in_force(owner) as f where f.field in ('allergens', 'diet', 'injuries', 'dislikes'));
  person public.users;
begin
  select * into person from public.users as u where u.id = owner;
  if told <> '{}' then
    person.allergens := array(
      select unnest(person.allergens)
      union select f.key::public.allergen from unnest(told) as f where f.field = 'allergens' and f.op = 'add' order by 1);
    person.diet := private.told_diet(person.diet, told);
    person.injuries := private.told_injuries(person, told);
    person.dislikes := private.told_dislikes(person.dislikes, told);
  end if;
  return person;
end $$;

-- The diet that was set last, unless that was retracted since.
create or replace function private.told_diet(diet public.diet, told private.told_fact[]) returns public.diet
language sql immutable set search_path = '' as $$
  with set_last as (
    select f.key, f.said_at from unnest(told) as f where f.field = 'diet' and f.op = 'set' order by f.said_at desc limit 1),
  current as (
    select coalesce(s.key, told_diet.diet::text) as diet, coalesce(s.said_at, '-infinity') as said_at
      from (select) as nothing left join set_last as s on true)
  select c.diet::public.diet from current as c
   where not exists (
     select from unnest(told) as f where f.field = 'diet' and f.op = 'remove' and f.key = c.diet and f.said_at > c.said_at)
$$;

-- Joints of the profile without the healed ones, and those that were told. A profile does not say which side: a joint stays
-- when only one side has healed and the other had been applied.
create or replace function private.told_injuries(person public.users, told private.told_fact[]) returns public.joint[]
language sql stable set search_path = '' as $$
  select array(
    select j from unnest(person.injuries) as j
     where not exists (select from unnest(told) as f where f.field = 'injuries' and f.op = 'remove' and f.key = j::text)
        or private.has_other_side(person.id, j, told)
    union select f.key::public.joint from unnest(told) as f where f.field = 'injuries' and f.op = 'add' order by 1)
$$;

-- Whether an injury of the joint was applied on a side that none of these retractions means.
create or replace function private.has_other_side(owner uuid, joint public.joint, told private.told_fact[]) returns boolean
language sql stable set search_path = '' as $$
  select exists (
    select from private.told_facts(owner) as t
     where t.field = 'injuries' and t.op = 'add' and t.decision = 'applied' and t.value ->> 'joint' = has_other_side.joint::text
       and not exists (
         select from unnest(told) as f
          where f.field = 'injuries' and f.op = 'remove' and f.key = has_other_side.joint::text
            and coalesce(f.value ->> 'side' = t.value ->> 'side', true)))
$$;

create or replace function private.told_dislikes(dislikes text[], told private.told_fact[]) returns text[]
language sql immutable set search_path = '' as $$
  with kept as (
    select d.dislike, private.fact_key('dislikes', to_jsonb(d.dislike)) as key, d.n
      from unnest(dislikes) with ordinality as d (dislike, n))
  select array(
    select k.dislike from kept as k
     where not exists (select from unnest(told) as f where f.field = 'dislikes' and f.op = 'remove' and f.key = k.key)
     order by k.n)
    || array(
    select f.value #>> '{}' from unnest(told) as f
     where f.field = 'dislikes' and f.op = 'add' and f.key not in (select k.key from kept as k) order by f.said_at, f.key)
$$;

-- Whether all of these words are in the name or in one alias of the exercise.
create or replace function private.exercise_has_words(exercise public.exercises, words text[]) returns boolean
language sql immutable set search_path = '' as $$
  select words <> '{""}' and exists (
    select from unnest(exercise.name || exercise.aliases) as phrase where words <@ private.food_words(phrase))
$$;

-- The exercises that no plan of this person is to have: those they excluded, unless they have taken it back since, and
-- those that they told by name or family.
create or replace function private.excluded_exercises(owner uuid) returns setof uuid
language sql stable set search_path = '' as $$
  with told as materialized (
    select f.op, f.said_at, private.food_words(f.value #>> '{}') as words from private.facts_in_force(owner) as f
     where f.field = 'excluded_exercises')
  select p.exercise_id
    from public.exercise_preferences as p join public.exercises as e on e.id = p.exercise_id
   where p.user_id = owner and p.kind = 'excluded'
     and not exists (select from told as t
                      where t.op = 'remove' and t.said_at > p.updated_at and private.exercise_has_words(e, t.words))
  union
  select e.id from told as t join public.exercises as e on private.exercise_has_words(e, t.words)
   where t.op = 'add' and (e.user_id is null or e.user_id = owner)
$$;

-- Whether the profile says this already, so that there is nothing to offer. Exclusions of exercises are offered until they
-- are decided on: comparing them with every exercise would cost more than it is worth.
create or replace function private.is_in_profile(fact private.told_fact, person public.users) returns boolean
language sql stable set search_path = '' as $$
  select case fact.field
    when 'allergens' then (fact.key = any (person.allergens::text[])) = (fact.op = 'add')
    when 'equipment' then (fact.key = any (person.equipment::text[])) = (fact.op = 'add')
    when 'injuries' then (fact.key = any (person.injuries::text[])) = (fact.op = 'add')
    when 'dislikes' then (fact.key in (
      select private.fact_key('dislikes', to_jsonb(d)) from unnest(person.dislikes) as d)) = (fact.op = 'add')
    when 'goals' then (fact.key in (
      select private.fact_key('goals', to_jsonb(g)) from unnest(person.goals) as g)) = (fact.op = 'add')
    when 'diet' then (coalesce(person.diet::text, '') = fact.key) = (fact.op = 'set')
    when 'days_per_week' then person.days_per_week::text is not distinct from fact.key
    when 'session_minutes' then person.session_minutes::text is not distinct from fact.key
    when 'sport' then person.sport::text is not distinct from fact.key
    when 'experience_level' then person.experience_level::text is not distinct from fact.key
    when 'weight_unit' then person.weight_unit::text = fact.key
    when 'distance_unit' then person.distance_unit::text = fact.key
    when 'timezone' then person.timezone = fact.key
    when 'date_of_birth' then person.date_of_birth::text is not distinct from fact.key
    when 'height' then private.is_measured(person.id, 'height', fact)
    when 'body_weight' then private.is_measured(person.id, 'body_weight', fact)
    else false end
$$;

-- Whether it was measured since, or the last measurement says the same.
create or replace function private.is_measured(owner uuid, kind public.measurement_kind, fact private.told_fact) returns boolean
language sql stable set search_path = '' as $$
  select coalesce((
    select m.measured_at > fact.said_at or m.value = fact.key::numeric from public.measurements as m
     where m.user_id = owner and m.kind = is_measured.kind order by m.local_date desc limit 1), false)
$$;

-- What was told and holds, newest first, for generators to keep to and to name: [{"memory_id", "field", "op", "value",
-- "quote", "said_at"}]. What was applied is among it for as long as the profile has it.
create or replace function private.told(owner uuid) returns jsonb
language sql stable set search_path = '' as $$
  with told as (
    select f.* from private.facts_in_force(owner) as f
    union all
    select f.*
      from public.users as u
        cross join lateral (
          select t.memory_id, t.field, t.op, t.value, private.fact_key(t.field::text, t.value), t.quote, t.said_at
            from private.told_facts(owner) as t where t.decision = 'applied' and t.op <> 'remove') as f
     where u.id = owner and u.memory_enabled
       and (f.field = 'excluded_exercises' or private.is_in_profile(row(f.*)::private.told_fact, u)))
  select coalesce(jsonb_agg(jsonb_build_object('memory_id', t.memory_id, 'field', t.field, 'op', t.op, 'value', t.value,
           'quote', t.quote, 'said_at', t.said_at) order by t.said_at desc, t.memory_id, t.field, t.key), '[]')
    from (select * from told as t order by t.said_at desc, t.memory_id limit 200) as t
$$;

-- GET /users/me: what the person has told and the profile could have, newest first: [{"memory_id", "field", "op", "value",
-- "quote", "said_at"}]. What they had forgotten and said again is among it with the op "keep" and no field.
-- A computed column: `select=*,unconfirmed`. The argument has no name, so that nobody can call it with a made-up profile.
-- Volatile, so that the answer to a change of the profile sees what that change has ended.
create or replace function public.unconfirmed(public.users) returns jsonb
language sql set search_path = '' as $$
  with offered as (
    select f.memory_id, f.field::text, f.op::text, f.value, f.quote, f.said_at from private.facts_in_force(($1).id) as f
     where private.is_offered(f.field::text) and not private.is_in_profile(f, $1)
    union all
    select m.id, null, 'keep', null, coalesce(m.source_quote, m.content), m.stated_at from public.memories as m
     where m.user_id = ($1).id and m.status = 'active' and m.asks_to_keep)
  select coalesce(jsonb_agg(to_jsonb(o) order by o.said_at desc, o.memory_id, o.field nulls first, o.value), '[]')
    from (select * from offered as o order by o.said_at desc, o.memory_id limit 200) as o
$$;

comment on function public.unconfirmed is 'What a person has told that the profile could have, until it is applied or declined.';

-- Adds a member to a list of the profile, or takes it out. PT409 when the list is full.
create or replace function private.change_list(field text, members text[], op text, value jsonb, max_members integer) returns text[]
language plpgsql set search_path = '' as $$
declare
  key constant text := private.fact_key(field, value);
  others constant text[] := array(
    select m.member from unnest(members) with ordinality as m (member, n)
     where private.fact_key(field, case field when 'injuries' then jsonb_build_object('joint', m.member) else to_jsonb(m.member) end)
           <> key order by m.n);
begin
  if op = 'remove' then
    return others;
  elsif others <> members then
    return members;
  elsif cardinality(members) >= max_members then
    raise sqlstate 'PT409' using message = format('Your profile has %s %s already; remove one first.', max_members, field);
  end if;
  return members || coalesce(value ->> 'joint', value #>> '{}');
end $$;

-- Writes a fact into a list of the profile.
create or replace function private.apply_to_list(person public.users, field text, op text, value jsonb) returns void
language plpgsql set search_path = '' as $$
begin
  if field = 'injuries' and op = 'remove' and exists (
    select from private.told_facts(person.id) as t
     where t.field = 'injuries' and t.op = 'add' and t.decision is distinct from 'declined'
       and t.value ->> 'joint' = apply_to_list.value ->> 'joint') then
    return; -- the other side is injured
  end if;
  update public.users as u set
      allergens = case when field = 'allergens'
        then private.change_list(field, u.allergens::text[], op, value, 14)::public.allergen[] else u.allergens end,
      equipment = case when field = 'equipment'
        then private.change_list(field, u.equipment::text[], op, value, 26)::public.equipment[] else u.equipment end,
      injuries = case when field = 'injuries'
        then private.change_list(field, u.injuries::text[], op, value, 9)::public.joint[] else u.injuries end,
      dislikes = case when field = 'dislikes'
        then private.change_list(field, u.dislikes, op, value, 50) else u.dislikes end,
      goals = case when field = 'goals' then private.change_list(field, u.goals, op, value, 10) else u.goals end
   where u.id = person.id;
end $$;

-- Writes a single value into the profile; a diet may also be taken out.
create or replace function private.apply_value(person public.users, field text, op text, value jsonb) returns void
language plpgsql set search_path = '' as $$
declare
  word constant text := private.fact_key(field, value);
begin
  update public.users as u set
      diet = case when field <> 'diet' then u.diet when op = 'set' then word::public.diet
                  when u.diet::text <> word then u.diet end,
      days_per_week = case when field = 'days_per_week' then word::smallint else u.days_per_week end,
      session_minutes = case when field = 'session_minutes' then word::smallint else u.session_minutes end,
      sport = case when field = 'sport' then word::public.sport else u.sport end,
      experience_level = case when field = 'experience_level' then word::public.experience_level else u.experience_level end,
      weight_unit = case when field = 'weight_unit' then word::public.weight_unit else u.weight_unit end,
      distance_unit = case when field = 'distance_unit' then word::public.distance_unit else u.distance_unit end,
      timezone = case when field = 'timezone' then word else u.timezone end,
      date_of_birth = case when field = 'date_of_birth' then word::date else u.date_of_birth end
   where u.id = person.id;
end $$;

-- Excludes all exercises that have these words, also favourites, or no longer excludes them. The person's words are not
-- given as the reason: forgetting the memory would have to find them there.
create or replace function private.apply_exclusion(owner uuid, op text, value jsonb) returns void
language plpgsql set search_path = '' as $$
declare
  exercises constant uuid[] := array(
    select e.id from public.exercises as e
     where (e.user_id is null or e.user_id = owner) and e.hidden_at is null
       and private.exercise_has_words(e, private.food_words(value #>> '{}')));
begin
  if op = 'add' then
    insert into public.exercise_preferences as p (user_id, exercise_id, kind)
    select owner, e.id, 'excluded' from unnest(exercises) as e (id)
    on conflict on constraint exercise_preferences_one_each
      do update set kind = excluded.kind, reason = null where p.kind <> excluded.kind;
  else
    delete from public.exercise_preferences as p
     where p.user_id = owner and p.kind = 'excluded' and p.exercise_id = any (exercises);
  end if;
end $$;

-- Measured today, unless it was measured since it was said.
create or replace function private.apply_measurement(owner uuid, kind public.measurement_kind, value jsonb, said_at timestamptz)
returns void
language sql set search_path = '' as $$
  insert into public.measurements (user_id, kind, value, measured_at)
  select owner, apply_measurement.kind, (apply_measurement.value)::numeric, now()
   where not exists (
     select from public.measurements as m
      where m.user_id = owner and m.kind = apply_measurement.kind and m.measured_at > said_at)
  on conflict on constraint measurements_one_a_day do update set value = excluded.value, measured_at = excluded.measured_at
$$;

-- Writes the facts of a memory into the profile. Nothing that is there is lost: lists are merged.
create or replace function private.apply_facts(memory public.memories) returns void
language plpgsql set search_path = '' as $$
declare
  person public.users;
  fact record;
begin
  select * into person from public.users as u where u.id = memory.user_id;
  for fact in select f.* from jsonb_to_recordset(memory.facts) as f (field text, op text, value jsonb) loop
    case
      when not private.is_offered(fact.field) then null;
      when fact.field in ('allergens', 'equipment', 'injuries', 'dislikes', 'goals') then
        perform private.apply_to_list(person, fact.field, fact.op, fact.value);
      when fact.field = 'excluded_exercises' then
        perform private.apply_exclusion(person.id, fact.op, fact.value);
      when fact.field in ('height', 'body_weight') then
        perform private.apply_measurement(person.id, fact.field::public.measurement_kind, fact.value, memory.stated_at);
      else perform private.apply_value(person, fact.field, fact.op, fact.value);
    end case;
  end loop;
end $$;

-- Raises PT409 when there is nothing to decide about the memory.
create or replace function private.assert_decidable(memory public.memories, is_decidable boolean) returns void
language plpgsql set search_path = '' as $$
begin
  if memory.status = 'superseded' then
    raise sqlstate 'PT409' using message = 'A newer memory has replaced this one; decide on that one.';
  elsif not is_decidable and not memory.asks_to_keep then
    raise sqlstate 'PT409' using message = 'This memory says nothing that the profile has a place for, so there is nothing to decide.';
  end if;
end $$;

-- POST /memories/{id}/apply: the memory after its facts were written into the profile; null when there is none. One that
-- had been forgotten and was said again is kept. Applying again changes nothing. What was declined may be applied later.
-- Definer, like the next one: people may not write memories. lock_memory() finds only those of auth.uid().
create or replace function public.apply_memory(memory_id uuid, unchanged_since timestamptz[] default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  memory public.memories := private.lock_memory(auth.uid(), memory_id, unchanged_since);
begin
  if memory.id is null then
    return null;
  elsif memory.decision is distinct from 'applied' or memory.asks_to_keep then
    perform private.assert_decidable(memory,
      exists (select from jsonb_array_elements(memory.facts) as f where private.is_offered(f.value ->> 'field')));
    if memory.asks_to_keep then
      delete from public.memories as m
       where m.user_id = memory.user_id and m.id = any (
         private.tombstones(memory.user_id, memory.content_hash, memory.embedding, memory.embedding_model));
    end if;
    -- Before the profile changes: what the person does there by hand would end undecided facts.
    update public.memories as m set decision = 'applied', decided_at = clock_timestamp(), asks_to_keep = false
     where m.id = memory.id returning m.* into memory;
    perform private.apply_facts(memory);
  end if;
  return private.memory_document(memory);
end $$;

-- POST /memories/{id}/decline: {"memory"}, whose facts are no longer in force, null when there is none. What had been
-- forgotten and was said again is forgotten again: then the memory is null.
create or replace function public.decline_memory(memory_id uuid, unchanged_since timestamptz[] default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  memory public.memories := private.lock_memory(auth.uid(), memory_id, unchanged_since);
begin
  if memory.id is null then
    return null;
  elsif memory.asks_to_keep then
    perform private.tombstone_memories(memory.user_id, memory.id);
    return '{"memory": null}';
  elsif memory.decision = 'applied' then
    raise sqlstate 'PT409' using message = 'This is in your profile already; change it there.';
  elsif memory.decision is null then
    perform private.assert_decidable(memory, exists (
      select from jsonb_array_elements(memory.facts) as f
       where private.is_offered(f.value ->> 'field') or private.constrains(f.value)));
    update public.memories as m set decision = 'declined', decided_at = clock_timestamp()
     where m.id = memory.id returning m.* into memory;
    -- The same, said in other words.
    update public.memories as m set facts = private.remaining_facts(m.facts, memory.facts, same_too => true)
     where m.user_id = memory.user_id and m.status = 'active' and m.decision is null and m.facts <> '[]'
       and private.remaining_facts(m.facts, memory.facts, same_too => true) <> m.facts;
  end if;
  return jsonb_build_object('memory', private.memory_document(memory));
end $$;

-- What a change of the profile says, as facts: members that came and members that went.
create or replace function private.list_changes(field text, before text[], after text[]) returns jsonb
language sql immutable set search_path = '' as $$
  select coalesce(jsonb_agg(jsonb_build_object('field', field, 'op', c.op, 'value',
      case field when 'injuries' then jsonb_build_object('joint', c.member) else to_jsonb(c.member) end)), '[]')
    from (select 'add' as op, a as member from unnest(after) as a where a <> all (before)
          union all select 'remove', b from unnest(before) as b where b <> all (after)) as c
$$;

-- Definer: people may not write memories.
create or replace function private.end_outdated_facts() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  changes constant jsonb := private.list_changes('allergens', old.allergens::text[], new.allergens::text[])
    || private.list_changes('injuries', old.injuries::text[], new.injuries::text[])
    || private.list_changes('equipment', old.equipment::text[], new.equipment::text[])
    || private.list_changes('dislikes', old.dislikes, new.dislikes) || private.list_changes('goals', old.goals, new.goals);
  fields constant text[] := array_remove(array[
    case when old.diet is distinct from new.diet then 'diet' end,
    case when old.days_per_week is distinct from new.days_per_week then 'days_per_week' end,
    case when old.session_minutes is distinct from new.session_minutes then 'session_minutes' end,
    case when old.sport is distinct from new.sport then 'sport' end,
    case when old.experience_level is distinct from new.experience_level then 'experience_level' end,
    case when old.weight_unit is distinct from new.weight_unit then 'weight_unit' end,
    case when old.distance_unit is distinct from new.distance_unit then 'distance_unit' end,
    case when old.timezone is distinct from new.timezone then 'timezone' end,
    case when old.date_of_birth is distinct from new.date_of_birth then 'date_of_birth' end], null);
begin
  update public.memories as m set facts = r.facts
    from public.memories as o
      cross join lateral (
        select coalesce(jsonb_agg(f.value order by f.n), '[]') as facts
          from jsonb_array_elements(private.remaining_facts(o.facts, changes)) with ordinality as f (value, n)
         where f.value ->> 'field' <> all (fields)) as r
   where m.id = o.id and o.user_id = new.id and o.status = 'active' and o.decision is null and o.facts <> '[]'
     and r.facts <> o.facts;
  return new;
end $$;

comment on function private.end_outdated_facts() is
  'Trigger: what a person changes in the profile by hand ends what they had told of it before.';

create trigger users_end_outdated_facts
  before update of allergens, injuries, equipment, dislikes, goals, diet, days_per_week, session_minutes, sport,
    experience_level, weight_unit, distance_unit, timezone, date_of_birth on public.users
  for each row
  when ((old.allergens, old.injuries, old.equipment, old.dislikes, old.goals, old.diet, old.days_per_week, old.session_minutes,
      old.sport, old.experience_level, old.weight_unit, old.distance_unit, old.timezone, old.date_of_birth)
    is distinct from (new.allergens, new.injuries, new.equipment, new.dislikes, new.goals, new.diet, new.days_per_week,
      new.session_minutes, new.sport, new.experience_level, new.weight_unit, new.distance_unit, new.timezone, new.date_of_birth))
  execute function private.end_outdated_facts();

grant execute on function private.decision_on, private.told_facts, private.facts_in_force, private.person, private.told_diet,
  private.told_injuries, private.has_other_side, private.told_dislikes, private.exercise_has_words, private.excluded_exercises,
  private.is_in_profile, private.is_measured, private.told to authenticated, service_role;

grant execute on function public.unconfirmed, public.apply_memory, public.decline_memory to authenticated;

-- The foods that a person can be offered: from the library and their own, without those they may not eat or dislike.
create or replace function private.food_candidates(owner uuid) returns setof public.foods
language sql stable set search_path = '' as $$
  select f.*
    from private.person(owner) as u
      join public.foods as f on (f.user_id is null or f.user_id = u.id) and f.hidden_at is null
   where u.id is not null
     and private.food_is_allowed(f, u.diet, u.allergens)
     and not private.food_is_disliked(f, u.dislikes)
$$;

-- What a person adds to the shared library. The API keeps the library in memory and asks only for this.
create or replace function public.food_overlay() returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object(
    'foods', coalesce((
      select jsonb_agg(to_jsonb(f) order by f.created_at desc, f.id)
        from public.foods as f where f.user_id = (select auth.uid()) and f.hidden_at is null), '[]'),
    'diet', u.diet, 'allergens', coalesce(to_jsonb(u.allergens), '[]'))
    from private.person((select auth.uid())) as u
$$;

-- Contents of the right shape that do not suit this person: unknown foods, and foods that they must not eat.
create or replace function private.meal_plan_sense_problems(content jsonb, owner uuid, plan_id uuid)
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

-- The foods of a meal plan: nutrients per 100 g, servings, and why one does not suit the person, or null. Empty for a
-- workout plan.
-- A computed column: `select=*,foods_used`. The argument has no name, so that nobody can call it with a made-up plan.
create or replace function public.foods_used(public.plans) returns jsonb
language sql stable set search_path = '' as $$
  select coalesce(jsonb_agg(private.food_facts(f) || jsonb_build_object('conflict', private.food_conflict(f, u))
                            order by lower(f.name), f.id), '[]')
    from public.foods as f cross join private.person(($1).user_id) as u
   where f.id in (select p.food_id from private.planned_foods(($1).content) as p)
     and (f.user_id is null or f.user_id = ($1).user_id)
$$;

-- POST /meal-plans/{id}/swap: replaces the food of an item by another, in grams that have the same energy: whole grams
-- from 20 g on, tenths below. Where the item had no energy (water), the grams stay. Day, meal and item count from 0, as
-- in the content. `unchanged_since`: the states of updated_at that the client knows, because the places that it names
-- may have changed since.
create or replace function public.swap_meal_food(plan_id uuid, day integer, meal integer, item integer, food_id uuid,
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

-- Why no formula computes what this person needs: {"kind", "message"}, null when nothing speaks against it. The formulas
-- were made for other bodies than that of a pregnant woman, and numbers can feed an eating disorder.
create or replace function private.careful_reason(owner uuid) returns jsonb
language sql stable set search_path = '' as $$
  select case f.field
    when 'pregnancy' then jsonb_build_object('kind', 'pregnancy', 'message', 'You told me that you are pregnant. What you '
      'and your child need now is for your midwife or doctor to say, not for a formula. If they have given you numbers, '
      'enter energy and protein yourself.')
    else jsonb_build_object('kind', 'eating_disorder', 'message', 'You told me about an eating disorder. I compute no '
      'targets then, because numbers from a formula can do harm. Please settle them with your doctor or dietitian; '
      'what they have given you, you can enter as energy and protein yourself.') end
    from private.facts_in_force(owner) as f
   where (f.field = 'pregnancy' and f.op = 'set') or (f.field = 'conditions' and f.op = 'add' and f.key = 'eating_disorder')
   order by f.field desc limit 1
$$;

-- What targets are computed from; null where the person has not said or measured it. `careful`: why they are not.
create or replace function private.nutrition_profile(owner uuid) returns jsonb
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

-- Raises PT422 with the data that computing targets lacks, or why none are computed. Nothing is needed when energy and
-- protein are given, except under 18: their minimum depends on all of it.
create or replace function private.require_nutrition_data(owner uuid, requested jsonb) returns void
language plpgsql stable set search_path = '' as $$
declare
  profile constant jsonb := private.nutrition_profile(owner);
  is_given constant boolean := requested ->> 'energy_kcal' is not null and requested ->> 'protein_g' is not null;
  problems jsonb;
begin
  if not is_given and profile -> 'careful' <> 'null' then
    raise sqlstate 'PT422' using message = profile #>> '{careful,message}', detail = jsonb_build_array(jsonb_build_object(
      'loc', '["targets"]'::jsonb, 'message', 'are not computed for you; enter energy and protein yourself',
      'type', profile #> '{careful,kind}'))::text;
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

-- The foods of a content, each with `conflict`: whether the owner must not eat or dislikes it.
create or replace function private.planned_food_facts(content jsonb, owner uuid) returns jsonb
language sql stable set search_path = '' as $$
  select coalesce(jsonb_agg(private.food_facts(f) || jsonb_build_object('conflict',
      not private.food_is_allowed(f, u.diet, u.allergens) or private.food_is_disliked(f, u.dislikes))), '[]')
    from public.foods as f cross join private.person(owner) as u
   where f.id in (select i.food_id from private.planned_foods(content) as i) and (f.user_id is null or f.user_id = owner)
$$;

-- What generating or adapting a meal plan needs: the person, the foods that can be planned, the plan to adapt with its
-- foods, and as `made` what an earlier attempt of the job has stored.
create or replace function public.meal_context(job_id uuid, attempt integer, plan_id uuid default null) returns jsonb
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
