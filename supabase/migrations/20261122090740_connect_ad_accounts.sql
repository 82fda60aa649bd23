-- Where ad platforms are asked, in which accounts, and by whose leave.
--
-- A connection's credentials are sealed by a key that only the function campaign_sync has, and what is sealed is kept in
-- Supabase Vault: neither a dump, nor Vault's key, nor a token of job_runner that got about is enough to read them.

set local lock_timeout = '3s';
set local statement_timeout = '60s';

-- Versions and hosts ----------------------------------------------------------------------------------------------

create table private.platform_apis (
  platform text not null,
  api text not null,
  base_url text not null,
  version text,
  expires_on date,
  updated_at timestamptz not null default now(),
  constraint platform_apis_pkey primary key (platform, api),
  constraint platform_apis_platform_known
    check (platform in ('google_ads', 'meta_ads', 'linkedin_ads', 'tiktok_ads', 'microsoft_ads', 'ecb')),
  constraint platform_apis_api_known check (api in ('ads', 'reports', 'tokens', 'conversions', 'rates')),
  constraint platform_apis_version_format check (version ~ '^[A-Za-z0-9.]{1,20}$'),
  -- A token goes to nobody who listens on the way; a simulator is on this machine.
  constraint platform_apis_base_url_shape
    check (base_url ~ '^(https://[a-z0-9.-]+|http://127\.0\.0\.1:[0-9]+)(/[A-Za-z0-9._~-]+)*$' and length(base_url) <= 200)
);
comment on table private.platform_apis is
  'Where each platform is asked, with its version, and until when that is answered. An operator changes it, and no function.';
comment on column private.platform_apis.api is
  'ads: campaigns and figures; reports: Microsoft''s reports; tokens: OAuth; conversions: Google''s Data Manager; rates: the ECB''s.';
comment on column private.platform_apis.base_url is 'Without a slash at the end, and without the version.';
comment on column private.platform_apis.version is 'As it stands in the path; LinkedIn''s in a header.';
comment on column private.platform_apis.expires_on is
  'When this version ends, as announced; where nothing is, the day by which a person has to look. An alert opens 60 days before.';
create trigger platform_apis_set_updated_at
  before update on private.platform_apis
  for each row execute function extensions.moddatetime(updated_at);
alter table private.platform_apis enable row level security;
revoke all on table private.platform_apis from public, anon, authenticated, service_role;

insert into private.platform_apis (platform, api, base_url, version, expires_on) values
-- https://developers.google.com/google-ads/api/docs/sunset-dates: v26 until November 2027.
('google_ads', 'ads', 'https://googleads.googleapis.com', 'v26', '2027-11-01'),
('google_ads', 'tokens', 'https://oauth2.googleapis.com', null, null),
('google_ads', 'conversions', 'https://datamanager.googleapis.com', 'v1', null),
-- v25.0 ends on 23 February 2027; of v27.0, made on 4 November 2026, no end is announced.
('meta_ads', 'ads', 'https://graph.facebook.com', 'v27.0', '2027-08-01'),
-- Each month's version lives for a year at least, until the middle of its month.
('linkedin_ads', 'ads', 'https://api.linkedin.com/rest', '202608', '2027-08-15'),
('linkedin_ads', 'tokens', 'https://www.linkedin.com/oauth/v2', null, null),
('tiktok_ads', 'ads', 'https://business-api.tiktok.com/open_api', 'v1.3', null),
('microsoft_ads', 'ads', 'https://campaign.api.bingads.microsoft.com/CampaignManagement', 'v13', null),
('microsoft_ads', 'reports', 'https://reporting.api.bingads.microsoft.com/Reporting', 'v13', null),
('microsoft_ads', 'tokens', 'https://login.microsoftonline.com/common/oauth2/v2.0', null, null),
('ecb', 'rates', 'https://www.ecb.europa.eu/stats/eurofxref', null, null);

-- Who is at work, and who has to wait -----------------------------------------------------------------------------

create table private.sync_gates (
  platform text not null,
  account_id text not null default '',
  lease_id uuid,
  leased_until timestamptz,
  blocked_until timestamptz,
  blocked_for text,
  constraint sync_gates_pkey primary key (platform, account_id),
  constraint sync_gates_platform_known
    check (platform in ('google_ads', 'meta_ads', 'linkedin_ads', 'tiktok_ads', 'microsoft_ads', 'ecb')),
  constraint sync_gates_lease_is_whole check ((lease_id is null) = (leased_until is null)),
  constraint sync_gates_block_has_reason check ((blocked_until is null) = (blocked_for is null))
);
comment on table private.sync_gates is
  'One row an account, and one without an account for the whole platform. One run at a time is at work in an account, which is also '
  'what keeps two from refreshing one token; and nobody is while it is blocked.';
