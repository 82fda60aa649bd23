-- A page says something of its own: one that differs from another in the name of a city alone is a doorway page, for which
-- search engines punish the whole site (https://developers.google.com/search/docs/essentials/spam-policies#doorways).
--
-- Compared here, since a partner may not read what others of the same trade have live. Whoever renders refuses.

set local lock_timeout = '3s';
set local statement_timeout = '60s';

create extension if not exists pg_trgm with schema extensions;

create function private.landing_page_words(content jsonb)
returns text
language sql
immutable
set search_path = ''
as $$
  -- What is the same on every page of a firm for good reasons is left out, and so are addresses. Of a very long page its
  -- beginning is enough: four hundred comparisons take half a second at the usual length.
  select coalesce(left(string_agg(t.text #>> '{}', ' ' order by t.number), 8000), '')
  from jsonb_path_query(
    content,
    '$.blocks[*] ? (@."type" != "legal" && @."type" != "lead_form" && @."type" != "area_served").data.** ? (@.type() == "string")'
  ) with ordinality as t (text, number)
  where t.text #>> '{}' !~ '^(https?:|tel:|mailto:|[/#])'
$$;
comment on function private.landing_page_words(jsonb) is 'What a page says for itself.';

create function private.find_most_alike(page public.partner_landing_pages)
returns jsonb
language sql
stable
set search_path = ''
as $$
  with others as (
    select v.path, v.snapshot
    from public.partner_landing_pages as p
    join public.partner_landing_page_versions as v on v.id in (p.live_version_id, p.submitted_version_id)
    where p.partner_id = page.partner_id and p.id <> page.id
    union all
    (
      select v.path, v.snapshot
      from public.partner_landing_pages as p
      join public.partner_landing_page_versions as v on v.id = private.served_version_id(p, now())
      where p.segment_id = page.segment_id and p.partner_id <> page.partner_id and p.status = 'live'
      order by p.published_at desc
      limit 200
    )
  )

  select jsonb_build_object('path', o.path, 'likeness', round(l.likeness::numeric, 2))
  from others as o
  cross join (select private.landing_page_words(page.content_json) as words) as own
  cross join lateral extensions.similarity(own.words, private.landing_page_words(o.snapshot -> 'content')) as l (likeness)
  where l.likeness > (select q.max_likeness from private.partner_quotas as q where q.partner_id = page.partner_id)
  order by l.likeness desc, o.path
  limit 1
$$;
comment on function private.find_most_alike(public.partner_landing_pages) is
  'The page that a page is too much like, as {"path", "likeness"}, 0 to 1; null if none. Of the partner''s own, those that are '
  'live or wait; of others, the 200 that went live last in the same segment.';

create function private.check_says_its_own(page public.partner_landing_pages)
returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  resembled jsonb;
begin
  -- A partner's pages are handed in one after the other: of two at once, the second is compared with the first.
  perform from private.partner_quotas as q where q.partner_id = page.partner_id for no key update;
  resembled := private.find_most_alike(page);
  if resembled is not null then
    raise sqlstate 'PT422' using
      message = 'content_refused',
      detail = format(
        'The page must say something of its own; %s %% is the same as %s.',
        round(100 * (resembled ->> 'likeness')::numeric), resembled ->> 'path'
      ),
      hint = 'Mend the blocks, then submit again: POST /landing-pages/{id}/submit lists everything else too.';
  end if;
end
$$;
comment on function private.check_says_its_own(public.partner_landing_pages) is
  'Raises content_refused (422) for a page that is too much like another, whoever stored its document.';

revoke all on all functions in schema private from public;
