-- A person does not agree with what was decided about them, and somebody answers.

create table appeals (
  id uuid primary key,
  person_id uuid not null references accounts (actor_id) on delete cascade,
  notice_id uuid not null unique references notices (id) on delete cascade,
  text text not null,
  state text not null default 'open' check (state in ('open', 'kept', 'changed')),
  answer text not null default '',
  handled_by uuid references actors (id),
  handled_at timestamptz,
  created timestamptz not null default now()
);
create index appeals_open on appeals (created) where state = 'open';
