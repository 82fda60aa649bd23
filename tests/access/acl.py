"""Reading the exact rights from the catalogue: one line a grant, sorted, so that a difference reads as one."""

from tests.database import Database

# Extensions own nothing in these schemas. The owner's own rights are left out; a null list means the built-in ones.
_QUERY = """
with objects as (
  select 'schema' as kind, n.nspname::text as name, n.nspowner as owner, '' as col,
    coalesce(n.nspacl, acldefault('n', n.nspowner)) as acl
  from pg_namespace as n
  where n.nspname in ('public', 'private')
  union all
  select
    case c.relkind when 'S' then 'sequence' when 'v' then 'view' else 'table' end,
    c.oid::regclass::text, c.relowner, '',
    coalesce(c.relacl, acldefault(case c.relkind when 'S' then 's' else 'r' end::"char", c.relowner))
  from pg_class as c
  where c.relnamespace in ('public'::regnamespace, 'private'::regnamespace) and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
  union all
  select 'column', a.attrelid::regclass::text, c.relowner, a.attname::text, a.attacl
  from pg_attribute as a
  join pg_class as c on c.oid = a.attrelid
  where c.relnamespace in ('public'::regnamespace, 'private'::regnamespace) and a.attacl is not null and not a.attisdropped
  union all
  select 'function', p.oid::regprocedure::text, p.proowner, '', coalesce(p.proacl, acldefault('f', p.proowner))
  from pg_proc as p
  where p.pronamespace in ('public'::regnamespace, 'private'::regnamespace)
  union all
  select 'type', t.oid::regtype::text, t.typowner, '', t.typacl
  from pg_type as t
  where t.typnamespace in ('public'::regnamespace, 'private'::regnamespace) and t.typacl is not null
)

select concat_ws(
  ' ',
  case when g.grantee = 0 then 'PUBLIC' else g.grantee::regrole::text end,
  o.kind, o.name, string_agg(distinct lower(g.privilege_type) || case when g.is_grantable then '*' else '' end, ',' order by
    lower(g.privilege_type) || case when g.is_grantable then '*' else '' end),
  nullif('(' || o.col || ')', '()')
) as line
from objects as o
cross join lateral aclexplode(o.acl) as g
where g.grantee <> o.owner
group by g.grantee, o.kind, o.name, o.col
order by 1
"""


def read_acl(database: Database) -> list[str]:
    """Return every right in schemas `public` and `private` that somebody else than the owner has."""
    # Names are written in full only when nothing is on the search path.
    with database.connection.transaction():
        database.run("set local search_path = pg_catalog")
        return [row["line"] for row in database.rows(_QUERY)]


def read_policies(database: Database) -> list[str]:
    """Return every policy in those schemas, in one line each."""
    with database.connection.transaction():
        database.run("set local search_path = pg_catalog")
        return [
            row["line"]
            for row in database.rows(
                "select concat_ws(' | ', schemaname, tablename, policyname, permissive, roles, cmd, qual, with_check) as line"
                " from pg_policies where schemaname in ('public', 'private') order by 1"
            )
        ]
