-- Asking the platforms: what is to be asked is planned as rows, taken by one run at a time for an account, and kept page by page, so
-- that a run may end anywhere and the next goes on. What a complete window says takes the place of what was known of it.

set local lock_timeout = '3s';
set local statement_timeout = '60s';

-- Plans and jobs --------------------------------------------------------------------------------------------------

create table private.sync_plans (
  platform text not null,
  kind text not null,
  period text not null,
  after interval not null,
  days integer,
  constraint sync_plans_pkey primary key (platform, kind, period, after),
  constraint sync_plans_kind_known check (kind in ('rates', 'campaigns', 'leads', 'days')),
  constraint sync_plans_period_known check (period in ('hour', 'day', 'week', 'month')),
  constraint sync_plans_days check ((kind in ('leads', 'days')) = (days is not null) and days between 1 and 400)
);
comment on table private.sync_plans is
  'What is asked by itself, and when: as long after the beginning of each hour, day, week or month in Amsterdam. The days up to '
  'yesterday that are asked for are those that the platform still restates. docs/platforms.md has the sources.';
comment on column private.sync_plans.after is 'After the beginning of the period: 6 hours of a day is 06:00.';
comment on column private.sync_plans.days is 'How many days up to yesterday; of leads, until now.';
alter table private.sync_plans enable row level security;
revoke all on table private.sync_plans from public, anon, authenticated, service_role;

insert into private.sync_plans (platform, kind, period, after, days) values
-- The ECB publishes at about 16:00, and sometimes later.
('ecb', 'rates', 'day', '7 hours', null),
('ecb', 'rates', 'day', '16 hours 10 minutes', null),
('ecb', 'rates', 'day', '17 hours 10 minutes', null),
('ecb', 'rates', 'day', '19 hours 10 minutes', null),
-- Yesterday is complete at 03:00 of the account's time; a conversion belongs to its click's day, for 30 days and at most 90.
('google_ads', 'days', 'day', '6 hours', 30),
('google_ads', 'days', 'week', '3 hours', 90),
-- Nothing changes after 28 days.
('meta_ads', 'days', 'day', '6 hours', 28),
('linkedin_ads', 'days', 'day', '6 hours', 30),
('linkedin_ads', 'days', 'month', '3 hours', 90),
-- Adjusted at 12:00 UTC of the next day; at most 30 days in one request.
('tiktok_ads', 'days', 'day', '6 hours', 30),
('tiktok_ads', 'days', 'day', '14 hours 30 minutes', 30),
('microsoft_ads', 'days', 'day', '6 hours', 30),
('microsoft_ads', 'days', 'month', '3 hours', 90),
-- What was paused there is paused here within the hour.
('google_ads', 'campaigns', 'hour', '0', null),
('meta_ads', 'campaigns', 'hour', '0', null),
('linkedin_ads', 'campaigns', 'hour', '0', null),
('tiktok_ads', 'campaigns', 'hour', '0', null),
('microsoft_ads', 'campaigns', 'hour', '0', null),
-- What a webhook did not bring. Microsoft has no such call.
('google_ads', 'leads', 'day', '5 hours', 7),
('meta_ads', 'leads', 'day', '5 hours', 7),
('linkedin_ads', 'leads', 'day', '5 hours', 7),
('tiktok_ads', 'leads', 'day', '5 hours', 7);

create table private.sync_jobs (
  id bigint generated always as identity primary key,
  platform text not null,
  account_id text not null,
  kind text not null,
  slot text not null,
  period text,
  window_from date,
  window_to date,
  status text not null default 'waiting',
  cursor jsonb,
  as_of timestamptz,
  due_at timestamptz not null default now(),
  attempts integer not null default 0,
  pages integer not null default 0,
  rows integer not null default 0,
  last_error text,
  finished_at timestamptz,
  created_at timestamptz not null default now(),
  constraint sync_jobs_once unique (platform, account_id, kind, slot),
  constraint sync_jobs_gate_fkey foreign key (platform, account_id)
    references private.sync_gates (platform, account_id) on delete cascade,
  constraint sync_jobs_kind_known check (kind in ('writes', 'conversions', 'details', 'rates', 'campaigns', 'leads', 'days')),
  constraint sync_jobs_status_known check (status in ('waiting', 'fetched', 'done', 'refused')),
  constraint sync_jobs_window check ((kind in ('leads', 'days')) = (window_from is not null) and window_from <= window_to),
  constraint sync_jobs_finished check ((status in ('done', 'refused')) = (finished_at is not null))
);
comment on table private.sync_jobs is
  'What is asked of a platform, once each: planned, or by hand with request_sync(); and when something is to be written there.';
comment on column private.sync_jobs.slot is 'For which time it was planned, or when it was asked for by hand.';
comment on column private.sync_jobs.status is
  'waiting, until the last page is there; fetched, until all of it is in the ledger; done; refused: see last_error.';
comment on column private.sync_jobs.cursor is 'Where its adapter goes on: a page, a report that is being made. Never a token.';
comment on column private.sync_jobs.as_of is 'When its first page was asked for: what was reported later is newer than it.';
comment on column private.sync_jobs.attempts is 'How often it failed since it last came further.';
comment on column private.sync_jobs.last_error is 'The platform''s own word, without what a person wrote.';
create index sync_jobs_due_idx on private.sync_jobs (due_at) where status in ('waiting', 'fetched');
create index sync_jobs_finished_at_idx on private.sync_jobs (finished_at);
alter table private.sync_jobs enable row level security;
revoke all on table private.sync_jobs from public, anon, authenticated, service_role;

