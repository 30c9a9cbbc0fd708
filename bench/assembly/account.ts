/** Whose everything is. */
export const account = { region: "us-east-1", accessKeyId: "bench", secretAccessKey: "bench" } as const;

/** The same, as the SDK finds it in a process's environment. */
export const accountVariables = {
  AWS_REGION: account.region,
  AWS_ACCESS_KEY_ID: account.accessKeyId,
  AWS_SECRET_ACCESS_KEY: account.secretAccessKey,
} as const;

export const sourceBucket = "bench";
export const archivesBucket = "bench-archives";
