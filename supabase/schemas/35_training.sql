-- Workout plans: the rules of their content, the workout that is next, and what generating and adapting a plan needs.

-- The rules of workout plan content -----------------------------------------------------------------------------------

-- The fields of a workout plan's content: object, field, type, required, nullable, low, high, pattern.
create function private.workout_plan_fields() returns setof private.content_rule
language sql immutable rows 22 set search_path = '' as $$
  values
    ('content', 'days', 'array', true, false, 1::numeric, 14::numeric, null),
    ('content', 'deload_weeks', 'array', false, false, 0, 52, null),
    ('day', 'name', 'string', true, false, 1, 80, private.visible_character()),
    ('day', 'weekday', 'integer', false, true, 1, 7, null),
    ('day', 'exercises', 'array', true, false, 1, 30, null),
    ('exercise', 'exercise_id', 'string', true, false, 36, 36, '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'),
    ('exercise', 'superset_group', 'string', false, true, 1, 8, null),
    ('exercise', 'rest_seconds', 'integer', false, true, 0, 3600, null),
    ('exercise', 'notes', 'string', false, false, 0, 500, null),
    ('exercise', 'progression', 'object', false, false, null, null, null),
    ('exercise', 'sets', 'array', true, false, 1, 20, null),
    ('progression', 'kind', 'string', true, false, 1, 20, '^(double_progression|linear|percent_e1rm|none)$'),
    ('progression', 'increment_kg', 'number', false, false, 0.1, 50, null),
    ('set', 'set_type', 'string', true, false, 1, 20, '^(warmup|working|drop|failure|amrap)$'),
    ('set', 'reps_min', 'integer', false, true, 1, 1000, null),
    ('set', 'reps_max', 'integer', false, true, 1, 1000, null),
    ('set', 'weight_kg', 'number', false, true, 0, 1000, null),
    ('set', 'percent_e1rm', 'number', false, true, 1, 120, null),
    ('set', 'rir', 'integer', false, true, 0, 10, null),
    ('set', 'duration_seconds', 'integer', false, true, 1, 86400, null),
    ('set', 'distance_m', 'number', false, true, 1, 1000000, null),
    ('set', 'tempo', 'string', false, true, 4, 4, '^[0-9X]{4}$')
$$;

-- Every object of the content with its place, so that private.shape_problems checks all at once.
create function private.workout_plan_objects(content jsonb) returns setof private.content_object
language sql immutable rows 500 set search_path = '' as $$
  with days as (
    select jsonb_build_array('days', d.n - 1) as loc, d.value
      from jsonb_path_query(content, 'lax $.days[*]') with ordinality as d (value, n)),
  exercises as (
    select days.loc || jsonb_build_array('exercises', e.n - 1) as loc, e.value
      from days, jsonb_path_query(days.value, 'lax $.exercises[*]') with ordinality as e (value, n))
  select 'content', '[]'::jsonb, content
  union all select 'day', loc, value from days
  union all select 'exercise', loc, value from exercises
  union all select 'progression', loc || '["progression"]', value -> 'progression' from exercises
    where jsonb_typeof(value -> 'progression') = 'object'
  union all select 'set', e.loc || jsonb_build_array('sets', s.n - 1), s.value
    from exercises as e, jsonb_path_query(e.value, 'lax $.sets[*]') with ordinality as s (value, n)
$$;

