-- Hours: which communities keep accounts in them, the accounts, and what was booked.

alter table agreements add column hours numeric check (hours > 0);  -- in return; null: not said

create table hour_rules (
  community_id uuid primary key references communities (actor_id),
  low numeric not null check (low between -10000 and 0),
  high numeric not null check (high between 0 and 10000),
  balances text not null default 'private' check (balances in ('private', 'members')),
  leaving text not null default 'moves' check (leaving in ('moves', 'zero')),
  ended_at timestamptz,                       -- nothing new is booked from then on
  created timestamptz not null default now()
);

-- One for each person of a community, one for the community itself.
create table hour_accounts (
  id uuid primary key,
  community_id uuid not null references communities (actor_id),
  owner_id uuid not null references actors (id),
  created timestamptz not null default now(),
  unique (community_id, owner_id)
);
create index hour_accounts_owner on hour_accounts (owner_id);

create table hour_bookings (
  id uuid primary key,
  key text not null unique check (octet_length(key) <= 2000),  -- what it comes of: booked once
  community_id uuid not null references communities (actor_id),
  kind text not null check (kind in ('agreement', 'gift', 'correction', 'leaving')),
  agreement_id uuid,                          -- no reference: what was booked outlives it
  corrects uuid unique references hour_bookings (id),
  by_id uuid references actors (id),          -- who decided; null: it came of itself
  text text not null default '',
  created timestamptz not null default now()
);
create index hour_bookings_community on hour_bookings (community_id, created desc);
create index hour_bookings_agreement on hour_bookings (agreement_id) where agreement_id is not null;

create table hour_entries (
  booking_id uuid not null references hour_bookings (id),
  account_id uuid not null references hour_accounts (id),
  amount numeric not null check (amount <> 0 and amount = round(amount, 2)),
  primary key (booking_id, account_id)
);
create index hour_entries_account on hour_entries (account_id);

-- Two lines that sum to zero, looked at when the transaction ends.
create function hours_balance() returns trigger language plpgsql as $$
declare
  booking uuid := case when tg_table_name = 'hour_bookings' then (to_jsonb(new) ->> 'id')::uuid
                       else (to_jsonb(new) ->> 'booking_id')::uuid end;
begin
  if (select count(*) <> 2 or sum(amount) <> 0 from hour_entries where booking_id = booking) then
    raise exception 'booking % is not two lines that sum to zero', booking
      using errcode = 'check_violation';
  end if;
  return null;
end $$;
create constraint trigger hour_bookings_balance after insert on hour_bookings
  deferrable initially deferred for each row execute function hours_balance();
create constraint trigger hour_entries_balance after insert on hour_entries
  deferrable initially deferred for each row execute function hours_balance();

-- What was booked stays as it was; a mistake gets a counter-entry.
create function hours_stay() returns trigger language plpgsql as $$
begin
  raise exception 'what was booked stays as it was' using errcode = 'restrict_violation';
end $$;
create trigger hour_bookings_stay before update or delete on hour_bookings
  for each row execute function hours_stay();
create trigger hour_entries_stay before update or delete on hour_entries
  for each row execute function hours_stay();
