DROP TABLE certificate_revocations

DROP FUNCTION certificate_revocations_refuse()

DROP TABLE purges_done

DROP FUNCTION purges_done_refuse()

DROP TABLE referrals

DROP FUNCTION referrals_refuse()

DROP TABLE narrowings

DROP FUNCTION narrowings_refuse()

DROP TABLE refusals

DROP FUNCTION refusals_refuse()

DROP TABLE acceptances

DROP FUNCTION acceptances_refuse()

DROP TABLE authenticity_reports

DROP FUNCTION authenticity_reports_refuse()

DROP TABLE call_backs

DROP FUNCTION call_backs_refuse()

DROP TABLE annex_forms

DROP FUNCTION annex_forms_refuse()

DROP TABLE run_results

DROP FUNCTION run_results_refuse()

DROP TABLE run_halts

DROP FUNCTION run_halts_refuse()

DROP TABLE current_runs

DROP FUNCTION approval_decisions_current_plan() CASCADE

DROP FUNCTION extraction_runs_current_plan() CASCADE

DROP FUNCTION plan_states_current_plan() CASCADE

DROP TABLE receipt_attempts

DROP TABLE receipts

DROP FUNCTION receipts_refuse()

DROP TABLE delivery_receivers

DROP FUNCTION delivery_receivers_refuse()

DROP TABLE receiver_tokens

DROP TABLE agency_certificates

DROP FUNCTION agency_certificates_refuse()

DROP TABLE desk_members

DROP TABLE purges_begun

DROP FUNCTION purges_begun_refuse()

DROP TABLE warning_settlements

DROP FUNCTION warning_settlements_refuse()

DROP TABLE clarification_answers

DROP FUNCTION clarification_answers_refuse()

DROP TABLE assessments

DROP FUNCTION assessments_refuse()

DROP TABLE breach_assessments

DROP FUNCTION breach_assessments_refuse()

DROP TABLE written_confirmations

DROP FUNCTION written_confirmations_refuse()

DROP TABLE extraction_runs

DROP FUNCTION extraction_runs_refuse()

DROP TABLE plan_previews

DROP FUNCTION plan_previews_refuse()

DROP TABLE plan_states

DROP TABLE demand_orders

DROP FUNCTION demand_orders_refuse()

DROP TABLE deliveries

DROP FUNCTION deliveries_refuse()

DROP TABLE agency_suspensions

DROP FUNCTION agency_suspensions_refuse()

DROP TABLE verified_contacts

DROP FUNCTION verified_contacts_refuse()

DROP TABLE desks

DROP TABLE agency_people

DROP TABLE absences

DROP FUNCTION absences_refuse()

DROP TABLE reach_tests

DROP TABLE processing_systems

DROP FUNCTION processing_systems_refuse()

DROP TABLE past_term_grounds

DROP FUNCTION past_term_grounds_refuse()

DROP TABLE retention_rules

DROP FUNCTION retention_rules_refuse()

DROP TABLE backups_removed

DROP FUNCTION backups_removed_refuse()

DROP TABLE backups_made

DROP FUNCTION backups_made_refuse()

DROP TABLE packages

DROP FUNCTION packages_refuse()

DROP TABLE warning_recipients

DROP TABLE warnings

DROP FUNCTION warnings_refuse()

DROP TABLE inquiries

DROP FUNCTION inquiries_refuse()

DROP TABLE clarifications

DROP FUNCTION clarifications_refuse()

DROP TABLE breach_notices

DROP FUNCTION breach_notices_refuse()

DROP TABLE confirmation_papers

DROP FUNCTION confirmation_papers_refuse()

DROP TABLE authenticity_policies

DROP FUNCTION authenticity_policies_refuse()

DROP TABLE import_runs

DROP TABLE plans

DROP FUNCTION plans_refuse()

DROP TABLE demand_requests

DROP TABLE demand_likenesses

DROP TABLE demand_arrivals

DROP TABLE demand_holds

DROP TABLE demand_shut_outs

DROP FUNCTION demand_shut_outs_refuse()

DROP TABLE marked_identifiers

DROP TABLE demand_targets

DROP TABLE demand_parties

DROP TABLE demand_records

DROP FUNCTION demand_records_refuse()

DROP TABLE letters

DROP FUNCTION letters_refuse()

DROP TABLE log_evidence

DROP FUNCTION log_evidence_refuse()

DROP TABLE log_disclosures

DROP FUNCTION log_disclosures_refuse()

DROP TABLE api_tokens

DROP TABLE one_time_codes

DROP TABLE passwords

DROP TABLE suspensions

DROP FUNCTION suspensions_refuse()

DROP TABLE clearances

DROP FUNCTION clearances_refuse()

DROP TABLE personal_keys

DROP TABLE engagements

DROP FUNCTION engagements_refuse()

DROP TABLE delegations

DROP TABLE role_grants

DROP TABLE approval_decisions

DROP FUNCTION approval_decisions_refuse()

DROP FUNCTION approval_decisions_deciders() CASCADE

DROP TABLE approval_endorsements

DROP FUNCTION approval_endorsements_refuse()

DROP FUNCTION approval_endorsements_undecided() CASCADE

DROP TABLE job_steps

DROP TABLE agencies

DROP TABLE reach_alarms

DROP TABLE backups

DROP FUNCTION backups_refuse()

DROP TABLE sources

DROP FUNCTION sources_refuse()

DROP TABLE demands

DROP TABLE looks

DROP TABLE checkpoints

DROP FUNCTION checkpoints_refuse()

DROP TABLE log_entries

DROP FUNCTION log_entries_refuse()

DROP TABLE log_head

DROP TABLE sign_in_attempts

DROP TABLE accounts

DROP TABLE approvals

DROP FUNCTION approvals_refuse()

DROP TABLE jobs

DROP TABLE data_keys
