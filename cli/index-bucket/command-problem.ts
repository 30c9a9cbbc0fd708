/** What the person at the keyboard can put right: told as it is, without a stack trace. */
export class CommandProblem extends Error {
  override readonly name = "CommandProblem";
}
