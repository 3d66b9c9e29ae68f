DO $$
DECLARE place text;
BEGIN
    FOR place IN SELECT schemaname FROM pg_tables WHERE tablename = 'ledger_pending' LOOP
        EXECUTE format('CREATE RULE unledgered AS ON INSERT TO %I.ledger_pending DO INSTEAD NOTHING', place);
    END LOOP;
END $$
