-- From which device and network a session was opened, sealed; none where it is not known, and in what
-- was opened before these columns were there.
ALTER TABLE sessions ADD COLUMN device_sealed {bytes};

ALTER TABLE sessions ADD COLUMN network_sealed {bytes};

ALTER TABLE sessions ADD COLUMN sealed_rev {int};

-- Of a remembered browser: what it had when it last signed in.
ALTER TABLE remembered ADD COLUMN device_sealed {bytes};

ALTER TABLE remembered ADD COLUMN network_sealed {bytes};

ALTER TABLE remembered ADD COLUMN sealed_rev {int};
