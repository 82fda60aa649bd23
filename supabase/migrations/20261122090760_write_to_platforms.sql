-- Pausing here pauses there: what changes on a linked campaign is put down in the transaction that changes it, and done on the platform
-- by whoever is at work in the account.
--
-- Only absolute values are written, and a campaign is read before and after. What is about to be sent is marked before it is, so that
-- whoever finds it marked reads the platform first. Nothing is sent in an account for which that is not switched on.

set local lock_timeout = '3s';
set local statement_timeout = '60s';

create table private.write_switch (
  is_the_row boolean primary key default true,
  is_stopped boolean not null default false,
  constraint write_switch_is_one_row check (is_the_row)
);
comment on table private.write_switch is
  'Stops everything that is written on any platform: update private.write_switch set is_stopped = true. What was being sent at that '
  'moment is the last. One row.';
alter table private.write_switch enable row level security;
revoke all on table private.write_switch from public, anon, authenticated, service_role;
insert into private.write_switch default values;

create table public.partner_campaign_writes (
  id bigint generated always as identity primary key,
  campaign_id uuid not null references public.partner_marketing_campaigns (id) on delete cascade,
  partner_id uuid references public.profiles (id) on delete set null,
  account_id text,
  field text not null,
  value text not null,
  status text not null,
  reason text,
  to_do text not null,
  requested_by text not null,
  found text,
  request jsonb,
  attempts integer not null default 0,
  queued_at timestamptz not null default clock_timestamp(),
  sent_at timestamptz,
  finished_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint partner_campaign_writes_value_of_field check (
    case field
      when 'status' then value in ('active', 'paused')
      when 'daily_budget' then value ~ '^[0-9]{1,10}\.[0-9]{2}$'
      else false
    end
  ),
  constraint partner_campaign_writes_status_known
    check (status in ('waiting', 'sent', 'done', 'refused', 'by_hand', 'needs_approval', 'dropped')),
  constraint partner_campaign_writes_finished check ((status in ('done', 'refused', 'dropped')) = (finished_at is not null))
);
comment on table public.partner_campaign_writes is
  'What is to be changed on the platforms because a campaign was changed here, and what became of it.';
comment on column public.partner_campaign_writes.account_id is 'The connected ad account. Null: the campaign is in none.';
comment on column public.partner_campaign_writes.field is 'status or daily_budget.';
comment on column public.partner_campaign_writes.value is 'active or paused; EUR a day with two decimals.';
comment on column public.partner_campaign_writes.status is
  'waiting; sent, until the platform shows it; done; refused: see reason; by_hand: a person does what to_do says, and it is done once '
  'the platform shows it; needs_approval: an admin decides, with decide_campaign_write(); dropped.';
comment on column public.partner_campaign_writes.reason is
  'Why it is refused or by hand, in a word of docs/platforms.md or of the platform''s.';
comment on column public.partner_campaign_writes.to_do is 'What a person would do on the platform.';
comment on column public.partner_campaign_writes.requested_by is 'partner, admin, dashboard or service_role.';
comment on column public.partner_campaign_writes.found is 'What the platform had when it was last read.';
comment on column public.partner_campaign_writes.request is
  'What was sent, or would have been where the account is on dry_run: {"method", "url", "body"}.';
-- One wish at a time: a newer one takes the place of one that nobody has sent.
create unique index partner_campaign_writes_open_key on public.partner_campaign_writes (campaign_id, field)
where status in ('waiting', 'by_hand', 'needs_approval');
create index partner_campaign_writes_due_idx on public.partner_campaign_writes (queued_at) where status in ('waiting', 'sent');
create index partner_campaign_writes_campaign_id_idx on public.partner_campaign_writes (campaign_id, id desc);
create index partner_campaign_writes_partner_id_idx on public.partner_campaign_writes (partner_id, id desc);
create index partner_campaign_writes_finished_at_idx on public.partner_campaign_writes (finished_at);

create trigger partner_campaign_writes_set_updated_at
  before update on public.partner_campaign_writes
  for each row execute function extensions.moddatetime(updated_at);

