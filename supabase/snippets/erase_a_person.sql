-- Erases everybody of this address or number, for good: say who asked, and keep their request. The leads go on counting.
select public.erase_person(email := 'niemand@voorbeeld.nl', phone := null) as erased;
