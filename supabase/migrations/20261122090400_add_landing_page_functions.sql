-- What the API offers on landing pages. Each function in `public` runs with its caller's rights and only calls its
-- counterpart in `private`, which is security definer because the steps write columns that nobody is granted.
-- The counterpart finds the page as its caller would and asks for a step; the walk of the migration before takes it.

set local lock_timeout = '3s';
set local statement_timeout = '60s';

create function private.find_own_landing_page(page_id uuid)
returns public.partner_landing_pages
language plpgsql
volatile
set search_path = ''
as $$
declare
  page public.partner_landing_pages;
begin
  select p.* into page
  from public.partner_landing_pages as p
  where p.id = find_own_landing_page.page_id and private.may_act_for(p.partner_id)
  for update;
  if page.id is null then
    raise sqlstate 'PT404' using
      message = 'page_not_found',
      detail = 'There is no such page, or it is not yours.',
      hint = 'Check the id; list your pages with GET /rest/v1/partner_landing_pages.';
  end if;
  return page;
end
$$;
comment on function private.find_own_landing_page(uuid) is
  'The page, locked, if the caller is its partner, an admin or a trusted role. Raises page_not_found (404).';

create function private.describe_landing_page(page_id uuid)
returns jsonb
language sql
stable
set search_path = ''
as $$
  select jsonb_build_object(
    'id', p.id,
    'path', coalesce(p.live_path, p.path),
    'status', p.status,
    'live_version', live.number,
    'submitted_version', submitted.number,
    'content_hash', coalesce(submitted.content_hash, live.content_hash),
    'published_at', p.published_at,
    'unpublish_at', p.unpublish_at
  )
  from public.partner_landing_pages as p
  left join public.partner_landing_page_versions as live on live.id = p.live_version_id
  left join public.partner_landing_page_versions as submitted on submitted.id = p.submitted_version_id
  where p.id = describe_landing_page.page_id
$$;
comment on function private.describe_landing_page(uuid) is 'What every step answers: where the page stands now.';

-- Rendering -------------------------------------------------------------------------------------------------------

create function private.find_landing_page_snapshot(page_id uuid, template_version text)
returns jsonb
language plpgsql
volatile
-- Definer: a live platform's policies may not let an admin read the branding on a partner's profile.
security definer
set search_path = ''
as $$
declare
  page public.partner_landing_pages;
  snapshot jsonb;
begin
  select p.* into page
  from public.partner_landing_pages as p
  where p.id = find_landing_page_snapshot.page_id and private.may_act_for(p.partner_id);
  snapshot := private.landing_page_snapshot(page, template_version);
  if snapshot is null then
    raise sqlstate 'PT404' using
      message = 'page_not_found',
      detail = 'There is no such page, or it is not yours.',
      hint = 'Check the id; list your pages with GET /rest/v1/partner_landing_pages.';
  end if;
  -- What nobody could submit is not rendered either.
  perform private.check_landing_page_step('submit', page);
  perform private.check_submissions_left(page.partner_id, documents_too => true);
  return jsonb_build_object(
    'content_hash', private.landing_page_hash(snapshot), 'snapshot', snapshot, 'resembles', private.find_most_alike(page)
  );
end
$$;

create function public.landing_page_snapshot(page_id uuid, template_version text)
returns jsonb
language sql volatile set search_path = ''
as $$ select private.find_landing_page_snapshot(page_id, template_version) $$;
comment on function public.landing_page_snapshot(uuid, text) is
  'Everything that the bytes of one''s own page depend on, its hash, and the page that it is too much like. 404 page_not_found; 409 '
  'transition_not_allowed.';

create function private.find_live_landing_page_snapshot(page_id uuid, template_version text)
returns jsonb
language plpgsql
volatile
-- Definer: as find_landing_page_snapshot().
security definer
set search_path = ''
as $$
declare
  page constant public.partner_landing_pages := private.find_own_landing_page(page_id);
  snapshot jsonb;
begin
  perform private.check_landing_page_step('rerender', page);
  select v.snapshot || jsonb_build_object('template_version', template_version) into snapshot
  from public.partner_landing_page_versions as v where v.id = page.live_version_id;
  return jsonb_build_object('content_hash', private.landing_page_hash(snapshot), 'snapshot', snapshot);
end
$$;

create function public.live_landing_page_snapshot(page_id uuid, template_version text)
returns jsonb
language sql volatile set search_path = ''
as $$ select private.find_live_landing_page_snapshot(page_id, template_version) $$;
comment on function public.live_landing_page_snapshot(uuid, text) is
  'What is live, to be rendered by another template, and its hash. 403 not_allowed; 404 page_not_found; 409 '
  'transition_not_allowed.';

