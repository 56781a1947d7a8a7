-- The counts of measure() as plain SQL, of the same tables and joins.
SELECT {month}, e.data ->> 'channel', e.data ->> 'origin', e.data ->> 'kind', d.kind, count(*) FROM events e
LEFT JOIN (SELECT * FROM (SELECT subject, kind, data ->> 'reason' AS reason,
    row_number() OVER (PARTITION BY subject ORDER BY at DESC, id DESC) AS place FROM events
    WHERE kind IN ('report.attached', 'report.refused', 'report.referred_elsewhere', 'report.returned')) q
    WHERE place = 1) d ON d.subject = e.subject
WHERE e.kind = 'report.received' AND {period} AND e.subject NOT IN ({drills}) GROUP BY 1, 2, 3, 4, 5;

SELECT {month}, coalesce(k.after, e.data ->> 'kind'), l.level, count(*) FROM events e
LEFT JOIN (SELECT * FROM (SELECT subject, data ->> 'level' AS level,
    row_number() OVER (PARTITION BY subject ORDER BY at DESC, id DESC) AS place FROM events
    WHERE kind = 'case.level_set') q WHERE place = 1) l ON l.subject = e.subject
LEFT JOIN (SELECT * FROM (SELECT subject, data ->> 'after' AS after,
    row_number() OVER (PARTITION BY subject ORDER BY at DESC, id DESC) AS place FROM events
    WHERE kind = 'case.kind_set') q WHERE place = 1) k ON k.subject = e.subject
WHERE e.kind = 'case.opened' AND {period} AND e.subject NOT IN ({drills}) GROUP BY 1, 2, 3;

SELECT {month}, e.data ->> 'outcome', count(*) FROM events e
WHERE e.kind IN ('case.closed', 'case.dismissed') AND {period} AND e.subject NOT IN ({drills}) GROUP BY 1, 2;

SELECT {month}, count(*) FROM events e
WHERE e.kind = 'case.reopened' AND {period} AND e.subject NOT IN ({drills}) GROUP BY 1;

SELECT {month}, count(*) FROM events e
WHERE e.kind IN ('report.acknowledged', 'report.letter_written', 'case.letter_written')
AND {period} AND e.subject NOT IN ({drills}) GROUP BY 1;

SELECT e.kind, {month}, count(*) FROM events e
WHERE e.kind IN ('advisory.published', 'advisory.withdrawn', 'digest.issued', 'subscription.confirmed',
    'subscription.ended', 'subscription.suspended') AND {period} GROUP BY 1, 2;

SELECT {month}, e.data ->> 'party', w.kind, count(*) FROM events e
LEFT JOIN (SELECT * FROM (SELECT subject, kind,
    row_number() OVER (PARTITION BY subject ORDER BY at DESC, id DESC) AS place FROM events
    WHERE kind IN ('referral.acknowledged', 'referral.answered', 'referral.resolved', 'referral.not_theirs')) q
    WHERE place = 1) w ON w.subject = e.subject
WHERE e.kind = 'referral.sent' AND {period} AND e.data ->> 'case' NOT IN ({drills}) GROUP BY 1, 2, 3;

SELECT e.data ->> 'party', e.data ->> 'organisation', count(*) FROM events e
JOIN (SELECT subject, min(at) AS at FROM events
    WHERE kind IN ('referral.acknowledged', 'referral.answered', 'referral.resolved') GROUP BY subject) f
    ON f.subject = e.subject
WHERE e.kind = 'referral.sent' AND {period} AND e.data ->> 'case' NOT IN ({drills}) GROUP BY 1, 2;

SELECT early, kind, count(*) FROM (SELECT kind, e.at < :first AS early,
    CASE WHEN kind IN ('report.received', 'report.returned') THEN 1 ELSE 0 END AS is_in,
    lag(CASE WHEN kind IN ('report.received', 'report.returned') THEN 1 ELSE 0 END, 1, 0)
        OVER (PARTITION BY subject ORDER BY at, id) AS was_in
    FROM events e WHERE kind IN ('report.received', 'report.returned', 'report.attached', 'report.refused',
        'report.referred_elsewhere') AND e.at < :last AND e.subject NOT IN ({drills})) q
