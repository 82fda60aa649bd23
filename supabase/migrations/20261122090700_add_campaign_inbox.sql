-- What ad platforms report: stored first, then understood.
--
-- Every verified event is one inbox row under a key of its own, so a repeat is seen as one. What the event says goes
-- to two ledgers that are keyed by the platform's ids and need no campaign of ours to exist: partner_leads, and
-- partner_campaign_metrics. A campaign's totals are sums over the rows that carry its id, so events that came before
-- an admin linked the campaign are adopted by adding them up.

set local lock_timeout = '3s';
set local statement_timeout = '60s';

create table private.campaign_inbox (
  id bigint generated always as identity primary key,
  source text not null,
  event_key text not null,
  body_hmac text not null,
  kind text not null,
  channel text,
  external_campaign_id text,
  occurred_at timestamptz,
  event jsonb not null,
  status text not null default 'received',
  reason text,
  deliveries integer not null default 1,
  conflicting_event jsonb,
  received_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint campaign_inbox_event_key_key unique (source, event_key),
  constraint campaign_inbox_source_known
    check (source in ('google_ads', 'meta_ads', 'linkedin_ads', 'tiktok_ads', 'standard')),
  constraint campaign_inbox_kind_known check (kind in ('lead', 'metrics', 'status', 'other')),
  constraint campaign_inbox_status_known check (status in ('received', 'applied', 'parked')),
  constraint campaign_inbox_parked_has_reason check (status <> 'parked' or reason is not null)
);
comment on table private.campaign_inbox is
  'One row an event that a platform reported, without secrets and without persons.';
comment on column private.campaign_inbox.source is 'The webhook that it came through.';
comment on column private.campaign_inbox.channel is
  'The channel that it is about; the same as source unless that is standard.';
comment on column private.campaign_inbox.event is
  'What the function made of it, the platform''s own words under payload. Enough to apply it again.';
comment on column private.campaign_inbox.body_hmac is
  'Of the event as the function understood it, hex, by a key that the database does not have.';
comment on column private.campaign_inbox.reason is
  'Why it is parked: unknown_campaign, unknown_kind, no_rate, bad_lead, bad_metrics, bad_status.';
comment on column private.campaign_inbox.deliveries is 'How often the platform sent it.';
comment on column private.campaign_inbox.conflicting_event is
  'The last other body that came under the same key; kept, and not applied unless it is a lead.';
create index campaign_inbox_waiting_idx on private.campaign_inbox (channel, external_campaign_id) where status = 'parked';
create trigger campaign_inbox_set_updated_at
  before update on private.campaign_inbox
  for each row execute function extensions.moddatetime(updated_at);
alter table private.campaign_inbox enable row level security;
revoke all on table private.campaign_inbox from public, anon, authenticated, service_role;

create table public.partner_campaign_metrics (
  channel public.marketing_channel not null,
  external_campaign_id text not null,
  day date not null,
  campaign_id uuid references public.partner_marketing_campaigns (id) on delete restrict,
  partner_id uuid references public.profiles (id) on delete set null,
  spend_eur numeric(18, 6) not null,
  clicks bigint not null,
  impressions bigint not null,
  as_of timestamptz not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint partner_campaign_metrics_pkey primary key (channel, external_campaign_id, day),
  constraint partner_campaign_metrics_range check (
    spend_eur between 0 and 99999999 and clicks between 0 and 1000000000000 and impressions between 0 and 1000000000000
  ),
  -- A report from the end of time would be the newest for ever.
  constraint partner_campaign_metrics_finite check (isfinite(day) and isfinite(as_of))
);
comment on table public.partner_campaign_metrics is
  'A campaign''s day as the platform last reported it: cumulative, so that a repeat or a late older report changes '
  'nothing.';
comment on column public.partner_campaign_metrics.day is 'A day in the ad account''s time zone.';
comment on column public.partner_campaign_metrics.campaign_id is
  'Null until an admin links a campaign to external_campaign_id.';
comment on column public.partner_campaign_metrics.partner_id is
  'The campaign''s partner, repeated for row level security.';
comment on column public.partner_campaign_metrics.as_of is
  'When the platform''s figures were taken. Of two reports of the same moment the larger figures win.';
create index partner_campaign_metrics_campaign_id_idx on public.partner_campaign_metrics (campaign_id, day);
create index partner_campaign_metrics_partner_id_idx on public.partner_campaign_metrics (partner_id, day);
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

