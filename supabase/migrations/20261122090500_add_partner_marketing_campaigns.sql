-- Campaigns, and the budget that they may commit together.
--
-- Two rules span a partner's rows: what planned and active campaigns commit stays within the budget, and a partner
-- who only buys leads has no active campaign. Both are check constraints on one row a partner, which triggers keep in
-- step. Writers queue on that row, so the rules hold however many connections write at once, and at any isolation
-- level: what a sum over other rows could not promise.

set local lock_timeout = '3s';
set local statement_timeout = '60s';

create table private.partner_commitments (
  partner_id uuid primary key references public.profiles (id) on delete cascade,
  budget numeric(12, 2),
  is_leads_only boolean not null,
  committed numeric(14, 2) not null default 0,
  active_campaigns integer not null default 0,
  constraint partner_commitments_within_budget check (committed <= coalesce(budget, 0)),
  constraint partner_commitments_leads_only_is_idle check (not is_leads_only or active_campaigns = 0),
  constraint partner_commitments_not_negative check (committed >= 0 and active_campaigns >= 0)
) with (fillfactor = 70);
comment on table private.partner_commitments is
  'What a partner''s campaigns commit against the monthly budget. Derived from profiles and campaigns; holds the '
  'two rules that span them.';
comment on column private.partner_commitments.committed is
  'EUR a month: the sum of partner_marketing_campaigns.committed_budget.';
alter table private.partner_commitments enable row level security;
revoke all on table private.partner_commitments from public, anon, authenticated, service_role;

insert into private.partner_commitments (partner_id, budget, is_leads_only)
select p.id, p.monthly_marketing_budget, p.marketing_mode = 'leads_only'
from public.profiles as p;

create table public.partner_marketing_campaigns (
  id uuid primary key default gen_random_uuid(),
  -- Null once the partner has left; the figures stay.
  partner_id uuid default auth.uid() references public.profiles (id) on delete set null,
  segment_id uuid references public.lead_segments (id) on delete set null,
  channel public.marketing_channel not null,
  external_campaign_id text,
  status text not null default 'planned',
  platform_status text,
  platform_status_at timestamptz,
  daily_budget numeric(12, 2),
  monthly_budget numeric(12, 2),
  committed_budget numeric(14, 2) not null generated always as (
    case when status in ('planned', 'active') then coalesce(monthly_budget, round(30.4 * daily_budget, 2), 0) else 0 end
  ) stored,
  cpl_target numeric(12, 2),
  ai_managed boolean not null default false,
  total_spend numeric(18, 2) default 0,
  unpriced_spend jsonb,
  spend_as_of timestamptz,
  total_clicks bigint not null default 0,
  total_impressions bigint not null default 0,
  total_leads bigint not null default 0,
  avg_cpl numeric(18, 2) generated always as (
    case when total_leads > 0 then round(total_spend / total_leads, 2) end
  ) stored,
  ai_last_adjusted_at timestamptz,
  started_at timestamptz,
  ended_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint partner_marketing_campaigns_status_known check (status in ('planned', 'active', 'paused', 'archived')),
  constraint partner_marketing_campaigns_platform_status_known
    check (platform_status in ('active', 'paused', 'archived', 'in_review', 'has_issues')),
  constraint partner_marketing_campaigns_external_campaign_id_format
    check (external_campaign_id ~ '^\S(.*\S)?$' and length(external_campaign_id) <= 200),
  constraint partner_marketing_campaigns_external_campaign_id_key unique (channel, external_campaign_id),
  -- The upper bounds refuse NaN, which PostgreSQL sorts above every number.
  constraint partner_marketing_campaigns_daily_budget_range check (daily_budget between 0 and 9999999.99),
  constraint partner_marketing_campaigns_monthly_budget_range check (monthly_budget between 0 and 9999999999.99),
  constraint partner_marketing_campaigns_cpl_target_range check (cpl_target between 0.01 and 9999999.99),
  constraint partner_marketing_campaigns_owned_or_archived check (partner_id is not null or status = 'archived')
);
comment on table public.partner_marketing_campaigns is
  'A campaign of a partner on one channel. `status` is the marketplace''s intent, `platform_status` what the '
  'platform last said.';
