-- Each webhook's last sign of life. LinkedIn makes sure of its own every two hours, and stops delivering after three failures.
select source, last_received_at, silent_for, events_last_week, is_silent, last_handshake_at, is_handshake_late
from private.webhook_sources
order by is_silent desc, source asc;
