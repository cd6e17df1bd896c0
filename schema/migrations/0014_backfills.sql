-- When what was said before was last asked for: of a community elsewhere, or of a thread.

create table backfills (
  uri text primary key check (octet_length(uri) <= 2000),
  at timestamptz not null
);
