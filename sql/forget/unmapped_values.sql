-- The values that match no code; those of a forgotten run, or of a field in which a forgotten record has a finding, are
-- counted together.
with forgotten_fields as (
    select distinct run_id, run_rules.field
    from kept.internal.found
    join forgotten_records using (run_id, entity, row)
    join kept.internal.run_rules using (run_id, rule)
)
select
    run_id,
    field,
    if(whole.run_id is null and fields.field is null, value, '***') as value,
    sum(records)::bigint as records
from kept.internal.unmapped_values as unmapped
left join forgotten_whole as whole using (run_id)
left join forgotten_fields as fields using (run_id, field)
group by all
