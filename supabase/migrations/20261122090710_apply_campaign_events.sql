-- From the inbox to the ledgers: one way for what arrives, what an admin links, what a new rate lets count, and replay.
--
-- Locks are taken in one order, so that batches wait for each other and never in a circle: what keeps a rate, a
-- withdrawal or a link from slipping past an event; partners; campaigns; events by their keys; leads, days and work by
-- theirs.

set local lock_timeout = '3s';
set local statement_timeout = '60s';

create type private.campaign_event as (
  event_key text,
  body_hmac bytea,
  kind text,
  channel text,
  account_id text,
  external_campaign_id text,
  external_lead_id text,
  occurred_at timestamptz,
  facts jsonb,
  payload jsonb,
  person jsonb
);
comment on type private.campaign_event is 'An event as campaign_webhook makes it.';

create type private.day_report as (
  channel text,
  account_id text,
  external_campaign_id text,
  day date,
  campaign_id uuid,
  partner_id uuid,
  spend numeric,
  currency text,
  per_eur numeric,
  rate_date date,
  clicks bigint,
  impressions bigint,
  conversions numeric,
  is_absent boolean,
  as_of timestamptz,
  via text
);
comment on type private.day_report is
  'What a platform says of a campaign''s day, however it came, with the campaign and the rate that there are.';

-- Locks -----------------------------------------------------------------------------------------------------------

create function private.event_lock(subject text)
returns bigint
language sql
immutable
set search_path = ''
as $$
  select hashtextextended('campaign events: ' || subject, 0)
$$;
comment on function private.event_lock(text) is
  'The advisory lock that keeps an event from slipping past somebody who changes what it means: `rates`, `withdrawals`, '
  'or a campaign on a platform, as channel/id.';

create function private.hold_for_events(channels text[], external_campaign_ids text[], is_withdrawal boolean)
returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  campaign_ids uuid[];
begin
  -- Shared: events do not wait for each other, only for a rate, a withdrawal or a link being made.
  perform pg_advisory_xact_lock_shared(private.event_lock('rates'));
  if is_withdrawal then
    perform pg_advisory_xact_lock(private.event_lock('withdrawals'));
  else
    perform pg_advisory_xact_lock_shared(private.event_lock('withdrawals'));
  end if;
  perform pg_advisory_xact_lock_shared(k.key)
  from (
    select distinct private.event_lock(e.channel || '/' || e.external_campaign_id) as key
    from unnest(channels, external_campaign_ids) as e (channel, external_campaign_id)
    where e.channel is not null and e.external_campaign_id is not null
    order by key
  ) as k;
  campaign_ids := array(
    select distinct c.id
    from unnest(channels, external_campaign_ids) as e (channel, external_campaign_id)
    join public.partner_marketing_campaigns as c
      on c.channel = e.channel and c.external_campaign_id = e.external_campaign_id
  );
  if campaign_ids <> '{}' then
    perform private.hold_partners(
      array(select distinct c.partner_id from public.partner_marketing_campaigns as c where c.id = any (campaign_ids))
    );
    perform from public.partner_marketing_campaigns as c where c.id = any (campaign_ids) order by c.id for no key update;
  end if;
end
$$;
comment on function private.hold_for_events(text[], text[], boolean) is
  'Locks what events about these campaigns are applied to, until the transaction ends.';

-- Totals ----------------------------------------------------------------------------------------------------------

create function private.sum_campaign_days(campaign_id uuid)
returns table (total_spend numeric, unpriced_spend jsonb, total_clicks bigint, total_impressions bigint, spend_as_of timestamptz)
-- plpgsql keeps its plan.
language plpgsql
stable
set search_path = ''
as $$
begin
  select
    -- Rounded once, at the end. A part that is not known makes all of it unknown.
    case when count(*) = count(m.spend_eur) then coalesce(round(sum(m.spend_eur), 2), 0) end,
    coalesce(sum(m.clicks), 0), coalesce(sum(m.impressions), 0), max(m.as_of)
  into total_spend, total_clicks, total_impressions, spend_as_of
  from public.partner_campaign_metrics as m
  where m.campaign_id = sum_campaign_days.campaign_id;
  if total_spend is null then
    select jsonb_object_agg(u.currency, u.spend) into unpriced_spend
    from (
      select m.currency, sum(m.spend) as spend
      from public.partner_campaign_metrics as m
      where m.campaign_id = sum_campaign_days.campaign_id and m.spend_eur is null
      group by m.currency
    ) as u;
  end if;
  return next;
end
$$;
comment on function private.sum_campaign_days(uuid) is 'What a campaign''s days add up to: some hundreds of rows.';

create function private.sum_campaign(campaign_id uuid)
returns table (
  total_spend numeric, unpriced_spend jsonb, total_clicks bigint, total_impressions bigint, spend_as_of timestamptz, total_leads bigint
)
language sql
stable
set search_path = ''
as $$
  select
    d.*,
    (select count(*) from public.partner_leads as l where l.campaign_id = sum_campaign.campaign_id and l.outcome = 'counted' and not l.is_test)
  from private.sum_campaign_days(sum_campaign.campaign_id) as d
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
    unpriced_spend = s.unpriced_spend,
    spend_as_of = s.spend_as_of,
    total_clicks = s.total_clicks,
    total_impressions = s.total_impressions,
    total_leads = s.total_leads
  from private.sum_campaign(total_campaign.campaign_id) as s
  where c.id = total_campaign.campaign_id;
  perform private.end_ledger_write();
