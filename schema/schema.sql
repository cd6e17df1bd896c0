-- All our tables, written by `python -m schema dump` from the migrations.

CREATE TABLE public.accounts (
    actor_id uuid NOT NULL,
    email text,
    email_confirmed_at timestamp with time zone,
    password_hash text,
    role text DEFAULT 'resident'::text NOT NULL,
    state text DEFAULT 'active'::text NOT NULL,
    answers jsonb DEFAULT '{}'::jsonb NOT NULL,
    locale text DEFAULT 'de'::text NOT NULL,
    theme text DEFAULT 'auto'::text NOT NULL,
    invitation text,
    welcome_step smallint DEFAULT 1 NOT NULL,
    interests text[] DEFAULT '{}'::text[] NOT NULL,
    terms_version integer DEFAULT 0 NOT NULL,
    last_seen timestamp with time zone DEFAULT now() NOT NULL,
    created timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT accounts_role_check CHECK ((role = ANY (ARRAY['resident'::text, 'moderator'::text, 'admin'::text]))),
    CONSTRAINT accounts_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'active'::text, 'refused'::text, 'closed'::text]))),
    CONSTRAINT accounts_theme_check CHECK ((theme = ANY (ARRAY['auto'::text, 'light'::text, 'dark'::text])))
);

CREATE TABLE public.activities (
    id uuid NOT NULL,
    uri text NOT NULL,
    direction text NOT NULL,
    actor_id uuid NOT NULL,
    type text NOT NULL,
    object_uri text DEFAULT ''::text NOT NULL,
    document text NOT NULL,
    public boolean DEFAULT false NOT NULL,
    state text NOT NULL,
    verdict text DEFAULT ''::text NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    next_at timestamp with time zone DEFAULT now() NOT NULL,
    lease_until timestamp with time zone DEFAULT '1970-01-01 00:00:00+00'::timestamp with time zone NOT NULL,
    created timestamp with time zone DEFAULT now() NOT NULL,
    said timestamp with time zone,
    waits_for text,
    CONSTRAINT activities_direction_check CHECK ((direction = ANY (ARRAY['in'::text, 'out'::text]))),
    CONSTRAINT activities_state_check CHECK ((state = ANY (ARRAY['received'::text, 'waiting'::text, 'done'::text, 'refused'::text, 'malformed'::text, 'ignored'::text]))),
    CONSTRAINT activities_uri_check CHECK ((octet_length(uri) <= 2000))
);

