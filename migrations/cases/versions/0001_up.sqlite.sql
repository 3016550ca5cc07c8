CREATE TABLE data_keys (
    id VARCHAR(40) NOT NULL,
    stream VARCHAR(40) NOT NULL,
    kind VARCHAR(8) NOT NULL,
    wrapped BLOB,
    created_at DATETIME NOT NULL,
    destroyed_at DATETIME,
    CONSTRAINT pk_data_keys PRIMARY KEY (id),
    CONSTRAINT uq_data_keys_stream_kind UNIQUE (stream, kind),
    CONSTRAINT ck_data_keys_kind CHECK (kind IN ('file', 'result')),
    CONSTRAINT ck_data_keys_destroyed CHECK ((destroyed_at IS NULL) = (wrapped IS NOT NULL))
)

CREATE TABLE jobs (
    id VARCHAR(40) NOT NULL,
    kind VARCHAR(60) NOT NULL,
    subject VARCHAR(40),
    args JSON NOT NULL,
    dedup VARCHAR(120),
    state VARCHAR(8) NOT NULL,
    run_after DATETIME NOT NULL,
    attempts INTEGER NOT NULL,
    token VARCHAR(32),
    lease_until DATETIME,
    progress_done INTEGER,
    progress_total INTEGER,
    progress_at DATETIME,
    started_at DATETIME,
    finished_at DATETIME,
    error VARCHAR(200),
    CONSTRAINT pk_jobs PRIMARY KEY (id),
    CONSTRAINT ck_jobs_state CHECK (state IN ('ready', 'running', 'done', 'failed')),
    CONSTRAINT uq_jobs_dedup UNIQUE (dedup)
)

CREATE INDEX ix_jobs_state_run_after ON jobs (state, run_after)

CREATE INDEX ix_jobs_subject ON jobs (subject)

CREATE TABLE approvals (
    id VARCHAR(40) NOT NULL,
    kind VARCHAR(40) NOT NULL,
    subject VARCHAR(80) NOT NULL,
    digest VARCHAR(43) NOT NULL,
    payload_sealed BLOB NOT NULL,
    stream VARCHAR(40) NOT NULL,
    proposed_by VARCHAR(40) NOT NULL,
    proposed_at DATETIME NOT NULL,
    beneficiary VARCHAR(40),
    needs_deciders INTEGER NOT NULL,
    statement BLOB NOT NULL,
    proof TEXT NOT NULL,
    CONSTRAINT pk_approvals PRIMARY KEY (id),
    CONSTRAINT uq_approvals_id_proposed_by UNIQUE (id, proposed_by),
    CONSTRAINT ck_approvals_beneficiary CHECK (beneficiary IS NULL OR beneficiary <> proposed_by),
    CONSTRAINT ck_approvals_needs_deciders CHECK (needs_deciders BETWEEN 1 AND 3)
)

CREATE INDEX ix_approvals_kind_subject ON approvals (kind, subject)

CREATE TRIGGER approvals_refuse_update BEFORE UPDATE ON approvals BEGIN SELECT RAISE(ABORT, 'approvals is append-only'); END

CREATE TRIGGER approvals_refuse_delete BEFORE DELETE ON approvals BEGIN SELECT RAISE(ABORT, 'approvals is append-only'); END

CREATE TABLE accounts (
    id VARCHAR(40) NOT NULL,
    person_digest VARCHAR(43) NOT NULL,
    login_digest VARCHAR(43) NOT NULL,
    sealed BLOB NOT NULL,
    generation INTEGER NOT NULL,
    created_at DATETIME NOT NULL,
    suspension_id VARCHAR(40),
    suspended_at DATETIME,
    CONSTRAINT pk_accounts PRIMARY KEY (id),
    CONSTRAINT ck_accounts_suspension CHECK ((suspension_id IS NULL) = (suspended_at IS NULL)),
    CONSTRAINT uq_accounts_person_digest UNIQUE (person_digest),
    CONSTRAINT uq_accounts_login_digest UNIQUE (login_digest)
)

CREATE TABLE sign_in_attempts (
    login_digest VARCHAR(43) NOT NULL,
    failures INTEGER NOT NULL,
    last_at DATETIME NOT NULL,
    CONSTRAINT pk_sign_in_attempts PRIMARY KEY (login_digest)
)

CREATE TABLE log_head (
    id INTEGER NOT NULL,
    origin VARCHAR(200) NOT NULL,
    size INTEGER NOT NULL,
    edge BLOB NOT NULL,
    t DATETIME NOT NULL,
    CONSTRAINT pk_log_head PRIMARY KEY (id),
    CONSTRAINT ck_log_head_one_row CHECK (id = 1)
)

CREATE TABLE log_entries (
    idx INTEGER NOT NULL,
    stream VARCHAR(40) NOT NULL,
    n INTEGER NOT NULL,
    event VARCHAR(60) NOT NULL,
    data BLOB NOT NULL,
    leaf BLOB NOT NULL,
    CONSTRAINT pk_log_entries PRIMARY KEY (idx),
    CONSTRAINT uq_log_entries_stream_n UNIQUE (stream, n)
)

CREATE INDEX ix_log_entries_event_stream_n ON log_entries (event, stream, n)

CREATE TRIGGER log_entries_refuse_update BEFORE UPDATE ON log_entries BEGIN SELECT RAISE(ABORT, 'log_entries is append-only'); END

CREATE TRIGGER log_entries_refuse_delete BEFORE DELETE ON log_entries BEGIN SELECT RAISE(ABORT, 'log_entries is append-only'); END

CREATE TABLE checkpoints (
    size INTEGER NOT NULL,
    root BLOB NOT NULL,
    note BLOB NOT NULL,
    made_at DATETIME NOT NULL,
    CONSTRAINT pk_checkpoints PRIMARY KEY (size)
)

CREATE TRIGGER checkpoints_refuse_update BEFORE UPDATE ON checkpoints BEGIN SELECT RAISE(ABORT, 'checkpoints is append-only'); END

CREATE TRIGGER checkpoints_refuse_delete BEFORE DELETE ON checkpoints BEGIN SELECT RAISE(ABORT, 'checkpoints is append-only'); END

CREATE TABLE looks (
    actor_id VARCHAR(40) NOT NULL,
    stream VARCHAR(40) NOT NULL,
    "view" VARCHAR(80) NOT NULL,
    until DATETIME NOT NULL,
    CONSTRAINT pk_looks PRIMARY KEY (actor_id, stream, "view")
)

CREATE TABLE demands (
    id VARCHAR(40) NOT NULL,
    state VARCHAR(16) NOT NULL,
    state_since DATETIME NOT NULL,
    lane VARCHAR(8) NOT NULL,
    version INTEGER NOT NULL,
    record_version INTEGER NOT NULL,
    agency_id VARCHAR(40),
    legal_basis VARCHAR(80),
    form VARCHAR(8) NOT NULL,
    is_emergency BOOLEAN NOT NULL,
    is_authorised_orally BOOLEAN NOT NULL,
    emergency_since DATETIME,
    order_date DATE NOT NULL,
    received_at DATETIME NOT NULL,
    due_at DATETIME,
    recorded_at DATETIME NOT NULL,
    recorded_by VARCHAR(40) NOT NULL,
    CONSTRAINT pk_demands PRIMARY KEY (id),
    CONSTRAINT ck_demands_state CHECK (state IN ('received', 'under_review', 'clarification', 'preserved', 'extended', 'released', 'produced', 'approved', 'refused', 'replied', 'withdrawn', 'extracting', 'sealing', 'halted', 'ready', 'continuing', 'delivered', 'acknowledged', 'closed', 'erased')),
    CONSTRAINT ck_demands_lane CHECK (lane IN ('ordinary', 'sealed')),
    CONSTRAINT ck_demands_form CHECK (form IN ('written', 'oral')),
    CONSTRAINT ck_demands_emergency CHECK (NOT is_emergency OR emergency_since IS NOT NULL),
    CONSTRAINT ck_demands_version CHECK (record_version >= 1 AND record_version <= version)
)

CREATE INDEX ix_demands_agency_id ON demands (agency_id)

CREATE INDEX ix_demands_form_state ON demands (form, state)

CREATE INDEX ix_demands_is_emergency_received_at_id ON demands (is_emergency, received_at, id)

CREATE INDEX ix_demands_recorded_at_id ON demands (recorded_at, id)

CREATE INDEX ix_demands_state ON demands (state)

CREATE TABLE sources (
    id VARCHAR(40) NOT NULL,
    name VARCHAR(40) NOT NULL,
    kind VARCHAR(20) NOT NULL,
    mapping TEXT NOT NULL,
    mapping_digest VARCHAR(43) NOT NULL,
    zone VARCHAR(60),
    region VARCHAR(2),
    declared_by VARCHAR(40) NOT NULL,
    declared_at DATETIME NOT NULL,
    CONSTRAINT pk_sources PRIMARY KEY (id),
    CONSTRAINT ck_sources_kind CHECK (kind IN ('call', 'usage', 'subscriber')),
    CONSTRAINT uq_sources_name UNIQUE (name)
)

CREATE TRIGGER sources_refuse_update BEFORE UPDATE ON sources BEGIN SELECT RAISE(ABORT, 'sources is append-only'); END

CREATE TRIGGER sources_refuse_delete BEFORE DELETE ON sources BEGIN SELECT RAISE(ABORT, 'sources is append-only'); END

CREATE TABLE backups (
    id VARCHAR(40) NOT NULL,
    begun_at DATETIME NOT NULL,
    expires_at DATETIME NOT NULL,
    CONSTRAINT pk_backups PRIMARY KEY (id)
)

CREATE TRIGGER backups_refuse_update BEFORE UPDATE ON backups BEGIN SELECT RAISE(ABORT, 'backups is append-only'); END

CREATE TRIGGER backups_refuse_delete BEFORE DELETE ON backups BEGIN SELECT RAISE(ABORT, 'backups is append-only'); END

CREATE TABLE reach_alarms (
    id VARCHAR(40) NOT NULL,
    began_at DATETIME NOT NULL,
    ended_at DATETIME,
    CONSTRAINT pk_reach_alarms PRIMARY KEY (id),
    CONSTRAINT ck_reach_alarms_dates CHECK (ended_at IS NULL OR ended_at >= began_at)
)

CREATE TABLE agencies (
    id VARCHAR(40) NOT NULL,
    name_digest VARCHAR(43) NOT NULL,
    kind VARCHAR(40) NOT NULL,
    country VARCHAR(2) NOT NULL,
    roles JSON NOT NULL,
    prosecution VARCHAR(40),
    sealed BLOB NOT NULL,
    version INTEGER NOT NULL,
    approval_id VARCHAR(40) NOT NULL,
    created_at DATETIME NOT NULL,
    suspension_id VARCHAR(40),
    suspended_at DATETIME,
    CONSTRAINT pk_agencies PRIMARY KEY (id),
    CONSTRAINT ck_agencies_version CHECK (version > 0),
    CONSTRAINT ck_agencies_suspension CHECK ((suspension_id IS NULL) = (suspended_at IS NULL)),
    CONSTRAINT uq_agencies_name_digest UNIQUE (name_digest),
    CONSTRAINT fk_agencies_prosecution_agencies FOREIGN KEY(prosecution) REFERENCES agencies (id),
    CONSTRAINT fk_agencies_approval_id_approvals FOREIGN KEY(approval_id) REFERENCES approvals (id)
)