end
$$;
comment on function private.total_campaign(uuid) is 'Makes a campaign''s totals what its ledgers add up to.';

create function private.total_campaign_days(campaign_ids uuid[])
returns void
language sql
volatile
set search_path = ''
as $$
  update public.partner_marketing_campaigns as c
  set (total_spend, unpriced_spend, total_clicks, total_impressions, spend_as_of) = (select d.* from private.sum_campaign_days(c.id) as d)
  where c.id = any (campaign_ids)
$$;
comment on function private.total_campaign_days(uuid[]) is
  'Makes what campaigns spent what their days add up to. Leads, of which there may be many, are counted as they come.';

-- Leads -----------------------------------------------------------------------------------------------------------

create function private.keep_person(inbox_id bigint)
returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  max_bytes constant integer := 65536;
  who jsonb;
  lead public.partner_leads;
  told public.partner_lead_contacts;
  is_too_large boolean;
  is_kept boolean;
begin
  select p.person into who from private.inbox_persons as p where p.inbox_id = keep_person.inbox_id;
  select l.* into lead
  from private.campaign_inbox as i
  join public.partner_leads as l on l.channel = i.channel and l.external_lead_id = i.external_lead_id
  where i.id = keep_person.inbox_id;
  -- Who was erased does not come back; and nobody is left to call whose partner has gone.
  if lead.erased_at is not null or (lead.campaign_id is not null and lead.partner_id is null) then
    delete from private.inbox_persons as p where p.inbox_id = keep_person.inbox_id;
    return;
  end if;

  told.name := left(who ->> 'name', 200);
  told.email := left(who ->> 'email', 320);
  told.phone := left(who ->> 'phone', 50);
  told.postcode := left(who ->> 'postcode', 20);
  told.answers := coalesce(nullif(who -> 'answers', 'null'), '{}');
  told.tags := coalesce(nullif(who -> 'tags', 'null'), '{}');
  is_too_large := octet_length(told.answers::text) > max_bytes;
  if is_too_large then
    told.answers := '{}';
  end if;
  insert into public.partner_lead_contacts as k (lead_id, partner_id, name, email, phone, postcode, answers, tags)
  values (lead.id, lead.partner_id, told.name, told.email, told.phone, told.postcode, told.answers, told.tags)
  on conflict (lead_id) do update
  -- Told again and otherwise: whoever was first may have been a stranger with a lead's id. Both are kept.
  set answers = k.answers || jsonb_build_object(
    'Ook gemeld ' || to_char(clock_timestamp() at time zone 'Europe/Amsterdam', 'YYYY-MM-DD HH24:MI:SS.US'), who
  )
  where (
    (k.name, k.email, k.phone, k.postcode) is distinct from (told.name, told.email, told.phone, told.postcode)
    or not k.answers @> told.answers
  )
  and not exists (select from jsonb_each(k.answers) as a where a.value = who)
  and octet_length(k.answers::text) + octet_length(who::text) + 50 <= max_bytes;

  select
    exists (select from jsonb_each(k.answers) as a where a.value = who)
    or (
      (k.name, k.email, k.phone, k.postcode) is not distinct from (told.name, told.email, told.phone, told.postcode)
      and k.answers @> told.answers
    )
  into is_kept
  from public.partner_lead_contacts as k where k.lead_id = lead.id;
  if is_kept and not is_too_large then
    delete from private.inbox_persons as p where p.inbox_id = keep_person.inbox_id;
  end if;
end
$$;
comment on function private.keep_person(bigint) is
  'Stores the person behind a platform''s lead, beside whom was told of before if that is somebody else. What is too '
  'large for partner_lead_contacts stays in inbox_persons.';

