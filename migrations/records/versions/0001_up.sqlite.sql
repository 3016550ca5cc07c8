CREATE TABLE call_records (
    source VARCHAR(40) NOT NULL,
    row_id VARCHAR(200) NOT NULL,
    started_at DATETIME NOT NULL,
    answered_at DATETIME,
    ended_at DATETIME,
    duration_s INTEGER,
    talk_s INTEGER,
    direction VARCHAR(500),
    caller VARCHAR(500),
    caller_raw VARCHAR(500),
    caller_uri VARCHAR(500),
    callee VARCHAR(500),
    callee_raw VARCHAR(500),
    callee_uri VARCHAR(500),
    forwarded_to VARCHAR(500),
    forwarded_to_raw VARCHAR(500),
    forwarded_to_uri VARCHAR(500),
    transfer_chain VARCHAR(8000),
    transfer_chain_raw VARCHAR(8000),
    transfer_chain_uri VARCHAR(8000),
    account VARCHAR(500),
    agent VARCHAR(500),
    queue VARCHAR(500),
    trunk VARCHAR(500),
    channel_in VARCHAR(500),
    channel_out VARCHAR(500),
    signalling_in VARCHAR(500),
    signalling_out VARCHAR(500),
    caller_device VARCHAR(500),
    caller_mac VARCHAR(500),
    caller_imei VARCHAR(500),
    caller_imsi VARCHAR(500),
    callee_device VARCHAR(500),
    callee_mac VARCHAR(500),
    callee_imei VARCHAR(500),
    callee_imsi VARCHAR(500),
    cell VARCHAR(500),
    result VARCHAR(500),
    cause VARCHAR(500),
    flags VARCHAR(500) NOT NULL,
    import_id VARCHAR(40) NOT NULL,
    CONSTRAINT pk_call_records PRIMARY KEY (source, row_id)
)

CREATE INDEX ix_call_records_source_account_started_at ON call_records (source, account, started_at) WHERE account IS NOT NULL

CREATE INDEX ix_call_records_source_callee_imei_started_at ON call_records (source, callee_imei, started_at) WHERE callee_imei IS NOT NULL

CREATE INDEX ix_call_records_source_callee_imsi_started_at ON call_records (source, callee_imsi, started_at) WHERE callee_imsi IS NOT NULL

CREATE INDEX ix_call_records_source_callee_mac_started_at ON call_records (source, callee_mac, started_at) WHERE callee_mac IS NOT NULL

CREATE INDEX ix_call_records_source_callee_raw_started_at ON call_records (source, callee_raw, started_at) WHERE callee_raw IS NOT NULL

CREATE INDEX ix_call_records_source_callee_started_at ON call_records (source, callee, started_at) WHERE callee IS NOT NULL

CREATE INDEX ix_call_records_source_callee_uri_started_at ON call_records (source, callee_uri, started_at) WHERE callee_uri IS NOT NULL

CREATE INDEX ix_call_records_source_caller_imei_started_at ON call_records (source, caller_imei, started_at) WHERE caller_imei IS NOT NULL

CREATE INDEX ix_call_records_source_caller_imsi_started_at ON call_records (source, caller_imsi, started_at) WHERE caller_imsi IS NOT NULL

CREATE INDEX ix_call_records_source_caller_mac_started_at ON call_records (source, caller_mac, started_at) WHERE caller_mac IS NOT NULL

CREATE INDEX ix_call_records_source_caller_raw_started_at ON call_records (source, caller_raw, started_at) WHERE caller_raw IS NOT NULL

CREATE INDEX ix_call_records_source_caller_started_at ON call_records (source, caller, started_at) WHERE caller IS NOT NULL

CREATE INDEX ix_call_records_source_caller_uri_started_at ON call_records (source, caller_uri, started_at) WHERE caller_uri IS NOT NULL

CREATE INDEX ix_call_records_source_forwarded_to_raw_started_at ON call_records (source, forwarded_to_raw, started_at) WHERE forwarded_to_raw IS NOT NULL

CREATE INDEX ix_call_records_source_forwarded_to_started_at ON call_records (source, forwarded_to, started_at) WHERE forwarded_to IS NOT NULL

CREATE INDEX ix_call_records_source_forwarded_to_uri_started_at ON call_records (source, forwarded_to_uri, started_at) WHERE forwarded_to_uri IS NOT NULL

CREATE INDEX ix_call_records_source_signalling_in_started_at ON call_records (source, signalling_in, started_at) WHERE signalling_in IS NOT NULL

