-- Leads that their partner has let lie, oldest first, and who may get them: select public.reassign_lead('lead', 'partner').
select u.lead_id, u.partner_slug, u.path, u.submitted_at, u.waiting, u.may_go_to
from private.untouched_leads as u
order by u.since asc;
