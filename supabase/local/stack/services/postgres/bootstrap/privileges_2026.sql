-- What newer projects take back, word for word as the CLI does for `auto_expose_new_tables = false`. It
-- leaves truncate, references, trigger and maintain on tables, update on sequences, and execute through
-- PUBLIC, which is why a migration revokes everything before it grants.

alter default privileges for role postgres in schema public
  revoke select, insert, update, delete on tables from anon, authenticated, service_role;
alter default privileges for role postgres in schema public
  revoke usage, select on sequences from anon, authenticated, service_role;
alter default privileges for role postgres in schema public
  revoke execute on functions from anon, authenticated, service_role;