create function public.store_landing_page_document(
  page_id uuid, content_hash text, template_version text, html_gzip bytea, csp text, signature bytea
)
returns void
language plpgsql
volatile
-- Definer: page_renderer may store a document and read no table.
security definer
set search_path = ''
as $$
declare
  page_partner_id uuid;
  is_known boolean;
begin
  perform private.begin_ledger_write();
  update private.landing_page_documents as d
  set rendered_at = clock_timestamp()
  where d.content_hash = store_landing_page_document.content_hash
    and (d.page_id, d.template_version, d.html_gzip, d.csp, d.signature)
    = (
      store_landing_page_document.page_id, store_landing_page_document.template_version,
      store_landing_page_document.html_gzip, store_landing_page_document.csp, store_landing_page_document.signature
    );
  is_known := found;
  perform private.end_ledger_write();
  if is_known then
    return; -- A retry, or the content is what it was before an edit.
  end if;
  -- The page before the quota, as whoever submits takes them: the other way round two clicks would deadlock.
  select p.partner_id into page_partner_id
  from public.partner_landing_pages as p where p.id = store_landing_page_document.page_id
  for key share;
  perform private.check_submissions_left(page_partner_id, documents_too => true);
  insert into private.landing_page_documents (page_id, content_hash, template_version, html_gzip, csp, signature)
  values (page_id, content_hash, template_version, html_gzip, csp, signature)
  on conflict do nothing;
  -- The first document of a hash wins, since what a hash stands for never changes. Whoever renders something else has
  -- other templates than they say, or somebody else has stored what these templates do not make.
  if not found then
    raise sqlstate 'PT409' using
      message = 'document_conflict',
      detail = 'Another document is stored for this content.',
      hint = 'Change a word of the page and submit again; tell an operator, who should look at who stored the other.';
  end if;
end
$$;
comment on function public.store_landing_page_document(uuid, text, text, bytea, text, bytea) is
  'As page_renderer: keeps the rendered document of a page''s snapshot hash whose gates have passed. 409 '
  'document_conflict; 429 too_many_submissions.';

-- Steps -----------------------------------------------------------------------------------------------------------

create function private.ask_for_landing_page_step(
  page public.partner_landing_pages, step text, version_id uuid default null, reason text default null
)
returns jsonb
language plpgsql
volatile
set search_path = ''
as $$
begin
  perform private.check_landing_page_step(step, page);
  update public.partner_landing_pages as p
  set status = s.to_status,
    submitted_version_id = case
      when s.step = 'submit' then version_id
      when s.step not in ('withdraw', 'reject') then p.submitted_version_id
    end,
    live_version_id = case s.step
      when 'approve' then p.submitted_version_id
      when 'roll_back' then version_id
      when 'rerender' then version_id
      else p.live_version_id
    end,
    status_reason = ask_for_landing_page_step.reason
  from private.landing_page_steps() as s
  where p.id = page.id and s.step = ask_for_landing_page_step.step and s.from_status = p.status;
  return private.describe_landing_page(page.id);
end
$$;
comment on function private.ask_for_landing_page_step(public.partner_landing_pages, text, uuid, text) is
  'Changes the row as the step has it and answers where the page stands then. Raises not_allowed (403) or '
  'transition_not_allowed (409), and whatever the walk says.';

create function private.find_template_version(page_id uuid, content_hash text)
returns text
language plpgsql
stable
set search_path = ''
as $$
declare
  rendered_with text;
begin
  select d.template_version into rendered_with
  from private.landing_page_documents as d
  where d.content_hash = find_template_version.content_hash and d.page_id = find_template_version.page_id;
  if rendered_with is null then
    raise sqlstate 'PT409' using
      message = 'document_missing',
      detail = 'No document has been rendered for this content.',
      hint = 'Submit the page through the API: POST /landing-pages/{id}/submit.';
  end if;
  return rendered_with;
end
$$;
comment on function private.find_template_version(uuid, text) is
  'Which template a page''s document was rendered with. Raises document_missing (409).';

create function private.add_version(
  page public.partner_landing_pages, content_hash text, snapshot jsonb, is_rerendered boolean default false
)
returns uuid
language plpgsql
volatile
set search_path = ''
as $$
declare
  version_id uuid;
