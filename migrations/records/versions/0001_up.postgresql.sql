CREATE TABLE call_records (
    source VARCHAR(40) NOT NULL,
    row_id VARCHAR(200) COLLATE "C" NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE NOT NULL,
    answered_at TIMESTAMP WITH TIME ZONE,
    ended_at TIMESTAMP WITH TIME ZONE,
    duration_s BIGINT,
    talk_s BIGINT,
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
    import_id VARCHAR(40) NOT NULL
)
 PARTITION BY RANGE (source, started_at)

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

ALTER TABLE "call_records" ALTER "row_id" SET STATISTICS 0, ALTER "direction" SET STATISTICS 0, ALTER "caller" SET STATISTICS 0, ALTER "caller_raw" SET STATISTICS 0, ALTER "caller_uri" SET STATISTICS 0, ALTER "callee" SET STATISTICS 0, ALTER "callee_raw" SET STATISTICS 0, ALTER "callee_uri" SET STATISTICS 0, ALTER "forwarded_to" SET STATISTICS 0, ALTER "forwarded_to_raw" SET STATISTICS 0, ALTER "forwarded_to_uri" SET STATISTICS 0, ALTER "transfer_chain" SET STATISTICS 0, ALTER "transfer_chain_raw" SET STATISTICS 0, ALTER "transfer_chain_uri" SET STATISTICS 0, ALTER "account" SET STATISTICS 0, ALTER "agent" SET STATISTICS 0, ALTER "queue" SET STATISTICS 0, ALTER "trunk" SET STATISTICS 0, ALTER "channel_in" SET STATISTICS 0, ALTER "channel_out" SET STATISTICS 0, ALTER "signalling_in" SET STATISTICS 0, ALTER "signalling_out" SET STATISTICS 0, ALTER "caller_device" SET STATISTICS 0, ALTER "caller_mac" SET STATISTICS 0, ALTER "caller_imei" SET STATISTICS 0, ALTER "caller_imsi" SET STATISTICS 0, ALTER "callee_device" SET STATISTICS 0, ALTER "callee_mac" SET STATISTICS 0, ALTER "callee_imei" SET STATISTICS 0, ALTER "callee_imsi" SET STATISTICS 0, ALTER "cell" SET STATISTICS 0, ALTER "result" SET STATISTICS 0, ALTER "cause" SET STATISTICS 0, ALTER "flags" SET STATISTICS 0

CREATE TABLE usage_records (
    source VARCHAR(40) NOT NULL,
    row_id VARCHAR(200) COLLATE "C" NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    duration_s BIGINT,
    account VARCHAR(500),
    address VARCHAR(500),
    address6 VARCHAR(500),
    prefix6 VARCHAR(500),
    delegated6 VARCHAR(500),
    port BIGINT,
    server VARCHAR(500),
    session VARCHAR(500),
    mac VARCHAR(500),
    imei VARCHAR(500),
    imsi VARCHAR(500),
    octets_in BIGINT,
    octets_out BIGINT,
    cause VARCHAR(500),
    flags VARCHAR(500) NOT NULL,
    import_id VARCHAR(40) NOT NULL
)
 PARTITION BY RANGE (source, (CASE WHEN ended_at > started_at THEN ended_at ELSE started_at END))

CREATE INDEX ix_usage_records_source_account_started_at ON usage_records (source, account, started_at) WHERE account IS NOT NULL

CREATE INDEX ix_usage_records_source_address6_started_at ON usage_records (source, address6, started_at) WHERE address6 IS NOT NULL

CREATE INDEX ix_usage_records_source_address_started_at ON usage_records (source, address, started_at) WHERE address IS NOT NULL

CREATE INDEX ix_usage_records_source_delegated6_started_at ON usage_records (source, delegated6, started_at) WHERE delegated6 IS NOT NULL

CREATE INDEX ix_usage_records_source_imei_started_at ON usage_records (source, imei, started_at) WHERE imei IS NOT NULL

CREATE INDEX ix_usage_records_source_imsi_started_at ON usage_records (source, imsi, started_at) WHERE imsi IS NOT NULL

CREATE INDEX ix_usage_records_source_mac_started_at ON usage_records (source, mac, started_at) WHERE mac IS NOT NULL

CREATE INDEX ix_usage_records_source_prefix6_started_at ON usage_records (source, prefix6, started_at) WHERE prefix6 IS NOT NULL

CREATE INDEX ix_usage_records_source_started_at_row_id ON usage_records (source, started_at, row_id)

ALTER TABLE "usage_records" ALTER "row_id" SET STATISTICS 0, ALTER "account" SET STATISTICS 0, ALTER "address" SET STATISTICS 0, ALTER "address6" SET STATISTICS 0, ALTER "prefix6" SET STATISTICS 0, ALTER "delegated6" SET STATISTICS 0, ALTER "server" SET STATISTICS 0, ALTER "session" SET STATISTICS 0, ALTER "mac" SET STATISTICS 0, ALTER "imei" SET STATISTICS 0, ALTER "imsi" SET STATISTICS 0, ALTER "cause" SET STATISTICS 0, ALTER "flags" SET STATISTICS 0

