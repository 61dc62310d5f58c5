-- The smallest load step in kg for each kind of equipment: {"barbell": 2.5, …}. What is missing has the usual step.
create function private.are_load_steps(steps jsonb) returns boolean
language sql immutable set search_path = '' as $$
  select case when jsonb_typeof(steps) <> 'object' or pg_column_size(steps) > 4096 then false else (
    select coalesce(bool_and(s.key in ('barbell', 'dumbbell', 'kettlebell', 'cable', 'machine', 'trap_bar', 'ez_bar',
                                       'landmine', 'smith_machine', 'medicine_ball', 'sled', 'other')
      and case when jsonb_typeof(s.value) <> 'number' then false
               else s.value::numeric between 0.1 and 50 and scale(s.value::numeric) <= 3 end), true)
      from jsonb_each(steps) as s) end
$$;

-- The profile of a person: one row per account, created and deleted with it.
create table public.users (
  id uuid primary key references auth.users on delete cascade,
  name text,
  date_of_birth date,
  sex public.sex,
  sport public.sport,
  experience_level public.experience_level,
  days_per_week smallint,
  goals text[] not null default '{}',
  activity_level public.activity_level,
  weight_unit public.weight_unit not null default 'kg',
  distance_unit public.distance_unit not null default 'km',
  timezone text not null default 'UTC',
  equipment public.equipment[] not null default '{}',
  load_steps_kg jsonb not null default '{}',
  injuries public.joint[] not null default '{}',
  diet public.diet,
  allergens public.allergen[] not null default '{}',
  dislikes text[] not null default '{}',
  memory_enabled boolean not null default true,
  ai_consent_at timestamptz,
  affinity_score integer not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint users_name_length check (private.is_nonblank(name, 120)),
  -- Not immutable, but once true it stays true, so a restored dump still passes.
  constraint users_date_of_birth_range check (date_of_birth between '1900-01-01' and current_date),
  constraint users_days_per_week_range check (days_per_week between 1 and 7),
  constraint users_goals_size check (private.texts_fit(goals, 10, 200)),
  constraint users_timezone_known check (private.is_timezone(timezone)),
  constraint users_equipment_set check (private.is_set(equipment, 26)),
  constraint users_load_steps_kg_shape check (private.are_load_steps(load_steps_kg)),
  constraint users_injuries_set check (private.is_set(injuries, 9)),
  constraint users_allergens_set check (private.is_set(allergens, 14)),
  constraint users_dislikes_size check (private.texts_fit(dislikes, 50, 80)),
  constraint users_ai_consent_at_past check (ai_consent_at between '2020-01-01' and now() + interval '5 minutes'),
  constraint users_affinity_score_floor check (affinity_score >= 0)
);
comment on table public.users is 'Profile of a person; the row shares its id with auth.users.';
comment on column public.users.affinity_score is 'Sum of the affinity ledger. Written by functions only.';
comment on column public.users.load_steps_kg is
  'Smallest load step in kg by equipment; what is missing has the usual step.';
comment on column public.users.sport is 'Null until the person says: a default is never shown as a choice.';

revoke all on public.users from anon, authenticated;
grant select on public.users to authenticated;
grant update (name, date_of_birth, sex, sport, experience_level, days_per_week, goals, activity_level, weight_unit,
  distance_unit, timezone, equipment, load_steps_kg, injuries, diet, allergens, dislikes, memory_enabled, ai_consent_at)
  on public.users to authenticated;

alter table public.users enable row level security;
create policy "People read their own profile" on public.users
  for select to authenticated using ((select auth.uid()) = id);
create policy "People change their own profile" on public.users
  for update to authenticated using ((select auth.uid()) = id) with check ((select auth.uid()) = id);

create trigger users_set_updated_at before update on public.users
  for each row when (old.* is distinct from new.*) execute function private.set_updated_at();

-- Definer: the auth service creates accounts and must not need rights on our tables. A sign-up never fails here: the
-- name in the metadata is cut to the allowed length.
create function private.create_profile() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  name constant text := left(btrim(coalesce(new.raw_user_meta_data ->> 'name',
                                            new.raw_user_meta_data ->> 'full_name')), 120);
begin
  insert into public.users (id, name) values (new.id, case when private.is_nonblank(name, 120) then name end)
  on conflict (id) do nothing;
  return new;
end $$;
create trigger create_profile after insert on auth.users
  for each row execute function private.create_profile();

-- Whether the account is anonymous.
-- Definer: only the auth service reads its tables.
create function private.is_guest(owner uuid) returns boolean
language sql stable security definer set search_path = '' as $$
  select u.is_anonymous from auth.users as u where u.id = owner
$$;

grant execute on function private.are_load_steps to authenticated, service_role;
grant execute on function private.is_guest to service_role;
