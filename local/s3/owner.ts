/** The one account of this server. */
export const owner = { ID: "0000000000000000000000000000000000000000000000000000000000000001" } as const;
