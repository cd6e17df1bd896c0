-- Blueprints: instructions that another place can adopt; their versions, adoptions, build reports.

create table blueprints (
  id uuid primary key,
  uri text not null unique check (octet_length(uri) <= 2000),
  author_id uuid not null references actors (id),
  community_id uuid references communities (actor_id),
  scope text not null check (scope in ('community', 'city', 'neighbours', 'everyone')),
  title text not null check (length(title) between 1 and 200),
  purpose text not null default '',           -- one or two sentences
  category text not null default 'other',
  language text not null default 'de',
  license text not null default '',           -- SPDX; '' where nobody said
  latest_id uuid,                             -- blueprint_versions
  forked_from text not null default '',       -- uri of a version
  state text not null default 'open' check (state in ('open', 'withdrawn', 'removed')),
  removed_reason text not null default '',
  created timestamptz not null default now(),
  updated timestamptz not null default now(),
  search tsvector generated always as (
    setweight(to_tsvector('german', title), 'A') || setweight(to_tsvector('english', title), 'A')
    || setweight(to_tsvector('german', purpose), 'B')
    || setweight(to_tsvector('english', purpose), 'B')
  ) stored,
  check (community_id is not null or scope <> 'community')
);
create index blueprints_new on blueprints (created desc, id desc) where state = 'open';
create index blueprints_author on blueprints (author_id, created desc);
create index blueprints_community on blueprints (community_id, created desc)
  where community_id is not null;
create index blueprints_forked on blueprints (forked_from) where forked_from <> '';
create index blueprints_search on blueprints using gin (search);

create table blueprint_versions (
  id uuid primary key,
  blueprint_id uuid not null references blueprints (id) on delete cascade,
  uri text not null unique check (octet_length(uri) <= 2000),
  number integer not null check (number >= 1),
  label text not null default '',             -- the author's own: "0.10.0"
  title text not null,
  purpose text not null default '',
  source text not null default '',            -- Markdown
  html text not null default '',
  hash text not null,                         -- sha-256 over the canonical content, hex
  cost_low integer check (cost_low >= 0),     -- whole euros
  cost_high integer check (cost_high >= 0),
  space text not null default '',
  season text not null default '',
  safety text not null default '',
  readiness smallint check (readiness between 1 and 5),
  output text not null default '',            -- what one unit is called: 'household', 'kWp'
  changes text not null default '',
  based_on text not null default '',          -- uri of the version before, or of the one forked
  extra text not null default '',             -- fields of an import that nothing here reads
  document text not null default '',          -- the foreign original
  created timestamptz not null default now(),
  unique (blueprint_id, number)
);
create index blueprint_versions_based on blueprint_versions (based_on) where based_on <> '';
alter table blueprints add foreign key (latest_id) references blueprint_versions (id)
  deferrable initially deferred;

create table blueprint_lines (
  version_id uuid not null references blueprint_versions (id) on delete cascade,
  key text not null,                          -- stable over versions
  position integer not null,
  kind text not null check (kind in ('material', 'tool')),
  name text not null,
  quantity numeric check (quantity > 0),
  unit text not null default 'piece',
  scaling text not null default 'unit' check (scaling in ('unit', 'fixed', 'step')),
  step numeric check (step > 0),              -- of scaling 'step': one for each n begun
  choice text not null default '',            -- lines of the same choice: any one of them
  category text not null default '',
  note text not null default '',
  step_key text not null default '',
  primary key (version_id, key)
);

create table blueprint_steps (
  version_id uuid not null references blueprint_versions (id) on delete cascade,
  key text not null,
  position integer not null,
  title text not null,
  source text not null default '',
  role text not null default '',
  skills text[] not null default '{}',
  hours numeric check (hours > 0),
  people integer check (people > 0),
  after text[] not null default '{}',         -- keys of steps
  primary key (version_id, key)
);

create table adoptions (
  id uuid primary key,
  version_id uuid not null references blueprint_versions (id) on delete cascade,
  project_uri text not null unique check (octet_length(project_uri) <= 2000),
  project_id uuid references communities (actor_id) on delete set null,
  project_title text not null default '',
  place_name text not null default '',
  latitude double precision,                  -- rough, WGS 84
  longitude double precision,
  scale numeric not null default 1 check (scale > 0),
  state text not null default 'planned' check (state in ('planned', 'built', 'given up')),
  created timestamptz not null default now()
);
create index adoptions_version on adoptions (version_id, created);
create index adoptions_project on adoptions (project_id) where project_id is not null;

-- What those who built it say; `lines` tells what was replaced by what.
create table build_reports (
  id uuid primary key,
  uri text not null unique check (octet_length(uri) <= 2000),
  version_id uuid not null references blueprint_versions (id) on delete cascade,
  adoption_id uuid references adoptions (id) on delete set null,
  author_id uuid not null references actors (id),
  place_name text not null default '',
  worked boolean not null,                    -- it stands and does what it should
  worked_note text not null default '',
  replaced text not null default '',
  conditions text not null default '',        -- local: climate, ground, law, where things came from
  cost integer check (cost >= 0),             -- whole euros
  hours numeric check (hours >= 0),
  people integer check (people > 0),
  scale numeric not null default 1 check (scale > 0),
  removed_at timestamptz,
  created timestamptz not null default now()
);
create index build_reports_version on build_reports (version_id, created);

-- A version of a fork that is offered to the blueprint it came from.
create table improvements (
  id uuid primary key,
  uri text not null unique check (octet_length(uri) <= 2000),
  blueprint_id uuid not null references blueprints (id) on delete cascade,
  version_id uuid not null references blueprint_versions (id) on delete cascade,
  by_id uuid not null references actors (id),
  text text not null default '',
  state text not null default 'open' check (state in ('open', 'taken', 'declined')),
  created timestamptz not null default now(),
  unique (blueprint_id, version_id)
);

alter table notices add column blueprint_id uuid references blueprints (id) on delete cascade;
alter table reports add column blueprint_id uuid references blueprints (id);
alter table reports drop constraint reports_check;
alter table reports add constraint reports_check
  check (num_nonnulls(actor_id, proposal_id, post_id, blueprint_id) >= 1);

alter table attachments add column blueprint_id uuid references blueprints (id) on delete cascade;
alter table attachments
  add column build_report_id uuid references build_reports (id) on delete cascade;
alter table attachments drop constraint attachments_check;
alter table attachments add constraint attachments_check
  check (num_nonnulls(proposal_id, post_id, blueprint_id, build_report_id) = 1);
create index attachments_blueprint on attachments (blueprint_id, position)
  where blueprint_id is not null;
create index attachments_build_report on attachments (build_report_id, position)
  where build_report_id is not null;
