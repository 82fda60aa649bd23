-- Has a budget that a partner wished sent to its platform: campaign_writes_to_do lists what waits, each with its id.
select w.id, w.field, w.value, public.decide_campaign_write(w.id, 'send') as decided
from public.partner_campaign_writes as w
where w.id = 0 -- the wish
  and w.status = 'needs_approval';