alter table public.partner_campaign_writes enable row level security;
create policy partner_campaign_writes_select_own on public.partner_campaign_writes
  for select to authenticated
  using (partner_id between (select private.scope_start()) and (select private.scope_end()));
revoke all on table public.partner_campaign_writes from public, anon, authenticated, service_role;
revoke all on sequence public.partner_campaign_writes_id_seq from public, anon, authenticated, service_role;
grant select on table public.partner_campaign_writes to authenticated, service_role;

create function private.watch_campaign_write()
returns trigger
language plpgsql
-- Definer: the dashboard changes a status too.
security definer
set search_path = ''
as $$
declare
  alert constant text := 'campaign_write_needs_a_person';
  whose constant text := new.campaign_id || ' ' || new.field;
  newest public.partner_campaign_writes;
  what text;
begin
  select w.* into newest
  from public.partner_campaign_writes as w
  where w.campaign_id = new.campaign_id and w.field = new.field
  order by w.id desc
  limit 1;
  if newest.status in ('by_hand', 'needs_approval', 'refused') then
    what := format('%s (%s)', newest.to_do, coalesce(newest.reason, newest.status));
  end if;
  perform private.set_alert(alert, whose, what);
  -- One alert, however often somebody changes what is wished.
  update private.alerts as a
  set detail = what
  where a.kind = alert and a.subject = whose and a.resolved_at is null;
  return null;
end
$$;
comment on function private.watch_campaign_write() is
  'Trigger: an alert is open while the platform does not do what was asked for here, and nothing will change that by itself.';
create trigger partner_campaign_writes_watch
  after insert or update of status, value on public.partner_campaign_writes
  for each row execute function private.watch_campaign_write();

-- Wishing ---------------------------------------------------------------------------------------------------------

create function private.find_write_account(campaign public.partner_marketing_campaigns)
returns private.ad_connections
language sql
stable
set search_path = ''
as $$
  select c.*
  from private.ad_connections as c
  join (
    select min(k.account_id) as account_id
    from private.platform_campaigns as k
    where k.channel = campaign.channel and k.external_campaign_id = campaign.external_campaign_id
    having count(*) = 1
  ) as a on a.account_id = c.account_id
  where c.channel = campaign.channel and c.is_enabled
$$;
comment on function private.find_write_account(public.partner_marketing_campaigns) is
  'The connected account that a campaign is in, if the platform said so of one and only one.';

create function private.queue_campaign_write(campaign public.partner_marketing_campaigns, wanted_field text, wanted_value text)
returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  actor constant text := private.actor();
  account constant private.ad_connections := private.find_write_account(campaign);
  wanted public.partner_campaign_writes;
begin
  wanted.to_do := format(
    '%s campaign %s on %s%s.',
    case
      when wanted_field = 'daily_budget' then format('Set the daily budget to EUR %s of', wanted_value)
      when wanted_value = 'active' then 'Start'
      else 'Pause'
    end,
    campaign.external_campaign_id, campaign.channel, ' in account ' || account.account_id
  );
  -- Whoever pays may always stop. What is spent is spent from the marketplace's account.
  if wanted_field = 'daily_budget' and actor = 'partner' then
    wanted.status := 'needs_approval';
  elsif account.account_id is null then
    wanted.status := 'by_hand';
    wanted.reason := 'not_connected';
  elsif account.write_mode = 'off' then
    wanted.status := 'by_hand';
    wanted.reason := 'writing_is_off';
  else
    wanted.status := 'waiting';
  end if;
  -- Under an id of its own: whoever approves has seen what is sent.
  delete from public.partner_campaign_writes as w
  where w.campaign_id = campaign.id and w.field = wanted_field and w.status in ('waiting', 'by_hand', 'needs_approval');
  insert into public.partner_campaign_writes (campaign_id, partner_id, account_id, field, value, status, reason, to_do, requested_by)
  values (
    campaign.id, campaign.partner_id, account.account_id, wanted_field, wanted_value, wanted.status, wanted.reason, wanted.to_do, actor
  );
end
$$;
comment on function private.queue_campaign_write(public.partner_marketing_campaigns, text, text) is
  'Puts down what is to be changed on the platform, in place of what nobody has sent yet.';

