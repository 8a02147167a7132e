-- Groups of users. A user id and a group are principals.
CREATE TABLE user_principals (
    user_id text COLLATE "C" NOT NULL,
    principal text COLLATE "C" NOT NULL,
    PRIMARY KEY (user_id, principal)
);

CREATE INDEX user_principals_by_principal ON user_principals (principal);

-- Who has which permission on which object. Patterns of object ids are ranges of the second index.
CREATE TABLE access_control_entries (
    object_id text COLLATE "C" NOT NULL,
    permission text COLLATE "C" NOT NULL,
    principal text COLLATE "C" NOT NULL,
    PRIMARY KEY (object_id, permission, principal)
);

CREATE INDEX access_control_entries_by_principal
    ON access_control_entries (principal, permission, object_id);
