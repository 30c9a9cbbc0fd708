import { App, Validations } from "aws-cdk-lib";
import { AwsSolutionsChecks } from "cdk-nag";
import { readSettings } from "./settings.ts";
import { ZipballStack } from "./zipball-stack.ts";

const app = new App();
// No account and no region: synthesis asks AWS for nothing, and the stack goes wherever the CLI's credentials are.
new ZipballStack(app, "Zipball", {
  description: "Zipball: many objects of S3 as one download",
  settings: readSettings(app.node.getAllContext()),
});
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
app.synth();
