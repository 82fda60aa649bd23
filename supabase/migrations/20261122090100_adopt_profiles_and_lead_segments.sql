-- The baseline. On a new project this makes the platform's two tables; on a live platform it adopts them: rows,
-- grants and policies stay as they are, and only columns, their constraints, indexes and triggers are added.
-- This is the one migration that says `if not exists`.
--
-- The new columns are empty while their constraints and indexes are made, and a partner is a row: nobody waits long.
-- squawk-ignore-file constraint-missing-not-valid, disallowed-unique-constraint, require-concurrent-index-creation

set local lock_timeout = '3s';
set local statement_timeout = '60s';

-- Who is an admin -------------------------------------------------------------------------------------------------

create function private.is_admin()
returns boolean
-- PL/pgSQL, since its body is not resolved before the first call and the table comes below.
language plpgsql
stable
-- Definer: policies ask this for callers who may not read the profile it looks at.
security definer
set search_path = ''
as $$
begin
  -- The table and not a claim, so that taking the right away works at once.
  return coalesce((select p.is_admin from public.profiles as p where p.id = auth.uid()), false);
end
$$;
comment on function private.is_admin() is 'Whether the caller''s profile says admin. Evaluated once a statement.';

-- Policies ask for a range of partner ids rather than `own or admin`: an `or` with a value that is only known at run
-- time costs a partner a scan of everybody's rows, a range is an index condition. A partner's range is one id, an
-- admin's is all of them. docs/decisions/0003-partner-scope.md has the plans and the measurement.
create function private.scope_start()
returns uuid
language plpgsql
stable
set search_path = ''
as $$
begin
  perform private.check_query();
  return case when private.is_admin() then '00000000-0000-0000-0000-000000000000'::uuid else auth.uid() end;
end
$$;
comment on function private.scope_start() is
  'The lowest partner id whose rows the caller may see. Evaluated once a statement. Raises query_too_long (400).';

create function private.scope_end()
returns uuid
language sql
stable
set search_path = ''
as $$
  select case when private.is_admin() then 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid else auth.uid() end
$$;
comment on function private.scope_end() is 'The highest partner id whose rows the caller may see.';

create function private.actor()
returns text
language sql
stable
set search_path = ''
as $$
  select case
    when private.session_role() = 'service_role' then 'service_role'
    when private.is_trusted_role() then 'dashboard'
    when private.is_admin() then 'admin'
    else 'partner'
  end
$$;
comment on function private.actor() is 'How a history row names the caller: partner, admin, dashboard or service_role.';

-- The two tables ----------------------------------------------------------------------------------------------------

do $$
begin
  if to_regclass('public.profiles') is null then
    create table public.profiles (
      id uuid primary key references auth.users (id) on delete cascade,
      is_admin boolean not null default false,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now()
    );
    comment on table public.profiles is 'One row a partner; the id is that of auth.users.';
    alter table public.profiles enable row level security;
    revoke all on table public.profiles from public, anon, authenticated, service_role;
    create policy profiles_select_own on public.profiles
      for select to authenticated
      using (id between (select private.scope_start()) and (select private.scope_end()));
    create policy profiles_insert_own on public.profiles
      for insert to authenticated
      with check (id between (select private.scope_start()) and (select private.scope_end()));
    create policy profiles_update_own on public.profiles
      for update to authenticated
      using (id between (select private.scope_start()) and (select private.scope_end()))
      with check (id between (select private.scope_start()) and (select private.scope_end()));
    grant select, insert (id) on table public.profiles to authenticated;
    -- No delete: a partner leaves by deleting the auth user, which the foreign key follows.
    grant select, insert, update, delete on table public.profiles to service_role;
  end if;

  if to_regclass('public.lead_segments') is null then
    create table public.lead_segments (
      id uuid primary key default gen_random_uuid(),
      trade text not null,
      region text not null,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      constraint lead_segments_trade_region_key unique (trade, region)
    );
    comment on table public.lead_segments is 'A trade in a region, for which leads are sold.';
    alter table public.lead_segments enable row level security;
    create policy lead_segments_select_authenticated on public.lead_segments
      for select to authenticated using (true);
    create trigger lead_segments_set_updated_at before update on public.lead_segments
      for each row execute function extensions.moddatetime(updated_at);
    revoke all on table public.lead_segments from public, anon, authenticated, service_role;
    grant select on table public.lead_segments to authenticated;
    -- No writes for partners: segments are the marketplace's own list, kept in the dashboard.
    grant select, insert, update, delete on table public.lead_segments to service_role;
  end if;
end
$$;

