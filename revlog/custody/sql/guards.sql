-- Entries, places in the log and checkpoints are written once. TRUNCATE is refused by what the application's login was not granted.
CREATE OR REPLACE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'append_only',
        MESSAGE = format('append_only: what stands in %s is never changed or deleted; a correction is a new entry.', TG_TABLE_NAME);
END $$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON custody_entry FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON custody_log FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON custody_checkpoint FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON custody_subtree FOR EACH ROW EXECUTE FUNCTION append_only();

-- A chain is only ever extended, by one entry after another.
CREATE OR REPLACE FUNCTION chains_only_grow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.id <> OLD.id OR NEW.kind <> OLD.kind OR NEW.head_sequence <= OLD.head_sequence
        OR NOT EXISTS (
            SELECT 1 FROM custody_entry e WHERE e.chain_id = NEW.id AND e.sequence = NEW.head_sequence AND e.digest = NEW.head_digest
        ) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'chains_only_grow',
            MESSAGE = format('chains_only_grow: chain %s can only be moved on to an entry that it has.', OLD.id);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER chains_only_grow AFTER UPDATE ON custody_chain FOR EACH ROW EXECUTE FUNCTION chains_only_grow();
