"""Everything that a database keeps, to be compared and to be searched."""

from dataclasses import dataclass
from functools import cached_property

import psycopg
from psycopg import sql

_TABLES = """
    select n.nspname, c.relname
    from pg_catalog.pg_class as c
    join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
    where c.relkind = 'r' and n.nspname <> 'information_schema' and n.nspname not like 'pg\\_%'
"""
_STATEMENTS = sql.SQL("select 'remembered statements', string_agg(query, e'\\n') from {}")
_ROWS = sql.SQL("select {}, coalesce(string_agg(t::text, e'\\n'), '') from {} as t")
_SUM = sql.SQL("select {}, md5(coalesce(string_agg(t::text, e'\\n' order by t::text), '')) from {} as t")


@dataclass(frozen=True)
class Records:
    """One connection, of the superuser, so that nothing is hidden from it."""

    connection: psycopg.Connection

    def fingerprint(self) -> dict[str, str]:
        """Sum up each table of ours in one word. Two that are equal hold the same rows.

        What was turned away is accounted for a few seconds later, and is no change of anything else.
        """
        return dict(self.connection.execute(self._sums).fetchall())

    def text(self) -> str:
        """Write out every row of every schema, and every statement that was remembered."""
        statements = _STATEMENTS.format(sql.Identifier("extensions", "pg_stat_statements"))
        tables = self.connection.execute(_TABLES).fetchall()
        rows = [_ROWS.format(table, sql.Identifier(schema, table)) for schema, table in tables]
        found = self.connection.execute(sql.SQL(" union all ").join([*rows, statements])).fetchall()
        return "\n".join(text for _, text in found)

    @cached_property
    def _sums(self) -> sql.Composed:
        ours = "and n.nspname in ('public', 'private') and c.relname <> 'partner_landing_page_drops'"
        tables = self.connection.execute(_TABLES + ours).fetchall()
        return sql.SQL(" union all ").join(
            _SUM.format(f"{schema}.{table}", sql.Identifier(schema, table)) for schema, table in tables
        )
