-- A planned exercise keeps its kind as a logged one does: its planned sets would mean nothing, and be refused, in another.
create or replace function private.keep_kind() returns trigger
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
