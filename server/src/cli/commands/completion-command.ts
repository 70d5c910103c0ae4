import { type Command as CompletedCommand, type Complete, RootCommand, ShellCompDirective } from "@bomb.sh/tab";
import { Argument, type Command, type CommandUnknownOpts } from "@commander-js/extra-typings";

const shells = ["bash", "zsh", "fish", "powershell"];

/** Names of arguments, and of the values of options, that are paths. */
const paths = new Set(["paths", "file", "directory", "backup"]);

function describe(completed: CompletedCommand, command: CommandUnknownOpts): void {
  for (const { long, short, description, required, optional, argChoices } of command
    .createHelp()
    .visibleOptions(command)) {
    const name = long?.replace(/^--/, "");
    if (name === undefined) continue;
    const alias = short?.replace(/^-/, "");
    // Its choices, or nothing, so that no command is offered in place of its value.
    const offer = (complete: Complete) => argChoices?.forEach((choice) => complete(choice, ""));
    if (required || optional) completed.option(name, description, offer, alias);
    else completed.option(name, description, alias);
  }
  for (const argument of command.registeredArguments) {
    const { argChoices = [] } = argument;
    const offer = (complete: Complete) => argChoices.forEach((choice) => complete(choice, ""));
    completed.argument(argument.name(), offer, argument.variadic);
  }
}

function completionOf(program: CommandUnknownOpts): RootCommand {
  const root = new RootCommand();
  describe(root, program);
  const add = (parent: CommandUnknownOpts, path: readonly string[]) => {
    for (const command of parent.createHelp().visibleCommands(parent)) {
      const below = [...path, command.name()];
      describe(root.command(below.join(" "), command.description()), command);
      add(command, below);
    }
  };
  add(program, []);
  return root;
}

/** Whether the last word is a path, which the shell completes best itself. */
function isPath(program: CommandUnknownOpts, words: readonly string[]): boolean {
  let command = program;
  for (const word of words.slice(0, -1)) command = command.commands.find((below) => below.name() === word) ?? command;
  const before = words.at(-2) ?? "";
  const option = command.options.find(({ long, short }) => before !== "" && (long === before || short === before));
  if (option !== undefined && (option.required || option.optional))
    return paths.has(/<(\w+)/.exec(option.flags)?.[1] ?? "");
  if (words.at(-1)?.startsWith("-") === true) return false;
  return command.registeredArguments.some((argument) => paths.has(argument.name()));
}

/** `arrwdb completion`: prints a script for a shell. The script calls the hidden command `complete` at each Tab. */
export function addCompletion(program: Command): void {
  program
    .command("completion")
    .description("print a script that completes commands and options in your shell")
    .addArgument(new Argument("<shell>", "the shell").choices(shells))
    .addHelpText("after", `\nExample:\n  $ arrwdb completion bash > arrwdb-completion.sh`)
    .action((shell) => completionOf(program).setup("arrwdb", "arrwdb", shell));
  program
    .command("complete", { hidden: true })
    .argument("[words...]", "the words of the command line so far")
    .action((words) => {
      if (isPath(program, words)) process.stdout.write(`:${ShellCompDirective.ShellCompDirectiveDefault}\n`);
      else completionOf(program).parse(words);
    });
}
