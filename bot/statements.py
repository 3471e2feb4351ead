"""What each migration of bot.db runs, one statement after another; only ever appended to. Taken by `bot.schema`."""

CONVERSATION = """
create table salt (salt blob not null) strict;
insert into salt values (randomblob(32));
create table chats (
    chat_id integer primary key,
    kind text not null,
    title text not null default '',
    username text,
    linked_chat_id integer,
    forum integer not null default 0,
    language text,
    zone text,
    policy text not null,
    sources text,
    live_blogs text,
    settings_at integer,
    paused_for text,
    state_at integer not null,
    added_at integer not null,
    introduced_at integer,
    missing_rights text not null default '[]'
) strict;
create index chats_by_link on chats (linked_chat_id) where linked_chat_id is not null;
create table readers (
    chat_id integer not null,
    user_id integer not null,
    seq integer not null,
    seen_until_at integer not null,
    primary key (chat_id, user_id)
) strict, without rowid;
create index readers_by_user on readers (user_id);
create index readers_by_time on readers (seen_until_at);
create table sent (
    id text primary key,
    kind text not null,
    chat_id integer,
    thread_id integer,
    inline_message_id text unique,
    user_id integer,
    language text not null,
    zone text not null,
    sent_at integer not null
) strict;
create index sent_by_chat on sent (chat_id);
create index sent_by_user on sent (user_id) where user_id is not null;
create index sent_by_time on sent (sent_at);
create table messages (
    chat_id integer not null,
    message_id integer not null,
    sent_id text not null references sent(id) on delete cascade,
    place integer not null,
    primary key (chat_id, message_id)
) strict, without rowid;
create index messages_by_sent on messages (sent_id, place);
create table quotes (
    sent_id text not null references sent(id) on delete cascade,
    place integer not null,
    source text not null,
    update_id text not null,
    update_no integer not null,
    revision integer not null,
    start integer not null,
    "end" integer not null,
    text_hash text not null,
    label text not null,
    primary key (sent_id, place)
) strict, without rowid;
create index quotes_by_update on quotes (update_id, source);
create table pending_quotes (
    sent_id text not null references sent(id) on delete cascade,
    place integer not null,
    source text not null,
    update_id text not null,
    update_no integer not null,
    revision integer not null,
    start integer not null,
    "end" integer not null,
    text_hash text not null,
    label text not null,
    claimed integer not null default 0,
    primary key (sent_id, place)
) strict, without rowid;
create table buttons (
    key text primary key,
    sent_id text references sent(id) on delete cascade,
    action text not null,
    payload text not null,
    chat_id integer,
    presser text not null,
    user_id integer,
    expires_at integer not null
) strict, without rowid;
create index buttons_by_sent on buttons (sent_id);
create index buttons_by_chat on buttons (chat_id);
create index buttons_by_user on buttons (user_id) where user_id is not null;
create index buttons_by_time on buttons (expires_at);
create table feedback (
    sent_id text not null references sent(id) on delete cascade,
    user_hash blob not null,
    place integer,
    verdict text not null,
    given_at integer not null,
    source text,
    update_id text,
    revision integer,
    primary key (sent_id, user_hash)
) strict, without rowid;
create index feedback_by_user on feedback (user_hash);
create table start_links (
    key text primary key,
    kind text not null,
    chat_id integer not null,
    user_id integer,
    sent_id text references sent(id) on delete cascade,
    expires_at integer not null
) strict, without rowid;
create index start_links_by_chat on start_links (chat_id);
create index start_links_by_user on start_links (user_id) where user_id is not null;
create index start_links_by_sent on start_links (sent_id);
create index start_links_by_time on start_links (expires_at);
create table update_links (
    key text primary key,
    source text not null,
    update_id text not null,
    update_no integer not null,
    unique (source, update_id)
) strict, without rowid
"""

OUTBOX = """
create table subscriptions (
    id text primary key,
    chat_id integer not null,
    thread_id integer,
    local_time text not null,
    zone text not null,
    days text not null,
    topics text not null,
    length text not null,
    empty_day text not null,
    picture integer not null,
    paused_for text,
    created_at integer not null,
    window_no integer not null default 0,
    window_since_at integer not null,
    seq integer not null,
    next_due_at integer not null
) strict, without rowid;
create index subscriptions_by_chat on subscriptions (chat_id);
create index subscriptions_by_due on subscriptions (next_due_at) where paused_for is null;
create table watches (
    id text primary key,
    chat_id integer not null,
    thread_id integer,
    user_id integer,
    text text not null,
    encoder text,
    vector blob,
    cap_per_day integer not null,
    gap_s integer not null,
    paused_for text,
    created_at integer not null,
    fired integer not null default 0,
    fired_on text not null default '',
    fired_that_day integer not null default 0,
    fired_at integer
) strict, without rowid;
create index watches_by_chat on watches (chat_id);
create index watches_by_user on watches (user_id) where user_id is not null;
create table notices (
    chat_id integer primary key,
    corrections integer not null,
    quiet text,
    chosen_at integer not null
) strict;
create table followers (
    name text primary key,
    seq integer not null
) strict, without rowid;
create table outbox (
    id integer primary key,
    bundle integer,
    part integer not null,
    chat_id integer,
    thread_id integer,
    urgency integer not null,
    state text not null,
    planned_at integer not null,
    due_at integer not null,
    expires_at integer,
    quiet text,
    html text not null,
    plain text not null,
    buttons text not null,
    reply_to integer,
    edit_message_id integer,
    edit_inline_id text,
    instead_html text,
    instead_plain text,
    sent_id text references sent(id) on delete set null,
    subscription_id text references subscriptions(id) on delete cascade,
    window_no integer,
    window_until_at integer,
    watch_id text references watches(id) on delete cascade,
    tries integer not null default 0,
    settled_at integer,
    message_id integer,
    reason text not null default ''
) strict;
create unique index outbox_by_window on outbox (subscription_id, window_no, part) where subscription_id is not null;
create index outbox_by_due on outbox (urgency, due_at, id) where state in ('pending', 'retry');
create index outbox_by_expiry on outbox (expires_at) where expires_at is not null and state in ('pending', 'retry');
create index outbox_sending on outbox (state) where state = 'sending';
create index outbox_by_chat on outbox (chat_id);
create index outbox_by_bundle on outbox (bundle, part) where bundle is not null;
create index outbox_by_sent on outbox (sent_id) where sent_id is not null;
create index outbox_by_watch on outbox (watch_id) where watch_id is not null;
create index outbox_by_settled on outbox (settled_at) where settled_at is not null
"""

