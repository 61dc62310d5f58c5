-- Workouts that a person deleted. A phone that was offline may send one again, long after: it stays deleted. Only the
-- client's id is kept, nothing of what was trained.
create table public.deleted_workouts (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references auth.users on delete cascade,
  client_id uuid not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint deleted_workouts_once unique (user_id, client_id)
);
comment on table public.deleted_workouts is 'What a phone must not log again: client ids of workouts that were deleted.';
create index deleted_workouts_owner on public.deleted_workouts (user_id, created_at desc, id desc);

revoke all on public.deleted_workouts from anon, authenticated;
grant select on public.deleted_workouts to authenticated;
alter table public.deleted_workouts enable row level security;
create policy "People read which workouts they deleted" on public.deleted_workouts
  for select to authenticated using ((select auth.uid()) = user_id);
create trigger deleted_workouts_touch before update on public.deleted_workouts
  for each row when (old.* is distinct from new.*) execute function private.touch();

create function private.keep_deleted_workout() returns trigger
language plpgsql set search_path = '' as $$
begin
  insert into public.deleted_workouts (user_id, client_id) values (old.user_id, old.client_id)
  on conflict on constraint deleted_workouts_once do nothing;
  return null;
end $$;
-- Not when the account itself is going: then it is the foreign key that deletes.
create trigger workouts_keep_deleted after delete on public.workouts
  for each row when (pg_trigger_depth() = 0) execute function private.keep_deleted_workout();

-- Logged by a phone it is refused; an import is somebody who wants it back.
create function private.check_deleted_workout() returns trigger
language plpgsql set search_path = '' as $$
begin
  if new.source = 'import' then
    delete from public.deleted_workouts as d where d.user_id = new.user_id and d.client_id = new.client_id;
  elsif exists (select from public.deleted_workouts as d where d.user_id = new.user_id and d.client_id = new.client_id) then
    raise sqlstate 'PT409' using message = 'You deleted this workout; log it under another client_id to have it again.';
  end if;
  return new;
end $$;
create trigger workouts_check_deleted before insert on public.workouts
  for each row execute function private.check_deleted_workout();