create function private.apply_leads(inbox_ids bigint[])
returns void
language plpgsql
volatile
set search_path = ''
as $$
begin
  with told as (
    -- One lead may be told of twice, by the platform and by a middleman.
    select distinct on (i.channel, i.external_lead_id)
      i.channel, i.external_lead_id, i.external_campaign_id, c.id as campaign_id, c.partner_id,
      coalesce((i.facts ->> 'is_test')::boolean, false) as is_test,
      case
        when (i.facts ->> 'submitted_at')::timestamptz between '2000-01-01' and now() + interval '1 day'
          then (i.facts ->> 'submitted_at')::timestamptz
        else i.received_at
      end as submitted_at
    from private.campaign_inbox as i
    left join public.partner_marketing_campaigns as c
      on c.channel = i.channel and c.external_campaign_id = i.external_campaign_id
    where i.id = any (inbox_ids) and i.kind = 'lead' and i.channel is not null and i.external_lead_id is not null
    order by i.channel, i.external_lead_id, c.id is null, i.id
  ),

  kept as (
    insert into public.partner_leads as l
      (id, partner_id, campaign_id, channel, external_lead_id, external_campaign_id, is_test, submitted_at, erased_at)
    select
      gen_random_uuid(), t.partner_id, t.campaign_id, t.channel, t.external_lead_id, t.external_campaign_id, t.is_test,
      t.submitted_at, (
        select min(w.received_at)
        from private.campaign_inbox as w
        where w.kind = 'withdrawal' and w.channel = t.channel and w.external_lead_id = t.external_lead_id
      )
    from told as t
    order by t.channel, t.external_lead_id
    on conflict on constraint partner_leads_external_lead_id_key do update
    -- Nobody claims it yet, and now its campaign is told.
    set partner_id = excluded.partner_id, campaign_id = excluded.campaign_id,
      external_campaign_id = excluded.external_campaign_id
    where l.campaign_id is null and excluded.external_campaign_id is not null
    returning l.id, l.partner_id, l.campaign_id, l.is_test
  ),

  followed as (
    update public.partner_lead_contacts as k
    set partner_id = l.partner_id
    from kept as l
    where k.lead_id = l.id and k.partner_id is distinct from l.partner_id
  )

  update public.partner_marketing_campaigns as c
  set total_leads = c.total_leads + n.leads
  from (select k.campaign_id, count(*) as leads from kept as k where not k.is_test group by k.campaign_id) as n
  where c.id = n.campaign_id;

  perform private.keep_person(p.inbox_id)
  from private.inbox_persons as p
  join private.campaign_inbox as i on i.id = p.inbox_id
  join public.partner_leads as l on l.channel = i.channel and l.external_lead_id = i.external_lead_id
  where p.inbox_id = any (inbox_ids) and i.kind = 'lead';

  -- Looked up first: they would be looked for among all leads that nobody claims.
  with announced as materialized (
    select
      i.channel, i.external_lead_id, i.account_id, i.received_at,
      l.campaign_id is null and not l.is_test and l.erased_at is null as is_to_fetch
    from private.campaign_inbox as i
    join public.partner_leads as l on l.channel = i.channel and l.external_lead_id = i.external_lead_id
    where i.id = any (inbox_ids) and i.kind = 'lead' and i.facts ->> 'is_announced' = 'true'
  )

  insert into private.work_to_fetch as f (channel, object_type, object_id, account_id, announced_at)
  select a.channel, 'lead', a.external_lead_id, max(a.account_id), max(a.received_at)
  from announced as a
  where a.is_to_fetch
  group by a.channel, a.external_lead_id
  order by a.channel, a.external_lead_id
  on conflict on constraint work_to_fetch_pkey do update
  set announced_at = greatest(f.announced_at, excluded.announced_at);

  update private.campaign_inbox as i
  set status = case when r.reason is null then 'applied' else 'parked' end, reason = r.reason
  from (
    select
      x.id,
      case
        when l.id is null then 'bad_lead'
        when p.inbox_id is not null then 'large_answers'
        when l.campaign_id is not null or (l.is_test and x.external_campaign_id is null) then null
        when x.facts ->> 'is_announced' = 'true' and l.external_campaign_id is null then 'to_fetch'
        else 'unknown_campaign'
      end as reason
    from private.campaign_inbox as x
    left join public.partner_leads as l on l.channel = x.channel and l.external_lead_id = x.external_lead_id
    left join private.inbox_persons as p on p.inbox_id = x.id
    where x.id = any (inbox_ids) and x.kind = 'lead'
  ) as r
  where i.id = r.id;
end
$$;
comment on function private.apply_leads(bigint[]) is
  'Stores platforms'' leads, claimed or not, each once by its own id, and counts them for the campaigns that they name.';

create function private.apply_withdrawals(inbox_ids bigint[])
returns void
language plpgsql
volatile
set search_path = ''
as $$
begin
  delete from public.partner_lead_contacts as k
  using public.partner_leads as l, private.campaign_inbox as i
  where i.id = any (inbox_ids) and i.kind = 'withdrawal'
    and l.channel = i.channel and l.external_lead_id = i.external_lead_id and k.lead_id = l.id;
  -- Also where nobody was known yet: whoever is fetched later would be.
  update public.partner_leads as l
  set erased_at = i.received_at
  from private.campaign_inbox as i
  where i.id = any (inbox_ids) and i.kind = 'withdrawal'
    and l.channel = i.channel and l.external_lead_id = i.external_lead_id and l.erased_at is null;
  delete from private.inbox_persons as p
  using private.campaign_inbox as i, private.campaign_inbox as told
  where i.id = any (inbox_ids) and i.kind = 'withdrawal' and told.id = p.inbox_id
    and told.channel = i.channel and told.external_lead_id = i.external_lead_id;
  delete from private.work_to_fetch as f
  using private.campaign_inbox as i
  where i.id = any (inbox_ids) and i.kind = 'withdrawal'
    and f.channel = i.channel and f.object_type = 'lead' and f.object_id = i.external_lead_id;
  update private.campaign_inbox as i
  set status = case when r.reason is null then 'applied' else 'parked' end, reason = r.reason
  from (
    select x.id, case when x.channel is null or x.external_lead_id is null then 'bad_withdrawal' end as reason
    from private.campaign_inbox as x
    where x.id = any (inbox_ids) and x.kind = 'withdrawal'
  ) as r
  where i.id = r.id;
end
$$;
comment on function private.apply_withdrawals(bigint[]) is
  'Erases the people who took their leads back, also those whose lead is not there yet. The counts stay.';

-- Days ------------------------------------------------------------------------------------------------------------

