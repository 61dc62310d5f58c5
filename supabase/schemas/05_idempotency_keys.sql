-- Requests that create something and carry an Idempotency-Key: what was asked, and what it created. They are kept for a
-- day, and written in the same transaction as what they create. Only the functions below see or change these rows.
create table public.idempotency_keys (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null default auth.uid() references auth.users on delete cascade,
  key text not null,
  operation text not null,
  request_hash bytea not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  resource_id uuid,
  constraint idempotency_keys_key_length check (char_length(key) between 1 and 200),
  constraint idempotency_keys_once unique (user_id, key)
);
comment on table public.idempotency_keys is
  'Creating requests of the last 24 hours that carried a key, and the ids of what they created.';
comment on column public.idempotency_keys.operation is 'The function that creates; it says of what kind resource_id is.';

create index idempotency_keys_recent on public.idempotency_keys (user_id, created_at desc, id desc);
create index idempotency_keys_age on public.idempotency_keys (created_at);

revoke all on public.idempotency_keys from anon, authenticated;

alter table public.idempotency_keys enable row level security;
-- The policy says whose rows these are. As nothing is granted, people cannot read even their own.
create policy "People own their idempotency keys" on public.idempotency_keys
  for select to authenticated using ((select auth.uid()) = user_id);

create trigger idempotency_keys_set_updated_at before update on public.idempotency_keys
  for each row when (old.* is distinct from new.*) execute function private.set_updated_at();

-- Claims the key for this transaction and returns null, or returns the id of what the request created that claimed it
-- first. Concurrent requests wait at the unique index until the first has committed or rolled back.
-- The payload is json, never jsonb: in jsonb a number like 1e131071 takes eight bytes and becomes 131 kB of text, so
-- that hashing a small request could use up the server's memory. json is the text as it was sent.
-- Definer: people have no rights on the table. Every statement is bound to auth.uid().
create function private.claim_idempotency_key(idempotency_key text, operation text, payload json) returns uuid
language plpgsql security definer set search_path = '' as $$
declare
  hash constant bytea := sha256(convert_to(payload::text, 'UTF8'));
  earlier public.idempotency_keys;
begin
  perform private.assert_account(auth.uid());
  if idempotency_key is null then
    return null;
  end if;
  delete from public.idempotency_keys as k
   where k.user_id = auth.uid() and k.key = idempotency_key and k.created_at < now() - interval '24 hours';
  insert into public.idempotency_keys (user_id, key, operation, request_hash)
  values (auth.uid(), idempotency_key, operation, hash)
  on conflict on constraint idempotency_keys_once do nothing;
  if found then
    if exists (
      select from public.idempotency_keys as k
       where k.user_id = auth.uid() and k.created_at > now() - interval '24 hours'
      offset private.quota_limit('idempotency_keys')) then
      perform private.refuse_quota('idempotency_keys');
    end if;
    return null;
  end if;
  select * into strict earlier from public.idempotency_keys as k
   where k.user_id = auth.uid() and k.key = idempotency_key;
  if earlier.operation <> claim_idempotency_key.operation or earlier.request_hash <> hash then
    raise sqlstate 'PT409' using message = 'This Idempotency-Key was used for a different request.';
  end if;
  return earlier.resource_id;
end $$;

-- Stores what the request created under its claimed key; does nothing without a key.
-- Definer: people have no rights on the table. The statement is bound to auth.uid().
create function private.store_resource(idempotency_key text, resource_id uuid) returns void
language sql security definer set search_path = '' as $$
  update public.idempotency_keys as k set resource_id = store_resource.resource_id
   where k.user_id = auth.uid() and k.key = idempotency_key
$$;

-- What a creating function answers: the resource as it is now, and whether an earlier request created it. PT404 when it
-- has been deleted since.
create function private.created_answer(resource jsonb, replayed boolean) returns jsonb
language plpgsql set search_path = '' as $$
begin
  if resource is null then
    raise sqlstate 'PT404' using message = 'What this Idempotency-Key created has been deleted since.';
  end if;
  return jsonb_build_object('replayed', replayed, 'answer', resource);
end $$;

grant execute on function private.claim_idempotency_key, private.store_resource, private.created_answer to authenticated;
