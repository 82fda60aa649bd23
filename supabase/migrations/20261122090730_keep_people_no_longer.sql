-- How long people are kept: as long as a partner needs them, and no longer. Counts stay.

set local lock_timeout = '3s';
set local statement_timeout = '60s';

create table private.retention (
  is_the_row boolean primary key default true,
  person_months integer not null default 12,
  event_days integer not null default 90,
  delivery_days integer not null default 90,
  constraint retention_is_one_row check (is_the_row),
  constraint retention_bounds check (
    person_months between 1 and 120 and event_days between 14 and 3650 and delivery_days between 14 and 3650
  )
);
comment on table private.retention is 'How long people are kept, which an operator sets. One row.';
comment on column private.retention.person_months is 'The person behind a lead, after it came in.';
comment on column private.retention.event_days is 'The person who came with an event that nobody has understood.';
comment on column private.retention.delivery_days is 'Who was told of a lead when; and alerts that are resolved.';
alter table private.retention enable row level security;
revoke all on table private.retention from public, anon, authenticated, service_role;
insert into private.retention default values;

create function public.maintain_people()
returns jsonb
language plpgsql
volatile
-- Definer: job_runner owns no table.
security definer
set search_path = ''
as $$
declare
  -- A call is short, whatever has been left undone: the rest goes with the next.
  most constant integer := 5000;
  kept private.retention;
  people integer;
  event_people integer;
  deliveries integer;
begin
  select r.* into kept from private.retention as r;
  delete from public.partner_lead_contacts as k
  where k.lead_id in (
    select c.lead_id
    from public.partner_lead_contacts as c
    where c.created_at < now() - make_interval(months => kept.person_months)
    order by c.created_at
    limit most
    for update skip locked
  );
  get diagnostics people = row_count;
  delete from private.inbox_persons as p
  where p.inbox_id in (
    select i.inbox_id
    from private.inbox_persons as i
    where i.created_at < now() - make_interval(days => kept.event_days)
    order by i.created_at
    limit most
    for update skip locked
  );
  get diagnostics event_people = row_count;
  delete from private.lead_outbox as o
  where o.id in (
    select d.id
    from private.lead_outbox as d
    where d.created_at < now() - make_interval(days => kept.delivery_days) and d.due_at is null
    order by d.created_at
    limit most
  );
  get diagnostics deliveries = row_count;
  delete from private.alerts as a where a.resolved_at < now() - make_interval(days => kept.delivery_days);
  return jsonb_build_object('people', people, 'event_people', event_people, 'deliveries', deliveries);
end
$$;
comment on function public.maintain_people() is
  'As job_runner, once an hour: forgets people whose time in private.retention is over, as erase_lead() does, 5,000 a call. Answers how '
  'many: {"people", "event_people", "deliveries"}.';

revoke all on function public.maintain_people() from public, anon, authenticated, service_role;
grant execute on function public.maintain_people() to job_runner;
