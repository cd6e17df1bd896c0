-- What residents carried along when they moved here: as their old city signed it.

create table luggage (
  person_id uuid not null references actors (id) on delete cascade,
  old_uri text not null check (octet_length(old_uri) <= 2000),
  city_id uuid not null references actors (id),      -- who signed it
  kept integer not null check (kept between 0 and 100000),
  communities text[] not null default '{}',          -- where they would like to belong again
  thanks jsonb not null default '[]',                -- who said what, and when
  thankers integer not null default 0,
  document jsonb not null,                           -- with its proof
  packed timestamptz not null,
  unpacked_at timestamptz,
  created timestamptz not null default now(),
  primary key (person_id, old_uri)
);
