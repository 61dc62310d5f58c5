-- Exercises: the library (no owner; read by everyone signed in, written by seeds only) and each person's own.
create table public.exercises (
  id uuid primary key default gen_random_uuid(),
  user_id uuid default auth.uid() references auth.users on delete cascade,
  slug text,
  name text not null,
  aliases text[] not null default '{}',
  kind public.exercise_kind not null,
  primary_muscles public.muscle[] not null,
  secondary_muscles public.muscle[] not null default '{}',
  equipment public.equipment[] not null default '{bodyweight}',
  category public.exercise_category not null default 'strength',
  level public.experience_level not null default 'beginner',
  mechanic public.mechanic,
  is_unilateral boolean not null default false,
  contraindications public.joint[] not null default '{}',
  instructions text not null default '',
  hidden_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint exercises_slug_of_library check ((slug is not null) = (user_id is null)),
  constraint exercises_slug_shape check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and char_length(slug) <= 120),
  constraint exercises_name_length check (private.is_nonblank(name, 120)),
  constraint exercises_aliases_size check (private.texts_fit(aliases, 20, 80)),
  constraint exercises_primary_muscles_set check (private.is_set(primary_muscles, 6) and cardinality(primary_muscles) > 0),
  constraint exercises_secondary_muscles_set check (private.is_set(secondary_muscles, 12)),
  constraint exercises_muscles_apart check (not primary_muscles && secondary_muscles),
  constraint exercises_equipment_set check (private.is_set(equipment, 6) and cardinality(equipment) > 0),
  constraint exercises_equipment_bodyweight_alone check (cardinality(equipment) = 1 or not 'bodyweight' = any (equipment)),
  constraint exercises_contraindications_set check (private.is_set(contraindications, 9)),
  constraint exercises_instructions_length check (char_length(instructions) <= 2000)
);
comment on table public.exercises is 'Library exercises (user_id null) and custom ones.';
comment on column public.exercises.equipment is 'Everything that is needed; {bodyweight} when nothing is.';
comment on column public.exercises.contraindications is 'Joints that, when injured, make the exercise unwise.';
comment on column public.exercises.hidden_at is 'Set when a custom exercise is deleted that plans or logged sets use.';

create unique index exercises_library_slug on public.exercises (slug) where user_id is null;
create unique index exercises_custom_name on public.exercises (user_id, lower(name))
  where user_id is not null and hidden_at is null;
create index exercises_owner on public.exercises (user_id, created_at desc, id desc);

-- No right to delete: delete_exercise() keeps what history uses.
revoke all on public.exercises from anon, authenticated;
grant select on public.exercises to authenticated;
grant insert (name, aliases, kind, primary_muscles, secondary_muscles, equipment, category, level, mechanic,
  is_unilateral, contraindications, instructions) on public.exercises to authenticated;
grant update (name, aliases, kind, primary_muscles, secondary_muscles, equipment, category, level, mechanic,
  is_unilateral, contraindications, instructions) on public.exercises to authenticated;

alter table public.exercises enable row level security;
create policy "Everyone signed in reads the library and their own exercises" on public.exercises
  for select to authenticated using (user_id is null or (select auth.uid()) = user_id);
create policy "People add their own exercises" on public.exercises
  for insert to authenticated with check ((select auth.uid()) = user_id);
create policy "People change their own exercises" on public.exercises
  for update to authenticated
  using ((select auth.uid()) = user_id and hidden_at is null) with check ((select auth.uid()) = user_id);

create trigger exercises_set_updated_at before update on public.exercises
  for each row when (old.* is distinct from new.*) execute function private.set_updated_at();
create trigger exercises_lock_person before insert or update on public.exercises
  for each statement when (current_user = 'authenticated') execute function private.lock_person();

-- The API loads all custom exercises of a person for each search, so their number is limited. So is that of hidden ones.
create function private.limit_custom_exercises() returns trigger
language plpgsql set search_path = '' as $$
declare
  quota constant public.quota := case when new.hidden_at is null then 'exercises' else 'hidden_exercises' end;
begin
  if (select count(*) from public.exercises as e
       where e.user_id = new.user_id and (e.hidden_at is null) = (new.hidden_at is null)) >= private.quota_limit(quota) then
    perform private.refuse_quota(quota);
  end if;
  return new;
end $$;
create trigger exercises_custom_limit before insert on public.exercises
  for each row when (new.user_id is not null) execute function private.limit_custom_exercises();
create trigger exercises_hidden_limit before update of hidden_at on public.exercises
  for each row when ((new.hidden_at is null) <> (old.hidden_at is null)) execute function private.limit_custom_exercises();

