-- Private letters show pictures.
alter table attachments add column letter_id uuid references chat_messages (id) on delete cascade;
alter table attachments drop constraint attachments_check;
alter table attachments add constraint attachments_check
  check (num_nonnulls(proposal_id, post_id, blueprint_id, build_report_id, letter_id) = 1);
create index attachments_letter on attachments (letter_id) where letter_id is not null;