-- Totals ----------------------------------------------------------------------------------------------------------

create function private.sum_campaign(campaign_id uuid)
returns table (total_spend numeric, total_clicks bigint, total_impressions bigint, total_leads bigint)
language sql
stable
set search_path = ''
as $$
  select
    -- Rounded once, at the end.
    coalesce(round(sum(m.spend_eur), 2), 0),
    coalesce(sum(m.clicks), 0)::bigint,
    coalesce(sum(m.impressions), 0)::bigint,
    (select count(*) from public.partner_leads as l where l.campaign_id = sum_campaign.campaign_id and not l.is_test)
  from public.partner_campaign_metrics as m
  where m.campaign_id = sum_campaign.campaign_id
$$;
comment on function private.sum_campaign(uuid) is 'What a campaign''s ledgers add up to.';

create function private.total_campaign(campaign_id uuid)
returns void
language plpgsql
volatile
set search_path = ''
as $$
begin
  -- Locked before it is summed: the sum then sees what everybody before has committed.
  perform from public.partner_marketing_campaigns as c where c.id = total_campaign.campaign_id for no key update;
  perform private.begin_ledger_write();
  update public.partner_marketing_campaigns as c
  set total_spend = s.total_spend,
    total_clicks = s.total_clicks,
    total_impressions = s.total_impressions,
    total_leads = s.total_leads
  from private.sum_campaign(total_campaign.campaign_id) as s
  where c.id = total_campaign.campaign_id;
  perform private.end_ledger_write();
end
$$;
comment on function private.total_campaign(uuid) is 'Makes a campaign''s totals what its ledgers add up to.';

-- From inbox to ledgers -------------------------------------------------------------------------------------------

create function private.keep_person(event jsonb, campaign public.partner_marketing_campaigns)
returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  person constant jsonb := nullif(event -> 'person', 'null');
  told public.partner_lead_contacts;
begin
  -- Nobody is left to call the person whose lead comes in after the partner has gone; the count stays right without.
  if person is null or (campaign.id is not null and campaign.partner_id is null) then
    return;
  end if;
  select
    l.id, l.partner_id, left(person ->> 'name', 200), left(person ->> 'email', 320), left(person ->> 'phone', 50),
    left(person ->> 'postcode', 20), coalesce(person -> 'answers', '{}')
  into told.lead_id, told.partner_id, told.name, told.email, told.phone, told.postcode, told.answers
  from public.partner_leads as l
  where l.channel = event ->> 'channel' and l.external_lead_id = event #>> '{facts,external_lead_id}'
    and l.erased_at is null;
  if told.lead_id is null then
    return;
  end if;
  insert into public.partner_lead_contacts as k (lead_id, partner_id, name, email, phone, postcode, answers)
  values (told.lead_id, told.partner_id, told.name, told.email, told.phone, told.postcode, told.answers)
  on conflict (lead_id) do update
  -- Told again and otherwise: whoever was first may have been a stranger with a lead's id. Both are kept.
  set answers = k.answers || jsonb_build_object(
    'Ook gemeld ' || to_char(now() at time zone 'Europe/Amsterdam', 'YYYY-MM-DD HH24:MI:SS'), person
  )
  where (
    (k.name, k.email, k.phone, k.postcode) is distinct from (told.name, told.email, told.phone, told.postcode)
    or not k.answers @> told.answers
  )
  and not exists (select from jsonb_each(k.answers) as a where a.value = person);
exception
  -- Whoever fills the answers to the brim keeps no event from being stored.
  when check_violation then
    if not exists (select from public.partner_lead_contacts as k where k.lead_id = told.lead_id) then
      raise;
    end if;
end
$$;
comment on function private.keep_person(jsonb, public.partner_marketing_campaigns) is
  'Stores the person behind a platform''s lead, beside whom was told of before if that is somebody else.';

