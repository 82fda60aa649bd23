-- The workflow of a page: which steps there are, who takes them, and what each brings about.
--
-- Everybody asks for a step in the same way, by changing the page's row: an admin in the Table Editor its status (on a
-- live page, its versions), the functions of the next migration the same columns. One trigger recognises the step that
-- a change asks for, looks it up in the table below, fills in what it implies and records it.

set local lock_timeout = '3s';
set local statement_timeout = '60s';

-- The steps -------------------------------------------------------------------------------------------------------

create function private.landing_page_steps()
returns table (step text, from_status text, to_status text, who text[], needs_reason boolean)
language sql
immutable
set search_path = ''
as $$
  -- `admin` is also the dashboard and service_role. A live page stays live while its next version is handed in,
  -- withdrawn or rejected, and a page in review may be handed in again as another template renders it.
  values
    ('submit',    'concept',  'review',   '{partner,admin}'::text[], false),
    ('submit',    'review',   'review',   '{partner,admin}', false),
    ('submit',    'live',     'live',     '{partner,admin}', false),
    ('withdraw',  'review',   'concept',  '{partner,admin}', false),
    ('withdraw',  'live',     'live',     '{partner,admin}', false),
    ('reject',    'review',   'concept',  '{admin}',         true),
    ('reject',    'live',     'live',     '{admin}',         true),
    ('approve',   'review',   'live',     '{admin}',         false),
    ('approve',   'live',     'live',     '{admin}',         false),
    ('roll_back', 'live',     'live',     '{partner,admin}', false),
    ('rerender',  'live',     'live',     '{admin}',         false),
    ('archive',   'live',     'archived', '{partner,admin}', false),
    ('restore',   'archived', 'concept',  '{partner,admin}', false)
$$;
comment on function private.landing_page_steps() is
  'The workflow of a landing page: which step leads from where to where, who takes it, and which needs a reason.';

create function private.is_own_page(page public.partner_landing_pages)
returns boolean
language sql
stable
set search_path = ''
as $$
  select coalesce(auth.uid() = page.partner_id, false) and not private.is_trusted_role()
$$;
comment on function private.is_own_page(public.partner_landing_pages) is 'Whether the caller is the page''s partner.';

create function private.was_approved(page_id uuid, version_id uuid)
returns boolean
language sql
stable
set search_path = ''
as $$
  select exists (
    select from public.partner_landing_page_submissions as s
    where s.page_id = was_approved.page_id and s.version_id = was_approved.version_id and s.status = 'approved'
  )
$$;
comment on function private.was_approved(uuid, uuid) is 'Whether a version''s approval stands.';

create function private.is_rerendered(version_id uuid, other_id uuid)
returns boolean
language sql
stable
set search_path = ''
as $$
  select coalesce(
    (
      select v.is_rerendered and v.snapshot - 'template_version' = o.snapshot - 'template_version'
      from public.partner_landing_page_versions as v
      join public.partner_landing_page_versions as o on o.id = is_rerendered.other_id and o.page_id = v.page_id
      where v.id = is_rerendered.version_id
    ),
    false
  )
$$;
comment on function private.is_rerendered(uuid, uuid) is 'Whether a version says what another one says, by another template.';

create function private.asked_landing_page_step(old_page public.partner_landing_pages, new_page public.partner_landing_pages)
returns text
language sql
stable
set search_path = ''
as $$
  select case
    when old_page.status <> 'archived' and new_page.status = 'archived' then 'archive'
    when old_page.status = 'archived' and new_page.status <> 'archived' then 'restore'
    when old_page.status = 'live'
      and new_page.live_version_id is distinct from old_page.live_version_id
      and new_page.live_version_id is distinct from old_page.submitted_version_id then case
        when private.is_rerendered(new_page.live_version_id, old_page.live_version_id)
          and not private.was_approved(old_page.id, new_page.live_version_id) then 'rerender'
        else 'roll_back'
      end
    when (old_page.status <> 'live' and new_page.status = 'live')
      or new_page.live_version_id is distinct from old_page.live_version_id then 'approve'
    when (old_page.status <> 'review' and new_page.status = 'review')
      or (
        new_page.submitted_version_id is not null
        and new_page.submitted_version_id is distinct from old_page.submitted_version_id
      ) then 'submit'
    when private.is_own_page(old_page)
      or private.landing_page_content(new_page) <> private.landing_page_content(old_page) then 'withdraw'
    else 'reject'
  end
