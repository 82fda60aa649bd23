-- Every counter is a sum: of rows that are still there, and of days that are closed. This says which are not, and makes
-- them so.

set local lock_timeout = '3s';
set local statement_timeout = '60s';

create view private.derived_page_figures with (security_invoker = true) as
select
  e.page_id, e.day, e.source, e.campaign_id,
  sum(e.views) as views, sum(e.visitors) as visitors, sum(e.conversions) as conversions,
  max(e.last_viewed_at) as last_viewed_at
from (
  select
    v.page_id, v.day, v.source, v.campaign_id,
    count(*) filter (where v.kind = 'view') as views, count(*) filter (where v.is_first) as visitors,
    count(*) filter (where v.kind <> 'view') as conversions,
    -- uuid7_time() and amsterdam_day() are written out, as where events are counted: there are millions.
    to_timestamp(
      max(('x' || left(replace(v.id::text, '-', ''), 12))::bit(48)::bigint) filter (where v.kind = 'view') / 1000.0
    ) as last_viewed_at
  from private.page_events as v
  group by v.page_id, v.day, v.source, v.campaign_id
  union all
  select l.page_id, (l.submitted_at at time zone 'Europe/Amsterdam')::date, l.source, l.campaign_id, 0, 0, count(*), null
  from public.partner_leads as l
  where l.page_id is not null and l.outcome = 'counted'
  group by l.page_id, (l.submitted_at at time zone 'Europe/Amsterdam')::date, l.source, l.campaign_id
) as e
where e.day > (select c.closed_through from private.counting as c)
group by e.page_id, e.day, e.source, e.campaign_id;
comment on view private.derived_page_figures is
  'What the figures of days that are not closed should be: what their events and leads add up to.';
revoke all on table private.derived_page_figures from public, anon, authenticated, service_role;

create function private.find_day_drift(through date)
returns table (page_id uuid, key text, stored jsonb, derived jsonb)
language sql
stable
set search_path = ''
as $$
  with stored_days as (
    select s.*
    from public.partner_landing_page_stats as s
    where s.day > (select c.closed_through from private.counting as c) and s.day <= through
  ),

  derived_days as (
    select d.* from private.derived_page_figures as d where d.day <= through
  ),

  compared as (
    select
      coalesce(s.page_id, d.page_id) as page_id,
      concat_ws(
        ' ', coalesce(s.page_id, d.page_id), coalesce(s.day, d.day), coalesce(s.source, d.source),
        coalesce(s.campaign_id, d.campaign_id)
      ) as key,
      jsonb_build_object(
        'views', coalesce(s.views, 0), 'visitors', coalesce(s.visitors, 0), 'conversions', coalesce(s.conversions, 0),
        'last_viewed_at', s.last_viewed_at
      ) as stored,
      jsonb_build_object(
        'views', coalesce(d.views, 0), 'visitors', coalesce(d.visitors, 0), 'conversions', coalesce(d.conversions, 0),
        'last_viewed_at', d.last_viewed_at
      ) as derived
    from stored_days as s
    full join derived_days as d
      on d.page_id = s.page_id and d.day = s.day and d.source = s.source
      and coalesce(d.campaign_id, '00000000-0000-0000-0000-000000000000')
        = coalesce(s.campaign_id, '00000000-0000-0000-0000-000000000000')
  )

  select c.page_id, c.key, c.stored, c.derived from compared as c where c.stored <> c.derived
$$;
comment on function private.find_day_drift(date) is
  'Days of pages, up to and with a day and not closed yet, whose figures are not what their events and leads add up to.';

