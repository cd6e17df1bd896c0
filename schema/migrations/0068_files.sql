-- Files of blueprints beyond pictures: drawings, tables, models. Those of other cities stay there.

create table files (
  id uuid primary key,
  blueprint_id uuid references blueprints (id) on delete cascade,  -- null until it is published
  position smallint not null default 0,
  name text not null check (length(name) between 1 and 120),
  mime text not null check (length(mime) between 3 and 100),
  size integer not null default 0,            -- bytes; 0 where nobody said
  data bytea,                                 -- null: it lies at remote_url
  remote_url text check (octet_length(remote_url) <= 2000),
  created timestamptz not null default now(),
  check (num_nonnulls(data, remote_url) = 1)
);
create index files_blueprint on files (blueprint_id, position) where blueprint_id is not null;
