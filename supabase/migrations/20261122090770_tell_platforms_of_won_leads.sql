-- A lead that was won is told to the platform that brought it, once: by its click, or by what stands for the person, made anew for each
-- platform when it is sent. Nobody is told of whoever did not agree to it.

set local lock_timeout = '3s';
set local statement_timeout = '60s';

create table private.conversion_targets (
  channel text not null,
  account_id text not null,
  target_id text not null,
  event_name text not null default 'Purchase',
  at_status text not null default 'won',
  value_eur numeric(12, 2),
  event_source text not null default 'crm',
  covers_own_forms boolean not null default false,
  created_at timestamptz not null default now(),
  constraint conversion_targets_pkey primary key (channel, account_id),
  constraint conversion_targets_connection_fkey foreign key (channel, account_id)
    references private.ad_connections (channel, account_id) on delete cascade,
  -- They become part of addresses.
  constraint conversion_targets_target_id_shape check (
    case channel when 'microsoft_ads' then target_id ~ '^[^\s].{0,98}[^\s]$' else target_id ~ '^[A-Za-z0-9_-]{1,60}$' end
  ),
  constraint conversion_targets_event_name_shape check (event_name ~ '^[A-Za-z0-9 _-]{1,50}$'),
  constraint conversion_targets_event_source_known check (event_source in ('crm', 'web')),
  constraint conversion_targets_at_status_known check (at_status in ('quoted', 'won')),
  constraint conversion_targets_value_eur_range check (value_eur between 0 and 9999999.99)
);
comment on table private.conversion_targets is
  'Which conversion of an ad account a won lead is. An account without a row is told nothing. An operator writes it.';
comment on column private.conversion_targets.target_id is
  'Google: the conversion action''s number. Meta: the dataset. LinkedIn: the conversion rule''s number. TikTok: the event set, '
  'or the pixel. Microsoft: the goal''s name.';
comment on column private.conversion_targets.event_name is 'Meta''s and TikTok''s name for what happened.';
comment on column private.conversion_targets.at_status is 'won; or quoted, which is a lead that qualified.';
comment on column private.conversion_targets.value_eur is 'What one is worth, EUR. Null: nothing is said of it.';
comment on column private.conversion_targets.event_source is
  'TikTok: crm, for leads of forms on TikTok itself; web, for leads of landing pages. The others know both by one target.';
comment on column private.conversion_targets.covers_own_forms is
  'Whether the text of the forms on the platform itself covers that it is told. Ours say so in a box of their own.';
alter table private.conversion_targets enable row level security;
revoke all on table private.conversion_targets from public, anon, authenticated, service_role;

create table public.partner_lead_conversions (
  id bigint generated always as identity primary key,
  lead_id uuid not null references public.partner_leads (id) on delete cascade,
  -- No foreign key, as in the figures: whoever leaves has the profile locked.
  partner_id uuid,
  channel public.marketing_channel not null,
  account_id text not null,
  status text not null default 'waiting',
  reason text,
  happened_at timestamptz not null default now(),
  attempts integer not null default 0,
  reference text,
  due_at timestamptz,
  sent_at timestamptz,
  finished_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint partner_lead_conversions_once unique (lead_id, channel),
  constraint partner_lead_conversions_status_known check (status in ('waiting', 'sent', 'accepted', 'done', 'refused', 'dropped')),
  constraint partner_lead_conversions_due check ((status in ('waiting', 'sent', 'accepted')) = (due_at is not null)),
  constraint partner_lead_conversions_finished check ((status in ('done', 'refused', 'dropped')) = (finished_at is not null)),
  constraint partner_lead_conversions_reason_length check (length(reason) <= 200 and length(reference) <= 200)
);
comment on table public.partner_lead_conversions is
  'Leads that are told to the platform that brought them, once each, and what it made of that. Nothing in it names a person.';
comment on column public.partner_lead_conversions.partner_id is 'The lead''s partner, repeated for row level security.';
comment on column public.partner_lead_conversions.status is
  'waiting; sent, until there is an answer; accepted: the platform says later whether it counts; done; refused: see reason; dropped: the '
  'lead was not won after all, before anything was sent.';