comment on column public.partner_marketing_campaigns.external_campaign_id is
  'The platform''s id of the campaign, as text. Set by an admin; whoever sets it says whose leads these are.';
comment on column public.partner_marketing_campaigns.platform_status is
  'What private.platform_statuses makes of the platform''s word: active, paused, archived, in_review or has_issues.';
comment on column public.partner_marketing_campaigns.platform_status_at is 'When the platform had that status.';
comment on column public.partner_marketing_campaigns.daily_budget is 'EUR a day.';
comment on column public.partner_marketing_campaigns.monthly_budget is 'EUR a month.';
comment on column public.partner_marketing_campaigns.committed_budget is
  'EUR a month while planned or active: monthly_budget, or 30.4 x daily_budget where there is none.';
comment on column public.partner_marketing_campaigns.cpl_target is 'EUR a lead.';
comment on column public.partner_marketing_campaigns.total_spend is
  'EUR, the sum of partner_campaign_metrics.spend_eur. Null while a part of it cannot be said in EUR: unpriced_spend is that part.';
comment on column public.partner_marketing_campaigns.unpriced_spend is
  'What was spent in currencies without a rate, such as {"AED": 120.5}. Null where there is none.';
comment on column public.partner_marketing_campaigns.spend_as_of is
  'When the newest figures were taken on the platform. Platforms restate the days of a month: see partner_campaign_metrics.';
comment on column public.partner_marketing_campaigns.total_leads is 'Leads of partner_leads, tests left out.';
comment on column public.partner_marketing_campaigns.avg_cpl is 'EUR a lead: total_spend / total_leads.';

create index partner_marketing_campaigns_partner_id_idx on public.partner_marketing_campaigns (partner_id, created_at desc);
create index partner_marketing_campaigns_segment_id_idx on public.partner_marketing_campaigns (segment_id);
create index partner_marketing_campaigns_status_idx on public.partner_marketing_campaigns (status);
create index partner_marketing_campaigns_active_idx on public.partner_marketing_campaigns (partner_id) where status = 'active';

-- Keeping the commitments in step ---------------------------------------------------------------------------------

create function private.raise_commitment_refusal(broken_constraint text, partner_id uuid, wanted numeric, allowed numeric)
returns void
language plpgsql
set search_path = ''
as $$
begin
  if broken_constraint = 'partner_commitments_leads_only_is_idle' then
    raise sqlstate 'PT409' using
      message = 'leads_only_partner',
      detail = 'A partner in marketing mode leads_only has no active campaign.',
      hint = 'Change marketing_mode to hybrid or full_marketing, or pause the campaigns first.';
  end if;
  raise sqlstate 'PT409' using
    message = 'budget_exceeded',
    detail = case
      when allowed is null
        then format('Planned and active campaigns would commit EUR %s a month, and no monthly_marketing_budget is set.', wanted)
      else format('Planned and active campaigns would commit EUR %s a month of a monthly_marketing_budget of EUR %s.', wanted, allowed)
    end,
    hint = 'Raise monthly_marketing_budget, or lower, pause or archive a campaign.';
end
$$;
comment on function private.raise_commitment_refusal(text, uuid, numeric, numeric) is
  'Raises leads_only_partner or budget_exceeded (409), with the figures.';

create function private.follow_profile_budget()
returns trigger
language plpgsql
-- Definer: whoever may change a profile may not write the commitments.
security definer
set search_path = ''
as $$
declare
  broken_constraint text;
  kept private.partner_commitments;
begin
  insert into private.partner_commitments as c (partner_id, budget, is_leads_only)
  values (new.id, new.monthly_marketing_budget, new.marketing_mode = 'leads_only')
  on conflict (partner_id) do update set budget = excluded.budget, is_leads_only = excluded.is_leads_only;
  return null;
