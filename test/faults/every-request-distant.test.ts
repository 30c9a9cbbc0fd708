import { testEveryRequest } from "./every-request.ts";

// One request for each entry that is not empty, and another for the rest of one that has more than 2 MiB.
testEveryRequest("distant", 12);
