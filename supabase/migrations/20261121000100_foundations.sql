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

-- A text that says something: 1 to `longest` characters, and not only white space, as Unicode has it (\s would leave
-- out some of it). Null when the text is, as a check wants it.
create function private.says(value text, longest integer) returns boolean
language sql immutable set search_path = '' as $$
  select char_length(value) between 1 and longest
     and value ~ '[^\u0009-\u000d\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]'
$$;
grant execute on function private.says to authenticated, service_role;

-- A list of short texts: at most `most` of them, each of which says something, none null. A column of type text[]
-- also takes lists of lists, which are no list to anyone who reads it; an empty list has no dimensions at all.
create function private.texts_fit(texts text[], most integer, longest integer) returns boolean
language sql immutable set search_path = '' as $$
  select cardinality(texts) <= most
     and coalesce(array_ndims(texts), 1) = 1
     and coalesce((select bool_and(coalesce(private.says(item, longest), false))
                     from unnest(texts) as item), true)
$$;
grant execute on function private.texts_fit to authenticated, service_role;

-- A list used as a set: at most `most` members, none twice, none null.
create function private.is_set(members anyarray, most integer) returns boolean
language sql immutable set search_path = '' as $$
  select cardinality(members) <= most
     and coalesce(array_ndims(members), 1) = 1
     and (select count(*) = count(distinct member) from unnest(members) as member) -- a null is not counted as distinct
$$;
grant execute on function private.is_set to authenticated, service_role;

-- An IANA zone such as Europe/Oslo or UTC, written exactly so. Postgres also takes POSIX strings ("Foo/Bar+5"),
-- abbreviations ("EST") and any capitals ("europe/oslo"), which the app's other half would not understand: digits are
-- for Etc/GMT+5 alone, and the setting, once made, tells the zone's own spelling. It lasts until the function ends.
create function private.is_timezone(zone text) returns boolean
language plpgsql stable set search_path = '' set timezone = 'UTC' as $$
begin
  if zone !~ '^(UTC|Etc/GMT[+-][0-9]{1,2}|[A-Z][A-Za-z_]+(/[A-Za-z_-]+){1,2})$' or char_length(zone) > 64 then
    return false;
  end if;
  return set_config('timezone', zone, true) = zone;
exception when invalid_parameter_value then
  return false;
end $$;
grant execute on function private.is_timezone to authenticated, service_role;
