-- What a hosted project's cluster has before the first migration: its roles. Run once, as supabase_admin.
-- Passwords are set by the caller, since they are random.

-- Runs the migrations and owns what they make. Not a superuser, there as here, so that a migration which
-- needs one fails here first.
create role postgres login createdb createrole replication bypassrls;

create role anon nologin noinherit;
create role authenticated nologin noinherit;
create role service_role nologin noinherit bypassrls;

-- PostgREST's login. It may become any of the roles a token can name and has no rights of its own.
create role authenticator login noinherit;
grant anon, authenticated, service_role to authenticator;

create role supabase_auth_admin login noinherit createrole;
create role supabase_storage_admin nologin noinherit createrole;
create role supabase_realtime_admin nologin noinherit;
create role supabase_replication_admin nologin replication;
create role supabase_read_only_user nologin bypassrls;
create role dashboard_user nologin createrole createdb replication;
create role pgbouncer nologin;

grant pg_read_all_data to supabase_read_only_user;
grant pg_monitor, pg_signal_backend, pg_read_all_data, pg_create_subscription to postgres;
grant anon, authenticated, service_role to postgres with admin option;
grant anon, authenticated, service_role to supabase_storage_admin;

-- Stand-ins for supautils, which lets a hosted project's postgres configure PostgREST through its login
-- and write policies on storage.objects.
grant authenticator to postgres with admin option;
grant supabase_storage_admin to postgres;
grant set on parameter session_replication_role to postgres;
grant set on parameter "pgrst.db_schemas" to postgres;
grant set on parameter "pgrst.db_extra_search_path" to postgres;
grant set on parameter "pgrst.db_max_rows" to postgres;
grant set on parameter "pgrst.db_pre_request" to postgres;
grant set on parameter "pgrst.db_aggregates_enabled" to postgres;
grant set on parameter "pgrst.db_plan_enabled" to postgres;
grant set on parameter "pgrst.openapi_mode" to postgres;

alter role anon set statement_timeout = '3s';
alter role authenticated set statement_timeout = '8s';
alter role authenticator set statement_timeout = '8s';
alter role authenticator set lock_timeout = '8s';
alter role postgres set search_path = "$user", public, extensions;
alter role supabase_admin set search_path = "$user", public, auth, extensions;
alter role supabase_auth_admin set search_path = auth;
alter role supabase_auth_admin set idle_in_transaction_session_timeout = '60s';
alter role supabase_storage_admin set search_path = storage;
