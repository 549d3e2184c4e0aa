"""What the words of the report mean, for a reader who has nothing else of the project."""

WORDS = {
    "record": "A client, an episode of a client, or an intervention of an episode.",
    "intervention": "One kind of treatment within an episode, such as a psychosocial intervention.",
    "row": "A line of the submission file. Each intervention that can be sent is one row, with its episode and client.",
    "yours": "Of your agency, and not an exact repeat of an earlier record.",
    "rule": "A requirement of the dataset that a record must meet.",
    "finding": "One record that breaks one rule. A finding that does not reject the record is an error or a warning.",
    "can be sent": "Neither rejected nor withheld. Of a blocked run: would be sent.",
    "rejected": "Not sent, because of a finding on the record, its episode or its client.",
    "withheld": "Not sent, because consent is not recorded as yes. It is to be corrected only if consent was given.",
    "not ready": "The file is complete, but some code lists are not the official ones yet, so it must not be sent.",
    "blocked": "A rule of the whole file is broken, so no file was written.",
    "last submission": "That of the latest earlier month that landed; for a record, the latest that contains it.",
    "landed": "The file is in place, and the audit has what is in it.",
    "understood": "A value that was read as a date, a number or a code of the list of its field.",
    "owner": "Who can correct a finding: the people who enter the data, the source mapping, or the code lists.",
}
