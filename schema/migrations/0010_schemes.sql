-- When it was seen which way of signing a server takes; null: `scheme` is a guess.

alter table peers add column scheme_at timestamptz;