CREATE TABLE job_steps (
    job_id VARCHAR(40) NOT NULL,
    name VARCHAR(60) NOT NULL,
    result JSON,
    CONSTRAINT pk_job_steps PRIMARY KEY (job_id, name),
    CONSTRAINT fk_job_steps_job_id_jobs FOREIGN KEY(job_id) REFERENCES jobs (id)
)

CREATE TABLE approval_endorsements (
    approval_id VARCHAR(40) NOT NULL,
    endorsed_by VARCHAR(40) NOT NULL,
    proposed_by VARCHAR(40) NOT NULL,
    endorsed_at DATETIME NOT NULL,
    statement BLOB NOT NULL,
    proof TEXT NOT NULL,
    CONSTRAINT pk_approval_endorsements PRIMARY KEY (approval_id, endorsed_by),
    CONSTRAINT fk_approval_endorsements_approval_id_proposed_by_approvals FOREIGN KEY(approval_id, proposed_by) REFERENCES approvals (id, proposed_by),
    CONSTRAINT ck_approval_endorsements_two_people CHECK (endorsed_by <> proposed_by)
)

CREATE TRIGGER approval_endorsements_refuse_update BEFORE UPDATE ON approval_endorsements BEGIN SELECT RAISE(ABORT, 'approval_endorsements is append-only'); END

CREATE TRIGGER approval_endorsements_refuse_delete BEFORE DELETE ON approval_endorsements BEGIN SELECT RAISE(ABORT, 'approval_endorsements is append-only'); END

CREATE TRIGGER approval_endorsements_undecided BEFORE INSERT ON approval_endorsements WHEN EXISTS (SELECT 1 FROM approval_decisions WHERE approval_id = NEW.approval_id) BEGIN SELECT RAISE(ABORT, 'this approval was decided before'); END

CREATE TABLE approval_decisions (
    approval_id VARCHAR(40) NOT NULL,
    proposed_by VARCHAR(40) NOT NULL,
    decided_by VARCHAR(40) NOT NULL,
    outcome VARCHAR(8) NOT NULL,
    text_sealed BLOB,
    decided_at DATETIME NOT NULL,
    statement BLOB NOT NULL,
    proof TEXT NOT NULL,
    CONSTRAINT pk_approval_decisions PRIMARY KEY (approval_id),
    CONSTRAINT fk_approval_decisions_approval_id_proposed_by_approvals FOREIGN KEY(approval_id, proposed_by) REFERENCES approvals (id, proposed_by),
    CONSTRAINT ck_approval_decisions_two_people CHECK (decided_by <> proposed_by),
    CONSTRAINT ck_approval_decisions_outcome CHECK (outcome IN ('approved', 'returned', 'refused')),
    CONSTRAINT ck_approval_decisions_text CHECK (outcome <> 'approved' OR text_sealed IS NULL)
)

CREATE TRIGGER approval_decisions_refuse_update BEFORE UPDATE ON approval_decisions BEGIN SELECT RAISE(ABORT, 'approval_decisions is append-only'); END

CREATE TRIGGER approval_decisions_refuse_delete BEFORE DELETE ON approval_decisions BEGIN SELECT RAISE(ABORT, 'approval_decisions is append-only'); END

CREATE TRIGGER approval_decisions_deciders BEFORE INSERT ON approval_decisions WHEN NEW.outcome = 'approved' AND (SELECT needs_deciders FROM approvals WHERE id = NEW.approval_id) > 1 + (SELECT count(*) FROM approval_endorsements WHERE approval_id = NEW.approval_id AND endorsed_by <> NEW.decided_by) BEGIN SELECT RAISE(ABORT, 'more people have to agree to this'); END

CREATE TABLE role_grants (
    id VARCHAR(40) NOT NULL,
    account_id VARCHAR(40) NOT NULL,
    role VARCHAR(16) NOT NULL,
    approval_id VARCHAR(40),
    granted_at DATETIME NOT NULL,
    ended_at DATETIME,
    CONSTRAINT pk_role_grants PRIMARY KEY (id),
    CONSTRAINT ck_role_grants_role CHECK (role IN ('handler', 'approver', 'auditor', 'overseer', 'engineer', 'administrator')),
    CONSTRAINT fk_role_grants_account_id_accounts FOREIGN KEY(account_id) REFERENCES accounts (id),
    CONSTRAINT fk_role_grants_approval_id_approvals FOREIGN KEY(approval_id) REFERENCES approvals (id)
)

CREATE INDEX ix_role_grants_account_id ON role_grants (account_id)

CREATE TABLE delegations (
    id VARCHAR(40) NOT NULL,
    account_id VARCHAR(40) NOT NULL,
    lent_by VARCHAR(40) NOT NULL,
    valid_from DATETIME NOT NULL,
    valid_until DATETIME NOT NULL,
    approval_id VARCHAR(40) NOT NULL,
    ended_at DATETIME,
    CONSTRAINT pk_delegations PRIMARY KEY (id),
    CONSTRAINT ck_delegations_two_people CHECK (lent_by <> account_id),
    CONSTRAINT ck_delegations_period CHECK (valid_from < valid_until),
    CONSTRAINT fk_delegations_account_id_accounts FOREIGN KEY(account_id) REFERENCES accounts (id),
    CONSTRAINT fk_delegations_approval_id_approvals FOREIGN KEY(approval_id) REFERENCES approvals (id)
)

CREATE INDEX ix_delegations_account_id ON delegations (account_id)

CREATE TABLE engagements (
    id VARCHAR(40) NOT NULL,
    account_id VARCHAR(40) NOT NULL,
    generation INTEGER NOT NULL,
    kind VARCHAR(16) NOT NULL,
    valid_from DATETIME,
    valid_until DATETIME,
    sealed BLOB NOT NULL,
    approval_id VARCHAR(40) NOT NULL,
    CONSTRAINT pk_engagements PRIMARY KEY (id),
    CONSTRAINT uq_engagements_account_id_generation UNIQUE (account_id, generation),
    CONSTRAINT ck_engagements_kind CHECK (kind IN ('employee', 'outside_counsel', 'shared_desk')),
    CONSTRAINT ck_engagements_period CHECK ((kind = 'employee' AND valid_from IS NULL AND valid_until IS NULL) OR (kind <> 'employee' AND valid_from IS NOT NULL AND valid_until IS NOT NULL AND valid_from < valid_until)),
    CONSTRAINT fk_engagements_account_id_accounts FOREIGN KEY(account_id) REFERENCES accounts (id),
    CONSTRAINT fk_engagements_approval_id_approvals FOREIGN KEY(approval_id) REFERENCES approvals (id)
)

CREATE TRIGGER engagements_refuse_update BEFORE UPDATE ON engagements BEGIN SELECT RAISE(ABORT, 'engagements is append-only'); END

CREATE TRIGGER engagements_refuse_delete BEFORE DELETE ON engagements BEGIN SELECT RAISE(ABORT, 'engagements is append-only'); END

CREATE TABLE personal_keys (
    id VARCHAR(16) NOT NULL,
    account_id VARCHAR(40) NOT NULL,
    public_key BLOB NOT NULL,
    approval_id VARCHAR(40),
    enrolled_at DATETIME NOT NULL,
    replaced_at DATETIME,
    CONSTRAINT pk_personal_keys PRIMARY KEY (id),
    CONSTRAINT fk_personal_keys_account_id_accounts FOREIGN KEY(account_id) REFERENCES accounts (id),
    CONSTRAINT uq_personal_keys_public_key UNIQUE (public_key),
    CONSTRAINT fk_personal_keys_approval_id_approvals FOREIGN KEY(approval_id) REFERENCES approvals (id)
)

CREATE UNIQUE INDEX uq_personal_keys_current ON personal_keys (account_id) WHERE replaced_at IS NULL

CREATE TABLE clearances (
    id VARCHAR(40) NOT NULL,
    account_id VARCHAR(40) NOT NULL,
    kind VARCHAR(16) NOT NULL,
    valid_from DATE NOT NULL,
    valid_until DATE NOT NULL,
    approval_id VARCHAR(40),
    CONSTRAINT pk_clearances PRIMARY KEY (id),
    CONSTRAINT ck_clearances_kind CHECK (kind IN ('screening', 'secrecy', 'training', 'sealed')),
    CONSTRAINT ck_clearances_days CHECK (valid_from <= valid_until),
    CONSTRAINT fk_clearances_account_id_accounts FOREIGN KEY(account_id) REFERENCES accounts (id),
    CONSTRAINT fk_clearances_approval_id_approvals FOREIGN KEY(approval_id) REFERENCES approvals (id)
)

CREATE INDEX ix_clearances_account_id ON clearances (account_id)

CREATE TRIGGER clearances_refuse_update BEFORE UPDATE ON clearances BEGIN SELECT RAISE(ABORT, 'clearances is append-only'); END

CREATE TRIGGER clearances_refuse_delete BEFORE DELETE ON clearances BEGIN SELECT RAISE(ABORT, 'clearances is append-only'); END

CREATE TABLE suspensions (
    id VARCHAR(40) NOT NULL,
    account_id VARCHAR(40) NOT NULL,
    suspended_by VARCHAR(40) NOT NULL,
    ground VARCHAR(40) NOT NULL,
    since DATETIME NOT NULL,
    CONSTRAINT pk_suspensions PRIMARY KEY (id),
    CONSTRAINT fk_suspensions_account_id_accounts FOREIGN KEY(account_id) REFERENCES accounts (id)
)

CREATE INDEX ix_suspensions_account_id ON suspensions (account_id)

CREATE TRIGGER suspensions_refuse_update BEFORE UPDATE ON suspensions BEGIN SELECT RAISE(ABORT, 'suspensions is append-only'); END

CREATE TRIGGER suspensions_refuse_delete BEFORE DELETE ON suspensions BEGIN SELECT RAISE(ABORT, 'suspensions is append-only'); END

CREATE TABLE passwords (
    account_id VARCHAR(40) NOT NULL,
    hash VARCHAR(200) NOT NULL,
    set_at DATETIME NOT NULL,
    CONSTRAINT pk_passwords PRIMARY KEY (account_id),
    CONSTRAINT fk_passwords_account_id_accounts FOREIGN KEY(account_id) REFERENCES accounts (id)
)

CREATE TABLE one_time_codes (
    account_id VARCHAR(40) NOT NULL,
    code_digest BLOB NOT NULL,
    issued_by VARCHAR(40) NOT NULL,
    expires_at DATETIME NOT NULL,
    CONSTRAINT pk_one_time_codes PRIMARY KEY (account_id),
    CONSTRAINT fk_one_time_codes_account_id_accounts FOREIGN KEY(account_id) REFERENCES accounts (id)
)

CREATE TABLE api_tokens (
    id VARCHAR(40) NOT NULL,
    account_id VARCHAR(40) NOT NULL,
    secret_digest BLOB NOT NULL,
    label VARCHAR(40) NOT NULL,
    created_at DATETIME NOT NULL,
    expires_at DATETIME NOT NULL,
    revoked_at DATETIME,
    CONSTRAINT pk_api_tokens PRIMARY KEY (id),
    CONSTRAINT fk_api_tokens_account_id_accounts FOREIGN KEY(account_id) REFERENCES accounts (id),
    CONSTRAINT uq_api_tokens_secret_digest UNIQUE (secret_digest)
)

CREATE INDEX ix_api_tokens_account_id ON api_tokens (account_id)

