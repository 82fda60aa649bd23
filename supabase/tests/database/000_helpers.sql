-- What the tests stand on, by the names that basejump's helpers have: https://usebasejump.com/blog/testing-on-supabase-with-pgtap.
-- They stay in the database, in a schema that the API does not show.

begin;
create schema if not exists tests;
grant usage on schema tests to public;

create or replace function tests.create_supabase_user(identifier text)
returns uuid
language sql
set search_path = ''
as $$
  insert into auth.users (id, aud, role, email, raw_user_meta_data)
  values (
    gen_random_uuid(), 'authenticated', 'authenticated', identifier || '@test.example',
    jsonb_build_object('test_identifier', identifier)
  )
  returning id
$$;

create or replace function tests.get_supabase_uid(identifier text)
returns uuid
language sql
stable
security definer
set search_path = ''
as $$
  select u.id from auth.users as u where u.raw_user_meta_data ->> 'test_identifier' = identifier
$$;

-- A partner: an account with a profile and a budget.
create or replace function tests.create_partner(identifier text)
returns uuid
language sql
set search_path = ''
as $$
  insert into public.profiles (id, partner_slug, marketing_mode, monthly_marketing_budget)
  values (tests.create_supabase_user(identifier), identifier, 'hybrid', 1000)
  returning id
$$;

create or replace function tests.authenticate_as(identifier text)
returns void
language plpgsql
set search_path = ''
as $$
begin
  perform set_config(
    'request.jwt.claims',
    jsonb_build_object('role', 'authenticated', 'sub', tests.get_supabase_uid(identifier))::text, true
  );
  perform set_config('role', 'authenticated', true);
end
$$;

create or replace function tests.clear_authentication()
returns void
language plpgsql
set search_path = ''
as $$
begin
  perform set_config('role', 'anon', true);
  perform set_config('request.jwt.claims', '', true);
end
$$;

create or replace function tests.rls_enabled(testing_schema text)
returns text
language sql
set search_path = 'extensions', 'public', 'pg_catalog'
as $$
  select is_empty(
    format(
      'select c.relname from pg_class as c where c.relnamespace = %L::regnamespace'
      ' and c.relkind in (''r'', ''p'') and not c.relispartition and not c.relrowsecurity', testing_schema
    ),
    'Every table of ' || testing_schema || ' has row level security on'
  )
$$;

select plan(1);
select has_schema('tests', 'The helpers are there');
select * from finish();
commit;
