-- Pages that wait for review, longest first. preview_path shows exactly what is to be approved: open it behind the site's
-- address, https://www.example.nl/previews/... To approve one in the Table Editor, copy its submitted_version_id
-- into live_version_id. To send it back, set status to concept, or submitted_version_id to null where it is the next version of
-- a page that is already live (is_update), and write status_reason in the same save.
select *, now() - submitted_at as waiting
from public.landing_pages_in_review
order by submitted_at;
