-- The tables of schema version 1 in mysql. Never edited: later programs upgrade them.
CREATE TABLE aliases (
  tag VARCHAR(100) COLLATE utf8mb4_bin NOT NULL,
  holder VARCHAR(64) COLLATE utf8mb4_bin NOT NULL,
  PRIMARY KEY (tag)
)ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE utf8mb4_bin;
CREATE INDEX ix_aliases_holder ON aliases (holder);
CREATE TABLE auth (
  scheme VARCHAR(32) COLLATE utf8mb4_bin NOT NULL,
  unique_text VARCHAR(255) COLLATE utf8mb4_bin NOT NULL,
  uid BIGINT NOT NULL,
  level SMALLINT NOT NULL,
  secret BLOB NOT NULL,
  expires_ms BIGINT,
  PRIMARY KEY (scheme, unique_text),
  CONSTRAINT auth_of_user UNIQUE (uid, scheme)
)ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE deletions (
  topic VARCHAR(64) COLLATE utf8mb4_bin NOT NULL,
  del_id INTEGER NOT NULL,
  low INTEGER NOT NULL,
  high INTEGER NOT NULL,
  uid BIGINT,
  PRIMARY KEY (topic, del_id, low)
)ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE utf8mb4_bin;
CREATE INDEX deletions_of_user ON deletions (topic, uid);
CREATE TABLE devices (
  device VARCHAR(512) COLLATE utf8mb4_bin NOT NULL,
  uid BIGINT NOT NULL,
  platform VARCHAR(32) COLLATE utf8mb4_bin NOT NULL,
  lang VARCHAR(64) COLLATE utf8mb4_bin NOT NULL,
  seen_ms BIGINT NOT NULL,
  PRIMARY KEY (device)
)ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE utf8mb4_bin;
CREATE INDEX ix_devices_uid ON devices (uid);
CREATE TABLE file_links (
  fid VARCHAR(64) COLLATE utf8mb4_bin NOT NULL,
  holder VARCHAR(64) COLLATE utf8mb4_bin NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (fid, holder, seq)
)ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE utf8mb4_bin;
CREATE INDEX links_of_holder ON file_links (holder, seq);
CREATE TABLE files (
  fid VARCHAR(64) COLLATE utf8mb4_bin NOT NULL,
  uid BIGINT,
  created_ms BIGINT NOT NULL,
  updated_ms BIGINT NOT NULL,
  finished BOOL NOT NULL,
  mime VARCHAR(255) COLLATE utf8mb4_bin NOT NULL,
  size_bytes BIGINT NOT NULL,
  etag VARCHAR(128) COLLATE utf8mb4_bin NOT NULL,
  location VARCHAR(255) COLLATE utf8mb4_bin NOT NULL,
  PRIMARY KEY (fid)
)ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE messages (
  topic VARCHAR(64) COLLATE utf8mb4_bin NOT NULL,
  seq INTEGER NOT NULL,
  sender BIGINT NOT NULL,
  ts_ms BIGINT NOT NULL,
  head LONGBLOB,
  content LONGBLOB,
  erased INTEGER NOT NULL,
  PRIMARY KEY (topic, seq)
)ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE meta (
  `key` VARCHAR(64) COLLATE utf8mb4_bin NOT NULL,
  value VARCHAR(255) COLLATE utf8mb4_bin NOT NULL,
  PRIMARY KEY (`key`)
)ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE subs (
  topic VARCHAR(64) COLLATE utf8mb4_bin NOT NULL,
  uid BIGINT NOT NULL,
  want SMALLINT NOT NULL,
  given SMALLINT NOT NULL,
  seq_read INTEGER NOT NULL,
  seq_recv INTEGER NOT NULL,
  clear INTEGER NOT NULL,
  private LONGBLOB,
  created_ms BIGINT NOT NULL,
  updated_ms BIGINT NOT NULL,
  deleted_ms BIGINT,
  PRIMARY KEY (topic, uid)
)ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE utf8mb4_bin;
CREATE INDEX ix_subs_uid ON subs (uid);
CREATE TABLE tags (
  tag VARCHAR(100) COLLATE utf8mb4_bin NOT NULL,
  holder VARCHAR(64) COLLATE utf8mb4_bin NOT NULL,
  PRIMARY KEY (tag, holder)
)ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE utf8mb4_bin;
CREATE INDEX ix_tags_holder ON tags (holder);
CREATE TABLE topics (
  name VARCHAR(64) COLLATE utf8mb4_bin NOT NULL,
  created_ms BIGINT NOT NULL,
  updated_ms BIGINT NOT NULL,
  touched_ms BIGINT NOT NULL,
  state SMALLINT NOT NULL,
  owner BIGINT,
  auth SMALLINT NOT NULL,
  anon SMALLINT NOT NULL,
  is_channel BOOL NOT NULL,
  seq INTEGER NOT NULL,
  clear INTEGER NOT NULL,
  clear_hard INTEGER NOT NULL,
  call_seq INTEGER NOT NULL,
  public LONGBLOB,
  trusted LONGBLOB,
  aux LONGBLOB,
  tags LONGBLOB NOT NULL,
  epoch BIGINT NOT NULL,
  PRIMARY KEY (name)
)ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE utf8mb4_bin;
CREATE INDEX ix_topics_owner ON topics (owner);
CREATE TABLE users (
  uid BIGINT NOT NULL,
  created_ms BIGINT NOT NULL,
  updated_ms BIGINT NOT NULL,
  state SMALLINT NOT NULL,
  auth SMALLINT NOT NULL,
  anon SMALLINT NOT NULL,
  public LONGBLOB,
  trusted LONGBLOB,
  tags LONGBLOB NOT NULL,
  seen_ms BIGINT,
  ua VARCHAR(255) COLLATE utf8mb4_bin NOT NULL,
  tokens_void_s BIGINT NOT NULL,
  tokens_kept_s BIGINT NOT NULL,
  PRIMARY KEY (uid)
)ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE utf8mb4_bin;