create table private.sync_days (
  job_id bigint not null references private.sync_jobs (id) on delete cascade,
  external_campaign_id text not null,
  day date not null,
  currency text not null,
  spend numeric(24, 6) not null,
  clicks bigint not null,
  impressions bigint not null,
  conversions numeric(18, 6) not null,
  constraint sync_days_pkey primary key (job_id, external_campaign_id, day),
  constraint sync_days_external_campaign_id_length check (length(external_campaign_id) between 1 and 255)
);
comment on table private.sync_days is 'The pages of windows that are not complete yet: they change nothing until they are.';
alter table private.sync_days enable row level security;
revoke all on table private.sync_days from public, anon, authenticated, service_role;

create table private.platform_campaigns (
  channel text not null,
  account_id text not null,
  external_campaign_id text not null,
  name text not null,
  word text not null,
  daily_budget numeric(18, 6),
  budget_note text,
  read_at timestamptz not null,
  constraint platform_campaigns_pkey primary key (channel, external_campaign_id, account_id),
  constraint platform_campaigns_connection_fkey foreign key (channel, account_id)
    references private.ad_connections (channel, account_id) on delete cascade,
  constraint platform_campaigns_length check (length(external_campaign_id) between 1 and 255 and length(word) <= 100),
  constraint platform_campaigns_daily_budget_range check (daily_budget between 0 and 999999999999),
  constraint platform_campaigns_budget_note_known check (budget_note in ('shared', 'lower_level', 'total', 'automated'))
);
comment on table private.platform_campaigns is
  'The campaigns of connected accounts as the platforms have them, linked or not: where an admin looks for the id to link.';
comment on column private.platform_campaigns.word is 'The platform''s own word for its status.';
comment on column private.platform_campaigns.daily_budget is 'In the account''s currency. Null where there is none a day.';
comment on column private.platform_campaigns.budget_note is
  'shared: several campaigns have one; lower_level: it stands with the ad sets or groups; total: for all of its time; automated: the '
  'platform moves it.';
comment on column private.platform_campaigns.read_at is 'When it was last in a complete or a partial answer.';
create index platform_campaigns_account_idx on private.platform_campaigns (channel, account_id);
alter table private.platform_campaigns enable row level security;
revoke all on table private.platform_campaigns from public, anon, authenticated, service_role;

-- Taking ----------------------------------------------------------------------------------------------------------

create function private.plan_sync_jobs()
returns void
language plpgsql
volatile
set search_path = ''
as $$
begin
  insert into private.sync_jobs (platform, account_id, kind, slot, period, window_from, window_to)
  select
    p.platform, a.account_id, p.kind,
    p.period || ' ' || to_char(date_trunc(p.period, now() at time zone 'Europe/Amsterdam' - p.after) + p.after, 'YYYY-MM-DD HH24:MI'),
    p.period, a.yesterday - p.days + 1, case when p.days is not null then a.yesterday end
  from private.sync_plans as p
  join (
    select c.channel as platform, c.account_id, (now() at time zone c.time_zone)::date - 1 as yesterday
    from private.ad_connections as c
    where c.is_enabled
    union all
    select 'ecb', '', null
  ) as a on a.platform = p.platform
  -- What has not come to its end is not begun a second time.
  where not exists (
    select
    from private.sync_jobs as j
    where j.platform = p.platform and j.account_id = a.account_id and j.kind = p.kind and j.period = p.period
      and j.status in ('waiting', 'fetched')
  )
  on conflict on constraint sync_jobs_once do nothing;
  perform private.plan_campaign_writes();
  perform private.plan_conversions();
  perform private.plan_lead_details();
end
$$;
comment on function private.plan_sync_jobs() is 'Puts down what is to be asked by now, once each.';

create function private.restart_sync_job(job private.sync_jobs)
returns private.sync_jobs
language plpgsql
volatile
set search_path = ''
as $$
begin
  delete from private.sync_days as d where d.job_id = job.id;
  update private.sync_jobs as j
  set as_of = now(), cursor = null, pages = 0, rows = 0,
    -- Of a plan that waited over midnight, the days are those up to yesterday again.
    window_from = case when j.period is null then j.window_from else j.window_from + (a.yesterday - j.window_to) end,
    window_to = case when j.period is null or j.window_to is null then j.window_to else a.yesterday end
  from (
    select (now() at time zone coalesce(max(c.time_zone), 'Europe/Amsterdam'))::date - 1 as yesterday
    from private.ad_connections as c
    where c.channel = job.platform and c.account_id = job.account_id
  ) as a
  where j.id = job.id
  returning j.* into job;
  return job;
end
$$;
comment on function private.restart_sync_job(private.sync_jobs) is 'Begins a job, or begins it anew.';

create function private.first_missing_rate()
returns date
language sql
stable
set search_path = ''
as $$
  select least(
    (select max(r.day) + 1 from private.currency_rates as r),
    (
      select min(m.day) - 7
      from public.partner_campaign_metrics as m
      where m.currency <> 'EUR' and m.spend_eur is null
        and m.day < (select min(r.day) from private.currency_rates as r where r.currency = m.currency)
    )
  )
$$;
comment on function private.first_missing_rate() is
  'From which day on the ECB''s rates are wanted. Null where none are there at all.';

create function public.take_sync_job(lease uuid)
returns jsonb
language plpgsql
volatile
-- Definer: job_runner reads no table. The credentials in the answer are sealed.
security definer
set search_path = ''
as $$
declare
  job private.sync_jobs;
  job_id bigint;
