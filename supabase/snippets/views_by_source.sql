-- The last four weeks' visits by where they came from, with what was not counted at the end: chart visitors by source.
select s.source, sum(s.views) as views, sum(s.visitors) as visitors, sum(s.conversions) as conversions,
  round(sum(s.conversions) / nullif(sum(s.visitors), 0), 4) as conversion_rate
from public.partner_landing_page_stats as s
where s.day > current_date - 28
group by s.source
union all
select 'dropped: ' || d.reason, sum(d.attempts), null, null, null
from public.partner_landing_page_drops as d
where d.day > current_date - 28
group by d.reason
order by visitors desc nulls last, views desc;
