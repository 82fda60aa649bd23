-- Approves what waits: look at it first (pages_waiting_for_review has preview_path), then name the version that you saw.
update public.partner_landing_pages
set live_version_id = submitted_version_id
where id = '00000000-0000-0000-0000-000000000000' -- the page
  and submitted_version_id = '00000000-0000-0000-0000-000000000000' -- its submitted_version_id, as you looked at it
returning id, path, status, published_at;