exception
  when deadlock_detected or serialization_failure then
    perform private.raise_retry();
  when check_violation then
    get stacked diagnostics broken_constraint = constraint_name;
    select c.* into kept from private.partner_commitments as c where c.partner_id = new.id;
    perform private.raise_commitment_refusal(broken_constraint, new.id, kept.committed, new.monthly_marketing_budget);
end
$$;
comment on function private.follow_profile_budget() is
  'Trigger: a budget is not lowered below what is committed, nor a partner with an active campaign made leads_only.';

create trigger profiles_follow_budget
  after insert or update of monthly_marketing_budget, marketing_mode on public.profiles
  for each row execute function private.follow_profile_budget();

create function private.follow_campaign_commitments()
returns trigger
language plpgsql
-- Definer: whoever may change a campaign may not write the commitments.
security definer
set search_path = ''
as $$
declare
  change record;
  broken_constraint text;
  kept private.partner_commitments;
begin
  -- Once a statement, so that moving budget between campaigns in one statement is judged by its outcome. In the order
  -- of partner ids, so that two such statements wait for each other instead of deadlocking.
  for change in execute
    'select r.partner_id, sum(r.committed) as committed, sum(r.active) as active from ('
    || concat_ws(
      ' union all ',
      case when tg_op <> 'DELETE' then
        'select partner_id, committed_budget as committed, (status = ''active'')::integer as active from new_rows' end,
      case when tg_op <> 'INSERT' then
        'select partner_id, -committed_budget as committed, -(status = ''active'')::integer as active from old_rows' end
    )
    || ') as r where r.partner_id is not null group by r.partner_id
      having sum(r.committed) <> 0 or sum(r.active) <> 0 order by r.partner_id'
  loop
    begin
      update private.partner_commitments as c
      set committed = c.committed + change.committed, active_campaigns = c.active_campaigns + change.active
      where c.partner_id = change.partner_id;
    exception
      when deadlock_detected or serialization_failure then
        perform private.raise_retry();
      when check_violation then
        get stacked diagnostics broken_constraint = constraint_name;
        select c.* into kept from private.partner_commitments as c where c.partner_id = change.partner_id;
        perform private.raise_commitment_refusal(
          broken_constraint, change.partner_id, kept.committed + change.committed, kept.budget
        );
    end;
  end loop;
  return null;
end
$$;
comment on function private.follow_campaign_commitments() is
  'Trigger: adds what a statement changed to the partners'' commitments, or refuses it with the figures.';

create trigger partner_marketing_campaigns_commit_insert
  after insert on public.partner_marketing_campaigns
  referencing new table as new_rows
  for each statement execute function private.follow_campaign_commitments();
create trigger partner_marketing_campaigns_commit_update
  after update on public.partner_marketing_campaigns
  referencing old table as old_rows new table as new_rows
  for each statement execute function private.follow_campaign_commitments();
create trigger partner_marketing_campaigns_commit_delete
  after delete on public.partner_marketing_campaigns
  referencing old table as old_rows
  for each statement execute function private.follow_campaign_commitments();

-- The workflow ----------------------------------------------------------------------------------------------------

create function private.prepare_campaign_insert()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  if new.status = 'archived' or (new.status <> 'planned' and private.actor() = 'partner') then
    raise sqlstate 'PT409' using
      message = 'transition_not_allowed',
      detail = format('A campaign begins as planned, not as %s.', new.status),
      hint = 'Insert it as planned.';
  end if;
  if (new.total_spend, new.unpriced_spend, new.spend_as_of, new.total_clicks, new.total_impressions, new.total_leads)
    is distinct from (0::numeric, null::jsonb, null::timestamptz, 0::bigint, 0::bigint, 0::bigint)
    and not private.is_ledger_write()
  then
    raise sqlstate 'PT403' using
      message = 'counter_not_writable',
      detail = 'Totals are sums of their ledgers; nobody writes them by hand.',
      hint = 'Leave these columns out.';
  end if;
  if new.status = 'active' then
    new.started_at := coalesce(new.started_at, now());
  end if;
  return new;
end
$$;
comment on function private.prepare_campaign_insert() is 'Trigger: a new campaign is planned and has no totals.';

