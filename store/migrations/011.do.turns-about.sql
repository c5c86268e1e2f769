-- What the work was last done with, such as the id of Temporal's namespace: with another one it is due at once.
alter table turns add column about text;
