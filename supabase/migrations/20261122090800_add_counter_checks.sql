-- Every counter is a sum of rows that are still there. This says which are not, and makes them so.

set local lock_timeout = '3s';
set local statement_timeout = '60s';

create function private.page_figures()
returns table (page_id uuid, day date, views bigint, visitors bigint, conversions bigint, last_viewed_at timestamptz)
language sql
stable
set search_path = ''
as $$
  select
    e.page_id,
    e.day,
    count(*) filter (where e.kind = 'view'),
    count(distinct e.visitor) filter (where e.kind = 'view'),
    count(*) filter (where e.kind = 'conversion'),
    max(e.occurred_at) filter (where e.kind = 'view')
  from private.page_events as e
  group by e.page_id, e.day
$$;
comment on function private.page_figures() is 'The daily figures that the events add up to.';

create function private.find_counter_drift()
returns table (relation text, key text, counter text, stored text, derived text)
language sql
stable
set search_path = ''
as $$
  with days as materialized (
    select * from private.page_figures()
  ),

  pages as (
    select
      p.id,
      jsonb_build_object(
        'views_count', p.views_count, 'conversions_count', p.conversions_count, 'last_viewed_at', p.last_viewed_at
      ) as stored,
      jsonb_build_object(
        'views_count', coalesce(sum(d.views), 0), 'conversions_count', coalesce(sum(d.conversions), 0),
        'last_viewed_at', max(d.last_viewed_at)
      ) as derived
    from public.partner_landing_pages as p
    left join days as d on d.page_id = p.id
    group by p.id
  ),

  compared as (
    select 'partner_landing_pages' as relation, pages.id::text as key, pages.stored, pages.derived
    from pages
    union all
    select
      'partner_landing_page_stats',
      coalesce(s.page_id, d.page_id) || ' ' || coalesce(s.day, d.day),
      jsonb_build_object(
        'views', coalesce(s.views, 0), 'visitors', coalesce(s.visitors, 0), 'conversions', coalesce(s.conversions, 0)
      ),
      jsonb_build_object(
        'views', coalesce(d.views, 0), 'visitors', coalesce(d.visitors, 0), 'conversions', coalesce(d.conversions, 0)
      )
    from public.partner_landing_page_stats as s
    full join days as d on d.page_id = s.page_id and d.day = s.day
    union all
    select
      'partner_marketing_campaigns',
      c.id::text,
      jsonb_build_object(
        'total_spend', c.total_spend, 'total_clicks', c.total_clicks,
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
        'images', coalesce(q.images, 0)
      ),
      jsonb_build_object(
        'pages', (select count(*) from public.partner_landing_pages as x where x.partner_id = p.id),
        'campaigns', (select count(*) from public.partner_marketing_campaigns as x where x.partner_id = p.id),
        'segment_links', (select count(*) from public.partner_segments as x where x.partner_id = p.id),
        'images', (select count(*) from private.image_names as x where x.partner_id = p.id)
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

create function public.rebuild_counters()
returns integer
language plpgsql
volatile
-- Definer: job_runner writes no table.
security definer
set search_path = ''
as $$
declare
  drifted uuid[];
  repaired integer;
begin
  perform private.be_the_only_check();
  -- One statement sees one moment: what agrees in it needs no lock to be believed.
  if not exists (select from private.find_counter_drift()) then
    return 0;
  end if;
  -- Writers wait, readers do not: a sum is only exact while its ledger stands still. In the order in which writers take
  -- these tables, or the two would deadlock. The campaigns exclusively, since an event begins with row locks on them.
  lock table public.profiles in share row exclusive mode;
  lock table public.partner_marketing_campaigns in exclusive mode;
  lock table public.partner_leads, public.partner_campaign_metrics, private.page_events in share row exclusive mode;
  -- Last, as writers take it: who has made a row and not counted it yet counts it after the rebuild.
  lock table private.partner_quotas in share row exclusive mode;
  select count(*), array_agg(distinct d.key::uuid) filter (where d.relation = 'partner_marketing_campaigns')
  into repaired, drifted
  from private.find_counter_drift() as d;
  perform private.begin_ledger_write();

  update public.partner_landing_pages as p
  set views_count = f.views, conversions_count = f.conversions, last_viewed_at = f.last_viewed_at
  from (
    select
      q.id,
      coalesce(sum(d.views), 0) as views,
      coalesce(sum(d.conversions), 0) as conversions,
      max(d.last_viewed_at) as last_viewed_at
    from public.partner_landing_pages as q
    left join private.page_figures() as d on d.page_id = q.id
    group by q.id
  ) as f
  where f.id = p.id
    and (p.views_count, p.conversions_count, p.last_viewed_at)
    is distinct from (f.views, f.conversions, f.last_viewed_at);

  delete from public.partner_landing_page_stats as s
  where not exists (select from private.page_events as e where e.page_id = s.page_id and e.day = s.day);
  insert into public.partner_landing_page_stats as s (page_id, day, partner_id, views, visitors, conversions)
  select f.page_id, f.day, p.partner_id, f.views, f.visitors, f.conversions
  from private.page_figures() as f
  join public.partner_landing_pages as p on p.id = f.page_id
  on conflict on constraint partner_landing_page_stats_pkey do update
  set views = excluded.views, visitors = excluded.visitors, conversions = excluded.conversions
  where (s.views, s.visitors, s.conversions) <> (excluded.views, excluded.visitors, excluded.conversions);

  -- Those that differ: totalling 150,000 that did not held these locks for 47 s.
  perform private.total_campaign(c.id)
  from public.partner_marketing_campaigns as c
  where c.id = any (drifted)
  order by c.id;

  insert into private.partner_commitments as k (partner_id, budget, is_leads_only, committed, active_campaigns)
  select
    p.id, p.monthly_marketing_budget, p.marketing_mode = 'leads_only', coalesce(sum(c.committed_budget), 0),
    count(*) filter (where c.status = 'active')
  from public.profiles as p
  left join public.partner_marketing_campaigns as c on c.partner_id = p.id
  group by p.id
  on conflict (partner_id) do update
  set budget = excluded.budget, is_leads_only = excluded.is_leads_only, committed = excluded.committed,
    active_campaigns = excluded.active_campaigns;

  insert into private.partner_quotas (partner_id) select p.id from public.profiles as p on conflict do nothing;
  update private.partner_quotas as q
  set pages = r.pages, campaigns = r.campaigns, segment_links = r.links, images = r.images,
    -- A repair refuses nobody's rows: a limit below what is there already is raised to it.
    max_pages = greatest(q.max_pages, r.pages), max_campaigns = greatest(q.max_campaigns, r.campaigns),
    max_segment_links = greatest(q.max_segment_links, r.links), max_images = greatest(q.max_images, r.images)
  from (
    select
      p.id,
      (select count(*) from public.partner_landing_pages as x where x.partner_id = p.id) as pages,
      (select count(*) from public.partner_marketing_campaigns as x where x.partner_id = p.id) as campaigns,
      (select count(*) from public.partner_segments as x where x.partner_id = p.id) as links,
      (select count(*) from private.image_names as x where x.partner_id = p.id) as images
    from public.profiles as p
  ) as r
  where r.id = q.partner_id
    and (q.pages, q.campaigns, q.segment_links, q.images) <> (r.pages, r.campaigns, r.links, r.images);

  perform private.end_ledger_write();
  return repaired;
end
$$;
comment on function public.rebuild_counters() is
  'As job_runner: makes every counter what its ledger adds up to, and answers how many were not. Nobody waits for it '
  'where all is well. 429 already_running.';

revoke all on all functions in schema private from public;
revoke all on function public.counter_drift(), public.rebuild_counters() from public, anon, authenticated, service_role;
grant execute on function public.counter_drift(), public.rebuild_counters() to job_runner;
