-- Deaths, because each of them should be confirmed before it is sent.
select
    field,
    subject,
    found,
    usual as expected,
    1.0 as score,
    format('{:d} {} of the month ended in a death: confirm each before the file is sent.', found::bigint,
        if(found = 1, 'episode', 'episodes')) as text
from compared
where measure = 'record' and subject = 'deaths' and found > 0
