-- What each city was sent, numbered as it ended, so that it can ask for what it missed; and a
-- short memory of what came in, long after the activities themselves are gone.

create table ledgers (
  peer text primary key references peers (origin) on delete cascade,
  sequence bigint not null default 0,     -- of the last delivery to it that has ended
  forgotten bigint not null default 0,    -- up to here the ledger is not whole any more
  address text not null default '',       -- where it lists what it sent us
  told bigint not null default 0,         -- its own sequence, as last heard
  caught_up bigint not null default 0,    -- how far we have compared its list with what came
  caught_at timestamptz,
  asked_at timestamptz not null default 'epoch', -- when a worker was last told to compare
  missed bigint not null default 0        -- how many activities were brought in that way
);

alter table deliveries add column sequence bigint;
create index deliveries_sequence on deliveries (peer, sequence) where sequence is not null;
create index deliveries_numbered on deliveries (done_at) where sequence is not null;
create index deliveries_failed on deliveries (peer, done_at) where state in ('refused', 'expired');

-- SHA-256 of activities' ids, 16 bytes each, without anything between them.
create table seen (
  quarter date,
  bucket smallint,                        -- the first byte of the hash
  hashes bytea not null,
  primary key (quarter, bucket)
);
alter table seen alter column hashes set storage external;
create index activities_ended on activities (created)
  where direction = 'in' and state in ('done', 'refused', 'malformed', 'ignored')
    and type not in ('Delete', 'Follow', 'Join', 'Invite', 'Leave', 'Accept', 'Reject');
create index peers_paused on peers (origin) where paused_at is not null;

create function was_seen(uri text) returns boolean language sql stable as $$
  select exists (select 1 from seen
    where bucket = get_byte(sha256(convert_to(uri, 'UTF8')), 0)
      and position(substring(sha256(convert_to(uri, 'UTF8')) for 16) in hashes) > 0)
$$;
