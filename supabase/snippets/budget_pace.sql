-- This month's spend against each partner's budget (EUR): those who are ahead of it first.
select b.partner_slug, b.level, b.channel, b.segment_id, b.budget, b.spent, b.expected_by_now, b.expected_at_end, b.spend_as_of
from public.budget_pace as b
where b.level = 'partner'
order by b.is_ahead desc nulls last, b.spent desc nulls last;
