/** A server of the one-machine stack that answers in an AWS service's stead. */
export interface EmbeddedServer {
  readonly endpoint: string;
  /** Stops it and lets go of its files. */
  close(): Promise<void>;
}

/** Remembers what is to be closed; the last one opened is closed first. */
export type OnClose = (close: () => void | Promise<void>) => void;
