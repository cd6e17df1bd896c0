-- Lists of places to block or to ask for a link, imported once or read again from their address.

create table lists (
  id uuid primary key,
  kind text not null check (kind in ('block', 'allow')),
  title text not null check (length(title) between 1 and 100),
  address text unique check (octet_length(address) <= 2000), -- null: imported once
  fetched_at timestamptz,
  error text not null default '',
  created timestamptz not null default now()
);

create table list_entries (
  list_id uuid not null references lists (id) on delete cascade,
  host text not null check (octet_length(host) <= 260),
  reason text not null default '',
  state text not null default 'draft'
    check (state in ('draft', 'applied', 'refused', 'leaving')),
  changed timestamptz not null default now(),
  primary key (list_id, host)
);
create index list_entries_host on list_entries (host);
