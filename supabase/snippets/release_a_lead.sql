-- Gives a lead that was held to its partner: leads_in_quarantine lists them with why.
select l.id, l.reason, public.release_lead(l.id) as released
from public.partner_leads as l
where l.id = '00000000-0000-0000-0000-000000000000'; -- the lead