WHERE is_in <> was_in GROUP BY 1, 2;

SELECT early, kind, count(*) FROM (SELECT kind, e.at < :first AS early,
    CASE WHEN kind IN ('case.opened', 'case.reopened') THEN 1 ELSE 0 END AS is_in,
    lag(CASE WHEN kind IN ('case.opened', 'case.reopened') THEN 1 ELSE 0 END, 1, 0)
        OVER (PARTITION BY subject ORDER BY at, id) AS was_in
    FROM events e WHERE kind IN ('case.opened', 'case.reopened', 'case.closed', 'case.dismissed', 'case.merged')
        AND e.at < :last AND e.subject NOT IN ({drills})) q
WHERE is_in <> was_in GROUP BY 1, 2;

SELECT count(*) FROM (SELECT kind, row_number() OVER (PARTITION BY subject ORDER BY at DESC, id DESC) AS place
    FROM events e WHERE kind IN ('report.received', 'report.returned', 'report.attached', 'report.refused',
        'report.referred_elsewhere') AND e.at < :last AND e.subject NOT IN ({drills})) q
WHERE place = 1 AND kind IN ('report.received', 'report.returned');

SELECT count(*) FROM (SELECT kind, row_number() OVER (PARTITION BY subject ORDER BY at DESC, id DESC) AS place
    FROM events e WHERE kind IN ('case.opened', 'case.reopened', 'case.closed', 'case.dismissed', 'case.merged')
        AND e.at < :last AND e.subject NOT IN ({drills})) q
WHERE place = 1 AND kind IN ('case.opened', 'case.reopened');

SELECT count(*), count(f.at), count(d.kind), sum(CASE WHEN f.at < {later} THEN 1 ELSE 0 END) FROM events e
LEFT JOIN (SELECT subject, min(at) AS at FROM events WHERE kind = 'report.first_response' GROUP BY subject) f
    ON f.subject = e.subject
LEFT JOIN (SELECT * FROM (SELECT subject, kind,
    row_number() OVER (PARTITION BY subject ORDER BY at DESC, id DESC) AS place FROM events
    WHERE kind IN ('report.attached', 'report.refused', 'report.referred_elsewhere', 'report.returned')) q
    WHERE place = 1) d ON d.subject = e.subject
WHERE e.kind = 'report.received' AND {period} AND e.subject NOT IN ({drills});

SELECT count(*), count(r.at), count(o.at), sum(CASE WHEN r.at < {later} THEN 1 ELSE 0 END),
    sum(CASE WHEN o.at < {later} THEN 1 ELSE 0 END) FROM events e
LEFT JOIN (SELECT subject, min(at) AS at FROM events WHERE kind = 'case.referred' GROUP BY subject) r
    ON r.subject = e.subject
LEFT JOIN (SELECT subject, min(at) AS at FROM events WHERE kind IN ('case.resolved', 'case.closed') GROUP BY subject) o
    ON o.subject = e.subject
LEFT JOIN (SELECT * FROM (SELECT subject, kind,
    row_number() OVER (PARTITION BY subject ORDER BY at DESC, id DESC) AS place FROM events
    WHERE kind IN ('case.closed', 'case.dismissed', 'case.reopened')) q WHERE place = 1) w ON w.subject = e.subject
LEFT JOIN (SELECT * FROM (SELECT subject, data ->> 'after' AS after,
    row_number() OVER (PARTITION BY subject ORDER BY at DESC, id DESC) AS place FROM events
    WHERE kind = 'case.kind_set') q WHERE place = 1) k ON k.subject = e.subject
WHERE e.kind = 'case.opened' AND {period} AND e.subject NOT IN ({drills});
