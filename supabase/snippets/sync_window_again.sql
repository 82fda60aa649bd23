-- Has days of every connected account asked for once more: set the two days. Nothing counts twice.
select c.channel, c.account_id, public.request_sync(c.channel, c.account_id, current_date - 30, current_date - 1) as asked
from private.ad_connections as c
where c.is_enabled
order by c.channel asc, c.account_id asc;
