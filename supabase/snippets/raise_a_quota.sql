-- How much a partner may store: pages, bytes of content, campaigns, segment links, pictures, and how alike two pages may be.
update private.partner_quotas
set max_pages = 500
where partner_id = '00000000-0000-0000-0000-000000000000' -- the partner
returning *;
