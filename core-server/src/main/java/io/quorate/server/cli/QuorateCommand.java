package io.quorate.server.cli;

import io.quorate.client.AuthFailedException;
import io.quorate.client.InsufficientSpaceException;
import io.quorate.client.OperationException;
import io.quorate.client.OverloadedException;
import io.quorate.client.QuorateException;
import io.quorate.client.RequestTooLargeException;
import io.quorate.client.ServerRefusedException;
import io.quorate.client.TooManyWatchesException;
import io.quorate.server.config.ConfigException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command {@code quorate} with all its sub-commands, and how their failures are told. */
@Command(
    name = "quorate",
    description = "A coordination service: runs servers, looks after them and talks to them.",
    synopsisSubcommandLabel = "<command>",
    mixinStandardHelpOptions = true,
    versionProvider = QuorateCommand.Version.class,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      " 0:done",
      " 1:the answer is no: refused by the ensemble, damage found, no leader serves",
      " 2:check could not read the data directory",
      "64:the command line is not right",
      "69:no server answers or serves, or a server can not have its port or data directory",
      "70:a mistake of the program, or a server that stopped itself",
      "78:the configuration is not right"
    })
final class QuorateCommand implements Runnable {
  private final CliContext context;

  @Option(
      names = "--verbose",
      scope = CommandLine.ScopeType.INHERIT,
      description = "Show the stack trace of a failure.")
  private boolean verbose;

  @Mixin private final Connection connection = new Connection();

  private QuorateCommand(CliContext context) {
    this.context = context;
  }

  /** As given before the name of the command. */
  Connection connection() {
    return connection;
  }

  /** Parses and runs; never throws. Returns one of {@link ExitCodes}. */
  static int run(CliContext context, String... args) {
    QuorateCommand command = new QuorateCommand(context);
    CommandLine line =
        new CommandLine(command)
            .addSubcommand("server", new ServerCommand(context))
            .addSubcommand("ensemble", new EnsembleCommand(context))
            .addSubcommand("check", new CheckCommand(context))
            .addSubcommand("ls", new LsCommand(context))
            .addSubcommand("stat", new StatCommand(context))
            .addSubcommand("count", new CountCommand(context))
            .addSubcommand("get", new GetCommand(context))
            .addSubcommand("set", new SetCommand(context))
            .addSubcommand("create", new CreateCommand(context))
            .addSubcommand("rm", new RmCommand(context))
            .addSubcommand("get-acl", new GetAclCommand(context))
            .addSubcommand("set-acl", new SetAclCommand(context))
            .addSubcommand("whoami", new WhoAmICommand(context))
            .addSubcommand("quota", quota(context))
            .addSubcommand("sync", new SyncCommand(context))
            .addSubcommand("watch", new WatchCommand(context))
            .addSubcommand("lock", new LockCommand(context))
            .addSubcommand("status", new StatusCommand(context));
    line.setOut(new PrintWriter(context.out(), true, StandardCharsets.UTF_8));
    line.setErr(new PrintWriter(context.err(), true, StandardCharsets.UTF_8));
    line.setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF));
    line.setAbbreviatedOptionsAllowed(false);
    line.setExecutionExceptionHandler(
        (failure, failed, parsed) ->
            command.report(failure, failed.getCommandSpec().qualifiedName()));
    line.setParameterExceptionHandler(
        (failure, arguments) -> {
          CommandLine failed = failure.getCommandLine();
          context.err().println("quorate: " + firstLine(failure));
          context.err().println("Try: " + failed.getCommandSpec().qualifiedName() + " --help");
          return ExitCodes.USAGE;
        });
    return line.execute(args);
  }

  private static CommandLine quota(CliContext context) {
    return new CommandLine(new QuotaCommand(context))
        .addSubcommand("ls", new QuotaLsCommand(context))
        .addSubcommand("set", new QuotaSetCommand(context))
        .addSubcommand("rm", new QuotaRmCommand(context));
  }

  /** Without a sub-command. */
  @Override
  public void run() {
    context.out().print(new CommandLine(new QuorateCommand(context)).getUsageMessage());
    throw new CommandFailure(ExitCodes.USAGE, "a command is missing");
  }

  private int report(Exception failure, String name) {
    int exitCode = exitCode(failure);
    if (failure instanceof ConfigException wrong) {
      context.err().println(name + ": the configuration is not right:");
      wrong.problems().forEach(problem -> context.err().println("  " + problem));
    } else if (exitCode == ExitCodes.INTERNAL) {
      context.err().println(name + ": this should not happen: " + failure + hint());
    } else {
      context.err().println(name + ": " + firstLine(failure));
    }
    if (verbose) {
      failure.printStackTrace(context.err());
    }
    return exitCode;
  }

  private String hint() {
    return verbose ? "" : " (--verbose shows where)";
  }

  private static int exitCode(Exception failure) {
    if (failure instanceof CommandFailure told) {
      return told.exitCode();
    }
    if (failure instanceof ConfigException) {
      return ExitCodes.CONFIG;
    }
    if (isAnswer(failure)) {
      return ExitCodes.NO;
    }
    if (failure instanceof QuorateException
        || failure instanceof UncheckedIOException
        || failure instanceof IOException) {
      return ExitCodes.UNAVAILABLE;
    }
    return failure instanceof IllegalArgumentException ? ExitCodes.USAGE : ExitCodes.INTERNAL;
  }

  /** Whether a server, or the ensemble, was asked and has said no. */
  private static boolean isAnswer(Exception failure) {
    return failure instanceof OperationException
        || failure instanceof AuthFailedException
        || failure instanceof InsufficientSpaceException
        || failure instanceof OverloadedException
        || failure instanceof RequestTooLargeException
        || failure instanceof ServerRefusedException
        || failure instanceof TooManyWatchesException;
  }

  /** Errors are told in one line. */
  private static String firstLine(Exception failure) {
    Throwable told = failure;
    if (failure instanceof UncheckedIOException && failure.getCause() != null) {
      told = failure.getCause(); // the wrapper's message only adds the name of a class
    }
    String message = told.getMessage();
    if (told instanceof FileSystemException) {
      message = told.getClass().getSimpleName() + ": " + message; // it is the file's name only
    }
    return message == null
        ? failure.getClass().getSimpleName()
        : message.strip().replaceAll("\\s*\\R\\s*", "; ");
  }

  /** The version from the jar's manifest. */
  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = QuorateCommand.class.getPackage().getImplementationVersion();
      return new String[] {"quorate " + (version == null ? "(not packaged)" : version)};
    }
  }
}