CREATE TABLE subscriber_records (
    source VARCHAR(40) NOT NULL,
    row_id VARCHAR(200) COLLATE "C" NOT NULL,
    valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
    valid_to TIMESTAMP WITH TIME ZONE,
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
    import_id VARCHAR(40) NOT NULL
)
 PARTITION BY RANGE (source, (coalesce(CASE WHEN valid_to < valid_from THEN valid_from ELSE valid_to END, 'infinity'::timestamptz)))

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

ALTER TABLE "subscriber_records" ALTER "row_id" SET STATISTICS 0, ALTER "customer_number" SET STATISTICS 0, ALTER "name" SET STATISTICS 0, ALTER "address" SET STATISTICS 0, ALTER "postcode" SET STATISTICS 0, ALTER "city" SET STATISTICS 0, ALTER "country" SET STATISTICS 0, ALTER "number" SET STATISTICS 0, ALTER "number_raw" SET STATISTICS 0, ALTER "sip_uri" SET STATISTICS 0, ALTER "email" SET STATISTICS 0, ALTER "service" SET STATISTICS 0, ALTER "payer_name" SET STATISTICS 0, ALTER "payer_number" SET STATISTICS 0, ALTER "payer_account" SET STATISTICS 0, ALTER "device" SET STATISTICS 0, ALTER "mac" SET STATISTICS 0, ALTER "imei" SET STATISTICS 0, ALTER "imsi" SET STATISTICS 0, ALTER "iccid" SET STATISTICS 0, ALTER "flags" SET STATISTICS 0

CREATE TABLE imports (
    id VARCHAR(40) NOT NULL,
    source VARCHAR(40) NOT NULL,
    state VARCHAR(9) NOT NULL,
    bytes_read BIGINT NOT NULL,
    lines BIGINT NOT NULL,
    added BIGINT NOT NULL,
    known BIGINT NOT NULL,
    completed BIGINT NOT NULL,
    past_term BIGINT NOT NULL,
    left_out BIGINT NOT NULL,
    flagged BIGINT NOT NULL,
    rejected BIGINT NOT NULL,
    salt VARCHAR(22),
    digest VARCHAR(43),
    finished_at TIMESTAMP WITH TIME ZONE,
    told_until TIMESTAMP WITH TIME ZONE,
    regained_by VARCHAR(40),
    pull VARCHAR(40),
    batch BIGINT,
    place VARCHAR(500),
    watermark_from VARCHAR(60),
    watermark_to VARCHAR(60),
    CONSTRAINT pk_imports PRIMARY KEY (id),
    CONSTRAINT ck_imports_state CHECK (state IN ('running', 'done', 'abandoned', 'lost'))
)

CREATE INDEX ix_imports_source_batch ON imports (source, batch)

CREATE TABLE live_standings (
    source VARCHAR(40) NOT NULL,
    batch BIGINT NOT NULL,
    anchors_from VARCHAR(60),
    anchors VARCHAR(500) NOT NULL,
    read_at TIMESTAMP WITH TIME ZONE NOT NULL,
    columns TEXT NOT NULL,
    clock TEXT,
    lines TEXT NOT NULL,
    changed BIGINT NOT NULL,
    unmarked BIGINT NOT NULL,
    CONSTRAINT pk_live_standings PRIMARY KEY (source)
)

CREATE TABLE source_gaps (
    source VARCHAR(40) NOT NULL,
    batch BIGINT NOT NULL,
    read_until TIMESTAMP WITH TIME ZONE NOT NULL,
    found_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_source_gaps PRIMARY KEY (source, batch)
)

CREATE TABLE rejects (
    import_id VARCHAR(40) NOT NULL,
    line BIGINT NOT NULL,
    reason VARCHAR(40) NOT NULL,
    field VARCHAR(100),
    size BIGINT NOT NULL,
    raw BYTEA NOT NULL,
    digest VARCHAR(64),
    CONSTRAINT pk_rejects PRIMARY KEY (import_id, line)
)

CREATE INDEX ix_rejects_digest ON rejects (digest)

ALTER TABLE "rejects" ALTER "reason" SET STATISTICS 0, ALTER "field" SET STATISTICS 0, ALTER "raw" SET STATISTICS 0, ALTER "digest" SET STATISTICS 0

CREATE TABLE purges (
    id VARCHAR(40) NOT NULL,
    source VARCHAR(40) NOT NULL,
    kind VARCHAR(20) NOT NULL,
    rule VARCHAR(60) NOT NULL,
    cutoff TIMESTAMP WITH TIME ZONE,
    rows BIGINT NOT NULL,
    rejects BIGINT NOT NULL,
    is_done BOOLEAN NOT NULL,
    reach TIMESTAMP WITH TIME ZONE,
    finished_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_purges PRIMARY KEY (id)
)

CREATE INDEX ix_purges_source_kind ON purges (source, kind)

CREATE TABLE residues (
    name VARCHAR(63) NOT NULL,
    since TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_residues PRIMARY KEY (name)
)

CREATE TABLE record_statistics (
    source VARCHAR(40) NOT NULL,
    kind VARCHAR(20) NOT NULL,
    day VARCHAR(10) NOT NULL,
    "group" VARCHAR(400) NOT NULL,
    rows BIGINT NOT NULL,
    duration_s BIGINT NOT NULL,
    talk_s BIGINT NOT NULL,
    octets_in BIGINT NOT NULL,
    octets_out BIGINT NOT NULL,
    CONSTRAINT pk_record_statistics PRIMARY KEY (source, kind, day, "group")
)