begin
  perform private.plan_sync_jobs();
  update private.sync_gates as g set lease_id = null, leased_until = null where g.lease_id = take_sync_job.lease;
  select j.id into job_id
  from private.sync_jobs as j
  join private.sync_gates as g on g.platform = j.platform and g.account_id = j.account_id
  join private.sync_gates as w on w.platform = j.platform and w.account_id = ''
  left join private.ad_connections as c on c.channel = j.platform and c.account_id = j.account_id
  where j.status in ('waiting', 'fetched') and j.due_at <= now()
    and (g.leased_until is null or g.leased_until <= now())
    and (g.blocked_until is null or g.blocked_until <= now())
    and (w.blocked_until is null or w.blocked_until <= now())
    and (j.platform = 'ecb' or (c.is_enabled and c.health <> 'auth'))
  order by array_position(array['writes', 'conversions', 'details', 'rates', 'campaigns', 'leads', 'days'], j.kind) asc, j.due_at asc, j.id asc
  limit 1
  -- Several runs at once take different accounts.
  for update of g skip locked;
  if job_id is null then
    perform private.watch_sync();
    return null;
  end if;
  select j.* into job from private.sync_jobs as j where j.id = job_id;
  update private.sync_gates as g
  set lease_id = take_sync_job.lease, leased_until = now() + interval '2 minutes'
  where g.platform = job.platform and g.account_id = job.account_id;
  -- What a platform says of where to go on is good for a while only.
  if job.as_of is null or (job.status = 'waiting' and job.as_of < now() - interval '6 hours') then
    job := private.restart_sync_job(job);
  end if;
  return (
    select jsonb_build_object(
      'id', job.id,
      'platform', job.platform,
      'account_id', job.account_id,
      'kind', job.kind,
      'status', job.status,
      'window_from', case job.kind when 'rates' then private.first_missing_rate() else job.window_from end,
      'window_to', job.window_to,
      'cursor', job.cursor,
      'announced', case job.kind when 'details' then to_jsonb(private.find_announced_leads(job)) else '[]' end,
      'apis', (
        select jsonb_object_agg(p.api, jsonb_build_object('base_url', p.base_url, 'version', p.version))
        from private.platform_apis as p
        where p.platform = job.platform
      ),
      'account', (
        select jsonb_build_object(
          'manager_id', c.manager_id, 'sealed', v.decrypted_secret
        )
        from private.ad_connections as c
        join vault.decrypted_secrets as v on v.id = c.secret_id
        where c.channel = job.platform and c.account_id = job.account_id
      )
    )
  );
end
$$;
comment on function public.take_sync_job(uuid) is
  'As job_runner: what is to be asked now, in an account that nobody else is at work in for the next two minutes; each page that is '
  'stored makes them two anew. Null when nothing is due, or may be asked. Lets go of what the lease held before.';

create function private.hold_sync_job(job_id bigint, lease uuid)
returns private.sync_jobs
language plpgsql
volatile
set search_path = ''
as $$
declare
  job private.sync_jobs;
begin
  select j.* into job from private.sync_jobs as j where j.id = hold_sync_job.job_id;
  update private.sync_gates as g
  set leased_until = now() + interval '2 minutes'
  where g.platform = job.platform and g.account_id = job.account_id and g.lease_id = hold_sync_job.lease;
  if not found or job.status not in ('waiting', 'fetched') then
    raise sqlstate 'PT409' using
      message = 'lease_lost',
      detail = 'Somebody else is at work in this account, or the job has come to its end.',
      hint = 'Leave it, and take another.';
  end if;
  return job;
end
$$;
comment on function private.hold_sync_job(bigint, uuid) is
  'The job, for whoever holds its account, for two minutes more. Raises lease_lost (409).';

create function private.may_ask(job private.sync_jobs)
returns boolean
language sql
stable
set search_path = ''
as $$
  -- Another account's run may have heard that the whole platform wants to be left alone.
  select not exists (
    select
    from private.sync_gates as g
    where g.platform = job.platform and g.account_id in (job.account_id, '') and g.blocked_until > now()
  )
$$;
comment on function private.may_ask(private.sync_jobs) is 'Whether neither the account nor its platform wants to hear nothing for a while.';

create function public.leave_sync(lease uuid)
returns void
language sql
volatile
-- Definer: job_runner writes no table.
security definer
set search_path = ''
as $$
  update private.sync_gates as g set lease_id = null, leased_until = null where g.lease_id = leave_sync.lease
$$;
comment on function public.leave_sync(uuid) is 'As job_runner: lets go of what a lease holds.';

create function public.keep_credentials(job_id bigint, lease uuid, sealed text, consent_ends_at timestamptz default null)
returns void
language plpgsql
volatile
-- Definer: job_runner has nothing granted on Vault.
security definer
set search_path = ''
as $$
declare
  job constant private.sync_jobs := private.hold_sync_job(job_id, lease);
begin
  perform private.check_sealed(keep_credentials.sealed);
  perform vault.update_secret(c.secret_id, keep_credentials.sealed)
  from private.ad_connections as c
  where c.channel = job.platform and c.account_id = job.account_id;
  update private.ad_connections as c
  set consent_ends_at = coalesce(keep_credentials.consent_ends_at, c.consent_ends_at)
  where c.channel = job.platform and c.account_id = job.account_id;
end
$$;
comment on function public.keep_credentials(bigint, uuid, text, timestamptz) is
  'As job_runner: keeps what a refresh answered, the access token and a refresh token that took the place of another, in one '
  'transaction. 400 credentials_not_sealed; 409 lease_lost.';

-- Pages -----------------------------------------------------------------------------------------------------------

create function private.store_campaigns(job private.sync_jobs, campaigns jsonb)
returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  changed_ids text[];
  new_ids bigint[];