create function private.walk_campaign()
returns trigger
language plpgsql
-- Definer: the session's role still decides who is asking.
security definer
set search_path = ''
as $$
begin
  if new.partner_id is null and private.is_ledger_write() then
    return new; -- The partner leaves: retire_partner() ends the campaign.
  end if;
  if new.partner_id is distinct from old.partner_id or new.channel <> old.channel then
    raise sqlstate 'PT403' using
      message = 'column_not_writable',
      detail = 'A campaign keeps its partner and its channel.',
      hint = 'Make a new campaign instead.';
  end if;
  if old.external_campaign_id is not null and new.external_campaign_id is distinct from old.external_campaign_id then
    raise sqlstate 'PT409' using
      message = 'campaign_already_linked',
      detail = format('The campaign is linked to %s; its leads and spend are those of that campaign.', old.external_campaign_id),
      hint = 'Archive this campaign and make another for the other link.';
  end if;
  if new.status = old.status then
    return new;
  end if;
  if (old.status, new.status) not in (
    ('planned', 'active'), ('planned', 'archived'), ('active', 'paused'), ('active', 'archived'),
    ('paused', 'active'), ('paused', 'archived')
  ) then
    raise sqlstate 'PT409' using
      message = 'transition_not_allowed',
      detail = format('A campaign cannot go from %s to %s.', old.status, new.status),
      hint = 'The steps are planned, active, paused and active again; each may end in archived.';
  end if;
  if new.status = 'active' then
    new.started_at := coalesce(old.started_at, now());
  elsif new.status = 'archived' then
    new.ended_at := now();
  end if;
  return new;
end
$$;
comment on function private.walk_campaign() is 'Trigger: the campaign workflow, for every writer.';

create trigger partner_marketing_campaigns_prepare_insert
  before insert on public.partner_marketing_campaigns
  for each row execute function private.prepare_campaign_insert();
create trigger partner_marketing_campaigns_walk
  before update of partner_id, channel, external_campaign_id, status, started_at, ended_at
  on public.partner_marketing_campaigns
  for each row execute function private.walk_campaign();
create trigger partner_marketing_campaigns_guard_counters
  before update of total_spend, unpriced_spend, spend_as_of, total_clicks, total_impressions, total_leads
  on public.partner_marketing_campaigns
  for each row
  when (
    (new.total_spend, new.unpriced_spend, new.spend_as_of, new.total_clicks, new.total_impressions, new.total_leads)
    is distinct from
    (old.total_spend, old.unpriced_spend, old.spend_as_of, old.total_clicks, old.total_impressions, old.total_leads)
  )
  execute function private.guard_counters();
create trigger partner_marketing_campaigns_set_updated_at
  before update of partner_id, segment_id, external_campaign_id, status, platform_status, daily_budget, monthly_budget,
    cpl_target, ai_managed, ai_last_adjusted_at
  on public.partner_marketing_campaigns
  for each row execute function extensions.moddatetime(updated_at);

-- The API ---------------------------------------------------------------------------------------------------------

create function private.find_own_campaign(campaign_id uuid)
returns public.partner_marketing_campaigns
language plpgsql
volatile
set search_path = ''
as $$
declare
  campaign public.partner_marketing_campaigns;
begin
  select c.* into campaign
  from public.partner_marketing_campaigns as c
  where c.id = find_own_campaign.campaign_id and private.may_act_for(c.partner_id)
  for update;
  if campaign.id is null then
    raise sqlstate 'PT404' using
      message = 'campaign_not_found',
      detail = 'There is no such campaign, or it is not yours.',
      hint = 'Check the id; list your campaigns with GET /rest/v1/partner_marketing_campaigns.';
  end if;
  return campaign;
end
$$;
comment on function private.find_own_campaign(uuid) is
  'The campaign, locked, if the caller may act for its partner. Raises campaign_not_found (404).';

create function private.set_campaign_status(campaign_id uuid, status text)
returns jsonb
language plpgsql
volatile
-- Definer: status is granted to nobody; the walk decides.
security definer
set search_path = ''
as $$
declare
  campaign public.partner_marketing_campaigns := private.find_own_campaign(campaign_id);
