"""Needs and offers of two hundred cities, made by SQL from the words of the categories."""

from uuid import UUID

from psycopg import Connection, connect

from schema import categories, places

CITIES = 200
PEOPLE = 50  # of each city


def fill(conninfo: str, number: int) -> None:
    """Cities, people and `number` open listings; the indexes are built at the end."""
    words = [
        (keyword.parts[0].lstrip("=^"), keyword.category)
        for keyword in categories.load()._keywords["de"]
        if len(keyword.parts) == 1 and len(keyword.parts[0]) > 4
    ]
    largest = sorted(_around(), key=lambda place: -place.population)[:CITIES]
    with connect(conninfo, autocommit=True) as conn:
        params = {
            "n": number,
            "cities": CITIES,
            "people": PEOPLE,
            "words": [word for word, _ in words],
            "categories": [category for _, category in words],
            "latitudes": [place.latitude for place in largest],
            "longitudes": [place.longitude for place in largest],
        }
        conn.execute(_PEERS, params)
        conn.execute(_ACTORS, params)
        conn.execute(_RESIDENT, {"id": RESIDENT})
        rebuilt = _drop_indexes(conn)
        conn.execute(_LISTINGS, params)
        conn.execute(_WORDS)
        for index in rebuilt:
            conn.execute(index.encode())
        conn.execute("vacuum analyze")


def _around() -> list[places.Place]:
    return [
        place
        for place in places.load().rows
        if 46 < place.latitude < 54 and 6 < place.longitude < 17
    ]


def _drop_indexes(conn: Connection) -> list[str]:
    """The definitions of those that are no keys."""
    found = conn.execute(
        """select indexname, indexdef from pg_indexes where tablename = 'proposals'
           and indexname not in (select conname from pg_constraint)"""
    ).fetchall()
    for name, _ in found:
        conn.execute(f'drop index "{name}"'.encode())
    return [definition for _, definition in found]


_PEERS = """insert into peers (origin, host, title, link)
  select 'https://c' || i || '.example', 'c' || i || '.example', 'City ' || i, 'linked'
  from generate_series(1, %(cities)s) i"""

_ACTORS = """insert into actors (id, kind, uri, peer, name, host, title, languages, inbox,
    latitude, longitude)
  select gen_random_uuid(), 'person', 'https://c' || i || '.example/people/p' || j,
    'https://c' || i || '.example', 'p' || j, 'c' || i || '.example', 'Person ' || j,
    array['de'], 'https://c' || i || '.example/people/p' || j || '/inbox',
    (%(latitudes)s::float8[])[i] + random() * 0.2 - 0.1,
    (%(longitudes)s::float8[])[i] + random() * 0.3 - 0.15
  from generate_series(1, %(cities)s) i, generate_series(1, %(people)s) j"""

RESIDENT = UUID(int=1)
_RESIDENT = """with ours as (
    insert into actors (id, kind, uri, name, title, languages, inbox)
    values (%(id)s, 'person', 'https://here.example/people/r', 'r', 'R', array['de'],
      'https://here.example/people/r/inbox') returning id)
  insert into accounts (actor_id) select id from ours"""

# Some words are used often and most of them seldom, as people do.
_LISTINGS = """insert into proposals (id, uri, purpose, author_id, scope, title, source, html,
    language, category, quantity, available, unit, until, return_kind, place_name, latitude,
    longitude, cell, created)
  select fresh, a.uri || '/' || fresh, case when i %% 2 = 0 then 'offer' else 'request' end, a.id,
    case when i %% 3 = 0 then 'neighbours' else 'everyone' end,
    (array['Schöne','Alte','Neue','Gebrauchte','Große','Kleine','Frische','Viele','Ein paar',
      'Gut erhaltene','Eigene','Bunte'])[1 + i %% 12] || ' ' || initcap((%(words)s::text[])[w])
      || case when i %% 4 = 0 then ' und ' || initcap((%(words)s::text[])[v]) else '' end,
    'Abzuholen am Nachmittag, ' || (array['gut erhalten und sauber','aus dem eigenen Garten',
      'nur solange der Vorrat reicht','auch am Wochenende','gern im Tausch',
      'mit dem Fahrrad erreichbar'])[1 + i %% 6] || '. Bitte vorher melden.', '',
    'de', (%(categories)s::text[])[w], 1 + i %% 20, 1 + i %% 20,
    (array['piece','kg','crate','h','l'])[1 + i %% 5],
    case when i %% 7 = 0 then null else now() + (1 + i %% 60) * interval '1 day' end,
    (array['open','nothing','swap','lend','hours'])[1 + i %% 5], 'Ort', a.latitude, a.longitude,
    floor((a.latitude + 90) * 2)::int * 720 + floor((a.longitude + 180) * 2)::int,
    now() - i * interval '10 seconds'
  from (select i, gen_random_uuid() as fresh,
      1 + floor(power(random(), 2) * cardinality(%(words)s::text[]))::int as w,
      1 + floor(power(random(), 2) * cardinality(%(words)s::text[]))::int as v,
      1 + floor(random() * %(cities)s * %(people)s)::int as author
    from generate_series(1, %(n)s) i) numbered
  join (select row_number() over () as n, * from actors where host <> '') a on a.n = author"""

_WORDS = """insert into title_words (word)
  select distinct word from proposals,
    unnest(tsvector_to_array(to_tsvector('simple', title))) word on conflict do nothing"""