$$;
comment on function private.asked_landing_page_step(public.partner_landing_pages, public.partner_landing_pages) is
  'Which step a change of status or versions asks for. Whether it is allowed, landing_page_steps() says.';

create function private.check_step_is_callers(step text, page public.partner_landing_pages)
returns void
language plpgsql
stable
set search_path = ''
as $$
begin
  if not exists (
    select from private.landing_page_steps() as s
    where s.step = check_step_is_callers.step
      and (
        private.is_own_page(page) and 'partner' = any (s.who)
        or private.actor() <> 'partner' and 'admin' = any (s.who)
      )
  ) then
    raise sqlstate 'PT403' using
      message = 'not_allowed',
      detail = format('Only an admin may %s a page.', step),
      hint = 'Ask an admin; what waits for approval is on their list.';
  end if;
end
$$;
comment on function private.check_step_is_callers(text, public.partner_landing_pages) is 'Raises not_allowed (403).';

create function private.check_landing_page_step(step text, page public.partner_landing_pages, to_status text default null)
returns void
language plpgsql
stable
set search_path = ''
as $$
begin
  perform private.check_step_is_callers(step, page);
  if not exists (
    select from private.landing_page_steps() as s
    where s.step = check_landing_page_step.step
      and s.from_status = page.status
      and s.to_status = coalesce(check_landing_page_step.to_status, s.to_status)
  ) or (step in ('approve', 'reject', 'withdraw') and page.submitted_version_id is null) then
    raise sqlstate 'PT409' using
      message = 'transition_not_allowed',
      detail = case
        when to_status <> page.status then format('A page cannot go from %s to %s.', page.status, to_status)
        else format('A page in %s has nothing to %s.', page.status, replace(step, '_', ' '))
      end,
      hint = 'The steps are concept, review, live, archived, concept; review can go back to concept. Read the page again.';
  end if;
end
$$;
comment on function private.check_landing_page_step(text, public.partner_landing_pages, text) is
  'Raises not_allowed (403) or transition_not_allowed (409).';

-- What approving asks for -----------------------------------------------------------------------------------------

create function private.check_second_pair_of_eyes(page public.partner_landing_pages)
returns void
language plpgsql
stable
set search_path = ''
as $$
declare
  approver uuid := auth.uid();
begin
  if page.source <> 'ai_generated' then
    return;
  end if;
  if approver is null or not private.is_admin() then
    raise sqlstate 'PT403' using
      message = 'named_approver_required',
      detail = 'A page made by AI is approved by a person with a name, and the dashboard has none.',
      hint = 'Approve it with your own account: POST /landing-pages/{id}/approve.';
  end if;
  -- Whoever handed in this very version before counts too: somebody else's handing it in again washes no hands.
  if approver = any (page.editor_ids) or approver = page.created_by or exists (
    select from public.partner_landing_page_submissions as s
    where s.version_id = page.submitted_version_id and s.submitted_by = approver
  ) then
    raise sqlstate 'PT403' using
      message = 'author_cannot_approve',
      detail = 'A page made by AI needs a second pair of eyes: whoever made, edited or submitted it does not approve it.',
      hint = 'Ask another admin.';
  end if;
end
$$;
comment on function private.check_second_pair_of_eyes(public.partner_landing_pages) is
  'Raises named_approver_required or author_cannot_approve (403) for a page that was made by AI.';

create function private.check_was_approved(page_id uuid, version_id uuid)
returns void
language plpgsql
stable
set search_path = ''
as $$
begin
  if not private.was_approved(page_id, version_id) then
    raise sqlstate 'PT409' using
      message = 'version_not_approved',
      detail = 'Only a version that was approved, and has not been taken down since, can be rolled back to.',
      hint = 'Submit and approve it.';
  end if;
end
$$;
comment on function private.check_was_approved(uuid, uuid) is 'Raises version_not_approved (409).';

create function private.check_blocks(content jsonb)
returns void
language plpgsql
immutable
set search_path = ''
as $$
declare
  types constant text[] := array(
    select b.block ->> 'type' from jsonb_array_elements(content -> 'blocks') with ordinality as b (block, number) order by b.number
  );
