-- What ad platforms report: stored first, then understood.
--
-- Every verified event is one inbox row under a key of its own, so a repeat is seen as one. What the event says goes
-- to ledgers that are keyed by the platform's ids and need no campaign of ours to exist: partner_leads, and
-- partner_campaign_metrics. The next migration has the functions that bring it there.

set local lock_timeout = '3s';
set local statement_timeout = '60s';

-- The inbox -------------------------------------------------------------------------------------------------------

create table private.campaign_inbox (
  id bigint generated always as identity primary key,
  source text not null,
  event_key text not null,
  body_hmac bytea not null,
  -- The same key in other words is an event of its own, by those words.
  conflict_hmac bytea not null default '',
  is_conflict boolean not null generated always as (conflict_hmac <> '') stored,
  via text not null,
  kind text not null,
  channel text,
  account_id text,
  external_campaign_id text,
  external_lead_id text,
  occurred_at timestamptz,
  facts jsonb not null,
  payload jsonb not null,
  status text not null default 'received',
  reason text,
  deliveries integer not null default 1,
  person_erased_at timestamptz,
  received_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint campaign_inbox_event_key_key unique (source, event_key, conflict_hmac),
  constraint campaign_inbox_conflict_is_its_own check (conflict_hmac in ('', body_hmac)),
  constraint campaign_inbox_source_known
    check (source in ('google_ads', 'meta_ads', 'linkedin_ads', 'tiktok_ads', 'microsoft_ads', 'standard')),
  constraint campaign_inbox_via_known check (via in ('webhook', 'sync', 'manual')),
  constraint campaign_inbox_kind_known
    check (kind in ('lead', 'withdrawal', 'metrics', 'status', 'announcement', 'other')),
  constraint campaign_inbox_status_known check (status in ('received', 'applied', 'superseded', 'parked')),
  constraint campaign_inbox_parked_has_reason check ((status = 'parked') = (reason is not null))
) with (fillfactor = 90);
comment on table private.campaign_inbox is
  'One row an event that a platform reported, without secrets and without persons.';
comment on column private.campaign_inbox.source is 'The webhook that it came through, or the platform that was asked.';
comment on column private.campaign_inbox.conflict_hmac is 'Empty for whoever came first under a key, else body_hmac.';
comment on column private.campaign_inbox.is_conflict is
  'It came under the key of another event, in other words. Kept beside that one; only a lead is applied all the same.';
comment on column private.campaign_inbox.body_hmac is
  'HMAC-SHA256 of the event as the function understood it, by a key that the database does not have.';
comment on column private.campaign_inbox.via is
  'How it came: webhook (campaign_ingester), sync (job_runner), or manual (the dashboard).';
comment on column private.campaign_inbox.channel is
  'The channel that it is about; the same as source unless that is standard. Null where it named none that we know.';
comment on column private.campaign_inbox.account_id is 'The ad account on the platform, where the event named one.';
comment on column private.campaign_inbox.facts is
  'What the function understood: enough to apply it, and to apply it again.';
comment on column private.campaign_inbox.payload is
  'The platform''s own words: those members alone that are known to name nobody.';
comment on column private.campaign_inbox.status is
  'applied; superseded: something newer was known; parked: waits for what its reason says, and may be replayed.';
comment on column private.campaign_inbox.reason is
  'Why it is parked. docs/webhooks.md says what to do for each.';
comment on column private.campaign_inbox.deliveries is 'How often the platform sent it.';
comment on column private.campaign_inbox.person_erased_at is
  'When the person who came with it was erased. Sent again, nobody comes back.';

create index campaign_inbox_parked_idx on private.campaign_inbox (channel, external_campaign_id) where status = 'parked';
create index campaign_inbox_withdrawal_idx
on private.campaign_inbox (channel, external_lead_id) where kind = 'withdrawal';
create index campaign_inbox_no_rate_idx
on private.campaign_inbox ((facts ->> 'currency'), (facts ->> 'day')) where reason = 'no_rate';
create index campaign_inbox_received_at_idx on private.campaign_inbox using brin (received_at);
create trigger campaign_inbox_set_updated_at
  before update on private.campaign_inbox
  for each row execute function extensions.moddatetime(updated_at);
alter table private.campaign_inbox enable row level security;
revoke all on table private.campaign_inbox from public, anon, authenticated, service_role;

create table private.inbox_persons (
  inbox_id bigint primary key references private.campaign_inbox (id) on delete cascade,
  person jsonb not null,
  created_at timestamptz not null default now(),
  constraint inbox_persons_size check (octet_length(person::text) <= 2097152)
);
comment on table private.inbox_persons is
  'The person who came with an event, until partner_lead_contacts has all of them: what is here is of an event that is '
  'parked. Deleting a row erases the person, and sending the event again does not bring them back.';
