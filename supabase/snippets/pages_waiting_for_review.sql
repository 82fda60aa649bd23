-- Pages that wait for review, longest first. To approve one in the Table Editor, set its status to live; to send it
-- back, set status to concept and write status_reason in the same save. For the next version of a page that is already live
-- (is_update), set live_version_id to its submitted_version_id, or submitted_version_id to null with a status_reason.
select *, now() - submitted_at as waiting
from public.landing_pages_in_review
order by submitted_at;
