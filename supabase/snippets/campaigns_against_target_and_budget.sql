-- Campaigns with spend against target and budget (EUR), the worrying ones first.
select *
from public.campaign_performance
where status <> 'archived'
order by is_over_budget desc nulls last, is_over_target desc nulls last, spend_this_month desc;
