-- The private half of a replaced key of ours: with it we still say that there is a newer one.

alter table public_keys add column rsa_private text not null default '';
