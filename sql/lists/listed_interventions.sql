-- The sent interventions of the known runs, one row each.
-- `is_structured` is null where MODAL is blank or not in the list. Alcohol brief interventions and mutual aid are the
-- interventions that the definitions set apart from structured treatment (Appendix E).
create or replace temp table listed_interventions as
select
    interventions.run_id,
    interventions.episode_row,
    interventions.row as intervention_row,
    interventions.source_line,
    coalesce(recorded.intervention_id, interventions.MODID) as intervention_id,
    try_cast(interventions.MODST as date) as start,
    try_cast(interventions.MODEND as date) as ended,
    meanings.concept <> 'not_reported_alone' as is_structured,
    list_contains($substitution::varchar[], meanings.concept) as is_substitution
from internal.sent_interventions as interventions
join landed_runs on landed_runs.run_id = interventions.run_id
left join internal.recorded_outcomes as recorded
    on recorded.run_id = interventions.run_id and recorded.entity = 'intervention'
    and recorded.row = interventions.row
left join meanings
    on meanings.list = 'MODAL' and meanings.code = interventions.MODAL
    and landed_runs.last_day between meanings.valid_from and meanings.valid_to
where interventions.run_id in (select run_id from known_runs);