CREATE TABLE log_disclosures (
    idx INTEGER NOT NULL,
    digest VARCHAR(43) NOT NULL,
    sealed BLOB NOT NULL,
    CONSTRAINT pk_log_disclosures PRIMARY KEY (idx, digest),
    CONSTRAINT fk_log_disclosures_idx_log_entries FOREIGN KEY(idx) REFERENCES log_entries (idx)
)

CREATE TRIGGER log_disclosures_refuse_update BEFORE UPDATE ON log_disclosures BEGIN SELECT RAISE(ABORT, 'log_disclosures is append-only'); END

CREATE TRIGGER log_disclosures_refuse_delete BEFORE DELETE ON log_disclosures BEGIN SELECT RAISE(ABORT, 'log_disclosures is append-only'); END

CREATE TABLE log_evidence (
    idx INTEGER NOT NULL,
    position INTEGER NOT NULL,
    table_name VARCHAR(60) NOT NULL,
    row_key VARCHAR(200) NOT NULL,
    salt BLOB NOT NULL,
    CONSTRAINT pk_log_evidence PRIMARY KEY (idx, position),
    CONSTRAINT fk_log_evidence_idx_log_entries FOREIGN KEY(idx) REFERENCES log_entries (idx)
)

CREATE INDEX ix_log_evidence_table_name_row_key ON log_evidence (table_name, row_key)

CREATE TRIGGER log_evidence_refuse_update BEFORE UPDATE ON log_evidence BEGIN SELECT RAISE(ABORT, 'log_evidence is append-only'); END

CREATE TRIGGER log_evidence_refuse_delete BEFORE DELETE ON log_evidence BEGIN SELECT RAISE(ABORT, 'log_evidence is append-only'); END

CREATE TABLE letters (
    id VARCHAR(40) NOT NULL,
    demand_id VARCHAR(40) NOT NULL,
    about VARCHAR(9) NOT NULL,
    subject VARCHAR(40) NOT NULL,
    language VARCHAR(2) NOT NULL,
    text_sealed BLOB NOT NULL,
    sent_by VARCHAR(40) NOT NULL,
    sent_at DATETIME NOT NULL,
    CONSTRAINT pk_letters PRIMARY KEY (id),
    CONSTRAINT uq_letters_demand_id_about_subject_language UNIQUE (demand_id, about, subject, language),
    CONSTRAINT ck_letters_about CHECK (about IN ('question', 'refusal', 'narrowing', 'annex', 'referral', 'late')),
    CONSTRAINT ck_letters_language CHECK (language IN ('nl', 'en')),
    CONSTRAINT fk_letters_demand_id_demands FOREIGN KEY(demand_id) REFERENCES demands (id)
)

CREATE TRIGGER letters_refuse_update BEFORE UPDATE ON letters BEGIN SELECT RAISE(ABORT, 'letters is append-only'); END

CREATE TRIGGER letters_refuse_delete BEFORE DELETE ON letters BEGIN SELECT RAISE(ABORT, 'letters is append-only'); END

CREATE TABLE demand_records (
    demand_id VARCHAR(40) NOT NULL,
    version INTEGER NOT NULL,
    digest VARCHAR(43) NOT NULL,
    sealed BLOB NOT NULL,
    recorded_at DATETIME NOT NULL,
    recorded_by VARCHAR(40) NOT NULL,
    CONSTRAINT pk_demand_records PRIMARY KEY (demand_id, version),
    CONSTRAINT fk_demand_records_demand_id_demands FOREIGN KEY(demand_id) REFERENCES demands (id)
)

CREATE TRIGGER demand_records_refuse_update BEFORE UPDATE ON demand_records BEGIN SELECT RAISE(ABORT, 'demand_records is append-only'); END

CREATE TRIGGER demand_records_refuse_delete BEFORE DELETE ON demand_records BEGIN SELECT RAISE(ABORT, 'demand_records is append-only'); END

CREATE TABLE demand_parties (
    ref VARCHAR(40) NOT NULL,
    demand_id VARCHAR(40) NOT NULL,
    CONSTRAINT pk_demand_parties PRIMARY KEY (ref, demand_id),
    CONSTRAINT fk_demand_parties_demand_id_demands FOREIGN KEY(demand_id) REFERENCES demands (id)
)

CREATE TABLE demand_targets (
    digest VARCHAR(43) NOT NULL,
    demand_id VARCHAR(40) NOT NULL,
    asked_by VARCHAR(40),
    CONSTRAINT pk_demand_targets PRIMARY KEY (digest, demand_id),
    CONSTRAINT fk_demand_targets_demand_id_demands FOREIGN KEY(demand_id) REFERENCES demands (id)
)

CREATE TABLE marked_identifiers (
    digest VARCHAR(43) NOT NULL,
    mark VARCHAR(8) NOT NULL,
    party VARCHAR(40) NOT NULL,
    approval_id VARCHAR(40) NOT NULL,
    CONSTRAINT pk_marked_identifiers PRIMARY KEY (digest, mark, party),
    CONSTRAINT ck_marked_identifiers_mark CHECK (mark IN ('own', 'watch')),
    CONSTRAINT fk_marked_identifiers_approval_id_approvals FOREIGN KEY(approval_id) REFERENCES approvals (id)
)

CREATE TABLE demand_shut_outs (
    demand_id VARCHAR(40) NOT NULL,
    party VARCHAR(40) NOT NULL,
    since DATETIME NOT NULL,
    CONSTRAINT pk_demand_shut_outs PRIMARY KEY (demand_id, party),
    CONSTRAINT fk_demand_shut_outs_demand_id_demands FOREIGN KEY(demand_id) REFERENCES demands (id)
)

CREATE INDEX ix_demand_shut_outs_party ON demand_shut_outs (party)

CREATE TRIGGER demand_shut_outs_refuse_update BEFORE UPDATE ON demand_shut_outs BEGIN SELECT RAISE(ABORT, 'demand_shut_outs is append-only'); END

CREATE TRIGGER demand_shut_outs_refuse_delete BEFORE DELETE ON demand_shut_outs BEGIN SELECT RAISE(ABORT, 'demand_shut_outs is append-only'); END

CREATE TABLE demand_holds (
    id VARCHAR(40) NOT NULL,
    demand_id VARCHAR(40) NOT NULL,
    code VARCHAR(40) NOT NULL,
    since DATETIME NOT NULL,
    held_by VARCHAR(40) NOT NULL,
    released_at DATETIME,
    CONSTRAINT pk_demand_holds PRIMARY KEY (id),
    CONSTRAINT fk_demand_holds_demand_id_demands FOREIGN KEY(demand_id) REFERENCES demands (id)
)

CREATE UNIQUE INDEX uq_demand_holds_open ON demand_holds (demand_id, code) WHERE released_at IS NULL

CREATE TABLE demand_arrivals (
    digest VARCHAR(43) NOT NULL,
    demand_id VARCHAR(40) NOT NULL,
    CONSTRAINT pk_demand_arrivals PRIMARY KEY (digest),
    CONSTRAINT fk_demand_arrivals_demand_id_demands FOREIGN KEY(demand_id) REFERENCES demands (id)
)

CREATE INDEX ix_demand_arrivals_demand_id ON demand_arrivals (demand_id)

CREATE TABLE demand_likenesses (
    demand_id VARCHAR(40) NOT NULL,
    kind VARCHAR(10) NOT NULL,
    digest VARCHAR(43) NOT NULL,
    CONSTRAINT pk_demand_likenesses PRIMARY KEY (demand_id, kind),
    CONSTRAINT ck_demand_likenesses_kind CHECK (kind IN ('order', 'document')),
    CONSTRAINT fk_demand_likenesses_demand_id_demands FOREIGN KEY(demand_id) REFERENCES demands (id)
)

CREATE INDEX ix_demand_likenesses_digest ON demand_likenesses (digest)

CREATE TABLE demand_requests (
    actor_id VARCHAR(40) NOT NULL,
    key_digest VARCHAR(43) NOT NULL,
    request_digest VARCHAR(43) NOT NULL,
    demand_id VARCHAR(40) NOT NULL,
    answer_sealed BLOB NOT NULL,
    answered_at DATETIME NOT NULL,
    CONSTRAINT pk_demand_requests PRIMARY KEY (actor_id, key_digest),
    CONSTRAINT fk_demand_requests_demand_id_demands FOREIGN KEY(demand_id) REFERENCES demands (id)
)

CREATE INDEX ix_demand_requests_demand_id ON demand_requests (demand_id)

CREATE TABLE plans (
    id VARCHAR(40) NOT NULL,
    demand_id VARCHAR(40) NOT NULL,
    number INTEGER NOT NULL,
    demand_version INTEGER NOT NULL,
    digest VARCHAR(43) NOT NULL,
    sealed BLOB NOT NULL,
    compiled_by VARCHAR(40) NOT NULL,
    compiled_at DATETIME NOT NULL,
    CONSTRAINT pk_plans PRIMARY KEY (id),
    CONSTRAINT uq_plans_demand_id_number UNIQUE (demand_id, number),
    CONSTRAINT uq_plans_id_demand_id UNIQUE (id, demand_id),
    CONSTRAINT ck_plans_number CHECK (number > 0),
    CONSTRAINT ck_plans_digest CHECK (length(digest) = 43),
    CONSTRAINT fk_plans_demand_id_demands FOREIGN KEY(demand_id) REFERENCES demands (id),
    CONSTRAINT uq_plans_digest UNIQUE (digest)
)

CREATE TRIGGER plans_refuse_update BEFORE UPDATE ON plans BEGIN SELECT RAISE(ABORT, 'plans is append-only'); END

CREATE TRIGGER plans_refuse_delete BEFORE DELETE ON plans BEGIN SELECT RAISE(ABORT, 'plans is append-only'); END

CREATE TABLE import_runs (
    id VARCHAR(40) NOT NULL,
    source_id VARCHAR(40) NOT NULL,
    state VARCHAR(8) NOT NULL,
    started_by VARCHAR(40) NOT NULL,
    started_at DATETIME NOT NULL,
    finished_at DATETIME,
    reason VARCHAR(40),
    detail VARCHAR(500),
    pull VARCHAR(40),
    part INTEGER,
    watermark_from VARCHAR(60),
    watermark_to VARCHAR(60),
    lines INTEGER,
    added INTEGER,
    known INTEGER,
    completed INTEGER,
    past_term INTEGER,
    left_out INTEGER,
    flagged INTEGER,
    rejected INTEGER,
    salt VARCHAR(22),
    digest VARCHAR(43),
    CONSTRAINT pk_import_runs PRIMARY KEY (id),
    CONSTRAINT ck_import_runs_state CHECK (state IN ('started', 'done', 'failed', 'lost')),
    CONSTRAINT ck_import_runs_finished CHECK ((state = 'started') = (finished_at IS NULL)),
    CONSTRAINT fk_import_runs_source_id_sources FOREIGN KEY(source_id) REFERENCES sources (id)
)

CREATE INDEX ix_import_runs_pull ON import_runs (pull)

CREATE INDEX ix_import_runs_source_id_started_at ON import_runs (source_id, started_at)

CREATE INDEX ix_import_runs_state ON import_runs (state)

CREATE TABLE authenticity_policies (
    version INTEGER NOT NULL,
    document JSON,
    digest VARCHAR(43) NOT NULL,
    approval_id VARCHAR(40) NOT NULL,
    set_at DATETIME NOT NULL,
    CONSTRAINT pk_authenticity_policies PRIMARY KEY (version),
    CONSTRAINT ck_authenticity_policies_version CHECK (version > 0),
    CONSTRAINT uq_authenticity_policies_approval_id UNIQUE (approval_id),
    CONSTRAINT fk_authenticity_policies_approval_id_approvals FOREIGN KEY(approval_id) REFERENCES approvals (id)
)

