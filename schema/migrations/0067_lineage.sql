-- Which project built it: its report carries the adoption, also where the plan comes later.

alter table build_reports add column project_uri text not null default ''
  check (octet_length(project_uri) <= 2000);
create index build_reports_project on build_reports (project_uri, created) where project_uri <> '';
create index build_reports_adoption on build_reports (adoption_id) where adoption_id is not null;
