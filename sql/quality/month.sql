-- What happened in a month: each table has the records that are dated in it.
-- Reads clients, episodes and interventions as they were sent, and the table month (first_day, last_day) with its text.
create temp table triaged as
select episodes.*, clients.* exclude (row)
from episodes
join clients on clients.row = episodes.client_row, month
where episodes.TRIAGED between month.first_day and month.last_day;

create temp table discharged as
select row, EPISODID, DISD, DISRSN from episodes, month where DISD between first_day and last_day;

create temp table exited as
select
    EPISODID, DISD, EXITD, EXITRSN, RECONNECT, MHTXEXIT, SENTENCED, THNALOX, REFHEPCTX, HOMELESSEXIT, EXITDEST, RTOAGNCY
from episodes, month
where EXITD between first_day and last_day;

create temp table started as
select interventions.episode_row, MODAL, MODST, episodes.TRIAGED, episodes.DRUG1, episodes.DRUG2, episodes.DRUG3
from interventions
join episodes on episodes.row = interventions.episode_row, month
where interventions.MODST between month.first_day and month.last_day;

create temp table ended as
select MODEND from interventions, month where MODEND between first_day and last_day;