comment on column public.partner_lead_conversions.reason is 'Why it is refused, in a word of docs/platforms.md or of the platform''s.';
comment on column public.partner_lead_conversions.happened_at is 'When the lead came so far. Sent again, it is the same time.';
comment on column public.partner_lead_conversions.reference is 'By what the platform is asked for the result.';
create index partner_lead_conversions_due_idx on public.partner_lead_conversions (due_at) where due_at is not null;
create index partner_lead_conversions_partner_id_idx on public.partner_lead_conversions (partner_id, id desc);
create trigger partner_lead_conversions_set_updated_at
  before update on public.partner_lead_conversions
  for each row execute function extensions.moddatetime(updated_at);
alter table public.partner_lead_conversions enable row level security;
create policy partner_lead_conversions_select_own on public.partner_lead_conversions
  for select to authenticated
  using (
    partner_id between (select private.scope_start()) and (select private.scope_end())
    or (partner_id is null and (select private.is_admin()))
  );
revoke all on table public.partner_lead_conversions from public, anon, authenticated, service_role;
revoke all on sequence public.partner_lead_conversions_id_seq from public, anon, authenticated, service_role;
grant select on table public.partner_lead_conversions to authenticated, service_role;

-- Whether ---------------------------------------------------------------------------------------------------------

create function private.max_conversion_age(channel text)
returns interval
language sql
immutable
set search_path = ''
as $$
  select case channel
    when 'meta_ads' then interval '7 days'
    when 'tiktok_ads' then interval '28 days'
    else interval '90 days'
  end - interval '1 hour'
$$;
comment on function private.max_conversion_age(text) is
  'How old an event may be when a platform hears of it, less an hour on the way. Meta refuses a whole request for one that is older.';

create function private.find_conversion_target(lead public.partner_leads)
returns private.conversion_targets
language plpgsql
stable
set search_path = ''
as $$
declare
  -- A form of the platform's own, or the ad that the visit came by.
  brought_by constant text := coalesce(lead.channel::text, lead.source::text);
  campaign public.partner_marketing_campaigns;
  account private.ad_connections;
  target private.conversion_targets;
begin
  select c.* into campaign from public.partner_marketing_campaigns as c where c.id = lead.campaign_id and c.channel = brought_by;
  account := private.find_write_account(campaign);
  select t.* into target
  from private.conversion_targets as t
  where t.channel = brought_by
    and case
      when account.account_id is not null then t.account_id = account.account_id
      -- Which of several it was nobody knows.
      else not exists (select from private.conversion_targets as o where o.channel = brought_by and o.account_id <> t.account_id)
    end;
  return target;
end
$$;
comment on function private.find_conversion_target(public.partner_leads) is
  'Who is told of a lead: the account that its campaign is in, or the only one of the channel. Null: nobody.';

create function private.lead_click(channel text, contact public.partner_lead_contacts)
returns jsonb
language sql
immutable
set search_path = ''
as $$
  select jsonb_object_agg(t.name, contact.tags ->> t.name)
  from (
    select n.name
    from unnest(case channel
      when 'google_ads' then array['gclid', 'gbraid', 'wbraid']
      when 'meta_ads' then array['fbclid']
      when 'linkedin_ads' then array['li_fat_id']
      when 'tiktok_ads' then array['ttclid']
      when 'microsoft_ads' then array['msclkid']
    end) with ordinality as n (name, place)
    where contact.tags ? n.name
    order by n.place
    limit 1
  ) as t
$$;
comment on function private.lead_click(text, public.partner_lead_contacts) is 'A person''s click id of that platform, as {name: id}.';

create function private.lead_hashes(channel text, contact public.partner_lead_contacts)
returns jsonb
language plpgsql
immutable
set search_path = ''
as $$
declare
  address text := lower(btrim(contact.email));
  local_part text := split_part(address, '@', 1);
  phone text := contact.phone;
