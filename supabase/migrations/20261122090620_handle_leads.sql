-- What becomes of a lead: how far its partner is, what an admin lets count, whom an admin looks at, and who is forgotten.

set local lock_timeout = '3s';
set local statement_timeout = '60s';

-- Ledgers ---------------------------------------------------------------------------------------------------------

create table public.partner_lead_looks (
  id uuid primary key default gen_random_uuid(),
  lead_id uuid not null references public.partner_leads (id) on delete cascade,
  partner_id uuid,
  actor text not null,
  actor_id uuid,
  looked_at timestamptz not null default now(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint partner_lead_looks_actor_known check (actor in ('admin', 'dashboard', 'service_role'))
);
comment on table public.partner_lead_looks is
  'Who looked at the person behind a lead without being its partner. The dashboard''s Table Editor and service_role leave no row: '
  'they read tables.';
comment on column public.partner_lead_looks.partner_id is 'The lead''s partner, repeated for row level security.';
comment on column public.partner_lead_looks.actor_id is 'The admin''s account.';
create index partner_lead_looks_lead_id_idx on public.partner_lead_looks (lead_id);
create index partner_lead_looks_partner_id_idx on public.partner_lead_looks (partner_id, looked_at);
create trigger partner_lead_looks_keep
  before update or delete on public.partner_lead_looks
  for each row execute function private.refuse_write();
create trigger partner_lead_looks_keep_out
  before insert on public.partner_lead_looks
  for each statement execute function private.refuse_write();
create trigger partner_lead_looks_set_updated_at
  before update on public.partner_lead_looks
  for each row execute function extensions.moddatetime(updated_at);
alter table public.partner_lead_looks enable row level security;
create policy partner_lead_looks_select_own on public.partner_lead_looks
  for select to authenticated
  using (partner_id between (select private.scope_start()) and (select private.scope_end()));
revoke all on table public.partner_lead_looks from public, anon, authenticated, service_role;
grant select on table public.partner_lead_looks to authenticated, service_role;

create table public.partner_lead_steps (
  id uuid primary key default gen_random_uuid(),
  lead_id uuid not null references public.partner_leads (id) on delete cascade,
  -- No foreign key, as in the figures: whoever leaves has the profile locked.
  partner_id uuid,
  from_status text not null,
  to_status text not null,
  lost_reason text,
  actor text not null,
  actor_id uuid,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint partner_lead_steps_actor_known check (actor in ('partner', 'admin', 'dashboard', 'service_role'))
);
comment on table public.partner_lead_steps is 'Who said when how far a lead is.';
comment on column public.partner_lead_steps.partner_id is 'The lead''s partner, repeated for row level security.';
create index partner_lead_steps_lead_id_idx on public.partner_lead_steps (lead_id);
create index partner_lead_steps_partner_id_idx on public.partner_lead_steps (partner_id, created_at);
create trigger partner_lead_steps_keep
  before update or delete on public.partner_lead_steps
  for each row execute function private.refuse_write();
create trigger partner_lead_steps_keep_out
  before insert on public.partner_lead_steps
  for each statement execute function private.refuse_write();
create trigger partner_lead_steps_set_updated_at
  before update on public.partner_lead_steps
  for each row execute function extensions.moddatetime(updated_at);
alter table public.partner_lead_steps enable row level security;
create policy partner_lead_steps_select_own on public.partner_lead_steps
  for select to authenticated
  using (partner_id between (select private.scope_start()) and (select private.scope_end()));
revoke all on table public.partner_lead_steps from public, anon, authenticated, service_role;
grant select on table public.partner_lead_steps to authenticated, service_role;

-- Who may, and about which lead ------------------------------------------------------------------------------------

create function private.require_admin()
returns void
language plpgsql
stable
set search_path = ''
as $$
begin
  if private.actor() = 'partner' then
    raise sqlstate 'PT403' using
      message = 'not_allowed',
      detail = 'Only an admin may do this.',
      hint = 'Ask an admin of the marketplace.';
  end if;
end
$$;
comment on function private.require_admin() is 'Raises not_allowed (403) for partners.';

create function private.raise_lead_not_found()
returns void
language plpgsql
set search_path = ''
as $$
begin
  raise sqlstate 'PT404' using
    message = 'lead_not_found',
    detail = 'There is no such lead, or it is not the caller''s.',
    hint = 'Look in partner_leads for its id.';
end
$$;
comment on function private.raise_lead_not_found() is 'Raises lead_not_found (404).';

create function private.find_lead(lead_id uuid)
returns public.partner_leads
language plpgsql
stable
set search_path = ''
as $$
declare
  lead public.partner_leads;
begin
  select l.* into lead from public.partner_leads as l where l.id = lead_id;
  if lead.id is null then
    perform private.raise_lead_not_found();
  end if;
  return lead;
end
$$;
comment on function private.find_lead(uuid) is 'Raises lead_not_found (404).';

-- What a partner reads ---------------------------------------------------------------------------------------------

create function public.my_leads(before_at timestamptz default null, before_id uuid default null, most integer default 50)
returns jsonb
language sql
stable
set search_path = ''
as $$
  with mine as (
    select l.*
    from public.partner_leads as l
    where l.partner_id = (select auth.uid()) and l.outcome <> 'quarantined' and not l.is_test
      and (my_leads.before_at is null or (l.submitted_at, l.id) < (my_leads.before_at, my_leads.before_id))
    order by l.submitted_at desc, l.id desc
    limit least(greatest(my_leads.most, 1), 500)
  )

  select coalesce(
    jsonb_agg(
      jsonb_build_object(
        'id', m.id,
        'submitted_at', m.submitted_at,
        'outcome', m.outcome,
        'status', m.status,
        'lost_reason', m.lost_reason,
        'source', coalesce(m.source, m.channel),
        'page', case when p.id is not null then jsonb_build_object('title', p.title, 'path', coalesce(p.live_path, p.path)) end,
        'person', case
          when k.lead_id is not null then jsonb_build_object(
            'name', k.name, 'email', k.email, 'phone', k.phone, 'postcode', k.postcode, 'message', k.message, 'answers', k.answers
          )
        end
      )
      order by m.submitted_at desc, m.id desc
    ),
    '[]'
  )
  from mine as m
  left join public.partner_lead_contacts as k on k.lead_id = m.id
  left join public.partner_landing_pages as p on p.id = m.page_id
$$;
comment on function public.my_leads(timestamptz, uuid, integer) is
  'As a partner: the newest leads, or those before one (its submitted_at and id), each with its person, its page and how far it is; 500 '
  'at most. person is null once they were erased.';

-- Handling --------------------------------------------------------------------------------------------------------

create function private.set_lead_status(lead_id uuid, status text, lost_reason text)
returns text
language plpgsql
volatile
-- Definer: ledgers are written by their own functions alone.
security definer
set search_path = ''
as $$
declare
  lead public.partner_leads;
begin
  lead := private.find_lead(lead_id);
  -- What a partner does not see is not there.
  if private.actor() = 'partner' and (lead.partner_id is distinct from auth.uid() or lead.outcome = 'quarantined') then
    perform private.raise_lead_not_found();
  end if;
  if (set_lead_status.status in ('new', 'contacted', 'quoted', 'won', 'lost')) is not true
    or (set_lead_status.status = 'lost') <> (set_lead_status.lost_reason is not null)
    or set_lead_status.lost_reason not in (
      'no_answer', 'price', 'another_firm', 'out_of_area', 'not_our_work', 'not_serious', 'withdrawn', 'other'
    )
  then
    raise sqlstate 'PT400' using
      message = 'lead_status_refused',
      detail = 'A lead is new, contacted, quoted, won, or lost for a reason: no_answer, price, another_firm, out_of_area, '
        'not_our_work, not_serious, withdrawn, other.',
      hint = 'Send one of these, and lost_reason with lost alone.';
  end if;
  perform private.hold_partners(array[lead.partner_id]);
  select l.* into lead from public.partner_leads as l where l.id = lead.id for no key update;
  if (lead.status, lead.lost_reason) is not distinct from (set_lead_status.status, set_lead_status.lost_reason) then
    return lead.status;
  end if;
  if (select count(*) from public.partner_lead_steps as s where s.lead_id = lead.id) >= 100 then
    raise sqlstate 'PT429' using
      message = 'too_many_lead_steps',
      detail = 'A lead has at most 100 steps.',
      hint = 'Leave it as it is, or ask the marketplace.';
  end if;
  perform private.begin_ledger_write();
  insert into public.partner_lead_steps (lead_id, partner_id, from_status, to_status, lost_reason, actor, actor_id)
  values (
    lead.id, lead.partner_id, lead.status, set_lead_status.status, set_lead_status.lost_reason, private.actor(), auth.uid()
  );
  update public.partner_leads as l
  set status = set_lead_status.status, lost_reason = set_lead_status.lost_reason
  where l.id = lead.id;
  perform private.end_ledger_write();
  return set_lead_status.status;
end
$$;

create function public.set_lead_status(lead_id uuid, status text, lost_reason text default null)
returns text
language sql volatile set search_path = ''
as $$ select private.set_lead_status(lead_id, status, lost_reason) $$;
comment on function public.set_lead_status(uuid, text, text) is
  'As the lead''s partner or an admin: says how far a lead is, new, contacted, quoted, won or lost (with lost_reason), and keeps who said '
  'so when in partner_lead_steps. Answers the status. Saying it again changes nothing. 400 lead_status_refused; '
  '404 lead_not_found; 429 too_many_lead_steps.';

create function private.release_lead(lead_id uuid)
returns text
language plpgsql
volatile
-- Definer: ledgers are written by their own functions alone.
security definer
set search_path = ''
as $$
declare
  lead public.partner_leads;
begin
  perform private.require_admin();
  lead := private.find_lead(lead_id);
  perform private.hold_partners(array[lead.partner_id]);
  perform from public.partner_landing_pages as p where p.id = lead.page_id for no key update;
  -- Again, now that nobody else can release it.
  lead := private.find_lead(lead_id);
  if lead.outcome <> 'quarantined' then
    return lead.outcome;
  end if;
  lead.reason := null;
  lead.outcome := case
    when exists (
      select
      from public.partner_lead_contacts as k
      cross join lateral private.find_same_contact(lead.id, lead.page_id, k.email, k.phone, lead.created_at) as s
      where k.lead_id = lead.id and s.is_on_page
    ) then 'duplicate'
    else 'counted'
  end;
  perform private.begin_ledger_write();
  update public.partner_leads as l set outcome = lead.outcome, reason = null where l.id = lead.id;
  perform private.queue_lead(lead.id);
  if lead.outcome = 'counted' then
    perform private.count_lead(lead);
  end if;
  perform private.end_ledger_write();
  return lead.outcome;
end
$$;

create function public.release_lead(lead_id uuid)
returns text
language sql volatile set search_path = ''
as $$ select private.release_lead(lead_id) $$;
comment on function public.release_lead(uuid) is
  'As an admin: a quarantined lead counts after all, on its own day, and its partner sees it. Answers what it is now: counted, or '
  'duplicate. 403 not_allowed; 404 lead_not_found.';

create function private.erase_lead(lead_id uuid)
returns boolean
language plpgsql
volatile
-- Definer: nobody may delete a person by hand.
security definer
set search_path = ''
as $$
begin
  perform private.require_admin();
  perform private.find_lead(lead_id);
  delete from public.partner_lead_contacts as k where k.lead_id = erase_lead.lead_id;
  return found;
end
$$;

create function public.erase_lead(lead_id uuid)
returns boolean
language sql volatile set search_path = ''
as $$ select private.erase_lead(lead_id) $$;
comment on function public.erase_lead(uuid) is
  'As an admin: forgets the person behind a lead, wherever they are, and what they agreed to. No count changes, and a platform that '
  'tells of them again is not believed. Answers whether anybody was there. 403 not_allowed; 404 lead_not_found.';

create function private.find_people(email text, phone text)
returns table (lead_id uuid, inbox_id bigint)
language plpgsql
stable
set search_path = ''
as $$
begin
  return query select k.lead_id, null::bigint
  from public.partner_lead_contacts as k
  where k.email in (find_people.email, lower(find_people.email)) or k.phone = find_people.phone
  union all
  -- Not by index: here is only what nobody has understood yet.
  select null, p.inbox_id
  from private.inbox_persons as p
  where lower(p.person ->> 'email') = lower(find_people.email) or p.person ->> 'phone' = find_people.phone;
end
$$;
comment on function private.find_people(text, text) is
  'Where somebody is kept: with which leads, and with which events that made none.';

create function private.erase_person(email text, phone text)
returns integer
language plpgsql
volatile
-- Definer: nobody may delete a person by hand.
security definer
set search_path = ''
as $$
declare
  lead_ids uuid[];
  inbox_ids bigint[];
begin
  perform private.require_admin();
  select
    coalesce(array_agg(f.lead_id) filter (where f.lead_id is not null), '{}'),
    coalesce(array_agg(f.inbox_id) filter (where f.inbox_id is not null), '{}')
  into lead_ids, inbox_ids
  from private.find_people(erase_person.email, erase_person.phone) as f;
  delete from public.partner_lead_contacts as k where k.lead_id = any (lead_ids);
  delete from private.inbox_persons as p where p.inbox_id = any (inbox_ids);
  return cardinality(lead_ids) + cardinality(inbox_ids);
end
$$;

create function public.erase_person(email text default null, phone text default null)
returns integer
language sql volatile set search_path = ''
as $$ select private.erase_person(email, phone) $$;
comment on function public.erase_person(text, text) is
  'As an admin: forgets whoever has this e-mail address or telephone number, as export_person() finds them. Answers in how many places '
  'they were. 403 not_allowed.';

create function private.read_lead_person(lead_id uuid)
returns setof public.partner_lead_contacts
language plpgsql
volatile
-- Definer: admins read people through this function, which remembers it.
security definer
set search_path = ''
as $$
declare
  lead public.partner_leads;
begin
  perform private.require_admin();
  lead := private.find_lead(lead_id);
  if lead.partner_id is distinct from auth.uid() then
    perform private.begin_ledger_write();
    insert into public.partner_lead_looks (lead_id, partner_id, actor, actor_id)
    values (lead.id, lead.partner_id, private.actor(), auth.uid());
    perform private.end_ledger_write();
  end if;
  return query select k.* from public.partner_lead_contacts as k where k.lead_id = lead.id;
end
$$;

create function public.read_lead_person(lead_id uuid)
returns setof public.partner_lead_contacts
language sql volatile set search_path = ''
as $$ select * from private.read_lead_person(lead_id) $$;
comment on function public.read_lead_person(uuid) is
  'As an admin: the person behind any lead, and a row of partner_lead_looks that says who asked. Nobody if they were erased. '
  '403 not_allowed; 404 lead_not_found.';

create function private.export_person(email text, phone text)
returns jsonb
language plpgsql
volatile
-- Definer: admins read people through functions that remember it.
security definer
set search_path = ''
as $$
declare
  lead_ids uuid[];
begin
  perform private.require_admin();
  lead_ids := array(
    select f.lead_id
    from private.find_people(export_person.email, export_person.phone) as f
    where f.lead_id is not null
    order by f.lead_id
  );
  perform private.begin_ledger_write();
  insert into public.partner_lead_looks (lead_id, partner_id, actor, actor_id)
  select l.id, l.partner_id, private.actor(), auth.uid()
  from public.partner_leads as l
  where l.id = any (lead_ids) and l.partner_id is distinct from auth.uid();
  perform private.end_ledger_write();
  return coalesce(
    (
      select
        jsonb_agg(
          jsonb_build_object(
            'lead', to_jsonb(l),
            'person', to_jsonb(k),
            'steps', (
              select coalesce(jsonb_agg(to_jsonb(s) order by s.created_at), '[]') from public.partner_lead_steps as s where s.lead_id = l.id
            ),
            'looks', (
              select coalesce(jsonb_agg(to_jsonb(o) order by o.looked_at), '[]') from public.partner_lead_looks as o where o.lead_id = l.id
            ),
            'told', (
              select coalesce(jsonb_agg(to_jsonb(m) - 'lead_id' order by m.created_at), '[]')
              from private.lead_outbox as m
              where m.lead_id = l.id
            ),
            'platforms_told', (
              select coalesce(jsonb_agg(to_jsonb(v) - 'lead_id' order by v.id), '[]')
              from public.partner_lead_conversions as v
              where v.lead_id = l.id
            ),
            'webhook_persons', (
              select coalesce(jsonb_agg(p.person), '[]')
              from private.inbox_persons as p
              join private.campaign_inbox as i on i.id = p.inbox_id
              where i.channel = l.channel and i.external_lead_id = l.external_lead_id
            )
          )
          order by l.submitted_at
        )
      from public.partner_leads as l
      join public.partner_lead_contacts as k on k.lead_id = l.id
      where l.id = any (lead_ids)
    ),
    '[]'
  )
  -- Who came with an event that made no lead.
  || coalesce(
    (
      select jsonb_agg(jsonb_build_object('lead', null, 'webhook_persons', jsonb_build_array(p.person)) order by p.inbox_id)
      from private.find_people(export_person.email, export_person.phone) as f
      join private.inbox_persons as p on p.inbox_id = f.inbox_id
      join private.campaign_inbox as i on i.id = p.inbox_id
      where not exists (
        select
        from public.partner_leads as l
        where l.id = any (lead_ids) and l.channel = i.channel and l.external_lead_id = i.external_lead_id
      )
    ),
    '[]'
  );
end
$$;

create function public.export_person(email text default null, phone text default null)
returns jsonb
language sql volatile set search_path = ''
as $$ select private.export_person(email, phone) $$;
comment on function public.export_person(text, text) is
  'As an admin: all that is kept about whoever has this e-mail address or telephone number, as they are stored: a lead an entry, and a '
  'row of partner_lead_looks for each; and one for each event that made no lead. An empty list if nothing is. 403 not_allowed.';

revoke all on all functions in schema private from public;
revoke all on function
  public.my_leads(timestamptz, uuid, integer),
  public.set_lead_status(uuid, text, text), public.release_lead(uuid), public.erase_lead(uuid), public.erase_person(text, text),
  public.read_lead_person(uuid), public.export_person(text, text)
from public, anon, authenticated, service_role;
grant execute on function
  public.set_lead_status(uuid, text, text), private.set_lead_status(uuid, text, text),
  public.release_lead(uuid), private.release_lead(uuid),
  public.erase_lead(uuid), private.erase_lead(uuid),
  public.erase_person(text, text), private.erase_person(text, text),
  public.read_lead_person(uuid), private.read_lead_person(uuid),
  public.export_person(text, text), private.export_person(text, text)
to authenticated, service_role;
grant execute on function public.my_leads(timestamptz, uuid, integer) to authenticated;