create function private.follow_campaign_change()
returns trigger
language plpgsql
-- Definer: nobody is granted a row of partner_campaign_writes.
security definer
set search_path = ''
as $$
begin
  -- What the platform said is so there already. Only a leaving partner's campaigns are to be stopped.
  if private.is_ledger_write() and new.partner_id is not null then
    -- In an account that nobody reads, a webhook says what a person has done, or that somebody wanted otherwise.
    update public.partner_campaign_writes as w
    set status = case w.value when new.platform_status then 'done' else 'dropped' end, finished_at = now()
    where w.campaign_id = new.id and w.field = 'status' and w.status = 'by_hand' and w.account_id is null
      and (w.value = new.platform_status or w.value <> new.status);
    return null;
  end if;
  -- What ended there needs no word from here.
  if new.status <> old.status and new.platform_status is distinct from 'archived' then
    perform private.queue_campaign_write(new, 'status', case new.status when 'active' then 'active' else 'paused' end);
  end if;
  if new.daily_budget <> coalesce(old.daily_budget, -1) and new.daily_budget > 0 and new.status in ('planned', 'active', 'paused') then
    perform private.queue_campaign_write(new, 'daily_budget', to_char(new.daily_budget, 'FM9999999990.00'));
  end if;
  return null;
end
$$;
comment on function private.follow_campaign_change() is 'Trigger: what changes here is to change on the platform.';
create trigger partner_marketing_campaigns_follow_change
  after update of status, daily_budget, platform_status on public.partner_marketing_campaigns
  for each row
  when (new.external_campaign_id is not null)
  execute function private.follow_campaign_change();

create function private.is_status_wished(campaign_id uuid)
returns boolean
language plpgsql
stable
set search_path = ''
as $$
begin
  return coalesce(
    (
      select w.status not in ('done', 'dropped') and w.account_id is not null
      from public.partner_campaign_writes as w
      where w.campaign_id = is_status_wished.campaign_id and w.field = 'status'
      order by w.id desc
      limit 1
    ),
    false
  );
end
$$;
comment on function private.is_status_wished(uuid) is
  'Whether the platform has not yet done what is wished of a campaign''s status, in an account that is read.';

-- Doing -----------------------------------------------------------------------------------------------------------

create function private.plan_campaign_writes()
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
  select c.channel, w.account_id, 'writes', max(w.queued_at)::text
  from public.partner_campaign_writes as w
  join public.partner_marketing_campaigns as c on c.id = w.campaign_id
  where w.status in ('waiting', 'sent')
    and not exists (
      select
      from private.sync_jobs as o
      where o.platform = c.channel and o.account_id = w.account_id and o.kind = 'writes' and o.status = 'waiting'
    )
  group by c.channel, w.account_id
  on conflict on constraint sync_jobs_once do update
  set status = 'waiting', finished_at = null, attempts = 0, due_at = now()
  -- It came to its end without having done all: the switch was on.
  where j.status = 'done';
end
$$;
comment on function private.plan_campaign_writes() is 'Puts down in which accounts something is to be written.';

create function private.is_written(wanted public.partner_campaign_writes, told jsonb)
returns boolean
language sql
immutable
set search_path = ''
as $$
  select coalesce(
    case wanted.field
      when 'daily_budget' then (told ->> 3)::numeric = wanted.value::numeric
      -- What ended does not run either.
      when 'status' then told ->> 5 = any (case wanted.value when 'active' then array['on'] else array['off', 'ended'] end)
    end,
    false
  )
$$;
comment on function private.is_written(public.partner_campaign_writes, jsonb) is
  'Whether a platform shows what was wished, by a campaign as store_sync_page() takes it.';

create function private.is_outdated(wanted public.partner_campaign_writes)
returns boolean
language sql
stable
set search_path = ''
as $$
  select exists (
    select
    from public.partner_campaign_writes as n
    where n.campaign_id = wanted.campaign_id and n.field = wanted.field and n.id > wanted.id
  )
$$;
comment on function private.is_outdated(public.partner_campaign_writes) is 'Whether something newer is wished of the same campaign.';

