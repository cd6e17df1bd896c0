-- Whether a blueprint was built in a village, a town or a city; '' where nobody can say.
alter table adoptions add column size text not null default ''
  check (size in ('', 'village', 'town', 'city'));
