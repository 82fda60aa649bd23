-- Who can read other partners' profiles, and so their budgets, under the policies of today. Run it after every change
-- to a policy or grant on public.profiles. No rows is as it should be.
select * from private.profiles_shown_to_strangers();