begin
  -- Whoever pays may always stop; whoever runs the ad account decides when to start.
  if status = 'active' and private.actor() = 'partner' then
    raise sqlstate 'PT403' using
      message = 'not_allowed',
      detail = 'Only an admin starts a campaign.',
      hint = 'Leave it planned; an admin will start it.';
  end if;
  update public.partner_marketing_campaigns as c
  set status = set_campaign_status.status
  where c.id = campaign.id and c.status <> set_campaign_status.status
  returning c.* into campaign;
  return jsonb_build_object('id', campaign_id, 'status', status);
end
$$;

create function private.link_campaign(campaign_id uuid, external_campaign_id text)
returns jsonb
language plpgsql
volatile
-- Definer: external_campaign_id is granted to nobody, since it decides whose leads these are.
security definer
set search_path = ''
as $$
declare
  campaign constant public.partner_marketing_campaigns := private.find_own_campaign(campaign_id);
begin
  if private.actor() = 'partner' then
    raise sqlstate 'PT403' using
      message = 'not_allowed',
      detail = 'Only an admin links a campaign to an ad account.',
      hint = 'Ask an admin to link it.';
  end if;
  update public.partner_marketing_campaigns as c
  set external_campaign_id = link_campaign.external_campaign_id
  where c.id = campaign.id;
  return jsonb_build_object('id', campaign_id, 'channel', campaign.channel, 'external_campaign_id', external_campaign_id);
end
$$;

create function public.set_campaign_status(campaign_id uuid, status text)
returns jsonb
language sql volatile set search_path = ''
as $$ select private.set_campaign_status(campaign_id, status) $$;
comment on function public.set_campaign_status(uuid, text) is
  'active (admins only), paused or archived. 403 not_allowed; 404 campaign_not_found; 409 transition_not_allowed, '
  'budget_exceeded, leads_only_partner.';

create function public.link_campaign(campaign_id uuid, external_campaign_id text)
returns jsonb
language sql volatile set search_path = ''
as $$ select private.link_campaign(campaign_id, external_campaign_id) $$;
comment on function public.link_campaign(uuid, text) is
  'As an admin: says which campaign on the platform this is, and adopts the leads and figures that already came in '
  'for it. 403 not_allowed; 404 campaign_not_found; 409 campaign_already_linked.';

-- Who sees and writes what ----------------------------------------------------------------------------------------

alter table public.partner_marketing_campaigns enable row level security;
create policy partner_marketing_campaigns_select_own on public.partner_marketing_campaigns
  for select to authenticated
  using (partner_id between (select private.scope_start()) and (select private.scope_end()));
create policy partner_marketing_campaigns_insert_own on public.partner_marketing_campaigns
  for insert to authenticated
  with check (partner_id between (select private.scope_start()) and (select private.scope_end()));
create policy partner_marketing_campaigns_update_own on public.partner_marketing_campaigns
  for update to authenticated
  using (partner_id between (select private.scope_start()) and (select private.scope_end()))
  with check (partner_id between (select private.scope_start()) and (select private.scope_end()));

revoke all on table public.partner_marketing_campaigns from public, anon, authenticated, service_role;
grant select on table public.partner_marketing_campaigns to authenticated, service_role;
grant insert (id, partner_id, segment_id, channel, daily_budget, monthly_budget, cpl_target, ai_managed)
on table public.partner_marketing_campaigns to authenticated, service_role;
grant update (segment_id, daily_budget, monthly_budget, cpl_target, ai_managed)
on table public.partner_marketing_campaigns to authenticated, service_role;
-- No delete: a campaign is archived.

revoke all on all functions in schema private from public;
revoke all on function public.set_campaign_status(uuid, text), public.link_campaign(uuid, text)
from public, anon, authenticated, service_role;
grant execute on function
  public.set_campaign_status(uuid, text), public.link_campaign(uuid, text),
  private.set_campaign_status(uuid, text), private.link_campaign(uuid, text)
to authenticated, service_role;