begin
  changed_ids := array(
    select r.line ->> 0
    from jsonb_array_elements(campaigns) as r (line)
    join public.partner_marketing_campaigns as c on c.channel = job.platform and c.external_campaign_id = r.line ->> 0
    left join private.platform_campaigns as k
      on k.channel = job.platform and k.external_campaign_id = r.line ->> 0 and k.account_id = job.account_id
    left join private.platform_statuses as s on s.channel = job.platform and s.word = upper(r.line ->> 2)
    -- A word that nobody knows is said once.
    where case when s.word is null then k.word is distinct from r.line ->> 2 else c.platform_status is distinct from s.platform_status end
  );
  insert into private.platform_campaigns as k
    (channel, account_id, external_campaign_id, name, word, daily_budget, budget_note, read_at)
  select distinct on (r.line ->> 0)
    job.platform, job.account_id, r.line ->> 0, left(r.line ->> 1, 300), r.line ->> 2, (r.line ->> 3)::numeric, r.line ->> 4, job.as_of
  from jsonb_array_elements(campaigns) as r (line)
  order by r.line ->> 0
  on conflict on constraint platform_campaigns_pkey do update
  set name = excluded.name, word = excluded.word, daily_budget = excluded.daily_budget, budget_note = excluded.budget_note,
    read_at = excluded.read_at;
  if changed_ids = '{}' then
    perform private.settle_written(job, campaigns);
    return;
  end if;

  perform private.hold_for_events(array_fill(job.platform, array[cardinality(changed_ids)]), changed_ids, false);
  with told as (
    select distinct on (r.line ->> 0) r.line ->> 0 as external_campaign_id, r.line ->> 2 as word
    from jsonb_array_elements(campaigns) as r (line)
    where r.line ->> 0 = any (changed_ids)
    order by r.line ->> 0
  ),

  added as (
    insert into private.campaign_inbox as i (
      source, event_key, body_hmac, via, kind, channel, account_id, external_campaign_id, occurred_at, facts, payload
    )
    select
      job.platform, format('sync:status:%s:%s', t.external_campaign_id, extract(epoch from job.as_of)),
      sha256(convert_to(t.word, 'utf8')), 'sync', 'status', job.platform, job.account_id, t.external_campaign_id, job.as_of,
      jsonb_build_object('kind', 'status', 'platform_status', t.word, 'as_of', job.as_of), '{}'
    from told as t
    on conflict on constraint campaign_inbox_event_key_key do nothing
    returning i.id
  )

  select coalesce(array_agg(a.id), '{}') into new_ids from added as a;
  perform private.apply_campaign_events(new_ids);
  perform private.settle_written(job, campaigns);
end
$$;
comment on function private.store_campaigns(private.sync_jobs, jsonb) is
  'Keeps what a platform says of its campaigns, and brings a status that changed to the campaign by the way that webhooks go.';

create function private.is_time_zone(name text)
returns boolean
language plpgsql
stable
set search_path = ''
as $$
begin
  return now() at time zone name is not null;
exception
  when invalid_parameter_value then
    return false;
end
$$;
comment on function private.is_time_zone(text) is 'Whether PostgreSQL knows it.';

create function public.store_sync_page(job_id bigint, lease uuid, page jsonb)
returns boolean
language plpgsql
volatile
-- Definer: job_runner writes no table.
security definer
set search_path = ''
as $$
declare
  job constant private.sync_jobs := private.hold_sync_job(job_id, lease);
