-- The tables of schema version 1 in sqlite. Never edited: later programs upgrade them.
CREATE TABLE aliases (
  tag VARCHAR(100) NOT NULL,
  holder VARCHAR(64) NOT NULL,
  PRIMARY KEY (tag)
);
CREATE INDEX ix_aliases_holder ON aliases (holder);
CREATE TABLE auth (
  scheme VARCHAR(32) NOT NULL,
  unique_text VARCHAR(255) NOT NULL,
  uid BIGINT NOT NULL,
  level SMALLINT NOT NULL,
  secret BLOB NOT NULL,
  expires_ms BIGINT,
  PRIMARY KEY (scheme, unique_text),
  CONSTRAINT auth_of_user UNIQUE (uid, scheme)
);
CREATE TABLE deletions (
  topic VARCHAR(64) NOT NULL,
  del_id INTEGER NOT NULL,
  low INTEGER NOT NULL,
  high INTEGER NOT NULL,
  uid BIGINT,
  PRIMARY KEY (topic, del_id, low)
);
CREATE INDEX deletions_of_user ON deletions (topic, uid);
CREATE TABLE devices (
  device VARCHAR(512) NOT NULL,
  uid BIGINT NOT NULL,
  platform VARCHAR(32) NOT NULL,
  lang VARCHAR(64) NOT NULL,
  seen_ms BIGINT NOT NULL,
  PRIMARY KEY (device)
);
CREATE INDEX ix_devices_uid ON devices (uid);
CREATE TABLE file_links (
  fid VARCHAR(64) NOT NULL,
  holder VARCHAR(64) NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (fid, holder, seq)
);
CREATE INDEX links_of_holder ON file_links (holder, seq);
CREATE TABLE files (
  fid VARCHAR(64) NOT NULL,
  uid BIGINT,
  created_ms BIGINT NOT NULL,
  updated_ms BIGINT NOT NULL,
  finished BOOLEAN NOT NULL,
  mime VARCHAR(255) NOT NULL,
  size_bytes BIGINT NOT NULL,
  etag VARCHAR(128) NOT NULL,
  location VARCHAR(255) NOT NULL,
  PRIMARY KEY (fid)
);
CREATE TABLE messages (
  topic VARCHAR(64) NOT NULL,
  seq INTEGER NOT NULL,
  sender BIGINT NOT NULL,
  ts_ms BIGINT NOT NULL,
  head BLOB,
  content BLOB,
  erased INTEGER NOT NULL,
  PRIMARY KEY (topic, seq)
)
 WITHOUT ROWID;
CREATE TABLE meta (
  "key" VARCHAR(64) NOT NULL,
  value VARCHAR(255) NOT NULL,
  PRIMARY KEY ("key")
);
CREATE TABLE subs (
  topic VARCHAR(64) NOT NULL,
  uid BIGINT NOT NULL,
  want SMALLINT NOT NULL,
  given SMALLINT NOT NULL,
  seq_read INTEGER NOT NULL,
  seq_recv INTEGER NOT NULL,
  clear INTEGER NOT NULL,
  private BLOB,
  created_ms BIGINT NOT NULL,
  updated_ms BIGINT NOT NULL,
  deleted_ms BIGINT,
  PRIMARY KEY (topic, uid)
);
CREATE INDEX ix_subs_uid ON subs (uid);
CREATE TABLE tags (
  tag VARCHAR(100) NOT NULL,
  holder VARCHAR(64) NOT NULL,
  PRIMARY KEY (tag, holder)
);
CREATE INDEX ix_tags_holder ON tags (holder);
CREATE TABLE topics (
  name VARCHAR(64) NOT NULL,
  created_ms BIGINT NOT NULL,
  updated_ms BIGINT NOT NULL,
  touched_ms BIGINT NOT NULL,
  state SMALLINT NOT NULL,
  owner BIGINT,
  auth SMALLINT NOT NULL,
  anon SMALLINT NOT NULL,
  is_channel BOOLEAN NOT NULL,
  seq INTEGER NOT NULL,
  clear INTEGER NOT NULL,
  clear_hard INTEGER NOT NULL,
  call_seq INTEGER NOT NULL,
  public BLOB,
  trusted BLOB,
  aux BLOB,
  tags BLOB NOT NULL,
  epoch BIGINT NOT NULL,
  PRIMARY KEY (name)
);
CREATE INDEX ix_topics_owner ON topics (owner);
CREATE TABLE users (
  uid BIGINT NOT NULL,
  created_ms BIGINT NOT NULL,
  updated_ms BIGINT NOT NULL,
  state SMALLINT NOT NULL,
  auth SMALLINT NOT NULL,
  anon SMALLINT NOT NULL,
  public BLOB,
  trusted BLOB,
  tags BLOB NOT NULL,
  seen_ms BIGINT,
  ua VARCHAR(255) NOT NULL,
  tokens_void_s BIGINT NOT NULL,
  tokens_kept_s BIGINT NOT NULL,
  PRIMARY KEY (uid)
);
