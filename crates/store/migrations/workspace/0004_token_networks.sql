-- From which address ranges a token works, sealed; none means from everywhere.
ALTER TABLE api_tokens ADD COLUMN networks_sealed {bytes};

-- From which network it was last used, sealed, with the revision it is sealed as.
ALTER TABLE api_tokens ADD COLUMN last_network_sealed {bytes};

ALTER TABLE api_tokens ADD COLUMN last_network_rev {int};