create function private.find_counter_drift()
returns table (relation text, key text, counter text, stored text, derived text)
language sql
stable
set search_path = ''
as $$
  with pages as (
    select
      p.id,
      jsonb_build_object(
        'views_count', p.views_count, 'conversions_count', p.conversions_count, 'last_viewed_at', p.last_viewed_at
      ) as stored,
      jsonb_build_object(
        'views_count', coalesce(sum(s.views), 0), 'conversions_count', coalesce(sum(s.conversions), 0),
        'last_viewed_at', max(s.last_viewed_at)
      ) as derived
    from public.partner_landing_pages as p
    left join public.partner_landing_page_stats as s on s.page_id = p.id
    group by p.id
  ),

  compared as (
    select 'partner_landing_pages' as relation, pages.id::text as key, pages.stored, pages.derived
    from pages
    union all
    select 'partner_landing_page_stats', d.key, d.stored, d.derived
    from private.find_day_drift('infinity') as d
    union all
    select
      'partner_marketing_campaigns',
      c.id::text,
      jsonb_build_object(
        'total_spend', c.total_spend, 'unpriced_spend', c.unpriced_spend, 'spend_as_of', c.spend_as_of, 'total_clicks', c.total_clicks,
        'total_impressions', c.total_impressions, 'total_leads', c.total_leads
      ),
      to_jsonb(s)
    from public.partner_marketing_campaigns as c
    cross join lateral private.sum_campaign(c.id) as s
    union all
    select
      'partner_commitments',
      p.id::text,
      jsonb_build_object(
        'budget', k.budget, 'is_leads_only', k.is_leads_only,
        'committed', coalesce(k.committed, 0), 'active_campaigns', coalesce(k.active_campaigns, 0)
      ),
      jsonb_build_object(
        'budget', p.monthly_marketing_budget, 'is_leads_only', p.marketing_mode = 'leads_only',
        'committed', coalesce(sum(c.committed_budget), 0),
        'active_campaigns', count(*) filter (where c.status = 'active')
      )
    from public.profiles as p
    left join private.partner_commitments as k on k.partner_id = p.id
    left join public.partner_marketing_campaigns as c on c.partner_id = p.id
    group by p.id, k.partner_id
    union all
    select
      'partner_quotas',
      p.id::text,
      jsonb_build_object(
        'pages', coalesce(q.pages, 0), 'campaigns', coalesce(q.campaigns, 0), 'segment_links', coalesce(q.segment_links, 0),
        'images', coalesce(q.images, 0), 'content_bytes', coalesce(q.content_bytes, 0)
      ),
      jsonb_build_object(
        'pages', (select count(*) from public.partner_landing_pages as x where x.partner_id = p.id),
        'campaigns', (select count(*) from public.partner_marketing_campaigns as x where x.partner_id = p.id),
        'segment_links', (select count(*) from public.partner_segments as x where x.partner_id = p.id),
        'images', (select count(*) from private.image_names as x where x.partner_id = p.id),
        'content_bytes',
          (select coalesce(sum(x.content_bytes), 0) from public.partner_landing_pages as x where x.partner_id = p.id)
      )
    from public.profiles as p
    left join private.partner_quotas as q on q.partner_id = p.id
  )

  select c.relation, c.key, d.key, c.stored ->> d.key, d.value
  from compared as c
  cross join lateral jsonb_each_text(c.derived) as d
  where c.stored -> d.key is distinct from c.derived -> d.key
$$;
comment on function private.find_counter_drift() is 'Counters that are not what their ledgers add up to.';

create function private.be_the_only_check()
returns void
language plpgsql
volatile
set search_path = ''
as $$
begin
  if not pg_try_advisory_xact_lock(hashtextextended('check of all counters', 0)) then
    raise sqlstate 'PT429' using
      message = 'already_running',
      detail = 'The counters are being compared or rebuilt.',
      hint = 'Wait for that to end.';
  end if;
end
$$;
comment on function private.be_the_only_check() is
  'Reading whole ledgers is done once at a time, however often it is asked for. Raises already_running (429).';

create function public.counter_drift()
returns table (relation text, key text, counter text, stored text, derived text)
language plpgsql
volatile
-- Definer: job_runner reads no table.
security definer
set search_path = ''
as $$
begin
  perform private.be_the_only_check();
  return query select d.relation, d.key, d.counter, d.stored, d.derived from private.find_counter_drift() as d;
end
$$;
comment on function public.counter_drift() is
  'As job_runner: one row a counter that is not what its ledger adds up to. No rows is as it should be. 429 '
  'already_running.';

-- Whoever changes a ledger holds the row that counts it until it commits. With that row held, the next statement sees
-- every change that was counted and none that was not, and no table needs a lock.

create function private.hold_counters(relation text, id uuid, is_patient boolean)
returns boolean
language plpgsql
volatile
set search_path = ''
as $$
declare
  is_a_partners constant boolean := relation in ('partner_commitments', 'partner_quotas');
  is_held boolean;
begin
  if relation = 'partner_commitments' then
    insert into private.partner_commitments (partner_id, is_leads_only)
    select p.id, p.marketing_mode = 'leads_only'
    from public.profiles as p where p.id = hold_counters.id for key share skip locked
    on conflict do nothing;
  elsif relation = 'partner_quotas' then
    insert into private.partner_quotas (partner_id)
    select p.id from public.profiles as p where p.id = hold_counters.id for key share skip locked
    on conflict do nothing;
  end if;
  execute format(
    'select true from %I.%I where %I = $1 for no key update %s',
    case when is_a_partners then 'private' else 'public' end, relation,
    case when is_a_partners then 'partner_id' else 'id' end,
    case when not is_patient then 'skip locked' end
  ) into is_held using id;
  return coalesce(is_held, false);