-- Who reads the new columns ---------------------------------------------------------------------------------------
-- A live platform's policies decide that, and they stay as they are. A policy that shows every profile to everybody
-- would show every budget too, so that is found out before a column is added.

create function private.profiles_shown_to_strangers()
returns table (viewer text, reason text)
language plpgsql
volatile
set search_path = ''
as $$
declare
  someone record;
begin
  for someone in
    select r.role_name, v.uid
    from (values ('anon'), ('authenticated')) as r (role_name)
    cross join lateral (
      -- A new sign-up, and real partners too: a policy may ask whether the caller has a profile at all.
      select gen_random_uuid() as uid
      union all
      (select p.id from public.profiles as p where r.role_name = 'authenticated' and p.is_admin is not true limit 3)
    ) as v
    -- Column grants do not reach columns that do not exist yet; a grant on the table does.
    where has_table_privilege(r.role_name, 'public.profiles', 'select')
  loop
    viewer := someone.role_name;
    reason := 'other partners'' rows are visible';
    perform set_config('request.jwt.claims', json_build_object('sub', someone.uid, 'role', viewer)::text, true);
    perform set_config('role', viewer, true);
    if exists (select from public.profiles as p where p.id <> someone.uid) then
      perform set_config('role', 'none', true);
      return next;
    end if;
    perform set_config('role', 'none', true);
  end loop;
  perform set_config('request.jwt.claims', '', true);

  -- An empty table shows nothing to anybody yet.
  return query
    select r.role_name, 'row level security is off'
    from pg_catalog.pg_class as c
    cross join (values ('anon'), ('authenticated')) as r (role_name)
    where c.oid = 'public.profiles'::regclass
      and not c.relrowsecurity
      and has_table_privilege(r.role_name, 'public.profiles', 'select');
  return query
    select r.role_name, format('policy %I lets every row through', p.polname)
    from pg_catalog.pg_policy as p
    cross join (values ('anon'), ('authenticated')) as r (role_name)
    where p.polrelid = 'public.profiles'::regclass
      and p.polpermissive
      and p.polcmd in ('r', '*')
      and pg_get_expr(p.polqual, p.polrelid) = 'true'
      and (p.polroles = '{0}' or (r.role_name::regrole)::oid = any (p.polroles))
      and has_table_privilege(r.role_name, 'public.profiles', 'select');
end
$$;
comment on function private.profiles_shown_to_strangers() is
  'Who can read other partners'' profiles, budgets included. Run as the dashboard; no rows means nobody.';

do $$
declare
  finding record;
  clash record;
begin
  select string_agg(distinct f.viewer || ': ' || f.reason, '; ') as findings
  into finding
  from private.profiles_shown_to_strangers() as f;
  if finding.findings is not null then
    raise exception 'profiles_shown_to_strangers' using
      detail = finding.findings,
      hint = 'Marketing budgets would be public. Narrow the select policy on public.profiles to the own row and admins '
        'and show public fields through a view, then push again. public.profiles has not been changed.';
  end if;

  -- A column of the same name is adopted when it has the same type; anything else is for a person to decide.
  select string_agg(format('%s is %s, needs %s', w.name, c.data_type, w.type), '; ') as columns
  into clash
  from (values
    ('is_admin', 'boolean'), ('marketing_mode', 'text'), ('auto_marketing_enabled', 'boolean'),
    ('monthly_marketing_budget', 'numeric'), ('preferred_channels', 'ARRAY'), ('brand_color', 'text'),
    ('logo_url', 'text'), ('tone_of_voice', 'text'), ('partner_slug', 'text'),
    ('created_at', 'timestamp with time zone'), ('updated_at', 'timestamp with time zone')
  ) as w (name, type)
  join information_schema.columns as c
    on c.table_schema = 'public' and c.table_name = 'profiles' and c.column_name = w.name and c.data_type <> w.type;
  if clash.columns is not null then
    raise exception 'profiles_column_clash' using
      detail = clash.columns,
      hint = 'Rename or convert these columns of public.profiles, then push again. public.profiles has not been changed.';
  end if;
end
$$;

alter table public.profiles
  add column if not exists is_admin boolean,
  add column if not exists marketing_mode text not null default 'leads_only',
  add column if not exists auto_marketing_enabled boolean not null default false,
  add column if not exists monthly_marketing_budget numeric(12, 2),
  add column if not exists preferred_channels text[] not null default '{}',
  add column if not exists brand_color text,
  add column if not exists logo_url text,
  add column if not exists tone_of_voice text,
  add column if not exists partner_slug text,
  -- Without a default while they are added: rows from before do not claim to be made today.
  add column if not exists created_at timestamptz,
  add column if not exists updated_at timestamptz;

