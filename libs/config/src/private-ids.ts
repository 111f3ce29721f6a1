/**
 * Ids that no account has, for what needs an id of its own and no account: below those that builds get, in a range that
 * systemd's list of uids and gids leaves unused.
 */

/** The user and group of processes that need no rights, where there is no account `cooper`. */
export const unprivilegedId = 872_415_231;

/**
 * The group that may make outputs in the store directory, for builds without a sandbox where the administrator has made
 * no group of build users.
 */
export const outputMakersGroup = 872_415_230;
