-- The clients that were sent, without those that are forgotten.
select *
from kept.internal.sent_clients as sent
anti join forgotten_whole using (run_id)
anti join (from forgotten_records where entity = 'client') as records using (run_id, row)
