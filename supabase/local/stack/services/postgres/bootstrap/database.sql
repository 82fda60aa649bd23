-- What every database of a hosted project has before the first migration. Run as supabase_admin in a new
-- database that postgres owns. auth.sql and storage.sql follow.

create schema extensions;
grant usage on schema extensions to postgres, anon, authenticated, service_role, supabase_auth_admin;
grant all on schema extensions to postgres, dashboard_user;

create extension pgcrypto with schema extensions;
create extension "uuid-ossp" with schema extensions;
create extension pg_stat_statements with schema extensions;

-- Where this machine's PostgreSQL is not our own copy, its moddatetime is not marked as trusted. Making it
-- here lets a migration's `create extension if not exists` pass.
do $$
begin
  if not exists (
    select from pg_catalog.pg_available_extension_versions as v where v.name = 'moddatetime' and v.trusted
  ) then
    create extension moddatetime with schema extensions;
  end if;
end
$$;

grant usage on schema public to postgres, anon, authenticated, service_role;

-- Schemas that migrations and the CLI look for. What they hold on a hosted project is not emulated, but for the vault's.
create schema vault;
create schema graphql_public;
create schema realtime authorization supabase_realtime_admin;
grant usage on schema vault to postgres;
grant usage on schema graphql_public, realtime to postgres, anon, authenticated, service_role;

create publication supabase_realtime;
alter publication supabase_realtime owner to postgres;

-- PostgREST learns of a changed schema from these, as on a hosted project. Temporary objects are nobody's
-- business, and a reload for each would be felt.
create function extensions.pgrst_ddl_watch() returns event_trigger
  language plpgsql
  set search_path = ''
as $$
begin
  if exists (
    select from pg_catalog.pg_event_trigger_ddl_commands() as c
    where c.schema_name is distinct from 'pg_temp'
  ) then
    notify pgrst, 'reload schema';
  end if;
end
$$;

create function extensions.pgrst_drop_watch() returns event_trigger
  language plpgsql
  set search_path = ''
as $$
begin
  if exists (select from pg_catalog.pg_event_trigger_dropped_objects() as d where not d.is_temporary) then
    notify pgrst, 'reload schema';
  end if;
end
$$;

create event trigger pgrst_ddl_watch on ddl_command_end execute function extensions.pgrst_ddl_watch();
create event trigger pgrst_drop_watch on sql_drop execute function extensions.pgrst_drop_watch();