alter table private.inbox_persons enable row level security;
revoke all on table private.inbox_persons from public, anon, authenticated, service_role;

create function private.remember_inbox_erasure()
returns trigger
language plpgsql
-- Definer: as private.remember_erasure().
security definer
set search_path = ''
as $$
begin
  -- Our own functions delete what has come to partner_lead_contacts.
  if not private.is_ledger_write() then
    update private.campaign_inbox as i set person_erased_at = now() from old_rows as o where i.id = o.inbox_id;
  end if;
  return null;
end
$$;
comment on function private.remember_inbox_erasure() is 'Trigger: an event whose person was erased says so.';

create trigger inbox_persons_remember_erasure
  after delete on private.inbox_persons
  referencing old table as old_rows
  for each statement execute function private.remember_inbox_erasure();

-- What is needed to understand it ---------------------------------------------------------------------------------

create table private.platform_statuses (
  channel public.marketing_channel not null,
  word text not null,
  platform_status text not null,
  constraint platform_statuses_pkey primary key (channel, word),
  constraint platform_statuses_word_upper check (word = upper(word)),
  constraint platform_statuses_known check (platform_status in ('active', 'paused', 'archived', 'in_review', 'has_issues'))
);
comment on table private.platform_statuses is
  'What a platform''s word for a campaign''s status means. An event with a word that is not here is parked '
  '(unknown_status): add the word and replay it.';
comment on column private.platform_statuses.word is 'As the platform writes it, in capitals.';
alter table private.platform_statuses enable row level security;
revoke all on table private.platform_statuses from public, anon, authenticated, service_role;

insert into private.platform_statuses (channel, platform_status, word)
select v.channel, v.platform_status, unnest(string_to_array(v.words, ' '))
from (values
  -- CampaignStatus, https://developers.google.com/google-ads/api/reference/rpc
  ('google_ads', 'active', 'ENABLED'),
  ('google_ads', 'archived', 'REMOVED'),
  -- effective_status, https://developers.facebook.com/docs/marketing-api/reference/ad-campaign-group
  ('meta_ads', 'paused', 'CAMPAIGN_PAUSED ADSET_PAUSED'),
  ('meta_ads', 'archived', 'DELETED'),
  ('meta_ads', 'in_review', 'IN_PROCESS PENDING_REVIEW PREAPPROVED'),
  ('meta_ads', 'has_issues', 'WITH_ISSUES DISAPPROVED PENDING_BILLING_INFO'),
  -- Campaign status, https://learn.microsoft.com/linkedin/marketing/integrations/ads/account-structure
  ('linkedin_ads', 'paused', 'DRAFT'),
  ('linkedin_ads', 'archived', 'COMPLETED CANCELED PENDING_DELETION REMOVED'),
  -- operation_status and secondary_status, https://business-api.tiktok.com/portal/docs?id=1739318962329602
  ('tiktok_ads', 'active', 'ENABLE CAMPAIGN_STATUS_ENABLE'),
  ('tiktok_ads', 'paused', 'DISABLE CAMPAIGN_STATUS_DISABLE'),
  ('tiktok_ads', 'archived', 'DELETE CAMPAIGN_STATUS_DELETE'),
  ('tiktok_ads', 'has_issues', 'CAMPAIGN_STATUS_BUDGET_EXCEED CAMPAIGN_STATUS_ADVERTISER_AUDIT_DENY'),
  ('tiktok_ads', 'in_review', 'CAMPAIGN_STATUS_ADVERTISER_AUDIT'),
  -- CampaignStatus, https://learn.microsoft.com/advertising/campaign-management-service/campaignstatus
  ('microsoft_ads', 'paused', 'BUDGETPAUSED BUDGETANDMANUALPAUSED'),
  ('microsoft_ads', 'has_issues', 'SUSPENDED'),
  ('microsoft_ads', 'archived', 'DELETED')
) as v (channel, platform_status, words);
-- And our own words, everywhere.
insert into private.platform_statuses (channel, platform_status, word)
select c.channel, s.platform_status, upper(s.platform_status)
from unnest(
  array['google_ads', 'meta_ads', 'linkedin_ads', 'tiktok_ads', 'microsoft_ads', 'seo', 'email', 'other']
) as c (channel)
cross join unnest(array['active', 'paused', 'archived', 'in_review', 'has_issues']) as s (platform_status);

create table private.currency_rates (
  currency text not null,
  day date not null,
  per_eur numeric(18, 8) not null,
  source text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint currency_rates_pkey primary key (currency, day),
  constraint currency_rates_currency_format check (currency ~ '^[A-Z]{3}$' and currency <> 'EUR'),
  constraint currency_rates_per_eur_range check (per_eur > 0 and per_eur < 10000000),
  constraint currency_rates_day_finite check (isfinite(day))
);
comment on table private.currency_rates is
  'What a euro was worth on the days that the ECB publishes rates for. Spend takes the rate of its day or the last earlier one within 7 '
  'days, and is made anew when a nearer one is there or it changes.';
