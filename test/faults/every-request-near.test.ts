import { testEveryRequest } from "./every-request.ts";

// One request for each entry that is not empty.
testEveryRequest("near", 10);