AMENDMENTS = """
alter table sent add column shape text not null default '';
create table amendments (
    sent_id text not null references sent(id) on delete cascade,
    place integer not null,
    source text not null,
    update_id text not null,
    state text not null,
    corrected_at integer not null,
    told_at integer not null,
    primary key (sent_id, place)
) strict, without rowid;
create index amendments_by_update on amendments (update_id, source);
create table rechecks (
    source text not null,
    update_id text not null,
    seen_at integer not null,
    due_at integer,
    run_at integer,
    after_id text not null default '',
    again_at integer,
    changes integer not null,
    changed_since_at integer not null,
    primary key (source, update_id)
) strict, without rowid;
create index rechecks_by_due on rechecks (due_at) where due_at is not null
"""

BODIES = """
create table bodies (
    id integer primary key,
    html text not null,
    plain text not null
) strict;
alter table sent add column mark integer;
alter table outbox add column body_id integer references bodies(id);
alter table outbox add column instead_id integer references bodies(id);
insert into bodies select id, html, plain from outbox where html <> '' or plain <> '';
update outbox set body_id = id where html <> '' or plain <> '';
insert into bodies select -id, instead_html, instead_plain from outbox where instead_html is not null;
update outbox set instead_id = -id where instead_html is not null;
alter table outbox drop column html;
alter table outbox drop column plain;
alter table outbox drop column instead_html;
alter table outbox drop column instead_plain;
create index outbox_by_body on outbox (body_id) where body_id is not null;
create index outbox_by_instead on outbox (instead_id) where instead_id is not null;
create index outbox_troubles on outbox (settled_at, id) where state in ('dead', 'uncertain');
create trigger outbox_lets_go after update of body_id, instead_id on outbox begin
    delete from bodies where id in (old.body_id, old.instead_id)
        and not exists (select 1 from outbox o where o.body_id = bodies.id)
        and not exists (select 1 from outbox o where o.instead_id = bodies.id); end;
create trigger outbox_goes after delete on outbox begin
    delete from bodies where id in (old.body_id, old.instead_id)
        and not exists (select 1 from outbox o where o.body_id = bodies.id)
        and not exists (select 1 from outbox o where o.instead_id = bodies.id); end
"""

PICTURES = """
create table pictures (
    id integer primary key,
    hash blob not null unique,
    png blob not null
) strict;
create table outbox_pictures (
    outbox_id integer primary key references outbox(id) on delete cascade,
    picture_id integer not null references pictures(id)
) strict;
create index outbox_pictures_by_picture on outbox_pictures (picture_id);
create trigger picture_is_sent after update of state on outbox when new.state = 'sent' begin
    delete from outbox_pictures where outbox_id = new.id; end;
create trigger picture_goes after delete on outbox_pictures begin
    delete from pictures where id = old.picture_id
        and not exists (select 1 from outbox_pictures o where o.picture_id = old.picture_id); end
"""

CANDIDATES = """
create table candidates (
    watch_id text not null references watches(id) on delete cascade,
    update_no integer not null,
    due_at integer not null,
    primary key (watch_id, update_no)
) strict, without rowid;
create index candidates_by_due on candidates (due_at, watch_id);
create index watches_by_encoder on watches (encoder) where paused_for is null
"""

CONTENTS = """
create table contents (
    id integer primary key autoincrement,
    shape text not null
) strict;
alter table sent add column content_id integer references contents(id);
insert into contents select rowid, shape from sent s
    where shape <> '' or exists (select 1 from quotes q where q.sent_id = s.id);
update sent set content_id = rowid where rowid in (select id from contents);
alter table sent drop column shape;
alter table quotes rename to quotes_by_message;
drop index quotes_by_update;
create table quotes (
    content_id integer not null references contents(id) on delete cascade,
    place integer not null,
    source text not null,
    update_id text not null,
    update_no integer not null,
    revision integer not null,
    start integer not null,
    "end" integer not null,
    text_hash text not null,
    label text not null,
    primary key (content_id, place)
) strict, without rowid;
insert into quotes select s.content_id, place, source, update_id, update_no, revision, start, "end", text_hash, label
    from quotes_by_message q join sent s on s.id = q.sent_id;
drop table quotes_by_message;
create index quotes_by_update on quotes (update_id, source);
create index sent_by_content on sent (content_id) where content_id is not null;
create trigger sent_goes after delete on sent when old.content_id is not null begin
    delete from contents where id = old.content_id
        and not exists (select 1 from sent s where s.content_id = old.content_id); end;
update rechecks set after_id = ''
"""

TOLD = """
alter table amendments rename column told_at to amended_at;
alter table amendments add column told_at integer;
alter table amendments add column told_state text not null default '';
update amendments set told_at = amended_at, told_state = state
"""
