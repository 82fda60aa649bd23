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

revoke all on table public.landing_pages_in_review, public.live_landing_pages, public.campaign_performance
from public, anon, authenticated, service_role;
grant select on table public.landing_pages_in_review, public.live_landing_pages, public.campaign_performance
to authenticated, service_role;