comment on column private.sync_gates.lease_id is 'The run that is at work. Killed, it is forgotten at leased_until.';
comment on column private.sync_gates.blocked_until is 'Until when the platform wants to hear nothing. Set to null by hand to try sooner.';
comment on column private.sync_gates.blocked_for is 'The platform''s own word for why.';
alter table private.sync_gates enable row level security;
revoke all on table private.sync_gates from public, anon, authenticated, service_role;
insert into private.sync_gates (platform)
values ('google_ads'), ('meta_ads'), ('linkedin_ads'), ('tiktok_ads'), ('microsoft_ads'), ('ecb');

-- Connections -----------------------------------------------------------------------------------------------------

create table private.ad_connections (
  channel text not null,
  account_id text not null,
  manager_id text,
  name text,
  currency text,
  time_zone text not null default 'Europe/Amsterdam',
  secret_id uuid not null,
  consent_ends_at timestamptz,
  is_enabled boolean not null default true,
  write_mode text not null default 'off',
  max_budget_change numeric(4, 2) not null default 0.5,
  health text not null default 'ok',
  health_detail text,
  last_success_at timestamptz,
  connected_at timestamptz not null default now(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint ad_connections_pkey primary key (channel, account_id),
  constraint ad_connections_gate_fkey foreign key (channel, account_id)
    references private.sync_gates (platform, account_id) on delete restrict,
  constraint ad_connections_channel_known
    check (channel in ('google_ads', 'meta_ads', 'linkedin_ads', 'tiktok_ads', 'microsoft_ads')),
  -- They become part of addresses and queries.
  constraint ad_connections_account_id_digits check (account_id ~ '^[0-9]{1,30}$'),
  constraint ad_connections_manager_id_digits check (manager_id ~ '^[0-9]{1,30}$'),
  constraint ad_connections_name_length check (length(name) <= 200),
  constraint ad_connections_currency_format check (currency ~ '^[A-Z]{3}$'),
  constraint ad_connections_write_mode_known check (write_mode in ('off', 'dry_run', 'on')),
  constraint ad_connections_max_budget_change_range check (max_budget_change between 0.01 and 10),
  constraint ad_connections_health_known check (health in ('ok', 'auth', 'refused'))
);
comment on table private.ad_connections is
  'Ad accounts that are read, and written in where that is switched on. connect_ad_account() makes one; `make connect` walks through it.';
comment on column private.ad_connections.account_id is 'The platform''s id of the account, digits only; Meta''s without act_.';
comment on column private.ad_connections.manager_id is 'Google: the manager account (login-customer-id). Microsoft: the customer.';
comment on column private.ad_connections.currency is 'What the platform says the account is in.';
comment on column private.ad_connections.time_zone is 'What its days are cut by.';
comment on column private.ad_connections.secret_id is
  'The secret in Supabase Vault: the credentials, sealed by a key of campaign_sync.';
comment on column private.ad_connections.consent_ends_at is
  'When the platform wants a person''s consent anew, whatever is refreshed until then. Null: never. An alert opens 30 days before.';
comment on column private.ad_connections.is_enabled is 'Whether it is read at all.';
comment on column private.ad_connections.write_mode is
  'Whether anything is written in it: off; dry_run: what would be sent is shown in partner_campaign_writes; on. An operator sets it, and '
  'no function.';
comment on column private.ad_connections.max_budget_change is
  'By how much of itself a daily budget may change at once: 0.5 is from 100 to between 50 and 150.';
comment on column private.ad_connections.health is
  'ok; auth: a person has to connect it anew; refused: the platform does not let us, see health_detail.';
create trigger ad_connections_set_updated_at
  before update on private.ad_connections
  for each row execute function extensions.moddatetime(updated_at);
alter table private.ad_connections enable row level security;
revoke all on table private.ad_connections from public, anon, authenticated, service_role;

create function private.check_connection()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  -- Raises for a time zone that there is not, which would otherwise stop the planning of all accounts.
  perform now() at time zone new.time_zone;
  insert into private.sync_gates (platform, account_id) values (new.channel, new.account_id)
  on conflict on constraint sync_gates_pkey do nothing;
  return new;
end
$$;
comment on function private.check_connection() is 'Trigger: an account that is connected has days and a gate.';
create trigger ad_connections_check
  before insert or update of channel, account_id, time_zone on private.ad_connections
  for each row execute function private.check_connection();

create function private.forget_secret()
returns trigger
language plpgsql
-- Definer: the dashboard deletes connections, and what it deletes leaves no token behind.
security definer
set search_path = ''
as $$
begin
  delete from vault.secrets as s where s.id = old.secret_id;
  return null;
end
$$;
comment on function private.forget_secret() is 'Trigger: the credentials of a connection go with it.';
create trigger ad_connections_forget_secret
  after delete on private.ad_connections
  for each row execute function private.forget_secret();

create function private.check_sealed(sealed text)
returns void
language plpgsql
immutable
set search_path = ''
as $$
begin
  -- Fernet's shape, https://github.com/fernet/spec: a token that was pasted as it is would be kept as it is.
  if (sealed ~ '^gAAAA[A-Za-z0-9_=-]+$' and length(sealed) between 100 and 20000) is not true then
    raise sqlstate 'PT400' using
      message = 'credentials_not_sealed',
      detail = 'Credentials are sealed by a key of campaign_sync before they come here.',
      hint = 'Use make connect.';
  end if;
end
$$;
comment on function private.check_sealed(text) is 'Raises credentials_not_sealed (400).';

create function private.connect_ad_account(connection jsonb, sealed text)
returns jsonb
language plpgsql
volatile
-- Definer: nobody is granted anything on connections or on Vault.
security definer
set search_path = ''
as $$
declare
  wanted private.ad_connections;
  kept private.ad_connections;
begin
  perform private.require_admin();
  perform private.check_sealed(sealed);
  wanted := jsonb_populate_record(null::private.ad_connections, connection - array['secret_id']);
  select c.* into kept
  from private.ad_connections as c
  where c.channel = wanted.channel and c.account_id = wanted.account_id
  for update;
  if kept.secret_id is null then
    wanted.secret_id := vault.create_secret(
      sealed, format('ad account %s %s', wanted.channel, wanted.account_id), 'Credentials of campaign_sync, sealed by its key.'
    );
    insert into private.ad_connections (channel, account_id, manager_id, name, currency, time_zone, secret_id, consent_ends_at)
    values (
      wanted.channel, wanted.account_id, wanted.manager_id, wanted.name, wanted.currency,
      coalesce(wanted.time_zone, 'Europe/Amsterdam'), wanted.secret_id, wanted.consent_ends_at
    );
  else
    perform vault.update_secret(kept.secret_id, sealed);
    update private.ad_connections as c
    set manager_id = wanted.manager_id, name = coalesce(wanted.name, c.name), currency = coalesce(wanted.currency, c.currency),
      time_zone = coalesce(wanted.time_zone, c.time_zone), consent_ends_at = wanted.consent_ends_at, is_enabled = true,
      health = 'ok', health_detail = null, connected_at = now()
    where c.channel = kept.channel and c.account_id = kept.account_id;
  end if;
  perform private.set_alert('connection_needs_a_person', wanted.channel || ' ' || wanted.account_id, null);
  return jsonb_build_object('channel', wanted.channel, 'account_id', wanted.account_id, 'is_new', kept.secret_id is null);
exception
  when check_violation or not_null_violation or invalid_parameter_value then
    raise sqlstate 'PT400' using
      message = 'connection_refused',
      detail = 'A connection has a channel that is a platform, an account_id of digits, and perhaps a manager_id of digits, a currency '
        'of three capitals, a name, a time_zone and consent_ends_at.',
      hint = 'Use make connect.';
end
$$;

create function public.connect_ad_account(connection jsonb, sealed text)
returns jsonb
language sql volatile set search_path = ''
as $$ select private.connect_ad_account(connection, sealed) $$;
comment on function public.connect_ad_account(jsonb, text) is
  'As an admin: connects an ad account, {"channel", "account_id", "manager_id", "name", "currency", "time_zone", "consent_ends_at"}, or '
  'renews its credentials, sealed as `make connect` does. Answers {"channel", "account_id", "is_new"}. 400 credentials_not_sealed, '
  'connection_refused; 403 not_allowed.';

create function private.read_platform_apis(platform text)
returns jsonb
language plpgsql
stable
-- Definer: nobody is granted anything on the table.
security definer
set search_path = ''
as $$
begin
  perform private.require_admin();
  return (
    select jsonb_object_agg(p.api, jsonb_build_object('base_url', p.base_url, 'version', p.version))
    from private.platform_apis as p
    where p.platform = read_platform_apis.platform
  );
end
$$;

create function public.read_platform_apis(platform text)
returns jsonb
language sql stable set search_path = ''
as $$ select private.read_platform_apis(platform) $$;
comment on function public.read_platform_apis(text) is
  'As an admin: where a platform is asked, {"ads": {"base_url", "version"}, …}, for whoever tries an account before it is connected. Null '
  'for a platform that there is not. 403 not_allowed.';

revoke all on all functions in schema private from public;
revoke all on function public.connect_ad_account(jsonb, text), public.read_platform_apis(text)
from public, anon, authenticated, service_role;
grant execute on function
  public.connect_ad_account(jsonb, text), private.connect_ad_account(jsonb, text),
  public.read_platform_apis(text), private.read_platform_apis(text)
to authenticated, service_role;