begin
  insert into public.partner_landing_page_versions as v
    (page_id, partner_id, number, content_hash, path, snapshot, is_rerendered)
  select
    page.id,
    page.partner_id,
    1 + coalesce((select max(w.number) from public.partner_landing_page_versions as w where w.page_id = page.id), 0),
    content_hash, snapshot ->> 'path', snapshot, is_rerendered
  on conflict on constraint partner_landing_page_versions_content_hash_key do nothing
  returning v.id into version_id;
  if version_id is null then
    select v.id into version_id
    from public.partner_landing_page_versions as v
    where v.page_id = page.id and v.content_hash = add_version.content_hash;
  end if;
  return version_id;
end
$$;
comment on function private.add_version(public.partner_landing_pages, text, jsonb, boolean) is
  'The version of this content, made unless there is one.';

create function private.submit_landing_page(page_id uuid, content_hash text)
returns jsonb
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  page constant public.partner_landing_pages := private.find_own_landing_page(page_id);
  rendered_with constant text := private.find_template_version(page_id, content_hash);
  page_snapshot jsonb;
  version_id uuid;
begin
  page_snapshot := private.landing_page_snapshot(page, rendered_with);
  if private.landing_page_hash(page_snapshot) <> content_hash
    or exists (
      select from private.landing_page_documents as d
      join private.landing_page_documents as newer on newer.page_id = d.page_id and newer.rendered_at > d.rendered_at
      where d.content_hash = submit_landing_page.content_hash
    )
  then
    raise sqlstate 'PT409' using
      message = 'content_changed',
      detail = 'The page or its branding was edited, or rendered anew, after this content was rendered.',
      hint = 'Submit again.';
  end if;

  perform private.check_submissions_left(page.partner_id);
  version_id := private.add_version(page, content_hash, page_snapshot);

  -- Submitting what is live, or what already waits, changes nothing: a retry is not an error.
  if version_id in (page.live_version_id, page.submitted_version_id) then
    return private.describe_landing_page(page.id);
  end if;
  return private.ask_for_landing_page_step(page, 'submit', version_id);
end
$$;

create function private.approve_landing_page(page_id uuid, content_hash text)
returns jsonb
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  page constant public.partner_landing_pages := private.find_own_landing_page(page_id);
  looked_at uuid;
begin
  perform private.check_step_is_callers('approve', page);
  if content_hash is null then
    raise sqlstate 'PT400' using
      message = 'content_hash_required',
      detail = 'An approval says what it approves: another version may be submitted while you look at this one.',
      hint = 'Send the content_hash of what you looked at; the view landing_pages_in_review has it.';
  end if;
  select v.id into looked_at
  from public.partner_landing_page_versions as v
  where v.page_id = page.id and v.content_hash = approve_landing_page.content_hash;
  if page.submitted_version_id is null and looked_at = page.live_version_id then
    return private.describe_landing_page(page.id); -- A retry: exactly this is live already.
  end if;
  if page.submitted_version_id is not null
    and looked_at is distinct from page.submitted_version_id
  then
    raise sqlstate 'PT409' using
      message = 'content_changed',
      detail = 'Another version has been submitted since the one you looked at.',
      hint = 'Look at the page again, then approve its new content_hash.';
  end if;
  return private.ask_for_landing_page_step(page, 'approve');
end
$$;

create function private.reject_landing_page(page_id uuid, reason text)
returns jsonb
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  page constant public.partner_landing_pages := private.find_own_landing_page(page_id);
begin
  return private.ask_for_landing_page_step(
    page, case when private.is_own_page(page) then 'withdraw' else 'reject' end, reason => reject_landing_page.reason
  );
end
$$;

create function private.archive_landing_page(page_id uuid, reason text)
returns jsonb
language sql
volatile
security definer
set search_path = ''
as $$
  select private.ask_for_landing_page_step(private.find_own_landing_page(page_id), 'archive', reason => reason)
$$;

create function private.restore_landing_page(page_id uuid)
returns jsonb
language sql
volatile
security definer
set search_path = ''
as $$
  select private.ask_for_landing_page_step(private.find_own_landing_page(page_id), 'restore')
$$;

create function private.roll_back_landing_page(page_id uuid, version integer)
returns jsonb
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  page constant public.partner_landing_pages := private.find_own_landing_page(page_id);
  target uuid;
begin
  select v.id into target
  from public.partner_landing_page_versions as v
  where v.page_id = page.id and v.number = roll_back_landing_page.version;
  if target is null then
    raise sqlstate 'PT404' using
      message = 'version_not_found',
      detail = format('The page has no version %s.', version),
      hint = 'List them with GET /rest/v1/partner_landing_page_versions?page_id=eq.' || page.id;
  end if;
  perform private.check_landing_page_step('roll_back', page);
  perform private.check_was_approved(page.id, target);
  if target = page.live_version_id then
    return private.describe_landing_page(page.id);
  end if;
  return private.ask_for_landing_page_step(page, 'roll_back', target);
