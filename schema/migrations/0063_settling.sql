-- "Come and live here": what a settlement says to people who think of moving there.

create table settling (
  only_one boolean primary key default true check (only_one),
  source text not null default '',                   -- Markdown
  contact_id uuid references actors (id),            -- whom newcomers ask
  updated timestamptz not null default now()
);
