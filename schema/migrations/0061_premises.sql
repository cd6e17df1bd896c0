-- Places that a settlement opens for use: what is said of them beside the offer itself.

create table premises (
  -- Written before the offer, in one transaction with it.
  proposal_id uuid primary key references proposals (id) on delete cascade
    deferrable initially deferred,
  kind text not null check (kind in ('house', 'hall', 'workshop', 'storage', 'land', 'water',
    'wood', 'sun')),
  size numeric check (size > 0),                     -- square metres
  repair text not null default '' check (repair in ('', 'good', 'small', 'large', 'ruin')),
  terms text not null check (terms in ('free', 'lease', 'work', 'lasting')),
  begins date,
  contact text not null default '',                  -- whom one speaks with: a role, no number
  supplies text[] not null default '{}'
);
create index premises_kind on premises (kind);
