-- What platforms reported, by what became of it. docs/webhooks.md says what to do for each reason.
select source, channel, kind, status, reason, events, conflicts, oldest, newest
from private.inbox_overview
order by status desc, oldest asc;