begin
  -- https://support.google.com/google-ads/answer/13262500 and
  -- https://learn.microsoft.com/advertising/guides/uet-conversion-api-integration: the others take it as it is.
  if channel = 'microsoft_ads'
    or (channel = 'google_ads' and split_part(address, '@', 2) in ('gmail.com', 'googlemail.com'))
  then
    local_part := replace(split_part(local_part, '+', 1), '.', '');
    address := local_part || '@' || split_part(address, '@', 2);
  end if;
  if phone !~ '^\+[1-9][0-9]{6,14}$' or channel in ('linkedin_ads', 'microsoft_ads') then
    phone := null;
  elsif channel = 'meta_ads' then
    phone := substr(phone, 2);
  end if;
  return nullif(
    jsonb_strip_nulls(jsonb_build_object(
      'email', encode(sha256(convert_to(address, 'utf8')), 'hex'), 'phone', encode(sha256(convert_to(phone, 'utf8')), 'hex')
    )),
    '{}'
  );
end
$$;
comment on function private.lead_hashes(text, public.partner_lead_contacts) is
  'SHA-256 of a person''s address and number, each as that platform wants them written before: {"email", "phone"}. Made when it is sent, '
  'and kept nowhere, since the rules differ.';

create function private.refuse_conversion(lead public.partner_leads, target private.conversion_targets, happened_at timestamptz)
returns text
language plpgsql
stable
set search_path = ''
as $$
declare
  contact public.partner_lead_contacts;
begin
  select k.* into contact from public.partner_lead_contacts as k where k.lead_id = lead.id;
  return case
    when contact.lead_id is null then 'person_erased'
    when contact.ads_consent_version is null and not (lead.channel is not null and target.covers_own_forms) then 'no_consent'
    when happened_at < now() - private.max_conversion_age(target.channel) then 'too_old'
    when target.channel = 'tiktok_ads' and (target.event_source = 'crm') <> (lead.channel is not null) then 'no_identifier'
    when private.lead_click(target.channel, contact) is null and private.lead_hashes(target.channel, contact) is null
      and not (lead.channel is not null and target.channel in ('meta_ads', 'tiktok_ads'))
      then 'no_identifier'
  end;
end
$$;
comment on function private.refuse_conversion(public.partner_leads, private.conversion_targets, timestamptz) is
  'Why a platform is not to be told of a lead, in a word of docs/platforms.md; null if it may be.';

-- Queueing --------------------------------------------------------------------------------------------------------

create function private.follow_lead_status()
returns trigger
language plpgsql
-- Definer: nobody is granted a row of partner_lead_conversions.
security definer
set search_path = ''
as $$
declare
  -- Whoever tapped the wrong word has so long to say so.
  grace constant interval := '10 minutes';
  target constant private.conversion_targets := private.find_conversion_target(new);
  is_reached constant boolean := target.channel is not null and (new.status = 'won' or new.status = target.at_status);
  refusal text;
begin
  update public.partner_lead_conversions as v
  set status = 'dropped', due_at = null, finished_at = now()
  where v.lead_id = new.id and v.status = 'waiting' and not is_reached;
  if not is_reached or new.is_test or new.outcome <> 'counted' then
    return null;
  end if;
  refusal := private.refuse_conversion(new, target, now());
  insert into public.partner_lead_conversions as v (lead_id, partner_id, channel, account_id, status, reason, due_at, finished_at)
  values (
    new.id, new.partner_id, target.channel, target.account_id, case when refusal is null then 'waiting' else 'refused' end, refusal,
    case when refusal is null then now() + grace end, case when refusal is not null then now() end
  )
  on conflict on constraint partner_lead_conversions_once do update
  set status = 'waiting', reason = null, happened_at = now(), due_at = now() + grace, finished_at = null
  where v.status = 'dropped' and refusal is null;
  return null;
end
$$;
comment on function private.follow_lead_status() is 'Trigger: a lead that came so far is to be told, unless it goes back in time.';
create trigger partner_leads_follow_status
  after update of status on public.partner_leads
  for each row
  when (new.status <> old.status)
  execute function private.follow_lead_status();

create function private.forget_conversions()
returns trigger
language plpgsql
-- Definer: whoever erases a person may write no conversion.
security definer
set search_path = ''
as $$
begin
  delete from public.partner_lead_conversions as v using old_rows as o where v.lead_id = o.lead_id and v.status in ('waiting', 'sent');
  return null;
