-- What operators have of the inbox: what is in it, what waits for what, which source has fallen silent; and replay.

set local lock_timeout = '3s';
set local statement_timeout = '60s';

-- Handshakes ------------------------------------------------------------------------------------------------------

create table private.webhook_handshakes (
  source text primary key,
  last_at timestamptz not null default now(),
  handshakes bigint not null default 1,
  constraint webhook_handshakes_source_known check (source in ('meta_ads', 'linkedin_ads'))
);
comment on table private.webhook_handshakes is
  'When a platform last made sure of its webhook. LinkedIn does every two hours; after three failures it delivers '
  'nothing until a person validates the webhook again.';
alter table private.webhook_handshakes enable row level security;
revoke all on table private.webhook_handshakes from public, anon, authenticated, service_role;

create function public.note_webhook_handshake(source text)
returns void
language plpgsql
volatile
-- Definer: as ingest_campaign_events().
security definer
set search_path = ''
as $$
begin
  insert into private.webhook_handshakes as h (source)
  values (note_webhook_handshake.source)
  on conflict on constraint webhook_handshakes_pkey do update
  set last_at = now(), handshakes = h.handshakes + 1
  -- Anybody may ask for a handshake, as often as they like.
  where h.last_at < now() - interval '1 minute';
end
$$;
comment on function public.note_webhook_handshake(text) is
  'As campaign_ingester: notes that a handshake was answered, once a minute at most.';

-- Replay ----------------------------------------------------------------------------------------------------------

create function public.replay_campaign_events(selection jsonb, after_id bigint default 0)
returns jsonb
language plpgsql
volatile
-- Definer: job_runner reads no table.
security definer
set search_path = ''
as $$
declare
  inbox_ids bigint[];
begin
  -- A condition that is misspelt must not select everything.
  if jsonb_typeof(selection) is distinct from 'object' or selection - array[
    'source', 'channel', 'kind', 'status', 'reason', 'external_campaign_id', 'received_from', 'received_before'
  ] <> '{}' then
    raise sqlstate 'PT400' using
      message = 'selection_refused',
      detail = 'Events are selected by source, channel, kind, status, reason, external_campaign_id, received_from and '
        'received_before.',
      hint = 'Send an object with some of these, such as {"reason": "unknown_status"}, or {} for all events.';
  end if;
  inbox_ids := array(
    select i.id
    from private.campaign_inbox as i
    where i.id > after_id
      and i.source = coalesce(selection ->> 'source', i.source)
      and (selection ->> 'channel' is null or i.channel = selection ->> 'channel')
      and i.kind = coalesce(selection ->> 'kind', i.kind)
      and i.status = coalesce(selection ->> 'status', i.status)
      and (selection ->> 'reason' is null or i.reason = selection ->> 'reason')
      and (selection ->> 'external_campaign_id' is null or i.external_campaign_id = selection ->> 'external_campaign_id')
      and i.received_at >= coalesce((selection ->> 'received_from')::timestamptz, '-infinity')
      and i.received_at < coalesce((selection ->> 'received_before')::timestamptz, 'infinity')
    order by i.id
    limit 1000
  );
  perform private.hold_for_events(
    array_agg(i.channel), array_agg(i.external_campaign_id), coalesce(bool_or(i.kind = 'withdrawal'), false)
  )
  from private.campaign_inbox as i
  where i.id = any (inbox_ids);
  perform from private.campaign_inbox as i where i.id = any (inbox_ids) order by i.id for no key update;
  perform private.apply_campaign_events(inbox_ids);
  return (
    select jsonb_build_object(
      'replayed', count(*),
      'applied', count(*) filter (where i.status = 'applied'),
      'superseded', count(*) filter (where i.status = 'superseded'),
      'parked', count(*) filter (where i.status = 'parked'),
      'last_id', max(i.id)
    )
    from private.campaign_inbox as i
    where i.id = any (inbox_ids)
  );
exception
  when deadlock_detected or serialization_failure then
    perform private.raise_retry();
    return null;
end
$$;
comment on function public.replay_campaign_events(jsonb, bigint) is
  'As job_runner: applies events of the inbox once more, those that all of the selection fits, 1,000 a call at most, in the '
  'order of their ids. Call it again with after_id = last_id until last_id is null. Nothing counts twice. 400 '
  'selection_refused.';

-- What is in it ---------------------------------------------------------------------------------------------------

create view private.inbox_overview with (security_invoker = true) as
select
  i.source, i.channel, i.kind, i.status, i.reason, count(*) as events, count(*) filter (where i.is_conflict) as conflicts,
  min(i.received_at) as oldest, max(i.received_at) as newest
from private.campaign_inbox as i
group by i.source, i.channel, i.kind, i.status, i.reason;
comment on view private.inbox_overview is 'Events by what became of them.';

create view private.dead_letters with (security_invoker = true) as
select
  i.id, i.received_at, i.source, i.channel, i.kind, i.reason, i.event_key, i.external_campaign_id, i.external_lead_id,
  i.facts, i.payload, p.inbox_id is not null as has_person
from private.campaign_inbox as i
left join private.inbox_persons as p on p.inbox_id = i.id
where i.status = 'parked' and i.reason not in ('unknown_campaign', 'no_rate', 'to_fetch');
comment on view private.dead_letters is
  'Events that nothing but a person brings further: correct facts, channel, external_lead_id or external_campaign_id, add a '
  'word to platform_statuses, or raise a budget, and replay them.';

create view private.fetch_queue with (security_invoker = true) as
select f.channel, f.object_type, f.object_id, f.account_id, f.announced_at, now() - f.announced_at as waiting
from private.work_to_fetch as f
where f.fetched_at is null or f.fetched_at < f.announced_at;
comment on view private.fetch_queue is 'What platforms announced and nobody has asked for yet.';

create view private.webhook_sources with (security_invoker = true) as
with heard as (
  select
    i.source, max(i.received_at) as last_received_at,
    count(*) filter (where i.received_at > now() - interval '9 days') as events_last_week
  from private.campaign_inbox as i
  where i.received_at > now() - interval '60 days'
  group by i.source
)

select
  s.source, i.last_received_at, now() - i.last_received_at as silent_for, coalesce(i.events_last_week, 0) as events_last_week,
  -- Who speaks once a day is missed after two; who speaks every hour, after some hours.
  coalesce(
    i.events_last_week > 0 and now() - i.last_received_at > greatest(
      interval '3 hours', least(interval '2 days', interval '7 days' / greatest(i.events_last_week, 1) * 5)
    ),
    false
  ) as is_silent,
  h.last_at as last_handshake_at,
  coalesce(s.source = 'linkedin_ads' and h.last_at < now() - interval '5 hours', false) as is_handshake_late
from unnest(array['google_ads', 'meta_ads', 'linkedin_ads', 'tiktok_ads', 'standard']) as s (source)
left join heard as i on i.source = s.source
left join private.webhook_handshakes as h on h.source = s.source;
comment on view private.webhook_sources is
  'Each webhook''s last sign of life. is_silent: it spoke within nine days, and not for five times as long as it usually '
  'takes, or for two days. is_handshake_late: LinkedIn makes sure of its webhook every two hours.';

revoke all on table private.inbox_overview, private.dead_letters, private.fetch_queue, private.webhook_sources
from public, anon, authenticated, service_role;

revoke all on function
  public.note_webhook_handshake(text),
  public.replay_campaign_events(jsonb, bigint)
from public, anon, authenticated, service_role;
grant execute on function public.note_webhook_handshake(text) to campaign_ingester;
grant execute on function
  public.replay_campaign_events(jsonb, bigint)
to job_runner;