-- Favourite and excluded exercises of a person, with the reason they gave.
create table public.exercise_preferences (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null default auth.uid() references auth.users on delete cascade,
  exercise_id uuid not null references public.exercises on delete cascade,
  kind public.preference_kind not null,
  reason text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint exercise_preferences_reason_length check (private.is_nonblank(reason, 300)),
  constraint exercise_preferences_one_each unique (user_id, exercise_id)
);
comment on table public.exercise_preferences is 'Favourite or excluded exercises of a person.';

create index exercise_preferences_owner on public.exercise_preferences (user_id, created_at desc, id desc);
create index exercise_preferences_exercise on public.exercise_preferences (exercise_id);

revoke all on public.exercise_preferences from anon, authenticated;
grant select, delete on public.exercise_preferences to authenticated;
grant insert (exercise_id, kind, reason), update (exercise_id, kind, reason)
  on public.exercise_preferences to authenticated;

alter table public.exercise_preferences enable row level security;
create policy "People read their own preferences" on public.exercise_preferences
  for select to authenticated using ((select auth.uid()) = user_id);
-- A foreign key ignores row-level security: without the exists(), an insert would reveal whether another person's
-- exercise exists.
create policy "People prefer exercises they can see" on public.exercise_preferences
  for insert to authenticated with check (
    (select auth.uid()) = user_id and exists (select from public.exercises as e where e.id = exercise_id));
create policy "People change their own preferences" on public.exercise_preferences
  for update to authenticated using ((select auth.uid()) = user_id) with check (
    (select auth.uid()) = user_id and exists (select from public.exercises as e where e.id = exercise_id));
create policy "People delete their own preferences" on public.exercise_preferences
  for delete to authenticated using ((select auth.uid()) = user_id);

create trigger exercise_preferences_set_updated_at before update on public.exercise_preferences
  for each row when (old.* is distinct from new.*) execute function private.set_updated_at();
create trigger exercise_preferences_lock_person before insert or update or delete on public.exercise_preferences
  for each statement when (current_user = 'authenticated') execute function private.lock_person();

-- What a person adds to the shared library. The API keeps the library in memory and asks only for this.
create function public.exercise_overlay() returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object(
    'exercises', coalesce((
      select jsonb_agg(to_jsonb(e) order by e.created_at desc, e.id)
        from public.exercises as e where e.user_id = (select auth.uid()) and e.hidden_at is null), '[]'),
    'preferences', coalesce((
      select jsonb_object_agg(p.exercise_id, jsonb_build_object('kind', p.kind, 'reason', p.reason))
        from public.exercise_preferences as p where p.user_id = (select auth.uid())), '{}'),
    'equipment', coalesce((select to_jsonb(u.equipment) from public.users as u where u.id = (select auth.uid())), '[]'))
$$;
comment on function public.exercise_overlay is 'Own exercises, preferences by exercise id, and own equipment.';

-- POST /exercises: {"answer": row, "replayed": whether the key had been used for the same request before}.
create function public.create_exercise(payload json, idempotency_key text default null) returns jsonb
language plpgsql set search_path = '' as $$
declare
  earlier_id constant uuid := private.claim_idempotency_key(idempotency_key, 'create_exercise', payload);
  created public.exercises;
begin
  if earlier_id is not null then
    return private.created_answer(
      (select to_jsonb(e) from public.exercises as e where e.id = earlier_id and e.hidden_at is null), true);
  end if;
  insert into public.exercises (name, aliases, kind, primary_muscles, secondary_muscles, equipment, category, level,
    mechanic, is_unilateral, contraindications, instructions)
  select r.name, r.aliases, r.kind, r.primary_muscles, r.secondary_muscles, r.equipment, r.category, r.level,
    r.mechanic, r.is_unilateral, r.contraindications, r.instructions
    from json_populate_record(null::public.exercises, payload) as r
  returning * into created;
  perform private.store_resource(idempotency_key, created.id);
  return private.created_answer(to_jsonb(created), false);
end $$;