CREATE TRIGGER authenticity_policies_refuse_update BEFORE UPDATE ON authenticity_policies BEGIN SELECT RAISE(ABORT, 'authenticity_policies is append-only'); END

CREATE TRIGGER authenticity_policies_refuse_delete BEFORE DELETE ON authenticity_policies BEGIN SELECT RAISE(ABORT, 'authenticity_policies is append-only'); END

CREATE TABLE confirmation_papers (
    id VARCHAR(40) NOT NULL,
    demand_id VARCHAR(40) NOT NULL,
    record_version INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    content BLOB NOT NULL,
    brought_by VARCHAR(40) NOT NULL,
    brought_at DATETIME NOT NULL,
    CONSTRAINT pk_confirmation_papers PRIMARY KEY (id),
    CONSTRAINT fk_confirmation_papers_demand_id_demands FOREIGN KEY(demand_id) REFERENCES demands (id)
)

CREATE TRIGGER confirmation_papers_refuse_update BEFORE UPDATE ON confirmation_papers BEGIN SELECT RAISE(ABORT, 'confirmation_papers is append-only'); END

CREATE TRIGGER confirmation_papers_refuse_delete BEFORE DELETE ON confirmation_papers BEGIN SELECT RAISE(ABORT, 'confirmation_papers is append-only'); END

CREATE TABLE breach_notices (
    id VARCHAR(40) NOT NULL,
    demand_id VARCHAR(40) NOT NULL,
    cause VARCHAR(40) NOT NULL,
    officer VARCHAR(40),
    agency_id VARCHAR(40),
    late DATETIME NOT NULL,
    has_produced BOOLEAN NOT NULL,
    opened_at DATETIME NOT NULL,
    CONSTRAINT pk_breach_notices PRIMARY KEY (id),
    CONSTRAINT ck_breach_notices_cause CHECK (cause IN ('confirmation_unpaid', 'confirmation_late', 'denied_after_hand_over')),
    CONSTRAINT fk_breach_notices_demand_id_demands FOREIGN KEY(demand_id) REFERENCES demands (id)
)

CREATE INDEX ix_breach_notices_demand_id ON breach_notices (demand_id)

CREATE INDEX ix_breach_notices_officer ON breach_notices (officer)

CREATE INDEX ix_breach_notices_opened_at_id ON breach_notices (opened_at, id)

CREATE TRIGGER breach_notices_refuse_update BEFORE UPDATE ON breach_notices BEGIN SELECT RAISE(ABORT, 'breach_notices is append-only'); END

CREATE TRIGGER breach_notices_refuse_delete BEFORE DELETE ON breach_notices BEGIN SELECT RAISE(ABORT, 'breach_notices is append-only'); END

CREATE TABLE clarifications (
    id VARCHAR(40) NOT NULL,
    demand_id VARCHAR(40) NOT NULL,
    n INTEGER NOT NULL,
    findings JSON NOT NULL,
    reasons JSON NOT NULL,
    question_sealed BLOB NOT NULL,
    asked_by VARCHAR(40) NOT NULL,
    asked_at DATETIME NOT NULL,
    CONSTRAINT pk_clarifications PRIMARY KEY (id),
    CONSTRAINT uq_clarifications_demand_id_n UNIQUE (demand_id, n),
    CONSTRAINT fk_clarifications_demand_id_demands FOREIGN KEY(demand_id) REFERENCES demands (id)
)

CREATE TRIGGER clarifications_refuse_update BEFORE UPDATE ON clarifications BEGIN SELECT RAISE(ABORT, 'clarifications is append-only'); END

CREATE TRIGGER clarifications_refuse_delete BEFORE DELETE ON clarifications BEGIN SELECT RAISE(ABORT, 'clarifications is append-only'); END

CREATE TABLE inquiries (
    approval_id VARCHAR(40) NOT NULL,
    question VARCHAR(20) NOT NULL,
    about VARCHAR(80),
    digests JSON NOT NULL,
    agreed_at DATETIME NOT NULL,
    CONSTRAINT pk_inquiries PRIMARY KEY (approval_id),
    CONSTRAINT ck_inquiries_question CHECK (question IN ('subject', 'retention_rule', 'mapping', 'catalogue')),
    CONSTRAINT ck_inquiries_about CHECK ((question = 'subject') = (about IS NULL)),
    CONSTRAINT fk_inquiries_approval_id_approvals FOREIGN KEY(approval_id) REFERENCES approvals (id)
)

CREATE TRIGGER inquiries_refuse_update BEFORE UPDATE ON inquiries BEGIN SELECT RAISE(ABORT, 'inquiries is append-only'); END

CREATE TRIGGER inquiries_refuse_delete BEFORE DELETE ON inquiries BEGIN SELECT RAISE(ABORT, 'inquiries is append-only'); END

CREATE TABLE warnings (
    id VARCHAR(40) NOT NULL,
    kind VARCHAR(40) NOT NULL,
    demand_id VARCHAR(40),
    subject VARCHAR(40),
    count INTEGER NOT NULL,
    occasion VARCHAR(120) NOT NULL,
    raised_at DATETIME NOT NULL,
    CONSTRAINT pk_warnings PRIMARY KEY (id),
    CONSTRAINT ck_warnings_kind CHECK (kind IN ('target.asked_by_others', 'target.watched', 'officer.own_identifier', 'officer.refused_again', 'agency.volume')),
    CONSTRAINT fk_warnings_demand_id_demands FOREIGN KEY(demand_id) REFERENCES demands (id),
    CONSTRAINT uq_warnings_occasion UNIQUE (occasion)
)

CREATE INDEX ix_warnings_demand_id ON warnings (demand_id)

CREATE INDEX ix_warnings_raised_at_id ON warnings (raised_at, id)

CREATE TRIGGER warnings_refuse_update BEFORE UPDATE ON warnings BEGIN SELECT RAISE(ABORT, 'warnings is append-only'); END

CREATE TRIGGER warnings_refuse_delete BEFORE DELETE ON warnings BEGIN SELECT RAISE(ABORT, 'warnings is append-only'); END

CREATE TABLE warning_recipients (
    account_id VARCHAR(40) NOT NULL,
    sealed BLOB NOT NULL,
    approval_id VARCHAR(40) NOT NULL,
    since DATETIME NOT NULL,
    CONSTRAINT pk_warning_recipients PRIMARY KEY (account_id),
    CONSTRAINT fk_warning_recipients_account_id_accounts FOREIGN KEY(account_id) REFERENCES accounts (id),
    CONSTRAINT fk_warning_recipients_approval_id_approvals FOREIGN KEY(approval_id) REFERENCES approvals (id)
)

CREATE TABLE packages (
    id VARCHAR(40) NOT NULL,
    demand_id VARCHAR(40) NOT NULL,
    run_id VARCHAR(40) NOT NULL,
    plan_id VARCHAR(40) NOT NULL,
    approval_id VARCHAR(40) NOT NULL,
    file VARCHAR(120) NOT NULL,
    sha256 VARCHAR(64) NOT NULL,
    size BIGINT NOT NULL,
    manifest_digest VARCHAR(43) NOT NULL,
    receipt_salt BLOB NOT NULL,
    receipt_digest VARCHAR(43) NOT NULL,
    receivers JSON NOT NULL,
    sealed_at DATETIME NOT NULL,
    CONSTRAINT pk_packages PRIMARY KEY (id),
    CONSTRAINT ck_packages_size CHECK (size > 0),
    CONSTRAINT ck_packages_sha256 CHECK (length(sha256) = 64),
    CONSTRAINT fk_packages_demand_id_demands FOREIGN KEY(demand_id) REFERENCES demands (id),
    CONSTRAINT uq_packages_run_id UNIQUE (run_id),
    CONSTRAINT uq_packages_file UNIQUE (file)
)

CREATE INDEX ix_packages_demand_id ON packages (demand_id)

CREATE TRIGGER packages_refuse_update BEFORE UPDATE ON packages BEGIN SELECT RAISE(ABORT, 'packages is append-only'); END

CREATE TRIGGER packages_refuse_delete BEFORE DELETE ON packages BEGIN SELECT RAISE(ABORT, 'packages is append-only'); END

CREATE TABLE backups_made (
    backup_id VARCHAR(40) NOT NULL,
    log_size BIGINT NOT NULL,
    digest VARCHAR(43) NOT NULL,
    made_at DATETIME NOT NULL,
    CONSTRAINT pk_backups_made PRIMARY KEY (backup_id),
    CONSTRAINT fk_backups_made_backup_id_backups FOREIGN KEY(backup_id) REFERENCES backups (id)
)

CREATE TRIGGER backups_made_refuse_update BEFORE UPDATE ON backups_made BEGIN SELECT RAISE(ABORT, 'backups_made is append-only'); END

CREATE TRIGGER backups_made_refuse_delete BEFORE DELETE ON backups_made BEGIN SELECT RAISE(ABORT, 'backups_made is append-only'); END

CREATE TABLE backups_removed (
    backup_id VARCHAR(40) NOT NULL,
    removed_at DATETIME NOT NULL,
    CONSTRAINT pk_backups_removed PRIMARY KEY (backup_id),
    CONSTRAINT fk_backups_removed_backup_id_backups FOREIGN KEY(backup_id) REFERENCES backups (id)
)

CREATE TRIGGER backups_removed_refuse_update BEFORE UPDATE ON backups_removed BEGIN SELECT RAISE(ABORT, 'backups_removed is append-only'); END

CREATE TRIGGER backups_removed_refuse_delete BEFORE DELETE ON backups_removed BEGIN SELECT RAISE(ABORT, 'backups_removed is append-only'); END

CREATE TABLE retention_rules (
    code VARCHAR(40) NOT NULL,
    scope VARCHAR(80) NOT NULL,
    generation INTEGER NOT NULL,
    source_id VARCHAR(40),
    kind VARCHAR(20) NOT NULL,
    purpose VARCHAR(300) NOT NULL,
    legal_ground VARCHAR(300) NOT NULL,
    article VARCHAR(120) NOT NULL,
    term INTEGER NOT NULL,
    unit VARCHAR(8) NOT NULL,
    action VARCHAR(12) NOT NULL,
    approval_id VARCHAR(40) NOT NULL,
    set_at DATETIME NOT NULL,
    CONSTRAINT pk_retention_rules PRIMARY KEY (code),
    CONSTRAINT uq_retention_rules_scope_generation UNIQUE (scope, generation),
    CONSTRAINT ck_retention_rules_generation CHECK (generation > 0),
    CONSTRAINT ck_retention_rules_term CHECK (term > 0),
    CONSTRAINT ck_retention_rules_unit CHECK (unit IN ('months', 'days')),
    CONSTRAINT ck_retention_rules_action CHECK (action IN ('destroy', 'anonymise')),
    CONSTRAINT fk_retention_rules_source_id_sources FOREIGN KEY(source_id) REFERENCES sources (id),
    CONSTRAINT uq_retention_rules_approval_id UNIQUE (approval_id),
    CONSTRAINT fk_retention_rules_approval_id_approvals FOREIGN KEY(approval_id) REFERENCES approvals (id)
)