end
$$;

create function private.rerender_landing_page(page_id uuid, content_hash text)
returns jsonb
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  page constant public.partner_landing_pages := private.find_own_landing_page(page_id);
  rendered_with text;
  page_snapshot jsonb;
  version_id uuid;
begin
  perform private.check_landing_page_step('rerender', page);
  rendered_with := private.find_template_version(page.id, content_hash);
  select v.snapshot || jsonb_build_object('template_version', rendered_with) into page_snapshot
  from public.partner_landing_page_versions as v where v.id = page.live_version_id;
  if private.landing_page_hash(page_snapshot) <> content_hash then
    raise sqlstate 'PT409' using
      message = 'content_changed',
      detail = 'Another version went live after this one was rendered anew.',
      hint = 'Render it anew again.';
  end if;
  version_id := private.add_version(page, content_hash, page_snapshot, is_rerendered => true);
  if version_id = page.live_version_id then
    return private.describe_landing_page(page.id); -- It is of this template already.
  end if;
  return private.ask_for_landing_page_step(page, 'rerender', version_id);
end
$$;

-- The API ---------------------------------------------------------------------------------------------------------

create function public.submit_landing_page(page_id uuid, content_hash text)
returns jsonb
language sql volatile set search_path = ''
as $$ select private.submit_landing_page(page_id, content_hash) $$;
comment on function public.submit_landing_page(uuid, text) is
  'Asks for approval of exactly this content; on a live page, of its next version. 404 page_not_found; 409 '
  'document_missing, content_changed, transition_not_allowed.';

create function public.approve_landing_page(page_id uuid, content_hash text)
returns jsonb
language sql volatile set search_path = ''
as $$ select private.approve_landing_page(page_id, content_hash) $$;
comment on function public.approve_landing_page(uuid, text) is
  'Makes the submitted version live if its hash is this one. 400 content_hash_required; 403 not_allowed, '
  'author_cannot_approve; 404; 409.';

create function public.reject_landing_page(page_id uuid, reason text default null)
returns jsonb
language sql volatile set search_path = ''
as $$ select private.reject_landing_page(page_id, reason) $$;
comment on function public.reject_landing_page(uuid, text) is
  'Sends a page back with a reason; a partner''s own call withdraws it and needs none. 400 reason_required; 404; 409.';

create function public.archive_landing_page(page_id uuid, reason text default null)
returns jsonb
language sql volatile set search_path = ''
as $$ select private.archive_landing_page(page_id, reason) $$;
comment on function public.archive_landing_page(uuid, text) is
  'Takes a live page down. 404 page_not_found; 409 transition_not_allowed.';

create function public.restore_landing_page(page_id uuid)
returns jsonb
language sql volatile set search_path = ''
as $$ select private.restore_landing_page(page_id) $$;
comment on function public.restore_landing_page(uuid) is
  'Makes an archived page a concept again. 404 page_not_found; 409 transition_not_allowed.';

create function public.roll_back_landing_page(page_id uuid, version integer)
returns jsonb
language sql volatile set search_path = ''
as $$ select private.roll_back_landing_page(page_id, version) $$;
comment on function public.roll_back_landing_page(uuid, integer) is
  'Makes a version live that has been live before. 404 page_not_found, version_not_found; 409 version_not_approved.';

create function public.rerender_landing_page(page_id uuid, content_hash text)
returns jsonb
language sql volatile set search_path = ''
as $$ select private.rerender_landing_page(page_id, content_hash) $$;
comment on function public.rerender_landing_page(uuid, text) is
  'Makes what is live live as another template renders it. 403 not_allowed; 404 page_not_found; 409 document_missing, '
  'content_changed.';

-- Serving ---------------------------------------------------------------------------------------------------------

create function private.live_landing_page(path text)
returns table (
  html_gzip bytea, csp text, signature bytea, content_hash text, location text, seconds_left double precision
)
language plpgsql
stable
-- Definer: a visitor sees the document of a live version and may read no table.
security definer
set search_path = ''
as $$
begin
  perform private.check_query();
  return query
  select
    d.html_gzip, d.csp, d.signature, d.content_hash, v.path,
    -- Until the page's own schedule has something else, or another page is planned to have the path.
    extract(
      epoch from least(
        private.served_until(p, now()),
        (
          select min(a.since) from private.landing_page_addresses as a
          where a.path = live_landing_page.path and a.since > now()
        )
      ) - now()
    )::double precision
  from public.partner_landing_pages as p
  left join public.partner_landing_page_versions as v on v.id = private.served_version_id(p, now())
  left join private.landing_page_documents as d on d.content_hash = v.content_hash and v.path = live_landing_page.path
  where p.id = private.page_at(live_landing_page.path, now());
