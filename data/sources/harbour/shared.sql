-- What the three queries of Harbour share: views and macros.
--
-- Each file of the export is a table: patients.csv is `patients`.  All columns are text, and a blank
-- cell, or a word that `blanks` in harbour.toml names, is NULL.  `source_file` and `source_line` are the
-- origin of a row.  The program adds macros such as as_day, as_moment, latest and answer;
-- docs/mapping-with-sql.md describes them.


-- Harbour never deletes a row; it marks it with is_deleted = 1.  Test patients have is_test = 1.
create macro is_off(mark) as coalesce(mark, '0') <> '1';


-- A merged patient has several ids, and rows of other tables can have any of them.  One row for each id:
-- patient_id, the current_id that it was merged into, and whether the patient is a real one.
create view patient_ids as
with recursive merged as (
    select patient_id, patient_id as current_id, merged_into
    from patients
    union  -- not `union all`, which would never end if two ids were merged into each other
    select merged.patient_id, patients.patient_id, patients.merged_into
    from merged
    join patients on patients.patient_id = merged.merged_into
)
select merged.patient_id, merged.current_id, is_off(patients.is_deleted) and is_off(patients.is_test) as is_real
from merged
join patients on patients.patient_id = merged.current_id
where merged.merged_into is null;


-- One row for each referral: the current id of its patient, the triage, and whether it is an episode.
-- A patient id that is not in `patients` is passed on, so that a finding reports it.
create view all_referrals as
select
    referrals.referral_id,
    coalesce(patient_ids.current_id, referrals.patient_id) as patient_id,
    referrals.triaged_at,
    as_day(referrals.triaged_at) as triaged_on,
    is_off(referrals.is_deleted)
        and coalesce(referrals.status, '') <> 'Waiting'
        and coalesce(patient_ids.is_real, true) as is_episode,
    referrals.source_file,
    referrals.source_line
from referrals
left join patient_ids on patient_ids.patient_id = referrals.patient_id;

create view assessed as from all_referrals where is_episode;


-- One row for each stay in one of the two prisons: the arrival, the reception into custody that it belongs
-- to, and the departure.  `last_day` leaves out later movements: the export is made after the month's end.
-- A movement whose moment cannot be read belongs to no stay; then RECPDT is missing, and a finding reports it.
create macro stays(last_day) as table
with moved as (
    select
        movements.*,
        coalesce(patient_ids.current_id, movements.patient_id) as person,
        as_moment(movements.moved_at) as moment
    from movements
    left join patient_ids on patient_ids.patient_id = movements.patient_id
    where is_off(movements.is_deleted) and as_day(movements.moved_at) <= last_day
),
arrivals as (
    select *, lead(moment) over (partition by person order by moment, movement_id) as next_arrival
    from moved
    where direction = 'In' and site_id is not null
),
-- The reception can be in another prison; then the arrival is a transfer.
receptions as (
    select arrivals.movement_id, latest(moved.moved_at, moved.moment, tie := moved.movement_id) as received_at
    from arrivals
    join moved on moved.person = arrivals.person and moved.moment <= arrivals.moment
    where moved.kind = 'Reception'
    group by arrivals.movement_id
),
-- The first departure after the arrival and before the next one.
departures as (
    select arrivals.movement_id, moved.moved_at as left_at, moved.kind, moved.place
    from arrivals
    join moved on moved.person = arrivals.person
        and moved.direction = 'Out'
        and moved.moment >= arrivals.moment
        and (arrivals.next_arrival is null or moved.moment < arrivals.next_arrival)
    qualify row_number() over (partition by arrivals.movement_id order by moved.moment, moved.movement_id) = 1
)
select
    arrivals.movement_id as stay_id,
    arrivals.person as patient_id,
    arrivals.moment as arrival,
    as_day(arrivals.moved_at) as arrived_on,
    as_day(receptions.received_at) as received_on,
    case when arrivals.kind = 'Transfer in' then arrivals.place end as transferred_from,
    as_day(departures.left_at) as left_on,
    departures.kind as left_by,
    departures.place as left_for
from arrivals
left join receptions on receptions.movement_id = arrivals.movement_id
left join departures on departures.movement_id = arrivals.movement_id;
