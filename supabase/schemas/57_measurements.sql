-- Measurements of the body: one value for each kind and day; measuring again replaces it.
create table public.measurements (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null default auth.uid() references auth.users on delete cascade,
  kind public.measurement_kind not null,
  value numeric(9, 4) not null,
  measured_at timestamptz not null default now(),
  local_date date not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint measurements_one_a_day unique (user_id, kind, local_date),
  constraint measurements_measured_at_range
    check (measured_at >= '1970-01-01' and measured_at <= now() + interval '5 minutes'),
  constraint measurements_value_range check (case kind
    when 'body_weight' then value between 20 and 500
    when 'height' then value between 0.5 and 2.6
    when 'body_fat' then value between 0.01 and 0.8
    when 'resting_heart_rate' then value between 20 and 250
    else value between 0.05 and 4 end)
);
comment on table public.measurements is 'Body measurements in SI: kg, m, a ratio for body fat, beats per minute.';
comment on column public.measurements.local_date is
  'The calendar day of measured_at, in the person''s time zone when it was written.';

create index measurements_owner on public.measurements (user_id, created_at desc, id desc);

revoke all on public.measurements from anon, authenticated;
grant select, delete on public.measurements to authenticated;
grant insert (kind, value, measured_at), update (kind, value, measured_at) on public.measurements to authenticated;

alter table public.measurements enable row level security;
create policy "People read their own measurements" on public.measurements
  for select to authenticated using ((select auth.uid()) = user_id);
create policy "People add their own measurements" on public.measurements
  for insert to authenticated with check ((select auth.uid()) = user_id);
create policy "People change their own measurements" on public.measurements
  for update to authenticated using ((select auth.uid()) = user_id) with check ((select auth.uid()) = user_id);
create policy "People delete their own measurements" on public.measurements
  for delete to authenticated using ((select auth.uid()) = user_id);

create function private.set_measurement_date() returns trigger
language plpgsql set search_path = '' as $$
begin
  if tg_op = 'UPDATE' or new.local_date is null then
    new.local_date := (new.measured_at at time zone (
      select u.timezone from public.users as u where u.id = new.user_id))::date;
  end if;
  return new;
end $$;
comment on function private.set_measurement_date() is
  'Trigger: sets local_date. Only an import gives a day itself, as it was recorded elsewhere.';

create trigger measurements_date before insert or update of measured_at on public.measurements
  for each row execute function private.set_measurement_date();

-- Also when nothing differs: writing the same value again must change updated_at, which tells it from a first value.
create trigger measurements_set_updated_at before update on public.measurements
  for each row execute function private.set_updated_at();
create trigger measurements_lock_person before insert or update or delete on public.measurements
  for each statement when (current_user = 'authenticated') execute function private.lock_person();
create trigger measurements_count_added after insert on public.measurements referencing new table as added
  for each statement execute function private.count_added('measurements');
create trigger measurements_count_removed after delete on public.measurements referencing old table as removed
  for each statement execute function private.count_removed('measurements');