comment on column private.currency_rates.per_eur is 'Units of the currency for one EUR, as the ECB publishes it.';
comment on column private.currency_rates.source is 'Where it was read, such as ECB 2026-11-20.';
create trigger currency_rates_set_updated_at
  before update on private.currency_rates
  for each row execute function extensions.moddatetime(updated_at);
alter table private.currency_rates enable row level security;
revoke all on table private.currency_rates from public, anon, authenticated, service_role;

create function private.find_rate(currency text, day date)
returns table (per_eur numeric, rate_date date)
language plpgsql
stable
set search_path = ''
as $$
begin
  if find_rate.currency = 'EUR' then
    return query select 1::numeric, find_rate.day;
  else
    return query select r.per_eur, r.day
    from private.currency_rates as r
    -- The longest gaps are four closed days: Easter, and Christmas beside a weekend.
    where r.currency = find_rate.currency and r.day between find_rate.day - 7 and find_rate.day
    order by r.day desc
    limit 1;
  end if;
end
$$;
comment on function private.find_rate(text, date) is
  'What a euro was worth on a day: by its own rate, or the last earlier one within 7 days. No row where there is none.';

-- Where it goes ---------------------------------------------------------------------------------------------------

create table public.partner_campaign_metrics (
  channel public.marketing_channel not null,
  account_id text not null,
  external_campaign_id text not null,
  day date not null,
  campaign_id uuid references public.partner_marketing_campaigns (id) on delete restrict,
  partner_id uuid references public.profiles (id) on delete set null,
  spend numeric(24, 6) not null,
  currency text not null,
  -- Not rounded to cents: that is done once, in a sum.
  spend_eur numeric(30, 12),
  rate_date date,
  clicks bigint not null,
  impressions bigint not null,
  conversions numeric(18, 6),
  is_absent boolean not null default false,
  as_of timestamptz not null,
  via text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint partner_campaign_metrics_pkey primary key (channel, external_campaign_id, day, account_id),
  -- Far above what a small firm's campaign can spend on a day: what is above is a mistake of units, and is parked.
  constraint partner_campaign_metrics_plausible
    check (spend_eur between 0 and 1000000 and clicks between 0 and 100000000 and impressions between 0 and 10000000000),
  constraint partner_campaign_metrics_spend_range check (spend between 0 and 999999999999),
  constraint partner_campaign_metrics_conversions_range check (conversions between 0 and 1000000000),
  constraint partner_campaign_metrics_absent_is_zero check (not is_absent or (spend = 0 and clicks = 0 and impressions = 0)),
  constraint partner_campaign_metrics_currency_format check (currency ~ '^[A-Z]{3}$'),
  constraint partner_campaign_metrics_via_known check (via in ('webhook', 'sync', 'manual')),
  constraint partner_campaign_metrics_day_range check (day between '2000-01-01' and '2100-01-01'),
  -- A report from the end of time would be the newest for ever.
  constraint partner_campaign_metrics_as_of_finite check (isfinite(as_of))
);
comment on table public.partner_campaign_metrics is
  'A campaign''s day as the platform last reported it: cumulative, so that a repeat or a late older report changes '
  'nothing.';
comment on column public.partner_campaign_metrics.account_id is
  'The ad account. Empty where the report named none; one that names it takes its place.';
comment on column public.partner_campaign_metrics.day is 'A day in the ad account''s time zone.';
comment on column public.partner_campaign_metrics.campaign_id is
  'Null until an admin links a campaign to external_campaign_id.';
comment on column public.partner_campaign_metrics.partner_id is
  'The campaign''s partner, repeated for row level security.';
comment on column public.partner_campaign_metrics.spend is 'As reported, in the account''s currency.';
comment on column public.partner_campaign_metrics.spend_eur is
  'EUR, spend divided by the rate of rate_date. Null where there is no rate: it is not known, and not 0.';
comment on column public.partner_campaign_metrics.rate_date is
  'Of which day the rate is: day, or up to 7 days earlier where the ECB published none, or has not yet.';
comment on column public.partner_campaign_metrics.conversions is
  'As the platform counts them, with fractions. Null where the report did not say.';
comment on column public.partner_campaign_metrics.is_absent is
  'The platform answered for the whole time and said nothing of this day: nothing was spent.';
comment on column public.partner_campaign_metrics.as_of is
  'When the platform''s figures were taken. Of two reports of the same moment the larger figures win.';
comment on column public.partner_campaign_metrics.via is
  'How the report came: webhook, sync (asked for by a job) or manual.';
