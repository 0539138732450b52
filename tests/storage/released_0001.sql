-- What the first release ran to make a file, statement by statement.
CREATE TABLE achievement_versions (
	"key" TEXT NOT NULL,
	number INTEGER NOT NULL,
	effective_at TEXT NOT NULL,
	author TEXT NOT NULL,
	note TEXT,
	document TEXT NOT NULL,
	PRIMARY KEY ("key", number)
)
 STRICT;
CREATE TABLE actors (
	id TEXT NOT NULL,
	name TEXT,
	search_text TEXT NOT NULL,
	document TEXT NOT NULL,
	PRIMARY KEY (id)
)
 STRICT;
CREATE TABLE aliases (
	source TEXT NOT NULL,
	alias TEXT NOT NULL,
	actor TEXT NOT NULL,
	PRIMARY KEY (source, alias)
)
 WITHOUT ROWID,
 STRICT;
CREATE UNIQUE INDEX aliases_by_actor ON aliases (actor, source);
CREATE TABLE answers (
	scope TEXT NOT NULL,
	"key" TEXT NOT NULL,
	fingerprint TEXT NOT NULL,
	answer TEXT NOT NULL,
	at TEXT NOT NULL,
	PRIMARY KEY (scope, "key")
)
 STRICT;
CREATE TABLE awards (
	id TEXT NOT NULL,
	achievement TEXT NOT NULL,
	name TEXT NOT NULL,
	holder_kind TEXT NOT NULL,
	holder_id TEXT NOT NULL,
	slot TEXT NOT NULL,
	tier TEXT,
	status TEXT NOT NULL,
	points INTEGER NOT NULL,
	earned_at TEXT NOT NULL,
	changed_at TEXT NOT NULL,
	rule_version INTEGER,
	evidence TEXT NOT NULL,
	reason_code TEXT NOT NULL,
	reason TEXT NOT NULL,
	source TEXT NOT NULL,
	message TEXT,
	next_step TEXT,
	decision TEXT,
	decided_by TEXT,
	note TEXT,
	PRIMARY KEY (id)
)
 STRICT;
CREATE INDEX awards_by_achievement ON awards (achievement, holder_kind, holder_id);
CREATE INDEX awards_by_holder ON awards (holder_kind, holder_id, achievement, earned_at);
CREATE INDEX awards_by_status ON awards (status, id);
CREATE TABLE calendars (
	"key" TEXT NOT NULL,
	document TEXT NOT NULL,
	PRIMARY KEY ("key")
)
 STRICT;
CREATE TABLE dues (
	achievement TEXT NOT NULL,
	holder_kind TEXT NOT NULL,
	holder_id TEXT NOT NULL,
	window TEXT NOT NULL,
	due_at TEXT NOT NULL,
	PRIMARY KEY (achievement, holder_kind, holder_id, window)
)
 WITHOUT ROWID,
 STRICT;
CREATE INDEX dues_by_moment ON dues (due_at, achievement, holder_kind, holder_id, window);
CREATE TABLE earnings (
	row_number INTEGER NOT NULL,
	achievement TEXT NOT NULL,
	holder_kind TEXT NOT NULL,
	holder_id TEXT NOT NULL,
	window TEXT NOT NULL,
	ordinal INTEGER NOT NULL,
	tier TEXT,
	earned_at TEXT NOT NULL,
	value REAL NOT NULL,
	target REAL NOT NULL,
	rule_version INTEGER NOT NULL,
	evidence TEXT NOT NULL,
	PRIMARY KEY (row_number)
)
 STRICT;
CREATE INDEX earnings_by_holder ON earnings (achievement, holder_kind, holder_id, window);
CREATE TABLE events (
	id TEXT NOT NULL,
	revision INTEGER NOT NULL,
	counts INTEGER NOT NULL,
	type TEXT NOT NULL,
	occurred_at TEXT NOT NULL,
	actor TEXT,
	subject TEXT,
	revised_at TEXT,
	received_at TEXT NOT NULL,
	voided_at TEXT,
	too_late INTEGER NOT NULL,
	fingerprint TEXT NOT NULL,
	told_by TEXT,
	properties TEXT NOT NULL,
	answer TEXT,
	PRIMARY KEY (id)
)
 STRICT;
