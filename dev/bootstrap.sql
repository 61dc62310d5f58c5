-- What the platform has before the first migration, and nothing more. Run as the superuser supabase_admin, before
-- dev/auth/schema.sql. Idempotent: it runs again whenever this file changes. Passwords are set by dev/bootstrap.py.

-- Roles --------------------------------------------------------------------------------------------------------------
do $$
declare
  wanted text;
begin
  foreach wanted in array array[
    'postgres', 'anon', 'authenticated', 'service_role', 'authenticator', 'supabase_auth_admin'
  ] loop
    if not exists (select from pg_catalog.pg_roles where rolname = wanted) then
      execute format('create role %I', wanted);
    end if;
  end loop;
end
$$;

-- Migrations run as postgres, which is no superuser on the platform either.
alter role postgres nosuperuser createdb createrole login replication bypassrls;
alter role anon nologin;
alter role authenticated nologin;
alter role service_role nologin bypassrls;
alter role authenticator login noinherit;
alter role supabase_auth_admin login noinherit createrole noreplication;

-- PostgREST becomes one of these for each request.
grant anon, authenticated, service_role to authenticator;
grant anon, authenticated, service_role to postgres with admin option;
-- There an extension (supautils) lets postgres change what authenticator is set to, PostgREST's settings among it.
grant authenticator to postgres with admin true, inherit false, set false;
grant set on parameter pgrst.db_pre_request to postgres;
grant pg_monitor, pg_signal_backend, pg_read_all_data to postgres with admin option;

-- Settings of the roles ----------------------------------------------------------------------------------------------
alter role postgres set search_path to "$user", public, extensions;
alter role supabase_admin set search_path to "$user", public, auth, extensions;
alter role supabase_auth_admin set search_path to auth;
alter role supabase_auth_admin set idle_in_transaction_session_timeout to 60000;
-- Migrations change these; running this file again must not change them back.
do $$
begin
  if to_regnamespace('supabase_migrations') is null then
    alter role anon set statement_timeout to '3s';
    alter role authenticated set statement_timeout to '8s';
    alter role authenticator set statement_timeout to '8s';
    alter role authenticator set lock_timeout to '8s';
  end if;
end
$$;

-- The database and its schemas ---------------------------------------------------------------------------------------
do $$
begin
  execute format('alter database %I owner to postgres', current_database());
  execute format('alter database %I set search_path to "$user", public, extensions', current_database());
end
$$;

create schema if not exists extensions authorization postgres;
grant usage on schema extensions to anon, authenticated, service_role;

-- As permissive as the platform: whatever a migration makes in public is open to every API role until the migration
-- revokes it, so a forgotten `revoke` is as visible here as it would be there. Only before the first migration: running
-- this file again must not give back what a migration has taken.
do $$
declare
  maker text;
  kind text;
begin
  if to_regnamespace('supabase_migrations') is not null then
    return;
  end if;
  grant usage on schema public to postgres, anon, authenticated, service_role;
  foreach maker in array array['postgres', 'supabase_admin'] loop
    foreach kind in array array['tables', 'functions', 'sequences'] loop
      execute format(
        'alter default privileges for role %I in schema public grant all on %s'
        ' to postgres, anon, authenticated, service_role',
        maker, kind
      );
    end loop;
  end loop;
end
$$;

-- PostgREST reads the schema again after every change of it.
create or replace function extensions.pgrst_watch() returns event_trigger language plpgsql set search_path = '' as $$
begin
  notify pgrst, 'reload schema';
end
$$;
drop event trigger if exists pgrst_ddl_watch;
create event trigger pgrst_ddl_watch on ddl_command_end execute function extensions.pgrst_watch();
drop event trigger if exists pgrst_drop_watch;
create event trigger pgrst_drop_watch on sql_drop execute function extensions.pgrst_watch();

-- Realtime reads this publication; migrations may add tables to it.
do $$
begin
  if not exists (select from pg_catalog.pg_publication where pubname = 'supabase_realtime') then
    create publication supabase_realtime;
  end if;
end
$$;
alter publication supabase_realtime owner to postgres;