create function private.settle_written(job private.sync_jobs, campaigns jsonb)
returns void
language plpgsql
volatile
set search_path = ''
as $$
begin
  update public.partner_campaign_writes as w
  set status = 'done', reason = null, finished_at = now()
  from jsonb_array_elements(campaigns) as r (line), public.partner_marketing_campaigns as c
  where w.status in ('by_hand', 'needs_approval', 'refused') and not private.is_outdated(w) and c.id = w.campaign_id
    and c.channel = job.platform and c.external_campaign_id = r.line ->> 0
    and private.is_written(w, r.line);
end
$$;
comment on function private.settle_written(private.sync_jobs, jsonb) is 'What a person did on the platform is done.';

create function public.take_campaign_write(job_id bigint, lease uuid)
returns jsonb
language plpgsql
volatile
-- Definer: job_runner reads no table.
security definer
set search_path = ''
as $$
declare
  job constant private.sync_jobs := private.hold_sync_job(job_id, lease);
  wanted jsonb;
begin
  if not private.may_ask(job) then
    return null;
  end if;
  if not (select s.is_stopped from private.write_switch as s) then
    select jsonb_build_object('id', w.id, 'external_campaign_id', c.external_campaign_id, 'field', w.field, 'value', w.value)
    into wanted
    from public.partner_campaign_writes as w
    join public.partner_marketing_campaigns as c on c.id = w.campaign_id
    where w.status in ('waiting', 'sent') and w.account_id = job.account_id and c.channel = job.platform
    -- What may have arrived comes before what has not been sent, and a stop before a start.
    order by (w.status = 'sent') desc, (w.field = 'status' and w.value = 'paused') desc, w.queued_at asc, w.id asc
    limit 1;
  end if;
  if wanted is null then
    perform private.finish_sync_job(job);
  end if;
  return wanted;
end
$$;
comment on function public.take_campaign_write(bigint, uuid) is
  'As job_runner: what is to be written next in the account of a job of kind writes, {"id", "external_campaign_id", "field", "value"}. '
  'Null when there is nothing or private.write_switch is on, and the job is at its end; and when the platform wants to be left '
  'alone. 409 lease_lost.';

create function private.refuse_to_write(
  wanted public.partner_campaign_writes, account private.ad_connections, campaign_now jsonb
)
returns text
language sql
stable
set search_path = ''
as $$
  select case
    when wanted.status = 'sent' and wanted.attempts >= 3 then 'not_taken'
    when campaign_now ->> 5 = 'ended' then 'final_state'
    when campaign_now ->> 5 is null then 'automated_campaign'
    when wanted.field = 'status' then null
    when campaign_now ->> 4 is not null then (campaign_now ->> 4) || '_budget'
    when account.currency is distinct from 'EUR' then 'currency_not_eur'
    when (campaign_now ->> 3) is null then 'no_daily_budget'
    when abs(wanted.value::numeric - (campaign_now ->> 3)::numeric) > (campaign_now ->> 3)::numeric * account.max_budget_change
      then 'change_too_large'
  end
$$;
comment on function private.refuse_to_write(public.partner_campaign_writes, private.ad_connections, jsonb) is
  'Why what is wished is not to be sent, in a word of docs/platforms.md; null if it may be.';

create function public.judge_campaign_write(
  job_id bigint, lease uuid, write_id bigint, campaign jsonb, request jsonb, may_send boolean
)
returns text
language plpgsql
volatile
-- Definer: job_runner writes no table.
security definer
set search_path = ''
as $$
declare
  job private.sync_jobs := private.hold_sync_job(job_id, lease);
  wanted public.partner_campaign_writes;
  account private.ad_connections;
  verdict text;