create function private.refuse_report(report private.day_report)
returns text
language plpgsql
stable
set search_path = ''
as $$
begin
  return case
    when report.channel is null or report.external_campaign_id is null or report.day is null or report.as_of is null
      or report.spend is null or report.currency is null or report.clicks is null or report.impressions is null
      -- A report from the future would keep every later one out.
      or report.as_of > now() + interval '1 day' or report.day > report.as_of::date + 1
      or report.spend = 'NaN' or report.spend < 0 or report.clicks < 0 or report.impressions < 0
      or report.currency !~ '^[A-Z]{3}$' or not coalesce(report.conversions between 0 and 1000000000, true)
      then 'bad_metrics'
    -- As partner_campaign_metrics_plausible has it.
    when report.spend / report.per_eur > 1000000 or report.clicks > 100000000 or report.impressions > 10000000000 then 'implausible'
  end;
end
$$;
comment on function private.refuse_report(private.day_report) is 'Why a report cannot be stored, or null.';

create function private.store_days(reports private.day_report[])
returns void
language plpgsql
volatile
set search_path = ''
-- As private.apply_campaign_events().
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set enable_bitmapscan = off
set enable_material = off
as $$
begin
  with newest as (
    select distinct on (x.channel, x.external_campaign_id, x.day, x.account_id) x.*
    from unnest(reports) as x
    order by
      x.channel, x.external_campaign_id, x.day, x.account_id,
      x.as_of desc, x.spend desc, x.clicks desc, x.impressions desc, x.currency desc
  )

  insert into public.partner_campaign_metrics as m
    (
      channel, external_campaign_id, day, account_id, campaign_id, partner_id, spend, currency, spend_eur, rate_date, clicks,
      impressions, conversions, is_absent, as_of, via
    )
  select
    x.channel, x.external_campaign_id, x.day, x.account_id, x.campaign_id, x.partner_id, x.spend, x.currency,
    round(x.spend / x.per_eur, 12), x.rate_date, x.clicks, x.impressions, x.conversions, x.is_absent, x.as_of, x.via
  from newest as x
  order by x.channel, x.external_campaign_id, x.day, x.account_id
  on conflict on constraint partner_campaign_metrics_pkey do update
  set spend = excluded.spend, currency = excluded.currency, spend_eur = excluded.spend_eur, rate_date = excluded.rate_date,
    clicks = excluded.clicks, impressions = excluded.impressions, conversions = excluded.conversions,
    is_absent = excluded.is_absent, as_of = excluded.as_of, via = excluded.via
  where (excluded.as_of, excluded.spend, excluded.clicks, excluded.impressions, excluded.currency)
    > (m.as_of, m.spend, m.clicks, m.impressions, m.currency);
  -- A day that is told with its account is not counted again without.
  delete from public.partner_campaign_metrics as m
  using unnest(reports) as x, public.partner_campaign_metrics as named
  where m.account_id = '' and m.channel = x.channel and m.external_campaign_id = x.external_campaign_id and m.day = x.day
    and named.channel = m.channel and named.external_campaign_id = m.external_campaign_id and named.day = m.day
    and named.account_id <> '';
  perform private.total_campaign_days(array(select distinct x.campaign_id from unnest(reports) as x));
end
$$;
comment on function private.store_days(private.day_report[]) is
  'The one door to the ledger of days: keeps the newest report of each, and the totals in step. Whoever calls it has called '
  'hold_for_events(), and refuse_report() for each.';

create function private.read_reports(inbox_ids bigint[])
returns table (id bigint, report private.day_report)
language sql
stable
set search_path = ''
-- As private.apply_campaign_events().
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set enable_bitmapscan = off
set enable_material = off
as $$
  select
    i.id,
    row(
      i.channel, coalesce(i.account_id, ''), i.external_campaign_id, (i.facts ->> 'day')::date, c.id, c.partner_id,
      (i.facts ->> 'spend')::numeric(24, 6), i.facts ->> 'currency', r.per_eur, r.rate_date,
      (i.facts ->> 'clicks')::bigint, (i.facts ->> 'impressions')::bigint, (i.facts ->> 'conversions')::numeric(18, 6),
      coalesce((i.facts ->> 'is_absent')::boolean, false), (i.facts ->> 'as_of')::timestamptz, i.via
    )::private.day_report
  from private.campaign_inbox as i
  left join public.partner_marketing_campaigns as c
    on c.channel = i.channel and c.external_campaign_id = i.external_campaign_id
  left join lateral private.find_rate(i.facts ->> 'currency', (i.facts ->> 'day')::date) as r on true
  where i.id = any (inbox_ids) and i.kind = 'metrics' and not i.is_conflict
$$;
comment on function private.read_reports(bigint[]) is 'Reports of days, in their types, with the rate that there is.';

create function private.apply_metrics(inbox_ids bigint[])
returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  applied_before constant bigint[] := array(
    select i.id from private.campaign_inbox as i where i.id = any (inbox_ids) and i.kind = 'metrics' and i.status = 'applied'
  );