end
$$;
comment on function private.forget_conversions() is 'Trigger: nobody is told of whoever was erased.';
create trigger partner_lead_contacts_forget_conversions
  after delete on public.partner_lead_contacts
  referencing old table as old_rows
  for each statement execute function private.forget_conversions();

create function private.plan_conversions()
returns void
language plpgsql
volatile
set search_path = ''
as $$
begin
  if (select s.is_stopped from private.write_switch as s) then
    return;
  end if;
  insert into private.sync_jobs as j (platform, account_id, kind, slot)
  select v.channel, v.account_id, 'conversions', max(v.due_at)::text
  from public.partner_lead_conversions as v
  join private.ad_connections as c on c.channel = v.channel and c.account_id = v.account_id
  where v.due_at <= now() and c.write_mode = 'on'
    and not exists (
      select
      from private.sync_jobs as o
      where o.platform = v.channel and o.account_id = v.account_id and o.kind = 'conversions' and o.status = 'waiting'
    )
  group by v.channel, v.account_id
  on conflict on constraint sync_jobs_once do update
  set status = 'waiting', finished_at = null, attempts = 0, due_at = now()
  where j.status = 'done';
end
$$;
comment on function private.plan_conversions() is 'Puts down which accounts are to be told of leads, or asked what became of them.';

-- Telling ---------------------------------------------------------------------------------------------------------

create function public.take_conversion(job_id bigint, lease uuid)
returns jsonb
language plpgsql
volatile
-- Definer: job_runner reads no table.
security definer
set search_path = ''
as $$
declare
  most_attempts constant integer := 10;
  job constant private.sync_jobs := private.hold_sync_job(job_id, lease);
  taken public.partner_lead_conversions;
  lead public.partner_leads;
  target private.conversion_targets;
  contact public.partner_lead_contacts;
  refusal text;
begin
  if not private.may_ask(job) then
    return null;
  end if;
  loop
    -- Whoever turns the switch waits for this, and is the last whom anything is sent before.
    perform from private.write_switch as s where not s.is_stopped for share;
    if not found or not exists (
      select
      from private.ad_connections as c
      where c.channel = job.platform and c.account_id = job.account_id and c.write_mode = 'on'
    ) then
      exit;
    end if;
    select v.* into taken
    from public.partner_lead_conversions as v
    where v.channel = job.platform and v.account_id = job.account_id and v.due_at <= now()
    order by v.due_at asc, v.id asc
    limit 1
    for update;
    exit when taken.id is null;
    select l.* into lead from public.partner_leads as l where l.id = taken.lead_id;
    select t.* into target
    from private.conversion_targets as t
    where t.channel = taken.channel and t.account_id = taken.account_id;
    if taken.status <> 'accepted' then
      refusal := case
        when target.channel is null then 'not_configured'
        when taken.attempts >= most_attempts then 'not_taken'
        else private.refuse_conversion(lead, target, taken.happened_at)
      end;
      if refusal is not null then
        update public.partner_lead_conversions as v
        set status = 'refused', reason = refusal, due_at = null, finished_at = now()
        where v.id = taken.id;
        continue;
      end if;
    end if;
    -- A run that is killed leaves it for the next, under the same id and time, by which the platform knows it.
    update public.partner_lead_conversions as v
    set status = case v.status when 'waiting' then 'sent' else v.status end, attempts = v.attempts + 1,
      sent_at = coalesce(v.sent_at, clock_timestamp()), due_at = now() + interval '5 minutes'
    where v.id = taken.id;
    select k.* into contact from public.partner_lead_contacts as k where k.lead_id = taken.lead_id;
    return jsonb_build_object(
      'id', taken.id, 'lead_id', taken.lead_id, 'happened_at', taken.happened_at, 'reference', taken.reference,
      'is_repeated', taken.attempts > 0, 'target_id', target.target_id, 'event_name', target.event_name, 'value', target.value_eur::text,
      'submitted_at', lead.submitted_at, 'platform_lead_id', case when lead.channel is not null then lead.external_lead_id end,
      'click', case when taken.reference is null then private.lead_click(taken.channel, contact) end,
      -- Of whoever came by a click nobody needs to hear more.
      'hashes', case
        when taken.reference is null and private.lead_click(taken.channel, contact) is null then private.lead_hashes(taken.channel, contact)
      end
    );
  end loop;
  perform private.finish_sync_job(job);
  return null;