create function private.apply_lead(event jsonb, campaign public.partner_marketing_campaigns)
returns text
language plpgsql
volatile
set search_path = ''
as $$
begin
  if nullif(event #>> '{facts,external_lead_id}', '') is null or event ->> 'channel' is null then
    return 'bad_lead';
  end if;
  insert into public.partner_leads
    (id, partner_id, campaign_id, channel, external_lead_id, external_campaign_id, is_test, submitted_at)
  values (
    gen_random_uuid(), campaign.partner_id, campaign.id, event ->> 'channel', event #>> '{facts,external_lead_id}',
    event ->> 'external_campaign_id', coalesce((event #>> '{facts,is_test}')::boolean, false),
    coalesce((event #>> '{facts,submitted_at}')::timestamptz, now())
  )
  -- The same lead may be told twice under two event keys, by the platform and by a middleman.
  on conflict on constraint partner_leads_external_lead_id_key do nothing;
  perform private.keep_person(event, campaign);
  return null;
end
$$;
comment on function private.apply_lead(jsonb, public.partner_marketing_campaigns) is
  'Stores a platform''s lead, claimed or not. Returns why not, or null.';

create function private.apply_metrics(event jsonb, campaign public.partner_marketing_campaigns)
returns text
language plpgsql
volatile
set search_path = ''
as $$
declare
  metrics constant jsonb := event -> 'facts';
begin
  if event ->> 'channel' is null or event ->> 'external_campaign_id' is null
    or metrics ->> 'day' is null or metrics ->> 'as_of' is null
    or metrics ->> 'spend' is null or metrics ->> 'currency' is null
    -- A report from the future would keep every later one out.
    or (metrics ->> 'as_of')::timestamptz > now() + interval '1 day'
  then
    return 'bad_metrics';
  end if;
  if metrics ->> 'currency' <> 'EUR' then
    return 'no_rate';
  end if;
  insert into public.partner_campaign_metrics as m
    (channel, external_campaign_id, day, campaign_id, partner_id, spend_eur, clicks, impressions, as_of)
  values (
    event ->> 'channel', event ->> 'external_campaign_id', (metrics ->> 'day')::date, campaign.id, campaign.partner_id,
    (metrics ->> 'spend')::numeric, (metrics ->> 'clicks')::bigint, (metrics ->> 'impressions')::bigint,
    (metrics ->> 'as_of')::timestamptz
  )
  on conflict on constraint partner_campaign_metrics_pkey do update
  set spend_eur = excluded.spend_eur, clicks = excluded.clicks, impressions = excluded.impressions, as_of = excluded.as_of
  where (excluded.as_of, excluded.spend_eur, excluded.clicks, excluded.impressions)
    > (m.as_of, m.spend_eur, m.clicks, m.impressions);
  return null;
end
$$;
comment on function private.apply_metrics(jsonb, public.partner_marketing_campaigns) is
  'Keeps the newest report of a campaign''s day. Returns why not, or null.';

create function private.apply_status(event jsonb, campaign public.partner_marketing_campaigns)
returns text
language plpgsql
volatile
set search_path = ''
as $$
begin
  if event #>> '{facts,platform_status}' is null or event #>> '{facts,as_of}' is null
    or (event #>> '{facts,as_of}')::timestamptz > now() + interval '1 day'
  then
    return 'bad_status';
  end if;
  update public.partner_marketing_campaigns as c
  set platform_status = event #>> '{facts,platform_status}', platform_status_at = (event #>> '{facts,as_of}')::timestamptz
  where c.id = campaign.id
    and (c.platform_status_at is null or c.platform_status_at < (event #>> '{facts,as_of}')::timestamptz);
  return null;
end
$$;
comment on function private.apply_status(jsonb, public.partner_marketing_campaigns) is
  'Keeps the newest status that a platform reported. Returns why not, or null.';

create function private.apply_campaign_event(event jsonb)
returns text
language plpgsql
volatile
set search_path = ''
as $$
declare
  campaign public.partner_marketing_campaigns;
  reason text := event #>> '{facts,park_reason}';
begin
  if reason is not null then
    return reason;
  end if;
  select c.* into campaign
  from public.partner_marketing_campaigns as c
  where c.channel = event ->> 'channel' and c.external_campaign_id = event ->> 'external_campaign_id';

  reason := case event #>> '{facts,kind}'
    when 'lead' then private.apply_lead(event, campaign)
    when 'metrics' then private.apply_metrics(event, campaign)
    when 'status' then private.apply_status(event, campaign)
    else 'unknown_kind'
  end;
  if reason is null and campaign.id is null then
    return 'unknown_campaign';
  end if;
  return reason;
exception
  -- One poisoned event never fails its batch-mates: what it did is undone, what it said is kept.
  when data_exception or integrity_constraint_violation then
    return 'bad_' || case when event #>> '{facts,kind}' in ('lead', 'metrics', 'status') then event #>> '{facts,kind}' else 'event' end;
end
$$;
comment on function private.apply_campaign_event(jsonb) is
  'Brings one event to the ledgers. Returns the reason to park it for, or null when it was applied.';

create function private.external_campaign_lock(channel text, external_campaign_id text)
returns bigint
language sql
immutable
set search_path = ''
as $$
  select hashtextextended(channel || '/' || external_campaign_id, 0)
$$;
comment on function private.external_campaign_lock(text, text) is
  'The advisory lock that keeps an event from slipping past an admin who is linking its campaign.';

create function private.lock_external_campaigns(events jsonb)
returns void
language plpgsql
volatile
set search_path = ''
as $$
begin
  -- Shared: events do not wait for each other, only for a link being made.
  perform pg_advisory_xact_lock_shared(k.key)
  from (
    select distinct private.external_campaign_lock(e ->> 'channel', e ->> 'external_campaign_id') as key
    from jsonb_array_elements(events) as e
    where e ->> 'channel' is not null and e ->> 'external_campaign_id' is not null
    order by key
  ) as k;
end
$$;
comment on function private.lock_external_campaigns(jsonb) is
  'Holds off the linking of the campaigns that these events are about.';

create function private.check_campaign_events(source text, events jsonb)
returns void
language plpgsql
immutable
set search_path = ''
as $$
begin
  if jsonb_typeof(events) is distinct from 'array' or jsonb_array_length(events) > 1000 then
    raise sqlstate 'PT400' using
      message = 'batch_refused',
      detail = 'Events come as a list of at most 1,000.',
      hint = 'Send fewer at once.';
  end if;
  -- As campaign_webhook makes them; a token that got about makes others.
  if exists (
    select from jsonb_array_elements(events) as e
    where (
      jsonb_typeof(e) = 'object'
      and octet_length(e::text) <= 1048576
      and length(e ->> 'event_key') between 1 and 300
      and e ->> 'body_hmac' ~ '^[0-9a-f]{64}$'
      and coalesce(length(e ->> 'external_campaign_id') <= 255, true)
      and coalesce(length(e #>> '{facts,external_lead_id}') <= 255, true)
      and coalesce(length(e #>> '{facts,platform_status}') <= 100, true)
      and coalesce(length(e #>> '{facts,park_reason}') <= 40, true)
      -- Each platform speaks of its own campaigns; our own events may be about any.
      and (check_campaign_events.source = 'standard' or coalesce(e ->> 'channel' = check_campaign_events.source, true))
    ) is not true
  ) then
    raise sqlstate 'PT400' using
      message = 'batch_refused',
      detail = 'An event is too large, or has no key, no hash, an id that is too long, or the channel of another platform.',
      hint = 'Send what campaign_webhook makes of it.';
  end if;
end
$$;
comment on function private.check_campaign_events(text, jsonb) is 'Raises batch_refused (400).';

create function public.ingest_campaign_events(source text, events jsonb)
returns jsonb
language plpgsql
volatile
-- Definer: campaign_ingester writes through this function alone and reads no table.
security definer
set search_path = ''
as $$
declare
  campaign_ids uuid[];
  item record;
  inbox private.campaign_inbox;
  park_reason text;
  outcomes jsonb := '{}';
begin
  perform private.check_campaign_events(source, events);
  perform private.lock_external_campaigns(events);
  perform private.begin_ledger_write();
  campaign_ids := array(
    select c.id
    from public.partner_marketing_campaigns as c
    where (c.channel, c.external_campaign_id) in (
      select e ->> 'channel', e ->> 'external_campaign_id' from jsonb_array_elements(events) as e
    )
    order by c.id
  );
  -- Partners and campaigns in the order of their ids, events in that of their keys: concurrent batches wait, never deadlock.
  perform private.hold_partners(
    array(select distinct c.partner_id from public.partner_marketing_campaigns as c where c.id = any (campaign_ids))
  );
  perform from public.partner_marketing_campaigns as c where c.id = any (campaign_ids) order by c.id for no key update;

  for item in
    select e.event, e.position
    from jsonb_array_elements(events) with ordinality as e (event, position)
    order by e.event ->> 'event_key', e.position
  loop
    insert into private.campaign_inbox as i
      (source, event_key, body_hmac, kind, channel, external_campaign_id, occurred_at, event)
    values (
      source, item.event ->> 'event_key', item.event ->> 'body_hmac', item.event #>> '{facts,kind}', item.event ->> 'channel',
      item.event ->> 'external_campaign_id', (item.event ->> 'occurred_at')::timestamptz, item.event - 'person'
    )
    on conflict on constraint campaign_inbox_event_key_key do update
    set deliveries = i.deliveries + 1,
      conflicting_event = case
        when i.body_hmac <> excluded.body_hmac then excluded.event else i.conflicting_event
      end
    returning i.* into inbox;

    if inbox.deliveries > 1 then
      -- A lead is one by its own id: whoever took its event's key before does not keep it from coming in.
      if inbox.body_hmac <> item.event ->> 'body_hmac' and item.event #>> '{facts,kind}' = 'lead' then
        perform private.apply_campaign_event(item.event);
      end if;
      outcomes := outcomes || jsonb_build_object(item.position, jsonb_build_object(
        'event_key', inbox.event_key,
        'outcome', case when inbox.body_hmac = item.event ->> 'body_hmac' then 'duplicate' else 'conflict' end,
        'reason', inbox.reason
      ));
    else
      park_reason := private.apply_campaign_event(item.event);
      update private.campaign_inbox as i
      set status = case when park_reason is null then 'applied' else 'parked' end, reason = park_reason
      where i.id = inbox.id;
      outcomes := outcomes || jsonb_build_object(item.position, jsonb_build_object(
        'event_key', inbox.event_key,
        'outcome', case when park_reason is null then 'applied' else 'parked' end,
        'reason', park_reason
      ));
    end if;
  end loop;

  -- Their rows are locked already, so in any order.
  perform private.total_campaign(c.id) from unnest(campaign_ids) as c (id);

  perform private.end_ledger_write();
  return (
    select coalesce(jsonb_agg(outcomes -> e.position::text order by e.position), '[]')
    from jsonb_array_elements(events) with ordinality as e (event, position)
  );
exception
  when deadlock_detected or serialization_failure then
    perform private.raise_retry();
    return null;
end
$$;
comment on function public.ingest_campaign_events(text, jsonb) is
  'As campaign_ingester: stores verified events once by (source, event_key), applies what is understood and parks '
  'the rest. Answers {"event_key", "outcome": applied | parked | duplicate | conflict, "reason"} for each, in '
  'order. 400 batch_refused.';

-- Adoption --------------------------------------------------------------------------------------------------------

create function private.adopt_campaign_events()
returns trigger
language plpgsql
-- Definer: nobody is granted writes to the ledgers.
security definer
set search_path = ''
as $$
begin
  if new.external_campaign_id is null or (tg_op = 'UPDATE' and old.external_campaign_id is not null) then
    return null;
  end if;
  -- An event that is being stored right now is waited for; one that comes later finds the link.
  perform pg_advisory_xact_lock(private.external_campaign_lock(new.channel, new.external_campaign_id));

  perform private.begin_ledger_write();
  update public.partner_leads as l
  set campaign_id = new.id, partner_id = new.partner_id
  where l.channel = new.channel and l.external_campaign_id = new.external_campaign_id and l.campaign_id is null;
  update public.partner_lead_contacts as k
  set partner_id = new.partner_id
  from public.partner_leads as l
  where l.campaign_id = new.id and k.lead_id = l.id;
  update public.partner_campaign_metrics as m
  set campaign_id = new.id, partner_id = new.partner_id
  where m.channel = new.channel and m.external_campaign_id = new.external_campaign_id;
  -- Leads and days are in their ledgers already and stay as they are; a status had nowhere to go.
  update private.campaign_inbox as i
  set status = 'applied', reason = private.apply_campaign_event(i.event)
  where i.channel = new.channel
    and i.external_campaign_id = new.external_campaign_id
    and i.status = 'parked'
    and i.reason = 'unknown_campaign';

  perform private.total_campaign(new.id);
  perform private.end_ledger_write();
  return null;
end
$$;
comment on function private.adopt_campaign_events() is
  'Trigger: a campaign that is linked takes over what already came in for it, once.';

create trigger partner_marketing_campaigns_adopt_events
  after insert or update of external_campaign_id on public.partner_marketing_campaigns
  for each row execute function private.adopt_campaign_events();

revoke all on all functions in schema private from public;
revoke all on function public.ingest_campaign_events(text, jsonb) from public, anon, authenticated, service_role;
grant execute on function public.ingest_campaign_events(text, jsonb) to campaign_ingester;