create index partner_campaign_metrics_campaign_id_idx on public.partner_campaign_metrics (campaign_id, day);
create index partner_campaign_metrics_partner_id_idx on public.partner_campaign_metrics (partner_id, day);
create index partner_campaign_metrics_account_idx on public.partner_campaign_metrics (channel, account_id, day);
create index partner_campaign_metrics_foreign_idx
on public.partner_campaign_metrics (currency, day) where currency <> 'EUR';
create trigger partner_campaign_metrics_keep
  before update or delete on public.partner_campaign_metrics
  for each row execute function private.refuse_write();
create trigger partner_campaign_metrics_keep_out
  before insert on public.partner_campaign_metrics
  for each statement execute function private.refuse_write();
create trigger partner_campaign_metrics_set_updated_at
  before update on public.partner_campaign_metrics
  for each row execute function extensions.moddatetime(updated_at);
alter table public.partner_campaign_metrics enable row level security;
create policy partner_campaign_metrics_select_own on public.partner_campaign_metrics
  for select to authenticated
  using (partner_id between (select private.scope_start()) and (select private.scope_end()));
revoke all on table public.partner_campaign_metrics from public, anon, authenticated, service_role;
grant select on table public.partner_campaign_metrics to authenticated, service_role;
-- No writes: figures come in through ingest_campaign_events().

-- Platforms take back what they reported: clicks that were none, days of a campaign that was deleted. The newest figures count, and
-- what they were is kept.
create table private.campaign_restatements (
  id bigint generated always as identity primary key,
  channel public.marketing_channel not null,
  account_id text not null,
  external_campaign_id text not null,
  day date not null,
  reason text not null,
  currency text not null,
  spend_before numeric(24, 6) not null,
  spend_after numeric(24, 6) not null,
  clicks_before bigint not null,
  clicks_after bigint not null,
  impressions_before bigint not null,
  impressions_after bigint not null,
  as_of timestamptz not null,
  created_at timestamptz not null default now(),
  constraint campaign_restatements_reason_known check (reason in ('reported', 'absent', 'currency'))
);
comment on table private.campaign_restatements is 'Figures of a day that became smaller, and why.';
comment on column private.campaign_restatements.reason is
  'reported: a newer report says less; absent: a complete answer says nothing of the day any longer; currency: it is told in another.';
create index campaign_restatements_day_idx on private.campaign_restatements (channel, external_campaign_id, day);
alter table private.campaign_restatements enable row level security;
revoke all on table private.campaign_restatements from public, anon, authenticated, service_role;

create function private.note_restatement()
returns trigger
language plpgsql
-- Definer: reports come in as several roles, none of which writes here.
security definer
set search_path = ''
as $$
begin
  insert into private.campaign_restatements (
    channel, account_id, external_campaign_id, day, reason, currency, spend_before, spend_after, clicks_before, clicks_after,
    impressions_before, impressions_after, as_of
  )
  values (
    new.channel, new.account_id, new.external_campaign_id, new.day,
    case when new.is_absent then 'absent' when new.currency <> old.currency then 'currency' else 'reported' end,
    new.currency, old.spend, new.spend, old.clicks, new.clicks, old.impressions, new.impressions, new.as_of
  );
  return null;
end
$$;
comment on function private.note_restatement() is 'Trigger: a figure that shrinks is written down with its reason.';

create trigger partner_campaign_metrics_note_restatement
  after update of spend, clicks, impressions, currency on public.partner_campaign_metrics
  for each row
  when (
    new.spend < old.spend or new.clicks < old.clicks or new.impressions < old.impressions or new.currency <> old.currency
  )
  execute function private.note_restatement();

create table private.work_to_fetch (
  channel public.marketing_channel not null,
  object_type text not null,
  object_id text not null,
  account_id text,
  announced_at timestamptz not null,
  fetched_at timestamptz,
  constraint work_to_fetch_pkey primary key (channel, object_type, object_id),
  constraint work_to_fetch_object_type_known check (object_type in ('lead', 'campaign', 'ad_group', 'ad', 'creative', 'account'))
);
comment on table private.work_to_fetch is
  'What a platform only announced, and has to be asked for: a lead''s answers and campaign, an object''s new status or '
  'figures. One row an object, however often it was announced.';
comment on column private.work_to_fetch.announced_at is 'When the newest announcement came in.';
comment on column private.work_to_fetch.fetched_at is 'When it was last asked for; before announced_at it has to be again.';
create index work_to_fetch_waiting_idx
on private.work_to_fetch (channel, announced_at) where fetched_at is null or fetched_at < announced_at;
alter table private.work_to_fetch enable row level security;
revoke all on table private.work_to_fetch from public, anon, authenticated, service_role;