begin
  if types[1] is distinct from 'hero' or types[cardinality(types)] is distinct from 'legal'
    or exists (
      select from unnest('{hero,lead_form,legal}'::text[]) as r (required)
      where cardinality(array_positions(types, r.required)) <> 1
    )
    or (select count(distinct b.block ->> 'id') < count(*) from jsonb_array_elements(content -> 'blocks') as b (block))
  then
    raise sqlstate 'PT422' using
      message = 'content_refused',
      detail = 'A page has one hero block, which is the first, one lead_form, one legal block, which is the last, and no id twice.',
      hint = 'Mend the blocks, then submit again: POST /landing-pages/{id}/submit lists everything else too.';
  end if;
end
$$;
comment on function private.check_blocks(jsonb) is
  'Raises content_refused (422) for what no page can do without, whoever stored its document.';

create function private.find_submittable_version(page public.partner_landing_pages)
returns uuid
language plpgsql
stable
set search_path = ''
as $$
declare
  version_id uuid;
begin
  -- A version of exactly what the page says now, whichever template it was rendered with.
  select v.id into version_id
  from public.partner_landing_page_versions as v
  where v.page_id = page.id
    and (page.submitted_version_id is null or v.id = page.submitted_version_id)
    and v.snapshot = private.landing_page_snapshot(page, v.snapshot ->> 'template_version')
  order by v.number desc
  limit 1;
  if version_id is null then
    raise sqlstate 'PT409' using
      message = 'document_missing',
      detail = 'What the page says now has not been rendered and checked.',
      hint = 'Submit it through the API: POST /landing-pages/{id}/submit.';
  end if;
  return version_id;
end
$$;
comment on function private.find_submittable_version(public.partner_landing_pages) is
  'The version that holds the page''s present content. Raises document_missing (409).';

create function private.find_free_path(version_id uuid)
returns text
language plpgsql
stable
set search_path = ''
as $$
declare
  version public.partner_landing_page_versions;
begin
  select v.* into version from public.partner_landing_page_versions as v where v.id = find_free_path.version_id;
  if exists (
    select from public.partner_landing_pages as p
    left join public.partner_landing_page_versions as v on v.id = p.previous_version_id and p.published_at > now()
    where p.id <> version.page_id and version.path in (p.live_path, v.path) and p.status = 'live'
  ) then
    raise sqlstate 'PT409' using
      message = 'path_taken',
      detail = format('Another page is live at %s.', version.path),
      hint = 'Archive that page or publish a new version of it elsewhere first.';
  end if;
  return version.path;
end
$$;
comment on function private.find_free_path(uuid) is
  'Where a version is going to be live. Raises path_taken (409); the unique key sees what this cannot see yet.';

create function private.page_at(path text, moment timestamptz)
returns uuid
language sql
stable
set search_path = ''
as $$
  -- A page that is live beats one that was.
  select a.page_id
  from private.landing_page_addresses as a
  where a.path = page_at.path and a.since <= moment
  order by a.since desc
  limit 1
$$;
comment on function private.page_at(text, timestamptz) is 'Which page a path belongs to; null if there was never one.';

create function private.plan_address(page public.partner_landing_pages)
returns void
language plpgsql
volatile
set search_path = ''
as $$
begin
  -- What was planned of the page, and has not come to pass, is planned anew.
  delete from private.landing_page_addresses as a where a.page_id = page.id and a.since > now();
  insert into private.landing_page_addresses (path, since, page_id)
  select page.live_path, page.published_at, page.id
  where page.live_path is not null and private.page_at(page.live_path, page.published_at) is distinct from page.id
  on conflict on constraint landing_page_addresses_pkey do update set page_id = excluded.page_id;
end
$$;
comment on function private.plan_address(public.partner_landing_pages) is
  'Keeps where a page is going to be live and from when, for when it no longer is.';

-- Taking a step ---------------------------------------------------------------------------------------------------

create function private.record_submission(page public.partner_landing_pages, step text, version_id uuid, reason text)
returns void
language plpgsql
volatile
set search_path = ''
as $$
begin
  perform private.begin_ledger_write();
  -- What waited until now was decided by this step, or has been overtaken by it.
  update public.partner_landing_page_submissions as s
  set status = case step when 'approve' then 'approved' when 'reject' then 'rejected' else 'withdrawn' end,
    decided_as = private.actor(),
    decided_by = auth.uid(),
    decided_at = now(),
    reason = record_submission.reason
  where s.page_id = page.id and s.status = 'waiting';
  perform private.end_ledger_write();
  if step = 'submit' then
    insert into public.partner_landing_page_submissions (page_id, partner_id, version_id, submitted_as, submitted_by)
    values (page.id, page.partner_id, version_id, private.actor(), auth.uid());
  end if;