begin
  update private.campaign_inbox as i
  set status = case when r.reason is null then 'applied' else 'parked' end, reason = r.reason
  from (
    select
      x.id,
      coalesce(
        private.refuse_report(x.report),
        case
          when (x.report).per_eur is null then 'no_rate'
          when (x.report).campaign_id is null then 'unknown_campaign'
        end
      ) as reason
    from private.read_reports(inbox_ids) as x
  ) as r
  where i.id = r.id;

  -- What has no rate or no campaign of ours is in the ledger all the same, and waits there.
  perform private.store_days(array(
    select x.report
    from private.read_reports(inbox_ids) as x
    join private.campaign_inbox as i on i.id = x.id
    where i.status = 'applied' or i.reason in ('unknown_campaign', 'no_rate')
  ));

  update private.campaign_inbox as i
  set status = 'superseded', reason = null
  from private.read_reports(inbox_ids) as x
  left join public.partner_campaign_metrics as m
    on m.channel = (x.report).channel and m.external_campaign_id = (x.report).external_campaign_id and m.day = (x.report).day
    and m.account_id = (x.report).account_id
  where i.id = x.id and (i.status = 'applied' or i.reason in ('unknown_campaign', 'no_rate'))
    and i.id <> all (applied_before)
    and (
      m.day is null
      or ((x.report).as_of, (x.report).spend, (x.report).clicks, (x.report).impressions, (x.report).currency)
      < (m.as_of, m.spend, m.clicks, m.impressions, m.currency)
    );
end
$$;
comment on function private.apply_metrics(bigint[]) is 'Keeps the newest report of each campaign''s day.';

-- Statuses --------------------------------------------------------------------------------------------------------

create function private.follow_platform_status(campaign_id uuid, platform_status text)
returns text
language plpgsql
volatile
set search_path = ''
as $$
declare
  word text;
begin
  update public.partner_marketing_campaigns as c
  set status = follow_platform_status.platform_status
  where c.id = follow_platform_status.campaign_id and c.status <> follow_platform_status.platform_status
    and follow_platform_status.platform_status in ('active', 'paused', 'archived')
    -- What has not begun with us is not running there either.
    and (c.status, follow_platform_status.platform_status) <> ('planned', 'paused')
    -- What somebody wished here, and the platform has not done yet, is newer than what it says.
    and (follow_platform_status.platform_status = 'archived' or not private.is_status_wished(c.id));
  return null;
exception
  when sqlstate 'PT409' then
    get stacked diagnostics word = message_text;
    return case word when 'budget_exceeded' then 'budget_exceeded' else 'not_allowed' end;
  when check_violation then
    return 'not_allowed';
end
$$;
comment on function private.follow_platform_status(uuid, text) is
  'Takes a campaign where the platform has it, if the workflow and the budget allow. Returns why not, or null.';

create function private.apply_statuses(inbox_ids bigint[])
returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  item record;
  campaign public.partner_marketing_campaigns;
  outcome text;
  park_reason text;
begin
  for item in
    select
      i.id, i.channel, i.external_campaign_id, i.status, (i.facts ->> 'as_of')::timestamptz as as_of,
      i.facts ->> 'platform_status' as word, s.platform_status
    from private.campaign_inbox as i
    left join private.platform_statuses as s on s.channel = i.channel and s.word = upper(i.facts ->> 'platform_status')
    where i.id = any (inbox_ids) and i.kind = 'status' and not i.is_conflict
    order by as_of, s.platform_status, i.id
  loop
    outcome := 'applied';
    park_reason := null;
    select c.* into campaign
    from public.partner_marketing_campaigns as c
    where c.channel = item.channel and c.external_campaign_id = item.external_campaign_id;
    if item.channel is null or item.external_campaign_id is null or item.word is null or item.as_of is null
      or not isfinite(item.as_of) or item.as_of > now() + interval '1 day'
    then
      park_reason := 'bad_status';
    elsif item.platform_status is null then
      park_reason := 'unknown_status';
    elsif campaign.id is null then
      park_reason := 'unknown_campaign';
    elsif (campaign.platform_status_at, campaign.platform_status) > (item.as_of, item.platform_status) then
      outcome := case when item.status = 'applied' then 'applied' else 'superseded' end;
    else
      update public.partner_marketing_campaigns as c
      set platform_status = item.platform_status, platform_status_at = item.as_of
      where c.id = campaign.id;
      park_reason := private.follow_platform_status(campaign.id, item.platform_status);
      -- What could not be followed before is not where the platform has it any longer.
      update private.campaign_inbox as i
      set status = 'superseded', reason = null
      where i.channel = item.channel and i.external_campaign_id = item.external_campaign_id
        and i.status = 'parked' and i.kind = 'status' and i.reason in ('not_allowed', 'budget_exceeded') and i.id <> item.id;
    end if;
    update private.campaign_inbox as i
    set status = case when park_reason is null then outcome else 'parked' end, reason = park_reason
    where i.id = item.id;
  end loop;
end
$$;
comment on function private.apply_statuses(bigint[]) is
  'Keeps the newest status that a platform reported, and follows it where workflow and budget allow.';

-- Announcements ---------------------------------------------------------------------------------------------------

create function private.apply_announcements(inbox_ids bigint[])
returns void
language plpgsql
volatile
set search_path = ''
as $$
begin
  insert into private.work_to_fetch as f (channel, object_type, object_id, account_id, announced_at)
  select i.channel, i.facts ->> 'object_type', i.facts ->> 'object_id', max(i.account_id), max(i.received_at)
  from private.campaign_inbox as i
  where i.id = any (inbox_ids) and i.kind = 'announcement' and not i.is_conflict
  group by i.channel, i.facts ->> 'object_type', i.facts ->> 'object_id'
  order by 1, 2, 3
  on conflict on constraint work_to_fetch_pkey do update
  set announced_at = greatest(f.announced_at, excluded.announced_at), account_id = coalesce(excluded.account_id, f.account_id);
  update private.campaign_inbox as i
  set status = 'parked', reason = 'to_fetch'
  where i.id = any (inbox_ids) and i.kind = 'announcement' and not i.is_conflict and i.status <> 'applied';
