-- Counters that are not what their ledgers add up to. No rows is as it should be; otherwise, as a fix:
--   select public.rebuild_counters(); -- Until it answers 0.
select * from private.find_counter_drift();