end
$$;
comment on function public.take_conversion(bigint, uuid) is
  'As job_runner: of which lead the account of a job of kind conversions is to be told next, or to be asked (with reference): {"id", '
  '"lead_id", "happened_at", "reference", "is_repeated", "target_id", "event_name", "value", "submitted_at", "platform_lead_id", "click", '
  '"hashes"}. It is marked as sent. Null when there is nothing, or nothing may be sent, and the job is at its end; and when the '
  'platform wants to be left alone. 409 lease_lost.';

create function public.note_conversion(job_id bigint, lease uuid, conversion_id bigint, result jsonb)
returns void
language plpgsql
volatile
-- Definer: job_runner writes no table.
security definer
set search_path = ''
as $$
declare
  -- Google knows after half an hour, and sometimes a day.
  patience constant interval := '3 days';
  job constant private.sync_jobs := private.hold_sync_job(job_id, lease);
  told public.partner_lead_conversions;
  outcome text := result ->> 'status';
  why text := left(result ->> 'reason', 200);
begin
  select v.* into told
  from public.partner_lead_conversions as v
  where v.id = conversion_id and v.channel = job.platform and v.account_id = job.account_id and v.status in ('sent', 'accepted')
  for update;
  if told.id is null or outcome in ('accepted', 'done', 'refused') is not true then
    return;
  end if;
  if outcome = 'accepted' and told.sent_at < now() - patience then
    outcome := 'refused';
    why := 'no_result';
  end if;
  update public.partner_lead_conversions as v
  set status = outcome, reason = case outcome when 'refused' then coalesce(why, 'unknown') end,
    reference = coalesce(left(result ->> 'reference', 200), v.reference),
    due_at = case outcome when 'accepted' then now() + least(v.attempts * interval '30 minutes', interval '6 hours') end,
    finished_at = case when outcome <> 'accepted' then now() end
  where v.id = told.id;
  update private.sync_jobs as j set attempts = 0 where j.id = job.id;
  if outcome <> 'accepted' then
    perform private.set_alert(
      'conversion_refused', told.channel || ' ' || told.account_id,
      case outcome when 'refused' then format('It refused to hear of a lead that was won: %s.', coalesce(why, 'unknown')) end
    );
  end if;
end
$$;
comment on function public.note_conversion(bigint, uuid, bigint, jsonb) is
  'As job_runner: notes what a platform made of a lead, {"status": "accepted", "reference"}, to be asked about in half an hour, '
  '{"status": "done"} or {"status": "refused", "reason"}. 409 lease_lost.';

create function private.put_off_conversions(job private.sync_jobs)
returns void
language plpgsql
volatile
set search_path = ''
as $$
begin
  update public.partner_lead_conversions as v
  set due_at = now() + interval '1 hour'
  where v.channel = job.platform and v.account_id = job.account_id and v.due_at <= now();
end
$$;
comment on function private.put_off_conversions(private.sync_jobs) is
  'A platform could not be reached in many tries: tried again in an hour, until it is too late to tell.';

create function private.follow_lead_owner()
returns trigger
language plpgsql
-- Definer: nobody is granted a change of partner_lead_conversions.
security definer
set search_path = ''
as $$
begin
  update public.partner_lead_conversions as v set partner_id = new.partner_id where v.lead_id = new.id;
  return null;
end
$$;
comment on function private.follow_lead_owner() is 'Trigger: whose lead it is sees what was told of it.';
create trigger partner_leads_follow_owner
  after update of partner_id on public.partner_leads
  for each row
  when (new.partner_id is distinct from old.partner_id)
  execute function private.follow_lead_owner();

revoke all on all functions in schema private from public;
revoke all on function public.take_conversion(bigint, uuid), public.note_conversion(bigint, uuid, bigint, jsonb)
from public, anon, authenticated, service_role;
grant execute on function public.take_conversion(bigint, uuid), public.note_conversion(bigint, uuid, bigint, jsonb) to job_runner;
