-- What an admin looks at every morning. Under row level security a partner sees their own part of the same.

set local lock_timeout = '3s';
set local statement_timeout = '60s';

create view public.landing_pages_in_review
with (security_invoker = true) as
select
  p.id,
  r.partner_slug,
  v.path,
  v.snapshot ->> 'title' as title,
  p.source,
  p.status = 'live' as is_update,
  v.number as version,
  -- As a value and no key: PostgREST would find a second way from versions to this view.
  coalesce(p.submitted_version_id) as submitted_version_id,
  v.content_hash,
  private.preview_path(p.id, v.id) as preview_path,
  s.created_at as submitted_at,
  s.submitted_by,
  p.publish_at,
  p.unpublish_at
from public.partner_landing_pages as p
join public.partner_landing_page_submissions as s on s.page_id = p.id and s.status = 'waiting'
join public.partner_landing_page_versions as v on v.id = s.version_id
left join public.profiles as r on r.id = p.partner_id;
comment on view public.landing_pages_in_review is
  'Versions that wait for approval, those of pages that are already live included. preview_path is where the site shows '
  'the version, for two weeks after it was submitted.';

create view public.live_landing_pages
with (security_invoker = true) as
select
  p.id,
  r.partner_slug,
  v.path,
  p.title,
  p.published_at,
  p.views_count,
  p.conversions_count,
  round(p.conversions_count::numeric / nullif(p.views_count, 0), 4) as conversion_rate,
  p.last_viewed_at,
  p.submitted_version_id is not null as has_update_in_review,
  private.served_until(p, now()) as served_until,
  v.snapshot ->> 'template_version' as template_version
from public.partner_landing_pages as p
join public.partner_landing_page_versions as v on v.id = private.served_version_id(p, now())
left join public.profiles as r on r.id = p.partner_id
where p.status = 'live';
comment on view public.live_landing_pages is
  'Pages that visitors see now, with what they bring. conversion_rate is conversions a view, 0 to 1. served_until is when that '
  'is planned to end, or the next version to begin. template_version is what it was rendered with: POST '
  '/landing-pages/{id}/rerender brings a page up to date.';

-- Whoever reads the view asks what is served with their own rights.
grant execute on function
  private.served_version_id(public.partner_landing_pages, timestamptz),
  private.served_until(public.partner_landing_pages, timestamptz)
to authenticated, service_role;

create view public.campaign_performance
with (security_invoker = true) as
select
  c.id,
  r.partner_slug,
  c.channel,
  c.external_campaign_id,
  c.status,
  c.platform_status,
  c.committed_budget,
  m.spend_this_month,
  c.total_spend,
  c.unpriced_spend,
  c.spend_as_of,
  c.total_clicks,
  c.total_impressions,
  c.total_leads,
  c.avg_cpl,
  c.cpl_target,
  c.avg_cpl > c.cpl_target as is_over_target,
  m.spend_this_month > coalesce(c.monthly_budget, round(30.4 * c.daily_budget, 2)) as is_over_budget
from public.partner_marketing_campaigns as c
left join public.profiles as r on r.id = c.partner_id
left join lateral (
  select case when count(*) = count(d.spend_eur) then coalesce(round(sum(d.spend_eur), 2), 0) end as spend_this_month
  from public.partner_campaign_metrics as d
  where d.campaign_id = c.id and d.day >= date_trunc('month', now() at time zone 'Europe/Amsterdam')::date
) as m on true;
comment on view public.campaign_performance is
  'Campaigns with spend against target and budget, EUR. is_over_budget compares reported spend, a fact, with what '
  'was committed.';

create view public.budget_pace
with (security_invoker = true) as
with now_here as (
  select (now() at time zone 'Europe/Amsterdam')::date as today
),

this_month as (
  select
    t.today,
    date_trunc('month', t.today)::date as first_day,
    extract(day from date_trunc('month', t.today) + interval '1 month' - interval '1 day')::integer as days,
    -- Today has only begun.
    extract(day from t.today)::integer - 1 as days_gone
  from now_here as t
),

campaigns as (
  select
    c.id, c.partner_id, c.channel::text as channel, c.segment_id, c.committed_budget,
    case when count(m.day) = count(m.spend_eur) then coalesce(sum(m.spend_eur), 0) end as spent,
    coalesce(sum(m.spend_eur) filter (where m.day < t.today), 0) as spent_until_today,
    max(m.as_of) as spend_as_of
  from public.partner_marketing_campaigns as c
  cross join this_month as t
  left join public.partner_campaign_metrics as m on m.campaign_id = c.id and m.day >= t.first_day and m.day <= t.today
  where c.partner_id is not null
  group by c.id, t.today
),

added_up as (
  select
    c.partner_id, c.channel, c.segment_id,
    (array['segment', 'channel', 'partner'])[
      case grouping(c.channel, c.segment_id) when 0 then 1 when 1 then 2 else 3 end
    ] as level,
    sum(c.committed_budget) as committed,
    -- A part that is not known makes all of it unknown.
    case when count(*) = count(c.spent) then sum(c.spent) end as spent,
    sum(c.spent_until_today) as spent_until_today,
    max(c.spend_as_of) as spend_as_of
  from campaigns as c
  group by grouping sets ((c.partner_id), (c.partner_id, c.channel), (c.partner_id, c.channel, c.segment_id))
),

budgeted as (
  select
    a.*, r.partner_slug,
    case a.level when 'partner' then coalesce(r.monthly_marketing_budget, a.committed) else a.committed end as budget
  from added_up as a
  join public.profiles as r on r.id = a.partner_id
)

select
  b.partner_id, b.partner_slug, t.first_day as month, b.level, b.channel, b.segment_id,
  b.budget, round(b.spent, 2) as spent,
  round(b.budget * t.days_gone / t.days, 2) as expected_by_now,
  case when b.spent is not null then round(b.spent_until_today * t.days / nullif(t.days_gone, 0), 2) end as expected_at_end,
  b.spent_until_today * t.days > b.budget * t.days_gone as is_ahead,
  b.spend_as_of
from budgeted as b
cross join this_month as t;
comment on view public.budget_pace is
  'This month''s spend against the budget, EUR: a row a partner, one a channel of theirs, and one a channel and segment.';
comment on column public.budget_pace.level is 'partner, channel, or segment of a channel. A segment_id that is null there is none at all.';
comment on column public.budget_pace.budget is
  'Of a partner monthly_marketing_budget, or else what the campaigns commit; of the others what theirs commit.';
comment on column public.budget_pace.spent is 'Of all days so far. Null while a part of it cannot be said in EUR.';
comment on column public.budget_pace.expected_by_now is 'What the budget allows until yesterday, as much on each day.';
comment on column public.budget_pace.expected_at_end is 'What the month comes to if it goes on as until yesterday. Null on its first day.';
comment on column public.budget_pace.is_ahead is 'Whether more was spent until yesterday than expected_by_now.';
comment on column public.budget_pace.spend_as_of is 'When the newest figures were taken on the platforms.';

revoke all on table
  public.landing_pages_in_review, public.live_landing_pages, public.campaign_performance, public.budget_pace
from public, anon, authenticated, service_role;
grant select on table
  public.landing_pages_in_review, public.live_landing_pages, public.campaign_performance, public.budget_pace
to authenticated, service_role;
