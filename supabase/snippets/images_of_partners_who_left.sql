-- Folders of pictures whose partner has left. SQL cannot delete files; delete each folder under Storage >
-- landing-page-images in the dashboard, or see docs/images.md for a line of supabase-js.
select (storage.foldername(o.name))[1] as folder, count(*) as pictures, max(o.created_at) as newest
from storage.objects as o
where o.bucket_id = 'landing-page-images'
  and (storage.foldername(o.name))[1] ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
  and (storage.foldername(o.name))[1] not in (select p.id::text from public.profiles as p)
group by folder
order by newest;
