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
  closed_at timestamptz,
  check_ins_enabled boolean not null default true,
  check_ins_max_per_week smallint not null default 1,
  check_ins_quiet_from time not null default '22:00',
  check_ins_quiet_to time not null default '08:00',
  session_minutes smallint,
  constraint users_name_length check (private.is_nonblank(name, 120)),
  -- Not immutable, but once true it stays true, so a restored dump still passes.
  constraint users_date_of_birth_range check (date_of_birth between '1900-01-01' and current_date),
  constraint users_days_per_week_range check (days_per_week between 1 and 7),
  constraint users_session_minutes_range check (session_minutes between 15 and 180),
  constraint users_goals_size check (private.texts_fit(goals, 10, 200)),
  constraint users_timezone_known check (private.is_timezone(timezone)),
  constraint users_equipment_set check (private.is_set(equipment, 26)),
  constraint users_load_steps_kg_shape check (private.are_load_steps(load_steps_kg)),
  constraint users_injuries_set check (private.is_set(injuries, 9)),
  constraint users_allergens_set check (private.is_set(allergens, 14)),
  constraint users_dislikes_size check (private.texts_fit(dislikes, 50, 80)),
  constraint users_ai_consent_at_past check (ai_consent_at between '2020-01-01' and now() + interval '5 minutes'),
  constraint users_affinity_score_floor check (affinity_score >= 0),
  constraint users_check_ins_max_per_week_range check (check_ins_max_per_week between 0 and 7),
  -- Whole minutes of a day: the type also knows 24:00.
  constraint users_check_ins_quiet_minutes check (
    extract(second from check_ins_quiet_from) = 0 and check_ins_quiet_from < '24:00'
    and extract(second from check_ins_quiet_to) = 0 and check_ins_quiet_to < '24:00')
);
comment on table public.users is 'Profile of a person; the row shares its id with auth.users.';
comment on column public.users.affinity_score is 'Sum of the affinity ledger. Written by functions only.';
comment on column public.users.load_steps_kg is
  'Smallest load step in kg by equipment; what is missing has the usual step.';
comment on column public.users.session_minutes is
  'How long a session may take, where a request for a plan does not say it.';
comment on column public.users.closed_at is
  'Set when the account is being deleted: from then on it does not exist for its owner.';
comment on column public.users.sport is 'Null until the person says: a default is never shown as a choice.';

comment on column public.users.check_ins_enabled is 'Whether the companion may write first.';
comment on column public.users.check_ins_max_per_week is 'The most check-ins within seven days.';
comment on column public.users.check_ins_quiet_from is
  'From then to check_ins_quiet_to, in the person''s time zone, no check-in comes; never quiet when they are equal.';

create index users_closed on public.users (closed_at) where closed_at is not null;

revoke all on public.users from anon, authenticated;
grant select on public.users to authenticated;
grant update (name, date_of_birth, sex, sport, experience_level, days_per_week, goals, activity_level, weight_unit,
  distance_unit, timezone, equipment, load_steps_kg, injuries, diet, allergens, dislikes, memory_enabled, ai_consent_at,
  check_ins_enabled, check_ins_max_per_week, check_ins_quiet_from, check_ins_quiet_to, session_minutes)
  on public.users to authenticated;

alter table public.users enable row level security;
create policy "People read their own profile" on public.users
  for select to authenticated using ((select auth.uid()) = id and closed_at is null);
create policy "People change their own profile" on public.users
  for update to authenticated
  using ((select auth.uid()) = id and closed_at is null) with check ((select auth.uid()) = id and closed_at is null);

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

-- One order of locks: the account, the profile, and then everything else of the person. The first two are taken here,
-- before anything is written, by every function and every statement that writes what a person has. So no two of their
-- transactions wait for each other, and none waits for the deletion of the account while that waits for it: deleting
-- also begins with the account. Writers do not share its row: they would let each other in past a deletion that waits
-- (a dashboard deletes that row and asks nothing before). False when there is no such account, or it is being deleted.
-- Definer: only the auth service reads its tables.
create function private.lock_account(owner uuid) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  perform from auth.users as a where a.id = owner for no key update;
  perform from public.users as u where u.id = owner and u.closed_at is null for no key update;
  return found;
end $$;

create function private.refuse_account() returns void
language plpgsql set search_path = '' as $$
begin
  raise sqlstate 'PT401' using message = 'This account no longer exists.';
end $$;
comment on function private.refuse_account() is 'A good token may outlive its account.';

-- Locks the account, and raises PT401 when it does not exist.
create function private.assert_account(owner uuid) returns void
language plpgsql set search_path = '' as $$
begin
  if not private.lock_account(owner) then
    perform private.refuse_account();
  end if;
end $$;

-- Raises PT401 when a person asks whose account does not exist. Locks nothing, for requests that read too; the server's
-- own requests have no auth.uid().
-- Definer: as a lookup by the key of the table, without policies, it takes some microseconds.
create function private.assert_caller() returns void
language plpgsql stable security definer set search_path = '' as $$
begin
  if auth.uid() is not null
    and not exists (select from public.users as u where u.id = auth.uid() and u.closed_at is null) then
    perform private.refuse_account();
  end if;
end $$;

-- For statements that people write themselves (current_user = 'authenticated'); functions call assert_account().
create function private.lock_person() returns trigger
language plpgsql set search_path = '' as $$
begin
  perform private.assert_account(auth.uid());
  return null;
end $$;
comment on function private.lock_person() is 'Trigger: locks the account of the caller before a statement writes.';

-- DELETE /users/me, first half: from here on the account does not exist for its owner, and none of their requests and
-- jobs is under way any more. So the auth service, which deletes the account in the second half, waits for nobody.
create function public.close_account(user_id uuid) returns void
language plpgsql set search_path = '' as $$
begin
  if private.lock_account(close_account.user_id) then
    update public.users as u set closed_at = clock_timestamp() where u.id = close_account.user_id;
    delete from public.jobs as j where j.user_id = close_account.user_id;
  end if;
end $$;

-- Accounts that were closed at least a minute ago and are still there, oldest first: the auth service did not answer.
create function public.unfinished_deletions() returns setof uuid
language sql stable set search_path = '' as $$
  select u.id from public.users as u
   where u.closed_at < now() - interval '1 minute' order by u.closed_at, u.id limit 100
$$;

grant execute on function private.are_load_steps to authenticated, service_role;
grant execute on function private.is_guest to service_role;
grant execute on function private.lock_account, private.refuse_account, private.assert_account, private.assert_caller
  to authenticated, service_role;
grant execute on function public.close_account, public.unfinished_deletions to service_role;