end
$$;
comment on function private.record_submission(public.partner_landing_pages, text, uuid, text) is
  'Closes the submission that waits, if one does, and opens one for `submit`.';

create function private.revoke_approval(page public.partner_landing_pages, reason text)
returns void
language plpgsql
volatile
set search_path = ''
as $$
begin
  perform private.begin_ledger_write();
  update public.partner_landing_page_submissions as s
  set status = 'revoked',
    decided_as = private.actor(),
    decided_by = auth.uid(),
    decided_at = now(),
    reason = revoke_approval.reason
  -- Where the live version waits for its time, what visitors see is another one.
  where s.page_id = page.id and s.version_id in (page.live_version_id, private.served_version_id(page, now()))
    and s.status = 'approved';
  perform private.end_ledger_write();
end
$$;
comment on function private.revoke_approval(public.partner_landing_pages, text) is
  'Takes back that what is live was approved, so that no roll-back brings it up again.';

create function private.approve_rerendered(page public.partner_landing_pages, version_id uuid)
returns void
language sql
volatile
set search_path = ''
as $$
  insert into public.partner_landing_page_submissions (
    page_id, partner_id, version_id, status, submitted_as, submitted_by, decided_as, decided_by, decided_at, reason
  )
  values (
    page.id, page.partner_id, version_id, 'approved', private.actor(), auth.uid(), private.actor(), auth.uid(), now(),
    'rendered anew'
  )
$$;
comment on function private.approve_rerendered(public.partner_landing_pages, uuid) is
  'What was approved by one template is approved by another, and says so.';

create function private.walk_landing_page()
returns trigger
language plpgsql
-- Definer: partners may not read what the checks look at; the session's role still decides who is asking.
security definer
set search_path = ''
as $$
declare
  asked text;
  reason text := nullif(trim(case when new.status_reason is distinct from old.status_reason then new.status_reason end), '');
  -- Each step empties it or gives its own, so what stands there while a page waits was written for its rejection.
  noted constant text := case when old.submitted_version_id is not null then nullif(trim(old.status_reason), '') end;
begin
  if (new.live_path, new.published_at, new.previous_version_id)
    is distinct from (old.live_path, old.published_at, old.previous_version_id)
  then
    raise sqlstate 'PT409' using
      message = 'transition_not_allowed',
      detail = 'Where and since when a page is live follows from its live version.',
      hint = 'Submit and approve it.';
  end if;
  -- In the Table Editor a version is approved by naming it, and the status follows.
  if new.status = old.status and new.live_version_id = old.submitted_version_id then
    new.status := 'live';
  end if;
  asked := private.asked_landing_page_step(old, new);
  perform private.check_landing_page_step(asked, old, new.status);
  if asked = 'reject' then
    reason := coalesce(reason, noted);
  end if;
  if reason is null and (
    select bool_or(s.needs_reason) from private.landing_page_steps() as s where s.step = asked
  ) then
    raise sqlstate 'PT400' using
      message = 'reason_required',
      detail = 'A page is not sent back without saying what to mend.',
      hint = 'Give the reason; in the Table Editor, in status_reason.';
  end if;
  new.status_reason := reason;
  if asked in ('submit', 'approve', 'roll_back') and new.unpublish_at <= now() then
    raise sqlstate 'PT409' using
      message = 'schedule_over',
      detail = format('The page is to be gone from %s on, which is over.', new.unpublish_at),
      hint = 'Empty unpublish_at, or move it.';
  end if;

  case asked
    when 'submit' then
      perform private.check_blocks(new.content_json);
      -- Once more: since its document was stored, another page may have been handed in that says the same.
      perform private.check_says_its_own(new);
      new.submitted_version_id := private.find_submittable_version(new);
    when 'withdraw', 'reject' then
      new.submitted_version_id := null;
      if private.landing_page_content(new) <> private.landing_page_content(old) then
        reason := 'edited while in review';
      end if;
    when 'approve' then
      perform private.check_second_pair_of_eyes(old);
      if new.live_version_id is distinct from old.submitted_version_id then
        raise sqlstate 'PT400' using
          message = 'version_required',
          detail = 'An approval names the version: another one may be submitted while you look at this one.',
          hint = 'Set live_version_id to the submitted_version_id that you looked at; the status follows.';
      end if;
      new.submitted_version_id := null;
    when 'roll_back' then
      perform private.check_was_approved(old.id, new.live_version_id);
      reason := coalesce(reason, 'rolled back');
    when 'rerender' then
      perform private.approve_rerendered(old, new.live_version_id);
      reason := coalesce(reason, 'rendered anew');
    when 'archive' then
      new.submitted_version_id := null;
      new.live_version_id := null;
    when 'restore' then
      null;
  end case;

  -- A partner's own version may come back as it was; what somebody else took down may not.
  if asked in ('archive', 'roll_back') and not private.is_own_page(old) then
    perform private.revoke_approval(old, reason);
  end if;
  if new.live_version_id is distinct from old.live_version_id then
    new.live_path := private.find_free_path(new.live_version_id);
    new.published_at := case
      -- What has had its day stays dated; what never came so far does not.
      when new.live_version_id is null then case when old.published_at <= now() then old.published_at end
      when asked = 'approve' then greatest(now(), new.publish_at)
      when asked = 'rerender' then old.published_at
      else now()
    end;
    new.previous_version_id := case
      when new.live_version_id is not null and new.published_at > now() then private.served_version_id(old, now())
    end;
    perform private.plan_address(new);
  end if;
  if new.submitted_version_id is distinct from old.submitted_version_id then
    perform private.record_submission(old, asked, new.submitted_version_id, reason);
  end if;
  if (new.status, new.live_version_id) is distinct from (old.status, old.live_version_id) then
    insert into public.partner_landing_page_transitions
      (page_id, partner_id, from_status, to_status, version_id, actor, actor_id, reason)
    values (
      old.id, old.partner_id, old.status, new.status,
      coalesce(new.live_version_id, old.live_version_id, new.submitted_version_id, old.submitted_version_id),
      private.actor(), auth.uid(), reason
    );
  end if;
  return new;
