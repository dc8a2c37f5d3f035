-- What must never be, refused by PostgreSQL itself: for a page, the API, a shell and plain SQL alike. The names read as sentences.
-- Plain functions and triggers owned by the owner's login; the application's login can neither drop nor disable them.

CREATE OR REPLACE FUNCTION revlog_refuse(rule text, sentence text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = rule, MESSAGE = rule || ': ' || sentence;
END $$;

-- A unit's state changes only together with a newer entry of its own chain that says so.
CREATE OR REPLACE FUNCTION state_cites_ledger() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW.id IS DISTINCT FROM OLD.id THEN
            PERFORM revlog_refuse('state_cites_ledger', 'a unit keeps its id, which is its chain''s.');
        END IF;
        IF NEW.state IS NOT DISTINCT FROM OLD.state THEN
            RETURN NULL;
        END IF;
        IF NEW.state_sequence <= OLD.state_sequence THEN
            PERFORM revlog_refuse('state_cites_ledger', format('unit %s changes its state without a newer entry of its chain.', NEW.tag));
        END IF;
    END IF;
    IF NOT EXISTS (
        SELECT 1 FROM custody_entry e
        WHERE e.chain_id = NEW.id AND e.sequence = NEW.state_sequence AND e.payload ->> 'state_to' = NEW.state
          AND (TG_OP = 'INSERT' OR e.payload ->> 'state_from' = OLD.state)
    ) THEN
        PERFORM revlog_refuse('state_cites_ledger', format('unit %s has no entry %s that moves it to %s.', NEW.tag, NEW.state_sequence, NEW.state));
    END IF;
    RETURN NULL;
END $$;

-- Nothing leaves with data on it, but by one of four exits whose proof the entry cites.
CREATE OR REPLACE FUNCTION nothing_leaves_with_data() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    visit_owner uuid;
BEGIN
    IF NEW.state IS NOT DISTINCT FROM OLD.state
        OR NEW.state NOT IN ('SOLD', 'RESTOCKED', 'DONATED', 'RETURNED', 'RECYCLED', 'DEPLOYED') THEN
        RETURN NULL;
    END IF;
    IF array_length(NEW.holds, 1) > 0 AND NEW.exit <> 'seizure' THEN
        PERFORM revlog_refuse('nothing_held_leaves', format('unit %s is on hold (%s).', NEW.tag, array_to_string(NEW.holds, ', ')));
    END IF;
    IF NEW.data IN ('NONE', 'SANITIZED', 'DESTROYED') OR NEW.exit IN ('sealed_transfer', 'seizure')
        OR (NEW.exit = 'destruction_vendor' AND NEW.state = 'RECYCLED') THEN
        RETURN NULL;
    END IF;
    IF NEW.exit = 'title_holder' AND NEW.state = 'RETURNED' THEN
        SELECT owner_id INTO visit_owner FROM devices_visit WHERE id = NEW.visit_id;
        IF visit_owner = NEW.owner_id THEN
            RETURN NULL;
        END IF;
    END IF;
    PERFORM revlog_refuse('nothing_leaves_with_data', format('unit %s leaves (%s) while its data is %s.', NEW.tag, NEW.state, NEW.data));
    RETURN NULL;
END $$;

-- What can't be undone needs an entry of this unit's chain by which it is allowed.
CREATE OR REPLACE FUNCTION nothing_irreversible_without_authority() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state IS DISTINCT FROM OLD.state AND NEW.state IN ('SOLD', 'DONATED', 'RECYCLED', 'TO_DESTROY', 'TO_HARVEST')
        AND NOT EXISTS (SELECT 1 FROM custody_entry e WHERE e.digest = NEW.authority AND e.chain_id = NEW.id) THEN
        PERFORM revlog_refuse('nothing_irreversible_without_authority', format('nobody entitled has allowed it for unit %s on this visit.', NEW.tag));
    END IF;
    RETURN NULL;
END $$;

-- At commit, a unit that says its data is gone has no medium that says otherwise.
CREATE OR REPLACE FUNCTION data_follows_media() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    unit uuid := (to_jsonb(NEW) ->> TG_ARGV[0])::uuid;
    name text;
BEGIN
    SELECT d.tag INTO name FROM devices_device d
    WHERE d.id = unit AND d.data IN ('NONE', 'SANITIZED', 'DESTROYED')
      AND EXISTS (SELECT 1 FROM devices_medium m WHERE m.device_id = d.id AND m.state IN ('UNKNOWN', 'PRESENT'));
    IF FOUND THEN
        PERFORM revlog_refuse('data_follows_media', format('unit %s still has a medium whose data is not gone.', name));
    END IF;
    RETURN NULL;
END $$;

-- A medium is wiped or destroyed only with an entry that proves it.
CREATE OR REPLACE FUNCTION a_cleared_medium_has_proof() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state IN ('SANITIZED', 'DESTROYED')
        AND NOT EXISTS (SELECT 1 FROM custody_entry e WHERE e.digest = NEW.proof AND e.chain_id = NEW.device_id) THEN
        PERFORM revlog_refuse('a_cleared_medium_has_proof', format('medium %s is called %s without an entry that proves it.', NEW.serial, NEW.state));
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER state_cites_ledger AFTER INSERT OR UPDATE OF state, state_sequence, id ON devices_device
    FOR EACH ROW EXECUTE FUNCTION state_cites_ledger();
CREATE TRIGGER nothing_leaves_with_data AFTER UPDATE OF state ON devices_device
    FOR EACH ROW EXECUTE FUNCTION nothing_leaves_with_data();
CREATE TRIGGER nothing_irreversible_without_authority AFTER UPDATE OF state ON devices_device
    FOR EACH ROW EXECUTE FUNCTION nothing_irreversible_without_authority();
CREATE CONSTRAINT TRIGGER data_follows_media AFTER INSERT OR UPDATE OF data ON devices_device
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.data IN ('NONE', 'SANITIZED', 'DESTROYED')) EXECUTE FUNCTION data_follows_media('id');
CREATE CONSTRAINT TRIGGER data_follows_media AFTER INSERT OR UPDATE OF state, device_id ON devices_medium
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.state IN ('UNKNOWN', 'PRESENT')) EXECUTE FUNCTION data_follows_media('device_id');
CREATE CONSTRAINT TRIGGER a_cleared_medium_has_proof AFTER INSERT OR UPDATE OF state, proof ON devices_medium
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION a_cleared_medium_has_proof();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON devices_posting FOR EACH ROW EXECUTE FUNCTION append_only();
