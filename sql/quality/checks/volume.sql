-- Much more or much less happened in the month than in the agency's months before.
with limited as (
    select
        *,
        abs(2 * (sqrt(found + 0.375) - sqrt(usual + 0.375))) / (greatest(1, root_spread) * volume_deviations) as score,
        -- The counts at which the score is 1.
        greatest(0, sqrt(usual + 0.375) - greatest(1, root_spread) * volume_deviations / 2) as low_root,
        sqrt(usual + 0.375) + greatest(1, root_spread) * volume_deviations / 2 as high_root,
        case field
            when '' then 'triages, starts, ends, discharges and exits'
            when 'TRIAGED' then 'triages'
            when 'MODST' then 'starts of interventions'
            when 'MODEND' then 'ends of interventions'
            when 'DISD' then 'discharges'
            when 'EXITD' then 'exits'
        end || case
            when subject = '' then ''
            when field = 'MODST' then ' of ' || subject
            else ' with the reason ' || subject
        end as what
    from compared, limits
    where measure = 'volume' and months >= least_months
),
unusual as (
    select * from limited where score > 1 and abs(found - usual) >= volume_change * usual
)
select
    field,
    subject,
    found,
    usual as expected,
    score,
    format('The month has {:d} {}, usually {:d} to {:d}: check that the export is complete and of this month.',
        found::bigint, what, ceil(greatest(0, low_root ^ 2 - 0.375))::bigint, floor(high_root ^ 2 - 0.375)::bigint
    ) as text
from unusual
-- The total of a field explains its parts.
where subject = '' or not exists (
    from unusual as total
    where total.field = unusual.field and total.subject = '' and sign(total.found - total.usual)
        = sign(unusual.found - unusual.usual)
)