begin
  -- LinkedIn answers with 15,000 at most, and no other with more. A token that got about would go on.
  if jsonb_array_length(coalesce(page -> 'days', '[]')) > 20000 or jsonb_array_length(coalesce(page -> 'campaigns', '[]')) > 20000 then
    raise sqlstate 'PT400' using
      message = 'batch_refused',
      detail = 'A page has at most 20,000 days or campaigns.',
      hint = 'Send fewer at once.';
  end if;
  insert into private.sync_days as d (job_id, external_campaign_id, day, currency, spend, clicks, impressions, conversions)
  -- Pages that shift while they are read may say a day twice.
  select distinct on (r.line ->> 0, (r.line ->> 1)::date)
    job.id, r.line ->> 0, (r.line ->> 1)::date, r.line ->> 2, (r.line ->> 3)::numeric, (r.line ->> 4)::bigint,
    (r.line ->> 5)::bigint, (r.line ->> 6)::numeric
  from jsonb_array_elements(coalesce(page -> 'days', '[]')) with ordinality as r (line, place)
  where (r.line ->> 1)::date between job.window_from and job.window_to
  order by r.line ->> 0, (r.line ->> 1)::date, r.place desc
  on conflict on constraint sync_days_pkey do update
  set currency = excluded.currency, spend = excluded.spend, clicks = excluded.clicks, impressions = excluded.impressions,
    conversions = excluded.conversions;
  if job.kind = 'campaigns' then
    perform private.store_campaigns(job, coalesce(page -> 'campaigns', '[]'));
  elsif job.kind in ('leads', 'details') then
    perform private.store_leads(job, coalesce(page -> 'leads', '[]'), array(select jsonb_array_elements_text(page -> 'fetched')));
  end if;
  update private.sync_jobs as j
  set cursor = nullif(page -> 'cursor', 'null'), pages = j.pages + 1, attempts = 0,
    rows = j.rows + jsonb_array_length(coalesce(page -> 'days', '[]')) + jsonb_array_length(coalesce(page -> 'campaigns', '[]'))
      + jsonb_array_length(coalesce(page -> 'leads', '[]')),
    status = case when (page ->> 'is_last')::boolean then 'fetched' else j.status end,
    due_at = now() + make_interval(secs => coalesce((page ->> 'wait_seconds')::float8, 0))
  where j.id = job.id;
  update private.ad_connections as c
  set currency = coalesce(substring(page #>> '{account,currency}' from '^[A-Z]{3}$'), c.currency),
    -- A platform may know one that we do not.
    time_zone = case when private.is_time_zone(page #>> '{account,time_zone}') then page #>> '{account,time_zone}' else c.time_zone end,
    name = coalesce(c.name, left(page #>> '{account,name}', 200))
  where c.channel = job.platform and c.account_id = job.account_id and page -> 'account' <> 'null';
  return private.may_ask(job);
exception
  when deadlock_detected or serialization_failure or lock_not_available then
    perform private.raise_retry();
    return null;
end
$$;
comment on function public.store_sync_page(bigint, uuid, jsonb) is
  'As job_runner: keeps a page and where to go on, {"days": [[campaign, day, currency, spend, clicks, impressions, conversions]], '
  '"campaigns": [[campaign, name, status, daily budget, note, switch]], "leads": as ingest_campaign_events() takes them, "fetched": '
  '[ids of leads that were announced], "cursor", "is_last", "wait_seconds", "account": {"currency", "time_zone", "name"}}. Answers '
  'whether to go on. 400 batch_refused; 409 lease_lost; 503 retry.';

-- Windows ---------------------------------------------------------------------------------------------------------

create function private.find_window_campaigns(job private.sync_jobs, after_id text, most integer)
returns text[]
language plpgsql
stable
set search_path = ''
as $$
begin
  return array(
    select f.external_campaign_id
    from (
      select distinct d.external_campaign_id from private.sync_days as d where d.job_id = job.id and d.external_campaign_id > after_id
      union
      -- Those of which the platform says nothing any longer.
      select distinct m.external_campaign_id
      from public.partner_campaign_metrics as m
      where m.channel = job.platform and m.account_id = job.account_id and m.day between job.window_from and job.window_to
        and m.external_campaign_id > after_id
    ) as f
    order by f.external_campaign_id
    limit most
  );
end
$$;
comment on function private.find_window_campaigns(private.sync_jobs, text, integer) is
  'The next campaigns that a window is about, in the order of their ids.';

create function private.read_window(job private.sync_jobs, campaigns text[])
returns setof private.day_report
language plpgsql
stable
set search_path = ''
-- A plan that is kept is made while the ledger is empty. Rows are found by their campaigns' keys and joined by hash, whatever looks
-- cheap then.
set enable_seqscan = off
set enable_nestloop = off
set enable_mergejoin = off
as $$
begin
  return query
  with told as materialized (
    select d.external_campaign_id, d.day, d.currency, d.spend, d.clicks, d.impressions, d.conversions, false as is_absent
    from private.sync_days as d
    where d.job_id = job.id and d.external_campaign_id = any (campaigns)
  ),

  known as materialized (
    select m.external_campaign_id, m.day, m.account_id, m.currency, m.spend, m.clicks, m.impressions, m.conversions
    from public.partner_campaign_metrics as m
    where m.channel = job.platform and m.external_campaign_id = any (campaigns)
      -- As expressions, so that no index but the campaigns' key fits.
      and m.day + 0 between job.window_from and job.window_to and m.account_id || '' in (job.account_id, '')
  ),

  linked as materialized (
    select c.id, c.partner_id, c.external_campaign_id
    from public.partner_marketing_campaigns as c
    where c.channel = job.platform and c.external_campaign_id = any (campaigns)
  ),

  -- A complete answer that says nothing of a day says that nothing was spent. Its last day is always written, so that figures that did
  -- not change are as new as the answer.
  expected as (
    select n.external_campaign_id, n.day, n.currency from known as n
    union all
    select t.external_campaign_id, job.window_to, t.currency from told as t
    union all
    select n.external_campaign_id, job.window_to, n.currency from known as n
  ),

  silent as (
    select
      e.external_campaign_id, e.day, min(e.currency) as currency, 0::numeric as spend, 0::bigint as clicks, 0::bigint as impressions,
      0::numeric as conversions, true as is_absent
    from expected as e
    group by e.external_campaign_id, e.day
  ),

  window_days as materialized (
    select t.* from told as t
    union all
    select s.*
    from silent as s
    where not exists (select from told as t where t.external_campaign_id = s.external_campaign_id and t.day = s.day)
  ),

  -- A rate is looked up once a day and not once a campaign.
  days_of_currencies as (
    select distinct w.currency, w.day from window_days as w
  ),

  rates as materialized (
    select d.currency, d.day, r.per_eur, r.rate_date
    from days_of_currencies as d
    cross join lateral private.find_rate(d.currency, d.day) as r
  )

  select
    job.platform, job.account_id, w.external_campaign_id, w.day, c.id, c.partner_id, w.spend, w.currency, r.per_eur, r.rate_date,
    w.clicks, w.impressions, w.conversions, w.is_absent, job.as_of, 'sync'
  from window_days as w
  left join known as m on m.external_campaign_id = w.external_campaign_id and m.day = w.day and m.account_id = job.account_id
  left join linked as c on c.external_campaign_id = w.external_campaign_id
  left join rates as r on r.currency = w.currency and r.day = w.day
  -- What was reported since is newer: store_days() sees to that.
  where m.day is null or w.day = job.window_to
    or (m.currency, m.spend, m.clicks, m.impressions, m.conversions)
    is distinct from (w.currency, w.spend, w.clicks, w.impressions, w.conversions);
end
$$;
comment on function private.read_window(private.sync_jobs, text[]) is
  'What a complete window says of campaigns that is not in the ledger yet.';

create function private.park_reports(reports private.day_report[])
returns void
language plpgsql
volatile
set search_path = ''
as $$
begin
  insert into private.campaign_inbox as i (
    source, event_key, body_hmac, via, kind, channel, account_id, external_campaign_id, occurred_at, facts, payload, status, reason
  )
  select
    x.channel, format('sync:%s:%s:%s:%s', x.account_id, x.external_campaign_id, x.day, extract(epoch from x.as_of)),
    sha256(convert_to(x::text, 'utf8')), 'sync', 'metrics', x.channel, x.account_id, x.external_campaign_id, x.as_of,
    jsonb_build_object(
      'kind', 'metrics', 'day', x.day, 'spend', x.spend::text, 'currency', x.currency, 'clicks', x.clicks, 'impressions', x.impressions,
      'conversions', x.conversions::text, 'as_of', x.as_of
    ),
    '{}', 'parked', private.refuse_report(x)
  from unnest(reports) as x
  order by x.external_campaign_id, x.day
  on conflict on constraint campaign_inbox_event_key_key do nothing;
end
$$;
comment on function private.park_reports(private.day_report[]) is
  'What cannot be believed goes where a person looks for such, and may be replayed once it is corrected.';

create function public.apply_sync_window(job_id bigint, lease uuid)
returns boolean
language plpgsql
volatile
-- Definer: job_runner writes no table.
security definer
set search_path = ''
as $$
declare
  -- Of a month's window some thousand rows: as long as a batch of webhooks.
  most constant integer := 100;
  job constant private.sync_jobs := private.hold_sync_job(job_id, lease);
  campaigns text[];
  reports private.day_report[];
  refused private.day_report[];
begin
  if job.status <> 'fetched' then
    return true;
  end if;
  if job.kind = 'days' then
    campaigns := private.find_window_campaigns(job, coalesce(job.cursor ->> 'applied', ''), most);
  end if;
  if campaigns is null or campaigns = '{}' then
    perform private.finish_sync_job(job);
    return true;
  end if;
  perform private.hold_for_events(array_fill(job.platform, array[cardinality(campaigns)]), campaigns, false);
  perform private.begin_ledger_write();
  reports := array(select w::private.day_report from private.read_window(job, campaigns) as w);
  refused := array(select x::private.day_report from unnest(reports) as x where private.refuse_report(x) is not null);
  if refused <> '{}' then
    perform private.park_reports(refused);
    reports := array(select x::private.day_report from unnest(reports) as x where private.refuse_report(x) is null);
  end if;
  perform private.store_days(reports);
  perform private.end_ledger_write();
  update private.sync_jobs as j
  set cursor = jsonb_build_object('applied', campaigns[cardinality(campaigns)])
  where j.id = job.id;
  return false;
exception
  when deadlock_detected or serialization_failure or lock_not_available then
    perform private.raise_retry();
    return null;
end
$$;
comment on function public.apply_sync_window(bigint, uuid) is
  'As job_runner: brings a window whose last page is there into the ledger, a hundred campaigns a call, and answers whether that was '
  'all. Call it until it was; what is no window ends with the first call. 409 lease_lost; 503 retry.';

create function private.finish_sync_job(job private.sync_jobs)
returns void
language plpgsql
volatile
set search_path = ''
as $$
begin
  delete from private.sync_days as d where d.job_id = job.id;
  update private.sync_jobs as j
  set status = 'done', cursor = null, finished_at = now(), last_error = null
  where j.id = job.id;
  if job.kind = 'campaigns' then
    perform private.settle_announcements(job);
  end if;
  perform private.set_alert('sync_refused', concat_ws(' ', job.platform, nullif(job.account_id, ''), job.kind), null);
  update private.ad_connections as c
  set last_success_at = case job.kind when 'days' then now() else c.last_success_at end,
    health = case when r.is_refused then c.health else 'ok' end, health_detail = case when r.is_refused then c.health_detail end
  from (
    -- Something else may be refused in it still.
    select exists (
      select from private.alerts as a
      where a.kind = 'sync_refused' and a.resolved_at is null
        and a.subject like job.platform || ' ' || job.account_id || ' %'
    ) as is_refused
  ) as r
  where c.channel = job.platform and c.account_id = job.account_id;
end
$$;
comment on function private.finish_sync_job(private.sync_jobs) is 'Writes down that a job has come to its end.';

-- What goes wrong -------------------------------------------------------------------------------------------------

create function public.fail_sync_job(job_id bigint, lease uuid, failure jsonb)
returns void
language plpgsql
volatile
-- Definer: job_runner writes no table.
security definer
set search_path = ''
as $$
declare
  max_attempts constant integer := 12;
  job constant private.sync_jobs := private.hold_sync_job(job_id, lease);
  what text := failure ->> 'kind';
  error constant text := left(coalesce(failure ->> 'error', 'unknown'), 200);
  -- A day and a bit: a limit that ends at midnight, in a time zone that is not known for sure.
  wait constant interval := make_interval(secs => least(greatest(coalesce((failure ->> 'seconds')::float8, 60), 1), 100000));
begin
  if what = 'transient' and job.attempts + 1 >= max_attempts then
    what := 'permanent';
  end if;
  if what = 'throttled' then
    update private.sync_gates as g
    set blocked_until = greatest(g.blocked_until, now() + wait), blocked_for = error
    where g.platform = job.platform and g.account_id = case failure ->> 'scope' when 'platform' then '' else job.account_id end;
  elsif what = 'auth' then
    update private.ad_connections as c
    set health = 'auth', health_detail = error
    where c.channel = job.platform and c.account_id = job.account_id;
    perform private.set_alert(
      'connection_needs_a_person', job.platform || ' ' || job.account_id,
      format('%s no longer takes our token (%s). Connect the account anew with make connect.', job.platform, error)
    );
  elsif what = 'permanent' then
    update private.ad_connections as c
    set health = 'refused', health_detail = error
    -- Whoever connected it for its figures alone need not have given a right to more.
    where c.channel = job.platform and c.account_id = job.account_id and job.kind in ('campaigns', 'days');
    perform private.set_alert(
      'sync_refused', concat_ws(' ', job.platform, nullif(job.account_id, ''), job.kind),
      format('Refused for good: %s. docs/platforms.md says what that may be.', error)
    );
    delete from private.sync_days as d where d.job_id = job.id;
    if job.kind = 'writes' then
      perform private.give_up_writes(job, error);
    elsif job.kind = 'conversions' then
      perform private.put_off_conversions(job);
    end if;
  end if;
  update private.sync_jobs as j
  set last_error = error, attempts = j.attempts + 1,
    status = case when what = 'permanent' then 'refused' else j.status end,
    finished_at = case when what = 'permanent' then now() end,
    due_at = now() + case what when 'transient' then private.backoff(j.attempts + 1) when 'throttled' then wait else interval '0' end
  where j.id = job.id;
end
$$;
comment on function public.fail_sync_job(bigint, uuid, jsonb) is
  'As job_runner: notes why a job came no further, {"kind", "error", "seconds", "scope"}. throttled: nothing is asked in this account '
  '(or platform, by scope) for so many seconds; auth: nothing is, until a person connects it anew; transient: tried again after a '
  'minute, two, four, up to an hour, 12 times; permanent: not tried again before its next time. 409 lease_lost.';

-- Rates -----------------------------------------------------------------------------------------------------------

create function public.store_rates(job_id bigint, lease uuid, rates jsonb, source text, is_last boolean)
returns integer
language plpgsql
volatile
-- Definer: job_runner writes no table.
security definer
set search_path = ''
as $$
declare
  job constant private.sync_jobs := private.hold_sync_job(job_id, lease);
  changed integer;
begin
  insert into private.currency_rates as r (currency, day, per_eur, source)
  select distinct on (l.line ->> 0, (l.line ->> 1)::date)
    l.line ->> 0, (l.line ->> 1)::date, (l.line ->> 2)::numeric, store_rates.source
  from jsonb_array_elements(rates) as l (line)
  -- The oldest first: a day is made anew by the nearest there is.
  order by (l.line ->> 1)::date, l.line ->> 0
  on conflict on constraint currency_rates_pkey do update
  set per_eur = excluded.per_eur, source = excluded.source
  where r.per_eur <> excluded.per_eur;
  get diagnostics changed = row_count;
  if store_rates.is_last then
    perform private.finish_sync_job(job);
  end if;
  return changed;
exception
  when deadlock_detected or serialization_failure or lock_not_available then
    perform private.raise_retry();
    return null;
end
$$;
comment on function public.store_rates(bigint, uuid, jsonb, text, boolean) is
  'As job_runner: keeps rates, [[currency, day, units for one EUR]], and makes the days anew that they are for. Answers how many are new '
  'or changed. 409 lease_lost; 503 retry.';

-- By hand ---------------------------------------------------------------------------------------------------------

create function private.request_sync(channel text, account_id text, window_from date, window_to date)
returns jsonb
language plpgsql
volatile
-- Definer: jobs are granted to nobody.
security definer
set search_path = ''
as $$
declare
  job_ids bigint[];
begin
  perform private.require_admin();
  if not exists (
    select from private.ad_connections as c where c.channel = request_sync.channel and c.account_id = request_sync.account_id
  ) then
    raise sqlstate 'PT404' using
      message = 'connection_not_found',
      detail = 'No such account is connected.',
      hint = 'Look in private.sync_health, or connect it with make connect.';
  end if;
  -- By day no platform answers for more than three years.
  if (window_from <= window_to and window_to < current_date + 2 and window_from > current_date - 1200) is not true then
    raise sqlstate 'PT400' using
      message = 'window_refused',
      detail = 'A window goes from one day to the same or a later one, not into the future, and not back for more than 1,200 days.',
      hint = 'Send window_from and window_to, such as 2026-10-01 and 2026-10-31.';
  end if;
  with windows as (
    insert into private.sync_jobs (platform, account_id, kind, slot, window_from, window_to)
    select
      request_sync.channel, request_sync.account_id, 'days', format('by hand %s %s', clock_timestamp(), w.first_day::date),
      w.first_day::date, least(w.first_day::date + 29, request_sync.window_to)
    -- As many days as the least patient platform answers for at once; the newest first.
    from generate_series(request_sync.window_from, request_sync.window_to, interval '30 days') as w (first_day)
    order by w.first_day desc
    returning id
  )

  select array_agg(w.id) into job_ids from windows as w;
  return jsonb_build_object('jobs', to_jsonb(job_ids));
end
$$;

create function public.request_sync(channel text, account_id text, window_from date, window_to date)
returns jsonb
language sql volatile set search_path = ''
as $$ select private.request_sync(channel, account_id, window_from, window_to) $$;
comment on function public.request_sync(text, text, date, date) is
  'As an admin: has an account''s days asked for once more, in windows of 30 days. Answers {"jobs": [ids]}; private.sync_jobs says how '
  'far they are. 400 window_refused; 403 not_allowed; 404 connection_not_found.';

create function private.sync_progress(channel text, account_id text)
returns jsonb
language plpgsql
stable
-- Definer: jobs are granted to nobody.
security definer
set search_path = ''
as $$
begin
  perform private.require_admin();
  return (
    select jsonb_build_object(
      'windows', count(*), 'done', count(*) filter (where j.status = 'done'), 'refused', count(*) filter (where j.status = 'refused'),
      'rows', coalesce(sum(j.rows), 0),
      'next_at', min(greatest(j.due_at, g.blocked_until, w.blocked_until)) filter (where j.finished_at is null),
      'last_error', (array_agg(j.last_error order by j.id desc) filter (where j.last_error is not null))[1]
    )
    from private.sync_jobs as j
    join private.sync_gates as g on g.platform = j.platform and g.account_id = j.account_id
    join private.sync_gates as w on w.platform = j.platform and w.account_id = ''
    -- What was asked for by hand, and since anything of it is open.
    where j.platform = sync_progress.channel and j.account_id = sync_progress.account_id and j.period is null
      and j.created_at >= (
        select min(o.created_at)
        from private.sync_jobs as o
        where o.platform = sync_progress.channel and o.account_id = sync_progress.account_id and o.period is null
          and (o.finished_at is null or o.finished_at > now() - interval '1 hour')
      )
  );
end
$$;

create function public.sync_progress(channel text, account_id text)
returns jsonb
language sql stable set search_path = ''
as $$ select private.sync_progress(channel, account_id) $$;
comment on function public.sync_progress(text, text) is
  'As an admin: how far the windows are that were asked for with request_sync(), {"windows", "done", "refused", "rows", "next_at", '
  '"last_error"}, until an hour after the last. 403 not_allowed.';

create function public.maintain_sync()
returns jsonb
language plpgsql
volatile
-- Definer: job_runner writes no table.
security definer
set search_path = ''
as $$
declare
  -- A year and a bit: a year's spend can be asked about.
  kept constant interval := '400 days';
  jobs integer;
  restatements integer;
  writes integer;
begin
  -- What sync_health looks at is younger.
  delete from private.sync_jobs as j where j.finished_at < now() - interval '90 days';
  get diagnostics jobs = row_count;
  delete from private.campaign_restatements as r where r.created_at < now() - kept;
  get diagnostics restatements = row_count;
  delete from public.partner_campaign_writes as w where w.finished_at < now() - kept;
  get diagnostics writes = row_count;
  return jsonb_build_object('jobs', jobs, 'restatements', restatements, 'writes', writes);
end
$$;
comment on function public.maintain_sync() is
  'As job_runner, once an hour: forgets jobs that came to their end 90 days ago, and which figures shrank and what was written 400 days '
  'ago. Answers how many, {"jobs", "restatements", "writes"}.';

-- What needs a person ---------------------------------------------------------------------------------------------

create function private.watch_sync()
returns void
language plpgsql
volatile
set search_path = ''
as $$
begin
  perform private.set_alert(
    'consent_ends', c.channel || ' ' || c.account_id,
    case
      when c.consent_ends_at < now() + interval '30 days'
        then format('A person has to consent anew by %s: make connect.', to_char(c.consent_ends_at, 'YYYY-MM-DD'))
    end
  )
  from private.ad_connections as c
  where c.is_enabled;
  perform private.set_alert(
    'figures_late', c.channel || ' ' || c.account_id,
    case
      when coalesce(c.last_success_at, c.connected_at) < now() - interval '26 hours'
        then format(
          'No figures since %s. private.sync_health says why.',
          to_char(coalesce(c.last_success_at, c.connected_at) at time zone 'Europe/Amsterdam', 'YYYY-MM-DD HH24:MI')
        )
    end
  )
  from private.ad_connections as c
  where c.is_enabled;
  perform private.set_alert(
    'platform_version_ends', p.platform || ' ' || p.api,
    case
      when p.expires_on < current_date + 60 and (p.platform = 'ecb' or exists (select from private.ad_connections as c where c.channel = p.platform))
        then format('%s ends on %s. Read what changes, and set version and expires_on in private.platform_apis.', p.version, p.expires_on)
    end
  )
  from private.platform_apis as p;
end
$$;
comment on function private.watch_sync() is 'Opens and resolves the alerts that time alone brings.';

create view private.sync_health with (security_invoker = true) as
select
  c.channel, c.account_id, c.name, c.is_enabled, c.health, c.health_detail, c.last_success_at,
  (
    select min(d.day)::date
    from generate_series(current_date - 35, current_date - 1, interval '1 day') as d (day)
    where d.day >= c.created_at::date - 30
      and not exists (
        select
        from private.sync_jobs as j
        where j.platform = c.channel and j.account_id = c.account_id and j.kind = 'days' and j.status = 'done'
          and d.day between j.window_from and j.window_to
      )
  ) as oldest_missing_day,
  (
    select min(j.due_at)
    from private.sync_jobs as j
    where j.platform = c.channel and j.account_id = c.account_id and j.status in ('waiting', 'fetched')
  ) as next_run_at,
  (
    select max(g.blocked_until)
    from private.sync_gates as g
    where g.platform = c.channel and g.account_id in ('', c.account_id) and g.blocked_until > now()
  ) as blocked_until,
  (
    select j.last_error
    from private.sync_jobs as j
    where j.platform = c.channel and j.account_id = c.account_id and j.last_error is not null
    order by j.id desc
    limit 1
  ) as last_error,
  c.consent_ends_at
from private.ad_connections as c;
comment on view private.sync_health is
  'Each connected account: how it is, since when its figures are there, which day is missing, and when it is asked again.';
revoke all on table private.sync_health from public, anon, authenticated, service_role;

revoke all on all functions in schema private from public;
revoke all on function
  public.take_sync_job(uuid), public.leave_sync(uuid), public.keep_credentials(bigint, uuid, text, timestamptz),
  public.store_sync_page(bigint, uuid, jsonb), public.apply_sync_window(bigint, uuid), public.fail_sync_job(bigint, uuid, jsonb),
  public.store_rates(bigint, uuid, jsonb, text, boolean), public.maintain_sync(), public.request_sync(text, text, date, date),
  public.sync_progress(text, text)
from public, anon, authenticated, service_role;
grant execute on function
  public.take_sync_job(uuid), public.leave_sync(uuid), public.keep_credentials(bigint, uuid, text, timestamptz),
  public.store_sync_page(bigint, uuid, jsonb), public.apply_sync_window(bigint, uuid), public.fail_sync_job(bigint, uuid, jsonb),
  public.store_rates(bigint, uuid, jsonb, text, boolean), public.maintain_sync()
to job_runner;
grant execute on function
  public.request_sync(text, text, date, date), private.request_sync(text, text, date, date),
  public.sync_progress(text, text), private.sync_progress(text, text)
to authenticated, service_role;