alter table public.profiles
  alter column created_at set default now(),
  alter column updated_at set default now();

alter table public.profiles
  add constraint profiles_marketing_mode_known
    check (marketing_mode in ('leads_only', 'hybrid', 'full_marketing')),
  -- The upper bound refuses NaN, which PostgreSQL sorts above every number.
  add constraint profiles_monthly_marketing_budget_range
    check (monthly_marketing_budget between 0 and 9999999999.99),
  add constraint profiles_preferred_channels_known
    -- The cast asks the domain; the column of an adopted table stays text[].
    check (preferred_channels::public.marketing_channel[] is not null and array_position(preferred_channels, null) is null),
  add constraint profiles_brand_color_format check (brand_color ~ '^#[0-9A-Fa-f]{6}$'),
  add constraint profiles_logo_url_format check (logo_url ~ '^https?://[^\s"<>]+$' and length(logo_url) <= 2048),
  add constraint profiles_tone_of_voice_length check (length(tone_of_voice) <= 500),
  add constraint profiles_partner_slug_format
    check (partner_slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and length(partner_slug) between 2 and 63),
  add constraint profiles_partner_slug_key unique (partner_slug);

comment on column public.profiles.marketing_mode is
  'leads_only: buys leads; hybrid: leads and own campaigns; full_marketing: everything is run for the partner.';
comment on column public.profiles.auto_marketing_enabled is
  'The marketplace may adjust campaigns without asking first.';
comment on column public.profiles.monthly_marketing_budget is
  'EUR a month that planned and active campaigns may commit together. Null: no budget agreed, so nothing may be '
  'committed.';
comment on column public.profiles.preferred_channels is
  'Channels of partner_marketing_campaigns that the partner likes best.';
comment on column public.profiles.brand_color is '#RRGGBB, as on the partner''s van.';
comment on column public.profiles.logo_url is 'Address of the logo, a picture from the bucket landing-page-images.';
comment on column public.profiles.tone_of_voice is 'How texts should address a customer, in the partner''s own words.';
comment on column public.profiles.partner_slug is
  'The partner''s part of every landing page path. Fixed once one of the pages has been live.';

create index profiles_marketing_mode_idx on public.profiles (marketing_mode);
create index profiles_auto_marketing_enabled_idx on public.profiles (id) where auto_marketing_enabled;

grant insert (
  marketing_mode, auto_marketing_enabled, monthly_marketing_budget, preferred_channels, brand_color, logo_url,
  tone_of_voice, partner_slug
) on table public.profiles to authenticated, service_role;
grant update (
  marketing_mode, auto_marketing_enabled, monthly_marketing_budget, preferred_channels, brand_color, logo_url,
  tone_of_voice, partner_slug
) on table public.profiles to authenticated, service_role;
grant select (
  marketing_mode, auto_marketing_enabled, monthly_marketing_budget, preferred_channels, brand_color, logo_url,
  tone_of_voice, partner_slug
) on table public.profiles to authenticated, service_role;

create trigger profiles_set_updated_at
  before update of marketing_mode, auto_marketing_enabled, monthly_marketing_budget, preferred_channels, brand_color,
    logo_url, tone_of_voice, partner_slug
  on public.profiles
  for each row execute function extensions.moddatetime(updated_at);

create function private.guard_profile()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if new.is_admin is not distinct from (case when tg_op = 'UPDATE' then old.is_admin else false end)
    or (tg_op = 'INSERT' and new.is_admin is null)
    -- The statement's own role, so that a security definer function of the platform keeps the rights it had.
    or (select r.rolbypassrls or r.rolsuper from pg_catalog.pg_roles as r where r.rolname = current_user)
  then
    return new;
  end if;
  -- A live platform may have granted updates of the whole row, and that grant stays.
  raise sqlstate 'PT403' using
    message = 'is_admin_not_writable',
    detail = 'A profile cannot be made admin through the API, not by its owner and not by an admin.',
    hint = 'Set is_admin in the Supabase dashboard.';
end
$$;
comment on function private.guard_profile() is 'Trigger: only the dashboard and service_role decide who is an admin.';

create trigger profiles_guard
  before insert or update on public.profiles
  for each row execute function private.guard_profile();

revoke all on all functions in schema private from public;
-- Policies run with the caller's rights.
grant execute on function private.is_admin() to authenticated;
grant execute on function private.scope_start() to authenticated;
grant execute on function private.scope_end() to authenticated;
