-- What every later migration builds on: a schema that PostgREST does not expose, closed defaults, shared triggers.

-- Helpers live here. PostgREST serves `public` only, so nothing in `private` can be called from outside.
create schema private;
comment on schema private is 'Functions used by triggers, checks and policies. Not exposed by the API.';
revoke all on schema private from public, anon;
grant usage on schema private to authenticated, service_role;

-- The platform grants everything on new objects to anon and authenticated. Here a migration grants what it means.
alter default privileges in schema public revoke all on tables from anon, authenticated;
alter default privileges in schema public revoke all on sequences from anon, authenticated;
alter default privileges in schema public revoke all on functions from anon, authenticated;
alter default privileges revoke execute on functions from public;

-- updated_at is also the version that If-Match compares, so two changes of a row must never share a value:
-- the clock may stand still between two statements, this never does.
create function private.touch() returns trigger
language plpgsql set search_path = '' as $$
begin
  new.updated_at := greatest(clock_timestamp(), old.updated_at + interval '1 microsecond');
  return new;
end $$;
comment on function private.touch() is 'Trigger: sets updated_at, strictly later than before.';

-- A list of short texts: at most `most` of them, each 1 to `longest` characters, none null.
create function private.texts_fit(texts text[], most integer, longest integer) returns boolean
language sql immutable set search_path = '' as $$
  select cardinality(texts) <= most
     and array_position(texts, null) is null
     and coalesce((select bool_and(char_length(item) between 1 and longest) from unnest(texts) as item), true)
$$;
grant execute on function private.texts_fit to authenticated, service_role;

-- A list used as a set: at most `most` members, none twice, none null.
create function private.is_set(members anyarray, most integer) returns boolean
language sql immutable set search_path = '' as $$
  select cardinality(members) <= most
     and array_position(members, null) is null
     and (select count(*) = count(distinct member) from unnest(members) as member)
$$;
grant execute on function private.is_set to authenticated, service_role;

-- An IANA zone such as Europe/Oslo or UTC. The shape is checked first because Postgres also takes POSIX
-- strings ("FOO+5") and abbreviations ("EST"), which the app's other half would not understand.
create function private.is_timezone(zone text) returns boolean
language plpgsql stable set search_path = '' as $$
begin
  if zone !~ '^(UTC|[A-Z][A-Za-z_]+(/[A-Za-z0-9_+-]+){1,2})$' or char_length(zone) > 64 then
    return false;
  end if;
  perform now() at time zone zone;
  return true;
exception when invalid_parameter_value then
  return false;
end $$;
grant execute on function private.is_timezone to authenticated, service_role;