begin
  -- The platform has just said it: what a webhook said before is older.
  job.as_of := clock_timestamp();
  perform private.store_campaigns(job, jsonb_build_array(campaign));
  select c.* into account from private.ad_connections as c where c.channel = job.platform and c.account_id = job.account_id;
  select w.* into wanted
  from public.partner_campaign_writes as w
  join public.partner_marketing_campaigns as c on c.id = w.campaign_id
  where w.id = judge_campaign_write.write_id and w.account_id = job.account_id and c.channel = job.platform
    and c.external_campaign_id = campaign ->> 0
  for update of w;
  if wanted.status in ('waiting', 'sent') is not true then
    return 'settled';
  end if;
  wanted.found := case wanted.field when 'status' then campaign ->> 2 else campaign ->> 3 end;
  wanted.request := coalesce(judge_campaign_write.request, wanted.request);
  wanted.reason := private.refuse_to_write(wanted, account, campaign);
  if private.is_written(wanted, campaign) then
    verdict := 'done';
    wanted.reason := null;
  elsif wanted.status = 'sent' and private.is_outdated(wanted) then
    -- It did not arrive, and something else is wished by now.
    verdict := 'dropped';
  elsif wanted.reason is not null then
    verdict := 'refused';
  elsif not may_send then
    verdict := 'wait';
  elsif account.write_mode <> 'on' then
    verdict := 'by_hand';
    wanted.reason := case account.write_mode when 'dry_run' then 'dry_run' else 'writing_is_off' end;
  else
    -- Whoever turns the switch waits for this, and is the last whom anything is sent before.
    perform from private.write_switch as s where not s.is_stopped for share;
    verdict := case when found then 'send' else 'wait' end;
  end if;
  update public.partner_campaign_writes as w
  set found = wanted.found, request = wanted.request, reason = wanted.reason,
    status = case verdict when 'send' then 'sent' when 'wait' then w.status else verdict end,
    attempts = w.attempts + (verdict = 'send')::integer,
    sent_at = case verdict when 'send' then clock_timestamp() else w.sent_at end,
    finished_at = case when verdict in ('done', 'refused', 'dropped') then clock_timestamp() end
  where w.id = wanted.id;
  if verdict <> 'wait' then
    update private.sync_jobs as j set attempts = 0 where j.id = job.id;
  end if;
  return verdict;
exception
  when deadlock_detected or serialization_failure or lock_not_available then
    perform private.raise_retry();
    return null;
end
$$;
comment on function public.judge_campaign_write(bigint, uuid, bigint, jsonb, jsonb, boolean) is
  'As job_runner: what to do about a write now that its campaign has been read, [campaign, name, status, daily budget, note, switch]. '
  'send: the request may go out, now, and is marked as sent; wait: it is not there yet, or not to be sent now; done, refused, by_hand, '
  'dropped and settled: nothing more. With may_send false nothing is to be sent, as after it was. 409 lease_lost; 503 retry.';

create function public.refuse_campaign_write(
  job_id bigint, lease uuid, write_id bigint, reason text, is_by_hand boolean
)
returns void
language plpgsql
volatile
-- Definer: job_runner writes no table.
security definer
set search_path = ''
as $$
declare
  job constant private.sync_jobs := private.hold_sync_job(job_id, lease);
  wanted public.partner_campaign_writes;
  verdict text;
begin
  select w.* into wanted
  from public.partner_campaign_writes as w
  join public.partner_marketing_campaigns as c on c.id = w.campaign_id
  where w.id = refuse_campaign_write.write_id and w.account_id = job.account_id and c.channel = job.platform
  for update of w;
  if wanted.status in ('waiting', 'sent') is not true then
    return;
  end if;
  verdict := case when private.is_outdated(wanted) then 'dropped' when is_by_hand then 'by_hand' else 'refused' end;
  update public.partner_campaign_writes as w
  set status = verdict, reason = left(refuse_campaign_write.reason, 200), finished_at = case when verdict <> 'by_hand' then now() end
  where w.id = wanted.id;
end
$$;
comment on function public.refuse_campaign_write(bigint, uuid, bigint, text, boolean) is
  'As job_runner: notes that the platform refused a write for good, in its own word: because we have no right to, where a '
  'person is to do it by hand. 409 lease_lost.';