CREATE INDEX ix_call_records_source_signalling_out_started_at ON call_records (source, signalling_out, started_at) WHERE signalling_out IS NOT NULL

CREATE INDEX ix_call_records_source_started_at ON call_records (source, started_at) WHERE transfer_chain_raw IS NOT NULL

CREATE INDEX ix_call_records_source_started_at_row_id ON call_records (source, started_at, row_id)

CREATE TABLE usage_records (
    source VARCHAR(40) NOT NULL,
    row_id VARCHAR(200) NOT NULL,
    started_at DATETIME NOT NULL,
    ended_at DATETIME,
    duration_s INTEGER,
    account VARCHAR(500),
    address VARCHAR(500),
    address6 VARCHAR(500),
    prefix6 VARCHAR(500),
    delegated6 VARCHAR(500),
    port INTEGER,
    server VARCHAR(500),
    session VARCHAR(500),
    mac VARCHAR(500),
    imei VARCHAR(500),
    imsi VARCHAR(500),
    octets_in INTEGER,
    octets_out INTEGER,
    cause VARCHAR(500),
    flags VARCHAR(500) NOT NULL,
    import_id VARCHAR(40) NOT NULL,
    CONSTRAINT pk_usage_records PRIMARY KEY (source, row_id)
)

CREATE INDEX ix_usage_records_source_account_started_at ON usage_records (source, account, started_at) WHERE account IS NOT NULL

CREATE INDEX ix_usage_records_source_address6_started_at ON usage_records (source, address6, started_at) WHERE address6 IS NOT NULL

CREATE INDEX ix_usage_records_source_address_started_at ON usage_records (source, address, started_at) WHERE address IS NOT NULL

CREATE INDEX ix_usage_records_source_delegated6_started_at ON usage_records (source, delegated6, started_at) WHERE delegated6 IS NOT NULL

CREATE INDEX ix_usage_records_source_imei_started_at ON usage_records (source, imei, started_at) WHERE imei IS NOT NULL

CREATE INDEX ix_usage_records_source_imsi_started_at ON usage_records (source, imsi, started_at) WHERE imsi IS NOT NULL

CREATE INDEX ix_usage_records_source_mac_started_at ON usage_records (source, mac, started_at) WHERE mac IS NOT NULL

CREATE INDEX ix_usage_records_source_prefix6_started_at ON usage_records (source, prefix6, started_at) WHERE prefix6 IS NOT NULL

CREATE INDEX ix_usage_records_source_started_at_row_id ON usage_records (source, started_at, row_id)

CREATE TABLE subscriber_records (
    source VARCHAR(40) NOT NULL,
    row_id VARCHAR(200) NOT NULL,
    valid_from DATETIME NOT NULL,
    valid_to DATETIME,
    customer_number VARCHAR(500),
    name VARCHAR(500),
    address VARCHAR(500),
    postcode VARCHAR(500),
    city VARCHAR(500),
    country VARCHAR(500),
    number VARCHAR(500),
    number_raw VARCHAR(500),
    sip_uri VARCHAR(500),
    email VARCHAR(500),
    service VARCHAR(500),
    payer_name VARCHAR(500),
    payer_number VARCHAR(500),
    payer_account VARCHAR(500),
    device VARCHAR(500),
    mac VARCHAR(500),
    imei VARCHAR(500),
    imsi VARCHAR(500),
    iccid VARCHAR(500),
    flags VARCHAR(500) NOT NULL,
    import_id VARCHAR(40) NOT NULL,
    CONSTRAINT pk_subscriber_records PRIMARY KEY (source, row_id)
)

CREATE INDEX ix_subscriber_records_source_customer_number_valid_from ON subscriber_records (source, customer_number, valid_from) WHERE customer_number IS NOT NULL

CREATE INDEX ix_subscriber_records_source_email_valid_from ON subscriber_records (source, email, valid_from) WHERE email IS NOT NULL

CREATE INDEX ix_subscriber_records_source_iccid_valid_from ON subscriber_records (source, iccid, valid_from) WHERE iccid IS NOT NULL

CREATE INDEX ix_subscriber_records_source_imei_valid_from ON subscriber_records (source, imei, valid_from) WHERE imei IS NOT NULL

CREATE INDEX ix_subscriber_records_source_imsi_valid_from ON subscriber_records (source, imsi, valid_from) WHERE imsi IS NOT NULL