end
$$;
comment on function private.apply_announcements(bigint[]) is 'Notes what has to be asked for.';

-- All of them -----------------------------------------------------------------------------------------------------

create function private.apply_campaign_events(inbox_ids bigint[])
returns void
language plpgsql
volatile
set search_path = ''
-- A batch finds its rows by index, whatever the statistics of tables that have just grown say of them.
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set enable_bitmapscan = off
set enable_material = off
as $$
declare
  kinds text[];
  middle constant integer := cardinality(inbox_ids) / 2;
begin
  perform private.begin_ledger_write();
  kinds := array(select distinct i.kind from private.campaign_inbox as i where i.id = any (inbox_ids));
  if 'lead' = any (kinds) then
    perform private.apply_leads(inbox_ids);
  end if;
  if 'withdrawal' = any (kinds) then
    perform private.apply_withdrawals(inbox_ids);
  end if;
  if 'metrics' = any (kinds) then
    perform private.apply_metrics(inbox_ids);
  end if;
  if 'status' = any (kinds) then
    perform private.apply_statuses(inbox_ids);
  end if;
  if 'announcement' = any (kinds) then
    perform private.apply_announcements(inbox_ids);
  end if;
  update private.campaign_inbox as i
  set status = 'parked',
    reason = case when i.kind = 'other' then coalesce(i.facts ->> 'park_reason', 'unknown_kind') else 'conflict' end
  where i.id = any (inbox_ids)
    and (i.kind = 'other' or (i.is_conflict and i.kind in ('metrics', 'status', 'announcement')));
  perform private.end_ledger_write();
exception
  -- One poisoned event never fails its batch-mates: what it did is undone, what it said is kept.
  when data_exception or integrity_constraint_violation then
    if middle > 0 then
      perform private.apply_campaign_events(inbox_ids[1:middle]);
      perform private.apply_campaign_events(inbox_ids[middle + 1:]);
    else
      update private.campaign_inbox as i
      set status = 'parked', reason = 'bad_' || i.kind
      where i.id = inbox_ids[1];
    end if;
end
$$;
comment on function private.apply_campaign_events(bigint[]) is
  'Brings events of the inbox to the ledgers, however often it is called, and says in each row what became of it. Whoever '
  'calls it has called hold_for_events().';

-- What arrives ----------------------------------------------------------------------------------------------------

create function private.read_campaign_events(source text, events jsonb)
returns private.campaign_event[]
language plpgsql
immutable
set search_path = ''
as $$
declare
  incoming private.campaign_event[];
begin
  if jsonb_typeof(events) is distinct from 'array' or jsonb_array_length(events) > 1000 then
    raise sqlstate 'PT400' using
      message = 'batch_refused',
      detail = 'Events come as a list of at most 1,000.',
      hint = 'Send fewer at once.';
  end if;
  if exists (select from jsonb_array_elements(events) as e where jsonb_typeof(e) <> 'object')
    or pg_column_size(events) > 8388608
  then
    perform private.refuse_campaign_events();
  end if;
  incoming := array(
    select row(
      e.event_key, case when e.body_hmac ~ '^[0-9a-f]{64}$' then decode(e.body_hmac, 'hex') end, e.facts ->> 'kind', e.channel,
      e.account_id, e.external_campaign_id, nullif(e.facts ->> 'external_lead_id', ''),
      case when pg_input_is_valid(e.occurred_at, 'timestamptz') then e.occurred_at::timestamptz end,
      e.facts, coalesce(e.payload, '{}'), nullif(e.person, 'null')
    )::private.campaign_event
    from jsonb_to_recordset(events) as e (
      event_key text, body_hmac text, channel text, account_id text, external_campaign_id text, occurred_at text,
      facts jsonb, payload jsonb, person jsonb
    )
  );
  -- As campaign_webhook makes them; a token that got about makes others.
  if exists (
    select from unnest(incoming) as e
    where (
      length(e.event_key) between 1 and 300
      and e.body_hmac is not null
      and jsonb_typeof(e.facts) = 'object'
      and e.kind in ('lead', 'withdrawal', 'metrics', 'status', 'announcement', 'other')
      and pg_column_size(e.payload) <= 1048576
      and coalesce(pg_column_size(e.person) <= 2097152, true)
      and coalesce(length(e.account_id) <= 255, true)
      and coalesce(length(e.external_campaign_id) <= 255, true)
      and coalesce(length(e.external_lead_id) <= 255, true)
      and coalesce(length(e.facts ->> 'platform_status') <= 100, true)
      and coalesce(length(e.facts ->> 'object_id') <= 255, true)
      and coalesce(length(e.facts ->> 'park_reason') <= 40, true)
      -- Each platform speaks of its own campaigns; our own events may be about any.
      and (read_campaign_events.source = 'standard' or coalesce(e.channel = read_campaign_events.source, true))
    ) is not true
  ) then
    perform private.refuse_campaign_events();
  end if;
  return incoming;
end
$$;
comment on function private.read_campaign_events(text, jsonb) is
  'Events in their types. Raises batch_refused (400) for what campaign_webhook would not make.';

create function private.refuse_campaign_events()
returns void
language plpgsql
immutable
set search_path = ''
as $$
begin
  raise sqlstate 'PT400' using
    message = 'batch_refused',
    detail = 'An event is too large, or has no key, no hash, no kind, an id that is too long, or the channel of another platform.',
    hint = 'Send what campaign_webhook makes of it.';
