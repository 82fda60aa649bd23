-- Each connected ad account: how it is, which day is missing, and when it is asked again.
select
  h.channel, h.account_id, h.name, h.health, h.health_detail, h.last_success_at, h.oldest_missing_day, h.next_run_at, h.blocked_until,
  h.last_error, h.consent_ends_at, h.is_enabled
from private.sync_health as h
order by h.health <> 'ok' desc, h.oldest_missing_day asc nulls last;