CREATE TRIGGER retention_rules_refuse_update BEFORE UPDATE ON retention_rules BEGIN SELECT RAISE(ABORT, 'retention_rules is append-only'); END

CREATE TRIGGER retention_rules_refuse_delete BEFORE DELETE ON retention_rules BEGIN SELECT RAISE(ABORT, 'retention_rules is append-only'); END

CREATE TABLE past_term_grounds (
    code VARCHAR(40) NOT NULL,
    generation INTEGER NOT NULL,
    is_allowed BOOLEAN NOT NULL,
    says_nl VARCHAR(300) NOT NULL,
    says_en VARCHAR(300) NOT NULL,
    article VARCHAR(120) NOT NULL,
    approval_id VARCHAR(40) NOT NULL,
    set_at DATETIME NOT NULL,
    CONSTRAINT pk_past_term_grounds PRIMARY KEY (code, generation),
    CONSTRAINT ck_past_term_grounds_generation CHECK (generation > 0),
    CONSTRAINT uq_past_term_grounds_approval_id UNIQUE (approval_id),
    CONSTRAINT fk_past_term_grounds_approval_id_approvals FOREIGN KEY(approval_id) REFERENCES approvals (id)
)

CREATE TRIGGER past_term_grounds_refuse_update BEFORE UPDATE ON past_term_grounds BEGIN SELECT RAISE(ABORT, 'past_term_grounds is append-only'); END

CREATE TRIGGER past_term_grounds_refuse_delete BEFORE DELETE ON past_term_grounds BEGIN SELECT RAISE(ABORT, 'past_term_grounds is append-only'); END

CREATE TABLE processing_systems (
    code VARCHAR(40) NOT NULL,
    generation INTEGER NOT NULL,
    document TEXT NOT NULL,
    approval_id VARCHAR(40) NOT NULL,
    set_at DATETIME NOT NULL,
    CONSTRAINT pk_processing_systems PRIMARY KEY (code, generation),
    CONSTRAINT ck_processing_systems_generation CHECK (generation > 0),
    CONSTRAINT uq_processing_systems_approval_id UNIQUE (approval_id),
    CONSTRAINT fk_processing_systems_approval_id_approvals FOREIGN KEY(approval_id) REFERENCES approvals (id)
)

CREATE TRIGGER processing_systems_refuse_update BEFORE UPDATE ON processing_systems BEGIN SELECT RAISE(ABORT, 'processing_systems is append-only'); END

CREATE TRIGGER processing_systems_refuse_delete BEFORE DELETE ON processing_systems BEGIN SELECT RAISE(ABORT, 'processing_systems is append-only'); END

CREATE TABLE reach_tests (
    id VARCHAR(40) NOT NULL,
    account_id VARCHAR(40) NOT NULL,
    sent_at DATETIME NOT NULL,
    due_at DATETIME NOT NULL,
    answered_at DATETIME,
    CONSTRAINT pk_reach_tests PRIMARY KEY (id),
    CONSTRAINT ck_reach_tests_term CHECK (sent_at < due_at),
    CONSTRAINT ck_reach_tests_answer CHECK (answered_at IS NULL OR answered_at >= sent_at),
    CONSTRAINT fk_reach_tests_account_id_accounts FOREIGN KEY(account_id) REFERENCES accounts (id)
)

CREATE INDEX ix_reach_tests_account_id_sent_at ON reach_tests (account_id, sent_at)

CREATE TABLE absences (
    id VARCHAR(40) NOT NULL,
    account_id VARCHAR(40) NOT NULL,
    since DATETIME,
    until DATETIME,
    entered_at DATETIME NOT NULL,
    CONSTRAINT pk_absences PRIMARY KEY (id),
    CONSTRAINT ck_absences_period CHECK ((since IS NULL AND until IS NULL) OR (since IS NOT NULL AND until IS NOT NULL AND since < until)),
    CONSTRAINT fk_absences_account_id_accounts FOREIGN KEY(account_id) REFERENCES accounts (id)
)

CREATE INDEX ix_absences_account_id_entered_at ON absences (account_id, entered_at)

CREATE TRIGGER absences_refuse_update BEFORE UPDATE ON absences BEGIN SELECT RAISE(ABORT, 'absences is append-only'); END

CREATE TRIGGER absences_refuse_delete BEFORE DELETE ON absences BEGIN SELECT RAISE(ABORT, 'absences is append-only'); END

CREATE TABLE agency_people (
    id VARCHAR(40) NOT NULL,
    agency_id VARCHAR(40) NOT NULL,
    email_digest VARCHAR(43) NOT NULL,
    roles JSON NOT NULL,
    sealed BLOB NOT NULL,
    version INTEGER NOT NULL,
    approval_id VARCHAR(40) NOT NULL,
    created_at DATETIME NOT NULL,
    suspension_id VARCHAR(40),
    suspended_at DATETIME,
    CONSTRAINT pk_agency_people PRIMARY KEY (id),
    CONSTRAINT ck_agency_people_version CHECK (version > 0),
    CONSTRAINT ck_agency_people_suspension CHECK ((suspension_id IS NULL) = (suspended_at IS NULL)),
    CONSTRAINT fk_agency_people_agency_id_agencies FOREIGN KEY(agency_id) REFERENCES agencies (id),
    CONSTRAINT uq_agency_people_email_digest UNIQUE (email_digest),
    CONSTRAINT fk_agency_people_approval_id_approvals FOREIGN KEY(approval_id) REFERENCES approvals (id)
)

CREATE INDEX ix_agency_people_agency_id ON agency_people (agency_id)

CREATE TABLE desks (
    id VARCHAR(40) NOT NULL,
    agency_id VARCHAR(40) NOT NULL,
    sealed BLOB NOT NULL,
    version INTEGER NOT NULL,
    approval_id VARCHAR(40) NOT NULL,
    created_at DATETIME NOT NULL,
    suspension_id VARCHAR(40),
    suspended_at DATETIME,
    CONSTRAINT pk_desks PRIMARY KEY (id),
    CONSTRAINT ck_desks_version CHECK (version > 0),
    CONSTRAINT ck_desks_suspension CHECK ((suspension_id IS NULL) = (suspended_at IS NULL)),
    CONSTRAINT fk_desks_agency_id_agencies FOREIGN KEY(agency_id) REFERENCES agencies (id),
    CONSTRAINT fk_desks_approval_id_approvals FOREIGN KEY(approval_id) REFERENCES approvals (id)
)

CREATE INDEX ix_desks_agency_id ON desks (agency_id)

CREATE TABLE verified_contacts (
    id VARCHAR(40) NOT NULL,
    agency_id VARCHAR(40) NOT NULL,
    subject VARCHAR(40) NOT NULL,
    kind VARCHAR(8) NOT NULL,
    sealed BLOB NOT NULL,
    found_by VARCHAR(40) NOT NULL,
    approved_by VARCHAR(40) NOT NULL,
    approval_id VARCHAR(40) NOT NULL,
    recorded_at DATETIME NOT NULL,
    CONSTRAINT pk_verified_contacts PRIMARY KEY (id),
    CONSTRAINT ck_verified_contacts_kind CHECK (kind IN ('phone', 'email', 'post')),
    CONSTRAINT ck_verified_contacts_two_people CHECK (found_by <> approved_by),
    CONSTRAINT fk_verified_contacts_agency_id_agencies FOREIGN KEY(agency_id) REFERENCES agencies (id),
    CONSTRAINT fk_verified_contacts_approval_id_approvals FOREIGN KEY(approval_id) REFERENCES approvals (id)
)

CREATE INDEX ix_verified_contacts_agency_id ON verified_contacts (agency_id)

CREATE INDEX ix_verified_contacts_subject_kind ON verified_contacts (subject, kind)

CREATE TRIGGER verified_contacts_refuse_update BEFORE UPDATE ON verified_contacts BEGIN SELECT RAISE(ABORT, 'verified_contacts is append-only'); END

CREATE TRIGGER verified_contacts_refuse_delete BEFORE DELETE ON verified_contacts BEGIN SELECT RAISE(ABORT, 'verified_contacts is append-only'); END

CREATE TABLE agency_suspensions (
    id VARCHAR(40) NOT NULL,
    agency_id VARCHAR(40) NOT NULL,
    subject VARCHAR(40) NOT NULL,
    suspended_by VARCHAR(40) NOT NULL,
    ground VARCHAR(40) NOT NULL,
    since DATETIME NOT NULL,
    CONSTRAINT pk_agency_suspensions PRIMARY KEY (id),
    CONSTRAINT fk_agency_suspensions_agency_id_agencies FOREIGN KEY(agency_id) REFERENCES agencies (id)
)

CREATE INDEX ix_agency_suspensions_subject ON agency_suspensions (subject)

CREATE TRIGGER agency_suspensions_refuse_update BEFORE UPDATE ON agency_suspensions BEGIN SELECT RAISE(ABORT, 'agency_suspensions is append-only'); END

CREATE TRIGGER agency_suspensions_refuse_delete BEFORE DELETE ON agency_suspensions BEGIN SELECT RAISE(ABORT, 'agency_suspensions is append-only'); END

CREATE TABLE deliveries (
    package_id VARCHAR(40) NOT NULL,
    demand_id VARCHAR(40) NOT NULL,
    instalment INTEGER NOT NULL,
    available_at DATETIME NOT NULL,
    pick_up_by DATETIME NOT NULL,
    CONSTRAINT pk_deliveries PRIMARY KEY (package_id),
    CONSTRAINT uq_deliveries_demand_id_instalment UNIQUE (demand_id, instalment),
    CONSTRAINT ck_deliveries_dates CHECK (available_at < pick_up_by),
    CONSTRAINT fk_deliveries_package_id_packages FOREIGN KEY(package_id) REFERENCES packages (id),
    CONSTRAINT fk_deliveries_demand_id_demands FOREIGN KEY(demand_id) REFERENCES demands (id)
)

CREATE INDEX ix_deliveries_pick_up_by ON deliveries (pick_up_by)

CREATE TRIGGER deliveries_refuse_update BEFORE UPDATE ON deliveries BEGIN SELECT RAISE(ABORT, 'deliveries is append-only'); END

CREATE TRIGGER deliveries_refuse_delete BEFORE DELETE ON deliveries BEGIN SELECT RAISE(ABORT, 'deliveries is append-only'); END

CREATE TABLE demand_orders (
    demand_id VARCHAR(40) NOT NULL,
    version INTEGER NOT NULL,
    key_sealed BLOB NOT NULL,
    content BLOB NOT NULL,
    CONSTRAINT pk_demand_orders PRIMARY KEY (demand_id, version),
    CONSTRAINT fk_demand_orders_demand_id_version_demand_records FOREIGN KEY(demand_id, version) REFERENCES demand_records (demand_id, version)
)

CREATE TRIGGER demand_orders_refuse_update BEFORE UPDATE ON demand_orders BEGIN SELECT RAISE(ABORT, 'demand_orders is append-only'); END

CREATE TRIGGER demand_orders_refuse_delete BEFORE DELETE ON demand_orders BEGIN SELECT RAISE(ABORT, 'demand_orders is append-only'); END

CREATE TABLE plan_states (
    plan_id VARCHAR(40) NOT NULL,
    demand_id VARCHAR(40) NOT NULL,
    is_current BOOLEAN NOT NULL,
    superseded_at DATETIME,
    CONSTRAINT pk_plan_states PRIMARY KEY (plan_id),
    CONSTRAINT fk_plan_states_plan_id_demand_id_plans FOREIGN KEY(plan_id, demand_id) REFERENCES plans (id, demand_id),
    CONSTRAINT uq_plan_states_plan_id_is_current UNIQUE (plan_id, is_current)
)