end
$$;
comment on function private.hold_counters(text, uuid, boolean) is
  'Locks the row of some counters until the transaction ends, made first if it is missing. False without patience, if '
  'somebody else has it locked.';

create function private.recount_page(page_id uuid)
returns void
language plpgsql
volatile
set search_path = ''
as $$
begin
  perform private.begin_ledger_write();
  delete from public.partner_landing_page_stats as s
  where s.page_id = recount_page.page_id
    and s.day > (select c.closed_through from private.counting as c)
    and not exists (
      select from private.derived_page_figures as d
      where d.page_id = recount_page.page_id and d.day = s.day and d.source = s.source
        and d.campaign_id is not distinct from s.campaign_id
    );
  insert into public.partner_landing_page_stats as s
    (page_id, day, source, campaign_id, partner_id, views, visitors, conversions, last_viewed_at)
  select
    d.page_id, d.day, d.source, d.campaign_id, p.partner_id, d.views, d.visitors, d.conversions, d.last_viewed_at
  from private.derived_page_figures as d
  join public.partner_landing_pages as p on p.id = d.page_id
  where d.page_id = recount_page.page_id
  on conflict on constraint partner_landing_page_stats_key do update
  set views = excluded.views, visitors = excluded.visitors, conversions = excluded.conversions,
    last_viewed_at = excluded.last_viewed_at;
  update public.partner_landing_pages as p
  set views_count = f.views, conversions_count = f.conversions, last_viewed_at = f.last_viewed_at
  from (
    select
      coalesce(sum(s.views), 0) as views, coalesce(sum(s.conversions), 0) as conversions,
      max(s.last_viewed_at) as last_viewed_at
    from public.partner_landing_page_stats as s
    where s.page_id = recount_page.page_id
  ) as f
  where p.id = recount_page.page_id;
  perform private.end_ledger_write();
end
$$;
comment on function private.recount_page(uuid) is
  'Makes a page''s days what its views and leads add up to, and its counters what its days do. Closed days stay.';

create function private.recount_commitments(partner_id uuid)
returns void
language sql
volatile
set search_path = ''
as $$
  update private.partner_commitments as k
  set budget = p.monthly_marketing_budget, is_leads_only = p.marketing_mode = 'leads_only',
    (committed, active_campaigns) = (
      select coalesce(sum(c.committed_budget), 0), count(*) filter (where c.status = 'active')
      from public.partner_marketing_campaigns as c
      where c.partner_id = p.id
    )
  from public.profiles as p
  where p.id = recount_commitments.partner_id and k.partner_id = p.id
$$;
comment on function private.recount_commitments(uuid) is
  'Makes a partner''s commitments what the profile and the campaigns say. The campaigns may break the rules that it holds.';

create function private.recount_quotas(partner_id uuid)
returns void
language sql
volatile
set search_path = ''
as $$
  update private.partner_quotas as q
  set pages = r.pages, campaigns = r.campaigns, segment_links = r.links, images = r.images,
    content_bytes = r.content_bytes,
    -- A repair refuses nobody's rows: a limit below what is there already is raised to it.
    max_pages = greatest(q.max_pages, r.pages), max_campaigns = greatest(q.max_campaigns, r.campaigns),
    max_segment_links = greatest(q.max_segment_links, r.links), max_images = greatest(q.max_images, r.images),
    max_content_bytes = greatest(q.max_content_bytes, r.content_bytes)
  from (
    select
      (select count(*) from public.partner_landing_pages as x where x.partner_id = recount_quotas.partner_id) as pages,
      (
        select coalesce(sum(x.content_bytes), 0)
        from public.partner_landing_pages as x where x.partner_id = recount_quotas.partner_id
      ) as content_bytes,
      (select count(*) from public.partner_marketing_campaigns as x where x.partner_id = recount_quotas.partner_id)
        as campaigns,
      (select count(*) from public.partner_segments as x where x.partner_id = recount_quotas.partner_id) as links,
      (select count(*) from private.image_names as x where x.partner_id = recount_quotas.partner_id) as images
  ) as r
  where q.partner_id = recount_quotas.partner_id
$$;
comment on function private.recount_quotas(uuid) is 'Makes a partner''s quotas count the rows that are there.';

create function private.recount(relation text, id uuid, is_patient boolean)
returns integer
language plpgsql
volatile
set search_path = ''
as $$
begin
  if not private.hold_counters(relation, id, is_patient) then
    return null;
  end if;
  case relation
    when 'partner_landing_pages' then perform private.recount_page(id);
    when 'partner_marketing_campaigns' then perform private.total_campaign(id);
    when 'partner_commitments' then perform private.recount_commitments(id);
    when 'partner_quotas' then perform private.recount_quotas(id);
  end case;
  return 1;
