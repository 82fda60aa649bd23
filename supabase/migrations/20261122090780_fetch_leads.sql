-- Leads that a webhook did not bring, or only announced. They go the way of webhooks, and a platform's own id is still what counts once.

set local lock_timeout = '3s';
set local statement_timeout = '60s';

create function private.is_lead_there(event private.campaign_event)
returns boolean
language plpgsql
stable
set search_path = ''
as $$
begin
  return exists (
    select
    from public.partner_leads as l
    left join public.partner_lead_contacts as k on k.lead_id = l.id
    where l.channel = event.channel and l.external_lead_id = event.external_lead_id
      and (k.lead_id is not null or l.erased_at is not null or event.person is null)
      and (l.external_campaign_id is not null or event.external_campaign_id is null)
  ) or (
    -- Whether Google's webhook and its API have the same ids nobody has confirmed. The same click of the same campaign in the same
    -- second is the same lead; of whoever was erased there is the second alone.
    event.channel = 'google_ads' and exists (
      select
      from public.partner_leads as l
      left join public.partner_lead_contacts as k on k.lead_id = l.id
      where l.channel = 'google_ads' and l.external_campaign_id = event.external_campaign_id
        and l.submitted_at between event.occurred_at - interval '1 second' and event.occurred_at + interval '1 second'
        and (k.lead_id is null or k.tags ->> 'gclid' is not distinct from event.person #>> '{tags,gclid}')
    )
  );
end
$$;
comment on function private.is_lead_there(private.campaign_event) is
  'Whether a lead that was fetched is known with all that it says. An erased one is.';

create function private.store_leads(job private.sync_jobs, leads jsonb, fetched text[])
returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  incoming private.campaign_event[] := private.read_campaign_events(job.platform, leads);
  fetched_ids constant text[] := fetched || array(select e.external_lead_id from unnest(incoming) as e);
  inbox_ids bigint[];
begin
  incoming := array(
    select e::private.campaign_event
    from unnest(incoming) as e
    where e.kind = 'lead' and e.channel = job.platform and not private.is_lead_there(e::private.campaign_event)
  );
  perform private.hold_for_events(
    array(select e.channel from unnest(incoming) as e), array(select e.external_campaign_id from unnest(incoming) as e), false
  );
  inbox_ids := private.store_campaign_events(job.platform, incoming);
  -- What announced them is understood now.
  perform private.apply_campaign_events(inbox_ids || array(
    select i.id
    from private.campaign_inbox as i
    where i.channel = job.platform and i.external_lead_id = any (fetched_ids) and i.kind = 'lead' and i.status = 'parked'
      and i.reason = 'to_fetch'
    order by i.id
  ));
  -- Nobody's campaign brought it: somebody found the form by themselves.
  update private.campaign_inbox as i
  set reason = 'unknown_campaign'
  where i.channel = job.platform and i.external_lead_id = any (fetched_ids) and i.kind = 'lead' and i.status = 'parked'
    and i.reason = 'to_fetch';
  update private.work_to_fetch as f
  set fetched_at = greatest(now(), f.announced_at)
  where f.channel = job.platform and f.object_type = 'lead' and f.object_id = any (fetched_ids);
end
$$;
comment on function private.store_leads(private.sync_jobs, jsonb, text[]) is
  'Brings leads that were asked for to the ledger by the way that webhooks go, unless they are there.';

create function private.fetches_for(platform text, account_id text)
returns text
language sql
stable
set search_path = ''
as $$
  select coalesce(
    min(c.account_id) filter (where c.account_id = fetches_for.account_id), min(c.account_id)
  )
  from private.ad_connections as c
  where c.channel = fetches_for.platform and c.is_enabled
$$;
comment on function private.fetches_for(text, text) is
  'By which connected account an announced lead is asked for: its own, or the first, where its announcement did not say one.';

create function private.find_announced_leads(job private.sync_jobs)
returns text[]
language plpgsql
stable
set search_path = ''
as $$
begin
  return array(
    select f.object_id
    from private.work_to_fetch as f
    where f.channel = job.platform and f.object_type = 'lead' and (f.fetched_at is null or f.fetched_at < f.announced_at)
      -- Platforms keep answers for so long.
      and f.announced_at > now() - interval '90 days'
      and private.fetches_for(job.platform, f.account_id) = job.account_id
    order by f.announced_at desc, f.object_id
    limit 1000
  );
end
$$;
comment on function private.find_announced_leads(private.sync_jobs) is 'The ids of leads that were announced, the newest first.';

create function private.plan_lead_details()
returns void
language plpgsql
volatile
set search_path = ''
as $$
begin
  insert into private.sync_jobs as j (platform, account_id, kind, slot)
  select
    w.channel, w.account_id, 'details',
    -- What was not to be had is asked for again with the next announcement, and once an hour.
    max(w.announced_at) || ' ' || to_char(now() at time zone 'Europe/Amsterdam', 'YYYY-MM-DD HH24')
  from (
    select f.channel, f.announced_at, private.fetches_for(f.channel, f.account_id) as account_id
    from private.work_to_fetch as f
    where f.object_type = 'lead' and f.channel in ('meta_ads', 'linkedin_ads') and (f.fetched_at is null or f.fetched_at < f.announced_at)
      and f.announced_at > now() - interval '90 days'
      and exists (select from private.ad_connections as c where c.channel = f.channel and c.is_enabled)
    order by f.announced_at desc
    limit 1000
  ) as w
  where w.account_id is not null and not exists (
    select
    from private.sync_jobs as o
    where o.platform = w.channel and o.account_id = w.account_id and o.kind = 'details' and o.status in ('waiting', 'fetched')
  )
  group by w.channel, w.account_id
  on conflict on constraint sync_jobs_once do nothing;
end
$$;
comment on function private.plan_lead_details() is 'Puts down which accounts are to be asked for leads that were announced.';

create function private.settle_announcements(job private.sync_jobs)
returns void
language plpgsql
volatile
set search_path = ''
as $$
begin
  with settled as (
    update private.work_to_fetch as f
    set fetched_at = job.as_of
    from private.platform_campaigns as k
    where f.channel = job.platform and f.object_type = 'campaign'
      and (f.fetched_at is null or f.fetched_at < f.announced_at)
      and k.channel = f.channel and k.account_id = job.account_id and k.external_campaign_id = f.object_id
    returning f.object_id
  )

  update private.campaign_inbox as i
  set status = 'applied', reason = null
  from settled as s
  where i.channel = job.platform and i.external_campaign_id = s.object_id and i.kind = 'announcement' and i.status = 'parked'
    and i.reason = 'to_fetch' and i.received_at <= job.as_of;
end
$$;
comment on function private.settle_announcements(private.sync_jobs) is
  'What was announced of campaigns before an account was asked for all of them is known.';

revoke all on all functions in schema private from public;