CREATE UNIQUE INDEX uq_plan_states_current ON plan_states (demand_id) WHERE is_current

CREATE TABLE plan_previews (
    id VARCHAR(40) NOT NULL,
    plan_id VARCHAR(40) NOT NULL,
    number INTEGER NOT NULL,
    rows BIGINT NOT NULL,
    past_term BIGINT NOT NULL,
    counts JSON NOT NULL,
    sealed BLOB NOT NULL,
    previewed_by VARCHAR(40) NOT NULL,
    previewed_at DATETIME NOT NULL,
    CONSTRAINT pk_plan_previews PRIMARY KEY (id),
    CONSTRAINT uq_plan_previews_plan_id_number UNIQUE (plan_id, number),
    CONSTRAINT ck_plan_previews_rows CHECK (rows >= 0),
    CONSTRAINT fk_plan_previews_plan_id_plans FOREIGN KEY(plan_id) REFERENCES plans (id)
)

CREATE TRIGGER plan_previews_refuse_update BEFORE UPDATE ON plan_previews BEGIN SELECT RAISE(ABORT, 'plan_previews is append-only'); END

CREATE TRIGGER plan_previews_refuse_delete BEFORE DELETE ON plan_previews BEGIN SELECT RAISE(ABORT, 'plan_previews is append-only'); END

CREATE TABLE extraction_runs (
    id VARCHAR(40) NOT NULL,
    demand_id VARCHAR(40) NOT NULL,
    plan_id VARCHAR(40) NOT NULL,
    approval_id VARCHAR(40) NOT NULL,
    instalment INTEGER NOT NULL,
    cut INTEGER NOT NULL,
    until DATETIME,
    max_rows BIGINT NOT NULL,
    sealed BLOB NOT NULL,
    created_at DATETIME NOT NULL,
    CONSTRAINT pk_extraction_runs PRIMARY KEY (id),
    CONSTRAINT fk_extraction_runs_plan_id_demand_id_plans FOREIGN KEY(plan_id, demand_id) REFERENCES plans (id, demand_id),
    CONSTRAINT uq_extraction_runs_id_plan_id UNIQUE (id, plan_id),
    CONSTRAINT uq_extraction_runs_approval_id_instalment_cut UNIQUE (approval_id, instalment, cut),
    CONSTRAINT ck_extraction_runs_instalment CHECK (instalment > 0),
    CONSTRAINT ck_extraction_runs_cut CHECK (cut >= 0),
    CONSTRAINT fk_extraction_runs_demand_id_demands FOREIGN KEY(demand_id) REFERENCES demands (id),
    CONSTRAINT fk_extraction_runs_approval_id_approval_decisions FOREIGN KEY(approval_id) REFERENCES approval_decisions (approval_id)
)

CREATE INDEX ix_extraction_runs_demand_id ON extraction_runs (demand_id)

CREATE TRIGGER extraction_runs_refuse_update BEFORE UPDATE ON extraction_runs BEGIN SELECT RAISE(ABORT, 'extraction_runs is append-only'); END

CREATE TRIGGER extraction_runs_refuse_delete BEFORE DELETE ON extraction_runs BEGIN SELECT RAISE(ABORT, 'extraction_runs is append-only'); END

CREATE TABLE written_confirmations (
    demand_id VARCHAR(40) NOT NULL,
    is_whole BOOLEAN NOT NULL,
    paper_id VARCHAR(40) NOT NULL,
    approval_id VARCHAR(40) NOT NULL,
    recorded_at DATETIME NOT NULL,
    CONSTRAINT pk_written_confirmations PRIMARY KEY (demand_id, is_whole),
    CONSTRAINT fk_written_confirmations_demand_id_demands FOREIGN KEY(demand_id) REFERENCES demands (id),
    CONSTRAINT uq_written_confirmations_paper_id UNIQUE (paper_id),
    CONSTRAINT fk_written_confirmations_paper_id_confirmation_papers FOREIGN KEY(paper_id) REFERENCES confirmation_papers (id),
    CONSTRAINT fk_written_confirmations_approval_id_approvals FOREIGN KEY(approval_id) REFERENCES approvals (id)
)

CREATE TRIGGER written_confirmations_refuse_update BEFORE UPDATE ON written_confirmations BEGIN SELECT RAISE(ABORT, 'written_confirmations is append-only'); END

CREATE TRIGGER written_confirmations_refuse_delete BEFORE DELETE ON written_confirmations BEGIN SELECT RAISE(ABORT, 'written_confirmations is append-only'); END

CREATE TABLE breach_assessments (
    notice_id VARCHAR(40) NOT NULL,
    demand_id VARCHAR(40) NOT NULL,
    outcome VARCHAR(12) NOT NULL,
    assessment_sealed BLOB NOT NULL,
    assessed_by VARCHAR(40) NOT NULL,
    assessed_at DATETIME NOT NULL,
    CONSTRAINT pk_breach_assessments PRIMARY KEY (notice_id),
    CONSTRAINT ck_breach_assessments_outcome CHECK (outcome IN ('breach', 'no_breach')),
    CONSTRAINT fk_breach_assessments_notice_id_breach_notices FOREIGN KEY(notice_id) REFERENCES breach_notices (id),
    CONSTRAINT fk_breach_assessments_demand_id_demands FOREIGN KEY(demand_id) REFERENCES demands (id)
)

CREATE TRIGGER breach_assessments_refuse_update BEFORE UPDATE ON breach_assessments BEGIN SELECT RAISE(ABORT, 'breach_assessments is append-only'); END

CREATE TRIGGER breach_assessments_refuse_delete BEFORE DELETE ON breach_assessments BEGIN SELECT RAISE(ABORT, 'breach_assessments is append-only'); END

CREATE TABLE assessments (
    id VARCHAR(40) NOT NULL,
    demand_id VARCHAR(40) NOT NULL,
    n INTEGER NOT NULL,
    record_version INTEGER NOT NULL,
    catalogue_version VARCHAR(40) NOT NULL,
    catalogue_digest VARCHAR(43) NOT NULL,
    legal_basis VARCHAR(80),
    basis_digest VARCHAR(43),
    outcome VARCHAR(9) NOT NULL,
    findings JSON NOT NULL,
    compared_sealed BLOB NOT NULL,
    assessed_by VARCHAR(40) NOT NULL,
    assessed_at DATETIME NOT NULL,
    CONSTRAINT pk_assessments PRIMARY KEY (id),
    CONSTRAINT uq_assessments_demand_id_n UNIQUE (demand_id, n),
    CONSTRAINT fk_assessments_demand_id_record_version_demand_records FOREIGN KEY(demand_id, record_version) REFERENCES demand_records (demand_id, version),
    CONSTRAINT ck_assessments_outcome CHECK (outcome IN ('pass', 'clarify', 'ask_human', 'defect')),
    CONSTRAINT fk_assessments_demand_id_demands FOREIGN KEY(demand_id) REFERENCES demands (id)
)

CREATE TRIGGER assessments_refuse_update BEFORE UPDATE ON assessments BEGIN SELECT RAISE(ABORT, 'assessments is append-only'); END

CREATE TRIGGER assessments_refuse_delete BEFORE DELETE ON assessments BEGIN SELECT RAISE(ABORT, 'assessments is append-only'); END

CREATE TABLE clarification_answers (
    clarification_id VARCHAR(40) NOT NULL,
    answer_sealed BLOB NOT NULL,
    recorded_by VARCHAR(40) NOT NULL,
    recorded_at DATETIME NOT NULL,
    CONSTRAINT pk_clarification_answers PRIMARY KEY (clarification_id),
    CONSTRAINT fk_clarification_answers_clarification_id_clarifications FOREIGN KEY(clarification_id) REFERENCES clarifications (id)
)

CREATE TRIGGER clarification_answers_refuse_update BEFORE UPDATE ON clarification_answers BEGIN SELECT RAISE(ABORT, 'clarification_answers is append-only'); END

CREATE TRIGGER clarification_answers_refuse_delete BEFORE DELETE ON clarification_answers BEGIN SELECT RAISE(ABORT, 'clarification_answers is append-only'); END

CREATE TABLE warning_settlements (
    warning_id VARCHAR(40) NOT NULL,
    reason_sealed BLOB NOT NULL,
    settled_by VARCHAR(40) NOT NULL,
    settled_at DATETIME NOT NULL,
    CONSTRAINT pk_warning_settlements PRIMARY KEY (warning_id),
    CONSTRAINT fk_warning_settlements_warning_id_warnings FOREIGN KEY(warning_id) REFERENCES warnings (id)
)

CREATE TRIGGER warning_settlements_refuse_update BEFORE UPDATE ON warning_settlements BEGIN SELECT RAISE(ABORT, 'warning_settlements is append-only'); END

CREATE TRIGGER warning_settlements_refuse_delete BEFORE DELETE ON warning_settlements BEGIN SELECT RAISE(ABORT, 'warning_settlements is append-only'); END

CREATE TABLE purges_begun (
    id VARCHAR(40) NOT NULL,
    rule_code VARCHAR(40) NOT NULL,
    source_id VARCHAR(40) NOT NULL,
    kind VARCHAR(20) NOT NULL,
    action VARCHAR(12) NOT NULL,
    cutoff DATETIME NOT NULL,
    found BIGINT NOT NULL,
    late BIGINT NOT NULL,
    rejects BIGINT NOT NULL,
    begun_at DATETIME NOT NULL,
    CONSTRAINT pk_purges_begun PRIMARY KEY (id),
    CONSTRAINT ck_purges_begun_counts CHECK (found >= late AND late >= 0 AND rejects >= 0),
    CONSTRAINT fk_purges_begun_rule_code_retention_rules FOREIGN KEY(rule_code) REFERENCES retention_rules (code),
    CONSTRAINT fk_purges_begun_source_id_sources FOREIGN KEY(source_id) REFERENCES sources (id)
)

CREATE INDEX ix_purges_begun_source_id ON purges_begun (source_id)

CREATE TRIGGER purges_begun_refuse_update BEFORE UPDATE ON purges_begun BEGIN SELECT RAISE(ABORT, 'purges_begun is append-only'); END

CREATE TRIGGER purges_begun_refuse_delete BEFORE DELETE ON purges_begun BEGIN SELECT RAISE(ABORT, 'purges_begun is append-only'); END

CREATE TABLE desk_members (
    id VARCHAR(40) NOT NULL,
    desk_id VARCHAR(40) NOT NULL,
    person_id VARCHAR(40) NOT NULL,
    approval_id VARCHAR(40) NOT NULL,
    since DATETIME NOT NULL,
    ended_at DATETIME,
    CONSTRAINT pk_desk_members PRIMARY KEY (id),
    CONSTRAINT fk_desk_members_desk_id_desks FOREIGN KEY(desk_id) REFERENCES desks (id),
    CONSTRAINT fk_desk_members_person_id_agency_people FOREIGN KEY(person_id) REFERENCES agency_people (id),
    CONSTRAINT fk_desk_members_approval_id_approvals FOREIGN KEY(approval_id) REFERENCES approvals (id)
)

CREATE INDEX ix_desk_members_person_id ON desk_members (person_id)

CREATE UNIQUE INDEX uq_desk_members_current ON desk_members (desk_id, person_id) WHERE ended_at IS NULL

