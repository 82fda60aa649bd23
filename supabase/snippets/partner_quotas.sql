-- Partners who have used four fifths of a quota. To raise one, for example:
--   update private.partner_quotas set max_pages = 500 where partner_id = '...';
-- To let one have pages that are alike (0.80 is as much as others may, 1 is anything):
--   update private.partner_quotas set max_likeness = 1 where partner_id = '...';
-- For a partner who has no row yet: insert into private.partner_quotas (partner_id, max_pages) values ('...', 500);
select p.partner_slug, q.*
from private.partner_quotas as q
join public.profiles as p on p.id = q.partner_id
where q.pages >= 0.8 * q.max_pages or q.campaigns >= 0.8 * q.max_campaigns
  or q.segment_links >= 0.8 * q.max_segment_links or q.images >= 0.8 * q.max_images
  or q.content_bytes >= 0.8 * q.max_content_bytes
order by p.partner_slug;
