-- What a partner's landing pages brought over some days, in one answer: what landing_page_report shows.

set local lock_timeout = '3s';
set local statement_timeout = '60s';

create function public.landing_page_report(since date, until date)
returns jsonb
language plpgsql
stable
-- The caller's rights: row level security says whose figures these are, and an admin's are everybody's.
set search_path = ''
-- A plan for one partner's rows is no plan for everybody's.
set plan_cache_mode = force_custom_plan
as $$
declare
  is_of_everybody constant boolean := private.scope_start() <> private.scope_end();
begin
  if (until - since between 0 and 365) is not true then
    raise sqlstate 'PT400' using
      message = 'period_refused',
      detail = 'A report is of 1 to 366 days, the first of them not after the last.',
      hint = 'Ask for a shorter period.';
  end if;
  if is_of_everybody then
    -- The planner takes any range for a small part, and would look up millions of rows one by one: half a minute instead of five
    -- seconds for a year of 10,000 partners.
    perform set_config('enable_indexscan', 'off', true), set_config('enable_sort', 'off', true);
  end if;
  return jsonb_build_object(
    'rows', (
      select coalesce(jsonb_agg(to_jsonb(r) order by r.day, r.source, r.campaign), '[]')
      from (
        -- Summed before anything is looked up: an admin's are millions of rows.
        select d.day, d.source, c.external_campaign_id as campaign, d.views, d.visitors, d.conversions
        from (
          select
            -- Everybody's campaigns of a year are hundreds of thousands of rows.
            s.day, s.source, case when not is_of_everybody then s.campaign_id end as campaign_id,
            sum(s.views) as views, sum(s.visitors) as visitors, sum(s.conversions) as conversions
          from public.partner_landing_page_stats as s
          where s.day between since and until
            -- The range of the policy once more, where an index can see it.
            and s.partner_id between (select private.scope_start()) and (select private.scope_end())
          group by 1, 2, 3
        ) as d
        left join public.partner_marketing_campaigns as c on c.id = d.campaign_id
      ) as r
    ),
    'pages', (
      select coalesce(jsonb_agg(to_jsonb(r) order by r.visitors desc, r.path), '[]')
      from (
        select p.live_path as path, p.title, f.views, f.visitors, f.conversions
        from (
          select
            s.page_id, sum(s.views) as views, sum(s.visitors) as visitors, sum(s.conversions) as conversions
          from public.partner_landing_page_stats as s
          where s.day between since and until
            and s.partner_id between (select private.scope_start()) and (select private.scope_end())
          group by s.page_id
          order by visitors desc, s.page_id asc
          limit 100
        ) as f
        join public.partner_landing_pages as p on p.id = f.page_id
      ) as r
    ),
    'drops', (
      select coalesce(jsonb_agg(to_jsonb(r) order by r.attempts desc, r.reason), '[]')
      from (
        select d.reason, sum(d.attempts) as attempts
        from public.partner_landing_page_drops as d
        where d.day between since and until and d.attempts > 0
          and d.partner_id between (select private.scope_start()) and (select private.scope_end())
        group by d.reason
      ) as r
    )
  );
end
$$;
comment on function public.landing_page_report(date, date) is
  'The caller''s figures from one day to another: rows by day, source and campaign (an admin''s, which are everybody''s, by day and '
  'source), the hundred pages with most visitors, and what was not counted. 400 period_refused.';

revoke all on function public.landing_page_report(date, date) from public, anon, authenticated, service_role;
grant execute on function public.landing_page_report(date, date) to authenticated;
