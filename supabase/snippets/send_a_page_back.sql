-- Sends a page back to its partner with what there is to mend. Of a live page only the next version goes; the page stays up.
update public.partner_landing_pages
set
  status = case status when 'review' then 'concept' else status end,
  submitted_version_id = null,
  status_reason = 'Noem een telefoonnummer.'
where id = '00000000-0000-0000-0000-000000000000' -- the page
  and submitted_version_id is not null
returning id, path, status, status_reason;