CREATE TABLE public.actor_keys (
    actor_id uuid NOT NULL,
    rsa_private text NOT NULL,
    ed25519_private bytea NOT NULL,
    created timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.actors (
    id uuid NOT NULL,
    kind text NOT NULL,
    uri text NOT NULL,
    peer text,
    name text NOT NULL,
    host text DEFAULT ''::text NOT NULL,
    title text DEFAULT ''::text NOT NULL,
    about text DEFAULT ''::text NOT NULL,
    about_html text DEFAULT ''::text NOT NULL,
    can text DEFAULT ''::text NOT NULL,
    wants text DEFAULT ''::text NOT NULL,
    languages text[] DEFAULT '{}'::text[] NOT NULL,
    page_url text DEFAULT ''::text NOT NULL,
    inbox text NOT NULL,
    shared_inbox text,
    followers_uri text,
    members_uri text,
    moderators_uri text,
    avatar_id uuid,
    place_name text DEFAULT ''::text NOT NULL,
    latitude double precision,
    longitude double precision,
    approves boolean DEFAULT false NOT NULL,
    discoverable boolean DEFAULT true NOT NULL,
    key_id text,
    public_key text DEFAULT ''::text NOT NULL,
    ed25519_key text DEFAULT ''::text NOT NULL,
    created timestamp with time zone DEFAULT now() NOT NULL,
    updated timestamp with time zone DEFAULT now() NOT NULL,
    fetched timestamp with time zone DEFAULT now() NOT NULL,
    deleted_at timestamp with time zone,
    suspended_until timestamp with time zone,
    suspended_reason text DEFAULT ''::text NOT NULL,
    indexable boolean DEFAULT true NOT NULL,
    CONSTRAINT actors_check CHECK (((peer IS NULL) = (host = ''::text))),
    CONSTRAINT actors_kind_check CHECK ((kind = ANY (ARRAY['person'::text, 'group'::text, 'city'::text, 'instance'::text, 'other'::text]))),
    CONSTRAINT actors_name_check CHECK (((octet_length(name) >= 1) AND (octet_length(name) <= 200))),
    CONSTRAINT actors_uri_check CHECK ((octet_length(uri) <= 2000))
);

CREATE TABLE public.admin_log (
    id uuid NOT NULL,
    by_id uuid,
    act text NOT NULL,
    subject text DEFAULT ''::text NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    created timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.adoptions (
    id uuid NOT NULL,
    version_id uuid NOT NULL,
    project_uri text NOT NULL,
    project_id uuid,
    project_title text DEFAULT ''::text NOT NULL,
    place_name text DEFAULT ''::text NOT NULL,
    latitude double precision,
    longitude double precision,
    scale numeric DEFAULT 1 NOT NULL,
    state text DEFAULT 'planned'::text NOT NULL,
    created timestamp with time zone DEFAULT now() NOT NULL,
    size text DEFAULT ''::text NOT NULL,
    CONSTRAINT adoptions_project_uri_check CHECK ((octet_length(project_uri) <= 2000)),
    CONSTRAINT adoptions_scale_check CHECK ((scale > (0)::numeric)),
    CONSTRAINT adoptions_size_check CHECK ((size = ANY (ARRAY[''::text, 'village'::text, 'town'::text, 'city'::text]))),
    CONSTRAINT adoptions_state_check CHECK ((state = ANY (ARRAY['planned'::text, 'built'::text, 'given up'::text])))
);

CREATE TABLE public.agreement_steps (
    id uuid NOT NULL,
    agreement_id uuid NOT NULL,
    act text NOT NULL,
    actor_id uuid NOT NULL,
    uri text DEFAULT ''::text NOT NULL,
    text text DEFAULT ''::text NOT NULL,
    body text NOT NULL,
    hash text NOT NULL,
    previous text NOT NULL,
    proof jsonb,
    counted boolean DEFAULT true NOT NULL,
    created timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT agreement_steps_uri_check CHECK ((octet_length(uri) <= 2000))
);

CREATE TABLE public.agreements (
    id uuid NOT NULL,
    key text NOT NULL,
    uri text,
    proposal_id uuid NOT NULL,
    author_id uuid NOT NULL,
    responder_id uuid NOT NULL,
    state text NOT NULL,
    turn text NOT NULL,
    by_notes boolean DEFAULT false NOT NULL,
    amount numeric,
    unit text NOT NULL,
    return_kind text NOT NULL,
    return_note text DEFAULT ''::text NOT NULL,
    hand_over text DEFAULT 'open'::text NOT NULL,
    place text DEFAULT ''::text NOT NULL,
    at timestamp with time zone,
    at_other timestamp with time zone,
    back_by timestamp with time zone,
    head text DEFAULT ''::text NOT NULL,
    agreed_hash text DEFAULT ''::text NOT NULL,
    offer_uri text DEFAULT ''::text NOT NULL,
    accept_uri text DEFAULT ''::text NOT NULL,
    holds boolean DEFAULT false NOT NULL,
    author_confirmed timestamp with time zone,
    responder_confirmed timestamp with time zone,
    author_contact text DEFAULT ''::text NOT NULL,
    responder_contact text DEFAULT ''::text NOT NULL,
    author_seen timestamp with time zone DEFAULT '1970-01-01 00:00:00+00'::timestamp with time zone NOT NULL,
    responder_seen timestamp with time zone DEFAULT '1970-01-01 00:00:00+00'::timestamp with time zone NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    ended_by uuid,
    outcome text DEFAULT ''::text NOT NULL,
    reminded timestamp with time zone,
    agreed_at timestamp with time zone,
    done_at timestamp with time zone,
    last_step timestamp with time zone DEFAULT now() NOT NULL,
    created timestamp with time zone DEFAULT now() NOT NULL,
    updated timestamp with time zone DEFAULT now() NOT NULL,
    hours numeric,
    CONSTRAINT agreements_amount_check CHECK ((amount > (0)::numeric)),
    CONSTRAINT agreements_check CHECK ((author_id <> responder_id)),
    CONSTRAINT agreements_hand_over_check CHECK ((hand_over = ANY (ARRAY['open'::text, 'giver'::text, 'taker'::text, 'public'::text, 'courier'::text]))),
    CONSTRAINT agreements_hours_check CHECK ((hours > (0)::numeric)),
    CONSTRAINT agreements_key_check CHECK ((octet_length(key) <= 2000)),
    CONSTRAINT agreements_return_kind_check CHECK ((return_kind = ANY (ARRAY['nothing'::text, 'lend'::text, 'swap'::text, 'hours'::text, 'open'::text]))),
    CONSTRAINT agreements_state_check CHECK ((state = ANY (ARRAY['asked'::text, 'agreed'::text, 'handed'::text, 'done'::text, 'declined'::text, 'withdrawn'::text, 'cancelled'::text, 'missed'::text, 'disputed'::text]))),
    CONSTRAINT agreements_turn_check CHECK ((turn = ANY (ARRAY['author'::text, 'responder'::text]))),
    CONSTRAINT agreements_uri_check CHECK ((octet_length(uri) <= 2000))
);

CREATE TABLE public.aliases (
    actor_id uuid NOT NULL,
    uri text NOT NULL,
    created timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT aliases_uri_check CHECK ((octet_length(uri) <= 2000))
);

CREATE TABLE public.appeals (
    id uuid NOT NULL,
    person_id uuid NOT NULL,
    notice_id uuid NOT NULL,
    text text NOT NULL,
    state text DEFAULT 'open'::text NOT NULL,
    answer text DEFAULT ''::text NOT NULL,
    handled_by uuid,
    handled_at timestamp with time zone,
    created timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT appeals_state_check CHECK ((state = ANY (ARRAY['open'::text, 'kept'::text, 'changed'::text])))
);

CREATE TABLE public.attachments (
    media_id uuid NOT NULL,
    proposal_id uuid,
    post_id uuid,
    "position" smallint DEFAULT 0 NOT NULL,
    blueprint_id uuid,
    build_report_id uuid,
    letter_id uuid,
    CONSTRAINT attachments_check CHECK ((num_nonnulls(proposal_id, post_id, blueprint_id, build_report_id, letter_id) = 1))
);

CREATE TABLE public.backfills (
    uri text NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT backfills_uri_check CHECK ((octet_length(uri) <= 2000))
);

CREATE TABLE public.blocks (
    blocker_id uuid NOT NULL,
    blocked_id uuid NOT NULL,
    created timestamp with time zone DEFAULT now() NOT NULL,
    kind text DEFAULT 'block'::text NOT NULL,
    CONSTRAINT blocks_kind_check CHECK ((kind = ANY (ARRAY['block'::text, 'mute'::text])))
);

CREATE TABLE public.blueprint_lines (
    version_id uuid NOT NULL,
    key text NOT NULL,
    "position" integer NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    quantity numeric,
    unit text DEFAULT 'piece'::text NOT NULL,
    scaling text DEFAULT 'unit'::text NOT NULL,
    step numeric,
    choice text DEFAULT ''::text NOT NULL,
    category text DEFAULT ''::text NOT NULL,
    note text DEFAULT ''::text NOT NULL,
    step_key text DEFAULT ''::text NOT NULL,
    CONSTRAINT blueprint_lines_kind_check CHECK ((kind = ANY (ARRAY['material'::text, 'tool'::text]))),
    CONSTRAINT blueprint_lines_quantity_check CHECK ((quantity > (0)::numeric)),
    CONSTRAINT blueprint_lines_scaling_check CHECK ((scaling = ANY (ARRAY['unit'::text, 'fixed'::text, 'step'::text]))),
    CONSTRAINT blueprint_lines_step_check CHECK ((step > (0)::numeric))
);

CREATE TABLE public.blueprint_steps (
    version_id uuid NOT NULL,
    key text NOT NULL,
    "position" integer NOT NULL,
    title text NOT NULL,
    source text DEFAULT ''::text NOT NULL,
    role text DEFAULT ''::text NOT NULL,
    skills text[] DEFAULT '{}'::text[] NOT NULL,
    hours numeric,
    people integer,
    after text[] DEFAULT '{}'::text[] NOT NULL,
    CONSTRAINT blueprint_steps_hours_check CHECK ((hours > (0)::numeric)),
    CONSTRAINT blueprint_steps_people_check CHECK ((people > 0))
);

CREATE TABLE public.blueprint_versions (
    id uuid NOT NULL,
    blueprint_id uuid NOT NULL,
    uri text NOT NULL,
    number integer NOT NULL,
    label text DEFAULT ''::text NOT NULL,
    title text NOT NULL,
    purpose text DEFAULT ''::text NOT NULL,
    source text DEFAULT ''::text NOT NULL,
    html text DEFAULT ''::text NOT NULL,
    hash text NOT NULL,
    cost_low integer,
    cost_high integer,
    space text DEFAULT ''::text NOT NULL,
    season text DEFAULT ''::text NOT NULL,
    safety text DEFAULT ''::text NOT NULL,
    readiness smallint,
    output text DEFAULT ''::text NOT NULL,
    changes text DEFAULT ''::text NOT NULL,
    based_on text DEFAULT ''::text NOT NULL,
    extra text DEFAULT ''::text NOT NULL,
    document text DEFAULT ''::text NOT NULL,
    created timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT blueprint_versions_cost_high_check CHECK ((cost_high >= 0)),
    CONSTRAINT blueprint_versions_cost_low_check CHECK ((cost_low >= 0)),
    CONSTRAINT blueprint_versions_number_check CHECK ((number >= 1)),
    CONSTRAINT blueprint_versions_readiness_check CHECK (((readiness >= 1) AND (readiness <= 5))),
    CONSTRAINT blueprint_versions_uri_check CHECK ((octet_length(uri) <= 2000))
);

CREATE TABLE public.blueprints (
    id uuid NOT NULL,
    uri text NOT NULL,
    author_id uuid NOT NULL,
    community_id uuid,
    scope text NOT NULL,
    title text NOT NULL,
    purpose text DEFAULT ''::text NOT NULL,
    category text DEFAULT 'other'::text NOT NULL,
    language text DEFAULT 'de'::text NOT NULL,
    license text DEFAULT ''::text NOT NULL,
    latest_id uuid,
    forked_from text DEFAULT ''::text NOT NULL,
    state text DEFAULT 'open'::text NOT NULL,
    removed_reason text DEFAULT ''::text NOT NULL,
    created timestamp with time zone DEFAULT now() NOT NULL,
    updated timestamp with time zone DEFAULT now() NOT NULL,
    search tsvector GENERATED ALWAYS AS ((((setweight(to_tsvector('german'::regconfig, title), 'A'::"char") || setweight(to_tsvector('english'::regconfig, title), 'A'::"char")) || setweight(to_tsvector('german'::regconfig, purpose), 'B'::"char")) || setweight(to_tsvector('english'::regconfig, purpose), 'B'::"char"))) STORED,
    CONSTRAINT blueprints_check CHECK (((community_id IS NOT NULL) OR (scope <> 'community'::text))),
    CONSTRAINT blueprints_scope_check CHECK ((scope = ANY (ARRAY['community'::text, 'city'::text, 'neighbours'::text, 'everyone'::text]))),
    CONSTRAINT blueprints_state_check CHECK ((state = ANY (ARRAY['open'::text, 'withdrawn'::text, 'removed'::text]))),
    CONSTRAINT blueprints_title_check CHECK (((length(title) >= 1) AND (length(title) <= 200))),
    CONSTRAINT blueprints_uri_check CHECK ((octet_length(uri) <= 2000))
);

CREATE TABLE public.build_reports (
    id uuid NOT NULL,
    uri text NOT NULL,
    version_id uuid NOT NULL,
    adoption_id uuid,
    author_id uuid NOT NULL,
    place_name text DEFAULT ''::text NOT NULL,
    worked boolean NOT NULL,
    worked_note text DEFAULT ''::text NOT NULL,
    replaced text DEFAULT ''::text NOT NULL,
    conditions text DEFAULT ''::text NOT NULL,
    cost integer,
    hours numeric,
    people integer,
    scale numeric DEFAULT 1 NOT NULL,
    removed_at timestamp with time zone,
    created timestamp with time zone DEFAULT now() NOT NULL,
    project_uri text DEFAULT ''::text NOT NULL,
    CONSTRAINT build_reports_cost_check CHECK ((cost >= 0)),
    CONSTRAINT build_reports_hours_check CHECK ((hours >= (0)::numeric)),
    CONSTRAINT build_reports_people_check CHECK ((people > 0)),
    CONSTRAINT build_reports_project_uri_check CHECK ((octet_length(project_uri) <= 2000)),
    CONSTRAINT build_reports_scale_check CHECK ((scale > (0)::numeric)),
    CONSTRAINT build_reports_uri_check CHECK ((octet_length(uri) <= 2000))
);

CREATE TABLE public.chat_messages (
    id uuid NOT NULL,
    uri text NOT NULL,
    chat_id uuid NOT NULL,
    author_id uuid NOT NULL,
    source text DEFAULT ''::text NOT NULL,
    html text DEFAULT ''::text NOT NULL,
    language text DEFAULT ''::text NOT NULL,
    deleted_at timestamp with time zone,
    created timestamp with time zone DEFAULT now() NOT NULL,
    updated timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT chat_messages_uri_check CHECK ((octet_length(uri) <= 2000))
);

CREATE TABLE public.chat_people (
    chat_id uuid NOT NULL,
    actor_id uuid NOT NULL,
    seen_at timestamp with time zone DEFAULT '1970-01-01 00:00:00+00'::timestamp with time zone NOT NULL
);

CREATE TABLE public.chats (
    id uuid NOT NULL,
    people_key text NOT NULL,
    last_at timestamp with time zone NOT NULL,
    created timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.circle_edges (
    giver_id uuid NOT NULL,
    taker_id uuid NOT NULL
);

CREATE TABLE public.circle_marks (
    id uuid NOT NULL,
    proposal_id uuid,
    party_id uuid,
    CONSTRAINT circle_marks_check CHECK ((num_nonnulls(proposal_id, party_id) = 1))
);

CREATE TABLE public.circle_parts (
    circle_id uuid NOT NULL,
    "position" smallint NOT NULL,
    party_uri text NOT NULL,
    party_name text NOT NULL,
    party_id uuid,
    origin text NOT NULL,
    title text NOT NULL,
    amount numeric,
    unit text NOT NULL,
    need_amount numeric,
    need_unit text NOT NULL,
    offer_uri text NOT NULL,
    need_uri text NOT NULL,
    offer_id uuid,
    need_id uuid,
    offer_key text DEFAULT ''::text NOT NULL,
    need_key text DEFAULT ''::text NOT NULL,
    answer text DEFAULT ''::text NOT NULL,
    answered_at timestamp with time zone,
    offer_held numeric,
    need_held numeric,
    agreement_id uuid,
    CONSTRAINT circle_parts_amount_check CHECK ((amount > (0)::numeric)),
    CONSTRAINT circle_parts_answer_check CHECK ((answer = ANY (ARRAY[''::text, 'yes'::text, 'no'::text]))),
    CONSTRAINT circle_parts_need_amount_check CHECK ((need_amount > (0)::numeric)),
    CONSTRAINT circle_parts_position_check CHECK ((("position" >= 0) AND ("position" <= 3)))
);

CREATE TABLE public.circles (
    id uuid NOT NULL,
    uri text NOT NULL,
    city_id uuid NOT NULL,
    community_id uuid,
    state text NOT NULL,
    ends timestamp with time zone NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    weight double precision DEFAULT 0 NOT NULL,
    asked_at timestamp with time zone,
    decided_at timestamp with time zone,
    created timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT circles_reason_check CHECK ((reason = ANY (ARRAY[''::text, 'declined'::text, 'late'::text, 'gone'::text, 'parted'::text]))),
    CONSTRAINT circles_state_check CHECK ((state = ANY (ARRAY['open'::text, 'committed'::text, 'dissolved'::text]))),
    CONSTRAINT circles_uri_check CHECK ((octet_length(uri) <= 2000))
);

CREATE TABLE public.communities (
    actor_id uuid NOT NULL,
    join_rule text NOT NULL,
    purpose text DEFAULT ''::text NOT NULL,
    created_by uuid,
    closed_at timestamp with time zone,
    members integer DEFAULT 0 NOT NULL,
    last_post timestamp with time zone,
    created timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT communities_join_rule_check CHECK ((join_rule = ANY (ARRAY['open'::text, 'approval'::text, 'hidden'::text])))
);

CREATE TABLE public.counts (
    peer text NOT NULL,
    what text NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    number bigint NOT NULL,
    last timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT counts_reason_check CHECK ((length(reason) <= 100)),
    CONSTRAINT counts_what_check CHECK ((what = ANY (ARRAY['known'::text, 'signature'::text, 'egress'::text, 'skew'::text])))
);

CREATE TABLE public.deliveries (
    id uuid NOT NULL,
    peer text NOT NULL,
    inbox text NOT NULL,
    activity_id uuid NOT NULL,
    sender_id uuid NOT NULL,
    object_key text DEFAULT ''::text NOT NULL,
    state text DEFAULT 'due'::text NOT NULL,
    status integer,
    error text DEFAULT ''::text NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    next_at timestamp with time zone DEFAULT now() NOT NULL,
    created timestamp with time zone DEFAULT now() NOT NULL,
    done_at timestamp with time zone,
    sequence bigint,
    CONSTRAINT deliveries_state_check CHECK ((state = ANY (ARRAY['due'::text, 'done'::text, 'refused'::text, 'expired'::text])))
)
WITH (fillfactor='80', autovacuum_vacuum_scale_factor='0.01');

CREATE TABLE public.desk_entries (
    proposal_id uuid NOT NULL,
    helper_id uuid NOT NULL,
    created timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.digests (
    account_id uuid NOT NULL,
    rhythm text NOT NULL,
    sent timestamp with time zone NOT NULL
);

CREATE TABLE public.directories (
    peer text NOT NULL,
    asked_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.disputes (
    id uuid NOT NULL,
    key text NOT NULL,
    court_id uuid NOT NULL,
    proposal_uri text NOT NULL,
    title text NOT NULL,
    author_id uuid NOT NULL,
    responder_id uuid NOT NULL,
    author_side jsonb,
    responder_side jsonb,
    state text DEFAULT 'open'::text NOT NULL,
    done boolean,
    outcome text DEFAULT ''::text NOT NULL,
    decided_by uuid,
    decided_at timestamp with time zone,
    created timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT disputes_key_check CHECK ((octet_length(key) <= 2000)),
    CONSTRAINT disputes_state_check CHECK ((state = ANY (ARRAY['open'::text, 'sent'::text, 'done'::text])))
);

CREATE TABLE public.drafts (
    token_hash bytea NOT NULL,
    fields jsonb NOT NULL,
    expires_at timestamp with time zone NOT NULL
);

CREATE TABLE public.files (
    id uuid NOT NULL,
    blueprint_id uuid,
    "position" smallint DEFAULT 0 NOT NULL,
    name text NOT NULL,
    mime text NOT NULL,
    size integer DEFAULT 0 NOT NULL,
    data bytea,
    remote_url text,
    created timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT files_check CHECK ((num_nonnulls(data, remote_url) = 1)),
    CONSTRAINT files_mime_check CHECK (((length(mime) >= 3) AND (length(mime) <= 100))),
    CONSTRAINT files_name_check CHECK (((length(name) >= 1) AND (length(name) <= 120))),
    CONSTRAINT files_remote_url_check CHECK ((octet_length(remote_url) <= 2000))
);

CREATE TABLE public.follows (
    follower_id uuid NOT NULL,
    followed_id uuid NOT NULL,
    state text NOT NULL,
    uri text DEFAULT ''::text NOT NULL,
    created timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT follows_state_check CHECK ((state = ANY (ARRAY['asked'::text, 'accepted'::text])))
);

CREATE TABLE public.gifts (
    uri text NOT NULL,
    need_id uuid NOT NULL,
    giver_id uuid,
    giver_name text DEFAULT ''::text NOT NULL,
    amount numeric,
    at timestamp with time zone NOT NULL,
    CONSTRAINT gifts_uri_check CHECK ((octet_length(uri) <= 2000))
);

CREATE TABLE public.hand_outs (
    proposal_id uuid NOT NULL,
    rule text NOT NULL,
    at timestamp with time zone,
    seed text DEFAULT ''::text NOT NULL,
    seed_hash text DEFAULT ''::text NOT NULL,
    done_at timestamp with time zone,
    CONSTRAINT hand_outs_check CHECK (((rule = ANY (ARRAY['first'::text, 'coordinator'::text])) OR (at IS NOT NULL))),
    CONSTRAINT hand_outs_rule_check CHECK ((rule = ANY (ARRAY['first'::text, 'draw'::text, 'least'::text, 'coordinator'::text])))
);

CREATE TABLE public.helpers (
    account_id uuid NOT NULL,
    appointed_by uuid,
    created timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.hour_accounts (
    id uuid NOT NULL,
    community_id uuid NOT NULL,
    owner_id uuid NOT NULL,
    created timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.hour_bookings (
    id uuid NOT NULL,
    key text NOT NULL,
    community_id uuid NOT NULL,
    kind text NOT NULL,
    agreement_id uuid,
    corrects uuid,
    by_id uuid,
    text text DEFAULT ''::text NOT NULL,
    created timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT hour_bookings_key_check CHECK ((octet_length(key) <= 2000)),
    CONSTRAINT hour_bookings_kind_check CHECK ((kind = ANY (ARRAY['agreement'::text, 'gift'::text, 'correction'::text, 'leaving'::text, 'bridge'::text, 'set-off'::text])))
);

CREATE TABLE public.hour_bridges (
    peer text NOT NULL,
    ours numeric DEFAULT 0 NOT NULL,
    theirs numeric DEFAULT 0 NOT NULL,
    told timestamp with time zone DEFAULT '1970-01-01 00:00:00+00'::timestamp with time zone NOT NULL,
    created timestamp with time zone DEFAULT now() NOT NULL,
    probed timestamp with time zone DEFAULT '1970-01-01 00:00:00+00'::timestamp with time zone NOT NULL,
    CONSTRAINT hour_bridges_ours_check CHECK (((ours >= (0)::numeric) AND (ours <= (10000)::numeric))),
    CONSTRAINT hour_bridges_theirs_check CHECK (((theirs >= (0)::numeric) AND (theirs <= (10000)::numeric)))
);

CREATE TABLE public.hour_entries (
    booking_id uuid NOT NULL,
    account_id uuid NOT NULL,
    amount numeric NOT NULL,
    CONSTRAINT hour_entries_amount_check CHECK (((amount <> (0)::numeric) AND (amount = round(amount, 2))))
);

CREATE TABLE public.hour_rules (
    community_id uuid NOT NULL,
    low numeric NOT NULL,
    high numeric NOT NULL,
    balances text DEFAULT 'private'::text NOT NULL,
    leaving text DEFAULT 'moves'::text NOT NULL,
    ended_at timestamp with time zone,
    created timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT hour_rules_balances_check CHECK ((balances = ANY (ARRAY['private'::text, 'members'::text]))),
    CONSTRAINT hour_rules_high_check CHECK (((high >= (0)::numeric) AND (high <= (10000)::numeric))),
    CONSTRAINT hour_rules_leaving_check CHECK ((leaving = ANY (ARRAY['moves'::text, 'zero'::text]))),
    CONSTRAINT hour_rules_low_check CHECK (((low >= ('-10000'::integer)::numeric) AND (low <= (0)::numeric)))
);

CREATE TABLE public.hour_set_offs (
    id uuid NOT NULL,
    uri text NOT NULL,
    loop text[] NOT NULL,
    amount numeric NOT NULL,
    before_id uuid NOT NULL,
    after_id uuid NOT NULL,
    state text NOT NULL,
    decision text DEFAULT ''::text NOT NULL,
    created timestamp with time zone DEFAULT now() NOT NULL,
    updated timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT hour_set_offs_amount_check CHECK (((amount > (0)::numeric) AND (amount = round(amount, 2)))),
    CONSTRAINT hour_set_offs_check CHECK ((before_id <> after_id)),
    CONSTRAINT hour_set_offs_loop_check CHECK (((cardinality(loop) >= 3) AND (cardinality(loop) <= 6))),
    CONSTRAINT hour_set_offs_state_check CHECK ((state = ANY (ARRAY['reserved'::text, 'booked'::text, 'dissolved'::text]))),
    CONSTRAINT hour_set_offs_uri_check CHECK ((octet_length(uri) <= 2000))
);

CREATE TABLE public.hour_transfers (
    id uuid NOT NULL,
    key text NOT NULL,
    peer text NOT NULL,
    outgoing boolean NOT NULL,
    community_id uuid NOT NULL,
    person_id uuid NOT NULL,
    other_id uuid NOT NULL,
    agreement_id uuid,
    amount numeric NOT NULL,
    text text DEFAULT ''::text NOT NULL,
    state text NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    offer_uri text DEFAULT ''::text NOT NULL,
    offer text DEFAULT ''::text NOT NULL,
    receipt text DEFAULT ''::text NOT NULL,
    created timestamp with time zone DEFAULT now() NOT NULL,
    updated timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT hour_transfers_amount_check CHECK (((amount > (0)::numeric) AND (amount = round(amount, 2)))),
    CONSTRAINT hour_transfers_key_check CHECK ((octet_length(key) <= 2000)),
    CONSTRAINT hour_transfers_state_check CHECK ((state = ANY (ARRAY['reserved'::text, 'booked'::text, 'refused'::text])))
);

CREATE TABLE public.improvements (
    id uuid NOT NULL,
    uri text NOT NULL,
    blueprint_id uuid NOT NULL,
    version_id uuid NOT NULL,
    by_id uuid NOT NULL,
    text text DEFAULT ''::text NOT NULL,
    state text DEFAULT 'open'::text NOT NULL,
    created timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT improvements_state_check CHECK ((state = ANY (ARRAY['open'::text, 'taken'::text, 'declined'::text]))),
    CONSTRAINT improvements_uri_check CHECK ((octet_length(uri) <= 2000))
);

CREATE TABLE public.invitations (
    code text NOT NULL,
    made_by uuid,
    note text DEFAULT ''::text NOT NULL,
    uses integer DEFAULT 1 NOT NULL,
    used integer DEFAULT 0 NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone,
    created timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT invitations_check CHECK ((used <= uses)),
    CONSTRAINT invitations_code_check CHECK (((length(code) >= 6) AND (length(code) <= 40))),
    CONSTRAINT invitations_uses_check CHECK (((uses >= 1) AND (uses <= 10000)))
);

CREATE TABLE public.keys_of_place (
    name text NOT NULL,
    value bytea NOT NULL
);

CREATE TABLE public.ledgers (
    peer text NOT NULL,
    sequence bigint DEFAULT 0 NOT NULL,
    forgotten bigint DEFAULT 0 NOT NULL,
    address text DEFAULT ''::text NOT NULL,
    told bigint DEFAULT 0 NOT NULL,
    caught_up bigint DEFAULT 0 NOT NULL,
    caught_at timestamp with time zone,
    asked_at timestamp with time zone DEFAULT '1970-01-01 00:00:00+00'::timestamp with time zone NOT NULL,
    missed bigint DEFAULT 0 NOT NULL
);

CREATE TABLE public.lessons (
    id uuid NOT NULL,
    uri text NOT NULL,
    meeting_id uuid NOT NULL,
    question_uri text DEFAULT ''::text NOT NULL,
    home_id uuid NOT NULL,
    writer_id uuid,
    title text NOT NULL,
    source text DEFAULT ''::text NOT NULL,
    html text NOT NULL,
    created timestamp with time zone DEFAULT now() NOT NULL,
    updated timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT lessons_uri_check CHECK ((octet_length(uri) <= 2000))
);

CREATE TABLE public.likes (
    post_id uuid NOT NULL,
    actor_id uuid NOT NULL,
    uri text DEFAULT ''::text NOT NULL,
    created timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.limits (
    key text NOT NULL,
    tokens double precision NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.list_entries (
    list_id uuid NOT NULL,
    host text NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    state text DEFAULT 'draft'::text NOT NULL,
    changed timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT list_entries_host_check CHECK ((octet_length(host) <= 260)),
    CONSTRAINT list_entries_state_check CHECK ((state = ANY (ARRAY['draft'::text, 'applied'::text, 'refused'::text, 'leaving'::text])))
);

CREATE TABLE public.lists (
    id uuid NOT NULL,
    kind text NOT NULL,
    title text NOT NULL,
    address text,
    fetched_at timestamp with time zone,
    error text DEFAULT ''::text NOT NULL,
    created timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT lists_address_check CHECK ((octet_length(address) <= 2000)),
    CONSTRAINT lists_kind_check CHECK ((kind = ANY (ARRAY['block'::text, 'allow'::text]))),
    CONSTRAINT lists_title_check CHECK (((length(title) >= 1) AND (length(title) <= 100)))
);

CREATE TABLE public.login_tokens (
    token_hash bytea NOT NULL,
    purpose text NOT NULL,
    account_id uuid,
    email text DEFAULT ''::text NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    created timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT login_tokens_purpose_check CHECK ((purpose = ANY (ARRAY['login'::text, 'first_admin'::text, 'confirm'::text])))
);

CREATE TABLE public.luggage (
    person_id uuid NOT NULL,
    old_uri text NOT NULL,
    city_id uuid NOT NULL,
    kept integer NOT NULL,
    communities text[] DEFAULT '{}'::text[] NOT NULL,
    thanks jsonb DEFAULT '[]'::jsonb NOT NULL,
    thankers integer DEFAULT 0 NOT NULL,
    document jsonb NOT NULL,
    packed timestamp with time zone NOT NULL,
    unpacked_at timestamp with time zone,
    created timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT luggage_kept_check CHECK (((kept >= 0) AND (kept <= 100000))),
    CONSTRAINT luggage_old_uri_check CHECK ((octet_length(old_uri) <= 2000))
);

CREATE TABLE public.matches (
    own_id uuid NOT NULL,
    other_id uuid NOT NULL,
    created timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.me_too_sums (
    proposal_id uuid NOT NULL,
    people integer NOT NULL,
    quantity numeric,
    CONSTRAINT me_too_sums_people_check CHECK ((people > 0)),
    CONSTRAINT me_too_sums_quantity_check CHECK ((quantity >= (0)::numeric))
);

CREATE TABLE public.me_toos (
    proposal_id uuid NOT NULL,
    person_id uuid NOT NULL,
    quantity numeric,
    created timestamp with time zone DEFAULT now() NOT NULL,
    gone boolean DEFAULT false NOT NULL,
    edition bigint DEFAULT 0 NOT NULL,
    uri text DEFAULT ''::text NOT NULL,
    CONSTRAINT me_toos_quantity_check CHECK ((quantity > (0)::numeric)),
    CONSTRAINT me_toos_uri_check CHECK ((octet_length(uri) <= 2000))
);

CREATE TABLE public.media (
    id uuid NOT NULL,
    mime text NOT NULL,
    full_bytes bytea,
    small_bytes bytea,
    width integer DEFAULT 0 NOT NULL,
    height integer DEFAULT 0 NOT NULL,
    alt text DEFAULT ''::text NOT NULL,
    remote_url text,
    created timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT media_mime_check CHECK ((mime = ANY (ARRAY['image/webp'::text, 'image/jpeg'::text, 'image/png'::text]))),
    CONSTRAINT media_remote_url_check CHECK ((octet_length(remote_url) <= 2000))
);

CREATE TABLE public.meetings (
    id uuid NOT NULL,
    uri text NOT NULL,
    pact_id uuid NOT NULL,
    home_id uuid NOT NULL,
    title text NOT NULL,
    topic text DEFAULT ''::text NOT NULL,
    starts timestamp with time zone NOT NULL,
    ends timestamp with time zone NOT NULL,
    asker_room text DEFAULT ''::text NOT NULL,
    other_room text DEFAULT ''::text NOT NULL,
    link text DEFAULT ''::text NOT NULL,
    host_id uuid,
    cancelled boolean DEFAULT false NOT NULL,
    edition integer DEFAULT 0 NOT NULL,
    created timestamp with time zone DEFAULT now() NOT NULL,
    updated timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT meetings_check CHECK ((ends > starts)),
    CONSTRAINT meetings_uri_check CHECK ((octet_length(uri) <= 2000))
);

CREATE TABLE public.memberships (
    community_id uuid NOT NULL,
    person_id uuid NOT NULL,
    role text DEFAULT 'member'::text NOT NULL,
    state text NOT NULL,
    uri text DEFAULT ''::text NOT NULL,
    message text DEFAULT ''::text NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    banned_until timestamp with time zone,
    decided_by uuid,
    created timestamp with time zone DEFAULT now() NOT NULL,
    changed timestamp with time zone DEFAULT now() NOT NULL,
    edition bigint DEFAULT 0 NOT NULL,
    CONSTRAINT memberships_role_check CHECK ((role = ANY (ARRAY['member'::text, 'moderator'::text, 'steward'::text]))),
    CONSTRAINT memberships_state_check CHECK ((state = ANY (ARRAY['asked'::text, 'member'::text, 'invited'::text, 'refused'::text, 'left'::text, 'banned'::text])))
);

CREATE TABLE public.moves (
    actor_id uuid NOT NULL,
    target_id uuid NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.notices (
    id uuid NOT NULL,
    account_id uuid NOT NULL,
    kind text NOT NULL,
    by_id uuid,
    proposal_id uuid,
    post_id uuid,
    community_id uuid,
    text text DEFAULT ''::text NOT NULL,
    seen_at timestamp with time zone,
    created timestamp with time zone DEFAULT now() NOT NULL,
    agreement_id uuid,
    mailed_at timestamp with time zone,
    pushed_at timestamp with time zone,
    circle_id uuid,
    blueprint_id uuid
);

CREATE TABLE public.occasions (
    post_id uuid NOT NULL,
    starts timestamp with time zone NOT NULL,
    ends timestamp with time zone,
    place text DEFAULT ''::text NOT NULL,
    CONSTRAINT occasions_check CHECK ((ends >= starts)),
    CONSTRAINT occasions_place_check CHECK ((length(place) <= 200))
);

CREATE TABLE public.outcomes (
    pact_id uuid NOT NULL,
    uri text NOT NULL,
    home_id uuid NOT NULL,
    title text NOT NULL,
    created timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT outcomes_uri_check CHECK ((octet_length(uri) <= 2000))
);

CREATE TABLE public.pacts (
    id uuid NOT NULL,
    uri text NOT NULL,
    asker_id uuid NOT NULL,
    other_id uuid NOT NULL,
    asker_host_id uuid,
    other_host_id uuid,
    title text NOT NULL,
    topics text[] DEFAULT '{}'::text[] NOT NULL,
    aim text DEFAULT ''::text NOT NULL,
    state text NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    ended_by uuid,
    created timestamp with time zone DEFAULT now() NOT NULL,
    agreed_at timestamp with time zone,
    ended_at timestamp with time zone,
    CONSTRAINT pacts_check CHECK ((asker_id <> other_id)),
    CONSTRAINT pacts_state_check CHECK ((state = ANY (ARRAY['asked'::text, 'agreed'::text, 'declined'::text, 'ended'::text]))),
    CONSTRAINT pacts_uri_check CHECK ((octet_length(uri) <= 2000))
);

CREATE TABLE public.passed_on (
    uri text NOT NULL,
    created timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT passed_on_uri_check CHECK ((octet_length(uri) <= 2000))
);

CREATE TABLE public.peers (
    origin text NOT NULL,
    host text NOT NULL,
    title text DEFAULT ''::text NOT NULL,
    software text DEFAULT ''::text NOT NULL,
    link text DEFAULT 'known'::text NOT NULL,
    blocked_at timestamp with time zone,
    paused_at timestamp with time zone,
    publishes boolean DEFAULT true NOT NULL,
    receives boolean DEFAULT true NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    scheme text DEFAULT 'cavage'::text NOT NULL,
    last_heard timestamp with time zone,
    last_sent timestamp with time zone,
    failing_since timestamp with time zone,
    failures integer DEFAULT 0 NOT NULL,
    last_error text DEFAULT ''::text NOT NULL,
    next_at timestamp with time zone DEFAULT now() NOT NULL,
    lease_until timestamp with time zone DEFAULT '1970-01-01 00:00:00+00'::timestamp with time zone NOT NULL,
    created timestamp with time zone DEFAULT now() NOT NULL,
    scheme_at timestamp with time zone,
    circles boolean DEFAULT false NOT NULL,
    implements text[] DEFAULT '{}'::text[] NOT NULL,
    CONSTRAINT peers_link_check CHECK ((link = ANY (ARRAY['known'::text, 'asked'::text, 'asking'::text, 'linked'::text, 'refused'::text]))),
    CONSTRAINT peers_origin_check CHECK ((octet_length(origin) <= 300)),
    CONSTRAINT peers_scheme_check CHECK ((scheme = ANY (ARRAY['cavage'::text, 'rfc9421'::text])))
);

CREATE TABLE public.pledge_deliveries (
    id uuid NOT NULL,
    uri text NOT NULL,
    pledge_id uuid NOT NULL,
    amount numeric NOT NULL,
    note text DEFAULT ''::text NOT NULL,
    answer text DEFAULT ''::text NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    said_at timestamp with time zone NOT NULL,
    answered_at timestamp with time zone,
    CONSTRAINT pledge_deliveries_amount_check CHECK ((amount > (0)::numeric)),
    CONSTRAINT pledge_deliveries_answer_check CHECK ((answer = ANY (ARRAY[''::text, 'confirmed'::text, 'missing'::text]))),
    CONSTRAINT pledge_deliveries_uri_check CHECK ((octet_length(uri) <= 2000))
);

CREATE TABLE public.pledges (
    id uuid NOT NULL,
    uri text NOT NULL,
    giver_id uuid NOT NULL,
    project_id uuid NOT NULL,
    need_uri text DEFAULT ''::text NOT NULL,
    kind text NOT NULL,
    title text NOT NULL,
    note text DEFAULT ''::text NOT NULL,
    quantity numeric NOT NULL,
    unit text NOT NULL,
    due date,
    edition integer DEFAULT 1 NOT NULL,
    answer text DEFAULT ''::text NOT NULL,
    answered_edition integer DEFAULT 0 NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    withdrawn_at timestamp with time zone,
    delivered numeric DEFAULT 0 NOT NULL,
    confirmed numeric DEFAULT 0 NOT NULL,
    created timestamp with time zone DEFAULT now() NOT NULL,
    updated timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT pledges_answer_check CHECK ((answer = ANY (ARRAY[''::text, 'accepted'::text, 'declined'::text]))),
    CONSTRAINT pledges_check CHECK (((confirmed <= delivered) AND (delivered <= quantity))),
    CONSTRAINT pledges_kind_check CHECK ((kind = ANY (ARRAY['material'::text, 'hours'::text, 'knowledge'::text]))),
    CONSTRAINT pledges_quantity_check CHECK ((quantity > (0)::numeric)),
    CONSTRAINT pledges_title_check CHECK (((length(title) >= 1) AND (length(title) <= 200))),
    CONSTRAINT pledges_uri_check CHECK ((octet_length(uri) <= 2000))
);

CREATE TABLE public.poll_votes (
    post_id uuid NOT NULL,
    actor_id uuid NOT NULL,
    choice smallint NOT NULL
);

CREATE TABLE public.polls (
    post_id uuid NOT NULL,
    options jsonb NOT NULL,
    multiple boolean DEFAULT false NOT NULL,
    voters integer DEFAULT 0 NOT NULL,
    ends timestamp with time zone,
    closed boolean DEFAULT false NOT NULL
);

CREATE TABLE public.pools (
    proposal_id uuid NOT NULL,
    organizer_id uuid NOT NULL,
    kind text NOT NULL,
    measure text NOT NULL,
    threshold numeric NOT NULL,
    ends timestamp with time zone NOT NULL,
    note text DEFAULT ''::text NOT NULL,
    state text DEFAULT 'gathering'::text NOT NULL,
    created timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT pools_kind_check CHECK ((kind = ANY (ARRAY['order'::text, 'workshop'::text]))),
    CONSTRAINT pools_measure_check CHECK ((measure = ANY (ARRAY['people'::text, 'quantity'::text]))),
    CONSTRAINT pools_state_check CHECK ((state = ANY (ARRAY['gathering'::text, 'reached'::text, 'missed'::text]))),
    CONSTRAINT pools_threshold_check CHECK ((threshold > (0)::numeric))
);

CREATE TABLE public.posts (
    id uuid NOT NULL,
    uri text NOT NULL,
    author_id uuid NOT NULL,
    community_id uuid,
    proposal_id uuid,
    root_id uuid,
    parent_id uuid,
    in_reply_to text DEFAULT ''::text NOT NULL,
    scope text NOT NULL,
    title text DEFAULT ''::text NOT NULL,
    source text DEFAULT ''::text NOT NULL,
    html text DEFAULT ''::text NOT NULL,
    language text DEFAULT ''::text NOT NULL,
    tags text[] DEFAULT '{}'::text[] NOT NULL,
    page_url text DEFAULT ''::text NOT NULL,
    context text DEFAULT ''::text NOT NULL,
    replies integer DEFAULT 0 NOT NULL,
    last_reply timestamp with time zone DEFAULT now() NOT NULL,
    pinned_at timestamp with time zone,
    locked_at timestamp with time zone,
    removed_at timestamp with time zone,
    removed_by uuid,
    removed_reason text DEFAULT ''::text NOT NULL,
    deleted_at timestamp with time zone,
    created timestamp with time zone DEFAULT now() NOT NULL,
    updated timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT posts_scope_check CHECK ((scope = ANY (ARRAY['community'::text, 'city'::text, 'neighbours'::text, 'everyone'::text]))),
    CONSTRAINT posts_uri_check CHECK ((octet_length(uri) <= 2000))
);

CREATE TABLE public.premises (
    proposal_id uuid NOT NULL,
    kind text NOT NULL,
    size numeric,
    repair text DEFAULT ''::text NOT NULL,
    terms text NOT NULL,
    begins date,
    contact text DEFAULT ''::text NOT NULL,
    supplies text[] DEFAULT '{}'::text[] NOT NULL,
    CONSTRAINT premises_kind_check CHECK ((kind = ANY (ARRAY['house'::text, 'hall'::text, 'workshop'::text, 'storage'::text, 'land'::text, 'water'::text, 'wood'::text, 'sun'::text]))),
    CONSTRAINT premises_repair_check CHECK ((repair = ANY (ARRAY[''::text, 'good'::text, 'small'::text, 'large'::text, 'ruin'::text]))),
    CONSTRAINT premises_size_check CHECK ((size > (0)::numeric)),
    CONSTRAINT premises_terms_check CHECK ((terms = ANY (ARRAY['free'::text, 'lease'::text, 'work'::text, 'lasting'::text])))
);

CREATE TABLE public.processes (
    id uuid NOT NULL,
    uri text NOT NULL,
    project_id uuid NOT NULL,
    step_key text DEFAULT ''::text NOT NULL,
    "position" integer DEFAULT 0 NOT NULL,
    name text NOT NULL,
    starts date,
    ends date,
    finished boolean DEFAULT false NOT NULL,
    CONSTRAINT processes_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200))),
    CONSTRAINT processes_uri_check CHECK ((octet_length(uri) <= 2000))
);

CREATE TABLE public.project_log (
    id uuid NOT NULL,
    project_id uuid NOT NULL,
    actor_id uuid,
    act text NOT NULL,
    subject text DEFAULT ''::text NOT NULL,
    created timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.project_needs (
    id uuid NOT NULL,
    uri text NOT NULL,
    project_id uuid NOT NULL,
    process_id uuid,
    line_key text DEFAULT ''::text NOT NULL,
    choice text DEFAULT ''::text NOT NULL,
    kind text DEFAULT 'material'::text NOT NULL,
    "position" integer DEFAULT 0 NOT NULL,
    name text NOT NULL,
    quantity numeric,
    unit text DEFAULT 'piece'::text NOT NULL,
    category text DEFAULT 'other'::text NOT NULL,
    note text DEFAULT ''::text NOT NULL,
    proposal_uri text DEFAULT ''::text NOT NULL,
    promised numeric DEFAULT 0 NOT NULL,
    met numeric DEFAULT 0 NOT NULL,
    dropped boolean DEFAULT false NOT NULL,
    changed timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT project_needs_kind_check CHECK ((kind = ANY (ARRAY['material'::text, 'tool'::text]))),
    CONSTRAINT project_needs_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200))),
    CONSTRAINT project_needs_quantity_check CHECK ((quantity > (0)::numeric)),
    CONSTRAINT project_needs_uri_check CHECK ((octet_length(uri) <= 2000))
);

CREATE TABLE public.projects (
    community_id uuid NOT NULL,
    plan_uri text NOT NULL,
    aim text DEFAULT ''::text NOT NULL,
    html text DEFAULT ''::text NOT NULL,
    state text DEFAULT 'planned'::text NOT NULL,
    version_uri text DEFAULT ''::text NOT NULL,
    version_title text DEFAULT ''::text NOT NULL,
    scale numeric,
    output text DEFAULT ''::text NOT NULL,
    place_name text DEFAULT ''::text NOT NULL,
    latitude double precision,
    longitude double precision,
    starts date,
    ends date,
    edition integer DEFAULT 1 NOT NULL,
    created timestamp with time zone DEFAULT now() NOT NULL,
    updated timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT projects_plan_uri_check CHECK ((octet_length(plan_uri) <= 2000)),
    CONSTRAINT projects_scale_check CHECK ((scale > (0)::numeric)),
    CONSTRAINT projects_state_check CHECK ((state = ANY (ARRAY['planned'::text, 'running'::text, 'built'::text, 'stopped'::text])))
);

CREATE TABLE public.proposals (
    id uuid NOT NULL,
    uri text NOT NULL,
    purpose text NOT NULL,
    author_id uuid NOT NULL,
    community_id uuid,
    scope text NOT NULL,
    title text NOT NULL,
    source text DEFAULT ''::text NOT NULL,
    html text DEFAULT ''::text NOT NULL,
    language text DEFAULT 'de'::text NOT NULL,
    category text DEFAULT 'other'::text NOT NULL,
    quantity numeric,
    available numeric,
    unit text DEFAULT 'piece'::text NOT NULL,
    until timestamp with time zone,
    return_kind text DEFAULT 'open'::text NOT NULL,
    return_note text DEFAULT ''::text NOT NULL,
    place_name text DEFAULT ''::text NOT NULL,
    latitude double precision,
    longitude double precision,
    cell integer,
    state text DEFAULT 'open'::text NOT NULL,
    removed_reason text DEFAULT ''::text NOT NULL,
    replies integer DEFAULT 0 NOT NULL,
    document text DEFAULT ''::text NOT NULL,
    created timestamp with time zone DEFAULT now() NOT NULL,
    updated timestamp with time zone DEFAULT now() NOT NULL,
    search tsvector GENERATED ALWAYS AS (((((setweight(to_tsvector('german'::regconfig, title), 'A'::"char") || setweight(to_tsvector('english'::regconfig, title), 'A'::"char")) || setweight(to_tsvector('german'::regconfig, source), 'B'::"char")) || setweight(to_tsvector('english'::regconfig, source), 'B'::"char")) || array_to_tsvector(ARRAY[((('@'::text || purpose) || '/'::text) || category), ((('@'::text || purpose) || '/'::text) || split_part(category, '.'::text, 1)), ((('@'::text || purpose) || '/'::text) || COALESCE((cell)::text, 'nowhere'::text))]))) STORED,
    CONSTRAINT proposals_available_check CHECK ((available >= (0)::numeric)),
    CONSTRAINT proposals_check CHECK (((community_id IS NOT NULL) OR (scope <> 'community'::text))),
    CONSTRAINT proposals_purpose_check CHECK ((purpose = ANY (ARRAY['offer'::text, 'request'::text]))),
    CONSTRAINT proposals_quantity_check CHECK ((quantity > (0)::numeric)),
    CONSTRAINT proposals_return_kind_check CHECK ((return_kind = ANY (ARRAY['nothing'::text, 'lend'::text, 'swap'::text, 'hours'::text, 'open'::text]))),
    CONSTRAINT proposals_scope_check CHECK ((scope = ANY (ARRAY['community'::text, 'city'::text, 'neighbours'::text, 'everyone'::text]))),
    CONSTRAINT proposals_state_check CHECK ((state = ANY (ARRAY['open'::text, 'closed'::text, 'withdrawn'::text, 'removed'::text]))),
    CONSTRAINT proposals_title_check CHECK (((length(title) >= 1) AND (length(title) <= 200))),
    CONSTRAINT proposals_uri_check CHECK ((octet_length(uri) <= 2000))
);

CREATE TABLE public.public_keys (
    id text NOT NULL,
    actor_id uuid NOT NULL,
    public_key text NOT NULL,
    until timestamp with time zone,
    rsa_private text DEFAULT ''::text NOT NULL,
    CONSTRAINT public_keys_id_check CHECK ((octet_length(id) <= 2000))
);

CREATE TABLE public.push_devices (
    endpoint text NOT NULL,
    account_id uuid NOT NULL,
    public_key bytea NOT NULL,
    auth bytea NOT NULL,
    created timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT push_devices_endpoint_check CHECK ((octet_length(endpoint) <= 2000))
);

CREATE TABLE public.question_votes (
    question_id uuid NOT NULL,
    actor_id uuid NOT NULL,
    uri text NOT NULL,
    created timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.questions (
    id uuid NOT NULL,
    uri text NOT NULL,
    meeting_id uuid NOT NULL,
    author_id uuid NOT NULL,
    text text NOT NULL,
    deleted_at timestamp with time zone,
    created timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT questions_uri_check CHECK ((octet_length(uri) <= 2000))
);

CREATE TABLE public.reports (
    id uuid NOT NULL,
    uri text NOT NULL,
    reporter_id uuid NOT NULL,
    actor_id uuid,
    proposal_id uuid,
    post_id uuid,
    community_id uuid,
    harm text DEFAULT 'other'::text NOT NULL,
    text text NOT NULL,
    state text DEFAULT 'open'::text NOT NULL,
    outcome text DEFAULT ''::text NOT NULL,
    handled_by uuid,
    handled_at timestamp with time zone,
    created timestamp with time zone DEFAULT now() NOT NULL,
    blueprint_id uuid,
    CONSTRAINT reports_check CHECK ((num_nonnulls(actor_id, proposal_id, post_id, blueprint_id) >= 1)),
    CONSTRAINT reports_harm_check CHECK ((harm = ANY (ARRAY['danger'::text, 'hate'::text, 'fraud'::text, 'private'::text, 'rules'::text, 'other'::text]))),
    CONSTRAINT reports_state_check CHECK ((state = ANY (ARRAY['open'::text, 'done'::text])))
);

CREATE TABLE public.rhythms (
    account_id uuid NOT NULL,
    topic text NOT NULL,
    rhythm text NOT NULL,
    push boolean DEFAULT true NOT NULL,
    CONSTRAINT rhythms_rhythm_check CHECK ((rhythm = ANY (ARRAY['now'::text, 'daily'::text, 'weekly'::text, 'never'::text, 'off'::text])))
);

CREATE TABLE public.schema_version (
    number integer NOT NULL,
    name text NOT NULL,
    checksum text NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.searches (
    id uuid NOT NULL,
    account_id uuid NOT NULL,
    purpose text NOT NULL,
    category text DEFAULT ''::text NOT NULL,
    words text DEFAULT ''::text NOT NULL,
    query tsquery,
    km integer,
    latitude double precision,
    longitude double precision,
    place text DEFAULT 'all'::text NOT NULL,
    alerts boolean DEFAULT true NOT NULL,
    created timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT searches_km_check CHECK ((km > 0)),
    CONSTRAINT searches_place_check CHECK ((place = ANY (ARRAY['all'::text, 'here'::text, 'network'::text]))),
    CONSTRAINT searches_purpose_check CHECK ((purpose = ANY (ARRAY['offer'::text, 'request'::text])))
);

CREATE TABLE public.seen (
    quarter date NOT NULL,
    bucket smallint NOT NULL,
    hashes bytea NOT NULL
);
ALTER TABLE ONLY public.seen ALTER COLUMN hashes SET STORAGE EXTERNAL;

CREATE TABLE public.sessions (
    token_hash bytea NOT NULL,
    id uuid NOT NULL,
    account_id uuid NOT NULL,
    user_agent text DEFAULT ''::text NOT NULL,
    created timestamp with time zone DEFAULT now() NOT NULL,
    seen_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL
);

CREATE TABLE public.settings (
    key text NOT NULL,
    value jsonb NOT NULL,
    changed timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.settling (
    only_one boolean DEFAULT true NOT NULL,
    source text DEFAULT ''::text NOT NULL,
    contact_id uuid,
    updated timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT settling_only_one_check CHECK (only_one)
);

CREATE TABLE public.sheet_codes (
    week date NOT NULL,
    code text NOT NULL,
    proposal_id uuid NOT NULL
);

CREATE TABLE public.takings (
    uri text NOT NULL,
    task_uri text NOT NULL,
    person_id uuid NOT NULL,
    kind text NOT NULL,
    state text DEFAULT 'asked'::text NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    created timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT takings_kind_check CHECK ((kind = ANY (ARRAY['take'::text, 'done'::text]))),
    CONSTRAINT takings_state_check CHECK ((state = ANY (ARRAY['asked'::text, 'accepted'::text, 'refused'::text, 'undone'::text]))),
    CONSTRAINT takings_uri_check CHECK ((octet_length(uri) <= 2000))
);

CREATE TABLE public.tasks (
    id uuid NOT NULL,
    uri text NOT NULL,
    project_id uuid NOT NULL,
    process_id uuid NOT NULL,
    step_key text DEFAULT ''::text NOT NULL,
    "position" integer DEFAULT 0 NOT NULL,
    name text NOT NULL,
    note text DEFAULT ''::text NOT NULL,
    role text DEFAULT ''::text NOT NULL,
    owner_id uuid,
    due date,
    hours numeric,
    state text DEFAULT 'open'::text NOT NULL,
    changed timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT tasks_hours_check CHECK ((hours > (0)::numeric)),
    CONSTRAINT tasks_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200))),
    CONSTRAINT tasks_open CHECK (((state <> 'open'::text) OR (owner_id IS NULL))),
    CONSTRAINT tasks_state_check CHECK ((state = ANY (ARRAY['open'::text, 'taken'::text, 'done'::text]))),
    CONSTRAINT tasks_uri_check CHECK ((octet_length(uri) <= 2000))
);

CREATE TABLE public.terms (
    version integer NOT NULL,
    text_de text NOT NULL,
    text_en text NOT NULL,
    created timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.thanks (
    agreement_id uuid NOT NULL,
    by_id uuid NOT NULL,
    to_id uuid NOT NULL,
    text text DEFAULT ''::text NOT NULL,
    created timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.title_words (
    word text NOT NULL,
    CONSTRAINT title_words_word_check CHECK ((octet_length(word) <= 200))
);

CREATE TABLE public.vouched (
    peer text NOT NULL,
    host text NOT NULL,
    uri text NOT NULL,
    title text DEFAULT ''::text NOT NULL,
    CONSTRAINT vouched_host_check CHECK ((octet_length(host) <= 260)),
    CONSTRAINT vouched_uri_check CHECK ((octet_length(uri) <= 2000))
);

CREATE TABLE public.wards (
    account_id uuid NOT NULL,
    helper_id uuid NOT NULL,
    consent text NOT NULL,
    consented timestamp with time zone NOT NULL,
    contact text DEFAULT ''::text NOT NULL,
    CONSTRAINT wards_consent_check CHECK ((consent = ANY (ARRAY['spoken'::text, 'written'::text])))
);

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_pkey PRIMARY KEY (actor_id);

ALTER TABLE ONLY public.activities
    ADD CONSTRAINT activities_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.activities
    ADD CONSTRAINT activities_uri_key UNIQUE (uri);

ALTER TABLE ONLY public.actor_keys
    ADD CONSTRAINT actor_keys_pkey PRIMARY KEY (actor_id);

ALTER TABLE ONLY public.actors
    ADD CONSTRAINT actors_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.actors
    ADD CONSTRAINT actors_uri_key UNIQUE (uri);

ALTER TABLE ONLY public.admin_log
    ADD CONSTRAINT admin_log_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.adoptions
    ADD CONSTRAINT adoptions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.adoptions
    ADD CONSTRAINT adoptions_project_uri_key UNIQUE (project_uri);

ALTER TABLE ONLY public.agreement_steps
    ADD CONSTRAINT agreement_steps_agreement_id_hash_key UNIQUE (agreement_id, hash);

ALTER TABLE ONLY public.agreement_steps
    ADD CONSTRAINT agreement_steps_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.agreements
    ADD CONSTRAINT agreements_key_key UNIQUE (key);

ALTER TABLE ONLY public.agreements
    ADD CONSTRAINT agreements_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.agreements
    ADD CONSTRAINT agreements_uri_key UNIQUE (uri);

ALTER TABLE ONLY public.aliases
    ADD CONSTRAINT aliases_pkey PRIMARY KEY (actor_id, uri);

ALTER TABLE ONLY public.appeals
    ADD CONSTRAINT appeals_notice_id_key UNIQUE (notice_id);

ALTER TABLE ONLY public.appeals
    ADD CONSTRAINT appeals_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.backfills
    ADD CONSTRAINT backfills_pkey PRIMARY KEY (uri);

ALTER TABLE ONLY public.blocks
    ADD CONSTRAINT blocks_pkey PRIMARY KEY (blocker_id, blocked_id);

ALTER TABLE ONLY public.blueprint_lines
    ADD CONSTRAINT blueprint_lines_pkey PRIMARY KEY (version_id, key);

ALTER TABLE ONLY public.blueprint_steps
    ADD CONSTRAINT blueprint_steps_pkey PRIMARY KEY (version_id, key);

ALTER TABLE ONLY public.blueprint_versions
    ADD CONSTRAINT blueprint_versions_blueprint_id_number_key UNIQUE (blueprint_id, number);

ALTER TABLE ONLY public.blueprint_versions
    ADD CONSTRAINT blueprint_versions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.blueprint_versions
    ADD CONSTRAINT blueprint_versions_uri_key UNIQUE (uri);

ALTER TABLE ONLY public.blueprints
    ADD CONSTRAINT blueprints_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.blueprints
    ADD CONSTRAINT blueprints_uri_key UNIQUE (uri);

ALTER TABLE ONLY public.build_reports
    ADD CONSTRAINT build_reports_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.build_reports
    ADD CONSTRAINT build_reports_uri_key UNIQUE (uri);

ALTER TABLE ONLY public.chat_messages
    ADD CONSTRAINT chat_messages_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.chat_messages
    ADD CONSTRAINT chat_messages_uri_key UNIQUE (uri);

ALTER TABLE ONLY public.chat_people
    ADD CONSTRAINT chat_people_pkey PRIMARY KEY (chat_id, actor_id);

ALTER TABLE ONLY public.chats
    ADD CONSTRAINT chats_people_key_key UNIQUE (people_key);

ALTER TABLE ONLY public.chats
    ADD CONSTRAINT chats_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.circle_edges
    ADD CONSTRAINT circle_edges_pkey PRIMARY KEY (giver_id, taker_id);

ALTER TABLE ONLY public.circle_marks
    ADD CONSTRAINT circle_marks_party_id_key UNIQUE (party_id);

ALTER TABLE ONLY public.circle_marks
    ADD CONSTRAINT circle_marks_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.circle_marks
    ADD CONSTRAINT circle_marks_proposal_id_key UNIQUE (proposal_id);

ALTER TABLE ONLY public.circle_parts
    ADD CONSTRAINT circle_parts_circle_id_party_uri_key UNIQUE (circle_id, party_uri);

ALTER TABLE ONLY public.circle_parts
    ADD CONSTRAINT circle_parts_pkey PRIMARY KEY (circle_id, "position");

ALTER TABLE ONLY public.circles
    ADD CONSTRAINT circles_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.circles
    ADD CONSTRAINT circles_uri_key UNIQUE (uri);

ALTER TABLE ONLY public.communities
    ADD CONSTRAINT communities_pkey PRIMARY KEY (actor_id);

ALTER TABLE ONLY public.counts
    ADD CONSTRAINT counts_pkey PRIMARY KEY (peer, what, reason);

ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT deliveries_activity_id_inbox_key UNIQUE (activity_id, inbox);

ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT deliveries_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.desk_entries
    ADD CONSTRAINT desk_entries_pkey PRIMARY KEY (proposal_id);

ALTER TABLE ONLY public.digests
    ADD CONSTRAINT digests_pkey PRIMARY KEY (account_id, rhythm);

ALTER TABLE ONLY public.directories
    ADD CONSTRAINT directories_pkey PRIMARY KEY (peer);

ALTER TABLE ONLY public.disputes
    ADD CONSTRAINT disputes_key_key UNIQUE (key);

ALTER TABLE ONLY public.disputes
    ADD CONSTRAINT disputes_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.drafts
    ADD CONSTRAINT drafts_pkey PRIMARY KEY (token_hash);

ALTER TABLE ONLY public.files
    ADD CONSTRAINT files_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.follows
    ADD CONSTRAINT follows_pkey PRIMARY KEY (follower_id, followed_id);

ALTER TABLE ONLY public.gifts
    ADD CONSTRAINT gifts_pkey PRIMARY KEY (uri);

ALTER TABLE ONLY public.hand_outs
    ADD CONSTRAINT hand_outs_pkey PRIMARY KEY (proposal_id);

ALTER TABLE ONLY public.helpers
    ADD CONSTRAINT helpers_pkey PRIMARY KEY (account_id);

ALTER TABLE ONLY public.hour_accounts
    ADD CONSTRAINT hour_accounts_community_id_owner_id_key UNIQUE (community_id, owner_id);

ALTER TABLE ONLY public.hour_accounts
    ADD CONSTRAINT hour_accounts_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.hour_bookings
    ADD CONSTRAINT hour_bookings_corrects_key UNIQUE (corrects);

ALTER TABLE ONLY public.hour_bookings
    ADD CONSTRAINT hour_bookings_key_key UNIQUE (key);

ALTER TABLE ONLY public.hour_bookings
    ADD CONSTRAINT hour_bookings_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.hour_bridges
    ADD CONSTRAINT hour_bridges_pkey PRIMARY KEY (peer);

ALTER TABLE ONLY public.hour_entries
    ADD CONSTRAINT hour_entries_pkey PRIMARY KEY (booking_id, account_id);

ALTER TABLE ONLY public.hour_rules
    ADD CONSTRAINT hour_rules_pkey PRIMARY KEY (community_id);

ALTER TABLE ONLY public.hour_set_offs
    ADD CONSTRAINT hour_set_offs_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.hour_set_offs
    ADD CONSTRAINT hour_set_offs_uri_key UNIQUE (uri);

ALTER TABLE ONLY public.hour_transfers
    ADD CONSTRAINT hour_transfers_key_key UNIQUE (key);

ALTER TABLE ONLY public.hour_transfers
    ADD CONSTRAINT hour_transfers_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.improvements
    ADD CONSTRAINT improvements_blueprint_id_version_id_key UNIQUE (blueprint_id, version_id);

ALTER TABLE ONLY public.improvements
    ADD CONSTRAINT improvements_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.improvements
    ADD CONSTRAINT improvements_uri_key UNIQUE (uri);

ALTER TABLE ONLY public.invitations
    ADD CONSTRAINT invitations_pkey PRIMARY KEY (code);

ALTER TABLE ONLY public.keys_of_place
    ADD CONSTRAINT keys_of_place_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.ledgers
    ADD CONSTRAINT ledgers_pkey PRIMARY KEY (peer);

ALTER TABLE ONLY public.lessons
    ADD CONSTRAINT lessons_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.lessons
    ADD CONSTRAINT lessons_uri_key UNIQUE (uri);

ALTER TABLE ONLY public.likes
    ADD CONSTRAINT likes_pkey PRIMARY KEY (post_id, actor_id);

ALTER TABLE ONLY public.limits
    ADD CONSTRAINT limits_pkey PRIMARY KEY (key);

ALTER TABLE ONLY public.list_entries
    ADD CONSTRAINT list_entries_pkey PRIMARY KEY (list_id, host);

ALTER TABLE ONLY public.lists
    ADD CONSTRAINT lists_address_key UNIQUE (address);

ALTER TABLE ONLY public.lists
    ADD CONSTRAINT lists_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.login_tokens
    ADD CONSTRAINT login_tokens_pkey PRIMARY KEY (token_hash);

ALTER TABLE ONLY public.luggage
    ADD CONSTRAINT luggage_pkey PRIMARY KEY (person_id, old_uri);

ALTER TABLE ONLY public.matches
    ADD CONSTRAINT matches_pkey PRIMARY KEY (own_id, other_id);

ALTER TABLE ONLY public.me_too_sums
    ADD CONSTRAINT me_too_sums_pkey PRIMARY KEY (proposal_id);

ALTER TABLE ONLY public.me_toos
    ADD CONSTRAINT me_toos_pkey PRIMARY KEY (proposal_id, person_id);

ALTER TABLE ONLY public.media
    ADD CONSTRAINT media_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.meetings
    ADD CONSTRAINT meetings_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.meetings
    ADD CONSTRAINT meetings_uri_key UNIQUE (uri);

ALTER TABLE ONLY public.memberships
    ADD CONSTRAINT memberships_pkey PRIMARY KEY (community_id, person_id);

ALTER TABLE ONLY public.moves
    ADD CONSTRAINT moves_pkey PRIMARY KEY (actor_id);

ALTER TABLE ONLY public.notices
    ADD CONSTRAINT notices_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.occasions
    ADD CONSTRAINT occasions_pkey PRIMARY KEY (post_id);

ALTER TABLE ONLY public.outcomes
    ADD CONSTRAINT outcomes_pkey PRIMARY KEY (pact_id, uri);

ALTER TABLE ONLY public.pacts
    ADD CONSTRAINT pacts_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.pacts
    ADD CONSTRAINT pacts_uri_key UNIQUE (uri);

ALTER TABLE ONLY public.passed_on
    ADD CONSTRAINT passed_on_pkey PRIMARY KEY (uri);

ALTER TABLE ONLY public.peers
    ADD CONSTRAINT peers_host_key UNIQUE (host);

ALTER TABLE ONLY public.peers
    ADD CONSTRAINT peers_pkey PRIMARY KEY (origin);

ALTER TABLE ONLY public.pledge_deliveries
    ADD CONSTRAINT pledge_deliveries_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.pledge_deliveries
    ADD CONSTRAINT pledge_deliveries_uri_key UNIQUE (uri);

ALTER TABLE ONLY public.pledges
    ADD CONSTRAINT pledges_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.pledges
    ADD CONSTRAINT pledges_uri_key UNIQUE (uri);

ALTER TABLE ONLY public.poll_votes
    ADD CONSTRAINT poll_votes_pkey PRIMARY KEY (post_id, actor_id, choice);

ALTER TABLE ONLY public.polls
    ADD CONSTRAINT polls_pkey PRIMARY KEY (post_id);

ALTER TABLE ONLY public.pools
    ADD CONSTRAINT pools_pkey PRIMARY KEY (proposal_id);

ALTER TABLE ONLY public.posts
    ADD CONSTRAINT posts_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.posts
    ADD CONSTRAINT posts_uri_key UNIQUE (uri);

ALTER TABLE ONLY public.premises
    ADD CONSTRAINT premises_pkey PRIMARY KEY (proposal_id);

ALTER TABLE ONLY public.processes
    ADD CONSTRAINT processes_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.processes
    ADD CONSTRAINT processes_uri_key UNIQUE (uri);

ALTER TABLE ONLY public.project_log
    ADD CONSTRAINT project_log_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.project_needs
    ADD CONSTRAINT project_needs_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.project_needs
    ADD CONSTRAINT project_needs_uri_key UNIQUE (uri);

ALTER TABLE ONLY public.projects
    ADD CONSTRAINT projects_pkey PRIMARY KEY (community_id);

ALTER TABLE ONLY public.projects
    ADD CONSTRAINT projects_plan_uri_key UNIQUE (plan_uri);

ALTER TABLE ONLY public.proposals
    ADD CONSTRAINT proposals_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.proposals
    ADD CONSTRAINT proposals_uri_key UNIQUE (uri);

ALTER TABLE ONLY public.public_keys
    ADD CONSTRAINT public_keys_pkey PRIMARY KEY (id, actor_id);

ALTER TABLE ONLY public.push_devices
    ADD CONSTRAINT push_devices_pkey PRIMARY KEY (endpoint);

ALTER TABLE ONLY public.question_votes
    ADD CONSTRAINT question_votes_pkey PRIMARY KEY (question_id, actor_id);

ALTER TABLE ONLY public.questions
    ADD CONSTRAINT questions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.questions
    ADD CONSTRAINT questions_uri_key UNIQUE (uri);

ALTER TABLE ONLY public.reports
    ADD CONSTRAINT reports_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.reports
    ADD CONSTRAINT reports_uri_key UNIQUE (uri);

ALTER TABLE ONLY public.rhythms
    ADD CONSTRAINT rhythms_pkey PRIMARY KEY (account_id, topic);

ALTER TABLE ONLY public.schema_version
    ADD CONSTRAINT schema_version_pkey PRIMARY KEY (number);

ALTER TABLE ONLY public.searches
    ADD CONSTRAINT searches_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.seen
    ADD CONSTRAINT seen_pkey PRIMARY KEY (quarter, bucket);

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_id_key UNIQUE (id);

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (token_hash);

ALTER TABLE ONLY public.settings
    ADD CONSTRAINT settings_pkey PRIMARY KEY (key);

ALTER TABLE ONLY public.settling
    ADD CONSTRAINT settling_pkey PRIMARY KEY (only_one);

ALTER TABLE ONLY public.sheet_codes
    ADD CONSTRAINT sheet_codes_pkey PRIMARY KEY (week, code);

ALTER TABLE ONLY public.sheet_codes
    ADD CONSTRAINT sheet_codes_week_proposal_id_key UNIQUE (week, proposal_id);

ALTER TABLE ONLY public.takings
    ADD CONSTRAINT takings_pkey PRIMARY KEY (uri);

ALTER TABLE ONLY public.tasks
    ADD CONSTRAINT tasks_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.tasks
    ADD CONSTRAINT tasks_uri_key UNIQUE (uri);

ALTER TABLE ONLY public.terms
    ADD CONSTRAINT terms_pkey PRIMARY KEY (version);

ALTER TABLE ONLY public.thanks
    ADD CONSTRAINT thanks_pkey PRIMARY KEY (agreement_id, by_id);

ALTER TABLE ONLY public.title_words
    ADD CONSTRAINT title_words_pkey PRIMARY KEY (word);

ALTER TABLE ONLY public.vouched
    ADD CONSTRAINT vouched_pkey PRIMARY KEY (peer, host);

ALTER TABLE ONLY public.wards
    ADD CONSTRAINT wards_pkey PRIMARY KEY (account_id);

CREATE UNIQUE INDEX accounts_email ON public.accounts USING btree (lower(email)) WHERE ((state <> 'closed'::text) AND (email_confirmed_at IS NOT NULL));

CREATE INDEX accounts_email_claimed ON public.accounts USING btree (lower(email)) WHERE (email IS NOT NULL);

CREATE INDEX accounts_state ON public.accounts USING btree (state, created);

CREATE INDEX activities_actor ON public.activities USING btree (actor_id, id) WHERE ((direction = 'out'::text) AND public);

CREATE INDEX activities_due ON public.activities USING btree (next_at, id) WHERE (state = ANY (ARRAY['received'::text, 'waiting'::text]));

CREATE INDEX activities_ended ON public.activities USING btree (created) WHERE ((direction = 'in'::text) AND (state = ANY (ARRAY['done'::text, 'refused'::text, 'malformed'::text, 'ignored'::text])) AND (type <> ALL (ARRAY['Delete'::text, 'Follow'::text, 'Join'::text, 'Invite'::text, 'Leave'::text, 'Accept'::text, 'Reject'::text])));

CREATE INDEX activities_leased ON public.activities USING btree (lease_until) WHERE (state = ANY (ARRAY['received'::text, 'waiting'::text]));

CREATE INDEX activities_object ON public.activities USING btree (object_uri) WHERE ((object_uri <> ''::text) AND ((direction = 'out'::text) OR (type = ANY (ARRAY['Delete'::text, 'Undo'::text]))));

CREATE INDEX activities_waits ON public.activities USING btree (waits_for) WHERE (state = 'waiting'::text);

CREATE INDEX actors_handle ON public.actors USING btree (lower(name), host);

CREATE INDEX actors_key ON public.actors USING btree (key_id) WHERE (key_id IS NOT NULL);

CREATE UNIQUE INDEX actors_name_here ON public.actors USING btree (lower(name)) WHERE (host = ''::text);

CREATE INDEX actors_peer ON public.actors USING btree (peer, kind) WHERE (peer IS NOT NULL);

CREATE INDEX adoptions_project ON public.adoptions USING btree (project_id) WHERE (project_id IS NOT NULL);

CREATE INDEX adoptions_version ON public.adoptions USING btree (version_id, created);

CREATE INDEX agreement_steps_order ON public.agreement_steps USING btree (agreement_id, created, id);

CREATE INDEX agreement_steps_uri ON public.agreement_steps USING btree (uri) WHERE (uri <> ''::text);

CREATE INDEX agreements_author ON public.agreements USING btree (author_id, state, updated DESC);

CREATE INDEX agreements_offer ON public.agreements USING btree (offer_uri) WHERE (offer_uri <> ''::text);

CREATE INDEX agreements_open ON public.agreements USING btree (at) WHERE (state = ANY (ARRAY['agreed'::text, 'handed'::text]));

CREATE INDEX agreements_proposal ON public.agreements USING btree (proposal_id, state);

CREATE INDEX agreements_responder ON public.agreements USING btree (responder_id, state, updated DESC);

CREATE INDEX appeals_open ON public.appeals USING btree (created) WHERE (state = 'open'::text);

CREATE INDEX attachments_blueprint ON public.attachments USING btree (blueprint_id, "position") WHERE (blueprint_id IS NOT NULL);

CREATE INDEX attachments_build_report ON public.attachments USING btree (build_report_id, "position") WHERE (build_report_id IS NOT NULL);

CREATE INDEX attachments_letter ON public.attachments USING btree (letter_id) WHERE (letter_id IS NOT NULL);

CREATE INDEX attachments_post ON public.attachments USING btree (post_id, "position") WHERE (post_id IS NOT NULL);

CREATE INDEX attachments_proposal ON public.attachments USING btree (proposal_id, "position") WHERE (proposal_id IS NOT NULL);

CREATE INDEX blueprint_versions_based ON public.blueprint_versions USING btree (based_on) WHERE (based_on <> ''::text);

CREATE INDEX blueprints_author ON public.blueprints USING btree (author_id, created DESC);

CREATE INDEX blueprints_community ON public.blueprints USING btree (community_id, created DESC) WHERE (community_id IS NOT NULL);

CREATE INDEX blueprints_forked ON public.blueprints USING btree (forked_from) WHERE (forked_from <> ''::text);

CREATE INDEX blueprints_new ON public.blueprints USING btree (created DESC, id DESC) WHERE (state = 'open'::text);

CREATE INDEX blueprints_search ON public.blueprints USING gin (search);

CREATE INDEX build_reports_adoption ON public.build_reports USING btree (adoption_id) WHERE (adoption_id IS NOT NULL);

CREATE INDEX build_reports_project ON public.build_reports USING btree (project_uri, created) WHERE (project_uri <> ''::text);

CREATE INDEX build_reports_version ON public.build_reports USING btree (version_id, created);

CREATE INDEX chat_messages_author ON public.chat_messages USING btree (author_id);

CREATE INDEX chat_messages_chat ON public.chat_messages USING btree (chat_id, id DESC);

CREATE INDEX chat_people_actor ON public.chat_people USING btree (actor_id);

CREATE INDEX circle_parts_agreement ON public.circle_parts USING btree (agreement_id) WHERE (agreement_id IS NOT NULL);

CREATE INDEX circle_parts_need ON public.circle_parts USING btree (need_id);

CREATE INDEX circle_parts_offer ON public.circle_parts USING btree (offer_id);

CREATE INDEX circle_parts_party ON public.circle_parts USING btree (party_id, circle_id);

CREATE INDEX circles_open ON public.circles USING btree (ends) WHERE (state = 'open'::text);

CREATE INDEX deliveries_due ON public.deliveries USING btree (peer, id) WHERE (state = 'due'::text);

CREATE INDEX deliveries_failed ON public.deliveries USING btree (peer, done_at) WHERE (state = ANY (ARRAY['refused'::text, 'expired'::text]));

CREATE INDEX deliveries_numbered ON public.deliveries USING btree (done_at) WHERE (sequence IS NOT NULL);

CREATE INDEX deliveries_sequence ON public.deliveries USING btree (peer, sequence) WHERE (sequence IS NOT NULL);

CREATE INDEX disputes_court ON public.disputes USING btree (court_id, state, created);

CREATE INDEX files_blueprint ON public.files USING btree (blueprint_id, "position") WHERE (blueprint_id IS NOT NULL);

CREATE INDEX follows_followed ON public.follows USING btree (followed_id, state);

CREATE INDEX gifts_need ON public.gifts USING btree (need_id);

CREATE INDEX hand_outs_due ON public.hand_outs USING btree (at) WHERE ((done_at IS NULL) AND (at IS NOT NULL));

CREATE INDEX hour_accounts_owner ON public.hour_accounts USING btree (owner_id);

CREATE INDEX hour_bookings_agreement ON public.hour_bookings USING btree (agreement_id) WHERE (agreement_id IS NOT NULL);

CREATE INDEX hour_bookings_community ON public.hour_bookings USING btree (community_id, created DESC);

CREATE INDEX hour_entries_account ON public.hour_entries USING btree (account_id);

CREATE INDEX hour_set_offs_reserved ON public.hour_set_offs USING btree (created) WHERE (state = 'reserved'::text);

CREATE INDEX hour_transfers_agreement ON public.hour_transfers USING btree (agreement_id) WHERE (agreement_id IS NOT NULL);

CREATE INDEX hour_transfers_open ON public.hour_transfers USING btree (peer, community_id, person_id) WHERE (state = 'reserved'::text);

CREATE INDEX lessons_meeting ON public.lessons USING btree (meeting_id, created);

CREATE INDEX likes_actor ON public.likes USING btree (actor_id);

CREATE INDEX list_entries_host ON public.list_entries USING btree (host);

CREATE INDEX matches_other ON public.matches USING btree (other_id);

CREATE INDEX me_toos_uri ON public.me_toos USING btree (uri) WHERE (uri <> ''::text);

CREATE INDEX meetings_pact ON public.meetings USING btree (pact_id, starts);

CREATE INDEX memberships_person ON public.memberships USING btree (person_id, state);

CREATE INDEX notices_account ON public.notices USING btree (account_id, id DESC);

CREATE INDEX notices_unmailed ON public.notices USING btree (account_id) WHERE ((mailed_at IS NULL) AND (seen_at IS NULL));

CREATE INDEX notices_unseen ON public.notices USING btree (account_id) WHERE (seen_at IS NULL);

CREATE INDEX occasions_starts ON public.occasions USING btree (starts);

CREATE INDEX pacts_asker ON public.pacts USING btree (asker_id);

CREATE INDEX pacts_other ON public.pacts USING btree (other_id);

CREATE INDEX peers_paused ON public.peers USING btree (origin) WHERE (paused_at IS NOT NULL);

CREATE INDEX pledge_deliveries_pledge ON public.pledge_deliveries USING btree (pledge_id, said_at);

CREATE INDEX pledges_giver ON public.pledges USING btree (giver_id);

CREATE INDEX pledges_need ON public.pledges USING btree (need_uri) WHERE (need_uri <> ''::text);

CREATE INDEX pledges_project ON public.pledges USING btree (project_id);

CREATE INDEX poll_votes_actor ON public.poll_votes USING btree (actor_id);

CREATE INDEX pools_ending ON public.pools USING btree (ends) WHERE (state = 'gathering'::text);

CREATE INDEX posts_author ON public.posts USING btree (author_id, created DESC);

CREATE INDEX posts_community ON public.posts USING btree (community_id, last_reply DESC) WHERE ((parent_id IS NULL) AND (proposal_id IS NULL));

CREATE INDEX posts_proposal ON public.posts USING btree (proposal_id, created) WHERE (proposal_id IS NOT NULL);

CREATE INDEX posts_root ON public.posts USING btree (root_id, created) WHERE (root_id IS NOT NULL);

CREATE INDEX posts_tags ON public.posts USING gin (tags);

CREATE INDEX posts_waiting_parent ON public.posts USING btree (in_reply_to) WHERE ((parent_id IS NULL) AND (in_reply_to <> ''::text));

CREATE INDEX premises_kind ON public.premises USING btree (kind);

CREATE INDEX processes_project ON public.processes USING btree (project_id, "position");

CREATE INDEX project_log_project ON public.project_log USING btree (project_id, id DESC);

CREATE INDEX project_needs_project ON public.project_needs USING btree (project_id, "position");

CREATE INDEX project_needs_proposal ON public.project_needs USING btree (proposal_uri) WHERE (proposal_uri <> ''::text);

CREATE INDEX projects_updated ON public.projects USING btree (updated DESC, community_id);

CREATE INDEX projects_version ON public.projects USING btree (version_uri) WHERE (version_uri <> ''::text);

CREATE INDEX proposals_author ON public.proposals USING btree (author_id, created DESC);

CREATE INDEX proposals_category ON public.proposals USING btree (purpose, category, created DESC) WHERE (state = 'open'::text);

CREATE INDEX proposals_cell ON public.proposals USING btree (cell, category, created DESC) WHERE (state = 'open'::text);

CREATE INDEX proposals_community ON public.proposals USING btree (community_id, created DESC) WHERE (community_id IS NOT NULL);

CREATE INDEX proposals_new ON public.proposals USING btree (purpose, created DESC, id DESC) WHERE (state = 'open'::text);

CREATE INDEX proposals_search ON public.proposals USING gin (search) WHERE (state = 'open'::text);

CREATE INDEX proposals_until ON public.proposals USING btree (until) WHERE (state = 'open'::text);

CREATE INDEX public_keys_actor ON public.public_keys USING btree (actor_id);

CREATE INDEX push_devices_account ON public.push_devices USING btree (account_id);

CREATE INDEX question_votes_actor ON public.question_votes USING btree (actor_id);

CREATE INDEX questions_author ON public.questions USING btree (author_id);

CREATE INDEX questions_meeting ON public.questions USING btree (meeting_id, created);

CREATE INDEX reports_open ON public.reports USING btree (created) WHERE (state = 'open'::text);

CREATE INDEX searches_account ON public.searches USING btree (account_id, id);

CREATE INDEX searches_alerts ON public.searches USING btree (purpose, category) WHERE alerts;

CREATE INDEX sessions_account ON public.sessions USING btree (account_id);

CREATE INDEX takings_task ON public.takings USING btree (task_uri, person_id, created DESC);

CREATE INDEX tasks_owner ON public.tasks USING btree (owner_id, state) WHERE (owner_id IS NOT NULL);

CREATE INDEX tasks_project ON public.tasks USING btree (project_id, "position");

CREATE INDEX thanks_to ON public.thanks USING btree (to_id, created DESC);

CREATE INDEX title_words_like ON public.title_words USING gin (word public.gin_trgm_ops);

CREATE CONSTRAINT TRIGGER hour_bookings_balance AFTER INSERT ON public.hour_bookings DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.hours_balance();

CREATE TRIGGER hour_bookings_stay BEFORE DELETE OR UPDATE ON public.hour_bookings FOR EACH ROW EXECUTE FUNCTION public.hours_stay();

CREATE CONSTRAINT TRIGGER hour_entries_balance AFTER INSERT ON public.hour_entries DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.hours_balance();

CREATE TRIGGER hour_entries_stay BEFORE DELETE OR UPDATE ON public.hour_entries FOR EACH ROW EXECUTE FUNCTION public.hours_stay();

CREATE TRIGGER notices_ring AFTER INSERT ON public.notices FOR EACH ROW EXECUTE FUNCTION public.notices_ring();

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_actor_id_fkey FOREIGN KEY (actor_id) REFERENCES public.actors(id);

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_invitation_fkey FOREIGN KEY (invitation) REFERENCES public.invitations(code);

ALTER TABLE ONLY public.activities
    ADD CONSTRAINT activities_actor_id_fkey FOREIGN KEY (actor_id) REFERENCES public.actors(id);

ALTER TABLE ONLY public.actor_keys
    ADD CONSTRAINT actor_keys_actor_id_fkey FOREIGN KEY (actor_id) REFERENCES public.actors(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.actors
    ADD CONSTRAINT actors_avatar_id_fkey FOREIGN KEY (avatar_id) REFERENCES public.media(id);

ALTER TABLE ONLY public.actors
    ADD CONSTRAINT actors_peer_fkey FOREIGN KEY (peer) REFERENCES public.peers(origin);

ALTER TABLE ONLY public.admin_log
    ADD CONSTRAINT admin_log_by_id_fkey FOREIGN KEY (by_id) REFERENCES public.actors(id);

ALTER TABLE ONLY public.adoptions
    ADD CONSTRAINT adoptions_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.communities(actor_id) ON DELETE SET NULL;

ALTER TABLE ONLY public.adoptions
    ADD CONSTRAINT adoptions_version_id_fkey FOREIGN KEY (version_id) REFERENCES public.blueprint_versions(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.agreement_steps
    ADD CONSTRAINT agreement_steps_actor_id_fkey FOREIGN KEY (actor_id) REFERENCES public.actors(id);

ALTER TABLE ONLY public.agreement_steps
    ADD CONSTRAINT agreement_steps_agreement_id_fkey FOREIGN KEY (agreement_id) REFERENCES public.agreements(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.agreements
    ADD CONSTRAINT agreements_author_id_fkey FOREIGN KEY (author_id) REFERENCES public.actors(id);

ALTER TABLE ONLY public.agreements
    ADD CONSTRAINT agreements_ended_by_fkey FOREIGN KEY (ended_by) REFERENCES public.actors(id);

ALTER TABLE ONLY public.agreements
    ADD CONSTRAINT agreements_proposal_id_fkey FOREIGN KEY (proposal_id) REFERENCES public.proposals(id);

ALTER TABLE ONLY public.agreements
    ADD CONSTRAINT agreements_responder_id_fkey FOREIGN KEY (responder_id) REFERENCES public.actors(id);

ALTER TABLE ONLY public.aliases
    ADD CONSTRAINT aliases_actor_id_fkey FOREIGN KEY (actor_id) REFERENCES public.actors(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.appeals
    ADD CONSTRAINT appeals_handled_by_fkey FOREIGN KEY (handled_by) REFERENCES public.actors(id);

ALTER TABLE ONLY public.appeals
    ADD CONSTRAINT appeals_notice_id_fkey FOREIGN KEY (notice_id) REFERENCES public.notices(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.appeals
    ADD CONSTRAINT appeals_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.accounts(actor_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.attachments
    ADD CONSTRAINT attachments_blueprint_id_fkey FOREIGN KEY (blueprint_id) REFERENCES public.blueprints(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.attachments
    ADD CONSTRAINT attachments_build_report_id_fkey FOREIGN KEY (build_report_id) REFERENCES public.build_reports(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.attachments
    ADD CONSTRAINT attachments_letter_id_fkey FOREIGN KEY (letter_id) REFERENCES public.chat_messages(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.attachments
    ADD CONSTRAINT attachments_media_id_fkey FOREIGN KEY (media_id) REFERENCES public.media(id);

ALTER TABLE ONLY public.attachments
    ADD CONSTRAINT attachments_post_id_fkey FOREIGN KEY (post_id) REFERENCES public.posts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.attachments
    ADD CONSTRAINT attachments_proposal_id_fkey FOREIGN KEY (proposal_id) REFERENCES public.proposals(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.blocks
    ADD CONSTRAINT blocks_blocked_id_fkey FOREIGN KEY (blocked_id) REFERENCES public.actors(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.blocks
    ADD CONSTRAINT blocks_blocker_id_fkey FOREIGN KEY (blocker_id) REFERENCES public.actors(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.blueprint_lines
    ADD CONSTRAINT blueprint_lines_version_id_fkey FOREIGN KEY (version_id) REFERENCES public.blueprint_versions(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.blueprint_steps
    ADD CONSTRAINT blueprint_steps_version_id_fkey FOREIGN KEY (version_id) REFERENCES public.blueprint_versions(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.blueprint_versions
    ADD CONSTRAINT blueprint_versions_blueprint_id_fkey FOREIGN KEY (blueprint_id) REFERENCES public.blueprints(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.blueprints
    ADD CONSTRAINT blueprints_author_id_fkey FOREIGN KEY (author_id) REFERENCES public.actors(id);

ALTER TABLE ONLY public.blueprints
    ADD CONSTRAINT blueprints_community_id_fkey FOREIGN KEY (community_id) REFERENCES public.communities(actor_id);

ALTER TABLE ONLY public.blueprints
    ADD CONSTRAINT blueprints_latest_id_fkey FOREIGN KEY (latest_id) REFERENCES public.blueprint_versions(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.build_reports
    ADD CONSTRAINT build_reports_adoption_id_fkey FOREIGN KEY (adoption_id) REFERENCES public.adoptions(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.build_reports
    ADD CONSTRAINT build_reports_author_id_fkey FOREIGN KEY (author_id) REFERENCES public.actors(id);

ALTER TABLE ONLY public.build_reports
    ADD CONSTRAINT build_reports_version_id_fkey FOREIGN KEY (version_id) REFERENCES public.blueprint_versions(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.chat_messages
    ADD CONSTRAINT chat_messages_author_id_fkey FOREIGN KEY (author_id) REFERENCES public.actors(id);

ALTER TABLE ONLY public.chat_messages
    ADD CONSTRAINT chat_messages_chat_id_fkey FOREIGN KEY (chat_id) REFERENCES public.chats(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.chat_people
    ADD CONSTRAINT chat_people_actor_id_fkey FOREIGN KEY (actor_id) REFERENCES public.actors(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.chat_people
    ADD CONSTRAINT chat_people_chat_id_fkey FOREIGN KEY (chat_id) REFERENCES public.chats(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.circle_edges
    ADD CONSTRAINT circle_edges_giver_id_fkey FOREIGN KEY (giver_id) REFERENCES public.actors(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.circle_edges
    ADD CONSTRAINT circle_edges_taker_id_fkey FOREIGN KEY (taker_id) REFERENCES public.actors(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.circle_marks
    ADD CONSTRAINT circle_marks_party_id_fkey FOREIGN KEY (party_id) REFERENCES public.actors(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.circle_marks
    ADD CONSTRAINT circle_marks_proposal_id_fkey FOREIGN KEY (proposal_id) REFERENCES public.proposals(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.circle_parts
    ADD CONSTRAINT circle_parts_agreement_id_fkey FOREIGN KEY (agreement_id) REFERENCES public.agreements(id);

ALTER TABLE ONLY public.circle_parts
    ADD CONSTRAINT circle_parts_circle_id_fkey FOREIGN KEY (circle_id) REFERENCES public.circles(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.circle_parts
    ADD CONSTRAINT circle_parts_need_id_fkey FOREIGN KEY (need_id) REFERENCES public.proposals(id);

ALTER TABLE ONLY public.circle_parts
    ADD CONSTRAINT circle_parts_offer_id_fkey FOREIGN KEY (offer_id) REFERENCES public.proposals(id);

ALTER TABLE ONLY public.circle_parts
    ADD CONSTRAINT circle_parts_party_id_fkey FOREIGN KEY (party_id) REFERENCES public.actors(id);

ALTER TABLE ONLY public.circles
    ADD CONSTRAINT circles_city_id_fkey FOREIGN KEY (city_id) REFERENCES public.actors(id);

ALTER TABLE ONLY public.circles
    ADD CONSTRAINT circles_community_id_fkey FOREIGN KEY (community_id) REFERENCES public.actors(id);

ALTER TABLE ONLY public.communities
    ADD CONSTRAINT communities_actor_id_fkey FOREIGN KEY (actor_id) REFERENCES public.actors(id);

ALTER TABLE ONLY public.communities
    ADD CONSTRAINT communities_created_by_fkey FOREIGN KEY (created_by) REFERENCES public.actors(id);

ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT deliveries_activity_id_fkey FOREIGN KEY (activity_id) REFERENCES public.activities(id);

ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT deliveries_peer_fkey FOREIGN KEY (peer) REFERENCES public.peers(origin);

ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT deliveries_sender_id_fkey FOREIGN KEY (sender_id) REFERENCES public.actors(id);

ALTER TABLE ONLY public.desk_entries
    ADD CONSTRAINT desk_entries_helper_id_fkey FOREIGN KEY (helper_id) REFERENCES public.actors(id);

ALTER TABLE ONLY public.desk_entries
    ADD CONSTRAINT desk_entries_proposal_id_fkey FOREIGN KEY (proposal_id) REFERENCES public.proposals(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.digests
    ADD CONSTRAINT digests_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(actor_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.directories
    ADD CONSTRAINT directories_peer_fkey FOREIGN KEY (peer) REFERENCES public.peers(origin) ON DELETE CASCADE;

ALTER TABLE ONLY public.disputes
    ADD CONSTRAINT disputes_author_id_fkey FOREIGN KEY (author_id) REFERENCES public.actors(id);

ALTER TABLE ONLY public.disputes
    ADD CONSTRAINT disputes_court_id_fkey FOREIGN KEY (court_id) REFERENCES public.actors(id);

ALTER TABLE ONLY public.disputes
    ADD CONSTRAINT disputes_decided_by_fkey FOREIGN KEY (decided_by) REFERENCES public.actors(id);

ALTER TABLE ONLY public.disputes
    ADD CONSTRAINT disputes_responder_id_fkey FOREIGN KEY (responder_id) REFERENCES public.actors(id);

ALTER TABLE ONLY public.files
    ADD CONSTRAINT files_blueprint_id_fkey FOREIGN KEY (blueprint_id) REFERENCES public.blueprints(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.follows
    ADD CONSTRAINT follows_followed_id_fkey FOREIGN KEY (followed_id) REFERENCES public.actors(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.follows
    ADD CONSTRAINT follows_follower_id_fkey FOREIGN KEY (follower_id) REFERENCES public.actors(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.gifts
    ADD CONSTRAINT gifts_giver_id_fkey FOREIGN KEY (giver_id) REFERENCES public.actors(id);

ALTER TABLE ONLY public.gifts
    ADD CONSTRAINT gifts_need_id_fkey FOREIGN KEY (need_id) REFERENCES public.project_needs(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.hand_outs
    ADD CONSTRAINT hand_outs_proposal_id_fkey FOREIGN KEY (proposal_id) REFERENCES public.proposals(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.helpers
    ADD CONSTRAINT helpers_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(actor_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.helpers
    ADD CONSTRAINT helpers_appointed_by_fkey FOREIGN KEY (appointed_by) REFERENCES public.actors(id);

ALTER TABLE ONLY public.hour_accounts
    ADD CONSTRAINT hour_accounts_community_id_fkey FOREIGN KEY (community_id) REFERENCES public.actors(id);

ALTER TABLE ONLY public.hour_accounts
    ADD CONSTRAINT hour_accounts_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES public.actors(id);

ALTER TABLE ONLY public.hour_bookings
    ADD CONSTRAINT hour_bookings_by_id_fkey FOREIGN KEY (by_id) REFERENCES public.actors(id);

ALTER TABLE ONLY public.hour_bookings
    ADD CONSTRAINT hour_bookings_community_id_fkey FOREIGN KEY (community_id) REFERENCES public.actors(id);

ALTER TABLE ONLY public.hour_bookings
    ADD CONSTRAINT hour_bookings_corrects_fkey FOREIGN KEY (corrects) REFERENCES public.hour_bookings(id);

ALTER TABLE ONLY public.hour_bridges
    ADD CONSTRAINT hour_bridges_peer_fkey FOREIGN KEY (peer) REFERENCES public.peers(origin);

ALTER TABLE ONLY public.hour_entries
    ADD CONSTRAINT hour_entries_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.hour_accounts(id);

ALTER TABLE ONLY public.hour_entries
    ADD CONSTRAINT hour_entries_booking_id_fkey FOREIGN KEY (booking_id) REFERENCES public.hour_bookings(id);

ALTER TABLE ONLY public.hour_rules
    ADD CONSTRAINT hour_rules_community_id_fkey FOREIGN KEY (community_id) REFERENCES public.communities(actor_id);

ALTER TABLE ONLY public.hour_set_offs
    ADD CONSTRAINT hour_set_offs_after_id_fkey FOREIGN KEY (after_id) REFERENCES public.actors(id);

ALTER TABLE ONLY public.hour_set_offs
    ADD CONSTRAINT hour_set_offs_before_id_fkey FOREIGN KEY (before_id) REFERENCES public.actors(id);

ALTER TABLE ONLY public.hour_transfers
    ADD CONSTRAINT hour_transfers_community_id_fkey FOREIGN KEY (community_id) REFERENCES public.communities(actor_id);

ALTER TABLE ONLY public.hour_transfers
    ADD CONSTRAINT hour_transfers_other_id_fkey FOREIGN KEY (other_id) REFERENCES public.actors(id);

ALTER TABLE ONLY public.hour_transfers
    ADD CONSTRAINT hour_transfers_peer_fkey FOREIGN KEY (peer) REFERENCES public.hour_bridges(peer);

ALTER TABLE ONLY public.hour_transfers
    ADD CONSTRAINT hour_transfers_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.actors(id);

ALTER TABLE ONLY public.improvements
    ADD CONSTRAINT improvements_blueprint_id_fkey FOREIGN KEY (blueprint_id) REFERENCES public.blueprints(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.improvements
    ADD CONSTRAINT improvements_by_id_fkey FOREIGN KEY (by_id) REFERENCES public.actors(id);

ALTER TABLE ONLY public.improvements
    ADD CONSTRAINT improvements_version_id_fkey FOREIGN KEY (version_id) REFERENCES public.blueprint_versions(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.invitations
    ADD CONSTRAINT invitations_made_by_fkey FOREIGN KEY (made_by) REFERENCES public.actors(id);

ALTER TABLE ONLY public.ledgers
    ADD CONSTRAINT ledgers_peer_fkey FOREIGN KEY (peer) REFERENCES public.peers(origin) ON DELETE CASCADE;

ALTER TABLE ONLY public.lessons
    ADD CONSTRAINT lessons_home_id_fkey FOREIGN KEY (home_id) REFERENCES public.actors(id);

ALTER TABLE ONLY public.lessons
    ADD CONSTRAINT lessons_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES public.meetings(id);

ALTER TABLE ONLY public.lessons
    ADD CONSTRAINT lessons_writer_id_fkey FOREIGN KEY (writer_id) REFERENCES public.actors(id);

ALTER TABLE ONLY public.likes
    ADD CONSTRAINT likes_actor_id_fkey FOREIGN KEY (actor_id) REFERENCES public.actors(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.likes
    ADD CONSTRAINT likes_post_id_fkey FOREIGN KEY (post_id) REFERENCES public.posts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.list_entries
    ADD CONSTRAINT list_entries_list_id_fkey FOREIGN KEY (list_id) REFERENCES public.lists(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.login_tokens
    ADD CONSTRAINT login_tokens_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(actor_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.luggage
    ADD CONSTRAINT luggage_city_id_fkey FOREIGN KEY (city_id) REFERENCES public.actors(id);

ALTER TABLE ONLY public.luggage
    ADD CONSTRAINT luggage_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.actors(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.matches
    ADD CONSTRAINT matches_other_id_fkey FOREIGN KEY (other_id) REFERENCES public.proposals(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.matches
    ADD CONSTRAINT matches_own_id_fkey FOREIGN KEY (own_id) REFERENCES public.proposals(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.me_too_sums
    ADD CONSTRAINT me_too_sums_proposal_id_fkey FOREIGN KEY (proposal_id) REFERENCES public.proposals(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.me_toos
    ADD CONSTRAINT me_toos_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.actors(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.me_toos
    ADD CONSTRAINT me_toos_proposal_id_fkey FOREIGN KEY (proposal_id) REFERENCES public.proposals(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.meetings
    ADD CONSTRAINT meetings_home_id_fkey FOREIGN KEY (home_id) REFERENCES public.actors(id);

ALTER TABLE ONLY public.meetings
    ADD CONSTRAINT meetings_host_id_fkey FOREIGN KEY (host_id) REFERENCES public.actors(id);

ALTER TABLE ONLY public.meetings
    ADD CONSTRAINT meetings_pact_id_fkey FOREIGN KEY (pact_id) REFERENCES public.pacts(id);

ALTER TABLE ONLY public.memberships
    ADD CONSTRAINT memberships_community_id_fkey FOREIGN KEY (community_id) REFERENCES public.communities(actor_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.memberships
    ADD CONSTRAINT memberships_decided_by_fkey FOREIGN KEY (decided_by) REFERENCES public.actors(id);

ALTER TABLE ONLY public.memberships
    ADD CONSTRAINT memberships_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.actors(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.moves
    ADD CONSTRAINT moves_actor_id_fkey FOREIGN KEY (actor_id) REFERENCES public.actors(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.moves
    ADD CONSTRAINT moves_target_id_fkey FOREIGN KEY (target_id) REFERENCES public.actors(id);

ALTER TABLE ONLY public.notices
    ADD CONSTRAINT notices_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(actor_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.notices
    ADD CONSTRAINT notices_agreement_id_fkey FOREIGN KEY (agreement_id) REFERENCES public.agreements(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.notices
    ADD CONSTRAINT notices_blueprint_id_fkey FOREIGN KEY (blueprint_id) REFERENCES public.blueprints(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.notices
    ADD CONSTRAINT notices_by_id_fkey FOREIGN KEY (by_id) REFERENCES public.actors(id);

ALTER TABLE ONLY public.notices
    ADD CONSTRAINT notices_circle_id_fkey FOREIGN KEY (circle_id) REFERENCES public.circles(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.notices
    ADD CONSTRAINT notices_community_id_fkey FOREIGN KEY (community_id) REFERENCES public.communities(actor_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.notices
    ADD CONSTRAINT notices_post_id_fkey FOREIGN KEY (post_id) REFERENCES public.posts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.notices
    ADD CONSTRAINT notices_proposal_id_fkey FOREIGN KEY (proposal_id) REFERENCES public.proposals(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.occasions
    ADD CONSTRAINT occasions_post_id_fkey FOREIGN KEY (post_id) REFERENCES public.posts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.outcomes
    ADD CONSTRAINT outcomes_home_id_fkey FOREIGN KEY (home_id) REFERENCES public.actors(id);

ALTER TABLE ONLY public.outcomes
    ADD CONSTRAINT outcomes_pact_id_fkey FOREIGN KEY (pact_id) REFERENCES public.pacts(id);

ALTER TABLE ONLY public.pacts
    ADD CONSTRAINT pacts_asker_host_id_fkey FOREIGN KEY (asker_host_id) REFERENCES public.actors(id);

ALTER TABLE ONLY public.pacts
    ADD CONSTRAINT pacts_asker_id_fkey FOREIGN KEY (asker_id) REFERENCES public.actors(id);

ALTER TABLE ONLY public.pacts
    ADD CONSTRAINT pacts_ended_by_fkey FOREIGN KEY (ended_by) REFERENCES public.actors(id);

ALTER TABLE ONLY public.pacts
    ADD CONSTRAINT pacts_other_host_id_fkey FOREIGN KEY (other_host_id) REFERENCES public.actors(id);

ALTER TABLE ONLY public.pacts
    ADD CONSTRAINT pacts_other_id_fkey FOREIGN KEY (other_id) REFERENCES public.actors(id);

ALTER TABLE ONLY public.pledge_deliveries
    ADD CONSTRAINT pledge_deliveries_pledge_id_fkey FOREIGN KEY (pledge_id) REFERENCES public.pledges(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.pledges
    ADD CONSTRAINT pledges_giver_id_fkey FOREIGN KEY (giver_id) REFERENCES public.actors(id);

ALTER TABLE ONLY public.pledges
    ADD CONSTRAINT pledges_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.projects(community_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.poll_votes
    ADD CONSTRAINT poll_votes_actor_id_fkey FOREIGN KEY (actor_id) REFERENCES public.actors(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.poll_votes
    ADD CONSTRAINT poll_votes_post_id_fkey FOREIGN KEY (post_id) REFERENCES public.polls(post_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.polls
    ADD CONSTRAINT polls_post_id_fkey FOREIGN KEY (post_id) REFERENCES public.posts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.pools
    ADD CONSTRAINT pools_organizer_id_fkey FOREIGN KEY (organizer_id) REFERENCES public.actors(id);

ALTER TABLE ONLY public.pools
    ADD CONSTRAINT pools_proposal_id_fkey FOREIGN KEY (proposal_id) REFERENCES public.proposals(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.posts
    ADD CONSTRAINT posts_author_id_fkey FOREIGN KEY (author_id) REFERENCES public.actors(id);

ALTER TABLE ONLY public.posts
    ADD CONSTRAINT posts_community_id_fkey FOREIGN KEY (community_id) REFERENCES public.communities(actor_id);

ALTER TABLE ONLY public.posts
    ADD CONSTRAINT posts_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES public.posts(id);

ALTER TABLE ONLY public.posts
    ADD CONSTRAINT posts_proposal_id_fkey FOREIGN KEY (proposal_id) REFERENCES public.proposals(id);

ALTER TABLE ONLY public.posts
    ADD CONSTRAINT posts_removed_by_fkey FOREIGN KEY (removed_by) REFERENCES public.actors(id);

ALTER TABLE ONLY public.posts
    ADD CONSTRAINT posts_root_id_fkey FOREIGN KEY (root_id) REFERENCES public.posts(id);

ALTER TABLE ONLY public.premises
    ADD CONSTRAINT premises_proposal_id_fkey FOREIGN KEY (proposal_id) REFERENCES public.proposals(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.processes
    ADD CONSTRAINT processes_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.projects(community_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.project_log
    ADD CONSTRAINT project_log_actor_id_fkey FOREIGN KEY (actor_id) REFERENCES public.actors(id);

ALTER TABLE ONLY public.project_log
    ADD CONSTRAINT project_log_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.projects(community_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.project_needs
    ADD CONSTRAINT project_needs_process_id_fkey FOREIGN KEY (process_id) REFERENCES public.processes(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.project_needs
    ADD CONSTRAINT project_needs_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.projects(community_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.projects
    ADD CONSTRAINT projects_community_id_fkey FOREIGN KEY (community_id) REFERENCES public.communities(actor_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.proposals
    ADD CONSTRAINT proposals_author_id_fkey FOREIGN KEY (author_id) REFERENCES public.actors(id);

ALTER TABLE ONLY public.proposals
    ADD CONSTRAINT proposals_community_id_fkey FOREIGN KEY (community_id) REFERENCES public.communities(actor_id);

ALTER TABLE ONLY public.public_keys
    ADD CONSTRAINT public_keys_actor_id_fkey FOREIGN KEY (actor_id) REFERENCES public.actors(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.push_devices
    ADD CONSTRAINT push_devices_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(actor_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.question_votes
    ADD CONSTRAINT question_votes_actor_id_fkey FOREIGN KEY (actor_id) REFERENCES public.actors(id);

ALTER TABLE ONLY public.question_votes
    ADD CONSTRAINT question_votes_question_id_fkey FOREIGN KEY (question_id) REFERENCES public.questions(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.questions
    ADD CONSTRAINT questions_author_id_fkey FOREIGN KEY (author_id) REFERENCES public.actors(id);

ALTER TABLE ONLY public.questions
    ADD CONSTRAINT questions_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES public.meetings(id);

ALTER TABLE ONLY public.reports
    ADD CONSTRAINT reports_actor_id_fkey FOREIGN KEY (actor_id) REFERENCES public.actors(id);

ALTER TABLE ONLY public.reports
    ADD CONSTRAINT reports_blueprint_id_fkey FOREIGN KEY (blueprint_id) REFERENCES public.blueprints(id);

ALTER TABLE ONLY public.reports
    ADD CONSTRAINT reports_community_id_fkey FOREIGN KEY (community_id) REFERENCES public.communities(actor_id);

ALTER TABLE ONLY public.reports
    ADD CONSTRAINT reports_handled_by_fkey FOREIGN KEY (handled_by) REFERENCES public.actors(id);

ALTER TABLE ONLY public.reports
    ADD CONSTRAINT reports_post_id_fkey FOREIGN KEY (post_id) REFERENCES public.posts(id);

ALTER TABLE ONLY public.reports
    ADD CONSTRAINT reports_proposal_id_fkey FOREIGN KEY (proposal_id) REFERENCES public.proposals(id);

ALTER TABLE ONLY public.reports
    ADD CONSTRAINT reports_reporter_id_fkey FOREIGN KEY (reporter_id) REFERENCES public.actors(id);

ALTER TABLE ONLY public.rhythms
    ADD CONSTRAINT rhythms_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(actor_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.searches
    ADD CONSTRAINT searches_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(actor_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(actor_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.settling
    ADD CONSTRAINT settling_contact_id_fkey FOREIGN KEY (contact_id) REFERENCES public.actors(id);

ALTER TABLE ONLY public.sheet_codes
    ADD CONSTRAINT sheet_codes_proposal_id_fkey FOREIGN KEY (proposal_id) REFERENCES public.proposals(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.takings
    ADD CONSTRAINT takings_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.actors(id);

ALTER TABLE ONLY public.tasks
    ADD CONSTRAINT tasks_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES public.actors(id);

ALTER TABLE ONLY public.tasks
    ADD CONSTRAINT tasks_process_id_fkey FOREIGN KEY (process_id) REFERENCES public.processes(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.tasks
    ADD CONSTRAINT tasks_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.projects(community_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.thanks
    ADD CONSTRAINT thanks_agreement_id_fkey FOREIGN KEY (agreement_id) REFERENCES public.agreements(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.thanks
    ADD CONSTRAINT thanks_by_id_fkey FOREIGN KEY (by_id) REFERENCES public.actors(id);

ALTER TABLE ONLY public.thanks
    ADD CONSTRAINT thanks_to_id_fkey FOREIGN KEY (to_id) REFERENCES public.actors(id);

ALTER TABLE ONLY public.vouched
    ADD CONSTRAINT vouched_peer_fkey FOREIGN KEY (peer) REFERENCES public.peers(origin) ON DELETE CASCADE;

ALTER TABLE ONLY public.wards
    ADD CONSTRAINT wards_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(actor_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.wards
    ADD CONSTRAINT wards_helper_id_fkey FOREIGN KEY (helper_id) REFERENCES public.actors(id);