end
$$;
comment on function private.refuse_campaign_events() is 'Raises batch_refused (400).';

create function private.keep_inbox_persons(inbox_ids bigint[], incoming private.campaign_event[])
returns void
language sql
volatile
set search_path = ''
-- Of two lists as long as the batch.
set enable_hashjoin = on
as $$
  with stored as materialized (
    select i.id, i.event_key, i.body_hmac
    from private.campaign_inbox as i
    where i.id = any (inbox_ids) and i.person_erased_at is null
  )

  insert into private.inbox_persons (inbox_id, person)
  select distinct on (s.id) s.id, e.person
  from stored as s
  join unnest(incoming) as e on e.event_key = s.event_key and e.body_hmac = s.body_hmac
  where e.person is not null
  order by s.id
$$;
comment on function private.keep_inbox_persons(bigint[], private.campaign_event[]) is
  'Keeps who came with events that are new, unless they have been erased.';

create function private.store_campaign_events(from_source text, incoming private.campaign_event[])
returns bigint[]
language plpgsql
volatile
set search_path = ''
-- A batch finds its rows by index, whatever the statistics of tables that have just grown say of them.
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set enable_bitmapscan = off
set enable_material = off
as $$
declare
  came_by constant text := case private.session_role() when 'campaign_ingester' then 'webhook' when 'job_runner' then 'sync' else 'manual' end;
  new_ids bigint[];
  conflict_ids bigint[];
begin
  -- In the order of their keys, so that two batches wait for each other.
  with added as (
    insert into private.campaign_inbox
      (
        source, event_key, body_hmac, via, kind, channel, account_id, external_campaign_id, external_lead_id, occurred_at,
        facts, payload
      )
    select
      from_source, e.event_key, e.body_hmac, came_by, e.kind, e.channel, e.account_id,
      e.external_campaign_id, e.external_lead_id, e.occurred_at, e.facts, e.payload
    from (
      select distinct on (x.event_key) x.*
      from unnest(incoming) with ordinality as x
      order by x.event_key, x.ordinality
    ) as e
    order by e.event_key
    on conflict on constraint campaign_inbox_event_key_key do nothing
    returning id
  )

  select coalesce(array_agg(a.id), '{}') into new_ids from added as a;

  if cardinality(new_ids) < cardinality(incoming) then
    with added as (
      insert into private.campaign_inbox
        (
          source, event_key, body_hmac, conflict_hmac, via, kind, channel, account_id, external_campaign_id, external_lead_id,
          occurred_at, facts, payload, person_erased_at
        )
      select
        from_source, e.event_key, e.body_hmac, e.body_hmac, came_by, e.kind, e.channel,
        e.account_id, e.external_campaign_id, e.external_lead_id, e.occurred_at, e.facts, e.payload, i.person_erased_at
      from (
        select distinct on (x.event_key, x.body_hmac) x.* from unnest(incoming) as x order by x.event_key, x.body_hmac
      ) as e
      -- Key by key (offset 0 keeps it so): an inbox that has just grown, of one source, looks to the planner as if the source
      -- alone found a few rows, and a repeated batch would read all of it for each of its events.
      cross join lateral (
        select x.body_hmac, x.person_erased_at
        from private.campaign_inbox as x
        where x.source = from_source and x.event_key = e.event_key and not x.is_conflict
        offset 0
      ) as i
      where i.body_hmac <> e.body_hmac
      order by e.event_key, e.body_hmac
      on conflict on constraint campaign_inbox_event_key_key do nothing
      returning id
    )

    select coalesce(array_agg(a.id), '{}') into conflict_ids from added as a;
    new_ids := new_ids || conflict_ids;

    -- Key by key, as above.
    perform from private.campaign_inbox as i
    where i.id = any (array(
      select k.id
      from unnest(incoming) as e
      cross join lateral (
        select x.id from private.campaign_inbox as x where x.source = from_source and x.event_key = e.event_key offset 0
      ) as k
    ))
    order by i.id
    for no key update;
    with delivered as materialized (
      select k.id, d.times
      from (select e.event_key, e.body_hmac, count(*) as times from unnest(incoming) as e group by 1, 2) as d
      cross join lateral (
        select x.id
        from private.campaign_inbox as x
        where x.source = from_source and x.event_key = d.event_key and x.body_hmac = d.body_hmac
        offset 0
      ) as k
    )

    update private.campaign_inbox as i
    set deliveries = i.deliveries + d.times - (i.id = any (new_ids))::integer
    from delivered as d
    where i.id = d.id and d.times > (i.id = any (new_ids))::integer;
  end if;

  if exists (select from unnest(incoming) as e where e.person is not null) then
    perform private.keep_inbox_persons(new_ids, incoming);
  end if;
  return new_ids;
end
$$;
comment on function private.store_campaign_events(text, private.campaign_event[]) is
  'Keeps each event once by its key, and once more in other words; and whoever came with it, apart. Returns the new rows.';

create function public.ingest_campaign_events(source text, events jsonb)
returns jsonb
language plpgsql
volatile
-- Definer: campaign_ingester writes through this function alone and reads no table.
security definer
set search_path = ''
-- A batch finds its rows by index, whatever the statistics of tables that have just grown say of them.
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set enable_bitmapscan = off
set enable_material = off
as $$
declare
  incoming constant private.campaign_event[] := private.read_campaign_events(source, events);
  new_ids bigint[];
