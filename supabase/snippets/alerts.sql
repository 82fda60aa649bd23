-- What needs a person, and what did in the last week.
select a.kind, a.subject, a.detail, a.raised_at, a.resolved_at
from private.alerts as a
where a.resolved_at is null or a.resolved_at > now() - interval '7 days'
order by a.resolved_at desc nulls first, a.raised_at asc;
