import type { Ball } from "../ball/ball.ts";
import type { Grant } from "../ball/grant.ts";
import type { DeliveryWish } from "./choose-delivery.ts";
import type { Selection } from "./selection.ts";

/** What an application asks to be made a ball of, whichever dialect it speaks. */
export interface BallRequest {
  readonly grant: Grant;
  readonly selections: readonly Selection[];
  /**
   * `relative`: names are relative to the deepest folder that holds everything selected; older versions of a path that
   * is selected several times carry their number. `at-root`: each selected item stands at the archive's root under its
   * own name, and whatever would have the same name as another is renamed and reported.
   */
  readonly naming: "relative" | "at-root";
  readonly wish: DeliveryWish;
  /** File name to save as; undefined: it is called after what is selected. */
  readonly fileName: string | undefined;
  readonly lifetime: {
    readonly seconds: number;
    /** From the start of the download, where that puts the end off. */
    readonly fromStartSeconds: number | undefined;
  };
}

/** A file or folder that could not keep its name, because another has it. */
export interface RenamedItem {
  readonly kind: "file" | "folder";
  /** Index of the selection it is, where it was selected itself; undefined for what lies in a selected folder. */
  readonly selection: number | undefined;
  /** Its key, or its prefix without the slash at the end. */
  readonly path: string;
  readonly originalName: string;
  readonly downloadName: string;
}

export interface CreatedBall {
  readonly ball: Ball;
  /** Pairs of items that wanted the same name; of three and more, each further one is paired with the first. */
  readonly nameConflicts: readonly (readonly [RenamedItem, RenamedItem])[];
}
