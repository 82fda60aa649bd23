-- What platforms only announced and nobody has asked for yet.
select channel, object_type, count(*) as objects, max(waiting) as longest_wait
from private.fetch_queue
group by channel, object_type
order by longest_wait desc;
