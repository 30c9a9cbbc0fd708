/** The one account of this server, as access control knows it. */
export const owner = { ID: "0000000000000000000000000000000000000000000000000000000000000001" } as const;

/** The same account as ARNs and events name it. */
export const accountId = "000000000000";
