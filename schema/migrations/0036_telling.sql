-- How people are told: what was sent of a notice, who wants which kind when, devices that take pushes.

alter table notices add column mailed_at timestamptz, add column pushed_at timestamptz;
create index notices_unmailed on notices (account_id) where mailed_at is null and seen_at is null;

create function notices_ring() returns trigger language plpgsql as $$
begin
  perform pg_notify('notices', new.account_id::text);
  return null;
end $$;
create trigger notices_ring after insert on notices for each row execute function notices_ring();

create table rhythms (                         -- what is not here is as the program has it
  account_id uuid not null references accounts (actor_id) on delete cascade,
  topic text not null,
  rhythm text not null check (rhythm in ('now', 'daily', 'weekly', 'never', 'off')),
  push boolean not null default true,
  primary key (account_id, topic)
);

create table digests (                         -- the last mail of each rhythm
  account_id uuid not null references accounts (actor_id) on delete cascade,
  rhythm text not null,
  sent timestamptz not null,
  primary key (account_id, rhythm)
);

create table push_devices (
  endpoint text primary key check (octet_length(endpoint) <= 2000),
  account_id uuid not null references accounts (actor_id) on delete cascade,
  public_key bytea not null,                   -- P-256, uncompressed
  auth bytea not null,
  created timestamptz not null default now()
);
create index push_devices_account on push_devices (account_id);

create table keys_of_place (                   -- made at their first use
  name text primary key,
  value bytea not null
);