begin
  perform private.hold_for_events(
    array(select e.channel from unnest(incoming) as e),
    array(select e.external_campaign_id from unnest(incoming) as e),
    exists (select from unnest(incoming) as e where e.kind = 'withdrawal')
  );
  new_ids := private.store_campaign_events(source, incoming);
  perform private.apply_campaign_events(new_ids);
  return (
    select coalesce(
      jsonb_agg(
        jsonb_build_object(
          'event_key', e.event_key,
          'outcome', case when i.is_conflict then 'conflict' when i.id <> all (new_ids) or e.nth > 1 then 'duplicate' else i.status end,
          'reason', i.reason
        )
        order by e.position
      ),
      '[]'
    )
    from (
      select x.event_key, x.body_hmac, x.ordinality as position, row_number() over (partition by x.event_key, x.body_hmac) as nth
      from unnest(incoming) with ordinality as x
    ) as e
    cross join lateral (
      select x.id, x.is_conflict, x.status, x.reason
      from private.campaign_inbox as x
      where x.source = ingest_campaign_events.source and x.event_key = e.event_key and x.body_hmac = e.body_hmac
      limit 1
    ) as i
  );
exception
  when deadlock_detected or serialization_failure then
    perform private.raise_retry();
    return null;
end
$$;
comment on function public.ingest_campaign_events(text, jsonb) is
  'As campaign_ingester: stores verified events once by (source, event_key), applies what is understood and parks '
  'the rest. Answers {"event_key", "outcome": applied | superseded | parked | duplicate | conflict, "reason"} for each, in '
  'order. 400 batch_refused.';

-- What an admin links ---------------------------------------------------------------------------------------------

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
  perform pg_advisory_xact_lock(private.event_lock(new.channel || '/' || new.external_campaign_id));

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
  perform private.total_campaign(new.id);
  -- Leads and days are in their ledgers already and stay as they are; a status had nowhere to go.
  perform private.apply_campaign_events(array(
    select i.id
    from private.campaign_inbox as i
    where i.channel = new.channel and i.external_campaign_id = new.external_campaign_id and i.status = 'parked'
      and i.reason = 'unknown_campaign'
    order by i.id
  ));
  perform private.end_ledger_write();
  return null;
end
$$;
comment on function private.adopt_campaign_events() is
  'Trigger: a campaign that is linked takes over what already came in for it, once.';

create trigger partner_marketing_campaigns_adopt_events
  after insert or update of external_campaign_id on public.partner_marketing_campaigns
  for each row execute function private.adopt_campaign_events();

-- What a new rate lets count --------------------------------------------------------------------------------------

create function private.find_days_of_rate(currency text, rate_date date)
returns setof public.partner_campaign_metrics
language plpgsql
stable
set search_path = ''
as $$
begin
  return query select m.*
  from public.partner_campaign_metrics as m
  where m.currency = find_days_of_rate.currency and m.currency <> 'EUR'
    and m.day between find_days_of_rate.rate_date and find_days_of_rate.rate_date + 7
    and (m.rate_date is null or m.rate_date <= find_days_of_rate.rate_date);
end
$$;
comment on function private.find_days_of_rate(text, date) is
  'The days whose rate this is, as private.find_rate() has it: its own, and those after it that have no nearer one.';

create function private.apply_currency_rate()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  inbox_ids bigint[];
begin
  -- A report that is being stored right now is waited for; one that comes later finds the rate.
  perform pg_advisory_xact_lock(private.event_lock('rates'));
  inbox_ids := array(
    select i.id
    from private.campaign_inbox as i
    where i.reason = 'no_rate' and i.facts ->> 'currency' = new.currency
      and i.facts ->> 'day' between new.day::text and (new.day + 7)::text
    order by i.id
  );
  perform private.hold_for_events(array_agg(m.channel), array_agg(m.external_campaign_id), false)
  from (select distinct d.channel, d.external_campaign_id from private.find_days_of_rate(new.currency, new.day) as d) as m;
  perform private.begin_ledger_write();
  update public.partner_campaign_metrics as m
  set
    -- What would be more than anybody spends is a mistake of units, and stays unknown.
    spend_eur = case when m.spend / new.per_eur <= 1000000 then round(m.spend / new.per_eur, 12) end,
    rate_date = new.day
  from private.find_days_of_rate(new.currency, new.day) as d
  where m.channel = d.channel and m.external_campaign_id = d.external_campaign_id and m.day = d.day and m.account_id = d.account_id;
  perform private.total_campaign_days(array(
    select distinct d.campaign_id from private.find_days_of_rate(new.currency, new.day) as d
  ));
  perform private.apply_campaign_events(inbox_ids);
  perform private.end_ledger_write();
  return null;
end
$$;
comment on function private.apply_currency_rate() is
  'Trigger: days in a currency are worth something once there is a rate for them, and are made anew when a nearer one is there or it '
  'changes.';

create trigger currency_rates_apply
  after insert or update of currency, day, per_eur on private.currency_rates
  for each row execute function private.apply_currency_rate();

revoke all on all functions in schema private from public;
revoke all on function public.ingest_campaign_events(text, jsonb) from public, anon, authenticated, service_role;
grant execute on function public.ingest_campaign_events(text, jsonb) to campaign_ingester;
