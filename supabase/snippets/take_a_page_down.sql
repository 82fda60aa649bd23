-- Takes a live page down: it is gone within a minute, its address answers 410, and its partner cannot bring that version back.
update public.partner_landing_pages
set status = 'archived', status_reason = 'Klacht van een bezoeker.'
where id = '00000000-0000-0000-0000-000000000000' -- the page
  and status = 'live'
returning id, path, status, status_reason;
