-- Run once by the database's image, which made alpha from POSTGRES_DB.
create database beta;