CREATE TABLE agency_certificates (
    id VARCHAR(40) NOT NULL,
    agency_id VARCHAR(40) NOT NULL,
    person_id VARCHAR(40),
    desk_id VARCHAR(40),
    fingerprint VARCHAR(64) NOT NULL,
    key_digest VARCHAR(64) NOT NULL,
    recipient_digest VARCHAR(43) NOT NULL,
    not_before DATETIME NOT NULL,
    not_after DATETIME NOT NULL,
    sealed BLOB NOT NULL,
    approval_id VARCHAR(40) NOT NULL,
    recorded_at DATETIME NOT NULL,
    CONSTRAINT pk_agency_certificates PRIMARY KEY (id),
    CONSTRAINT ck_agency_certificates_holder CHECK ((person_id IS NULL) <> (desk_id IS NULL)),
    CONSTRAINT ck_agency_certificates_dates CHECK (not_before < not_after),
    CONSTRAINT fk_agency_certificates_agency_id_agencies FOREIGN KEY(agency_id) REFERENCES agencies (id),
    CONSTRAINT fk_agency_certificates_person_id_agency_people FOREIGN KEY(person_id) REFERENCES agency_people (id),
    CONSTRAINT fk_agency_certificates_desk_id_desks FOREIGN KEY(desk_id) REFERENCES desks (id),
    CONSTRAINT uq_agency_certificates_fingerprint UNIQUE (fingerprint),
    CONSTRAINT uq_agency_certificates_recipient_digest UNIQUE (recipient_digest),
    CONSTRAINT fk_agency_certificates_approval_id_approvals FOREIGN KEY(approval_id) REFERENCES approvals (id)
)

CREATE INDEX ix_agency_certificates_desk_id ON agency_certificates (desk_id)

CREATE INDEX ix_agency_certificates_key_digest ON agency_certificates (key_digest)

CREATE INDEX ix_agency_certificates_person_id ON agency_certificates (person_id)

CREATE TRIGGER agency_certificates_refuse_update BEFORE UPDATE ON agency_certificates BEGIN SELECT RAISE(ABORT, 'agency_certificates is append-only'); END

CREATE TRIGGER agency_certificates_refuse_delete BEFORE DELETE ON agency_certificates BEGIN SELECT RAISE(ABORT, 'agency_certificates is append-only'); END

CREATE TABLE receiver_tokens (
    id VARCHAR(40) NOT NULL,
    person_id VARCHAR(40) NOT NULL,
    agency_id VARCHAR(40) NOT NULL,
    approval_id VARCHAR(40) NOT NULL,
    granted_at DATETIME NOT NULL,
    expires_at DATETIME NOT NULL,
    code_digest BLOB,
    code_issued_by VARCHAR(40),
    code_expires_at DATETIME,
    token_digest BLOB,
    claimed_at DATETIME,
    revoked_by VARCHAR(40),
    revoked_at DATETIME,
    CONSTRAINT pk_receiver_tokens PRIMARY KEY (id),
    CONSTRAINT ck_receiver_tokens_claimed CHECK ((claimed_at IS NULL) = (token_digest IS NULL)),
    CONSTRAINT ck_receiver_tokens_code CHECK (code_digest IS NULL OR claimed_at IS NULL),
    CONSTRAINT ck_receiver_tokens_revoked CHECK ((revoked_at IS NULL) = (revoked_by IS NULL)),
    CONSTRAINT ck_receiver_tokens_dates CHECK (granted_at < expires_at),
    CONSTRAINT fk_receiver_tokens_person_id_agency_people FOREIGN KEY(person_id) REFERENCES agency_people (id),
    CONSTRAINT fk_receiver_tokens_agency_id_agencies FOREIGN KEY(agency_id) REFERENCES agencies (id),
    CONSTRAINT uq_receiver_tokens_approval_id UNIQUE (approval_id),
    CONSTRAINT fk_receiver_tokens_approval_id_approvals FOREIGN KEY(approval_id) REFERENCES approvals (id),
    CONSTRAINT uq_receiver_tokens_code_digest UNIQUE (code_digest),
    CONSTRAINT uq_receiver_tokens_token_digest UNIQUE (token_digest)
)

CREATE INDEX ix_receiver_tokens_person_id ON receiver_tokens (person_id)

CREATE TABLE delivery_receivers (
    package_id VARCHAR(40) NOT NULL,
    receiver VARCHAR(40) NOT NULL,
    CONSTRAINT pk_delivery_receivers PRIMARY KEY (package_id, receiver),
    CONSTRAINT fk_delivery_receivers_package_id_deliveries FOREIGN KEY(package_id) REFERENCES deliveries (package_id)
)

CREATE INDEX ix_delivery_receivers_receiver ON delivery_receivers (receiver)

CREATE TRIGGER delivery_receivers_refuse_update BEFORE UPDATE ON delivery_receivers BEGIN SELECT RAISE(ABORT, 'delivery_receivers is append-only'); END

CREATE TRIGGER delivery_receivers_refuse_delete BEFORE DELETE ON delivery_receivers BEGIN SELECT RAISE(ABORT, 'delivery_receivers is append-only'); END

CREATE TABLE receipts (
    package_id VARCHAR(40) NOT NULL,
    id VARCHAR(40) NOT NULL,
    demand_id VARCHAR(40) NOT NULL,
    person_id VARCHAR(40) NOT NULL,
    received_at DATETIME NOT NULL,
    CONSTRAINT pk_receipts PRIMARY KEY (package_id),
    CONSTRAINT fk_receipts_package_id_packages FOREIGN KEY(package_id) REFERENCES packages (id),
    CONSTRAINT uq_receipts_id UNIQUE (id),
    CONSTRAINT fk_receipts_demand_id_demands FOREIGN KEY(demand_id) REFERENCES demands (id),
    CONSTRAINT fk_receipts_person_id_agency_people FOREIGN KEY(person_id) REFERENCES agency_people (id)
)

CREATE INDEX ix_receipts_demand_id ON receipts (demand_id)

CREATE TRIGGER receipts_refuse_update BEFORE UPDATE ON receipts BEGIN SELECT RAISE(ABORT, 'receipts is append-only'); END

CREATE TRIGGER receipts_refuse_delete BEFORE DELETE ON receipts BEGIN SELECT RAISE(ABORT, 'receipts is append-only'); END

CREATE TABLE receipt_attempts (
    package_id VARCHAR(40) NOT NULL,
    person_id VARCHAR(40) NOT NULL,
    failures INTEGER NOT NULL,
    last_at DATETIME NOT NULL,
    CONSTRAINT pk_receipt_attempts PRIMARY KEY (package_id, person_id),
    CONSTRAINT fk_receipt_attempts_package_id_packages FOREIGN KEY(package_id) REFERENCES packages (id),
    CONSTRAINT fk_receipt_attempts_person_id_agency_people FOREIGN KEY(person_id) REFERENCES agency_people (id)
)

CREATE TABLE current_runs (
    demand_id VARCHAR(40) NOT NULL,
    run_id VARCHAR(40) NOT NULL,
    plan_id VARCHAR(40) NOT NULL,
    plan_is_current BOOLEAN NOT NULL,
    CONSTRAINT pk_current_runs PRIMARY KEY (demand_id),
    CONSTRAINT ck_current_runs_plan_is_current CHECK (plan_is_current),
    CONSTRAINT fk_current_runs_plan_id_plan_is_current_plan_states FOREIGN KEY(plan_id, plan_is_current) REFERENCES plan_states (plan_id, is_current),
    CONSTRAINT fk_current_runs_run_id_plan_id_extraction_runs FOREIGN KEY(run_id, plan_id) REFERENCES extraction_runs (id, plan_id),
    CONSTRAINT fk_current_runs_demand_id_demands FOREIGN KEY(demand_id) REFERENCES demands (id),
    CONSTRAINT uq_current_runs_run_id UNIQUE (run_id)
)

CREATE TRIGGER approval_decisions_current_plan BEFORE INSERT ON approval_decisions WHEN NEW.outcome = 'approved' AND EXISTS (SELECT 1 FROM plans WHERE id = (SELECT subject FROM approvals WHERE id = NEW.approval_id AND kind = 'extraction.plan')) AND NOT EXISTS (SELECT 1 FROM plan_states WHERE plan_id = (SELECT subject FROM approvals WHERE id = NEW.approval_id AND kind = 'extraction.plan') AND is_current) BEGIN SELECT RAISE(ABORT, 'this plan is no longer current'); END

CREATE TRIGGER extraction_runs_current_plan BEFORE INSERT ON extraction_runs WHEN EXISTS (SELECT 1 FROM plans WHERE id = NEW.plan_id) AND NOT EXISTS (SELECT 1 FROM plan_states WHERE plan_id = NEW.plan_id AND is_current) BEGIN SELECT RAISE(ABORT, 'this plan is no longer current'); END

CREATE TRIGGER plan_states_current_plan BEFORE UPDATE ON plan_states WHEN NEW.is_current AND NOT OLD.is_current BEGIN SELECT RAISE(ABORT, 'this plan is no longer current'); END

CREATE TABLE run_halts (
    run_id VARCHAR(40) NOT NULL,
    number INTEGER NOT NULL,
    code VARCHAR(40) NOT NULL,
    halted_at DATETIME NOT NULL,
    CONSTRAINT pk_run_halts PRIMARY KEY (run_id, number),
    CONSTRAINT fk_run_halts_run_id_extraction_runs FOREIGN KEY(run_id) REFERENCES extraction_runs (id)
)

CREATE TRIGGER run_halts_refuse_update BEFORE UPDATE ON run_halts BEGIN SELECT RAISE(ABORT, 'run_halts is append-only'); END

CREATE TRIGGER run_halts_refuse_delete BEFORE DELETE ON run_halts BEGIN SELECT RAISE(ABORT, 'run_halts is append-only'); END

CREATE TABLE run_results (
    run_id VARCHAR(40) NOT NULL,
    digest VARCHAR(43) NOT NULL,
    rows BIGINT NOT NULL,
    past_term BIGINT NOT NULL,
    outcomes JSON NOT NULL,
    coverage JSON NOT NULL,
    sealed BLOB NOT NULL,
    named BLOB,
    finished_at DATETIME NOT NULL,
    CONSTRAINT pk_run_results PRIMARY KEY (run_id),
    CONSTRAINT ck_run_results_rows CHECK (rows >= 0),
    CONSTRAINT ck_run_results_digest CHECK (length(digest) = 43),
    CONSTRAINT fk_run_results_run_id_extraction_runs FOREIGN KEY(run_id) REFERENCES extraction_runs (id)
)

CREATE TRIGGER run_results_refuse_update BEFORE UPDATE ON run_results BEGIN SELECT RAISE(ABORT, 'run_results is append-only'); END

CREATE TRIGGER run_results_refuse_delete BEFORE DELETE ON run_results BEGIN SELECT RAISE(ABORT, 'run_results is append-only'); END