CREATE INDEX ix_subscriber_records_source_mac_valid_from ON subscriber_records (source, mac, valid_from) WHERE mac IS NOT NULL

CREATE INDEX ix_subscriber_records_source_number_raw_valid_from ON subscriber_records (source, number_raw, valid_from) WHERE number_raw IS NOT NULL

CREATE INDEX ix_subscriber_records_source_number_valid_from ON subscriber_records (source, number, valid_from) WHERE number IS NOT NULL

CREATE INDEX ix_subscriber_records_source_sip_uri_valid_from ON subscriber_records (source, sip_uri, valid_from) WHERE sip_uri IS NOT NULL

CREATE INDEX ix_subscriber_records_source_valid_from_row_id ON subscriber_records (source, valid_from, row_id)

CREATE TABLE imports (
    id VARCHAR(40) NOT NULL,
    source VARCHAR(40) NOT NULL,
    state VARCHAR(9) NOT NULL,
    bytes_read INTEGER NOT NULL,
    lines INTEGER NOT NULL,
    added INTEGER NOT NULL,
    known INTEGER NOT NULL,
    completed INTEGER NOT NULL,
    past_term INTEGER NOT NULL,
    left_out INTEGER NOT NULL,
    flagged INTEGER NOT NULL,
    rejected INTEGER NOT NULL,
    salt VARCHAR(22),
    digest VARCHAR(43),
    finished_at DATETIME,
    told_until DATETIME,
    regained_by VARCHAR(40),
    pull VARCHAR(40),
    batch INTEGER,
    place VARCHAR(500),
    watermark_from VARCHAR(60),
    watermark_to VARCHAR(60),
    CONSTRAINT pk_imports PRIMARY KEY (id),
    CONSTRAINT ck_imports_state CHECK (state IN ('running', 'done', 'abandoned', 'lost'))
)

CREATE INDEX ix_imports_source_batch ON imports (source, batch)

CREATE TABLE live_standings (
    source VARCHAR(40) NOT NULL,
    batch INTEGER NOT NULL,
    anchors_from VARCHAR(60),
    anchors VARCHAR(500) NOT NULL,
    read_at DATETIME NOT NULL,
    columns TEXT NOT NULL,
    clock TEXT,
    lines TEXT NOT NULL,
    changed INTEGER NOT NULL,
    unmarked INTEGER NOT NULL,
    CONSTRAINT pk_live_standings PRIMARY KEY (source)
)

CREATE TABLE source_gaps (
    source VARCHAR(40) NOT NULL,
    batch INTEGER NOT NULL,
    read_until DATETIME NOT NULL,
    found_at DATETIME NOT NULL,
    CONSTRAINT pk_source_gaps PRIMARY KEY (source, batch)
)

CREATE TABLE rejects (
    import_id VARCHAR(40) NOT NULL,
    line INTEGER NOT NULL,
    reason VARCHAR(40) NOT NULL,
    field VARCHAR(100),
    size INTEGER NOT NULL,
    raw BLOB NOT NULL,
    digest VARCHAR(64),
    CONSTRAINT pk_rejects PRIMARY KEY (import_id, line)
)

CREATE INDEX ix_rejects_digest ON rejects (digest)

CREATE TABLE purges (
    id VARCHAR(40) NOT NULL,
    source VARCHAR(40) NOT NULL,
    kind VARCHAR(20) NOT NULL,
    rule VARCHAR(60) NOT NULL,
    cutoff DATETIME,
    rows INTEGER NOT NULL,
    rejects INTEGER NOT NULL,
    is_done BOOLEAN NOT NULL,
    reach DATETIME,
    finished_at DATETIME NOT NULL,
    CONSTRAINT pk_purges PRIMARY KEY (id)
)

CREATE INDEX ix_purges_source_kind ON purges (source, kind)

CREATE TABLE residues (
    name VARCHAR(63) NOT NULL,
    since DATETIME NOT NULL,
    CONSTRAINT pk_residues PRIMARY KEY (name)
)

CREATE TABLE record_statistics (
    source VARCHAR(40) NOT NULL,
    kind VARCHAR(20) NOT NULL,
    day VARCHAR(10) NOT NULL,
    "group" VARCHAR(400) NOT NULL,
    rows INTEGER NOT NULL,
    duration_s INTEGER NOT NULL,
    talk_s INTEGER NOT NULL,
    octets_in INTEGER NOT NULL,
    octets_out INTEGER NOT NULL,
    CONSTRAINT pk_record_statistics PRIMARY KEY (source, kind, day, "group")
)
