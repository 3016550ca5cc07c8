DROP TABLE certificate_revocations

DROP TABLE purges_done

DROP TABLE referrals

DROP TABLE narrowings

DROP TABLE refusals

DROP TABLE acceptances

DROP TABLE authenticity_reports

DROP TABLE call_backs

DROP TABLE annex_forms

DROP TABLE run_results

DROP TABLE run_halts

DROP TABLE current_runs

DROP TABLE receipt_attempts

DROP TABLE receipts

DROP TABLE delivery_receivers

DROP TABLE receiver_tokens

DROP TABLE agency_certificates

DROP TABLE desk_members

DROP TABLE purges_begun

DROP TABLE warning_settlements

DROP TABLE clarification_answers

DROP TABLE assessments

DROP TABLE breach_assessments

DROP TABLE written_confirmations

DROP TABLE extraction_runs

DROP TABLE plan_previews

DROP TABLE plan_states

DROP TABLE demand_orders

DROP TABLE deliveries

DROP TABLE agency_suspensions

DROP TABLE verified_contacts

DROP TABLE desks

DROP TABLE agency_people

DROP TABLE absences

DROP TABLE reach_tests

DROP TABLE processing_systems

DROP TABLE past_term_grounds

DROP TABLE retention_rules

DROP TABLE backups_removed

DROP TABLE backups_made

DROP TABLE packages

DROP TABLE warning_recipients

DROP TABLE warnings

DROP TABLE inquiries

DROP TABLE clarifications

DROP TABLE breach_notices

DROP TABLE confirmation_papers

DROP TABLE authenticity_policies

DROP TABLE import_runs

DROP TABLE plans

DROP TABLE demand_requests

DROP TABLE demand_likenesses

DROP TABLE demand_arrivals

DROP TABLE demand_holds

DROP TABLE demand_shut_outs

DROP TABLE marked_identifiers

DROP TABLE demand_targets

DROP TABLE demand_parties

DROP TABLE demand_records

DROP TABLE letters

DROP TABLE log_evidence

DROP TABLE log_disclosures

DROP TABLE api_tokens

DROP TABLE one_time_codes

DROP TABLE passwords

DROP TABLE suspensions

DROP TABLE clearances

DROP TABLE personal_keys

DROP TABLE engagements

DROP TABLE delegations

DROP TABLE role_grants

DROP TABLE approval_decisions

DROP TABLE approval_endorsements

DROP TABLE job_steps

DROP TABLE agencies

DROP TABLE reach_alarms

DROP TABLE backups

DROP TABLE sources

DROP TABLE demands

DROP TABLE looks

DROP TABLE checkpoints

DROP TABLE log_entries

DROP TABLE log_head

DROP TABLE sign_in_attempts

DROP TABLE accounts

DROP TABLE approvals

DROP TABLE jobs

DROP TABLE data_keys