create function private.give_up_writes(job private.sync_jobs, error text)
returns void
language plpgsql
volatile
set search_path = ''
as $$
begin
  update public.partner_campaign_writes as w
  set status = case when private.is_outdated(w) then 'dropped' else 'by_hand' end,
    reason = case w.status when 'sent' then 'unknown_outcome' else give_up_writes.error end,
    finished_at = case when private.is_outdated(w) then now() end
  from public.partner_marketing_campaigns as c
  where w.status in ('waiting', 'sent') and w.account_id = job.account_id and c.id = w.campaign_id and c.channel = job.platform;
end
$$;
comment on function private.give_up_writes(private.sync_jobs, text) is
  'A platform could not be reached in many tries: a person does by hand what was wished.';

-- Deciding --------------------------------------------------------------------------------------------------------

create function private.decide_campaign_write(write_id bigint, decision text)
returns jsonb
language plpgsql
volatile
-- Definer: nobody is granted a change of partner_campaign_writes.
security definer
set search_path = ''
as $$
declare
  wanted public.partner_campaign_writes;
  campaign public.partner_marketing_campaigns;
  account private.ad_connections;
  is_open boolean;
begin
  perform private.require_admin();
  if decision in ('send', 'drop') is not true then
    raise sqlstate 'PT400' using
      message = 'decision_refused',
      detail = 'A decision is send or drop.',
      hint = 'Call it with decision send to have it done on the platform, or drop to leave the platform as it is.';
  end if;
  select w.* into wanted from public.partner_campaign_writes as w where w.id = decide_campaign_write.write_id for update;
  if wanted.id is null then
    raise sqlstate 'PT404' using
      message = 'write_not_found',
      detail = 'There is no such change.',
      hint = 'List them with GET /rest/v1/partner_campaign_writes.';
  end if;
  is_open := wanted.status in ('needs_approval', 'by_hand', 'refused') or (wanted.status = 'waiting' and decision = 'drop');
  if not is_open or private.is_outdated(wanted) then
    raise sqlstate 'PT409' using
      message = 'write_already_settled',
      detail = format('The change is %s%s.', wanted.status, case when is_open then ', and something newer is wished' end),
      hint = 'Change the campaign to wish for something else.';
  end if;
  if decision = 'send' then
    select c.* into campaign from public.partner_marketing_campaigns as c where c.id = wanted.campaign_id;
    account := private.find_write_account(campaign);
    wanted.status := case when account.account_id is null or account.write_mode = 'off' then 'by_hand' else 'waiting' end;
    wanted.reason := case
      when account.account_id is null then 'not_connected'
      when account.write_mode = 'off' then 'writing_is_off'
    end;
  else
    wanted.status := 'dropped';
  end if;
  update public.partner_campaign_writes as w
  set status = wanted.status, reason = wanted.reason, account_id = coalesce(account.account_id, w.account_id), attempts = 0,
    queued_at = clock_timestamp(),
    finished_at = case wanted.status when 'dropped' then now() end
  where w.id = wanted.id;
  return jsonb_build_object('id', wanted.id, 'status', wanted.status, 'reason', wanted.reason);
end
$$;

create function public.decide_campaign_write(write_id bigint, decision text)
returns jsonb
language sql volatile set search_path = ''
as $$ select private.decide_campaign_write(write_id, decision) $$;
comment on function public.decide_campaign_write(bigint, text) is
  'As an admin: has a change sent that needs approval, was refused or was left to be done by hand (send), or leaves the platform as it is '
  '(drop). Answers {"id", "status", "reason"}. 400 decision_refused; 403 not_allowed; 404 write_not_found; 409 write_already_settled.';

revoke all on all functions in schema private from public;
revoke all on function
  public.take_campaign_write(bigint, uuid), public.judge_campaign_write(bigint, uuid, bigint, jsonb, jsonb, boolean),
  public.refuse_campaign_write(bigint, uuid, bigint, text, boolean), public.decide_campaign_write(bigint, text)
from public, anon, authenticated, service_role;
grant execute on function
  public.take_campaign_write(bigint, uuid), public.judge_campaign_write(bigint, uuid, bigint, jsonb, jsonb, boolean),
  public.refuse_campaign_write(bigint, uuid, bigint, text, boolean)
to job_runner;
grant execute on function public.decide_campaign_write(bigint, text), private.decide_campaign_write(bigint, text)
to authenticated, service_role;
