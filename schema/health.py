"""Is the database there, and the numbers that tell whether the place is well."""

from schema import database as db
from schema.database import Conn


async def ping(conn: Conn) -> None:
    """Raises when the database does not answer."""
    await db.value(conn, "select 1")


async def numbers(conn: Conn) -> dict[str, float]:
    """Gauges by name; ages in seconds."""
    rows = await db.value(
        conn,
        """select jsonb_build_object(
             'deliveries_due', (select count(*) from deliveries where state = 'due'),
             'deliveries_due_oldest_seconds', (select coalesce(extract(epoch from
               now() - min(created)), 0) from deliveries where state = 'due'),
             'deliveries_refused', (select count(*) from deliveries where state = 'refused'),
             'arrivals_due', (select count(*) from activities
               where state in ('received', 'waiting')),
             'arrivals_refused', (select count(*) from activities
               where direction = 'in' and state in ('refused', 'malformed')),
             'peers_failing', (select count(*) from peers where failures > 0),
             'peers_linked', (select count(*) from peers where link = 'linked'),
             'accounts', (select count(*) from accounts where state = 'active'),
             'proposals_open', (select count(*) from proposals where state = 'open'),
             'reports_open', (select count(*) from reports where state = 'open'))""",
    )
    return {str(name): float(value) for name, value in rows.items()}
