DROP TABLE record_statistics

DROP TABLE residues

DROP TABLE purges

DROP TABLE rejects

DROP TABLE source_gaps

DROP TABLE live_standings

DROP TABLE imports

DROP TABLE subscriber_records

DROP TABLE usage_records

DROP TABLE call_records