CREATE TABLE annex_forms (
    id VARCHAR(40) NOT NULL,
    demand_id VARCHAR(40) NOT NULL,
    n INTEGER NOT NULL,
    assessment_id VARCHAR(40) NOT NULL,
    certificate VARCHAR(12) NOT NULL,
    reasons JSON NOT NULL,
    effect VARCHAR(7) NOT NULL,
    findings JSON NOT NULL,
    clarification_id VARCHAR(40),
    table_digest VARCHAR(43) NOT NULL,
    statement_sealed BLOB NOT NULL,
    filed_by VARCHAR(40) NOT NULL,
    filed_at DATETIME NOT NULL,
    CONSTRAINT pk_annex_forms PRIMARY KEY (id),
    CONSTRAINT uq_annex_forms_demand_id_n UNIQUE (demand_id, n),
    CONSTRAINT ck_annex_forms_certificate CHECK (certificate IN ('production', 'preservation')),
    CONSTRAINT ck_annex_forms_effect CHECK (effect IN ('asks', 'waits', 'ends', 'goes_on')),
    CONSTRAINT ck_annex_forms_waits CHECK ((effect IN ('asks', 'waits')) = (clarification_id IS NOT NULL)),
    CONSTRAINT fk_annex_forms_demand_id_demands FOREIGN KEY(demand_id) REFERENCES demands (id),
    CONSTRAINT fk_annex_forms_assessment_id_assessments FOREIGN KEY(assessment_id) REFERENCES assessments (id),
    CONSTRAINT fk_annex_forms_clarification_id_clarifications FOREIGN KEY(clarification_id) REFERENCES clarifications (id)
)

CREATE TRIGGER annex_forms_refuse_update BEFORE UPDATE ON annex_forms BEGIN SELECT RAISE(ABORT, 'annex_forms is append-only'); END

CREATE TRIGGER annex_forms_refuse_delete BEFORE DELETE ON annex_forms BEGIN SELECT RAISE(ABORT, 'annex_forms is append-only'); END

CREATE TABLE call_backs (
    id VARCHAR(40) NOT NULL,
    demand_id VARCHAR(40) NOT NULL,
    n INTEGER NOT NULL,
    record_version INTEGER NOT NULL,
    contact_id VARCHAR(40) NOT NULL,
    subject VARCHAR(40) NOT NULL,
    outcome VARCHAR(11) NOT NULL,
    sealed BLOB NOT NULL,
    called_by VARCHAR(40) NOT NULL,
    called_at DATETIME NOT NULL,
    recorded_at DATETIME NOT NULL,
    CONSTRAINT pk_call_backs PRIMARY KEY (id),
    CONSTRAINT uq_call_backs_demand_id_n UNIQUE (demand_id, n),
    CONSTRAINT ck_call_backs_outcome CHECK (outcome IN ('confirmed', 'denied', 'unreachable')),
    CONSTRAINT ck_call_backs_dates CHECK (called_at <= recorded_at),
    CONSTRAINT fk_call_backs_demand_id_demands FOREIGN KEY(demand_id) REFERENCES demands (id),
    CONSTRAINT fk_call_backs_contact_id_verified_contacts FOREIGN KEY(contact_id) REFERENCES verified_contacts (id)
)

CREATE TRIGGER call_backs_refuse_update BEFORE UPDATE ON call_backs BEGIN SELECT RAISE(ABORT, 'call_backs is append-only'); END

CREATE TRIGGER call_backs_refuse_delete BEFORE DELETE ON call_backs BEGIN SELECT RAISE(ABORT, 'call_backs is append-only'); END

CREATE TABLE authenticity_reports (
    assessment_id VARCHAR(40) NOT NULL,
    demand_id VARCHAR(40) NOT NULL,
    agency_id VARCHAR(40),
    person_id VARCHAR(40),
    policy_version INTEGER NOT NULL,
    policy_digest VARCHAR(43) NOT NULL,
    allows BOOLEAN NOT NULL,
    observations JSON NOT NULL,
    sealed BLOB NOT NULL,
    observed_at DATETIME NOT NULL,
    CONSTRAINT pk_authenticity_reports PRIMARY KEY (assessment_id),
    CONSTRAINT fk_authenticity_reports_assessment_id_assessments FOREIGN KEY(assessment_id) REFERENCES assessments (id),
    CONSTRAINT fk_authenticity_reports_demand_id_demands FOREIGN KEY(demand_id) REFERENCES demands (id)
)

CREATE INDEX ix_authenticity_reports_demand_id ON authenticity_reports (demand_id)

CREATE TRIGGER authenticity_reports_refuse_update BEFORE UPDATE ON authenticity_reports BEGIN SELECT RAISE(ABORT, 'authenticity_reports is append-only'); END

CREATE TRIGGER authenticity_reports_refuse_delete BEFORE DELETE ON authenticity_reports BEGIN SELECT RAISE(ABORT, 'authenticity_reports is append-only'); END

CREATE TABLE acceptances (
    id VARCHAR(40) NOT NULL,
    assessment_id VARCHAR(40) NOT NULL,
    findings JSON NOT NULL,
    reason_sealed BLOB NOT NULL,
    accepted_by VARCHAR(40) NOT NULL,
    accepted_at DATETIME NOT NULL,
    CONSTRAINT pk_acceptances PRIMARY KEY (id),
    CONSTRAINT fk_acceptances_assessment_id_assessments FOREIGN KEY(assessment_id) REFERENCES assessments (id)
)

CREATE INDEX ix_acceptances_assessment_id ON acceptances (assessment_id)

CREATE TRIGGER acceptances_refuse_update BEFORE UPDATE ON acceptances BEGIN SELECT RAISE(ABORT, 'acceptances is append-only'); END

CREATE TRIGGER acceptances_refuse_delete BEFORE DELETE ON acceptances BEGIN SELECT RAISE(ABORT, 'acceptances is append-only'); END

CREATE TABLE refusals (
    demand_id VARCHAR(40) NOT NULL,
    assessment_id VARCHAR(40) NOT NULL,
    ground VARCHAR(40) NOT NULL,
    findings JSON NOT NULL,
    explanation_sealed BLOB NOT NULL,
    refused_by VARCHAR(40) NOT NULL,
    refused_at DATETIME NOT NULL,
    CONSTRAINT pk_refusals PRIMARY KEY (demand_id),
    CONSTRAINT fk_refusals_demand_id_demands FOREIGN KEY(demand_id) REFERENCES demands (id),
    CONSTRAINT fk_refusals_assessment_id_assessments FOREIGN KEY(assessment_id) REFERENCES assessments (id)
)

CREATE TRIGGER refusals_refuse_update BEFORE UPDATE ON refusals BEGIN SELECT RAISE(ABORT, 'refusals is append-only'); END

CREATE TRIGGER refusals_refuse_delete BEFORE DELETE ON refusals BEGIN SELECT RAISE(ABORT, 'refusals is append-only'); END

CREATE TABLE narrowings (
    id VARCHAR(40) NOT NULL,
    demand_id VARCHAR(40) NOT NULL,
    assessment_id VARCHAR(40) NOT NULL,
    number INTEGER NOT NULL,
    item INTEGER NOT NULL,
    ground VARCHAR(40) NOT NULL,
    category VARCHAR(40),
    keep_from DATETIME,
    keep_until DATETIME,
    clarification_id VARCHAR(40),
    findings JSON NOT NULL,
    settled JSON NOT NULL,
    reason_sealed BLOB NOT NULL,
    narrowed_by VARCHAR(40) NOT NULL,
    narrowed_at DATETIME NOT NULL,
    CONSTRAINT pk_narrowings PRIMARY KEY (id),
    CONSTRAINT uq_narrowings_assessment_id_number UNIQUE (assessment_id, number),
    CONSTRAINT ck_narrowings_ground CHECK (ground IN ('category_outside_basis', 'period_wrong', 'not_held', 'wrong_addressee', 'agreed')),
    CONSTRAINT ck_narrowings_agreement CHECK ((ground = 'agreed') = (clarification_id IS NOT NULL)),
    CONSTRAINT ck_narrowings_one_thing CHECK (category IS NULL OR (keep_from IS NULL AND keep_until IS NULL)),
    CONSTRAINT fk_narrowings_demand_id_demands FOREIGN KEY(demand_id) REFERENCES demands (id),
    CONSTRAINT fk_narrowings_assessment_id_assessments FOREIGN KEY(assessment_id) REFERENCES assessments (id),
    CONSTRAINT fk_narrowings_clarification_id_clarifications FOREIGN KEY(clarification_id) REFERENCES clarifications (id)
)

CREATE INDEX ix_narrowings_demand_id ON narrowings (demand_id)

CREATE TRIGGER narrowings_refuse_update BEFORE UPDATE ON narrowings BEGIN SELECT RAISE(ABORT, 'narrowings is append-only'); END

CREATE TRIGGER narrowings_refuse_delete BEFORE DELETE ON narrowings BEGIN SELECT RAISE(ABORT, 'narrowings is append-only'); END

CREATE TABLE referrals (
    demand_id VARCHAR(40) NOT NULL,
    assessment_id VARCHAR(40) NOT NULL,
    kind VARCHAR(40) NOT NULL,
    table_digest VARCHAR(43) NOT NULL,
    name_sealed BLOB,
    reason_sealed BLOB NOT NULL,
    referred_by VARCHAR(40) NOT NULL,
    referred_at DATETIME NOT NULL,
    CONSTRAINT pk_referrals PRIMARY KEY (demand_id),
    CONSTRAINT fk_referrals_demand_id_demands FOREIGN KEY(demand_id) REFERENCES demands (id),
    CONSTRAINT fk_referrals_assessment_id_assessments FOREIGN KEY(assessment_id) REFERENCES assessments (id)
)

CREATE TRIGGER referrals_refuse_update BEFORE UPDATE ON referrals BEGIN SELECT RAISE(ABORT, 'referrals is append-only'); END

CREATE TRIGGER referrals_refuse_delete BEFORE DELETE ON referrals BEGIN SELECT RAISE(ABORT, 'referrals is append-only'); END

CREATE TABLE purges_done (
    purge_id VARCHAR(40) NOT NULL,
    rows BIGINT NOT NULL,
    reach DATETIME NOT NULL,
    kept BIGINT NOT NULL,
    rejects BIGINT NOT NULL,
    done_at DATETIME NOT NULL,
    CONSTRAINT pk_purges_done PRIMARY KEY (purge_id),
    CONSTRAINT ck_purges_done_counts CHECK (rows >= 0 AND kept >= 0 AND rejects >= 0),
    CONSTRAINT fk_purges_done_purge_id_purges_begun FOREIGN KEY(purge_id) REFERENCES purges_begun (id)
)

CREATE TRIGGER purges_done_refuse_update BEFORE UPDATE ON purges_done BEGIN SELECT RAISE(ABORT, 'purges_done is append-only'); END

CREATE TRIGGER purges_done_refuse_delete BEFORE DELETE ON purges_done BEGIN SELECT RAISE(ABORT, 'purges_done is append-only'); END

CREATE TABLE certificate_revocations (
    certificate_id VARCHAR(40) NOT NULL,
    revoked_by VARCHAR(40) NOT NULL,
    ground VARCHAR(40) NOT NULL,
    revoked_at DATETIME NOT NULL,
    CONSTRAINT pk_certificate_revocations PRIMARY KEY (certificate_id),
    CONSTRAINT fk_certificate_revocations_certificate_id_agency_certificates FOREIGN KEY(certificate_id) REFERENCES agency_certificates (id)
)

CREATE TRIGGER certificate_revocations_refuse_update BEFORE UPDATE ON certificate_revocations BEGIN SELECT RAISE(ABORT, 'certificate_revocations is append-only'); END

CREATE TRIGGER certificate_revocations_refuse_delete BEFORE DELETE ON certificate_revocations BEGIN SELECT RAISE(ABORT, 'certificate_revocations is append-only'); END
