SELECT max(h.at - e.at)
FROM ledger_leaves l JOIN events e ON e.id = l.event_id
    JOIN ledger_heads h ON h.size = (SELECT min(size) FROM ledger_heads WHERE size > l.position)
WHERE e.at >= $since