end
$$;

create function public.live_landing_page(path text)
returns table (
  html_gzip bytea, csp text, signature bytea, content_hash text, location text, seconds_left double precision
)
language sql stable set search_path = ''
as $$ select * from private.live_landing_page(path) $$;
comment on function public.live_landing_page(text) is
  'The document that is live at this path, as landing_page_publish made and signed it. Without one, location is where the '
  'page that was here is live now, null if it is live nowhere; and no row, if there never was any. seconds_left says how long '
  'this is going to hold, where its schedule ends it. 400 query_too_long.';

create function private.landing_page_sitemap(number integer)
returns jsonb
language plpgsql
stable
-- Definer: a visitor may know which pages are live and may read no table.
security definer
set search_path = ''
as $$
declare
  a_sitemap constant integer := 1000;
  sitemaps integer;
begin
  perform private.check_query();
  select greatest(1, ceil(count(*)::numeric / a_sitemap)) into sitemaps
  from public.partner_landing_pages as p where p.status = 'live';
  if number not between 1 and sitemaps then
    return null;
  end if;
  return jsonb_build_object('sitemaps', sitemaps, 'pages', (
    select coalesce(
      jsonb_agg(
        jsonb_build_object(
          'path', v.path,
          'changed_at', case when v.id = (p.page).live_version_id then (p.page).published_at else v.created_at end
        )
        order by v.page_id
      ),
      '[]'
    )
    from (
      select l as page
      from public.partner_landing_pages as l
      where l.status = 'live'
      order by l.id
      offset (number - 1) * a_sitemap
      limit case when number is null then 0 else a_sitemap end
    ) as p
    join public.partner_landing_page_versions as v on v.id = private.served_version_id(p.page, now())
  ));
end
$$;

create function public.landing_page_sitemap(number integer default null)
returns jsonb
language sql stable set search_path = ''
as $$ select private.landing_page_sitemap(number) $$;
comment on function public.landing_page_sitemap(integer) is
  'Answers {"sitemaps", "pages": [{"path", "changed_at"}]}: how many sitemaps there are, and the live pages of this one, at most '
  'a thousand; none without a number, and null for one that there is not. 400 query_too_long.';

-- Grants ----------------------------------------------------------------------------------------------------------

revoke all on all functions in schema private from public;
revoke all on function
  public.landing_page_snapshot(uuid, text), public.store_landing_page_document(uuid, text, text, bytea, text, bytea),
  public.submit_landing_page(uuid, text), public.approve_landing_page(uuid, text),
  public.reject_landing_page(uuid, text), public.archive_landing_page(uuid, text),
  public.restore_landing_page(uuid), public.roll_back_landing_page(uuid, integer),
  public.live_landing_page_snapshot(uuid, text), public.rerender_landing_page(uuid, text),
  public.live_landing_page(text), public.landing_page_sitemap(integer)
from public, anon, authenticated, service_role;

grant execute on function
  public.landing_page_snapshot(uuid, text), public.submit_landing_page(uuid, text),
  public.approve_landing_page(uuid, text), public.reject_landing_page(uuid, text),
  public.archive_landing_page(uuid, text), public.restore_landing_page(uuid),
  public.roll_back_landing_page(uuid, integer),
  public.live_landing_page_snapshot(uuid, text), public.rerender_landing_page(uuid, text)
to authenticated, service_role;
grant execute on function
  private.find_landing_page_snapshot(uuid, text), private.find_live_landing_page_snapshot(uuid, text),
  private.rerender_landing_page(uuid, text),
  private.submit_landing_page(uuid, text), private.approve_landing_page(uuid, text),
  private.reject_landing_page(uuid, text), private.archive_landing_page(uuid, text),
  private.restore_landing_page(uuid), private.roll_back_landing_page(uuid, integer)
to authenticated, service_role;
grant execute on function public.store_landing_page_document(uuid, text, text, bytea, text, bytea) to page_renderer;
grant execute on function
  public.live_landing_page(text), private.live_landing_page(text),
  public.landing_page_sitemap(integer), private.landing_page_sitemap(integer)
to anon, authenticated, service_role;