end
$$;
comment on function private.walk_landing_page() is
  'Trigger: takes the step that a change asks for, for every writer. Says no with a stable word, fills in what the step '
  'implies, and records it.';

create function private.refuse_same_status()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if new.submitted_version_id is not null and new.status = 'live' then
    raise sqlstate 'PT400' using
      message = 'version_required',
      detail = 'The page is live, and a next version waits. An approval names the version.',
      hint = 'Set live_version_id to the submitted_version_id that you looked at.';
  end if;
  raise sqlstate 'PT409' using
    message = 'transition_not_allowed',
    detail = format('The page is %s already.', new.status),
    hint = 'Leave status out.';
end
$$;
comment on function private.refuse_same_status() is
  'Trigger: whoever sets a status that is there already, and nothing else, hears that nothing came of it.';

create trigger partner_landing_pages_ask_for_a_step
  before update of status on public.partner_landing_pages
  for each row
  when (new.* is not distinct from old.*)
  execute function private.refuse_same_status();

-- After the edit is noticed, which may withdraw the page. Counting a view and an edit of a concept are no steps.
create trigger partner_landing_pages_walk
  before update on public.partner_landing_pages
  for each row
  when (
    new.partner_id is not null
    and (
      new.status, new.submitted_version_id, new.live_version_id, new.previous_version_id, new.live_path, new.published_at
    )
    is distinct from (
      old.status, old.submitted_version_id, old.live_version_id, old.previous_version_id, old.live_path, old.published_at
    )
  )
  execute function private.walk_landing_page();

-- Changing a plan ---------------------------------------------------------------------------------------------------

create function private.follow_publish_at()
returns trigger
language plpgsql
-- Definer: partners may not write addresses.
security definer
set search_path = ''
as $$
begin
  new.published_at := greatest(now(), new.publish_at);
  perform private.plan_address(new);
  return new;
end
$$;
comment on function private.follow_publish_at() is
  'Trigger: an approved version that waits for its time has another one. What visitors see already, they go on seeing.';

-- After the walk, which lets nobody else change published_at: triggers fire by name.
create trigger partner_landing_pages_walk_to_publish_at
  before update of publish_at on public.partner_landing_pages
  for each row
  when (
    new.live_version_id = old.live_version_id
    and old.published_at > now()
    and new.publish_at is distinct from old.publish_at
  )
  execute function private.follow_publish_at();

revoke all on all functions in schema private from public;