exception
  when check_violation then
    return 0;
end
$$;
comment on function private.recount(text, uuid, boolean) is
  'Makes the counters of a row what their ledger adds up to. How many rows that were: none, if the ledger itself breaks '
  'a rule, and null, if somebody else has the row.';

create function public.rebuild_counters()
returns integer
language plpgsql
volatile
-- Definer: job_runner writes no table.
security definer
set search_path = ''
as $$
declare
  wrong record;
  outcome integer;
  busy record;
  is_any_busy boolean := false;
  repaired integer := 0;
begin
  perform private.be_the_only_check();
  -- As many as keep those who want the rows waiting for a moment.
  for wrong in
    select distinct
      case d.relation when 'partner_landing_page_stats' then 'partner_landing_pages' else d.relation end as relation,
      split_part(d.key, ' ', 1)::uuid as id
    from private.find_counter_drift() as d
    order by 1, 2
    limit 1000
  loop
    -- Whoever waits for nobody deadlocks with nobody.
    outcome := private.recount(wrong.relation, wrong.id, false);
    repaired := repaired + coalesce(outcome, 0);
    if outcome is null then
      busy := wrong;
      is_any_busy := true;
    end if;
  end loop;
  -- Nothing is held: now it may wait, so that a row that always is in use has its turn.
  if repaired = 0 and is_any_busy then
    return coalesce(private.recount(busy.relation, busy.id, true), 0);
  end if;
  return repaired;
end
$$;
comment on function public.rebuild_counters() is
  'As job_runner: makes counters what their ledgers add up to, at most 1,000 rows of them, and answers how many. Call it '
  'until it answers 0; what counter_drift() names after that is rows that break a rule. 429 already_running.';

-- Days -----------------------------------------------------------------------------------------------------------

create function private.close_oldest_day(before date)
returns date
language plpgsql
volatile
set search_path = ''
as $$
declare
  oldest date;
  wrong record;
begin
  select min(to_date(right(c.relname, 8), 'YYYYMMDD')) into oldest
  from pg_catalog.pg_inherits as i
  join pg_catalog.pg_class as c on c.oid = i.inhrelid
  where i.inhparent = 'private.page_events'::regclass;
  if oldest is null or oldest >= before then
    return null;
  end if;
  -- What is going to be final is made right as long as it can be. Of this day alone: the job does not wait for all counters.
  for wrong in
    select distinct d.page_id from private.find_day_drift(oldest) as d order by d.page_id asc
  loop
    perform private.recount('partner_landing_pages', wrong.page_id, true);
  end loop;
  update private.counting as c set closed_through = oldest where c.is_the_row;
  perform private.begin_ledger_write();
  delete from private.held_events as h where h.day <= oldest;
  perform private.end_ledger_write();
  execute format('drop table private.%I', 'page_events_' || to_char(oldest, 'YYYYMMDD'));
  return oldest;
end
$$;
comment on function private.close_oldest_day(date) is
  'Makes the figures of the oldest day final and removes its views, if it is before a date. Returns the day.';

create function public.maintain_page_events()
returns jsonb
language plpgsql
volatile
-- Definer: job_runner owns no table.
security definer
set search_path = ''
-- Removing a day stops everybody who counts for a moment, which must be one.
set lock_timeout = '2s'
as $$
declare
  today constant date := private.amsterdam_day(now());
  keep_days constant integer := (select c.keep_days from private.counting as c);
  days_added integer;
begin
  perform private.be_the_only_check();
  delete from private.event_rates as r where r.hour < floor(extract(epoch from now()) / 3600);
  delete from private.lead_rates as r where r.hour < floor(extract(epoch from now()) / 3600);
  delete from private.event_batches as b where b.arrived_on < today - 8;
  select count(*) filter (where private.add_event_day(today + n)) into days_added from generate_series(-1, 7) as n;
  return jsonb_build_object(
    'days_added', days_added,
    'salts_forgotten', private.forget_salts(),
    'day_closed', private.close_oldest_day(today - keep_days)
  );
end
$$;
comment on function public.maintain_page_events() is
  'As job_runner, once an hour: makes room for the views of a week ahead, forgets the salts of days before yesterday and '
  'how often who came before this hour, and batches of more than a week ago, and '
  'closes the oldest day that is older than private.counting.keep_days, one a call. 429 already_running.';

revoke all on all functions in schema private from public;
revoke all on function public.counter_drift(), public.rebuild_counters(), public.maintain_page_events()
from public, anon, authenticated, service_role;
grant execute on function public.counter_drift(), public.rebuild_counters(), public.maintain_page_events() to job_runner;