CREATE INDEX events_by_subject ON events (subject, counts, actor, type);
CREATE INDEX events_by_type ON events (type, counts, occurred_at);
CREATE TABLE freezes (
	achievement TEXT NOT NULL,
	holder_kind TEXT NOT NULL,
	holder_id TEXT NOT NULL,
	day TEXT NOT NULL,
	set_by TEXT NOT NULL,
	note TEXT,
	PRIMARY KEY (achievement, holder_kind, holder_id, day)
)
 STRICT;
CREATE INDEX freezes_by_holder ON freezes (holder_kind, holder_id, day);
CREATE TABLE imports (
	id TEXT NOT NULL,
	file_name TEXT NOT NULL,
	mapping TEXT NOT NULL,
	position INTEGER NOT NULL,
	set_aside INTEGER NOT NULL,
	finished_at TEXT,
	PRIMARY KEY (id)
)
 STRICT;
CREATE TABLE keys (
	id TEXT NOT NULL,
	name TEXT NOT NULL,
	digest TEXT NOT NULL,
	hint TEXT NOT NULL,
	scopes TEXT NOT NULL,
	created_at TEXT NOT NULL,
	revoked_at TEXT,
	last_used_at TEXT,
	PRIMARY KEY (id)
)
 STRICT;
CREATE UNIQUE INDEX keys_by_digest ON keys (digest);
CREATE TABLE mappings (
	source TEXT NOT NULL,
	recipe TEXT,
	document TEXT NOT NULL,
	PRIMARY KEY (source)
)
 STRICT;
CREATE TABLE teams (
	id TEXT NOT NULL,
	name TEXT,
	zone TEXT,
	calendar TEXT,
	PRIMARY KEY (id)
)
 STRICT;
CREATE TABLE award_changes (
	row_number INTEGER NOT NULL,
	award_id TEXT NOT NULL,
	at TEXT NOT NULL,
	change TEXT NOT NULL,
	reason_code TEXT NOT NULL,
	reason TEXT NOT NULL,
	cause TEXT,
	PRIMARY KEY (row_number),
	FOREIGN KEY(award_id) REFERENCES awards (id)
)
 STRICT;
CREATE INDEX award_changes_by_award ON award_changes (award_id);
CREATE TABLE belongs (
	actor TEXT NOT NULL,
	type TEXT NOT NULL,
	occurred_at TEXT NOT NULL,
	event_id TEXT NOT NULL,
	through TEXT NOT NULL,
	PRIMARY KEY (actor, type, occurred_at, event_id, through),
	FOREIGN KEY(event_id) REFERENCES events (id)
)
 WITHOUT ROWID,
 STRICT;
CREATE INDEX belongs_by_event ON belongs (event_id);
CREATE TABLE other_revisions (
	id TEXT NOT NULL,
	revision INTEGER NOT NULL,
	type TEXT NOT NULL,
	occurred_at TEXT NOT NULL,
	actor TEXT,
	subject TEXT,
	revised_at TEXT,
	received_at TEXT NOT NULL,
	voided_at TEXT,
	too_late INTEGER NOT NULL,
	fingerprint TEXT NOT NULL,
	told_by TEXT,
	properties TEXT NOT NULL,
	answer TEXT,
	PRIMARY KEY (id, revision),
	FOREIGN KEY(id) REFERENCES events (id)
)
 STRICT;
CREATE TABLE set_aside (
	import_id TEXT NOT NULL,
	line INTEGER NOT NULL,
	reason TEXT NOT NULL,
	"row" TEXT NOT NULL,
	PRIMARY KEY (import_id, line, reason),
	FOREIGN KEY(import_id) REFERENCES imports (id)
)
 STRICT;
