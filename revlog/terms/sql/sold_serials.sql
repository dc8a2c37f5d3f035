-- Every serial of an order line is found by its one form, however it was typed: terms_soldserial follows terms_orderline.serials.

CREATE OR REPLACE FUNCTION terms_normal_serial(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT left(upper(regexp_replace($1, '\s+', '', 'g')), 120)
$$;

CREATE OR REPLACE FUNCTION terms_keep_sold_serials() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        DELETE FROM terms_soldserial s USING before b, fresh f
         WHERE s.order_line_id = b.id AND f.id = b.id AND f.serials IS DISTINCT FROM b.serials;
        INSERT INTO terms_soldserial (order_line_id, normal_form, printed)
        SELECT f.id, terms_normal_serial(told), told FROM fresh f JOIN before b ON b.id = f.id, unnest(f.serials) AS told
         WHERE f.serials IS DISTINCT FROM b.serials
        ON CONFLICT DO NOTHING;
    ELSE
        INSERT INTO terms_soldserial (order_line_id, normal_form, printed)
        SELECT f.id, terms_normal_serial(told), told FROM fresh f, unnest(f.serials) AS told
        ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END $$;

DROP TRIGGER IF EXISTS sold_serials_of_new_lines ON terms_orderline;
CREATE TRIGGER sold_serials_of_new_lines AFTER INSERT ON terms_orderline REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION terms_keep_sold_serials();
DROP TRIGGER IF EXISTS sold_serials_of_changed_lines ON terms_orderline;
CREATE TRIGGER sold_serials_of_changed_lines AFTER UPDATE ON terms_orderline REFERENCING OLD TABLE AS before NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION terms_keep_sold_serials();

INSERT INTO terms_soldserial (order_line_id, normal_form, printed)
SELECT l.id, terms_normal_serial(told), told FROM terms_orderline l, unnest(l.serials) AS told
ON CONFLICT DO NOTHING;
