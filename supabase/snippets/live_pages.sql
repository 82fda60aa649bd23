-- Live pages with views, conversions and rate, best first.
select *
from public.live_landing_pages
order by conversions_count desc, views_count desc;
