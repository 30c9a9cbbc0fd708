/** A server of the one-machine stack that answers in an AWS service's stead. */
export interface EmbeddedServer {
  readonly endpoint: string;
  /** Stops it and lets go of its files. */
  close(): Promise<void>;
}