-- Which measures a set of each kind of exercise has: those it must have (required), may have (optional), those of which
-- it must have at least one (either), and those that may be recorded beside (recorded). Only assistance excludes a
-- weight: it is the weight that is taken off. Planned sets follow the same table without what is only recorded, except
-- for assistance and for sets that are open-ended.
create function private.kind_measures() returns table (kind public.exercise_kind, measure text, necessity text)
language sql immutable rows 28 set search_path = '' as $$
  values
    ('weight_reps'::public.exercise_kind, 'reps', 'required'), ('weight_reps', 'weight', 'required'),
    ('weight_reps', 'duration_seconds', 'recorded'), ('weight_reps', 'distance_m', 'recorded'),
    ('reps', 'reps', 'required'), ('reps', 'weight', 'optional'),
    ('reps', 'duration_seconds', 'recorded'), ('reps', 'distance_m', 'recorded'),
    ('bodyweight_reps', 'reps', 'required'), ('bodyweight_reps', 'weight', 'optional'),
    ('bodyweight_reps', 'duration_seconds', 'recorded'), ('bodyweight_reps', 'distance_m', 'recorded'),
    ('assisted', 'reps', 'required'), ('assisted', 'assist', 'required'),
    ('assisted', 'duration_seconds', 'recorded'), ('assisted', 'distance_m', 'recorded'),
    ('duration', 'duration_seconds', 'required'), ('duration', 'weight', 'optional'),
    ('duration', 'reps', 'recorded'), ('duration', 'distance_m', 'recorded'),
    ('weight_duration', 'weight', 'required'), ('weight_duration', 'duration_seconds', 'either'),
    ('weight_duration', 'distance_m', 'either'), ('weight_duration', 'reps', 'recorded'),
    ('distance_duration', 'duration_seconds', 'either'), ('distance_duration', 'distance_m', 'either'),
    ('distance_duration', 'weight', 'optional'), ('distance_duration', 'reps', 'recorded')
$$;

-- Whether a plan of the person has, had or is proposed to have the exercise, or a logged set is of it.
create function private.exercise_is_used(owner uuid, exercise_id uuid) returns boolean
language sql stable set search_path = '' as $$
  select exists (
    select from public.plan_versions as v
     where v.user_id = owner
       and v.content @? format('$.days[*].exercises[*] ? (@.exercise_id == "%s")', exercise_id)::jsonpath)
   or exists (
    select from public.plan_proposals as r
     where r.user_id = owner
       and r.content @? format('$.days[*].exercises[*] ? (@.exercise_id == "%s")', exercise_id)::jsonpath)
   or exists (select from public.sets as s where s.user_id = owner and s.exercise_id = $2)
$$;

-- DELETE /exercises/{id}: deletes the exercise, or hides it when something uses it. True when there was one.
-- Definer: people have no right to delete exercises, so that they cannot delete a used one directly.
create function public.delete_exercise(exercise_id uuid) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  caller constant uuid := auth.uid();
begin
  perform private.assert_account(caller);
  -- Wait for transactions that plan with it (private.check_plan_content locks it), and only then look.
  perform from public.exercises as e where e.id = delete_exercise.exercise_id and e.user_id = caller for update;
  if private.exercise_is_used(caller, delete_exercise.exercise_id) then
    update public.exercises as e set hidden_at = now()
     where e.id = delete_exercise.exercise_id and e.user_id = caller and e.hidden_at is null;
  else
    delete from public.exercises as e
     where e.id = delete_exercise.exercise_id and e.user_id = caller and e.hidden_at is null;
  end if;
  return found;
end $$;

-- The kind of an exercise stays once it has been planned or logged: its sets would not be valid under another kind.
create function private.check_exercise_kind() returns trigger
language plpgsql set search_path = '' as $$
begin
  if exists (select from public.sets as s where s.user_id = old.user_id and s.exercise_id = old.id)
    or exists (select from public.plan_versions as v
                where v.user_id = old.user_id
                  and v.content @? format('$.days[*].exercises[*] ? (@.exercise_id == "%s")', old.id)::jsonpath) then
    raise sqlstate 'PT409' using
      message = 'This exercise has been planned or logged, so its kind cannot change; add another one.';
  end if;
  return new;
end $$;
create trigger exercises_check_kind before update of kind on public.exercises
  for each row when (old.kind <> new.kind) execute function private.check_exercise_kind();

-- The exercises that a person can do: with their equipment, at their level, without strain on injured joints, and
-- without those they excluded, in the profile or by what they told. Generated and adapted plans choose from these.
create function private.exercise_candidates(owner uuid) returns setof public.exercises
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

-- An exercise as generating and adapting plans need it.
create function private.exercise_facts(exercise public.exercises) returns jsonb
language sql immutable set search_path = '' as $$
  select jsonb_build_object('id', exercise.id, 'slug', exercise.slug, 'name', exercise.name, 'kind', exercise.kind,
    'primary_muscles', exercise.primary_muscles, 'secondary_muscles', exercise.secondary_muscles,
    'equipment', exercise.equipment, 'category', exercise.category, 'level', exercise.level,
    'mechanic', exercise.mechanic, 'is_unilateral', exercise.is_unilateral,
    'contraindications', exercise.contraindications)
$$;

grant execute on function private.kind_measures, private.exercise_is_used to authenticated, service_role;
grant execute on function private.exercise_candidates, private.exercise_facts to authenticated, service_role;
grant execute on function public.exercise_overlay, public.create_exercise, public.delete_exercise to authenticated;
