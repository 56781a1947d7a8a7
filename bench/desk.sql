-- A desk of cases, each of one report. 2,000 of them are open, the newest ones. Of these 40 have an unread answer, and the
-- reporters of 200 wait for their first.
INSERT INTO reports (id, number, state, channel, origin, drill, language, kind, title, text, details, reporter_name,
    reporter_email, reporter_telephone, telephone_key, ack_address, trouble, public_state, closed_reason,
    received_at, updated_at, first_response_at)
SELECT i, 'RB-' || i, 'attached', 'email', 'local', false, 'en', {kind}, 'A page that asks for cards ' || i, {words},
    '{{}}', 'Person ' || (i % 9000), 'p' || (i % 9000) || '@shop.example', '', '', '', '[]', '', '', {at}, {at}, CASE WHEN i <= :n - 2000 OR i % 10 <> 3 THEN {at} END
FROM {series};

INSERT INTO cases (id, number, title, kind, state, phase, level, level_rule, level_override_reason, impact, owner_id,
    restricted, drill, outcome, opened_at, updated_at, closed_at)
SELECT i, 'CB-' || i, 'A page that asks for cards ' || i, {kind},
    CASE WHEN i <= :n - 2000 THEN 'closed' WHEN i % 5 = 0 THEN 'waiting' ELSE 'in_handling' END,
    'detection_analysis', i % 4 + 1, 'bench', '', '{{}}', CASE WHEN i % 3 = 0 THEN NULL ELSE 1 + i % 2 END,
    i % 5000 = 7, false, '', {at}, {at}, CASE WHEN i <= :n - 2000 THEN {at} END
FROM {series};

INSERT INTO case_reports (case_id, report_id) SELECT i, i FROM {series};

INSERT INTO numbers (number, kind, target_id) SELECT 'RB-' || i, 'R', i FROM {series};
INSERT INTO numbers (number, kind, target_id) SELECT 'CB-' || i, 'C', i FROM {series};

INSERT INTO observables (report_id, kind, digest, value, known)
SELECT i, 'domain', {digest}, 'bad' || (i % 40000) || '.example', false FROM {series};

INSERT INTO events (kind, subject, actor, at, recorded_at, data)
SELECT 'report.received', 'RB-' || i, 'reporter', {at}, {at},
    '{{"channel": "email", "origin": "local", "kind": "phishing", "drill": false, "language": "en"}}' FROM {series};
INSERT INTO events (kind, subject, actor, at, recorded_at, data)
SELECT 'case.opened', 'CB-' || i, 'user:1', {at}, {at},
    '{{"kind": "phishing", "reports": [], "restricted": false, "drill": false}}' FROM {series};
INSERT INTO events (kind, subject, actor, at, recorded_at, data)
SELECT 'case.noted', 'CB-' || i, 'user:1', {at}, {at}, '{{"mentions": []}}' FROM {series};

INSERT INTO report_additions (report_id, at, channel, sender, known_sender, text, read_at)
SELECT i, {at}, 'email', '', true, 'more', CASE WHEN i <= :n - 2000 OR i % 50 <> 0 THEN {at} END FROM {series} WHERE i % 10 = 0;
