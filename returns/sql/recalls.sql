-- What a recall asks of the ledger: which parts went where. Each index holds the few entries of one kind.

CREATE INDEX IF NOT EXISTS parts_put_in_by_number ON custody_entry (upper(payload->>'number')) WHERE kind = 'refurb.part_used';
CREATE INDEX IF NOT EXISTS parts_taken_by_number ON custody_entry (upper(payload->>'number')) WHERE kind = 'refurb.part_harvested';
CREATE INDEX IF NOT EXISTS parts_stocked_by_origin ON custody_entry ((payload->>'parent_chain')) WHERE kind = 'refurb.part_stocked';
CREATE INDEX IF NOT EXISTS parts_stocked_by_lot ON custody_entry (upper(payload->>'lot')) WHERE kind = 'refurb.lot_stocked';
CREATE INDEX IF NOT EXISTS parts_stocked_by_number ON custody_entry (upper(payload->>'number')) WHERE kind = 'refurb.part_stocked';