-- Contents of the right shape that nobody can train by: unknown exercises, and fields that are missing, do not belong
-- to the kind of exercise, or contradict each other.
create function private.workout_plan_sense_problems(content jsonb, owner uuid, plan_id uuid)
returns table (loc jsonb, message text, type text)
language sql stable set search_path = '' as $$
  with planned as materialized (
    select jsonb_build_array('days', d.n - 1, 'exercises', p.n - 1) as loc, p.value, e.id, e.kind, e.hidden_at,
           coalesce(p.value #>> '{progression,kind}', 'none') as progression
      from jsonb_array_elements(content -> 'days') with ordinality as d (value, n)
        cross join lateral jsonb_array_elements(d.value -> 'exercises') with ordinality as p (value, n)
        left join public.exercises as e
          on e.id = (p.value ->> 'exercise_id')::uuid and (e.user_id is null or e.user_id = owner)),
  sets as materialized (
    select p.loc || jsonb_build_array('sets', s.n - 1) as loc, s.value, p.kind, p.progression,
           s.value ->> 'set_type' in ('failure', 'amrap') as open_ended
      from planned as p cross join lateral jsonb_array_elements(p.value -> 'sets') with ordinality as s (value, n)),
  -- A planned set has the measures of a logged one. percent_e1rm goes with kinds that are done for repetitions with a
  -- weight; a band has none that could be measured.
  fields as materialized (
    select m.kind, f.field, m.necessity
      from private.kind_measures() as m join (values ('reps', 'reps_min'), ('reps', 'reps_max'), ('weight', 'weight_kg'),
        ('duration_seconds', 'duration_seconds'), ('distance_m', 'distance_m')) as f (measure, field) using (measure)
     where m.necessity <> 'recorded'
    union all
    values ('weight_reps'::public.exercise_kind, 'percent_e1rm', 'optional'),
           ('bodyweight_reps', 'percent_e1rm', 'optional'))
  -- Each version is read once, and only when an exercise is hidden.
  select loc || '["exercise_id"]', 'is not an exercise you can use', 'unknown_exercise' from planned
   where id is null or (hidden_at is not null and to_jsonb(id) not in (
     select jsonb_path_query(v.content, '$.days[*].exercises[*].exercise_id')
       from public.plan_versions as v where v.plan_id = workout_plan_sense_problems.plan_id))
  union all
  select loc || '["progression","increment_kg"]', 'is required for this progression', 'missing' from planned
   where progression in ('double_progression', 'linear') and value #> '{progression,increment_kg}' is null
  union all
  select loc || '["progression","increment_kg"]', 'does not belong to this progression', 'extra_forbidden' from planned
   where progression in ('percent_e1rm', 'none') and value #> '{progression,increment_kg}' is not null
  union all
  select loc || '["reps_min"]', 'must not be above reps_max', 'value_error' from sets
   where (value ->> 'reps_min')::numeric > (value ->> 'reps_max')::numeric
  union all
  select loc || '["percent_e1rm"]', 'does not go with weight_kg', 'value_error' from sets
   where value ->> 'percent_e1rm' is not null and value ->> 'weight_kg' is not null
  union all
  select loc || '["percent_e1rm"]', 'is required for this progression', 'missing' from sets
   where progression = 'percent_e1rm' and value ->> 'set_type' <> 'warmup' and value ->> 'percent_e1rm' is null
  union all
  select s.loc || to_jsonb(f.field), 'is required for this kind of exercise', 'missing'
    from sets as s join fields as f on f.kind = s.kind and f.necessity = 'required'
   where f.field in ('reps_max', 'duration_seconds') and s.value ->> f.field is null and not s.open_ended
  union all
  select loc || '["distance_m"]', 'or duration_seconds is required for this kind of exercise', 'missing' from sets
   where kind in (select f.kind from fields as f where f.necessity = 'either')
     and value ->> 'distance_m' is null and value ->> 'duration_seconds' is null and not open_ended
  union all
  select s.loc || to_jsonb(n.field), 'does not belong to this kind of exercise', 'extra_forbidden'
    from sets as s cross join (select distinct f.field from fields as f) as n
   where s.kind is not null and s.value ->> n.field is not null
     and not exists (select from fields as f where f.kind = s.kind and f.field = n.field)
  union all
  select jsonb_build_array('deload_weeks', w.n - 1), 'must be different whole weeks from 1 to 52', 'value_error'
    from (select value, n, row_number() over (partition by value order by n) as time
            from jsonb_array_elements(content -> 'deload_weeks') with ordinality as w (value, n)) as w
   where w.time > 1 or case when jsonb_typeof(w.value) <> 'number' then true
                            when w.value::numeric not between 1 and 52 then true
                            else w.value::numeric % 1 <> 0 or scale(w.value::numeric) > 20 end
$$;

-- Raises PT422 for an exercise that the person cannot do, unless it is in `base`, an earlier content of the plan.
create function private.check_planned_exercises(owner uuid, content jsonb, base jsonb) returns void
language plpgsql stable set search_path = '' as $$
declare
  problems jsonb;
begin
  select jsonb_agg(jsonb_build_object('loc', '["content"]' || o.loc || '["exercise_id"]',
           'message', 'is not an exercise that this person can do', 'type', 'unknown_exercise')) into problems
    from private.workout_plan_objects(content) as o
   where o.object = 'exercise'
     and coalesce(o.value -> 'exercise_id', 'null') not in (
       select to_jsonb(e.id) from private.exercise_candidates(owner) as e
       union all select jsonb_path_query(base, '$.days[*].exercises[*].exercise_id'));
  if problems is not null then
    raise sqlstate 'PT422' using message = 'The plan is not sound.', detail = problems::text;
  end if;
end $$;

-- Raises PT422 when the person cannot do what is proposed, or a change rests on a set that is not theirs.
create function private.check_workout_proposal(owner uuid, base jsonb, proposal public.plan_proposals) returns void
language plpgsql stable set search_path = '' as $$
begin
  perform private.check_planned_exercises(owner, proposal.content, base);
  if exists (
    select from jsonb_path_query(proposal.changes, '$[*].evidence[*] ? (@.type() == "string")') as e (id)
     where not exists (select from public.sets as s where s.id = (e.id #>> '{}')::uuid and s.user_id = owner)) then
    raise sqlstate 'PT422' using message = 'A change rests on a set that is not there.';
  end if;
end $$;

-- Past and next workouts ----------------------------------------------------------------------------------------------

-- The work sets of the 20 newest workouts with an exercise, oldest first, each with the day and the version of the plan
-- that the workout followed.
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

-- What a plan prescribes for an exercise, to compare versions by.
create function private.prescription(exercise jsonb) returns jsonb
language sql immutable set search_path = '' as $$
  select jsonb_build_array(exercise -> 'exercise_id', exercise -> 'sets', exercise -> 'progression')
$$;

-- Since when a plan has prescribed its exercises with these sets and this progression: {"version", "at"} for each
-- exercise of each day, null where it always has (in the newest 30 versions). Earlier workouts followed another
-- prescription.
create function private.prescribed_since(plan_id uuid) returns jsonb
language sql stable set search_path = '' as $$
  with newest as materialized (
    select v.version, v.created_at, v.content from public.plan_versions as v
     where v.plan_id = prescribed_since.plan_id order by v.version desc limit 30),
  prescribed as materialized (
    select distinct v.version, private.prescription(e.value) as prescription
      from newest as v, jsonb_path_query(v.content, '$.days[*].exercises[*]') as e (value)),
  planned as materialized (
    select d.n as day, e.n as place, private.prescription(e.value) as prescription
      from (select v.content from newest as v order by v.version desc limit 1) as v,
        jsonb_array_elements(v.content -> 'days') with ordinality as d (value, n),
        jsonb_array_elements(d.value -> 'exercises') with ordinality as e (value, n)),
  -- There may be hundreds of exercises in 30 versions: each is looked up once, in all versions together.
  since as (
    select p.prescription, max(v.version) + 1 as version
      from (select distinct p.prescription from planned as p) as p cross join newest as v
     where not exists (select from prescribed as a where a.version = v.version and a.prescription = p.prescription)
     group by p.prescription),
  days as (
    select p.day, jsonb_agg(case when s.version is not null
               then jsonb_build_object('version', s.version, 'at', v.created_at) end order by p.place) as answers
      from planned as p left join since as s on s.prescription = p.prescription left join newest as v on v.version = s.version
     group by p.day)
  select jsonb_agg(d.answers order by d.day) from days as d
$$;

-- Everything that GET /workouts/next computes from: the active plan, the day that is next (or `plan_day`), and for each
-- exercise of that day its last sessions (private.exercise_sessions) and since when the plan has prescribed it in this
-- way. Null without an active plan, or without such a day in it.
create function public.next_workout(plan_day integer default null) returns jsonb
language sql stable set search_path = '' as $$
  with plan as materialized (
    select p.id, p.name, p.version, p.content, jsonb_array_length(p.content -> 'days') as days
      from public.plans as p where p.user_id = (select auth.uid()) and p.kind = 'workout' and p.status = 'active'),
  followed as (
    select min(w.local_date) as first_on, count(*) as workouts,
           (array_agg(w.plan_day order by w.started_at desc, w.id desc) filter (where w.plan_day < p.days))[1] as last_day
      from plan as p join public.workouts as w on w.plan_id = p.id and w.user_id = (select auth.uid())),
  next as materialized (
    select p.*, f.first_on, coalesce(next_workout.plan_day, (f.last_day + 1) % p.days, 0) as day
      from plan as p, followed as f),
  planned as (
    select distinct (e.value ->> 'exercise_id')::uuid as id
      from next as n, jsonb_array_elements(n.content -> 'days' -> n.day -> 'exercises') as e),
  person as materialized (select u.* from private.person((select auth.uid())) as u),
  excluded as materialized (select x.id from private.excluded_exercises((select auth.uid())) as x (id)),
  forbidden as (
    select e.primary_muscles, e.secondary_muscles from planned as x join public.exercises as e on e.id = x.id
      cross join person as u
     where e.contraindications && u.injuries or e.id in (select excluded.id from excluded))
  select jsonb_build_object('plan_id', n.id, 'plan_name', n.name, 'plan_version', n.version, 'plan_day', n.day,
      'content', n.content -> 'days' -> n.day, 'deload_weeks', coalesce(n.content -> 'deload_weeks', '[]'),
      'prescribed_since', private.prescribed_since(n.id) -> n.day,
      'first_on', n.first_on, 'weight_unit', u.weight_unit, 'load_steps_kg', u.load_steps_kg,
      'today', (now() at time zone u.timezone)::date,
      'injuries', u.injuries, 'told', private.told(u.id),
      'exercises', coalesce((
        select jsonb_object_agg(e.id, private.exercise_facts(e) || jsonb_build_object(
                 'is_excluded', x.id in (select excluded.id from excluded),
                 'sessions', private.exercise_sessions(u.id, e.id)))
          from planned as x join public.exercises as e on e.id = x.id), '{}'),
      -- What can stand in for an exercise that the person must not or will not do any more; mostly nothing.
      'candidates', case when exists (select from forbidden) then (
        select jsonb_agg(private.exercise_facts(c) order by c.id) from private.exercise_candidates(u.id) as c
         where exists (select from forbidden as f where c.primary_muscles && f.primary_muscles)) end)
    from next as n cross join person as u
   where n.day between 0 and n.days - 1
$$;

-- What can stand in for an exercise: {"exercise", "candidates"}, of which each trains something mainly that the exercise
-- trains. Null for an exercise that the caller cannot see.
create function public.exercise_substitutes(exercise_id uuid) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object('exercise', private.exercise_facts(e), 'candidates', coalesce((
    select jsonb_agg(private.exercise_facts(c) || jsonb_build_object('is_favourite', p.id is not null) order by c.id)
      from private.exercise_candidates((select auth.uid())) as c
        left join public.exercise_preferences as p
          on p.user_id = (select auth.uid()) and p.exercise_id = c.id and p.kind = 'favourite'
     where c.id <> e.id and c.primary_muscles && (e.primary_muscles || e.secondary_muscles)), '[]'))
    from public.exercises as e where e.id = exercise_substitutes.exercise_id
$$;

-- Generating and adapting plans ---------------------------------------------------------------------------------------

-- POST /plans/generate: the new job, or an open one with the same request. `request` is JSON as text, which the job
-- reads.
create function public.generate_plan(request text, idempotency_key text default null) returns jsonb
language plpgsql set search_path = '' as $$
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
end $$;

-- POST /plans/{id}/adapt: the new job, or an open one with the same request; null when there is no such plan.
create function public.adapt_plan(plan_id uuid, reason text default null, pain public.joint[] default '{}',
  idempotency_key text default null) returns jsonb
language plpgsql set search_path = '' as $$
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
end $$;

-- Cron: enqueues the weekly adaptation of each active plan whose owner has trained since the last one, for the next
-- people. Guests get none. Running it twice enqueues nothing more. Returns the number of jobs, and whether it was the
-- last batch: {"changed", "done"}. Somebody who is just writing is left for the next run.
create function public.adapt_plans(max_people integer default 1000) returns jsonb
language plpgsql set search_path = '' as $$
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
    perform from public.users as u where u.id = plan.user_id and u.closed_at is null for no key update skip locked;
    continue when not found;
    continue when private.open_jobs(plan.user_id) >= private.quota_limit('open_jobs');
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
end $$;
comment on function public.adapt_plans is 'For the cron task; only the service role may call it.';

-- For the worker ------------------------------------------------------------------------------------------------------

-- What generating a plan needs: the person, the exercises that they can do, and as `made` the plan that an earlier
-- attempt of the job has stored.
create function public.plan_context(job_id uuid, attempt integer) returns jsonb
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
create function public.adaptation_context(job_id uuid, attempt integer, plan_id uuid) returns jsonb
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

grant execute on function private.workout_plan_fields, private.workout_plan_objects, private.workout_plan_sense_problems,
  private.exercise_sessions, private.prescription, private.prescribed_since to authenticated, service_role;
grant execute on function private.check_planned_exercises, private.check_workout_proposal to service_role;
grant execute on function public.next_workout, public.exercise_substitutes, public.generate_plan, public.adapt_plan
  to authenticated;
grant execute on function public.adapt_plans, public.plan_context, public.adaptation_context to service_role;
